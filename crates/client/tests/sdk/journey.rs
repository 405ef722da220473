//! From sign-up to sign-out.

use std::time::Duration;

use erpmax_client::types::ErrorCode;
use erpmax_client::types::audit::AuditFilter;
use erpmax_client::types::provisioning::{JobStatus, JobType};
use erpmax_client::types::runner::Outcome;
use erpmax_client::types::tenants::UpdateTenant;
use erpmax_client::types::users::Role;
use erpmax_client::{ApiClient, Error};
use tempfile::TempDir;

use crate::support::{Hostile, Node, envelope, register};

#[tokio::test]
async fn a_company_signs_up_builds_its_site_and_invites_a_colleague() {
    let node = Node::start().await;
    let client = node.client();
    register(&client, "acme").await;
    let acme = client.auth().me().await.expect("an account").current_tenant.expect("a tenant");
    let update = UpdateTenant { name: Some("Acme Trading".to_owned()), settings: None };
    assert_eq!(client.tenants().update(acme.id, &update).await.expect("a name").name, "Acme Trading");

    let error = client.sso().token().await.expect_err("there is no site");
    assert_eq!(error.code(), Some(ErrorCode::SiteMissing));
    let job = client.provisioning().create(JobType::CreateSite).await.expect("a job");
    let same = client.provisioning().create(JobType::CreateSite).await.expect("the same job");
    assert_eq!((job.id, job.status), (same.id, JobStatus::Pending));
    node.lease().await.end(Outcome::Completed { result: None }).await;
    assert_eq!(client.provisioning().get(job.id).await.expect("a job").status, JobStatus::Completed);
    assert!(client.sso().token().await.expect("a pass").sso_url.contains("token="));

    let invitation =
        client.tenants().invite(acme.id, "accountant@acme.example", Role::User).await.expect("an invitation");
    assert_eq!(invitation.role, Role::User);
    let trail = client.tenants().audit_export(acme.id, &AuditFilter::default()).await.expect("a file");
    let trail = String::from_utf8(trail.bytes().await.expect("all of it")).expect("text");
    assert!(trail.contains("members.invite"), "{trail}");
    assert!(client.notifications().unread().await.expect("a number") > 0);
    client.notifications().read_all().await.expect("it works");
    assert_eq!(client.notifications().unread().await.expect("a number"), 0);
    client.auth().logout().await.expect("it works");
}

#[tokio::test]
async fn refusals_say_which_field_and_why() {
    let node = Node::start().await;
    let client = node.client();
    register(&client, "acme").await;
    let acme = client.tenants().current().await.expect("a tenant");
    let error = client.tenants().invite(acme.id, "not an address", Role::User).await.expect_err("it is none");
    let Error::Validation { details, refusal } = error else { panic!("{error:?}") };
    assert!(details.contains_key("email"), "{details:?}");
    assert!(refusal.request_id.is_some());
    let stranger = "019ab000-0000-7000-8000-000000000001".parse().expect("an id");
    let error = client.tenants().get(stranger).await.expect_err("it is none of theirs");
    assert!(matches!(error, Error::NotFound(_)), "{error:?}");
}

#[tokio::test]
async fn a_price_list_is_asked_for_once_in_its_lifetime() {
    let hostile = Hostile::start(|_| envelope(&serde_json::json!([]))).await;
    let folder = TempDir::new().expect("a folder");
    let client = |lifetime| -> ApiClient {
        let file = folder.path().join("cache/plans.json");
        hostile.builder().plan_cache(&file, lifetime).build().expect("a client")
    };
    for _ in 0..3 {
        client(Duration::from_secs(3600)).billing().cached_plans().await.expect("a list");
    }
    assert_eq!(hostile.seen().len(), 1);
    client(Duration::ZERO).billing().cached_plans().await.expect("a list");
    assert_eq!(hostile.seen().len(), 2);
    std::fs::write(folder.path().join("cache/plans.json"), "[garbage").expect("it is written");
    client(Duration::from_secs(3600)).billing().cached_plans().await.expect("a list");
    assert_eq!(hostile.seen().len(), 3);
}
