//! Names that try tricks: in whatever field they stand, on pages, in mails and in tables they are words.

use axum::http::Method;
use axum::http::header::USER_AGENT;
use serde_json::{Value, json};

use crate::support::{Answer, Call, Key, Mail, PASSWORD, Person, TestApp, TestTenant};

/// What a name may be, whatever a page, a spreadsheet or a template would make of it.
const WORDS: [&str; 10] = [
    "<img src=x onerror=alert(1)>",
    "\"><script>alert(1)</script>",
    "</title><style>*{display:none}</style>",
    "' onmouseover='alert(1)",
    "=HYPERLINK(\"//x\",\"Pay\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "＝1+1",
    "{{7*7}} ${7*7} {$company}",
    "'; DROP TABLE users; --",
    "&lt;b&gt; &#60;i&#62;",
];
/// What no name may be: what breaks lines, ends texts, or turns the direction of what follows.
const REFUSED: [&str; 12] = [
    "Acme\r\nBcc: victim@evil.example",
    "Acme\nSubject: Prize",
    "Acme\rX",
    "Acme\u{0}",
    "Acme\u{1b}[31m",
    "Acme\u{85}X",
    "Acme\u{2028}X",
    "Acme\u{2029}X",
    "Acme \u{202e}moc.live",
    "Acme \u{2066}X\u{2069}",
    "Acme\u{200f}X",
    "Acme\u{61c}X",
];

/// The names and addresses that people give: each sends one with this value.
const FIELDS: [(&str, Field); 6] = [
    ("full_name", |person, value| register(person, "full_name", value)),
    ("company_name", |person, value| register(person, "company_name", value)),
    ("email", |person, value| register(person, "email", &format!("{value}@acme.example"))),
    ("full_name", |person, value| person.call(Method::PATCH, "/auth/me").json(&json!({"full_name": value}))),
    ("name", |person, value| {
        let path = format!("/tenants/{}/api-keys", person.own_tenant);
        person.call(Method::POST, &path).json(&Key::wish(person.app(), json!({"name": value})))
    }),
    ("name", |person, value| {
        let path = format!("/tenants/{}", person.own_tenant);
        person.call(Method::PATCH, &path).json(&json!({"name": value}))
    }),
];

type Field = fn(&Person, &str) -> Call;

fn register(person: &Person, field: &str, value: &str) -> Call {
    let mut body =
        json!({"email": "new@acme.example", "password": PASSWORD, "full_name": "New", "company_name": "New"});
    body[field] = json!(value);
    person.bare(Method::POST, "/auth/register").json(&body)
}

#[tokio::test]
async fn what_breaks_lines_or_turns_the_direction_gets_into_no_name_field() {
    let app = TestApp::quiet().await;
    let owner = app.tenant("acme").await.owner;
    for (field, send) in FIELDS {
        for value in REFUSED {
            send(&owner, value).send().await.invalid(&[field]);
        }
    }
}

/// A company whose every word is this one, with somebody who joined it and a new device.
async fn company(app: &TestApp, words: &str) -> TestTenant {
    let name = super::super::work::company_name();
    let mut acme = app.tenant(&name).await;
    acme.owner.patch(&acme.path(""), json!({"name": words, "settings": {"note": words}})).await.ok();
    acme.owner = owner_called(app, &acme, words).await;
    acme
}

/// A further owner of this name, who did all there is to do.
async fn owner_called(app: &TestApp, acme: &TestTenant, words: &str) -> Person {
    let email = format!("trickster@{}.example", acme.name);
    acme.invite(&email, "admin").await;
    let body = json!({"email": email, "password": PASSWORD, "full_name": words, "company_name": words});
    let data = app.post("/auth/register", body).await.created();
    let person = Person::signed_in(app, app.new_address(), &data);
    acme.owner.patch(&acme.path(&format!("/users/{}", person.id)), json!({"role": "owner"})).await.ok();
    person.switch_to(&acme.id).await;
    let login = json!({"email": email, "password": PASSWORD});
    let agent: String = words.chars().filter(char::is_ascii).collect();
    person.bare(Method::POST, "/auth/login").header(USER_AGENT, &agent).json(&login).send().await.ok();
    person.post("/billing/cancel", json!({"reason": words, "cancel_at_period_end": true})).await.ok();
    person
}

/// The tags of a page, from `<` to `>`.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()).collect()
}

/// Links and styles differ from mail to mail; which elements there are does not.
fn elements(page: &str) -> Vec<&str> {
    tags(page).into_iter().map(|tag| tag.split_whitespace().next().unwrap_or_default()).collect()
}

