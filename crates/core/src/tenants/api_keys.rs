//! API keys of a tenant: making, listing and ending them. All of that is a person's: no key makes or ends keys.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use erpmax_store::api_keys::{self as store, ApiKeyRow};
use erpmax_store::{Tx, tenants};
use erpmax_types::api_keys::{ApiKey, ApiKeyCreated, CreateApiKey, Scope};
use erpmax_types::envelope::{Page, PageRequest};
use erpmax_types::users::Role;
use erpmax_types::{ApiKeyId, ErrorCode, TenantId, UserId};
use ipnet::IpNet;
use serde_json::{Value, json};

use super::members::{check_role, role_now};
use crate::access::{Admin, PREFIX};
use crate::audit::{Action, Actor, record};
use crate::auth::RECENT;
use crate::idempotency::{keep, replay};
use crate::validation::{Fields, id};
use crate::{Core, Idempotency, Result, hash};

/// How long a key may be good.
const LONGEST: Duration = Duration::from_secs(365 * 86_400);
/// Networks of a key.
const MOST_NETWORKS: usize = 100;
/// Keys of a tenant that were not revoked.
const MOST_KEYS: u64 = 100;
/// Characters of a key's text that are kept, to tell it from others.
const HINT: usize = 4;

/// What was asked for, checked.
struct Wish {
    name: String,
    role: Role,
    scopes: BTreeSet<&'static str>,
    networks: Option<Vec<String>>,
}

/// Makes a key. Its text is in the answer and nowhere else; it is derived, so that a repeated request gets the same one.
pub async fn create(
    core: &Core,
    admin: &Admin,
    request: &CreateApiKey,
    idempotency: Option<Idempotency>,
) -> Result<ApiKeyCreated> {
    admin.require_confirmation(core, RECENT)?;
    let wish = check(core, request)?;
    let mut tx = core.store().begin().await?;
    tenants::lock(&mut tx, admin.tenant_id).await?;
    if let Some(api_key) = replay(core, &mut tx, admin, idempotency.as_ref()).await? {
        return Ok(with_text(core, api_key));
    }
    let api_key = add(core, &mut tx, admin, wish, request).await?;
    keep(core, &mut tx, admin, idempotency.as_ref(), &api_key).await?;
    tx.commit().await?;
    Ok(with_text(core, api_key))
}

fn with_text(core: &Core, api_key: ApiKey) -> ApiKeyCreated {
    ApiKeyCreated { key: text_of(core, api_key.id), api_key }
}

/// What a key's program shows. Whoever has the database alone cannot derive it.
fn text_of(core: &Core, key: ApiKeyId) -> String {
    format!("{PREFIX}{}", core.derivation().derive("api_key", &key.to_string()))
}

async fn add(core: &Core, tx: &mut Tx, admin: &Admin, wish: Wish, request: &CreateApiKey) -> Result<ApiKey> {
    if !role_now(tx, admin).await?.includes(wish.role) {
        return Err(ErrorCode::Forbidden.into());
    }
    if store::count(tx, admin.tenant_id).await? >= MOST_KEYS {
        return Err(ErrorCode::Conflict.into());
    }
    let id = core.id();
    let key = text_of(core, id);
    let row = to_row(core, admin, wish, request, (id, &key));
    store::insert(tx, &row, &hash(&key)).await?;
    let api_key = to_api_key(row)?;
    let change = json!({"name": api_key.name, "role": api_key.role, "scopes": api_key.scopes,
        "networks": api_key.networks, "expires_at": api_key.expires_at});
    note(core, tx, admin, "api_keys.create", api_key.id, change).await?;
    Ok(api_key)
}

/// A page of a tenant's keys, newest first; those that were revoked are left out.
pub async fn list(core: &Core, admin: &Admin, page: PageRequest) -> Result<Page<ApiKey>> {
    admin.require_session()?;
    let mut conn = core.store().read().await?;
    let rows = store::list(&mut conn, admin.tenant_id, page.size, page.offset()).await?;
    let total = store::count(&mut conn, admin.tenant_id).await?;
    let items = rows.into_iter().map(to_api_key).collect::<Result<_>>()?;
    Ok(page.of(items, total))
}

/// Ends a key; it takes effect on the next request.
pub async fn revoke(core: &Core, admin: &Admin, key: &str) -> Result<()> {
    admin.require_session()?;
    let key: ApiKeyId = id(key)?;
    let mut tx = core.store().begin().await?;
    let name = store::revoke(&mut tx, admin.tenant_id, key, core.now()).await?.ok_or(ErrorCode::NotFound)?;
    note(core, &mut tx, admin, "api_keys.revoke", key, json!({"name": name})).await?;
    Ok(tx.commit().await?)
}

