//! One call of every operation; what it gives back, as JSON.

use erpmax_client::transport::BoxFuture;
use erpmax_client::types::api_keys::CreateApiKey;
use erpmax_client::types::audit::AuditFilter;
use erpmax_client::types::backups::BackupLink;
use erpmax_client::types::billing::{CancelSubscription, Checkout};
use erpmax_client::types::proof::{UpdateMe, VerifyEmail};
use erpmax_client::types::provisioning::JobType;
use erpmax_client::types::sso::SsoCallback;
use erpmax_client::types::tenants::{AcceptInvitation, UpdateTenant};
use erpmax_client::types::users::{Register, Role};
use erpmax_client::types::{Timestamp, UserId};
use erpmax_client::{ApiClient, PaginatedList, Result};
use serde::Serialize;
use serde_json::{Value, json};

/// The call of an operation.
pub(super) struct Call {
    pub(super) operation: &'static str,
    pub(super) make: Box<dyn Fn(ApiClient) -> BoxFuture<'static, Result<Value>> + Send + Sync>,
}

fn call<F, T>(operation: &'static str, make: impl Fn(ApiClient) -> F + Send + Sync + 'static) -> Call
where
    F: Future<Output = Result<T>> + Send + 'static,
    T: Serialize,
{
    let make = move |client| -> BoxFuture<'static, Result<Value>> {
        let made = make(client);
        Box::pin(async move { Ok(serde_json::to_value(made.await?).expect("it can be written")) })
    };
    Call { operation, make: Box::new(make) }
}

