//! The pages behind links in mails.

use axum::http::Method;
use serde_json::json;

use crate::support::{Answer, Call, PASSWORD, Person, TestApp};

const NEW: &str = "BlueHorse-Battery";

pub(crate) async fn open(app: &TestApp, path: &str) -> Answer {
    Call::new(app, Method::GET, path, app.new_address()).send().await
}

pub(crate) async fn press(app: &TestApp, path: &str, form: &str) -> Answer {
    let call = Call::new(app, Method::POST, path, app.new_address());
    call.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned()).send().await
}

/// The path of a link in a mail.
pub(crate) fn path_of(link: &str) -> String {
    format!("/{}", link.splitn(4, '/').nth(3).expect("it has a path"))
}

#[tokio::test]
async fn opening_a_link_any_number_of_times_spends_nothing_and_its_button_does() {
    let app = TestApp::proving().await;
    let person = app.person("acme").await;
    let mail = app.mail_to(&person.email, "Confirm your e-mail address").await;
    for method in [Method::GET, Method::GET, Method::HEAD] {
        let shown = Call::new(&app, method, &path_of(mail.link()), app.new_address()).send().await;
        assert_eq!(shown.status(), 200);
    }
    let shown = open(&app, &path_of(mail.link())).await;
    assert!(shown.text.contains("Is acme@acme.example yours?"), "{}", shown.text);
    assert_eq!(person.get("/auth/me").await.ok()["email_verified"], false);
    let done = press(&app, "/verify-email", &format!("token={}&password={PASSWORD}", mail.token())).await;
    assert!(done.status() == 200 && done.text.contains("Your address is confirmed"), "{}", done.text);
    assert_eq!(person.get("/auth/me").await.ok()["email_verified"], true);
    assert_eq!(open(&app, &path_of(mail.link())).await.status(), 400);
}

#[tokio::test]
async fn a_page_has_no_script_tells_nobody_where_it_was_and_is_kept_nowhere() {
    let app = TestApp::start().await;
    let page = open(&app, "/forgot-password").await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
    assert_eq!((page.header("referrer-policy"), page.header("cache-control")), ("no-referrer", "no-store"));
    assert!(!page.text.contains("<script") && !page.text.contains("style="), "{}", page.text);
    let style = open(&app, "/pages.css").await;
    assert!(style.status() == 200 && style.header("content-type").starts_with("text/css"));
}

