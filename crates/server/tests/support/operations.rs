//! The operations of the OpenAPI document, and a valid request for each.

use axum::http::Method;
use serde_json::{Value, json};

use super::person::{Call, Person};
use super::postbox::Letter;
use super::{PASSWORD, random_id};

/// An operation of the document.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    /// With `{names}` in it.
    pub(crate) path: String,
    has_body: bool,
}

/// What requests speak of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ids {
    pub(crate) tenant: String,
    pub(crate) user: String,
    /// A failed job.
    pub(crate) failed_job: String,
    /// A job that waits.
    pub(crate) pending_job: String,
    pub(crate) notification: String,
    /// A living session.
    pub(crate) session: String,
    /// A living API key.
    pub(crate) api_key: String,
    /// An archive, and the token of a link to one.
    pub(crate) backup: String,
    pub(crate) backup_token: String,
    pub(crate) checkout: String,
    pub(crate) pass: String,
    pub(crate) refresh_token: String,
    pub(crate) email: String,
    pub(crate) password: String,
    /// Of a sign-in whose password was right.
    pub(crate) challenge: String,
    /// A waiting invitation into `tenant`, and the token of one.
    pub(crate) invitation: String,
    pub(crate) invitation_token: String,
    /// Of a link in a mail, for what the operation asks.
    pub(crate) mail_token: String,
    /// A support access.
    pub(crate) access: String,
    /// Not varied: a good code of the second factor.
    pub(crate) code: String,
    /// Not varied: a plan, the site's key, and a webhook of `checkout`.
    pub(crate) plan: String,
    pub(crate) site_key: String,
    pub(crate) letter: Letter,
}

/// A name of [`Ids`] and its place.
pub(crate) type Slot = (&'static str, fn(&mut Ids) -> &mut String);

/// What is varied, one after the other.
pub(crate) const SLOTS: [Slot; 18] = [
    ("tenant", |ids| &mut ids.tenant),
    ("user", |ids| &mut ids.user),
    ("failed_job", |ids| &mut ids.failed_job),
    ("pending_job", |ids| &mut ids.pending_job),
    ("notification", |ids| &mut ids.notification),
    ("session", |ids| &mut ids.session),
    ("api_key", |ids| &mut ids.api_key),
    ("backup", |ids| &mut ids.backup),
    ("backup_token", |ids| &mut ids.backup_token),
    ("checkout", |ids| &mut ids.checkout),
    ("pass", |ids| &mut ids.pass),
    ("refresh_token", |ids| &mut ids.refresh_token),
    ("email", |ids| &mut ids.email),
    ("challenge", |ids| &mut ids.challenge),
    ("invitation", |ids| &mut ids.invitation),
    ("invitation_token", |ids| &mut ids.invitation_token),
    ("mail_token", |ids| &mut ids.mail_token),
    ("access", |ids| &mut ids.access),
];

/// A request, ready to be sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) query: Vec<(&'static str, String)>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<String>,
}

/// All operations of the document.
pub(crate) fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(erpmax_server::openapi::document()).expect("the document is JSON");
    let paths = document["paths"].as_object().expect("paths").clone();
    let of_path = |(path, item): (String, Value)| {
        let item = item.as_object().expect("an object").clone();
        item.into_iter().map(move |(method, operation)| Operation {
            id: operation["operationId"].as_str().expect("an id").to_owned(),
            method: method.to_uppercase().parse().expect("a method"),
            path: path.clone(),
            has_body: operation.get("requestBody").is_some(),
        })
    };
    paths.into_iter().flat_map(of_path).collect()
}

impl Operation {
    /// A valid request with these ids. A new operation has to be taught here.
    pub(crate) fn request(&self, ids: &Ids) -> Request {
        let path = self.path.split('/').map(|part| match part.strip_prefix('{') {
            Some(name) => self.path_value(name.trim_end_matches('}'), ids),
            None => part,
        });
        let mut request = Request { path: path.collect::<Vec<_>>().join("/"), ..Request::default() };
        match self.id.as_str() {
            "sso.callback_get" => request.query.push(("token", ids.pass.clone())),
            "billing.webhook" => {
                request.headers.push(("x-erpmax-signature", ids.letter.signature.clone()));
                request.body = Some(with_checkout(&ids.letter, &ids.checkout));
            }
            _ => request.body = self.body(ids).map(|body| body.to_string()),
        }
        if self.id.starts_with("sso.callback") || self.id == "sso.support_access" {
            request.headers.push(("x-erpmax-site-key", ids.site_key.clone()));
        }
        request
    }

