//! Whether this node lives, and whether it can serve.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::App;

/// `GET /health/live`: the process answers.
pub(crate) async fn live() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// `GET /health/ready`: the database answers, too, and nobody has asked this node to stop.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    let database = app.core.store().is_reachable().await;
    if database && !app.is_draining() {
        Json(json!({"status": "ok"})).into_response()
    } else {
        let reason = if database { "draining" } else { "database" };
        (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "unavailable", "reason": reason}))).into_response()
    }
}
