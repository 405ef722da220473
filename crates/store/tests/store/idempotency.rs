//! Answers that are kept for a repeated request.

use erpmax_store::idempotency::{self, RequestKey};
use erpmax_store::users;

use crate::sample;
use crate::support::{Checked, at, fresh};

fn request(body_hash: &str) -> RequestKey {
    RequestKey {
        user: sample::owner(),
        route: "jobs.create".to_owned(),
        key: "key-1".to_owned(),
        body_hash: body_hash.to_owned(),
    }
}

#[tokio::test]
async fn an_answer_is_found_until_it_is_too_old_and_then_replaced() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    users::insert(&mut tx, &sample::user(sample::OWNER, "owner@acme.example"), "owner@acme.example").await?;
    assert!(idempotency::find(&mut tx, &request("first"), at(0)).await?.is_none());
    idempotency::insert(&mut tx, &request("first"), "one", at(10)).await?;
    let kept = idempotency::find(&mut tx, &request("second"), at(0)).await?.expect("it is kept");
    assert_eq!((kept.body_hash.as_str(), kept.answer.as_str()), ("first", "one"));
    assert!(idempotency::find(&mut tx, &request("first"), at(10)).await?.is_none(), "too old");
    idempotency::insert(&mut tx, &request("second"), "two", at(20)).await?;
    let kept = idempotency::find(&mut tx, &request("second"), at(10)).await?.expect("it is kept");
    assert_eq!((kept.body_hash.as_str(), kept.answer.as_str()), ("second", "two"));
    assert_eq!(idempotency::delete_expired(&mut tx, at(20), 10).await?, 0);
    assert_eq!(idempotency::delete_expired(&mut tx, at(21), 10).await?, 1);
    Ok(())
}

#[tokio::test]
async fn the_same_key_on_another_route_is_another_request() -> Checked {
    let (_database, store) = fresh().await?;
    let mut tx = store.begin().await?;
    users::insert(&mut tx, &sample::user(sample::OWNER, "owner@acme.example"), "owner@acme.example").await?;
    idempotency::insert(&mut tx, &request("first"), "one", at(10)).await?;
    let other = RequestKey { route: "billing.checkout".to_owned(), ..request("first") };
    assert!(idempotency::find(&mut tx, &other, at(0)).await?.is_none());
    Ok(())
}
