//! What is forgotten, and when.

use std::time::Duration;

use axum::http::Method;
use erpmax_core::work::sweep;
use serde_json::json;

use crate::support::{Call, Factor, Key, TestApp, TestTenant, Work};

const DAY: i64 = 86_400;

/// Table, column that its rows' time counts from, and the days that they are kept, rows that others point to last.
const KEPT: [(&str, &str, i64); 16] = [
    ("outbox", "created_at", 1),
    ("idempotency_keys", "created_at", 1),
    ("sso_tokens", "expires_at", 1),
    ("backup_links", "expires_at", 1),
    ("login_challenges", "expires_at", 1),
    ("mail_tokens", "expires_at", 30),
    ("throttles", "window_ends_at", 1),
    ("refresh_tokens", "expires_at", 1),
    ("notifications", "created_at", 180),
    ("invitations", "expires_at", 30),
    ("checkouts", "expires_at", 30),
    ("provider_events", "handled_at", 400),
    ("api_keys", "expires_at", 365),
    ("support_accesses", "expires_at", 1_095),
    ("sessions", "ended_at", 90),
    ("audit_events", "at", 1_095),
];

/// A company that left a row in each table.
async fn lived_in(app: &TestApp) -> TestTenant {
    let acme = app.tenant("acme").await;
    Key::of(&acme.owner, &acme.id, json!({})).await;
    acme.complete("create_site").await;
    acme.owner.post_nothing("/sso/erpnext/token").await.ok();
    acme.ask_for("backup_site").await;
    Work::lease(app).await.complete_with_archive("acme").await;
    let backups = acme.owner.get("/backups").await.ok();
    acme.owner.post_nothing(&format!("/backups/{}/download", backups[0]["id"].as_str().expect("an id"))).await.ok();
    app.operator("chief").await.enter(&acme, 5).await;
    acme.invite("guest@globex.example", "user").await;
    Factor::of(&app.tenant("globex").await.owner).await.challenge().await;
    app.post("/auth/login", json!({"email": acme.owner.email, "password": "WrongPass123"}))
        .await
        .refused(401, "invalid_credentials");
    let backup = acme.owner.call(Method::POST, "/provisioning/jobs").header("idempotency-key", "once");
    backup.json(&json!({"job_type": "backup_site"})).send().await.created();
    let order = acme.order("business").await;
    acme.owner.post("/billing/checkout", order.clone()).await.ok();
    let paid = acme.owner.post("/billing/checkout", order).await.ok();
    let path = format!("/sandbox/checkout/{}/pay", paid["session_id"].as_str().expect("an id"));
    Call::new(app, Method::POST, &path, app.new_address()).send().await;
    app.settled().await;
    acme.owner.patch("/auth/me", json!({"email": "head@acme.example"})).await.ok();
    acme
}

async fn rows(app: &TestApp, table: &str) -> usize {
    app.database().texts(&format!("SELECT CAST(1 AS TEXT) FROM {table}")).await.len()
}

/// Makes the rows of a table so old.
async fn age(app: &TestApp, table: &str, column: &str, seconds: i64) {
    let at = app.now().as_micros() - seconds * 1_000_000;
    app.database().execute(&format!("UPDATE {table} SET {column} = {at}")).await;
}

#[tokio::test]
async fn each_table_keeps_its_rows_for_its_time_and_no_longer() {
    let app = TestApp::start().await;
    lived_in(&app).await;
    for (table, column, days) in KEPT {
        let before = rows(&app, table).await;
        age(&app, table, column, days * DAY - 1).await;
        sweep(app.core()).await;
        assert_eq!((rows(&app, table).await, before > 0), (before, true), "{table} is kept");
        age(&app, table, column, days * DAY + 1).await;
        sweep(app.core()).await;
        let left = usize::from(table == "checkouts");
        assert_eq!(rows(&app, table).await, left, "{table} is swept");
    }
    assert_eq!(app.database().texts("SELECT status FROM checkouts").await, ["paid"]);
    assert_eq!(rows(&app, "payment_events").await, 1);
    assert!(rows(&app, "jobs").await > 0);
}

#[tokio::test]
async fn refused_logins_are_kept_for_thirty_days_and_swept_in_parts() {
    let app = TestApp::start().await;
    let minute = app.now().as_seconds() / 60 - 30 * DAY / 60;
    let many = format!(
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2499)
         INSERT INTO refused_logins (account, address, minute, count) SELECT 'a', 'b', {minute} - i, 1 FROM n"
    );
    app.database().execute(&many).await;
    sweep(app.core()).await;
    assert_eq!(rows(&app, "refused_logins").await, 1);
    app.pass(Duration::from_secs(60));
    sweep(app.core()).await;
    assert_eq!(rows(&app, "refused_logins").await, 0);
}

#[tokio::test]
async fn a_session_that_ran_out_is_forgotten_like_one_that_was_ended() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    app.pass(Duration::from_secs(180 * 86_400 - 3_600));
    sweep(app.core()).await;
    assert_eq!(rows(&app, "sessions").await, 1);
    app.pass(Duration::from_secs(2 * 3_600));
    sweep(app.core()).await;
    assert_eq!(rows(&app, "sessions").await, 0);
    acme.owner.login_again().await.get("/auth/me").await.ok();
}

#[tokio::test]
async fn a_table_that_cannot_be_swept_does_not_stop_the_others() {
    let app = TestApp::start().await;
    lived_in(&app).await;
    app.database().execute("DROP TABLE throttles").await;
    app.pass(Duration::from_secs(1_200 * 86_400));
    sweep(app.core()).await;
    // PostgreSQL keeps audit events for a year by its own clock.
    let others = ["throttles", "checkouts", "audit_events"];
    for (table, ..) in KEPT.into_iter().filter(|(table, ..)| !others.contains(table)) {
        assert_eq!(rows(&app, table).await, 0, "{table}");
    }
}
