//! Signing in to a sandbox site with a token of the control plane.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::http::{Answer, Page, Served};

#[tokio::test]
async fn a_good_token_signs_in() {
    let served = Served::with_site().await;
    let page = served.sign_in("%2Fapp%2Fitem").await;
    assert_eq!((page.status, page.header("location")), (303, "/app"), "{}", page.body);
    let cookie = page.header("set-cookie");
    assert!(
        cookie.starts_with("sandbox_sid=") && cookie.ends_with("; Path=/; Max-Age=28800; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    assert_eq!(page.cookie().len(), "sandbox_sid=".len() + 64, "256 bits");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let asked = json!({ "token": "abc", "redirect": "/app/item" });
    let host = "erpmax.example:8443".to_owned();
    assert_eq!(served.asked(), [(host, served.world.site.key.clone(), asked)], "by the name of the control plane");

    let home = served.get_as(&page.cookie(), "/app").await;
    assert!(home.body.contains("Signed in as <strong>&#60;b&#62;Owner&#60;/b&#62;</strong>"), "{}", home.body);
    assert!(home.body.contains("owner@acme.example"), "{}", home.body);
    assert!(served.get("/app").await.body.contains("Nobody is signed in"), "only with the cookie");
}

#[tokio::test]
async fn the_answers_redirect_is_followed_only_within_the_site() {
    let served = Served::with_site().await;
    for (redirect, location) in [
        ("/app/item?x=1", "/app/item?x=1"),
        ("//evil.example", "/app"),
        ("/\\evil.example", "/app"),
        ("/%2fevil.example", "/app"),
        ("https://evil.example", "/app"),
        ("/a\r\nx: y", "/app"),
    ] {
        redirect.clone_into(&mut served.callback.redirect.lock().expect("a path"));
        assert_eq!(served.sign_in("/app").await.header("location"), location, "{redirect}");
    }
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let served = Served::with_site().await;
    let cookie = served.sign_in("/app").await.cookie();
    let request = served.browser.post(served.url("/logout")).header("cookie", &cookie);
    let page = Page::of(request.send().await.expect("an answer")).await;
    assert_eq!((page.status, page.header("location")), (303, "/"));
    assert!(page.header("set-cookie").starts_with("sandbox_sid=; Path=/; Max-Age=0"));
    assert!(served.get_as(&cookie, "/app").await.body.contains("Nobody is signed in"));
}

#[tokio::test]
async fn a_new_sign_in_ends_the_session_before_it() {
    let served = Served::with_site().await;
    let first = served.sign_in("/app").await.cookie();
    let second = served.get_as(&first, "/api/method/erpmax.sso.login?token=abc").await.cookie();
    assert_ne!(first, second);
    assert!(served.get_as(&first, "/app").await.body.contains("Nobody is signed in"));
    assert!(served.get_as(&second, "/app").await.body.contains("Signed in as"));
}

#[tokio::test]
async fn a_temporary_user_stays_only_while_the_control_plane_says_so() {
    let served = Served::with_site().await;
    served.answer(Answer::RedeemedForAWhile);
    for no in [StatusCode::NOT_FOUND, StatusCode::INTERNAL_SERVER_ERROR] {
        let cookie = served.sign_in("/app").await.cookie();
        *served.callback.staying.lock().expect("an answer") = StatusCode::OK;
        for _ in 0..2 {
            assert!(served.get_as(&cookie, "/app").await.body.contains("Signed in as"));
        }
        *served.callback.staying.lock().expect("an answer") = no;
        assert!(served.get_as(&cookie, "/app").await.body.contains("Nobody is signed in"), "{no}");
        *served.callback.staying.lock().expect("an answer") = StatusCode::OK;
        assert!(served.get_as(&cookie, "/app").await.body.contains("Nobody is signed in"), "it has ended for good");
    }
    let asked = served.callback.asked_about.lock().expect("calls").clone();
    assert_eq!(asked.len(), 6, "each time: {asked:?}");
    assert!(asked.iter().all(|(key, _)| *key == served.world.site.key), "{asked:?}");
}

#[tokio::test]
async fn nobody_is_asked_about_members() {
    let served = Served::with_site().await;
    let cookie = served.sign_in("/app").await.cookie();
    assert!(served.get_as(&cookie, "/app").await.body.contains("Signed in as"));
    assert!(served.callback.asked_about.lock().expect("calls").is_empty());
}

#[tokio::test]
async fn a_refused_token_is_told_in_a_sentence() {
    let served = Served::with_site().await;
    for answer in [Answer::Refused, Answer::RedeemedForAnotherTenant] {
        served.answer(answer);
        let page = served.sign_in("/app").await;
        assert_eq!((page.status, page.header("set-cookie")), (403, ""), "{answer:?}");
        assert!(page.body.contains("You are not signed in"), "{}", page.body);
        assert!(!page.body.contains("abc"), "the token is not repeated");
    }
    let page = served.get("/api/method/erpmax.sso.login?redirect=/app").await;
    assert_eq!(page.status, 403, "a link without a token");
}

#[tokio::test]
async fn a_control_plane_that_does_not_answer_is_told_as_such() {
    let served = Served::with_site().await;
    for answer in [Answer::Broken, Answer::Busy, Answer::Garbage, Answer::Endless, Answer::SentElsewhere] {
        served.answer(answer);
        let page = served.sign_in("/app").await;
        assert_eq!((page.status, page.header("set-cookie")), (502, ""), "{answer:?}");
        assert!(page.body.contains("ERPMax did not answer"), "{}", page.body);
    }
    assert_eq!(served.asked().len(), 5, "no redirect is followed and nothing is tried twice");

    let served = Served::beside(Some(([127, 0, 0, 1], 1).into())).await;
    served.world.build().await;
    assert_eq!(served.sign_in("/app").await.status, 502, "nobody listens there");
}

#[tokio::test]
async fn looking_at_a_link_does_not_spend_its_token() {
    let served = Served::with_site().await;
    let link = served.url("/api/method/erpmax.sso.login?token=abc");
    let looked = served.browser.head(&link).send().await.expect("an answer");
    assert_eq!(looked.status(), 405);
    assert_eq!(served.asked().len(), 0);
}

#[tokio::test]
async fn a_session_ends_with_its_site() {
    let mut served = Served::with_site().await;
    let cookie = served.sign_in("/app").await.cookie();
    std::fs::remove_dir_all(served.world.root().join("sites/acme")).expect("a folder");
    assert_eq!(served.get_as(&cookie, "/app").await.status, 404);
    served.world.site.id = crate::support::site::fresh();
    served.world.build().await;
    assert!(served.get_as(&cookie, "/app").await.body.contains("Nobody is signed in"));
}
