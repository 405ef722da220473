//! What a key opens: the operations of its scopes, with its role, in its own company.

use axum::http::Method;
use erpmax_types::api_keys::Scope;
use serde_json::{Value, json};

use crate::support::{Answer, Key, TestApp, TestTenant, random_id};

/// An operation that asks for a token.
struct Door {
    method: Method,
    path: String,
    /// What the document asks of a key; none: it is closed.
    scope: Option<String>,
}

fn doors(acme: &TestTenant) -> Vec<Door> {
    let document = serde_json::to_value(erpmax_server::openapi::document()).expect("the document is JSON");
    let paths = document["paths"].as_object().expect("paths").clone();
    let of_path = |(path, item): (String, Value)| {
        let path = path.replace("/tenants/{id}", &acme.path("")).split('/').map(filled).collect::<Vec<_>>().join("/");
        let item = item.as_object().expect("an object").clone();
        let locked = item.into_iter().filter(|(_, operation)| operation.get("security").is_some());
        locked.map(move |(method, operation)| Door {
            method: method.to_uppercase().parse().expect("a method"),
            path: path.clone(),
            scope: operation["security"][1]["api_key"][0].as_str().map(ToOwned::to_owned),
        })
    };
    paths.into_iter().flat_map(of_path).collect()
}

fn filled(part: &str) -> String {
    if part.starts_with('{') { random_id() } else { part.to_owned() }
}

/// Without a body: whoever is let in is told so.
async fn knock(key: &Key, door: &Door) -> Answer {
    key.call(door.method.clone(), &door.path).send().await
}

#[tokio::test]
async fn each_operation_opens_to_its_own_scope_and_to_no_other() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (mut open, mut closed) = (0, 0);
    for door in doors(&acme) {
        let name = format!("{} {}", door.method, door.path);
        let others: Vec<_> = Scope::ALL.iter().filter(|scope| Some(scope.as_str()) != door.scope.as_deref()).collect();
        let key = Key::of(&acme.owner, &acme.id, json!({"scopes": others})).await;
        let answer = knock(&key, &door).await;
        assert_eq!((answer.status(), answer.code()), (403, "forbidden"), "{name}: {}", answer.text);
        acme.owner.delete(&acme.path(&format!("/api-keys/{}", key.id))).await.ok();
        let Some(scope) = &door.scope else {
            closed += 1;
            continue;
        };
        open += 1;
        let key = Key::of(&acme.owner, &acme.id, json!({"scopes": [scope]})).await;
        let answer = knock(&key, &door).await;
        assert!(![401, 403].contains(&answer.status()), "{name}: {}", answer.text);
        acme.owner.delete(&acme.path(&format!("/api-keys/{}", key.id))).await.ok();
    }
    assert!(open >= 15 && closed >= 20, "{open} {closed}");
}

#[tokio::test]
async fn no_key_makes_lists_or_revokes_keys() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let key = Key::of(&acme.owner, &acme.id, json!({})).await;
    let path = acme.path("/api-keys");
    key.get(&path).await.refused(403, "forbidden");
    key.post(&path, Key::wish(&app, json!({"role": "user"}))).await.refused(403, "forbidden");
    let own = format!("{path}/{}", key.id);
    key.call(Method::DELETE, &own).send().await.refused(403, "forbidden");
    assert_eq!(acme.owner.get(&path).await.ok().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_key_does_what_its_role_may_and_never_what_an_owner_may() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let user = Key::of(&acme.owner, &acme.id, json!({"role": "user"})).await;
    let admin = Key::of(&acme.owner, &acme.id, json!({"role": "admin"})).await;
    for key in [&user, &admin] {
        assert_eq!(key.get("/tenants/current").await.ok()["id"], acme.id);
        assert_eq!(key.get(&acme.path("")).await.ok()["id"], acme.id);
    }
    user.get(&acme.path("/users")).await.refused(403, "forbidden");
    user.post("/provisioning/jobs", json!({"job_type": "create_site"})).await.refused(403, "forbidden");
    acme.complete("create_site").await;
    admin.post("/provisioning/jobs", json!({"job_type": "backup_site"})).await.created();
    admin.post("/provisioning/jobs", json!({"job_type": "delete_site"})).await.refused(403, "forbidden");
    let invite = |role: &str| json!({"email": format!("{role}@globex.example"), "role": role});
    admin.post(&acme.path("/users/invite"), invite("user")).await.ok();
    admin.post(&acme.path("/users/invite"), invite("admin")).await.refused(403, "forbidden");
    let path = acme.path(&format!("/users/{}", acme.owner.id));
    admin.call(Method::DELETE, &path).send().await.refused(403, "forbidden");
    let settings = json!({"settings": {"require_second_factor": true}});
    admin.call(Method::PATCH, &acme.path("")).json(&settings).send().await.refused(403, "forbidden");
}

#[tokio::test]
async fn no_key_makes_its_maker_leave() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let admin = acme.admin("chief").await;
    for role in ["admin", "user"] {
        let key = Key::of(&admin, &acme.id, json!({"role": role})).await;
        let path = acme.path(&format!("/users/{}", admin.id));
        key.call(Method::DELETE, &path).send().await.refused(403, "forbidden");
    }
    admin.get(&acme.path("")).await.ok();
}

#[tokio::test]
async fn another_company_is_not_there_also_one_of_the_makers_own() {
    let app = TestApp::start().await;
    let (acme, globex) = (app.tenant("acme").await, app.tenant("globex").await);
    globex.invite(&acme.owner.email, "admin").await;
    acme.owner.get(&globex.path("")).await.ok();
    let key = Key::of(&acme.owner, &acme.id, json!({})).await;
    for path in [globex.path(""), format!("/tenants/{}", random_id()), "/tenants/acme".to_owned()] {
        key.get(&path).await.refused(404, "not_found");
    }
    acme.owner.switch_to(&globex.id).await;
    assert_eq!(key.get("/tenants/current").await.ok()["id"], acme.id, "a key has one company, whatever its maker does");
}

#[tokio::test]
async fn a_key_comes_from_its_networks_alone() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let key = Key::of(&acme.owner, &acme.id, json!({"networks": ["192.0.2.0/24", "2001:db8::7"]})).await;
    for address in ["192.0.2.9", "2001:db8::7", "::ffff:192.0.2.9"] {
        key.call(Method::GET, "/tenants/current").from(address).send().await.ok();
    }
    for address in ["192.0.3.9", "2001:db8::8", "10.0.0.1"] {
        let forged = key.call(Method::GET, "/tenants/current").header("x-forwarded-for", "192.0.2.9");
        forged.from(address).send().await.refused(403, "forbidden");
    }
}
