//! What every handler can reach.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use erpmax_core::Core;
use ipnet::IpNet;

/// The state of the edge. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The rules.
    pub core: Core,
    /// What an operator decides about the edge.
    pub edge: Arc<EdgeSettings>,
    draining: Arc<AtomicBool>,
}

/// What an operator decides about the edge.
#[derive(Clone, Debug)]
pub struct EdgeSettings {
    /// Origins that browsers may call the API from; `*` for any.
    pub cors_origins: Vec<String>,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Host names that are the control plane.
    pub control_hosts: Vec<String>,
    /// Whether any address of digits is the control plane, as on a developer's machine.
    pub any_address_is_control: bool,
    /// Whether people reach the control plane by https, which browsers then remember.
    pub is_https: bool,
    /// The domain below which sites live.
    pub sites_zone: String,
    /// How long a request may take in all.
    pub request_timeout: Duration,
    /// How long its body may take to arrive.
    pub body_timeout: Duration,
    /// Bytes that a body may have.
    pub max_body: usize,
}

impl Default for EdgeSettings {
    fn default() -> Self {
        Self {
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            control_hosts: vec!["localhost".to_owned()],
            any_address_is_control: true,
            is_https: false,
            sites_zone: "localhost".to_owned(),
            request_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(10),
            max_body: 256 * 1024,
        }
    }
}

impl App {
    /// The edge of `core`.
    pub fn new(core: Core, edge: EdgeSettings) -> Self {
        Self { core, edge: Arc::new(edge), draining: Arc::default() }
    }

    /// From now on `/health/ready` says no, so that load balancers look elsewhere.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}
