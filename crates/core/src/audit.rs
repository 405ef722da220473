//! The audit trail: who did what, from where, in the transaction that did it.

use erpmax_store::Tx;
use erpmax_store::audit::{AuditRow, insert};
use erpmax_types::{SessionId, TenantId, UserId};
use serde_json::Value;

use crate::access::Signed;
use crate::{Core, Result};

/// Who did it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Actor<'a> {
    /// The account; none for the system itself.
    pub user: Option<UserId>,
    /// The session.
    pub session: Option<SessionId>,
    /// The address that the request came from.
    pub address: Option<&'a str>,
}

impl<'a> From<&'a Signed> for Actor<'a> {
    fn from(signed: &'a Signed) -> Self {
        Self { user: Some(signed.user_id), session: Some(signed.session_id), address: Some(&signed.address) }
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
        address: actor.address,
        action: action.name,
        tenant: action.tenant,
        target: action.target.as_deref(),
        change: &change,
    };
    Ok(insert(tx, &entry).await?)
}
