//! What those are told of a site who come while it is being built, or just after (contract, trap 10).

use std::time::Duration;

use serde_json::json;

use crate::client::Client;
use crate::support::World;

#[tokio::test]
async fn whoever_comes_late_is_told_how_far_the_creation_is() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    let job = node.create_site(&owner).await;
    let update = Client::connect(&node, &owner).await.expect("status:update").await;
    assert_eq!((&update["status"], &update["progress"]), (&json!("pending"), &json!(0)));
    assert_eq!((&update["job_id"], &update["tenant_id"]), (&json!(job.id), &json!(owner.tenant)));

    let mut watching = Client::connect(&node, &owner).await;
    let mut work = node.work().await;
    work.begin("apps", 10).await;
    work.progress("apps", 42).await;
    while watching.wait_for("status:update").await["progress"] != 42 {}
    let update = Client::connect(&node, &owner).await.wait_for("status:update").await;
    assert_eq!((&update["status"], &update["step"]), (&json!("running"), &json!("apps")));
    // What sockets were told is told, though the row is written once a second only.
    assert_eq!(update["progress"], 42);
}

#[tokio::test]
async fn where_nothing_is_being_built_nothing_is_told() {
    let world = World::new().await;
    let node = world.node().await;
    Client::connect(&node, &node.register("acme").await).await.expect_silence().await;
}

#[tokio::test]
async fn the_end_is_told_to_a_session_of_which_no_socket_heard_it() {
    let world = World::new().await;
    let node = world.node().await;
    let (phone, laptop) = (node.register("acme").await, node.login("acme").await);
    let mut watching = Client::connect(&node, &laptop).await;
    node.create_site(&phone).await;
    node.work().await.complete().await;
    let live = watching.wait_for("status:completed").await;
    assert_eq!(live["erpnext_url"], "http://acme.localhost:8000");
    watching.wait_for("notification:new").await;

    let told = Client::connect(&node, &phone).await.expect("status:completed").await;
    assert_eq!((&told["job_id"], &told["erpnext_url"]), (&live["job_id"], &live["erpnext_url"]));
    assert_eq!((&told["tenant_id"], &told["job_type"]), (&live["tenant_id"], &live["job_type"]));
    assert_eq!(told["event_id"], live["event_id"], "whoever hears both drops the second");
    Client::connect(&node, &phone).await.expect_silence().await;
    assert!(!Client::connect(&node, &laptop).await.gather().await.iter().any(|(name, _)| name.starts_with("status:")));
}

#[tokio::test]
async fn a_failure_is_told_too_and_each_attempt_of_its_own() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    let job = node.create_site(&owner).await;
    node.work().await.fail("out of memory").await;
    assert_eq!(Client::connect(&node, &owner).await.expect("status:failed").await["error"], "out of memory");
    Client::connect(&node, &owner).await.expect_silence().await;

    let admin = node.admin(&owner).await;
    erpmax_core::provisioning::retry(&node.core, &admin, &job.id.to_string()).await.expect("it is tried again");
    assert_eq!(Client::connect(&node, &owner).await.wait_for("status:update").await["progress"], 0);
    node.work().await.fail("out of disk").await;
    assert_eq!(Client::connect(&node, &owner).await.wait_for("status:failed").await["error"], "out of disk");
}

#[tokio::test]
async fn after_two_minutes_the_end_is_no_news() {
    let world = World::new().await;
    let node = world.node().await;
    let owner = node.register("acme").await;
    node.create_site(&owner).await;
    node.work().await.complete().await;
    world.pass(Duration::from_secs(121));
    Client::connect(&node, &owner).await.expect_silence().await;
}
