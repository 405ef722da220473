//! Each case with the answer that it was made for.

use erpmax_types::billing::{CheckoutCreated, PaymentEvent, Plan, Subscription};
use erpmax_types::envelope::Done;
use erpmax_types::events::StatusUpdate;
use erpmax_types::provisioning::ProvisioningJob;
use erpmax_types::tenants::Tenant;
use erpmax_types::users::{Me, User};
use erpmax_types::{ErrorCode, Success};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{mend, refusal};

const ID: &str = "6f1c2f0e-4c1b-4f8e-9b9a-0d2a6c1f7b11";
const TIME: &str = "2024-12-16T10:00:00Z";

/// Reads `data` as a second look does; a strict one must fail, or the case is not needed.
fn read<T: DeserializeOwned>(data: impl Into<Value>) -> T {
    let mut answer = json!({"status": "success", "data": data.into()});
    assert!(serde_json::from_value::<Success<T>>(answer.clone()).is_err(), "a strict look reads it: {answer}");
    mend(&mut answer);
    serde_json::from_value::<Success<T>>(answer).expect("it can be read").data
}

fn without(mut object: Value, fields: &[&str]) -> Value {
    for field in fields {
        object.as_object_mut().expect("an object").remove(*field);
    }
    object
}

fn with(mut object: Value, fields: Value) -> Value {
    let Value::Object(fields) = fields else { panic!("an object") };
    object.as_object_mut().expect("an object").extend(fields);
    object
}

fn user() -> Value {
    json!({"id": ID, "email": "owner@acme.example", "full_name": "Acme Owner", "is_active": true, "is_superuser": false,
        "email_verified": true, "language": "uk", "created_at": TIME, "updated_at": TIME})
}

fn plan() -> Value {
    json!({"id": ID, "name": "Pro", "slug": "pro", "description": null, "price_monthly": 29.0, "price_yearly": 290.5,
        "currency": "USD", "limits": {}, "features": [], "is_active": true, "sort_order": 1})
}

fn tenant() -> Value {
    json!({"id": ID, "name": "Acme", "slug": "acme", "status": "active", "erpnext_site_url": null, "settings": {},
        "created_at": TIME, "updated_at": TIME})
}

fn job() -> Value {
    json!({"id": ID, "tenant_id": ID, "status": "running", "job_type": "create_site", "progress": 42, "attempt": 1,
        "created_at": TIME})
}

#[test]
fn money_may_be_text() {
    let plan: Plan = read(with(plan(), json!({"price_monthly": "29.00", "price_yearly": "290.50"})));
    assert_eq!(
        (plan.price_monthly.as_major().to_bits(), plan.price_yearly.as_major().to_bits()),
        (29f64.to_bits(), 290.5f64.to_bits())
    );
    let event =
        json!({"id": ID, "event_type": "payment_success", "amount": "29.00", "currency": "USD", "created_at": TIME});
    assert_eq!(read::<PaymentEvent>(event).amount.as_major().to_bits(), 29f64.to_bits());
}

#[test]
fn a_time_without_a_zone_is_utc() {
    let user: User = read(with(user(), json!({"created_at": "2024-12-16T10:00:00.123456"})));
    assert_eq!(user.created_at.to_string(), "2024-12-16T10:00:00.123456Z");
}

#[test]
fn a_zone_that_is_there_stays() {
    let mut answer = json!({"created_at": "2024-12-16T10:00:00+02:00", "format": "T10", "at": "2024-12-16T10:00:00"});
    let before = answer.clone();
    mend(&mut answer);
    assert_eq!(answer, before);
}

#[test]
fn progress_may_be_a_fraction() {
    assert_eq!(read::<ProvisioningJob>(with(job(), json!({"progress": 42.5}))).progress, 42);
}

#[test]
fn empty_collections_may_be_absent() {
    assert!(read::<Tenant>(without(tenant(), &["settings"])).settings.is_empty());
    assert!(read::<Tenant>(with(tenant(), json!({"settings": null}))).settings.is_empty());
    let plan: Plan = read(with(plan(), json!({"limits": null, "features": null})));
    assert!(plan.limits.is_empty() && plan.features.is_empty());
}

