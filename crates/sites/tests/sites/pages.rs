//! What a visitor sees at a sandbox site's address.

use std::fs;

use erpmax_sites::Driver as _;
use erpmax_types::provisioning::JobType;
use serde_json::json;

use crate::support::http::{Page, Served};
use crate::support::site::fresh;

fn assert_safe_headers(page: &Page) {
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_site_says_whose_it_is_and_that_it_is_a_sandbox() {
    let served = Served::with_site().await;
    for path in ["/", "/app", "/app/item/new"] {
        let page = served.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains("Sandbox site, not ERPNext"), "{}", page.body);
        assert!(page.body.contains("Acme &#38; &#60;Söhne&#62;"), "{}", page.body);
        assert!(page.body.contains("Nobody is signed in"), "{}", page.body);
        assert!(page.body.contains("href=\"https://erpmax.example:8443/?a=1&#38;b=2\""), "{}", page.body);
        assert!(!page.body.contains("style="), "{}", page.body);
        assert_safe_headers(&page);
    }
}

#[tokio::test]
async fn the_style_sheet_is_the_sites_own() {
    let page = Served::start().await.get("/sandbox.css").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(!page.body.contains("url("), "nothing comes from elsewhere");
    assert_safe_headers(&page);
}

#[tokio::test]
async fn an_address_without_a_site_says_so() {
    let served = Served::start().await;
    let page = served.get("/").await;
    assert_eq!(page.status, 404);
    assert!(page.body.contains("There is no site here"), "{}", page.body);
    assert_safe_headers(&page);
    let nameless = served.browser.get(format!("http://127.0.0.1:{}/", served.port)).send().await.expect("an answer");
    assert_eq!(nameless.status(), 404);
}

#[tokio::test]
async fn a_site_being_built_says_so_and_the_page_looks_again() {
    let served = Served::start().await;
    let (driver, context) = (served.world.quick(), served.world.context(fresh(), JobType::CreateSite));
    driver.run("reserve", &context).await.expect("the step works");
    let page = served.get("/app").await;
    assert_eq!((page.status, page.header("retry-after")), (503, "3"));
    assert!(page.body.contains("<meta http-equiv=\"refresh\" content=\"3\">"), "{}", page.body);
    assert!(page.body.contains("This site is being built"), "{}", page.body);
    assert_safe_headers(&page);
    let other = served.browser.get(served.url("/").replace("acme", "other")).send().await.expect("an answer");
    assert_eq!(other.status(), 404, "only this one is being built");
}

#[tokio::test]
async fn a_closed_site_lets_nobody_in() {
    let served = Served::with_site().await;
    let (driver, context) = (served.world.quick(), served.world.context(fresh(), JobType::DeleteSite));
    driver.run("close", &context).await.expect("the step works");
    assert_eq!(served.get("/app").await.status, 503);
    assert_eq!(served.sign_in("/app").await.status, 503);
    assert_eq!(served.asked().len(), 0, "the token is not spent");
    driver.undo("close", &context).await.expect("the undo works");
    assert_eq!(served.get("/app").await.status, 200);
}

#[tokio::test]
async fn a_suspended_site_says_how_to_pay_until_it_is_resumed() {
    let served = Served::with_site().await;
    let carry_out = async |job_type, step| {
        served.world.quick().run(step, &served.world.context(fresh(), job_type)).await.expect("the step works");
    };
    carry_out(JobType::SuspendSite, "suspend").await;
    let page = served.get("/app").await;
    assert_eq!(page.status, 402);
    assert!(page.body.contains("closed until a payment") && page.body.contains("Pay in ERPMax"), "{}", page.body);
    assert!(page.body.contains("href=\"https://erpmax.example:8443/?a=1&#38;b=2\""), "{}", page.body);
    assert_safe_headers(&page);
    assert_eq!(served.sign_in("/app").await.status, 402);
    assert_eq!(served.asked().len(), 0, "the token is not spent");
    assert_eq!(served.get("/api/method/erpmax.health").await.status, 402);
    carry_out(JobType::ResumeSite, "resume").await;
    assert_eq!(served.get("/app").await.status, 200);
}

#[tokio::test]
async fn health_says_how_the_site_is() {
    let served = Served::start().await;
    let health = async |served: &Served| {
        let page = served.get("/api/method/erpmax.health").await;
        (page.status, serde_json::from_str::<serde_json::Value>(&page.body).expect("JSON"))
    };
    assert_eq!(health(&served).await, (404, json!({ "message": "missing", "site": "acme", "sandbox": true })));
    let (driver, context) = (served.world.quick(), served.world.context(fresh(), JobType::CreateSite));
    driver.run("reserve", &context).await.expect("the step works");
    assert_eq!(health(&served).await, (503, json!({ "message": "building", "site": "acme", "sandbox": true })));
    for step in driver.steps(JobType::CreateSite) {
        driver.run(step.name, &context).await.expect("the step works");
    }
    assert_eq!(health(&served).await, (200, json!({ "message": "ok", "site": "acme", "sandbox": true })));
    fs::write(served.world.root().join("sites/acme/closed"), "x").expect("a file");
    assert_eq!(health(&served).await, (503, json!({ "message": "closed", "site": "acme", "sandbox": true })));
}

#[tokio::test]
async fn unknown_pages_and_methods_get_a_page_too() {
    let served = Served::with_site().await;
    let page = served.get("/nothing/here").await;
    assert_eq!(page.status, 404);
    assert!(page.body.contains("No such page"), "{}", page.body);
    assert_safe_headers(&page);
    let page = served.get("/logout").await;
    assert_eq!(page.status, 405);
    assert!(page.body.contains("<h1>"), "{}", page.body);
}
