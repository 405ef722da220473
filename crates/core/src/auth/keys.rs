//! Access tokens: JWT (RFC 7519), signed with keys that live in the database and are shared by all nodes.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::Context;
use erpmax_store::signing_keys::{self, SigningKeyRow};
use erpmax_store::{Store, installation};
use erpmax_types::{ErrorCode, SessionId, TenantId, Timestamp, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{Clock, Core, MasterKey, Result, random_token};

/// How long a retired key still verifies.
const RETIRED: Duration = Duration::from_secs(86_400);
/// How long after its making the handshake of a socket accepts a token (contract, trap 11).
const HANDSHAKE: Duration = Duration::from_secs(86_400);
/// How often an unknown `kid` may make us look into the database.
const RELOAD_PAUSE: Duration = Duration::from_secs(1);
/// How often a node looks which key signs.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// Marks that the first signing key was made, so that two nodes starting at once make one.
const FIRST_KEY: &str = "first_signing_key";

/// What a verified access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The account.
    #[serde(rename = "sub")]
    pub user: UserId,
    /// The session.
    #[serde(rename = "sid")]
    pub session: SessionId,
    /// The session's tenant when the token was made.
    #[serde(rename = "tid")]
    pub tenant: TenantId,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// When it stops being good, in seconds since 1970.
    pub exp: i64,
}

/// The keys of this installation, as far as this node knows them.
pub(crate) struct SigningKeys {
    ring: RwLock<Ring>,
}

struct Ring {
    keys: Vec<Arc<Key>>,
    loaded_at: Timestamp,
}

struct Key {
    kid: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    retired_at: Option<Timestamp>,
}

impl SigningKeys {
    /// Loads the keys; makes the first one on the first start.
    pub(crate) async fn load(store: &Store, master: &MasterKey, clock: &Clock) -> anyhow::Result<Self> {
        make_first(store, master, clock).await?;
        let keys = read(store, master, clock.now()).await?;
        Ok(Self { ring: RwLock::new(Ring { keys, loaded_at: clock.now() }) })
    }

    fn newest(&self) -> anyhow::Result<Arc<Key>> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        ring.keys.iter().find(|key| key.retired_at.is_none()).cloned().context("there is no signing key")
    }

    fn find(&self, kid: &str, now: Timestamp) -> Option<Arc<Key>> {
        let ring = self.ring.read().unwrap_or_else(PoisonError::into_inner);
        let verifies = |key: &Key| key.retired_at.is_none_or(|retired_at| now.since(retired_at) < RETIRED);
        ring.keys.iter().find(|key| key.kid == kid && verifies(key)).cloned()
    }

    fn may_reload(&self, now: Timestamp) -> bool {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let may = now.since(ring.loaded_at) >= RELOAD_PAUSE;
        if may {
            ring.loaded_at = now;
        }
        may
    }

    fn replace(&self, keys: Vec<Arc<Key>>) {
        self.ring.write().unwrap_or_else(PoisonError::into_inner).keys = keys;
    }
}

fn place(kid: &str) -> String {
    format!("signing_keys/{kid}")
}

async fn make_first(store: &Store, master: &MasterKey, clock: &Clock) -> anyhow::Result<()> {
    if installation::find(&mut store.read().await?, FIRST_KEY).await?.is_some() {
        return Ok(());
    }
    let key = new_key(master, clock)?;
    let mut tx = store.begin().await?;
    if installation::insert(&mut tx, FIRST_KEY, &key.kid).await? {
        signing_keys::insert(&mut tx, &key).await?;
    }
    Ok(tx.commit().await?)
}

fn new_key(master: &MasterKey, clock: &Clock) -> anyhow::Result<SigningKeyRow> {
    let kid = random_token().chars().take(16).collect::<String>();
    let secret_sealed = master.seal(&place(&kid), &rand::random::<[u8; 32]>())?;
    Ok(SigningKeyRow { kid, secret_sealed, created_at: clock.now(), retired_at: None })
}

