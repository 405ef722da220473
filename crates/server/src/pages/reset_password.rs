//! `/forgot-password` and `/reset-password`: asking for a link, and the button behind it.

use axum::extract::Query;
use axum::response::Response;
use erpmax_core::Error;
use erpmax_core::auth::proof;
use erpmax_types::mail::MailPurpose;
use erpmax_types::proof::{ForgotPassword, ResetPassword};

use super::{Link, Next, Page, Typed, View};
use crate::extract::FormBody;

/// `GET /forgot-password`.
pub(super) async fn ask(page: Page) -> Response {
    page.show(&forgotten(&page, ""))
}

/// `POST /forgot-password`.
pub(super) async fn forgot(FormBody(page, request): FormBody<ForgotPassword>) -> Response {
    let asked = proof::forgot(&page.app.core, &request, &page.origin).await;
    page.answer(asked, "forgot_password_done", || forgotten(&page, &request.email))
}

/// `GET /reset-password`.
pub(super) async fn show(page: Page, Query(link): Query<Link>) -> Response {
    match proof::look(&page.app.core, &link.token, MailPurpose::ResetPassword).await {
        Ok(address) => page.show(&anew(&page, &link.token, &address)),
        Err(problem) => ask_again(&page, &problem),
    }
}

/// `POST /reset-password`.
pub(super) async fn reset(FormBody(page, request): FormBody<ResetPassword>) -> Response {
    let address = match proof::look(&page.app.core, &request.token, MailPurpose::ResetPassword).await {
        Ok(address) => address,
        Err(problem) => return ask_again(&page, &problem),
    };
    let set = proof::reset(&page.app.core, &request, &page.origin).await;
    page.answer(set.map(drop), "reset_password_done", || anew(&page, &request.token, &address))
}

fn ask_again(page: &Page, problem: &Error) -> Response {
    let label = page.say("forgot_password.button");
    page.refuse_towards(problem, Some(Next { address: "/forgot-password".to_owned(), label, at_once: false }))
}

fn forgotten(page: &Page, typed: &str) -> View {
    let mut form = page.form("forgot_password", "/forgot-password");
    form.fields = vec![page.field("email", &Typed::Email(typed))];
    View { forms: vec![form], ..page.view("forgot_password") }
}

fn anew(page: &Page, token: &str, address: &str) -> View {
    let mut form = page.form("reset_password", "/reset-password");
    form.hidden = vec![("token", token.to_owned())];
    form.fields = vec![page.field("new_password", &Typed::NewPassword)];
    View { forms: vec![form], ..page.view_with("reset_password", &[("address", address.into())]) }
}
