//! What other deployments of this API write otherwise, each with its reason. This is the only place that knows.
//!
//! An answer is read strictly first; only one that cannot be read comes here, so our own server's answers cost nothing.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::error::Refusal;

/// An id where a deployment has none.
const NIL: &str = "00000000-0000-0000-0000-000000000000";

type Mending = fn(&mut Map<String, Value>);

/// Looked at on every object of an answer, the inner ones first.
const MENDINGS: [Mending; 10] = [
    money_as_text,
    times_without_zone,
    progress_with_fraction,
    absent_collections,
    users_without_additions,
    jobs_without_attempt,
    progress_without_step,
    subscriptions_without_end,
    foreign_checkouts,
    flat_or_nested_person,
];

/// Makes an answer what the guide says it is.
pub(crate) fn mend(answer: &mut Value) {
    if let Value::Object(envelope) = answer
        && envelope.get("status") == Some(&json!("success"))
        && envelope.get("data").is_none_or(Value::is_null)
    {
        // Where nothing is told, such as after a sign-out, they leave `data` out or say null.
        envelope.insert("data".to_owned(), json!({}));
    }
    walk(answer);
}

fn walk(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(walk),
        Value::Object(object) => {
            object.values_mut().for_each(walk);
            for mending in MENDINGS {
                mending(object);
            }
        }
        _ => {}
    }
}

/// Decimals of Python's pydantic are text in JSON (`"29.00"`), so that no digit is lost. The guide decodes a number.
fn money_as_text(object: &mut Map<String, Value>) {
    for field in ["price_monthly", "price_yearly", "amount"] {
        let number = object.get(field).and_then(Value::as_str).and_then(|text| text.trim().parse::<f64>().ok());
        if let Some(number) = number {
            object.insert(field.to_owned(), json!(number));
        }
    }
}

/// Times of Python that know no zone are written without one (`2024-12-16T10:00:00.5`); they are meant as UTC.
fn times_without_zone(object: &mut Map<String, Value>) {
    let times = object.iter_mut().filter(|(field, _)| field.ends_with("_at") || field.starts_with("current_period_"));
    for (_, value) in times {
        if let Value::String(text) = value
            && lacks_zone(text)
        {
            text.push('Z');
        }
    }
}

/// Whether it is a date and a time and nothing after.
fn lacks_zone(text: &str) -> bool {
    let Some((date, time)) = text.split_once('T') else { return false };
    date.len() == 10
        && !time.is_empty()
        && time.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'))
}

/// Progress that is reckoned as a fraction arrives as `42.0`; the guide decodes an integer.
fn progress_with_fraction(object: &mut Map<String, Value>) {
    #[expect(clippy::cast_possible_truncation, reason = "a percentage, and a cast of a float saturates")]
    if let Some(number) = object.get("progress").and_then(Value::as_f64) {
        object.insert("progress".to_owned(), json!(number as i64));
    }
}

/// Empty collections are null or left out; the guide itself lets a tenant's `settings` be absent.
fn absent_collections(object: &mut Map<String, Value>) {
    let is_tenant = object.contains_key("slug") && object.contains_key("status");
    let is_plan = object.contains_key("price_monthly");
    for (applies, field, empty) in
        [(is_tenant, "settings", json!({})), (is_plan, "limits", json!({})), (is_plan, "features", json!([]))]
    {
        if applies && object.get(field).is_none_or(Value::is_null) {
            object.insert(field.to_owned(), empty);
        }
    }
}

/// `email_verified` and `language` are additions to the guide; where nobody tells, nothing was proven and English is understood.
fn users_without_additions(object: &mut Map<String, Value>) {
    if object.contains_key("is_superuser") {
        object.entry("email_verified").or_insert(json!(false));
        object.entry("language").or_insert(json!("en"));
    }
}

/// `attempt` is an addition to the guide; where attempts are not counted, there is the first.
fn jobs_without_attempt(object: &mut Map<String, Value>) {
    if object.contains_key("job_type") && object.contains_key("created_at") {
        object.entry("attempt").or_insert(json!(1));
    }
}

