//! Accounts and sessions.

mod accept_invitation;
mod change_password;
mod confirm;
mod end_session;
mod end_sessions;
mod forgot_password;
mod login;
mod login_second_factor;
mod logout;
mod look_at_invitation;
mod me;
mod refresh;
mod register;
mod resend_verification;
mod reset_password;
mod sessions;
mod switch_tenant;
mod two_factor;
mod update_me;
mod verify_email;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(login::login))
        .routes(routes!(login_second_factor::login_second_factor))
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::logout))
        .routes(routes!(confirm::confirm))
        .routes(routes!(change_password::change))
        .routes(routes!(forgot_password::forgot_password))
        .routes(routes!(reset_password::reset_password))
        .routes(routes!(verify_email::verify_email))
        .routes(routes!(resend_verification::resend_verification))
        .routes(routes!(sessions::list, end_sessions::end_others))
        .routes(routes!(end_session::end))
        .routes(routes!(look_at_invitation::look))
        .routes(routes!(accept_invitation::accept))
        .routes(routes!(me::me, update_me::update_me))
        .routes(routes!(switch_tenant::switch_tenant))
        .merge(two_factor::router())
}
