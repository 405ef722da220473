//! Companies and their members.

mod api_keys;
mod audit;
mod audit_export;
mod change_role;
mod current;
mod end_support_access;
mod invitations;
mod invite;
mod list;
mod list_users;
mod remove_user;
mod resend_invitation;
mod revoke_invitation;
mod show;
mod support_access;
mod transfer;
mod update;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::App;

pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list))
        .routes(routes!(current::current))
        .routes(routes!(show::show, update::update))
        .routes(routes!(list_users::list_users))
        .routes(routes!(audit::list))
        .routes(routes!(audit_export::export))
        .routes(routes!(api_keys::list::list, api_keys::create::create))
        .routes(routes!(api_keys::revoke::revoke))
        .routes(routes!(support_access::support_access))
        .routes(routes!(end_support_access::end_support_access))
        .routes(routes!(invite::invite))
        .routes(routes!(invitations::list))
        .routes(routes!(revoke_invitation::revoke))
        .routes(routes!(resend_invitation::resend))
        .routes(routes!(transfer::transfer))
        .routes(routes!(change_role::change_role, remove_user::remove_user))
}
