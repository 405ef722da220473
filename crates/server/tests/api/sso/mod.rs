//! `/sso`.

mod callback;
mod token;
mod validate;

use crate::support::{Person, TestApp, TestTenant};

/// A company with a ready site.
async fn with_site(app: &TestApp, name: &str) -> TestTenant {
    let tenant = app.tenant(name).await;
    tenant.complete("create_site").await;
    tenant
}

/// A fresh pass.
async fn pass(person: &Person) -> String {
    let data = person.post_nothing("/sso/erpnext/token").await.ok();
    data["token"].as_str().expect("a token").to_owned()
}
