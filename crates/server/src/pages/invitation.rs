//! `/invitation`: the button behind the link of an invitation.

use axum::extract::Query;
use axum::response::Response;
use erpmax_core::Error;
use erpmax_core::auth::invitation;
use erpmax_types::ErrorCode;
use erpmax_types::tenants::{AcceptInvitation, InvitationLook, InvitationNeeds};
use serde::Deserialize;

use super::{Form, Link, Page, Typed, View};
use crate::extract::FormBody;

const PATH: &str = "/invitation";

/// The fields of all forms.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    token: String,
    full_name: Option<String>,
    password: Option<String>,
    new_password: Option<String>,
}

/// `GET /invitation`.
pub(super) async fn show(page: Page, Query(link): Query<Link>) -> Response {
    match invitation::look(&page.app.core, &link.token, &page.origin).await {
        Ok(look) => page.show(&view(&page, &look, &link.token, "")),
        Err(problem) => refuse(&page, &problem),
    }
}

/// `POST /invitation`.
pub(super) async fn accept(FormBody(page, fields): FormBody<Fields>) -> Response {
    let core = &page.app.core;
    let look = match invitation::look(core, &fields.token, &page.origin).await {
        Ok(look) => look,
        Err(problem) => return refuse(&page, &problem),
    };
    let name = fields.full_name.clone().unwrap_or_default();
    let request = AcceptInvitation {
        token: fields.token.clone(),
        full_name: fields.full_name,
        password: fields.password,
        new_password: fields.new_password,
    };
    match invitation::accept_without_session(core, &request, &page.origin).await {
        Ok(()) => {
            let arguments = [("company", look.company.into()), ("email", look.email.into())];
            page.show(&page.view_with("invitation_accepted", &arguments))
        }
        Err(problem) if problem.code() == ErrorCode::InvalidToken => refuse(&page, &problem),
        Err(problem) => page.answer(Err(problem), "refused", || view(&page, &look, &fields.token, &name)),
    }
}

/// A link that is good no more may have done its work.
fn refuse(page: &Page, problem: &Error) -> Response {
    match problem.code() {
        ErrorCode::InvalidToken => page.show_as(axum::http::StatusCode::BAD_REQUEST, &page.view("invitation_gone")),
        _ => page.refuse(problem),
    }
}

fn view(page: &Page, look: &InvitationLook, token: &str, name: &str) -> View {
    let role = |role: erpmax_types::users::Role| page.say(&format!("role_{role}"));
    let arguments = [
        ("company", look.company.as_str().into()),
        ("inviter", look.inviter.as_str().into()),
        ("inviter_role", role(look.inviter_role).into()),
        ("role", role(look.role).into()),
        ("email", look.email.as_str().into()),
    ];
    View { forms: forms(page, look.needs, token, name), ..page.view_with("invitation", &arguments) }
}

fn forms(page: &Page, needs: InvitationNeeds, token: &str, name: &str) -> Vec<Form> {
    let form = |message: &str| Form {
        text: Some(page.say(message)),
        hidden: vec![("token", token.to_owned())],
        ..page.form(message, PATH)
    };
    let known =
        || Form { fields: vec![page.field("password", &Typed::PresentPassword)], ..form("invitation_password") };
    match needs {
        InvitationNeeds::Nothing => vec![form("invitation_join")],
        InvitationNeeds::Password => vec![known()],
        InvitationNeeds::Account => {
            let fields = vec![page.field("full_name", &Typed::Name(name)), page.field("password", &Typed::NewPassword)];
            vec![Form { fields, ..form("invitation_account") }]
        }
        InvitationNeeds::AnyPassword => {
            let fields = vec![page.field("new_password", &Typed::NewPassword)];
            vec![known(), Form { fields, quiet: true, ..form("invitation_anew") }]
        }
    }
}
