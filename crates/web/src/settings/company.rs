//! `/settings/company`.

use askama::Template;
use axum::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use erpmax_client::types::tenants::UpdateTenant;
use serde::Deserialize;

use crate::page::{Failure, Field, Frame, Problems, SignedIn};
use crate::words::key;

/// What is typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    name: String,
}

#[derive(Template)]
#[template(path = "settings/company.html")]
pub(crate) struct CompanyPage {
    frame: Frame,
    problem: Option<String>,
    name: Field,
    may_act: bool,
}

/// `GET /settings/company`.
pub(crate) async fn show(signed: SignedIn) -> Result<Response, Failure> {
    let name = signed.tenant()?.name.clone();
    Ok(signed.page.show(&view(&signed, &name, &Problems::default())))
}

/// `POST /settings/company`.
pub(crate) async fn update(signed: SignedIn, Form(typed): Form<Typed>) -> Result<Response, Failure> {
    let update = UpdateTenant { name: Some(typed.name.clone()), settings: None };
    match signed.client.tenants().update(signed.tenant()?.id, &update).await {
        Ok(_) => Ok(Redirect::to("/settings/company").into_response()),
        Err(error) => {
            let problems = signed.page.problems(error)?;
            Ok(signed.page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &view(&signed, &typed.name, &problems)))
        }
    }
}

fn view(signed: &SignedIn, name: &str, problems: &Problems) -> CompanyPage {
    let page = &signed.page;
    CompanyPage {
        frame: signed.frame(page.words.say(key::COMPANY_TITLE)),
        problem: problems.message.clone(),
        name: page.field("name", key::FIELD_COMPANY, "text", "organization").with(name).marked(problems),
        may_act: signed.is_admin(),
    }
}
