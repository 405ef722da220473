//! `GET /sso/erpnext/support-access/{id}`, called by sites.

use axum::extract::State;
use axum::http::HeaderMap;
use erpmax_core::sso;
use erpmax_types::Success;
use erpmax_types::operator::SupportAccessStanding;
use tracing::instrument;

use super::callback::site_key;
use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::InPath;

/// Ask whether a temporary user may stay.
///
/// A site asks before it shows such a user anything: an access ends early when an operator or the owner ends it, and its user has to
/// go at once. Every no is 404.
#[utoipa::path(
    get,
    path = "/sso/erpnext/support-access/{id}",
    tag = "sso",
    operation_id = "sso.support_access",
    params(
        ("id" = String, Path, description = "The temporary user's id, which is that of the access"),
        ("X-ERPMax-Site-Key" = Option<String>, Header, description = "The site's own key"),
    ),
    responses((status = 200, description = "Yes", body = Success<SupportAccessStanding>)),
    extensions(("x-error-codes" = json!(["not_found"]))),
)]
#[instrument(name = "sso.support_access", skip_all)]
pub(crate) async fn support_access(
    State(app): State<App>,
    headers: HeaderMap,
    InPath(access): InPath<String>,
) -> ApiResult<Data<SupportAccessStanding>> {
    Ok(data(sso::support_access(&app.core, &access, site_key(&headers)).await?))
}
