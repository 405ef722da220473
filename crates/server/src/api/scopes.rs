//! What each operation asks of an API key. One that is missing here is closed to keys; a test holds this list against the OpenAPI
//! document.

use axum::http::Method;
use erpmax_types::api_keys::Scope;

/// Whether an operation is open to keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// To keys with this scope.
    To(Scope),
    /// To persons alone.
    Closed,
}

use Door::{Closed, To};

/// Method and path below `/api/v1` of each operation that asks for a token.
const DOORS: &[(&str, Door)] = &[
    ("POST /auth/logout", Closed),
    ("GET /auth/me", Closed),
    ("PATCH /auth/me", Closed),
    ("POST /auth/verify-email/resend", Closed),
    ("POST /auth/switch-tenant", Closed),
    ("POST /auth/confirm", Closed),
    ("POST /auth/password/change", Closed),
    ("GET /auth/sessions", Closed),
    ("DELETE /auth/sessions", Closed),
    ("DELETE /auth/sessions/{id}", Closed),
    ("GET /auth/two-factor", Closed),
    ("POST /auth/two-factor", Closed),
    ("DELETE /auth/two-factor", Closed),
    ("POST /auth/two-factor/activate", Closed),
    ("POST /auth/two-factor/recovery-codes", Closed),
    ("GET /notifications", Closed),
    ("POST /notifications/{id}/read", Closed),
    ("POST /notifications/read-all", Closed),
    ("GET /tenants", Closed),
    ("GET /tenants/current", To(Scope::TenantRead)),
    ("GET /tenants/{id}", To(Scope::TenantRead)),
    ("PATCH /tenants/{id}", To(Scope::TenantWrite)),
    ("GET /tenants/{id}/users", To(Scope::MembersRead)),
    ("POST /tenants/{id}/users/invite", To(Scope::MembersWrite)),
    ("DELETE /tenants/{id}/users/{user_id}", To(Scope::MembersWrite)),
    ("PATCH /tenants/{id}/users/{user_id}", Closed),
    ("GET /tenants/{id}/invitations", To(Scope::MembersRead)),
    ("DELETE /tenants/{id}/invitations/{invitation_id}", To(Scope::MembersWrite)),
    ("POST /tenants/{id}/invitations/{invitation_id}/resend", To(Scope::MembersWrite)),
    ("POST /tenants/{id}/transfer", Closed),
    ("GET /tenants/{id}/audit", To(Scope::AuditRead)),
    ("GET /tenants/{id}/audit.csv", To(Scope::AuditRead)),
    ("GET /tenants/{id}/api-keys", Closed),
    ("POST /tenants/{id}/api-keys", Closed),
    ("DELETE /tenants/{id}/api-keys/{key_id}", Closed),
    ("GET /billing/subscription", To(Scope::BillingRead)),
    ("GET /billing/invoices", To(Scope::BillingRead)),
    ("POST /billing/checkout", To(Scope::BillingWrite)),
    ("POST /billing/cancel", Closed),
    ("GET /provisioning/jobs", To(Scope::JobsRead)),
    ("GET /provisioning/jobs/{id}", To(Scope::JobsRead)),
    ("POST /provisioning/jobs", To(Scope::JobsWrite)),
    ("POST /provisioning/jobs/{id}/retry", To(Scope::JobsWrite)),
    ("POST /provisioning/jobs/{id}/cancel", To(Scope::JobsWrite)),
    ("GET /backups", To(Scope::JobsRead)),
    ("POST /backups/{id}/download", Closed),
    ("POST /sso/erpnext/token", Closed),
    ("POST /sso/token", Closed),
    ("GET /tenants/{id}/support-access", Closed),
    ("DELETE /tenants/{id}/support-access/{access_id}", Closed),
    ("GET /operator/tenants", Closed),
    ("GET /operator/tenants/{id}", Closed),
    ("POST /operator/tenants/{id}/access", Closed),
    ("DELETE /operator/tenants/{id}/access/{access_id}", Closed),
    ("GET /operator/jobs", Closed),
    ("GET /operator/audit", Closed),
    ("GET /operator/audit.csv", Closed),
    ("GET /operator/summary", Closed),
];

/// The door of an operation by its path below `/api/v1`, if it has one.
pub(crate) fn door(method: &str, path: &str) -> Option<Door> {
    let is_it = |name: &str| name.split_once(' ') == Some((method, path));
    DOORS.iter().find(|(name, _)| is_it(name)).map(|(_, door)| *door)
}

/// The scope that a request to this route asks of a key; none: no key comes in.
pub(crate) fn scope(method: &Method, route: &str) -> Option<Scope> {
    let method = if *method == Method::HEAD { Method::GET } else { method.clone() };
    match door(method.as_str(), route.strip_prefix("/api/v1")?)? {
        To(scope) => Some(scope),
        Closed => None,
    }
}

/// The names of all operations that have a door.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    DOORS.iter().map(|(name, _)| *name)
}