/// Ends the keys that a person made in a tenant and that are more than `role`; with no role, all of them. Which ones that were.
pub(crate) async fn end_of_creator(
    core: &Core,
    tx: &mut Tx,
    tenant: TenantId,
    creator: UserId,
    role: Option<Role>,
) -> Result<Vec<ApiKeyId>> {
    let ended = match role {
        Some(Role::Owner | Role::Admin) => return Ok(Vec::new()),
        Some(Role::User) => Some(Role::Admin),
        None => None,
    };
    Ok(store::revoke_of_creator(tx, tenant, creator, ended, core.now()).await?)
}

/// Ends the keys that somebody made for a tenant in an account whose address another person turned out to own.
pub(crate) async fn end_after_first_proof(core: &Core, tx: &mut Tx, tenant: TenantId, maker: UserId) -> Result<()> {
    for key in end_of_creator(core, tx, tenant, maker, None).await? {
        let actor = Actor { user: Some(maker), ..Actor::default() };
        let (target, change) = (Some(key.to_string()), json!({"reason": "first_proof"}));
        let action = Action { name: "api_keys.revoke", tenant: Some(tenant), target, change };
        record(core, tx, actor, action).await?;
    }
    Ok(())
}

fn check(core: &Core, request: &CreateApiKey) -> Result<Wish> {
    let mut fields = Fields::default();
    let name = fields.name("name", &request.name);
    let role = check_role(&mut fields, &request.role);
    if role == Some(Role::Owner) {
        fields.problem("role", "role_key");
    }
    if request.expires_at <= core.now() || request.expires_at > core.now() + LONGEST {
        fields.problem("expires_at", "key_lifetime");
    }
    let scopes = read_scopes(&request.scopes).unwrap_or_default();
    if scopes.is_empty() {
        fields.problem("scopes", "scopes");
    }
    let networks = request.networks.as_ref().map(|networks| read_networks(networks).unwrap_or_default());
    if networks.as_ref().is_some_and(|networks| !(1..=MOST_NETWORKS).contains(&networks.len())) {
        fields.problem("networks", "networks");
    }
    fields.check()?;
    Ok(Wish { name, role: role.ok_or(ErrorCode::ValidationFailed)?, scopes, networks })
}

/// Scopes, each once; none if one is unknown.
fn read_scopes(scopes: &[String]) -> Option<BTreeSet<&'static str>> {
    scopes.iter().map(|scope| scope.parse().ok().map(Scope::as_str)).collect()
}

/// Networks as they are kept; none if one cannot be read. An address alone is the network of that address.
fn read_networks(networks: &[String]) -> Option<Vec<String>> {
    let read = |text: &str| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok();
    networks.iter().map(|text| read(text.trim()).map(|network| network.trunc().to_string())).collect()
}

fn to_row(core: &Core, admin: &Admin, wish: Wish, request: &CreateApiKey, (id, key): (ApiKeyId, &str)) -> ApiKeyRow {
    ApiKeyRow {
        id,
        tenant_id: admin.tenant_id,
        name: wish.name,
        hint: key.get(key.len() - HINT..).unwrap_or_default().to_owned(),
        role: wish.role,
        scopes: json!(wish.scopes).to_string(),
        networks: wish.networks.map(|networks| json!(networks).to_string()),
        created_by: admin.user_id,
        created_at: core.now(),
        expires_at: request.expires_at,
        last_used_at: None,
        last_used_address: None,
    }
}

async fn note(core: &Core, tx: &mut Tx, admin: &Admin, name: &str, key: ApiKeyId, change: Value) -> Result<()> {
    let (tenant, target) = (Some(admin.tenant_id), Some(key.to_string()));
    record(core, tx, (&***admin).into(), Action { name, tenant, target, change }).await
}

fn to_api_key(row: ApiKeyRow) -> Result<ApiKey> {
    Ok(ApiKey {
        id: row.id,
        name: row.name,
        hint: row.hint,
        role: row.role,
        scopes: serde_json::from_str(&row.scopes)?,
        networks: row.networks.map(|networks| serde_json::from_str(&networks)).transpose()?,
        created_by: row.created_by,
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
        last_used_address: row.last_used_address,
    })
}

#[cfg(test)]
mod tests {
    use super::read_networks;

    #[test]
    fn networks_are_kept_in_one_form() {
        let read = |texts: &[&str]| read_networks(&texts.iter().map(ToString::to_string).collect::<Vec<_>>());
        let kept = ["192.0.2.0/24", "203.0.113.7/32", "2001:db8::/32"].map(ToOwned::to_owned).to_vec();
        assert_eq!(read(&["192.0.2.77/24", " 203.0.113.7", "2001:db8:1::/32"]), Some(kept));
        assert_eq!(read(&["192.0.2.0/24", "localhost"]), None);
        assert_eq!(read(&["192.0.2.0/33"]), None);
    }
}
