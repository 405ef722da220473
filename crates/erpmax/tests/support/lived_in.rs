//! An installation that a company has lived in: a site, a paid plan, sessions.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Server, text, until};

const SITE: &str = "acme.localhost";

/// What its owner goes on with.
pub struct LivedIn {
    pub token: String,
    pub refresh_token: String,
}

impl LivedIn {
    /// Registers, builds a site and pays.
    pub async fn begin(server: &Server) -> Self {
        let registered = server.register("acme").await;
        let token = text(&registered, "access_token").to_owned();
        let job = server.begin(&token, "create_site").await;
        assert_eq!(server.job_ended(&token, &job).await["status"], "completed");
        let page = server.checkout(&token).await;
        let (status, _, answer) = server.page(Method::POST, "localhost", &format!("{page}/pay")).await;
        assert_eq!(status, 200, "{answer}");
        until("the payment", Duration::from_secs(20), async || {
            Some(server.get("/billing/subscription", &token).await).filter(|found| found["status"] == "active")
        })
        .await;
        Self { token, refresh_token: text(&registered, "refresh_token").to_owned() }
    }

    /// Everything that can be listed or looked at.
    pub async fn everything(&self, server: &Server) -> Vec<Value> {
        let mut answers = Vec::new();
        for path in ["/auth/me", "/tenants", "/billing/subscription", "/billing/invoices", "/provisioning/jobs"] {
            answers.push(server.get(path, &self.token).await);
        }
        answers
    }

    /// Asserts that the session goes on and that its site opens with one click.
    pub async fn goes_on(&self, server: &Server) {
        assert_eq!(server.get("/auth/me", &self.token).await["email"], "owner@acme.example");
        let sso = server.post("/sso/erpnext/token", &self.token, json!({})).await;
        let path = format!("/{}", text(&sso, "sso_url").splitn(4, '/').nth(3).expect("the link has a path"));
        let (status, headers, page) = server.page(Method::GET, SITE, &path).await;
        assert_eq!((status, headers.get("location").and_then(|to| to.to_str().ok())), (303, Some("/app")), "{page}");
    }

    /// Asserts that a refresh and a sign-in work as well.
    pub async fn comes_back(&self, server: &Server) {
        let fresh = server.post("/auth/refresh", "", json!({"refresh_token": self.refresh_token})).await;
        server.get("/auth/me", text(&fresh, "access_token")).await;
        let login = json!({"email": "owner@acme.example", "password": super::PASSWORD});
        server.post("/auth/login", "", login).await;
    }
}
