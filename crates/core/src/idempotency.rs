//! `Idempotency-Key`: the same request is carried out once and answered alike for 24 hours. The kept answer commits with the
//! effect, so a crash between the two is impossible.

use std::time::Duration;

use erpmax_store::Conn;
use erpmax_store::idempotency::{RequestKey, find, insert};
use erpmax_types::{ErrorCode, TenantId};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::access::{Member, Operator};
use crate::{Core, Result, hash};

/// How long an answer is kept.
pub(crate) const KEPT: Duration = Duration::from_secs(86_400);

/// A request that bears an `Idempotency-Key`.
#[derive(Clone, Debug)]
pub struct Idempotency {
    key: String,
    route: &'static str,
    body_hash: String,
}

impl Idempotency {
    /// The request to `route` with this key and body.
    pub fn new(key: String, route: &'static str, body: &[u8]) -> Self {
        Self { key, route, body_hash: hash(&String::from_utf8_lossy(body)) }
    }

    /// A person's requests and those of each API key are told apart.
    fn route_of(&self, member: &Member) -> String {
        let by_key = member.api_key().map(|key| format!(" {key}")).unwrap_or_default();
        format!("{} {}{by_key}", self.route, member.tenant_id)
    }

    fn request(&self, member: &Member) -> RequestKey {
        RequestKey {
            user: member.user_id,
            route: self.route_of(member),
            key: self.key.clone(),
            body_hash: self.body_hash.clone(),
        }
    }

    fn request_of_operator(&self, operator: &Operator, tenant: TenantId) -> RequestKey {
        RequestKey {
            user: operator.user_id,
            route: format!("{} {tenant}", self.route),
            key: self.key.clone(),
            body_hash: self.body_hash.clone(),
        }
    }
}

/// The answer that was given before, if the request bears a key that was used.
pub(crate) async fn replay<T: DeserializeOwned>(
    core: &Core,
    conn: &mut Conn,
    member: &Member,
    idempotency: Option<&Idempotency>,
) -> Result<Option<T>> {
    let Some(idempotency) = idempotency else { return Ok(None) };
    find_answer(core, conn, &idempotency.request(member)).await
}

/// As [`replay`], for what an operator asks about a tenant.
pub(crate) async fn replay_to_operator<T: DeserializeOwned>(
    core: &Core,
    conn: &mut Conn,
    (operator, tenant): (&Operator, TenantId),
    idempotency: Option<&Idempotency>,
) -> Result<Option<T>> {
    let Some(idempotency) = idempotency else { return Ok(None) };
    find_answer(core, conn, &idempotency.request_of_operator(operator, tenant)).await
}

async fn find_answer<T: DeserializeOwned>(core: &Core, conn: &mut Conn, request: &RequestKey) -> Result<Option<T>> {
    match find(conn, request, core.now() - KEPT).await? {
        None => Ok(None),
        Some(kept) if kept.body_hash == request.body_hash => Ok(Some(serde_json::from_str(&kept.answer)?)),
        Some(_) => Err(ErrorCode::IdempotencyMismatch.into()),
    }
}

/// Keeps the answer in the transaction that carried the request out.
pub(crate) async fn keep<T: Serialize>(
    core: &Core,
    conn: &mut Conn,
    member: &Member,
    idempotency: Option<&Idempotency>,
    answer: &T,
) -> Result<()> {
    if let Some(idempotency) = idempotency {
        insert(conn, &idempotency.request(member), &serde_json::to_string(answer)?, core.now()).await?;
    }
    Ok(())
}

/// As [`keep`], for what an operator asked about a tenant.
pub(crate) async fn keep_for_operator<T: Serialize>(
    core: &Core,
    conn: &mut Conn,
    (operator, tenant): (&Operator, TenantId),
    idempotency: Option<&Idempotency>,
    answer: &T,
) -> Result<()> {
    if let Some(idempotency) = idempotency {
        let request = idempotency.request_of_operator(operator, tenant);
        insert(conn, &request, &serde_json::to_string(answer)?, core.now()).await?;
    }
    Ok(())
}
