//! Signing up, in and out.

pub(crate) mod code;
pub(crate) mod sign_in;
pub(crate) mod sign_up;

use axum::response::{IntoResponse, Redirect, Response};
use erpmax_client::Error;

use crate::page::{Failure, Page, SignedIn, with_cookie};

/// `POST /sign-out`: ends the session, also where the server does not know it any more.
pub(crate) async fn sign_out(page: Page) -> Result<Response, Failure> {
    if let (Some(session), Some(ticket)) = (&page.session, &page.ticket) {
        match page.client_of(session)?.auth().logout().await {
            Ok(()) | Err(Error::Unauthorized(_)) => {}
            Err(error) => return Err(error.into()),
        }
        page.web.sessions.forget(ticket.id);
    }
    Ok(with_cookie(Redirect::to("/sign-in").into_response(), &page.web.cookies.end()))
}

/// `POST /verify-email/resend`.
pub(crate) async fn resend_verification(SignedIn { client, .. }: SignedIn) -> Result<Redirect, Failure> {
    client.auth().resend_verification().await?;
    Ok(Redirect::to("/?sent"))
}
