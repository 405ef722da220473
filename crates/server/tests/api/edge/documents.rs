//! `/openapi.json` and `/docs`: nothing of them comes from another host.

use axum::http::Method;

use crate::support::{Answer, Call, TestApp};

async fn get(app: &TestApp, path: &str) -> Answer {
    Call::new(app, Method::GET, path, app.new_address()).send().await
}

#[tokio::test]
async fn the_document_is_served_as_it_is_made() {
    let app = TestApp::start().await;
    let answer = get(&app, "/openapi.json").await;
    assert_eq!(answer.status(), 200);
    let made = serde_json::to_value(erpmax_server::openapi::document()).expect("the document is JSON");
    assert_eq!(answer.body, made);
}

#[tokio::test]
async fn the_page_and_its_parts_are_served_from_here() {
    let app = TestApp::start().await;
    let page = get(&app, "/docs/").await;
    assert_eq!(page.status(), 200);
    assert!(page.header("content-security-policy").contains("default-src 'self'"));
    let parts: Vec<&str> =
        page.text.split(['"', '\'']).filter(|text| matches!(text.rsplit_once('.'), Some((_, "js" | "css")))).collect();
    assert!(parts.len() >= 3, "{}", page.text);
    for part in parts {
        assert!(!part.contains("//"), "{part}");
        assert_eq!(get(&app, &format!("/docs/{}", part.trim_start_matches("./"))).await.status(), 200, "{part}");
    }
}
