//! From an answer's bytes to what was asked for, or to why not.

use std::time::{Duration, SystemTime};

use erpmax_types::{Pagination, Success};
use http::Uri;
use http::header::{CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;

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
    if is_page(headers) {
        return Some(Error::unexpected(*status, "it is a page, perhaps of a proxy"));
    }
    let mut refusal = leniency::refusal(*status, &serde_json::from_slice(body).unwrap_or(Value::Null));
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
    let unreadable = |error: serde_json::Error| Error::unexpected(answer.status, defect(&error));
    let mut json: Value = serde_json::from_slice(&answer.body).map_err(unreadable)?;
    leniency::mend(&mut json);
    serde_json::from_value(json).map_err(unreadable)
}

/// What is wrong with an answer, without a word of it: what was expected and found may be a token.
fn defect(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        Category::Eof => "it ends too early",
        Category::Data => "something in it is missing or of another kind",
        Category::Io | Category::Syntax => "it is no JSON",
    };
    format!("it cannot be read: {kind} (line {}, column {})", error.line(), error.column())
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

/// Seconds, or a date (RFC 9110, section 10.2.3); one that is over means now.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = text(headers, RETRY_AFTER.as_str())?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn waits(text: &str) -> Option<Duration> {
        retry_after(&HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(text).expect("a header"))]))
    }

    #[test]
    fn a_time_to_wait_is_in_seconds_or_until_a_date() {
        assert_eq!(waits("17"), Some(Duration::from_secs(17)));
        let soon = waits(&httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(60))).expect("a time");
        assert!((50..=60).contains(&soon.as_secs()), "{soon:?}");
        assert_eq!(waits("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        assert_eq!(waits("soon"), None);
    }

    #[test]
    fn what_is_wrong_with_an_answer_is_told_without_a_word_of_it() {
        let error = serde_json::from_str::<Vec<bool>>(r#"["ert_secret"]"#).expect_err("it is no list of truths");
        assert!(error.to_string().contains("ert_secret") && !defect(&error).contains("ert_secret"));
    }
}
