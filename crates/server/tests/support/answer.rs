//! An answer, taken apart.

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// The body, if it is JSON.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("the body arrives").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or_default();
        Self { status: parts.status, headers: parts.headers, text, body }
    }

    pub(crate) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The code of a refusal; empty for a success.
    pub(crate) fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The `data` of a success with status 200.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        self.success(200)
    }

    /// The `data` of a success with status 201.
    #[track_caller]
    pub(crate) fn created(self) -> Value {
        self.success(201)
    }

    #[track_caller]
    fn success(mut self, status: u16) -> Value {
        assert_eq!((self.status(), &self.body["status"]), (status, &"success".into()), "{}", self.text);
        assert!(self.body.get("error").is_none(), "{}", self.text);
        self.body["data"].take()
    }

    /// Checks that the request was refused like this, in the envelope.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status(), self.code()), (status, code), "{}", self.text);
        assert_eq!(self.body["status"], "error", "{}", self.text);
        assert!(self.body.get("data").is_none(), "{}", self.text);
        assert!(self.body["error"]["message"].as_str().is_some_and(|text| text.contains(' ')), "{}", self.text);
        assert!(!self.header("x-request-id").is_empty());
        self
    }

    /// Checks that exactly these fields were refused, each with a list of sentences.
    #[track_caller]
    pub(crate) fn invalid(self, fields: &[&str]) {
        let answer = self.refused(422, "validation_failed");
        let details = answer.body["error"]["details"].as_object().expect("details are an object");
        assert_eq!(details.keys().map(String::as_str).collect::<Vec<_>>(), fields, "{}", answer.text);
        for messages in details.values() {
            let messages = messages.as_array().expect("messages are a list");
            assert!(!messages.is_empty() && messages.iter().all(Value::is_string), "{}", answer.text);
        }
    }

    /// Seconds of `Retry-After`.
    #[track_caller]
    pub(crate) fn retry_after(&self) -> u64 {
        self.header("retry-after").parse().expect("Retry-After is a number of seconds")
    }
}
