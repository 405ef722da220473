//! `/settings/two-factor`: an authenticator app for the account.

use askama::Template;
use axum::Form;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use erpmax_client::Error;
use serde::Deserialize;

use crate::page::{Failure, Field, Frame, Problems, SignedIn};
use crate::words::key;

const PATH: &str = "/settings/two-factor";

/// What is typed, whichever form it is.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    password: String,
    code: String,
    /// Of a secret that was made before.
    secret: String,
    otpauth_url: String,
}

/// What the page asks for, or shows.
enum Stage {
    /// There is none: the password begins.
    Off,
    /// A secret for the app; the first code activates it.
    Begun { secret: String, otpauth_url: String },
    /// Codes to be kept, shown this once.
    Codes(Vec<String>),
    /// It is on: password and code switch it off.
    On { recovery_codes: u32 },
}

#[derive(Template)]
#[template(path = "settings/two_factor.html")]
pub(crate) struct TwoFactorPage {
    frame: Frame,
    problem: Option<String>,
    password: Field,
    code: Field,
    stage: Stage,
}

/// `GET /settings/two-factor`.
pub(crate) async fn show(signed: SignedIn) -> Result<Response, Failure> {
    let stage = stage(&signed).await?;
    Ok(signed.page.show(&view(&signed, stage, &Problems::default())))
}

/// `POST /settings/two-factor/begin`.
pub(crate) async fn begin(signed: SignedIn, Form(typed): Form<Typed>) -> Result<Response, Failure> {
    match signed.client.auth().two_factor().begin(&typed.password).await {
        Ok(begun) => {
            let stage = Stage::Begun { secret: begun.secret, otpauth_url: begun.otpauth_url };
            Ok(signed.page.show(&view(&signed, stage, &Problems::default())))
        }
        Err(error) => again(&signed, stage(&signed).await?, error),
    }
}

/// `POST /settings/two-factor/activate`.
pub(crate) async fn activate(signed: SignedIn, Form(typed): Form<Typed>) -> Result<Response, Failure> {
    match signed.client.auth().two_factor().activate(&typed.code).await {
        Ok(codes) => Ok(signed.page.show(&view(&signed, Stage::Codes(codes.recovery_codes), &Problems::default()))),
        Err(error) => {
            // It comes from the page before; nothing else is made a link.
            let otpauth_url = Some(typed.otpauth_url).filter(|url| url.starts_with("otpauth://")).unwrap_or_default();
            again(&signed, Stage::Begun { secret: typed.secret, otpauth_url }, error)
        }
    }
}

/// `POST /settings/two-factor/codes`: new recovery codes in place of the old ones.
pub(crate) async fn renew(signed: SignedIn, Form(typed): Form<Typed>) -> Result<Response, Failure> {
    match signed.client.auth().two_factor().recovery_codes(&typed.password, &typed.code).await {
        Ok(codes) => Ok(signed.page.show(&view(&signed, Stage::Codes(codes.recovery_codes), &Problems::default()))),
        Err(error) => again(&signed, stage(&signed).await?, error),
    }
}

/// `POST /settings/two-factor/disable`.
pub(crate) async fn disable(signed: SignedIn, Form(typed): Form<Typed>) -> Result<Response, Failure> {
    match signed.client.auth().two_factor().disable(&typed.password, &typed.code).await {
        Ok(_) => Ok(Redirect::to(PATH).into_response()),
        Err(error) => again(&signed, stage(&signed).await?, error),
    }
}

async fn stage(signed: &SignedIn) -> Result<Stage, Failure> {
    let state = signed.client.auth().two_factor().status().await?;
    Ok(if state.is_active { Stage::On { recovery_codes: state.recovery_codes } } else { Stage::Off })
}

fn again(signed: &SignedIn, stage: Stage, error: Error) -> Result<Response, Failure> {
    let problems = signed.page.problems(error)?;
    Ok(signed.page.show_as(StatusCode::UNPROCESSABLE_ENTITY, &view(signed, stage, &problems)))
}

fn view(signed: &SignedIn, stage: Stage, problems: &Problems) -> TwoFactorPage {
    let page = &signed.page;
    let code = page.field("code", key::FIELD_CODE, "text", "one-time-code");
    TwoFactorPage {
        frame: signed.frame(page.words.say(key::TWO_FACTOR_TITLE)),
        problem: problems.message.clone(),
        password: page.field("password", key::FIELD_PASSWORD, "password", "current-password").marked(problems),
        code: code.hinted(page.words.say(key::CODE_HINT)).marked(problems),
        stage,
    }
}
