//! What is repeated, and what is not.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use erpmax_client::types::provisioning::JobType;
use erpmax_client::types::users::Role;
use erpmax_client::{ApiClient, Error, Patience};
use serde_json::{Value, json};

use crate::support::{Hostile, Play, envelope, refusal, signed_in};

const QUICK: Patience = Patience {
    repetitions: 3,
    first_pause: Duration::from_millis(5),
    longest_pause: Duration::from_millis(20),
    total: Duration::from_secs(20),
};

/// Misbehaves twice, then answers with `data`.
async fn third_time_lucky(misbehave: fn() -> Play, data: Value) -> Hostile {
    let calls = AtomicUsize::new(0);
    Hostile::start(move |_| if calls.fetch_add(1, Ordering::SeqCst) < 2 { misbehave() } else { envelope(&data) }).await
}

fn client(hostile: &Hostile) -> ApiClient {
    hostile.builder().token_store(signed_in("old")).patience(QUICK).build().expect("a client")
}

const PASSING: [fn() -> Play; 7] = [
    || refusal(503, "unavailable"),
    || refusal(502, "payment_provider_error"),
    || Play::Answer(504, "content-type: text/html\r\n", "<h1>Gateway Timeout</h1>".to_owned()),
    || Play::Answer(502, "", String::new()),
    || Play::Close,
    || Play::Raw("HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"status\"".to_owned()),
    || refusal(429, "rate_limited"),
];

#[tokio::test]
async fn reading_is_repeated_after_what_passes() {
    for misbehave in PASSING {
        let hostile = third_time_lucky(misbehave, json!([])).await;
        client(&hostile).billing().plans().await.expect("the third time works");
        assert_eq!(hostile.seen().len(), 3);
    }
}

#[tokio::test]
async fn what_cannot_be_done_twice_is_not_repeated() {
    for misbehave in PASSING {
        let hostile = third_time_lucky(misbehave, json!({})).await;
        client(&hostile).notifications().read_all().await.expect_err("it is not repeated");
        assert_eq!(hostile.seen().len(), 1);
    }
}

#[tokio::test]
async fn what_spends_a_token_is_not_repeated_though_it_is_a_get() {
    for misbehave in PASSING {
        let hostile = third_time_lucky(misbehave, json!({})).await;
        let callback = serde_json::from_value(json!({"token": "spent"})).expect("a callback");
        client(&hostile).sso().redeem_by_get(&callback, None).await.expect_err("it is not repeated");
        assert_eq!(hostile.seen().len(), 1);
    }
}

#[tokio::test]
async fn what_has_an_idempotency_key_is_repeated_with_the_same_one() {
    let id = "019ab000-0000-7000-8000-000000000001";
    let job = json!({"id": id, "tenant_id": id, "status": "pending", "job_type": "create_site", "progress": 0, "attempt": 1,
        "created_at": "2026-11-24T09:30:00Z"});
    let hostile = third_time_lucky(|| Play::Close, job).await;
    client(&hostile).provisioning().create(JobType::CreateSite).await.expect("the third time works");
    let seen = hostile.seen();
    let mut keys: Vec<_> = seen.iter().map(|seen| seen.header("idempotency-key").expect("a key").to_owned()).collect();
    keys.dedup();
    assert_eq!((seen.len(), keys.len()), (3, 1));
}

#[tokio::test]
async fn two_requests_have_two_keys_unless_they_are_given_one() {
    let hostile = Hostile::start(|_| refusal(403, "forbidden")).await;
    let tenants = client(&hostile).tenants();
    let acme = "019ab000-0000-7000-8000-000000000001".parse().expect("an id");
    for _ in 0..2 {
        tenants.invite(acme, "a@acme.example", Role::User).await.expect_err("it is refused");
    }
    tenants.invite(acme, "a@acme.example", Role::User).idempotency_key("mine").await.expect_err("it is refused");
    let keys: Vec<_> = hostile.seen().iter().map(|seen| seen.header("idempotency-key").map(str::to_owned)).collect();
    assert_ne!(keys[0], keys[1]);
    assert_eq!(keys[2].as_deref(), Some("mine"));
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let calls = AtomicUsize::new(0);
    let hostile = Hostile::start(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Play::Answer(429, "retry-after: 1\r\n", String::new()),
        _ => envelope(&json!([])),
    });
    let hostile = hostile.await;
    let since = Instant::now();
    client(&hostile).billing().plans().await.expect("the second time works");
    assert!(since.elapsed() >= Duration::from_secs(1), "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_wait_beyond_all_patience_is_told_at_once() {
    let hostile = Hostile::start(|_| Play::Answer(429, "retry-after: 3600\r\n", String::new())).await;
    let error = client(&hostile).billing().plans().await.expect_err("it is too long");
    let Error::RateLimited { retry_after, .. } = error else { panic!("{error:?}") };
    assert_eq!((retry_after, hostile.seen().len()), (Some(Duration::from_secs(3600)), 1));
}

#[tokio::test]
async fn what_stays_away_is_given_up() {
    let hostile = Hostile::start(|_| refusal(503, "unavailable")).await;
    let error = client(&hostile).billing().plans().await.expect_err("it is given up");
    assert!(matches!(error, Error::Server(_)), "{error:?}");
    assert_eq!(hostile.seen().len(), 4);
}

#[tokio::test]
async fn a_slow_drip_ends_with_the_receive_timeout() {
    let hostile = Hostile::start(|_| Play::Drip(Duration::from_millis(20))).await;
    let client = hostile.builder().receive_timeout(Duration::from_millis(300)).build().expect("a client");
    let since = Instant::now();
    let error = client.billing().plans().await.expect_err("it never ends");
    assert!(matches!(error, Error::Timeout), "{error:?}");
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_server_that_does_not_begin_to_answer_is_left_after_the_receive_timeout() {
    let hostile = Hostile::start(|_| Play::Late(Duration::from_secs(5), 200)).await;
    let client = hostile.builder().receive_timeout(Duration::from_millis(300)).build().expect("a client");
    let since = Instant::now();
    let error = client.billing().plans().await.expect_err("it is too late");
    assert!(matches!(error, Error::Timeout), "{error:?}");
    assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_connection_error() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let client = ApiClient::builder(&format!("http://{free}")).patience(QUICK).build().expect("a client");
    let error = client.billing().plans().await.expect_err("nobody is there");
    assert!(matches!(error, Error::Connection(_)), "{error:?}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_page_in_place_of_an_answer_is_no_answer() {
    let hotel = || Play::Answer(200, "content-type: text/html\r\n", "<h1>Welcome to the hotel</h1>".to_owned());
    let hostile = Hostile::start(move |_| hotel()).await;
    let error = client(&hostile).billing().plans().await.expect_err("it is no answer");
    assert!(matches!(error, Error::Unexpected { status: 200, .. }), "{error:?}");
}
