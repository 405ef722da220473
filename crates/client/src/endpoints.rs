//! Every operation of the API: its id in the OpenAPI document, method, path and who may call it (guide §1, `api_endpoints.dart`).

use http::Method;

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id in the OpenAPI document; what the log calls it, because paths hold ids and tokens.
    pub id: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path below `/api/v1`, with `{…}` where something is filled in.
    pub path: &'static str,
    /// Whether the access token is sent along.
    pub is_signed: bool,
    /// Whether the server honours `Idempotency-Key`, so that it may be repeated.
    pub is_keyed: bool,
    /// Whether it uses up what it is given, so that even a `GET` is not repeated.
    pub is_spending: bool,
}

impl Endpoint {
    /// Whether doing it twice is as good as doing it once, because it changes nothing.
    pub(crate) fn is_safe(&self) -> bool {
        self.method == Method::GET && !self.is_spending
    }
}

/// `NAME = "id" METHOD "path" kind`, where the kind is `open`, `signed`, `keyed` (signed, with an idempotency key) or `spending`
/// (open, and what it is given is good for once).
macro_rules! endpoints {
    ($($name:ident = $id:literal $method:ident $path:literal $kind:ident;)*) => {
        $(
            #[doc = concat!("`", stringify!($method), " ", $path, "`")]
            pub const $name: Endpoint = Endpoint {
                id: $id,
                method: Method::$method,
                path: $path,
                is_signed: endpoints!(@signed $kind),
                is_keyed: endpoints!(@keyed $kind),
                is_spending: endpoints!(@spending $kind),
            };
        )*
    };
    (@signed open) => { false };
    (@signed spending) => { false };
    (@signed $other:ident) => { true };
    (@keyed keyed) => { true };
    (@keyed $other:ident) => { false };
    (@spending spending) => { true };
    (@spending $other:ident) => { false };
}

