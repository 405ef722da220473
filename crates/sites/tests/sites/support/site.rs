//! A site as it is leased, and fresh ids.

use std::sync::Arc;

use erpmax_types::JobId;
use erpmax_types::provisioning::JobType;
use erpmax_types::runner::{Direction, Hold, Lease, LeasedSite};
use uuid::Uuid;

/// A new id of any kind.
pub fn fresh<T: From<Uuid>>() -> T {
    Uuid::now_v7().into()
}

/// Acme's site, new each time.
pub fn acme() -> LeasedSite {
    LeasedSite {
        id: fresh(),
        tenant_id: fresh(),
        company: "Acme & <Söhne>".to_owned(),
        name: "acme".parse().expect("a name"),
        key: "site-key-0123456789".to_owned(),
        owner_email: "owner@acme.example".to_owned(),
        owner_name: "Acme's owner".to_owned(),
        url: "http://acme.localhost:8000".to_owned(),
        callback_url: "http://localhost:8000/api/v1/sso/erpnext/callback".to_owned(),
    }
}

/// A first lease of a job.
pub fn lease(job_id: JobId, job_type: JobType, site: &LeasedSite) -> Arc<Lease> {
    Arc::new(Lease {
        hold: Hold { lease: fresh(), fence: 1, sequence: 0 },
        lasts_milliseconds: 6_000,
        job_id,
        job_type,
        attempt: 1,
        direction: Direction::Forward,
        done: Vec::new(),
        begun: None,
        reason: None,
        site: site.clone(),
    })
}
