//! `/verify-email` and `/change-email`: the buttons behind the links that prove an address.

use axum::extract::Query;
use axum::response::Response;
use erpmax_core::auth::proof;
use erpmax_types::mail::MailPurpose;
use erpmax_types::proof::VerifyEmail;
use serde::Deserialize;

use super::{Link, Page, Typed, View};
use crate::extract::FormBody;

/// The fields of both forms.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    token: String,
    password: Option<String>,
    new_password: Option<String>,
}

impl From<Fields> for VerifyEmail {
    fn from(fields: Fields) -> Self {
        Self { token: fields.token, password: fields.password, new_password: fields.new_password }
    }
}

/// `GET /verify-email`.
pub(super) async fn show(page: Page, Query(link): Query<Link>) -> Response {
    show_form(&page, &link.token, MailPurpose::VerifyAddress).await
}

/// `GET /change-email`.
pub(super) async fn show_change(page: Page, Query(link): Query<Link>) -> Response {
    show_form(&page, &link.token, MailPurpose::ChangeAddress).await
}

/// `POST /verify-email`.
pub(super) async fn verify(FormBody(page, fields): FormBody<Fields>) -> Response {
    carry_out(&page, fields, MailPurpose::VerifyAddress, "verify_email_done").await
}

/// `POST /change-email`.
pub(super) async fn verify_change(FormBody(page, fields): FormBody<Fields>) -> Response {
    carry_out(&page, fields, MailPurpose::ChangeAddress, "change_email_done").await
}

async fn show_form(page: &Page, token: &str, purpose: MailPurpose) -> Response {
    match proof::look(&page.app.core, token, purpose).await {
        Ok(address) => page.show(&form_of(page, purpose, token, &address)),
        Err(problem) => page.refuse(&problem),
    }
}

async fn carry_out(page: &Page, fields: Fields, purpose: MailPurpose, done: &str) -> Response {
    let token = fields.token.clone();
    let address = match proof::look(&page.app.core, &token, purpose).await {
        Ok(address) => address,
        Err(problem) => return page.refuse(&problem),
    };
    let verified = proof::verify(&page.app.core, None, &fields.into(), &page.origin).await;
    page.answer(verified.map(drop), done, || form_of(page, purpose, &token, &address))
}

fn form_of(page: &Page, purpose: MailPurpose, token: &str, address: &str) -> View {
    match purpose {
        MailPurpose::ChangeAddress => change(page, token, address),
        _ => first_proof(page, token, address),
    }
}

/// With the password, or with a new one.
fn first_proof(page: &Page, token: &str, address: &str) -> View {
    let hidden = || vec![("token", token.to_owned())];
    let mut known = page.form("verify_email", "/verify-email");
    known.hidden = hidden();
    known.fields = vec![page.field("password", &Typed::PresentPassword)];
    let mut new = page.form("verify_email_anew", "/verify-email");
    new.hidden = hidden();
    new.text = Some(page.say("verify_email_anew"));
    new.fields = vec![page.field("new_password", &Typed::NewPassword)];
    new.quiet = true;
    View { forms: vec![known, new], ..page.view_with("verify_email", &[("address", address.into())]) }
}

fn change(page: &Page, token: &str, address: &str) -> View {
    let mut form = page.form("change_email", "/change-email");
    form.hidden = vec![("token", token.to_owned())];
    form.fields = vec![page.field("password", &Typed::PresentPassword)];
    View { forms: vec![form], ..page.view_with("change_email", &[("address", address.into())]) }
}
