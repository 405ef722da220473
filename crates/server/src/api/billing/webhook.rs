//! `POST /billing/webhook/{provider}`.

use axum::extract::State;
use axum::http::HeaderMap;
use erpmax_core::billing;
use erpmax_types::Success;
use erpmax_types::envelope::Done;
use tracing::instrument;

use crate::App;
use crate::envelope::{Data, data};
use crate::error::ApiResult;
use crate::extract::{InPath, Raw};

const SIGNATURE: &str = "x-erpmax-signature";

/// Receive a provider's event.
///
/// Takes a payment provider's event in: verified over the raw body, kept once, worked through afterwards.
#[utoipa::path(
    post,
    path = "/billing/webhook/{provider}",
    tag = "billing",
    operation_id = "billing.webhook",
    request_body(content = Object, description = "What the provider sends, signed as it is"),
    params(("provider" = String, Path, description = "The provider's name"), ("X-ERPMax-Signature" = Option<String>, Header, description = "The sandbox's signature")),
    responses((status = 200, description = "Kept", body = Success<Done>)),
    extensions(("x-error-codes" = json!(["invalid_signature", "not_found"]))),
)]
#[instrument(name = "billing.webhook", skip_all)]
pub(crate) async fn webhook(
    State(app): State<App>,
    InPath(provider): InPath<String>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> ApiResult<Data<Done>> {
    let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
    billing::webhook::receive(&app.core, &provider, signature, &body).await?;
    Ok(data(Done {}))
}
