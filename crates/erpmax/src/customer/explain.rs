//! What went wrong between here and the server, as a sentence, the fields, and what to do next.

use erpmax_client::types::ErrorCode;
use erpmax_client::{Error, Refusal};

use super::table::clean;
use crate::failure::{Failure, Told};

/// Where signing in does not work for a program, or has ended.
pub(super) const SIGN_IN: &str = "Sign in first: erpmax login";

const REFUSED: u8 = 1;
const UNEXPECTED: u8 = 3;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // Whoever answered may not be an ERPMax.
        let sentence = clean(&error.to_string());
        let next = next(&error);
        let exit = match &error {
            Error::Invalid(_) => return Self::Use(sentence),
            Error::Server(_) | Error::Connection(_) | Error::Timeout | Error::Unexpected { .. } | Error::Store(_) => {
                UNEXPECTED
            }
            _ => REFUSED,
        };
        let told = Told { exit, sentence, next, ..Told::default() };
        Self::Told(Box::new(match error.refusal() {
            Some(refusal) => with(told, refusal),
            None => told,
        }))
    }
}

/// The request was refused, for a reason that is known here already.
pub(super) fn refused(sentence: impl Into<String>, next: &str) -> Failure {
    let next = Some(next.to_owned()).filter(|next| !next.is_empty());
    Failure::Told(Box::new(Told { exit: REFUSED, sentence: sentence.into(), next, ..Told::default() }))
}

fn with(told: Told, refusal: &Refusal) -> Told {
    let cleaned = |(field, problems): (&String, &Vec<String>)| {
        (clean(field), problems.iter().map(|problem| clean(problem)).collect())
    };
    // The challenge of a sign-in is as good as a password that was shown.
    let details = refusal.details.iter().filter(|(field, _)| *field != "challenge").map(cleaned).collect();
    let request_id = refusal.request_id.as_deref().filter(|_| told.exit == UNEXPECTED).map(clean);
    let code = Some(refusal.word.clone()).filter(|word| !word.is_empty());
    Told { details, code, request_id, ..told }
}

fn next(error: &Error) -> Option<String> {
    Some(match error {
        Error::Connection(_) | Error::Timeout => {
            "Is ERPMax running there? Another address is given with --api or ERPMAX_API.".to_owned()
        }
        Error::Unexpected { .. } => "Is it the address of an ERPMax? Another one is given with --api.".to_owned(),
        Error::RateLimited { retry_after: Some(time), .. } => {
            format!("Try again in {} seconds.", time.as_secs().max(1))
        }
        Error::Server(_) => "Try again later; whoever runs the server finds the request by its id.".to_owned(),
        other => step_after(other.code()?)?.to_owned(),
    })
}

fn step_after(code: ErrorCode) -> Option<&'static str> {
    Some(match code {
        ErrorCode::Unauthorized | ErrorCode::TokenExpired => SIGN_IN,
        ErrorCode::InvalidCredentials => "Look at address and password, and sign in again: erpmax login",
        ErrorCode::InvalidGrant => "It may have run out; sign in again: erpmax login",
        ErrorCode::EmailTaken => "Sign in to that account: erpmax login",
        ErrorCode::EmailNotVerified => "Open the link in the mail that was sent to your address.",
        ErrorCode::NotAMember => "Go to another company: erpmax tenant list, then erpmax tenant switch",
        ErrorCode::SecondFactorRequired => "Set a second factor up in the app, or by POST /auth/two-factor.",
        ErrorCode::Forbidden => "Ask an owner or admin of the company: erpmax user list",
        ErrorCode::PlanLimitReached | ErrorCode::SubscriptionInactive => {
            "Look at the plans and pay: erpmax plan list, then erpmax subscription checkout"
        }
        ErrorCode::SiteExists => "Open it: erpmax site open",
        ErrorCode::SiteMissing => "Have it built: erpmax site create",
        ErrorCode::JobNotRetryable | ErrorCode::JobNotCancellable => "See how it stands: erpmax job show",
        _ => return None,
    })
}
