//! What customers ask of a server.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::{PASSWORD, Server, has_ended, text, until};

impl Server {
    /// A request to the API; status and body.
    pub async fn api(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> (u16, Value) {
        self.try_api(method, path, token, body).await.expect("the server answers")
    }

    /// As [`Server::api`], where the server may be gone.
    pub async fn try_api(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> reqwest::Result<(u16, Value)> {
        let answer = self.request(method, path, token, body).send().await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    /// A request to the API that is not sent yet, so that it can outlive a borrow of the server.
    pub fn request(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> reqwest::RequestBuilder {
        let mut request = self.client.request(method, format!("http://127.0.0.1:{}/api/v1{path}", self.port));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        request
    }

    pub async fn get(&self, path: &str, token: &str) -> Value {
        let (status, body) = self.api(Method::GET, path, token, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body["data"].clone()
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> Value {
        let (status, answer) = self.api(Method::POST, path, token, Some(body)).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer["data"].clone()
    }

    /// Registers the owner of a company; the answer's `data`.
    pub async fn register(&self, company: &str) -> Value {
        self.post("/auth/register", "", registration(company)).await
    }

    /// Asks for a job; its id.
    pub async fn begin(&self, token: &str, job_type: &str) -> String {
        let job = self.post("/provisioning/jobs", token, json!({"job_type": job_type})).await;
        text(&job, "id").to_owned()
    }

    /// Begins to buy the yearly plan; the path of the page where one pays.
    pub async fn checkout(&self, token: &str) -> String {
        let plans = self.get("/billing/plans", "").await;
        let order = json!({"plan_id": plans[1]["id"], "billing_period": "yearly", "payment_provider": "stripe",
            "success_url": "https://app.example/paid", "cancel_url": "https://app.example/plans"});
        let checkout = self.post("/billing/checkout", token, order).await;
        let path = text(&checkout, "checkout_url").splitn(4, '/').nth(3).expect("the page has a path");
        format!("/{path}")
    }

    /// A page of the control plane or, by `host`, of a site; status, headers and text. Redirects are not followed.
    pub async fn page(&self, method: Method, host: &str, path: &str) -> (u16, HeaderMap, String) {
        let answer = self.page_request(method, host, path).send().await.expect("the server answers");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, answer.text().await.expect("the page is text"))
    }

    /// A request for a page that is not sent yet.
    pub fn page_request(&self, method: Method, host: &str, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("http://127.0.0.1:{}{path}", self.port)).header("host", host)
    }

    /// Reads a job until it is as wanted.
    pub async fn job_until(&self, token: &str, job: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let (path, wanted) = (format!("/provisioning/jobs/{job}"), &wanted);
        let look = async || Some(self.get(&path, token).await).filter(wanted);
        until(&format!("what is wanted of the job {job}"), Duration::from_secs(60), look).await
    }

    /// The job once it has ended.
    pub async fn job_ended(&self, token: &str, job: &str) -> Value {
        self.job_until(token, job, has_ended).await
    }
}

/// What the owner of a company registers with.
pub fn registration(company: &str) -> Value {
    json!({"email": format!("owner@{company}.example"), "password": PASSWORD, "full_name": format!("{company} owner"),
        "company_name": company})
}
