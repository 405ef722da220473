//! Nobody sees progress go down, whenever they come.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use erpmax_core::realtime::Audience;
use rand::RngExt;

use crate::client::{Client, Heard};
use crate::support::{Node, Person, World};

/// Watches until the creation ends; the progress that was seen.
async fn watch(node: &Node, person: &Person, delay: Duration) -> Vec<i64> {
    tokio::time::sleep(delay).await;
    let mut client = Client::connect(node, person).await;
    let mut seen = Vec::new();
    loop {
        match client.hear().await {
            Heard::Event(name, argument) if name == "status:update" => {
                seen.push(argument["progress"].as_i64().expect("a whole number"));
            }
            Heard::Event(name, _) if name == "status:completed" => return seen,
            Heard::Event(..) => {}
            other => panic!("it was closed: {other:?}"),
        }
    }
}

async fn build(world: &World, node: &Node) {
    let mut work = node.work().await;
    for step in 0..9_u8 {
        let name = format!("step-{step}");
        work.begin(&name, step * 11).await;
        for part in 1..11 {
            work.progress(&name, step * 11 + part).await;
            world.pass(Duration::from_millis(300));
            if part % 3 == 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        work.done(&name, step * 11 + 11).await;
    }
    // Everybody is here by now: who comes later is told of the end only.
    tokio::time::sleep(Duration::from_millis(400)).await;
    work.complete().await;
}

/// Other tenants' events, so that the outbox is never quiet.
async fn make_noise(node: &Node, stranger: &Person, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        node.publish(Audience::Tenant(stranger.tenant), 1).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_never_goes_down_whenever_one_joins() {
    let world = World::new().await;
    let node = world.node().await;
    let (owner, stranger) = (node.register("acme").await, node.register("globex").await);
    let mut sessions = vec![owner.clone()];
    for _ in 0..3 {
        sessions.push(node.login("acme").await);
    }
    node.create_site(&owner).await;
    let mut random = rand::rng();
    let watchers = (0..40).map(|number| {
        let delay = Duration::from_millis(random.random_range(0..400));
        watch(&node, &sessions[number % sessions.len()], delay)
    });
    let is_over = AtomicBool::new(false);
    let watching = async {
        let (seen, ()) = tokio::join!(futures_util::future::join_all(watchers), build(&world, &node));
        is_over.store(true, Ordering::Relaxed);
        seen
    };
    let (all_seen, ()) = tokio::join!(watching, make_noise(&node, &stranger, &is_over));
    for seen in all_seen {
        assert!(!seen.is_empty(), "each is told something");
        assert!(seen.is_sorted(), "progress went down: {seen:?}");
        assert_eq!(seen.last(), Some(&99));
    }
}