/// The mails to the one of this name, by their subject.
async fn mails(app: &TestApp, acme: &TestTenant) -> Vec<Mail> {
    let subjects = ["You are a member now", "Your role was changed", "A new device signed in"];
    let mut mails = Vec::new();
    for subject in subjects {
        mails.push(app.mail_to(&acme.owner.email, subject).await);
    }
    mails
}

async fn checkout_page(app: &TestApp, acme: &TestTenant) -> Answer {
    let order = acme.owner.post("/billing/checkout", acme.order("business").await).await;
    let order = if order.status() == 200 { order } else { panic!("{}", order.text) };
    let id = order.body["data"]["session_id"].as_str().expect("an id").to_owned();
    Call::new(app, Method::GET, &format!("/sandbox/checkout/{id}"), app.new_address()).send().await
}

#[tokio::test]
async fn names_that_try_tricks_are_words_in_mails() {
    let app = TestApp::start().await;
    let plain = mails(&app, &company(&app, "Plain").await).await;
    for words in WORDS {
        for (mail, plain) in mails(&app, &company(&app, words).await).await.iter().zip(&plain) {
            assert_eq!(elements(&mail.html), elements(&plain.html), "{words}: {}", mail.html);
            assert!(!mail.html.contains("onerror=alert") || mail.html.contains("&#60;img"), "{words}: {}", mail.html);
            assert_eq!(mail.headers, plain.headers, "{words}");
            assert_eq!(mail.text.lines().count(), plain.text.lines().count(), "{words}: {}", mail.text);
        }
    }
}

#[tokio::test]
async fn names_that_try_tricks_are_words_on_pages() {
    let app = TestApp::start().await;
    let plain = checkout_page(&app, &company(&app, "Plain").await).await;
    for words in WORDS {
        let page = checkout_page(&app, &company(&app, words).await).await;
        assert_eq!(page.status(), 200);
        assert_eq!(elements(&page.text), elements(&plain.text), "{words}: {}", page.text);
        assert!(!words.contains('<') || !page.text.contains(words), "{words}: {}", page.text);
        assert!(page.header("content-security-policy").contains("default-src 'none'"));
    }
}

/// The table, taken apart.
fn cells(table: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let lines = reader.records().map(|line| line.expect("a line of as many cells"));
    lines.flat_map(|line| line.iter().map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[tokio::test]
async fn names_that_try_tricks_are_words_in_tables() {
    let app = TestApp::quiet().await;
    for words in WORDS {
        let acme = company(&app, words).await;
        let turned = json!({"settings": {"note": format!("{words} \u{202e}moc.live\u{2028}")}});
        acme.owner.patch(&acme.path(""), turned).await.ok();
        let table = acme.owner.get(&acme.path("/audit.csv")).await;
        assert!(table.header("content-type").starts_with("text/csv"));
        assert!(table.header("content-disposition").starts_with("attachment"));
        let cells = cells(&table.text);
        assert!(cells.iter().any(|cell| cell == words || cell == &format!("'{words}")), "{words}: {}", table.text);
        for cell in cells {
            let first = cell.trim_start().chars().next();
            assert!(!first.is_some_and(|first| "=+-@＝＋－＠\t\r\n".contains(first)), "{cell}");
            assert!(!cell.contains(['\u{202e}', '\u{2028}', '\r', '\n']), "{cell}");
        }
    }
}

#[tokio::test]
async fn names_that_try_tricks_are_the_same_words_in_the_api() {
    let app = TestApp::quiet().await;
    for words in WORDS {
        let acme = company(&app, words).await;
        let answer = acme.owner.get("/tenants/current").await;
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let tenant = answer.ok();
        assert_eq!((&tenant["name"], &tenant["settings"]["note"]), (&json!(words), &json!(words)));
        let me: Value = acme.owner.get("/auth/me").await.ok();
        assert_eq!(me["user"]["full_name"], json!(words));
        let slug = tenant["slug"].as_str().expect("a slug");
        assert!(slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{slug}");
    }
}

#[tokio::test]
async fn a_reason_may_have_lines_and_turns_no_direction() {
    let app = TestApp::quiet().await;
    let owner = app.tenant("acme").await.owner;
    for reason in ["Too dear \u{202e}moc.live", "\u{2066}X", "X\u{1b}[31m"] {
        owner.post("/billing/cancel", json!({"reason": reason})).await.invalid(&["reason"]);
    }
    owner.post("/billing/cancel", json!({"reason": "Too dear.\nToo slow."})).await.ok();
}
