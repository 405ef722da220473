//! The audit trail as members with a right to it, and operators, read it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ApiKeyId, AuditId, SessionId, TenantId, Timestamp, UserId};

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEvent {
    /// The event's id.
    pub id: AuditId,
    /// When it happened.
    pub at: Timestamp,
    /// What was done: `area.verb`, such as `members.invite`.
    pub action: String,
    /// Who did it; null for ERPMax itself.
    pub actor: Option<AuditActor>,
    /// In which session.
    pub session_id: Option<SessionId>,
    /// With which API key; null for a person in a session. The actor is who made the key.
    pub api_key: Option<AuditKey>,
    /// From which address; of IPv6 its /64.
    pub address: Option<String>,
    /// In which tenant; null for what concerns none.
    pub tenant_id: Option<TenantId>,
    /// To what: mostly an id.
    pub target: Option<String>,
    /// What changed, without secrets.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub change: Value,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditActor {
    /// The account.
    pub user_id: UserId,
    /// Its address today.
    pub email: String,
    /// The person's name today.
    pub full_name: String,
}

/// The API key with which something was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditKey {
    /// The key.
    pub id: ApiKeyId,
    /// What people call it; null a year after it ran out.
    pub name: Option<String>,
}

/// Which events are asked for; what is left out does not narrow the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// An action, or the area before its dot.
    pub action: Option<String>,
    /// Who did it.
    pub actor: Option<UserId>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}
