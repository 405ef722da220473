//! Between the sandbox and our own webhook: what was sent can be kept back, looked at, and delivered by the test.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Router, http};
use http_body_util::BodyExt;

const WEBHOOK: &str = "/api/v1/billing/webhook/sandbox";
const SIGNATURE: &str = "x-erpmax-signature";

/// A webhook as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) signature: String,
    pub(crate) body: String,
}

/// The webhooks that the sandbox sent.
#[derive(Clone, Default)]
pub(crate) struct Postbox {
    letters: Arc<Mutex<Vec<Letter>>>,
    closed: Arc<AtomicBool>,
}

impl Postbox {
    /// From now on webhooks are kept back.
    pub(crate) fn keep_back(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// The newest webhook.
    pub(crate) fn newest(&self) -> Letter {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).last().expect("a webhook was sent").clone()
    }

    /// The postbox in front of the control plane.
    pub(crate) fn before(&self, router: Router) -> Router {
        let postbox = self.clone();
        Router::new().fallback_service(router).layer(middleware::from_fn(move |request: Request, next: Next| {
            let postbox = postbox.clone();
            async move { postbox.pass(request, next).await }
        }))
    }

    async fn pass(&self, request: Request, next: Next) -> Response {
        if request.uri().path() != WEBHOOK {
            return next.run(request).await;
        }
        let (parts, body) = request.into_parts();
        let body = body.collect().await.expect("the body arrives").to_bytes();
        let signature = parts.headers.get(SIGNATURE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let letter = Letter { signature: signature.to_owned(), body: String::from_utf8_lossy(&body).into_owned() };
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
        if self.closed.load(Ordering::SeqCst) {
            return http::StatusCode::OK.into_response();
        }
        next.run(Request::from_parts(parts, Body::from(body))).await
    }
}
