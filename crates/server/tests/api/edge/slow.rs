//! Clients and databases that take their time.

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use futures_util::{StreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Setup, TestApp};

fn never_ending() -> Body {
    let begin = stream::once(async { Ok::<_, std::io::Error>(Bytes::from_static(b"{\"email\":")) });
    Body::from_stream(begin.chain(stream::pending()))
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_malformed() {
    let app = TestApp::with(|Setup { edge, .. }| edge.body_timeout = Duration::from_millis(200)).await;
    let call = app.call(Method::POST, "/auth/login").header(CONTENT_TYPE, "application/json");
    call.body(never_ending()).send().await.refused(400, "malformed_request");
    let call = app.call(Method::POST, "/billing/webhook/sandbox").body(never_ending());
    call.send().await.refused(400, "malformed_request");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_malformed() {
    let app = TestApp::start().await;
    let broken = stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("gone"))]);
    let call = app.call(Method::POST, "/auth/login").header(CONTENT_TYPE, "application/json");
    call.body(Body::from_stream(broken)).send().await.refused(400, "malformed_request");
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_503() {
    let app = TestApp::with(|Setup { edge, .. }| edge.request_timeout = Duration::from_millis(200)).await;
    let begun = Instant::now();
    let call = app.call(Method::POST, "/auth/login").header(CONTENT_TYPE, "application/json");
    call.body(never_ending()).send().await.refused(503, "unavailable");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn over_a_real_connection_the_slow_get_the_envelope_too() {
    let app = TestApp::with(|Setup { edge, .. }| edge.body_timeout = Duration::from_millis(200)).await;
    let mut stream = TcpStream::connect(app.address()).await.expect("it listens");
    let head = "POST /api/v1/auth/login HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                connection: close\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_string(&mut answer));
    read.await.expect("it answers").expect("the answer is text");
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("malformed_request"), "{answer}");
}