/// Makes a key that signs from now on; the ones before verify for 24 hours more. The new key's `kid`.
pub async fn rotate(store: &Store, master: &MasterKey, clock: &Clock) -> anyhow::Result<String> {
    let key = new_key(master, clock)?;
    let mut tx = store.begin().await?;
    signing_keys::retire_all(&mut tx, clock.now()).await?;
    signing_keys::insert(&mut tx, &key).await?;
    tx.commit().await?;
    Ok(key.kid)
}

/// Looks every few seconds, until `shutdown`, which key signs: another process may have made one.
pub async fn watch_forever(core: Core, shutdown: CancellationToken) {
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
        match read(core.store(), core.master(), core.now()).await {
            Ok(keys) => core.keys().replace(keys),
            Err(problem) => warn!(error = ?problem, "The signing keys cannot be read; going on with those of before"),
        }
    }
}

async fn read(store: &Store, master: &MasterKey, now: Timestamp) -> anyhow::Result<Vec<Arc<Key>>> {
    let rows = signing_keys::list(&mut store.read().await?, now - RETIRED).await?;
    rows.into_iter()
        .map(|row| {
            let secret = master.open(&place(&row.kid), &row.secret_sealed)?;
            let (encoding, decoding) = (EncodingKey::from_secret(&secret), DecodingKey::from_secret(&secret));
            Ok(Arc::new(Key { kid: row.kid, encoding, decoding, retired_at: row.retired_at }))
        })
        .collect()
}

/// Signs an access token.
pub(crate) fn sign(core: &Core, user: UserId, session: SessionId, tenant: TenantId) -> Result<String> {
    let now = core.now();
    let claims =
        Claims { user, session, tenant, iat: now.as_seconds(), exp: (now + core.settings().auth.access).as_seconds() };
    let key = core.keys().newest()?;
    let header = Header { kid: Some(key.kid.clone()), ..Header::new(Algorithm::HS256) };
    let token = jsonwebtoken::encode(&header, &claims, &key.encoding).context("Failed to sign an access token")?;
    Ok(token)
}

/// What a token says, if it is ours and has not expired: `unauthorized` or `token_expired` otherwise.
pub async fn verify(core: &Core, token: &str) -> Result<Claims> {
    let claims = verify_signature(core, token).await?;
    if claims.exp <= core.now().as_seconds() {
        return Err(ErrorCode::TokenExpired.into());
    }
    Ok(claims)
}

/// As [`verify`], but an expired token is accepted until it is 24 hours old: sockets reconnect with the one they began with.
pub async fn verify_for_handshake(core: &Core, token: &str) -> Result<Claims> {
    let claims = verify_signature(core, token).await?;
    if claims.iat + i64::try_from(HANDSHAKE.as_secs()).unwrap_or(0) <= core.now().as_seconds() {
        return Err(ErrorCode::TokenExpired.into());
    }
    Ok(claims)
}

async fn verify_signature(core: &Core, token: &str) -> Result<Claims> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| ErrorCode::Unauthorized)?;
    let kid = header.kid.ok_or(ErrorCode::Unauthorized)?;
    let key = find_key(core, &kid).await?.ok_or(ErrorCode::Unauthorized)?;
    let mut validation = Validation::new(Algorithm::HS256);
    // Expiry is checked by the given clock, not by the library's.
    validation.validate_exp = false;
    let token =
        jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation).map_err(|_| ErrorCode::Unauthorized)?;
    Ok(token.claims)
}

async fn find_key(core: &Core, kid: &str) -> Result<Option<Arc<Key>>> {
    let known = core.keys().find(kid, core.now());
    if known.is_some() || !core.keys().may_reload(core.now()) {
        return Ok(known);
    }
    core.keys().replace(read(core.store(), core.master(), core.now()).await?);
    Ok(core.keys().find(kid, core.now()))
}
