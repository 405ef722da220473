//! `GET /billing/invoices`.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn owners_and_admins_see_the_payments_and_users_do_not() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let (admin, user) = (acme.admin("chief").await, acme.member("accountant").await);
    for person in [&acme.owner, &admin] {
        let answer = person.get("/billing/invoices").await;
        assert_eq!(answer.body["pagination"], json!({"total": 0, "page": 1, "size": 20, "pages": 0}));
        assert_eq!(answer.ok(), json!([]));
    }
    user.get("/billing/invoices").await.refused(403, "forbidden");
    acme.owner.get("/billing/invoices?page=0").await.invalid(&["page"]);
    app.get("/billing/invoices").await.refused(401, "unauthorized");
}
