//! From sign-up to sign-out.

use std::time::Duration;

use erpmax_client::types::api_keys::CreateApiKey;
use erpmax_client::types::audit::AuditFilter;
use erpmax_client::types::provisioning::{JobStatus, JobType};
use erpmax_client::types::runner::Outcome;
use erpmax_client::types::tenants::UpdateTenant;
use erpmax_client::types::users::Role;
use erpmax_client::types::{ErrorCode, Timestamp};
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
async fn an_api_key_calls_what_its_scopes_name_and_its_end_is_final() {
    let node = Node::start().await;
    let owner = node.client();
    register(&owner, "acme").await;
    let acme = owner.tenants().current().await.expect("a tenant");
    let create = CreateApiKey {
        name: "Nightly".to_owned(),
        role: "admin".to_owned(),
        scopes: vec!["jobs:read".to_owned(), "jobs:write".to_owned()],
        expires_at: Timestamp::from_micros(1_800_000_000_000_000) + Duration::from_secs(86_400),
        networks: None,
    };
    let made = owner.tenants().create_api_key(acme.id, &create).await.expect("a key");
    let script = ApiClient::builder(&format!("http://{}", node.address)).api_key(&made.key).build().expect("a client");
    let job = script.provisioning().create(JobType::CreateSite).await.expect("a job");
    assert_eq!(script.provisioning().get(job.id).await.expect("a job").id, job.id);
    assert!(script.billing().plans().await.is_ok(), "what is open for everybody is asked without it");
    let error = script.auth().me().await.expect_err("that is a person's");
    assert!(matches!(error, Error::Forbidden(_) | Error::Unauthorized(_)), "{error:?}");
    owner.tenants().revoke_api_key(acme.id, made.api_key.id).await.expect("it ends");
    let error = script.provisioning().list().await.expect_err("it has ended");
    assert!(matches!(error, Error::Unauthorized(_)), "{error:?}");
    assert!(!format!("{script:?}").contains(&made.key));
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