/// `step` is an addition to `status:update`, of which the guide reads `progress` and `message`, the latter perhaps null.
fn progress_without_step(object: &mut Map<String, Value>) {
    if object.contains_key("job_id") && object.contains_key("progress") {
        object.entry("step").or_insert(json!(""));
        if object.get("message").is_none_or(Value::is_null) {
            object.insert("message".to_owned(), json!(""));
        }
    }
}

/// `cancel_at_period_end` is an addition to the guide, which knows only when somebody cancelled.
fn subscriptions_without_end(object: &mut Map<String, Value>) {
    if object.contains_key("billing_period") && object.contains_key("current_period_end") {
        let is_cancelled = object.get("cancelled_at").is_some_and(|at| !at.is_null());
        object.entry("cancel_at_period_end").or_insert(json!(is_cancelled));
    }
}

/// Others hand on the payment provider's own session (`cs_test_…`), which is no id of this API; only the address is needed to pay.
fn foreign_checkouts(object: &mut Map<String, Value>) {
    let is_foreign = |id: &Value| id.as_str().is_none_or(|id| id.parse::<erpmax_types::CheckoutId>().is_err());
    if object.contains_key("checkout_url") && object.get("session_id").is_none_or(is_foreign) {
        object.insert("session_id".to_owned(), json!(NIL));
    }
}

/// `GET /auth/me` has the person in `user`, as in the guide, or flat, as the published app reads it; one is made from the other.
/// The id of the session is an addition; it is nil where it is not told.
fn flat_or_nested_person(object: &mut Map<String, Value>) {
    let is_nested = object.get("user").is_some_and(Value::is_object);
    let is_flat = object.contains_key("email") && object.contains_key("is_superuser");
    if !object.contains_key("tenants") || object.contains_key("access_token") || !(is_nested || is_flat) {
        return;
    }
    object.entry("session_id").or_insert(json!(NIL));
    if let (true, Some(Value::Object(user))) = (!is_flat, object.get("user").cloned()) {
        object.extend(user);
    }
    if !is_nested {
        let user = object.clone();
        object.insert("user".to_owned(), Value::Object(user));
    }
}

/// A refusal in the envelope, or in `FastAPI`'s `{"detail": …}`: a sentence, or a list of `{loc, msg}` for a body that is refused.
pub(crate) fn refusal(status: StatusCode, body: &Value) -> Refusal {
    let mut refusal = Refusal::bare(status);
    let Value::Object(body) = body else { return refusal };
    match (body.get("error"), body.get("detail")) {
        (Some(Value::Object(error)), _) => read_envelope(&mut refusal, error),
        (_, Some(Value::String(message))) => message.clone_into(&mut refusal.message),
        (_, Some(Value::Array(errors))) => refusal.details = read_list(errors),
        _ => return refusal,
    }
    refusal.is_told = true;
    refusal
}

/// A code that this SDK does not know yet is no reason not to read the sentence beside it.
fn read_envelope(refusal: &mut Refusal, error: &Map<String, Value>) {
    let text = |field: &str| error.get(field).and_then(Value::as_str);
    if let Some(message) = text("message") {
        message.clone_into(&mut refusal.message);
    }
    text("code").unwrap_or_default().clone_into(&mut refusal.word);
    refusal.code = refusal.word.parse().ok();
    if let Some(Value::Object(details)) = error.get("details") {
        refusal.details = details.iter().map(|(field, told)| (field.clone(), sentences(told))).collect();
    }
}

/// Several sentences in a list, or one alone.
fn sentences(told: &Value) -> Vec<String> {
    match told {
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(one) => vec![one.clone()],
        _ => Vec::new(),
    }
}

/// The last part of `loc` (`["body", "email"]`) is the field.
fn read_list(errors: &[Value]) -> BTreeMap<String, Vec<String>> {
    let mut details = BTreeMap::<String, Vec<String>>::new();
    for error in errors {
        let field = error["loc"].as_array().and_then(|location| location.last()).and_then(Value::as_str);
        let message = error["msg"].as_str().unwrap_or_default();
        details.entry(field.unwrap_or("body").to_owned()).or_default().push(message.to_owned());
    }
    details
}