/// The entries of a page, as the document has them.
fn items<T>(list: PaginatedList<T>) -> Vec<T> {
    list.items
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>() -> T {
    "019ab000-0000-7000-8000-000000000002".parse().expect("an id")
}

pub(super) fn calls() -> Vec<Call> {
    [auth(), two_factor(), tenants(), billing(), provisioning(), backups(), sso(), notifications(), operator()]
        .into_iter()
        .flatten()
        .collect()
}

fn auth() -> Vec<Call> {
    let register = || Register {
        email: "owner@acme.example".to_owned(),
        password: "SecurePass123".to_owned(),
        full_name: "Acme Owner".to_owned(),
        company_name: "Acme".to_owned(),
    };
    let changes = || UpdateMe { full_name: Some("Acme Owner".to_owned()), language: None, email: None };
    let verify = || VerifyEmail { token: "token".to_owned(), password: None, new_password: None };
    let accept = || AcceptInvitation {
        token: "token".to_owned(),
        full_name: Some("Acme Accountant".to_owned()),
        password: Some("SecurePass123".to_owned()),
        new_password: None,
    };
    vec![
        call("auth.register", move |c| async move { c.auth().register(&register()).await }),
        call("auth.login", |c| async move { c.auth().login("owner@acme.example", "SecurePass123").await }),
        call("auth.login_second_factor", |c| async move { c.auth().login_second_factor("challenge", "123456").await }),
        call("auth.refresh", |c| async move {
            c.auth().refresh().await?;
            Ok(json!({"access_token": "kept", "refresh_token": "kept"}))
        }),
        call("auth.logout", |c| async move { c.auth().logout().await }),
        call("auth.me", |c| async move { c.auth().me().await }),
        call("auth.update_me", move |c| async move { c.auth().update_me(&changes()).await }),
        call("auth.verify_email", move |c| async move { c.auth().verify_email(&verify()).await }),
        call("auth.resend_verification", |c| async move { c.auth().resend_verification().await }),
        call("auth.look_at_invitation", |c| async move { c.auth().look_at_invitation("token").await }),
        call("auth.accept_invitation", move |c| async move { c.auth().accept_invitation(&accept()).await }),
        call("auth.forgot_password", |c| async move { c.auth().forgot_password("owner@acme.example").await }),
        call("auth.reset_password", |c| async move { c.auth().reset_password("token", "BlueHorse-1").await }),
        call("auth.switch_tenant", |c| async move { c.auth().switch_tenant(id()).await }),
        call("auth.confirm", |c| async move { c.auth().confirm("SecurePass123").await }),
        call("auth.change_password", |c| async move { c.auth().change_password("SecurePass123", "BlueHorse-1").await }),
        call("auth.sessions", |c| async move { c.auth().sessions().await.map(items) }),
        call("auth.end_sessions", |c| async move { c.auth().end_sessions().await }),
        call("auth.end_session", |c| async move { c.auth().end_session(id()).await }),
    ]
}

fn two_factor() -> Vec<Call> {
    vec![
        call("auth.two_factor", |c| async move { c.auth().two_factor().status().await }),
        call("auth.two_factor_begin", |c| async move { c.auth().two_factor().begin("SecurePass123").await }),
        call("auth.two_factor_activate", |c| async move { c.auth().two_factor().activate("123456").await }),
        call(
            "auth.two_factor_disable",
            |c| async move { c.auth().two_factor().disable("SecurePass123", "123456").await },
        ),
        call("auth.two_factor_recovery_codes", |c| async move {
            c.auth().two_factor().recovery_codes("SecurePass123", "123456").await
        }),
    ]
}

fn filter() -> AuditFilter {
    AuditFilter {
        action: Some("members.invite".to_owned()),
        actor: Some(id::<UserId>()),
        from: Some(Timestamp::from_micros(0)),
        until: Some(Timestamp::from_micros(1)),
    }
}

fn tenants() -> Vec<Call> {
    let key = || CreateApiKey {
        name: "Price list".to_owned(),
        role: "user".to_owned(),
        scopes: vec!["tenants:read".to_owned()],
        expires_at: Timestamp::from_micros(0),
        networks: None,
    };
    vec![
        call("tenants.list", |c| async move { c.tenants().list().await.map(items) }),
        call("tenants.current", |c| async move { c.tenants().current().await }),
        call("tenants.show", |c| async move { c.tenants().get(id()).await }),
        call("tenants.update", |c| async move { c.tenants().update(id(), &UpdateTenant::default()).await }),
        call("tenants.audit", move |c| async move { c.tenants().audit(id(), &filter()).await.map(items) }),
        call(
            "tenants.audit_export",
            move |c| async move { c.tenants().audit_export(id(), &filter()).await?.bytes().await },
        ),
        call("tenants.api_keys", |c| async move { c.tenants().api_keys(id()).await.map(items) }),
        call("tenants.create_api_key", move |c| async move { c.tenants().create_api_key(id(), &key()).await }),
        call("tenants.revoke_api_key", |c| async move { c.tenants().revoke_api_key(id(), id()).await }),
        call("tenants.support_access", |c| async move { c.tenants().support_accesses(id()).await.map(items) }),
        call("tenants.end_support_access", |c| async move { c.tenants().end_support_access(id(), id()).await }),
        call("tenants.list_users", |c| async move { c.tenants().users(id()).await.map(items) }),
        call("tenants.invite", |c| async move { c.tenants().invite(id(), "a@acme.example", Role::User).await }),
        call("tenants.invitations", |c| async move { c.tenants().invitations(id()).await.map(items) }),
        call("tenants.resend_invitation", |c| async move { c.tenants().resend_invitation(id(), id()).await }),
        call("tenants.revoke_invitation", |c| async move { c.tenants().revoke_invitation(id(), id()).await }),
        call("tenants.transfer", |c| async move { c.tenants().transfer(id(), id(), "SecurePass123").await }),
        call("tenants.change_role", |c| async move { c.tenants().change_role(id(), id(), Role::Admin).await }),
        call("tenants.remove_user", |c| async move { c.tenants().remove_user(id(), id()).await }),
    ]
}

fn billing() -> Vec<Call> {
    let checkout = || Checkout {
        plan_id: "019ab000-0000-7000-8000-000000000001".to_owned(),
        billing_period: "monthly".to_owned(),
        payment_provider: None,
        success_url: "https://app.acme.example/paid".to_owned(),
        cancel_url: "https://app.acme.example/prices".to_owned(),
    };
    let cancel = || CancelSubscription { reason: None, cancel_at_period_end: true };
    vec![
        call("billing.plans", |c| async move { c.billing().plans().await }),
        call("billing.subscription", |c| async move { c.billing().subscription().await }),
        call("billing.checkout", move |c| async move { c.billing().checkout(&checkout()).await }),
        call("billing.cancel", move |c| async move { c.billing().cancel(&cancel()).await }),
        call("billing.invoices", |c| async move { c.billing().invoices().await.map(items) }),
        call("billing.webhook", |c| async move { c.billing().webhook("sandbox", "signature", b"{}").await }),
    ]
}

fn provisioning() -> Vec<Call> {
    vec![
        call("provisioning.list", |c| async move { c.provisioning().list_all_types().await.map(items) }),
        call("provisioning.create", |c| async move { c.provisioning().create(JobType::CreateSite).await }),
        call("provisioning.show", |c| async move { c.provisioning().get(id()).await }),
        call("provisioning.cancel", |c| async move { c.provisioning().cancel(id()).await }),
        call("provisioning.retry", |c| async move { c.provisioning().retry(id()).await }),
    ]
}

fn backups() -> Vec<Call> {
    let link = || BackupLink {
        url: "https://api.example/api/v1/backups/download/token".to_owned(),
        file_name: "acme.tar.gz".to_owned(),
        expires_at: Timestamp::from_micros(0),
    };
    vec![
        call("backups.list", |c| async move { c.backups().list().await.map(items) }),
        call("backups.link", |c| async move { c.backups().link(id()).await }),
        call("backups.download", move |c| async move {
            let bytes = c.backups().download(&link()).await?.bytes().await?;
            Ok(String::from_utf8(bytes).expect("the sample is text"))
        }),
    ]
}

fn sso() -> Vec<Call> {
    let callback = || SsoCallback { token: "token/?".to_owned(), redirect: Some("/app/item".to_owned()) };
    vec![
        call("sso.token", |c| async move { c.sso().token().await }),
        call("sso.token_alias", |c| async move { c.sso().token_alias().await }),
        call("sso.callback_post", move |c| async move { c.sso().redeem(&callback(), Some("key")).await }),
        call("sso.callback_get", move |c| async move { c.sso().redeem_by_get(&callback(), Some("key")).await }),
        call("sso.support_access", |c| async move { c.sso().support_access(id(), Some("key")).await }),
        call("sso.validate", |c| async move { c.sso().validate("token").await }),
    ]
}

fn notifications() -> Vec<Call> {
    vec![
        call("notifications.list", |c| async move {
            let page = c.notifications().list().await?;
            Ok(json!({"notifications": page.items, "unread": "by its own method"}))
        }),
        call("notifications.read", |c| async move { c.notifications().read(id()).await }),
        call("notifications.read_all", |c| async move { c.notifications().read_all().await }),
    ]
}

fn operator() -> Vec<Call> {
    vec![
        call("operator.tenants", |c| async move { c.operator().tenants(Some("acme")).await.map(items) }),
        call("operator.show_tenant", |c| async move { c.operator().tenant(id()).await }),
        call("operator.start_access", |c| async move { c.operator().start_access(id(), "a question", 30).await }),
        call("operator.end_access", |c| async move { c.operator().end_access(id(), id()).await }),
        call("operator.jobs", |c| async move { c.operator().jobs(Some("failed")).await.map(items) }),
        call("operator.audit", |c| async move { c.operator().audit(Some(id()), &filter()).await.map(items) }),
        call("operator.audit_export", |c| async move {
            c.operator().audit_export(Some(id()), &filter()).await?.bytes().await
        }),
        call("operator.summary", |c| async move { c.operator().summary().await }),
    ]
}
