//! Whether this node lives, and whether it can serve.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use erpmax_types::ErrorCode;
use serde_json::json;

use crate::App;
use crate::envelope::{failure, language_of};

/// How long the database may take to answer; probes do not wait much longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /health/live`: the process answers.
pub(crate) async fn live() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// `GET /health/ready`: the database answers, too, and nobody has asked this node to stop.
pub(crate) async fn ready(State(app): State<App>, headers: HeaderMap) -> Response {
    let database = tokio::time::timeout(PATIENCE, app.core.store().is_reachable()).await.unwrap_or(false);
    if database && !app.is_draining() {
        return Json(json!({"status": "ok"})).into_response();
    }
    let mut body = json!(failure(&language_of(&headers), ErrorCode::Unavailable));
    body["reason"] = json!(if database { "draining" } else { "database" });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}
