//! `POST /tenants/{id}/api-keys`.

use axum::extract::State;
use axum::http::StatusCode;
use erpmax_core::tenants::api_keys;
use erpmax_types::Success;
use erpmax_types::api_keys::{ApiKeyCreated, CreateApiKey};
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{Body, IdempotencyKey, PathAdmin};

/// Make an API key.
///
/// A key for the tenant's programs, with a role, scopes, an end, and networks if they are known. Its text is in this answer and in no
/// other, or in the answer to the same request within 24 hours. Asks for the password of the last minutes.
#[utoipa::path(
    post,
    path = "/tenants/{id}/api-keys",
    tag = "tenants",
    operation_id = "tenants.create_api_key",
    request_body = CreateApiKey,
    params(("id" = String, Path, description = "The tenant's id"), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, description = "The key, shown this one time", body = Success<ApiKeyCreated>)),
    extensions(("x-error-codes" = json!(["unsupported_media_type", "validation_failed", "second_factor_required", "forbidden", "confirmation_required", "not_found", "conflict", "idempotency_mismatch"]))),
    security(("bearer" = [])),
)]
#[instrument(name = "tenants.create_api_key", skip_all)]
pub(crate) async fn create(
    State(app): State<App>,
    PathAdmin(admin): PathAdmin,
    key: IdempotencyKey,
    body: Body<CreateApiKey>,
) -> ApiResult<(StatusCode, Data<ApiKeyCreated>)> {
    let once = body.once(key, "tenants.create_api_key");
    let created = api_keys::create(&app.core, &admin, &body.value, once).await?;
    Ok((StatusCode::CREATED, data(created)))
}
