//! From an answer's bytes to what was asked for, or to why not.

use std::time::Duration;

use erpmax_types::{Pagination, Success};
use http::Uri;
use http::header::{CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::transport::Answered;
use crate::{Error, Result, leniency};

const REQUEST_ID: &str = "x-request-id";

/// The error that an answer stands for; none for a success.
pub(crate) fn refusal_in(answer: &Answered) -> Option<Error> {
    let Answered { status, headers, body } = answer;
    if status.is_success() {
        return None;
    }
    if status.is_redirection() {
        return Some(Error::unexpected(*status, redirection(headers)));
    }
    let json = if is_page(headers) { None } else { Some(serde_json::from_slice(body).unwrap_or(Value::Null)) };
    let Some(json) = json else {
        return Some(Error::unexpected(*status, "it is a page, perhaps of a proxy"));
    };
    let mut refusal = leniency::refusal(*status, &json);
    refusal.request_id = text(headers, REQUEST_ID).map(str::to_owned);
    Some(Error::refused(refusal, retry_after(headers)))
}

/// The `data` of a success.
pub(crate) fn data<T: DeserializeOwned>(answer: &Answered) -> Result<(T, Option<Pagination>)> {
    if let Ok(Success { data, pagination, .. }) = serde_json::from_slice(&answer.body) {
        return Ok((data, pagination));
    }
    let Success { data, pagination, .. } = mended(answer)?;
    Ok((data, pagination))
}

/// The whole of a success that wears more than the envelope.
pub(crate) fn whole<T: DeserializeOwned>(answer: &Answered) -> Result<T> {
    serde_json::from_slice(&answer.body).or_else(|_| mended(answer))
}

/// A second look, with what other deployments are known to write otherwise.
fn mended<T: DeserializeOwned>(answer: &Answered) -> Result<T> {
    let unreadable = |error: serde_json::Error| Error::unexpected(answer.status, format!("it cannot be read: {error}"));
    let mut json: Value = serde_json::from_slice(&answer.body).map_err(unreadable)?;
    leniency::mend(&mut json);
    serde_json::from_value(json).map_err(unreadable)
}

/// Where it leads: only the host, since an address may hold secrets.
fn redirection(headers: &HeaderMap) -> String {
    let to = text(headers, LOCATION.as_str()).and_then(|to| to.parse::<Uri>().ok());
    let host = to.as_ref().and_then(Uri::host).unwrap_or("another address of the same host");
    format!("it leads to {host}, and redirects are not followed, so that no token goes astray; use the final address")
}

/// Whether the body is a page for people.
fn is_page(headers: &HeaderMap) -> bool {
    text(headers, CONTENT_TYPE.as_str()).is_some_and(|kind| kind.starts_with("text/html"))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    text(headers, RETRY_AFTER.as_str())?.trim().parse().ok().map(Duration::from_secs)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
