//! No 401 loop (contract, trap 1): a 401 is cured by a refresh, or the refresh is refused with something else than 401. The seed
//! client would otherwise refresh and retry without end.

use std::time::Duration;

use serde_json::json;

use crate::support::{Answer, Ids, Letter, Operation, PASSWORD, Person, TestApp, TestTenant, operations, random_id};

/// Why an access token may be refused.
#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    Missing,
    Garbage,
    Expired,
    OtherInstallation,
    TenantSwitched,
    LoggedOut,
    FamilyReused,
    SessionExpired,
    Removed,
    Disabled,
    Deactivated,
}

/// Somebody whose token has a fault.
struct Holder {
    person: Person,
    access: Option<String>,
    refresh: String,
}

impl Fault {
    async fn holder(self, app: &TestApp, foreign: &str) -> Holder {
        let acme = app.tenant(&format!("acme{}", &random_id()[24..])).await;
        let person = acme.member("accountant").await;
        let (old_access, old_refresh) = (person.access(), person.refresh_token());
        let mut access = Some(old_access);
        match self {
            Self::None => {}
            Self::Missing => access = None,
            Self::Garbage => access = Some("garbage".to_owned()),
            Self::OtherInstallation => access = Some(foreign.to_owned()),
            Self::Expired => app.pass(Duration::from_secs(15 * 60)),
            Self::TenantSwitched => {
                person.post("/auth/switch-tenant", json!({"tenant_id": person.own_tenant})).await.ok();
            }
            Self::LoggedOut => drop(person.post_nothing("/auth/logout").await.ok()),
            Self::FamilyReused => end_family(app, &person, &old_refresh).await,
            Self::SessionExpired => app.pass(Duration::from_secs(91 * 86_400)),
            Self::Removed => remove(&acme, &person).await,
            Self::Disabled => {
                let sql = format!("UPDATE users SET is_active = false WHERE id = '{}'", person.id);
                app.database().execute(&sql).await;
            }
            Self::Deactivated => app.disable(&person).await,
        }
        Holder { refresh: person.refresh_token(), person, access }
    }
}

async fn end_family(app: &TestApp, person: &Person, old: &str) {
    person.refresh().await.ok();
    app.pass(Duration::from_secs(121));
    person.refresh_with(old).await.refused(400, "invalid_grant");
}

async fn remove(acme: &TestTenant, person: &Person) {
    acme.owner.delete(&acme.path(&format!("/users/{}", person.id))).await.ok();
}

/// Ids that are good for nothing but their form.
fn ids(holder: &Holder) -> Ids {
    let checkout = random_id();
    let body = json!({"checkout": checkout}).to_string();
    Ids {
        mail_token: random_id(),
        tenant: holder.person.own_tenant.clone(),
        user: random_id(),
        failed_job: random_id(),
        pending_job: random_id(),
        notification: random_id(),
        session: random_id(),
        api_key: random_id(),
        backup: random_id(),
        backup_token: random_id(),
        checkout,
        pass: random_id(),
        refresh_token: holder.refresh.clone(),
        email: holder.person.email.clone(),
        password: PASSWORD.to_owned(),
        challenge: random_id(),
        access: random_id(),
        invitation: random_id(),
        invitation_token: random_id(),
        code: "000000".to_owned(),
        plan: random_id(),
        site_key: random_id(),
        letter: Letter { signature: String::new(), body },
    }
}

async fn send(operation: &Operation, holder: &Holder, token: Option<&str>) -> Answer {
    let mut ids = ids(holder);
    if operation.id == "auth.login" && token.is_some() {
        // The password mistyped while a token is stored.
        ids.password.insert(0, 'x');
    }
    operation.request(&ids).call(&operation.method, &holder.person, token).send().await
}

/// What the client does on a 401; its refresh bears the old token too.
async fn check_cure(operation: &Operation, fault: Fault, holder: &Holder) {
    let request = json!({"refresh_token": holder.refresh});
    let mut call = holder.person.bare(axum::http::Method::POST, "/auth/refresh").json(&request);
    if let Some(access) = &holder.access {
        call = call.bearer(access);
    }
    let refreshed = call.send().await;
    assert_ne!(refreshed.status(), 401, "{} with {fault:?}: refresh answers {}", operation.id, refreshed.text);
    if refreshed.status() != 200 {
        assert!(matches!(refreshed.code(), "invalid_grant" | "account_disabled"), "{}", refreshed.text);
        return;
    }
    let fresh = refreshed.body["data"]["access_token"].as_str().expect("a token").to_owned();
    let again = send(operation, holder, Some(&fresh)).await;
    assert_ne!(again.status(), 401, "{} with {fault:?}: after a refresh {}", operation.id, again.text);
}

async fn check(fault: Fault) {
    let (app, elsewhere) = (TestApp::quiet().await, TestApp::quiet().await);
    let foreign = elsewhere.person("stranger").await.access();
    let mut refused = 0;
    for operation in operations() {
        let holder = fault.holder(&app, &foreign).await;
        let answer = send(&operation, &holder, holder.access.as_deref()).await;
        if answer.status() == 401 {
            refused += 1;
            check_cure(&operation, fault, &holder).await;
        }
    }
    let never = matches!(fault, Fault::None | Fault::Removed | Fault::Disabled);
    assert_eq!(refused == 0, never, "{fault:?}: {refused} operations answered 401");
}

macro_rules! no_loop {
    ($($name:ident: $fault:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $name() {
            check(Fault::$fault).await;
        }
    )*};
}

no_loop! {
    a_good_token_leads_into_no_loop: None,
    a_missing_token_leads_into_no_loop: Missing,
    garbage_leads_into_no_loop: Garbage,
    an_expired_token_leads_into_no_loop: Expired,
    a_token_of_another_installation_leads_into_no_loop: OtherInstallation,
    a_token_from_before_a_switch_leads_into_no_loop: TenantSwitched,
    a_session_that_was_signed_out_leads_into_no_loop: LoggedOut,
    a_family_that_was_ended_leads_into_no_loop: FamilyReused,
    a_session_that_ran_out_leads_into_no_loop: SessionExpired,
    a_membership_that_was_ended_leads_into_no_loop: Removed,
    an_account_that_was_disabled_leads_into_no_loop: Disabled,
    an_account_that_was_deactivated_leads_into_no_loop: Deactivated,
}