#[test]
fn where_nobody_tells_whether_an_address_was_proven_it_was_not() {
    let user: User = read(without(user(), &["email_verified", "language"]));
    assert!(!user.email_verified && user.language == "en");
}

#[test]
fn where_attempts_are_not_counted_there_is_the_first() {
    assert_eq!(read::<ProvisioningJob>(without(job(), &["attempt"])).attempt, 1);
}

#[test]
fn progress_may_come_without_step_and_message() {
    let status = json!({"job_id": ID, "tenant_id": ID, "job_type": "create_site", "status": "running", "progress": 5, "message": null});
    let status: StatusUpdate = read(status);
    assert_eq!((status.step.as_str(), status.message.as_str()), ("", ""));
}

#[test]
fn who_cancelled_keeps_access_until_the_end_of_the_period() {
    let subscription = json!({"id": ID, "tenant_id": ID, "plan_id": ID, "status": "active", "billing_period": "monthly",
        "current_period_start": "2024-12-01T00:00:00", "current_period_end": TIME, "cancelled_at": TIME});
    assert!(read::<Subscription>(subscription.clone()).cancel_at_period_end);
    assert!(!read::<Subscription>(with(subscription, json!({"cancelled_at": null}))).cancel_at_period_end);
}

#[test]
fn the_session_of_a_payment_provider_is_no_id() {
    let checkout: CheckoutCreated = read(json!({"checkout_url": "https://pay.example/1", "session_id": "cs_test_1"}));
    assert_eq!(checkout.checkout_url, "https://pay.example/1");
}

#[test]
fn a_person_may_be_nested_or_flat() {
    let nested = json!({"user": user(), "tenants": []});
    let flat = with(user(), json!({"tenants": [], "current_tenant": tenant()}));
    let both = with(flat.clone(), json!({"user": user()}));
    for data in [nested, flat, both] {
        let me: Me = read(data);
        assert_eq!((me.user.email.as_str(), me.flat.email.as_str()), ("owner@acme.example", "owner@acme.example"));
    }
}

#[test]
fn nothing_told_is_nothing_to_tell() {
    for mut answer in
        [json!({"status": "success"}), json!({"status": "success", "data": null, "message": "Signed out"})]
    {
        mend(&mut answer);
        serde_json::from_value::<Success<Done>>(answer).expect("it can be read");
    }
}

#[test]
fn an_error_may_be_an_envelope() {
    let body = json!({"status": "error", "error": {"message": "Taken", "code": "email_taken", "details": {"email": ["Taken"]}}});
    let refusal = refusal(StatusCode::CONFLICT, &body);
    assert_eq!((refusal.code, refusal.message.as_str()), (Some(ErrorCode::EmailTaken), "Taken"));
    assert_eq!(refusal.details["email"], ["Taken"]);
}

#[test]
fn a_code_of_tomorrow_keeps_its_word() {
    let refusal = refusal(StatusCode::CONFLICT, &json!({"error": {"message": "No", "code": "moon_is_full"}}));
    assert_eq!((refusal.code, refusal.word.as_str(), refusal.message.as_str()), (None, "moon_is_full", "No"));
}

#[test]
fn an_error_may_be_a_detail() {
    assert_eq!(refusal(StatusCode::NOT_FOUND, &json!({"detail": "Tenant not found"})).message, "Tenant not found");
    let list = json!({"detail": [{"loc": ["body", "email"], "msg": "not an address", "type": "value_error"}]});
    assert_eq!(refusal(StatusCode::UNPROCESSABLE_ENTITY, &list).details["email"], ["not an address"]);
}

#[test]
fn an_error_may_be_nothing_that_can_be_read() {
    for body in [Value::Null, json!([]), json!({"error": "x"}), json!({"detail": 1})] {
        assert_eq!(refusal(StatusCode::BAD_GATEWAY, &body).message, "Bad Gateway");
    }
}