    fn path_value<'a>(&self, name: &str, ids: &'a Ids) -> &'a str {
        match (self.id.as_str(), name) {
            ("provisioning.cancel", "id") => &ids.pending_job,
            ("provisioning.show" | "provisioning.retry", "id") => &ids.failed_job,
            ("backups.link", "id") => &ids.backup,
            ("backups.download", "token") => &ids.backup_token,
            ("auth.end_session", "id") => &ids.session,
            ("tenants.revoke_api_key", "key_id") => &ids.api_key,
            ("notifications.read", "id") => &ids.notification,
            ("sso.support_access", "id") | (_, "access_id") => &ids.access,
            (id, "id") if id.starts_with("tenants.") || id.starts_with("operator.") => &ids.tenant,
            (tenants, "invitation_id") if tenants.starts_with("tenants.") => &ids.invitation,
            (tenants, "user_id") if tenants.starts_with("tenants.") => &ids.user,
            ("billing.webhook", "provider") => "sandbox",
            ("sso.validate", "token") => &ids.pass,
            (id, _) => panic!("no valid {name} is known for {id}"),
        }
    }

    fn body(&self, ids: &Ids) -> Option<Value> {
        if !self.has_body {
            return None;
        }
        Some(match self.id.as_str() {
            "auth.register" => json!({"email": format!("new@{}.example", random_id()), "password": PASSWORD,
                "full_name": "New Owner", "company_name": format!("Company {}", random_id())}),
            "auth.login" => json!({"email": ids.email, "password": ids.password}),
            "auth.verify_email" => json!({"token": ids.mail_token, "password": ids.password}),
            "auth.reset_password" => json!({"token": ids.mail_token, "new_password": PASSWORD}),
            // Whether there is an account is answered in no other way.
            "auth.forgot_password" => json!({"email": format!("new@{}.example", random_id())}),
            "auth.update_me" => json!({"language": "en"}),
            "auth.change_password" => json!({"current_password": ids.password, "new_password": PASSWORD}),
            "auth.login_second_factor" => json!({"challenge": ids.challenge, "code": ids.code}),
            "auth.two_factor_activate" => json!({"code": ids.code}),
            "auth.two_factor_disable" | "auth.two_factor_recovery_codes" => {
                json!({"password": ids.password, "code": ids.code})
            }
            "auth.confirm" | "auth.two_factor_begin" => json!({"password": ids.password}),
            "auth.look_at_invitation" => json!({"token": ids.invitation_token}),
            "auth.accept_invitation" => json!({"token": ids.invitation_token, "full_name": "New Colleague",
                "password": PASSWORD}),
            "auth.refresh" => json!({"refresh_token": ids.refresh_token}),
            "auth.switch_tenant" => json!({"tenant_id": ids.tenant}),
            "tenants.update" => json!({"settings": {"language": "en"}}),
            "tenants.invite" => json!({"email": format!("new@{}.example", random_id()), "role": "user"}),
            "tenants.create_api_key" => json!({"name": "Nightly backup", "role": "user", "scopes": ["jobs:read"],
                "expires_at": "2027-02-01T00:00:00Z"}),
            "tenants.transfer" => json!({"user_id": ids.user, "password": ids.password}),
            "tenants.change_role" => json!({"role": "user"}),
            "billing.checkout" => json!({"plan_id": ids.plan, "billing_period": "monthly",
                "payment_provider": "stripe", "success_url": "https://app.erpmax.com/billing/success",
                "cancel_url": "https://app.erpmax.com/billing/cancel"}),
            "billing.cancel" => json!({"reason": "We close the shop", "cancel_at_period_end": true}),
            "provisioning.create" => json!({"job_type": "delete_site"}),
            "operator.start_access" => json!({"reason": "Ticket 4711", "minutes": 5}),
            "sso.callback_post" => json!({"token": ids.pass, "redirect": "/app"}),
            id => panic!("no valid request is known for {id}"),
        })
    }
}

/// The webhook as if it spoke of another checkout; its signature fits only the one it was sent for.
fn with_checkout(letter: &Letter, checkout: &str) -> String {
    let mut event: Value = serde_json::from_str(&letter.body).expect("webhooks are JSON");
    if event["checkout"] == checkout {
        return letter.body.clone();
    }
    event["checkout"] = json!(checkout);
    event.to_string()
}

impl Request {
    /// The request as this person's, with the access token if there is one.
    pub(crate) fn call(&self, method: &Method, person: &Person, token: Option<&str>) -> Call {
        let pairs: Vec<String> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
        let mut call = person.bare(method.clone(), &format!("{}{query}", self.path));
        for (name, value) in &self.headers {
            call = call.header(*name, value);
        }
        if let Some(token) = token {
            call = call.bearer(token);
        }
        if *method == Method::GET {
            return call;
        }
        call.header("content-type", "application/json").body(self.body.clone().unwrap_or_default())
    }
}
