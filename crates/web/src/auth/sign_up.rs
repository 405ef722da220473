//! `/sign-up`: a company, its owner, and its site right after.

use askama::Template;
use axum::Form;
use axum::http::StatusCode;
use axum::response::Response;
use erpmax_client::types::ErrorCode;
use erpmax_client::types::provisioning::JobType;
use erpmax_client::types::users::Register;
use erpmax_client::{ApiClient, Error};
use serde::Deserialize;

use crate::page::{Failure, Field, Frame, Page, Problems};
use crate::words::key;

/// What is typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct SignUp {
    full_name: String,
    company_name: String,
    email: String,
    password: String,
}

#[derive(Template)]
#[template(path = "auth/sign_up.html")]
pub(crate) struct SignUpPage {
    pub(crate) frame: Frame,
    pub(crate) problem: Option<String>,
    pub(crate) fields: Vec<Field>,
    /// The address of a site, with `{company}` in the place of its word.
    pub(crate) site_url: String,
}

/// `GET /sign-up`.
pub(crate) async fn show(page: Page) -> Response {
    page.show(&view(&page, &SignUp::default(), &Problems::default()))
}

/// `POST /sign-up`: registers, and has the site built.
pub(crate) async fn sign_up(page: Page, Form(typed): Form<SignUp>) -> Result<Response, Failure> {
    let (client, session) = page.stranger()?;
    let register = Register {
        email: typed.email.clone(),
        password: typed.password.clone(),
        full_name: typed.full_name.clone(),
        company_name: typed.company_name.clone(),
    };
    match client.auth().register(&register).await {
        Ok(_) => page.enter(session, &first_page(&client).await),
        Err(error) => {
            let problems = page.problems(error)?;
            Ok(page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &view(&page, &typed, &problems)))
        }
    }
}

/// The site's progress; where the address has to be proven first, or the site cannot be asked for now, the first page, which says so.
async fn first_page(client: &ApiClient) -> String {
    match client.provisioning().create(JobType::CreateSite).await {
        Ok(job) => format!("/jobs/{}", job.id),
        Err(error) => {
            if !is_unproven(&error) {
                tracing::warn!(%error, "A site could not be asked for after a registration");
            }
            "/".to_owned()
        }
    }
}

/// Whether the address has to be proven first.
pub(crate) fn is_unproven(error: &Error) -> bool {
    error.refusal().is_some_and(|refusal| refusal.code == Some(ErrorCode::EmailNotVerified))
}

fn view(page: &Page, typed: &SignUp, problems: &Problems) -> SignUpPage {
    let fields = [
        page.field("full_name", key::FIELD_FULL_NAME, "text", "name").with(&typed.full_name),
        page.field("company_name", key::FIELD_COMPANY, "text", "organization").with(&typed.company_name).helped("site"),
        page.field("email", key::FIELD_EMAIL, "email", "email").with(&typed.email),
        page.field("password", key::FIELD_PASSWORD, "password", "new-password")
            .hinted(page.words.say(key::PASSWORD_HINT))
            .helped("strength"),
    ];
    SignUpPage {
        frame: page.frame(page.words.say(key::SIGN_UP_TITLE)),
        problem: problems.message.clone(),
        fields: fields.map(|field| field.marked(problems)).into(),
        site_url: page.web.settings.site_url.clone(),
    }
}
