//! The audit trail: who did what, from where, in the transaction that did it; and reading it.

mod export;

use erpmax_store::Tx;
use erpmax_store::audit::{self as store, AuditEntry, AuditRow};
use erpmax_types::audit::{AuditActor, AuditEvent, AuditFilter, AuditKey};
use erpmax_types::envelope::{Page, PageRequest};
use erpmax_types::{ApiKeyId, SessionId, TenantId, UserId};
use serde_json::Value;

use crate::access::{Admin, Caller, Signed};
use crate::{Core, Result};

pub(crate) use export::export_all;
pub use export::{MOST_LINES, export};

/// Who did it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Actor<'a> {
    /// The account; none for the system itself.
    pub user: Option<UserId>,
    /// The session.
    pub session: Option<SessionId>,
    /// The API key, in place of a session.
    pub api_key: Option<ApiKeyId>,
    /// The address that the request came from.
    pub address: Option<&'a str>,
}

impl<'a> From<&'a Caller> for Actor<'a> {
    fn from(caller: &'a Caller) -> Self {
        Self {
            user: Some(caller.user_id),
            session: caller.session(),
            api_key: caller.api_key(),
            address: Some(&caller.address),
        }
    }
}

impl<'a> From<&'a Signed> for Actor<'a> {
    fn from(signed: &'a Signed) -> Self {
        (&**signed).into()
    }
}

impl<'a> Actor<'a> {
    /// A person in a session.
    pub(crate) const fn in_session(user: UserId, session: SessionId, address: Option<&'a str>) -> Self {
        Self { user: Some(user), session: Some(session), api_key: None, address }
    }
}

/// What was done.
pub(crate) struct Action<'a> {
    /// `area.verb`.
    pub(crate) name: &'a str,
    /// In which tenant.
    pub(crate) tenant: Option<TenantId>,
    /// To what: an id.
    pub(crate) target: Option<String>,
    /// What changed, without secrets.
    pub(crate) change: Value,
}

/// Writes an entry.
pub(crate) async fn record(core: &Core, tx: &mut Tx, actor: Actor<'_>, action: Action<'_>) -> Result<()> {
    let change = action.change.to_string();
    let entry = AuditRow {
        id: core.id(),
        at: core.now(),
        actor: actor.user,
        session: actor.session,
        api_key: actor.api_key,
        address: actor.address,
        action: action.name,
        tenant: action.tenant,
        target: action.target.as_deref(),
        change: &change,
    };
    Ok(store::insert(tx, &entry).await?)
}

/// A page of what was done in a tenant, newest first.
pub async fn list(core: &Core, admin: &Admin, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditEvent>> {
    page_of(core, Some(admin.tenant_id), filter, page).await
}

/// A page of what was done in a tenant, or anywhere.
pub(crate) async fn page_of(
    core: &Core,
    tenant: Option<TenantId>,
    filter: &AuditFilter,
    page: PageRequest,
) -> Result<Page<AuditEvent>> {
    let mut conn = core.store().read().await?;
    let entries = store::list(&mut conn, tenant, filter, page.size, page.offset()).await?;
    let total = store::count(&mut conn, tenant, filter).await?;
    Ok(page.of(entries.into_iter().map(to_event).collect(), total))
}

fn to_event(entry: AuditEntry) -> AuditEvent {
    let actor = entry.actor_id.map(|user_id| AuditActor {
        user_id,
        email: entry.actor_email.unwrap_or_default(),
        full_name: entry.actor_name.unwrap_or_default(),
    });
    AuditEvent {
        id: entry.id,
        at: entry.at,
        action: entry.action,
        actor,
        session_id: entry.session_id,
        api_key: entry.api_key_id.map(|id| AuditKey { id, name: entry.api_key_name }),
        address: entry.address,
        tenant_id: entry.tenant_id,
        target: entry.target,
        change: serde_json::from_str(&entry.change).unwrap_or_default(),
    }
}
