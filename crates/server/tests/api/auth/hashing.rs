//! Hashes that were imported or have become weak, and the queue before the hashing threads.

use std::time::Duration;

use erpmax_core::HashingSettings;
use serde_json::json;

use crate::support::{Answer, PASSWORD, Setup, TestApp};

async fn hash(app: &TestApp) -> String {
    app.database().texts("SELECT password_hash FROM users").await.remove(0)
}

#[tokio::test]
async fn an_imported_bcrypt_hash_is_upgraded_at_the_next_sign_in() {
    let app = TestApp::start().await;
    app.tenant("acme").await;
    let imported = bcrypt::hash(PASSWORD, 4).expect("bcrypt works");
    app.database().execute(&format!("UPDATE users SET password_hash = '{imported}'")).await;
    let login = async |password: &str| {
        app.post("/auth/login", json!({"email": "owner@acme.example", "password": password})).await
    };
    login("wrong").await.refused(401, "invalid_credentials");
    assert_eq!(hash(&app).await, imported);
    login(PASSWORD).await.ok();
    assert!(hash(&app).await.starts_with("$argon2id$"));
    login(PASSWORD).await.ok();
    login("wrong").await.refused(401, "invalid_credentials");
}

#[tokio::test]
async fn a_full_queue_answers_429_and_other_requests_go_on() {
    let app = TestApp::with(|Setup { settings, .. }| {
        settings.auth.hashing =
            HashingSettings { threads: 1, queue: 2, memory_kib: 262_144, iterations: 2, parallelism: 1 };
    })
    .await;
    let acme = app.tenant("acme").await;
    let body = json!({"email": "owner@acme.example", "password": PASSWORD});
    let logins = (0..8).map(|_| app.post("/auth/login", body.clone()));
    let (answers, me) = tokio::join!(futures_util::future::join_all(logins), async {
        let me = acme.owner.get("/auth/me");
        tokio::time::timeout(Duration::from_secs(5), me).await.expect("other requests are answered")
    });
    me.ok();
    let statuses: Vec<u16> = answers.iter().map(Answer::status).collect();
    let refused: Vec<_> = answers.into_iter().filter(|answer| answer.status() == 429).collect();
    assert!((5..=6).contains(&refused.len()), "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 200).count() + refused.len(), 8, "{statuses:?}");
    for answer in refused {
        assert!(answer.refused(429, "rate_limited").retry_after() >= 1);
    }
}