endpoints! {
    REGISTER = "auth.register" POST "/auth/register" open;
    LOGIN = "auth.login" POST "/auth/login" open;
    LOGIN_SECOND_FACTOR = "auth.login_second_factor" POST "/auth/login/second-factor" open;
    REFRESH = "auth.refresh" POST "/auth/refresh" open;
    LOGOUT = "auth.logout" POST "/auth/logout" signed;
    ME = "auth.me" GET "/auth/me" signed;
    UPDATE_ME = "auth.update_me" PATCH "/auth/me" signed;
    VERIFY_EMAIL = "auth.verify_email" POST "/auth/verify-email" open;
    RESEND_VERIFICATION = "auth.resend_verification" POST "/auth/verify-email/resend" signed;
    FORGOT_PASSWORD = "auth.forgot_password" POST "/auth/password/forgot" open;
    RESET_PASSWORD = "auth.reset_password" POST "/auth/password/reset" open;
    LOOK_AT_INVITATION = "auth.look_at_invitation" POST "/auth/invitations/look" open;
    ACCEPT_INVITATION = "auth.accept_invitation" POST "/auth/invitations/accept" open;
    SWITCH_TENANT = "auth.switch_tenant" POST "/auth/switch-tenant" signed;
    CONFIRM = "auth.confirm" POST "/auth/confirm" signed;
    CHANGE_PASSWORD = "auth.change_password" POST "/auth/password/change" signed;
    SESSIONS = "auth.sessions" GET "/auth/sessions" signed;
    END_SESSIONS = "auth.end_sessions" DELETE "/auth/sessions" signed;
    END_SESSION = "auth.end_session" DELETE "/auth/sessions/{id}" signed;
    TWO_FACTOR = "auth.two_factor" GET "/auth/two-factor" signed;
    BEGIN_TWO_FACTOR = "auth.two_factor_begin" POST "/auth/two-factor" signed;
    ACTIVATE_TWO_FACTOR = "auth.two_factor_activate" POST "/auth/two-factor/activate" signed;
    DISABLE_TWO_FACTOR = "auth.two_factor_disable" DELETE "/auth/two-factor" signed;
    RECOVERY_CODES = "auth.two_factor_recovery_codes" POST "/auth/two-factor/recovery-codes" signed;

    TENANTS = "tenants.list" GET "/tenants" signed;
    CURRENT_TENANT = "tenants.current" GET "/tenants/current" signed;
    TENANT = "tenants.show" GET "/tenants/{id}" signed;
    UPDATE_TENANT = "tenants.update" PATCH "/tenants/{id}" signed;
    AUDIT = "tenants.audit" GET "/tenants/{id}/audit" signed;
    AUDIT_EXPORT = "tenants.audit_export" GET "/tenants/{id}/audit.csv" signed;
    TENANT_USERS = "tenants.list_users" GET "/tenants/{id}/users" signed;
    INVITE = "tenants.invite" POST "/tenants/{id}/users/invite" keyed;
    INVITATIONS = "tenants.invitations" GET "/tenants/{id}/invitations" signed;
    RESEND_INVITATION = "tenants.resend_invitation" POST "/tenants/{id}/invitations/{invitation_id}/resend" signed;
    REVOKE_INVITATION = "tenants.revoke_invitation" DELETE "/tenants/{id}/invitations/{invitation_id}" signed;
    TRANSFER = "tenants.transfer" POST "/tenants/{id}/transfer" signed;
    CHANGE_ROLE = "tenants.change_role" PATCH "/tenants/{id}/users/{user_id}" signed;
    REMOVE_USER = "tenants.remove_user" DELETE "/tenants/{id}/users/{user_id}" signed;
    API_KEYS = "tenants.api_keys" GET "/tenants/{id}/api-keys" signed;
    CREATE_API_KEY = "tenants.create_api_key" POST "/tenants/{id}/api-keys" keyed;
    REVOKE_API_KEY = "tenants.revoke_api_key" DELETE "/tenants/{id}/api-keys/{key_id}" signed;
    SUPPORT_ACCESSES = "tenants.support_access" GET "/tenants/{id}/support-access" signed;
    END_SUPPORT_ACCESS = "tenants.end_support_access" DELETE "/tenants/{id}/support-access/{access_id}" signed;

    PLANS = "billing.plans" GET "/billing/plans" open;
    SUBSCRIPTION = "billing.subscription" GET "/billing/subscription" signed;
    CHECKOUT = "billing.checkout" POST "/billing/checkout" keyed;
    CANCEL_SUBSCRIPTION = "billing.cancel" POST "/billing/cancel" signed;
    INVOICES = "billing.invoices" GET "/billing/invoices" signed;
    WEBHOOK = "billing.webhook" POST "/billing/webhook/{provider}" open;

    JOBS = "provisioning.list" GET "/provisioning/jobs" signed;
    CREATE_JOB = "provisioning.create" POST "/provisioning/jobs" keyed;
    JOB = "provisioning.show" GET "/provisioning/jobs/{id}" signed;
    RETRY_JOB = "provisioning.retry" POST "/provisioning/jobs/{id}/retry" signed;
    CANCEL_JOB = "provisioning.cancel" POST "/provisioning/jobs/{id}/cancel" signed;

    BACKUPS = "backups.list" GET "/backups" signed;
    BACKUP_LINK = "backups.link" POST "/backups/{id}/download" signed;
    BACKUP_DOWNLOAD = "backups.download" GET "/backups/download/{token}" spending;

    SSO_TOKEN = "sso.token" POST "/sso/erpnext/token" signed;
    SSO_TOKEN_ALIAS = "sso.token_alias" POST "/sso/token" signed;
    SSO_CALLBACK = "sso.callback_post" POST "/sso/erpnext/callback" open;
    SSO_CALLBACK_GET = "sso.callback_get" GET "/sso/erpnext/callback" spending;
    SSO_SUPPORT_ACCESS = "sso.support_access" GET "/sso/erpnext/support-access/{id}" open;
    SSO_VALIDATE = "sso.validate" GET "/sso/erpnext/validate/{token}" open;

    NOTIFICATIONS = "notifications.list" GET "/notifications" signed;
    READ_NOTIFICATION = "notifications.read" POST "/notifications/{id}/read" signed;
    READ_ALL_NOTIFICATIONS = "notifications.read_all" POST "/notifications/read-all" signed;

    OPERATOR_TENANTS = "operator.tenants" GET "/operator/tenants" signed;
    OPERATOR_TENANT = "operator.show_tenant" GET "/operator/tenants/{id}" signed;
    START_ACCESS = "operator.start_access" POST "/operator/tenants/{id}/access" keyed;
    END_ACCESS = "operator.end_access" DELETE "/operator/tenants/{id}/access/{access_id}" signed;
    OPERATOR_JOBS = "operator.jobs" GET "/operator/jobs" signed;
    OPERATOR_AUDIT = "operator.audit" GET "/operator/audit" signed;
    OPERATOR_AUDIT_EXPORT = "operator.audit_export" GET "/operator/audit.csv" signed;
    OPERATOR_SUMMARY = "operator.summary" GET "/operator/summary" signed;
}
