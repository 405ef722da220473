//! Every answer of the control plane bears a request id, always one of ours; log lines and support speak of it.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use erpmax_types::EventId;

use crate::App;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request at hand; in its extensions.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestId(String);

impl RequestId {
    pub(crate) fn of(request: &Request) -> Self {
        request.extensions().get().cloned().unwrap_or_default()
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Gives the request its id; what [`say`] says it with.
pub(crate) fn give(app: &App, request: &mut Request) -> Option<HeaderValue> {
    let id = app.core.id::<EventId>().to_string();
    let header = HeaderValue::from_str(&id).ok();
    request.extensions_mut().insert(RequestId(id));
    header
}

/// Says the id with the answer.
pub(crate) fn say(id: Option<HeaderValue>, headers: &mut HeaderMap) {
    if let Some(id) = id {
        headers.insert(REQUEST_ID, id);
    }
}
