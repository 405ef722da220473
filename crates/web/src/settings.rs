//! `/settings`: the person's account, the company and its members.

mod account;
mod company;
mod members;
mod two_factor;

use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};

use crate::Web;

pub(crate) fn router() -> Router<Web> {
    Router::new()
        .route("/settings", get(async || Redirect::to("/settings/account")))
        .route("/settings/account", get(account::show).post(account::update))
        .route("/settings/account/password", post(account::change_password))
        .route("/settings/account/sessions", post(account::end_sessions))
        .route("/settings/two-factor", get(two_factor::show))
        .route("/settings/two-factor/begin", post(two_factor::begin))
        .route("/settings/two-factor/activate", post(two_factor::activate))
        .route("/settings/two-factor/codes", post(two_factor::renew))
        .route("/settings/two-factor/disable", post(two_factor::disable))
        .route("/settings/company", get(company::show).post(company::update))
        .route("/settings/members", get(members::show).post(members::invite))
        .route("/settings/members/{user}/role", post(members::change_role))
        .route("/settings/members/{user}/remove", post(members::remove))
        .route("/settings/invitations/{invitation}/resend", post(members::resend))
        .route("/settings/invitations/{invitation}/revoke", post(members::revoke))
}