#[tokio::test]
async fn pages_speak_the_language_of_the_browser() {
    let app = TestApp::start().await;
    let call = Call::new(&app, Method::GET, "/forgot-password", app.new_address());
    let page = call.header("accept-language", "uk-UA,uk;q=0.9").send().await;
    assert!(page.text.contains("<html lang=\"uk\">") && page.text.contains("Забули пароль?"), "{}", page.text);
    assert_eq!(page.header("content-language"), "uk");
    assert!(open(&app, "/forgot-password").await.text.contains("<html lang=\"en\">"));
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept_but_no_password() {
    let app = TestApp::proving().await;
    let wrong = press(&app, "/forgot-password", "email=%22%3E%3Cb%3Eno").await;
    assert_eq!(wrong.status(), 422);
    assert!(wrong.text.contains("value=\"&#34;&#62;&#60;b&#62;no\"") && !wrong.text.contains("<b>"), "{}", wrong.text);
    assert!(wrong.text.contains("aria-describedby=\"email-problem\""), "{}", wrong.text);
    let person = app.person("acme").await;
    let token = app.mail_to(&person.email, "Confirm your e-mail address").await.token();
    let wrong = press(&app, "/verify-email", &format!("token={token}&password=SomethingElse1")).await;
    assert!(wrong.status() == 422 && wrong.text.contains("This is not your password."), "{}", wrong.text);
    assert!(wrong.text.contains(&token) && !wrong.text.contains("SomethingElse1"), "{}", wrong.text);
    let short = press(&app, "/verify-email", &format!("token={token}&new_password=short")).await;
    assert!(short.text.contains("id=\"new_password-problem\"") && short.text.contains("At least 8"), "{}", short.text);
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_from_the_first_page_to_the_last() {
    let app = TestApp::start().await;
    let person = app.person("acme").await;
    let asked = press(&app, "/forgot-password", "email=acme%40acme.example").await;
    let nobody = press(&app, "/forgot-password", "email=nobody%40nowhere.example").await;
    assert_eq!((asked.status(), &asked.text), (200, &nobody.text));
    let mail = app.mail_to(&person.email, "Choose a new password").await;
    let shown = open(&app, &path_of(mail.link())).await;
    assert!(shown.text.contains("autocomplete=\"new-password\""), "{}", shown.text);
    let done = press(&app, "/reset-password", &format!("token={}&new_password={NEW}", mail.token())).await;
    assert!(done.text.contains("Your password is set"), "{}", done.text);
    app.post("/auth/login", json!({"email": person.email, "password": NEW})).await.ok();
    assert_eq!(
        press(&app, "/reset-password", &format!("token={}&new_password={NEW}", mail.token())).await.status(),
        400
    );
}

#[tokio::test]
async fn another_address_is_confirmed_with_the_password_and_refused_where_it_is_taken() {
    let app = TestApp::start().await;
    let person = app.person("acme").await;
    person.patch("/auth/me", json!({"email": "head@acme.example"})).await.ok();
    let mail = app.mail_to("head@acme.example", "Confirm your new e-mail address").await;
    let shown = open(&app, &path_of(mail.link())).await;
    assert!(shown.text.contains("head@acme.example") && !shown.text.contains("new_password"), "{}", shown.text);
    let form = format!("token={}&password={PASSWORD}", mail.token());
    assert_eq!(press(&app, "/verify-email", &form).await.status(), 400, "it is for the other page");
    let other = Person::register(&app, "head@acme.example", "Head").await;
    assert_eq!(press(&app, "/change-email", &form).await.status(), 409);
    let sql = format!("UPDATE users SET email_key = 'x', email = 'x' WHERE id = '{}'", other.id);
    assert_eq!(app.database().execute(&sql).await, 1);
    assert!(press(&app, "/change-email", &form).await.text.contains("Your address was changed"));
}

#[tokio::test]
async fn a_link_that_is_no_good_is_a_page_that_says_so() {
    let app = TestApp::start().await;
    for page in ["/verify-email", "/change-email", "/reset-password"] {
        for path in [page.to_owned(), format!("{page}?token="), format!("{page}?token=guessed")] {
            let shown = open(&app, &path).await;
            assert!(shown.status() == 400 && shown.text.contains("This link was used"), "{path}: {}", shown.text);
            assert_eq!(shown.text.contains("href=\"/forgot-password\""), page == "/reset-password");
        }
        assert_eq!(press(&app, page, "token=guessed&password=x&new_password=BlueHorse-Battery").await.status(), 400);
        assert_eq!(press(&app, page, "token=%00").await.status(), 400);
    }
    let call = Call::new(&app, Method::POST, "/forgot-password", app.new_address());
    let refused = call.json(&json!({"email": "acme@acme.example"})).send().await;
    assert!(refused.status() == 400 && refused.text.contains("<html"), "{}", refused.text);
}

/// The names in a catalogue, with their parts.
fn names(language: &str) -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/locales");
    let text = std::fs::read_to_string(folder.join(language).join("pages.ftl")).expect("there is a catalogue of pages");
    text.lines().filter_map(|line| line.split_once(" =")).map(|(name, _)| name.to_owned()).collect()
}

#[tokio::test]
async fn every_page_has_its_words_in_every_language() {
    assert_eq!(names("uk"), names("en"));
    let app = TestApp::proving().await;
    for (number, language) in ["en", "uk"].into_iter().enumerate() {
        let person = app.person(&format!("acme{number}")).await;
        let token = app.mail_to(&person.email, "Confirm your e-mail address").await.token();
        let change = app.plant_token(&person, "change_email").await;
        let reset = app.plant_token(&person, "reset").await;
        let typed = format!("password={PASSWORD}");
        for (path, form) in [
            (format!("/verify-email?token={token}"), None),
            (format!("/change-email?token={change}"), None),
            (format!("/reset-password?token={reset}"), None),
            ("/reset-password?token=guessed".to_owned(), None),
            ("/forgot-password".to_owned(), None),
            ("/forgot-password".to_owned(), Some("email=a%40b.example".to_owned())),
            ("/verify-email".to_owned(), Some(format!("token={token}&{typed}"))),
            ("/reset-password".to_owned(), Some(format!("token={reset}&new_password={NEW}"))),
        ] {
            let method = if form.is_some() { Method::POST } else { Method::GET };
            let call = Call::new(&app, method, &path, app.new_address()).header("accept-language", language);
            let call = call.header("content-type", "application/x-www-form-urlencoded");
            let page = call.body(form.unwrap_or_default()).send().await;
            assert!(page.text.contains(&format!("<html lang=\"{language}\">")), "{path}: {}", page.text);
            assert!(!page.text.contains("page-") && !page.text.contains("{ $"), "{path}: {}", page.text);
        }
    }
}
