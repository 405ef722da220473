//! How long an event takes to everybody.

use std::io::Write;
use std::time::{Duration, Instant};

use erpmax_core::realtime::Audience;
use erpmax_server::realtime::RealtimeSettings;

use crate::client::Client;
use crate::support::World;

const SOCKETS: usize = 1000;
const EVENTS: i64 = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, for a release build"]
async fn one_event_to_a_thousand_sockets() {
    let world = World::new().await;
    let settings = RealtimeSettings { max_per_session: SOCKETS, ..RealtimeSettings::default() };
    let node = world.node_with(settings).await;
    let owner = node.register("acme").await;
    let begun = Instant::now();
    let mut clients = Vec::new();
    for _ in 0..SOCKETS {
        clients.push(Client::connect(&node, &owner).await);
    }
    let connecting = begun.elapsed();
    let mut times: Vec<Duration> = Vec::new();
    for days in 0..EVENTS {
        let begun = Instant::now();
        node.publish(Audience::Tenant(owner.tenant), days).await;
        for client in &mut clients {
            client.expect("subscription:expiring").await;
        }
        times.push(begun.elapsed());
    }
    times.sort();
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    writeln!(
        std::io::stdout(),
        "{SOCKETS} sockets: connected in {connecting:?}; an event reaches all in {median:?} (worst {worst:?})"
    )
    .expect("somebody reads");
}
