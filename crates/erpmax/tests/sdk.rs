//! The SDK's examples, carried out against the real binary.

#[allow(dead_code, reason = "its `main` is for whoever runs the example")]
#[path = "../../client/examples/backup_all_tenants.rs"]
mod backup_all_tenants;
#[allow(dead_code, reason = "its `main` is for whoever runs the example")]
#[path = "../../client/examples/invite_a_team.rs"]
mod invite_a_team;
#[allow(dead_code, reason = "its `main` is for whoever runs the example")]
#[path = "../../client/examples/sign_up_and_watch.rs"]
mod sign_up_and_watch;
mod support;

use std::path::Path;

use erpmax_client::store::FileStore;
use erpmax_client::types::provisioning::{JobStatus, JobType};
use erpmax_client::{ApiClient, Builder};
use support::{PASSWORD, Server};

const EMAIL: &str = "owner@acme.example";

fn builder(server: &Server) -> Builder {
    ApiClient::builder(&format!("http://localhost:{}", server.port()))
}

async fn signed_up(server: &Server) -> ApiClient {
    let client = builder(server).build().expect("a client");
    let (email, password, company) = (EMAIL.to_owned(), PASSWORD.to_owned(), "Acme Trading".to_owned());
    let signing_up = sign_up_and_watch::sign_up_and_watch(&client, email, password, company);
    let url = signing_up.await.expect("the site is built");
    assert!(url.contains("acme-trading.localhost") && url.contains("token="), "{url}");
    client
}

#[tokio::test]
async fn the_examples_do_what_they_say() {
    let server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "50")]).await;
    let client = signed_up(&server).await;
    let team = ["accountant@acme.example", "no address", "driver@acme.example"].map(str::to_owned);
    assert_eq!(invite_a_team::invite_a_team(&client, &team).await.expect("two are invited"), 2);
    assert_eq!(backup_all_tenants::backup_all_tenants(&client).await.expect("it is backed up"), 1);
}

#[tokio::test]
async fn a_watcher_outlives_a_server_that_is_killed() {
    let mut server = Server::start(&[("SANDBOX__STEP_MILLISECONDS", "300")]).await;
    let client = builder(&server).build().expect("a client");
    let folder = tempfile::tempdir().expect("a folder");
    let register = erpmax_client::types::users::Register {
        email: EMAIL.to_owned(),
        password: PASSWORD.to_owned(),
        full_name: "Acme Owner".to_owned(),
        company_name: "Acme".to_owned(),
    };
    client.auth().register(&register).await.expect("an account");
    let job = client.provisioning().create(JobType::CreateSite).await.expect("a job");
    let watching = tokio::spawn(client.provisioning().watch(job.id).finished());
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    server.kill();
    server.restart().await;
    let ended = tokio::time::timeout(std::time::Duration::from_secs(60), watching).await;
    assert_eq!(ended.expect("it ends").expect("no panic").expect("no error").status, JobStatus::Completed);
    two_terminals(&server, &folder.path().join("tokens")).await;
}

/// One signs in, the other is; one signs out, the other is out.
async fn two_terminals(server: &Server, file: &Path) {
    let terminal = || builder(server).token_store(FileStore::new(file)).build().expect("a client");
    let (first, second) = (terminal(), terminal());
    first.auth().login(EMAIL, PASSWORD).await.expect("it works");
    assert_eq!(second.auth().me().await.expect("it is signed in").user.email, EMAIL);
    first.auth().logout().await.expect("it works");
    second.auth().me().await.expect_err("it is signed out");
    assert!(!second.auth().is_authenticated().await.expect("the store answers"));
}
