//! What operators of the installation see and do. Being one gives no right inside tenants; a site is entered by a support access,
//! which its owner sees, ends and can forbid.

pub mod accounts;
mod overview;
pub mod support;
mod trail;

use std::time::Duration;

use erpmax_store::audit as store;
use erpmax_types::TenantId;
use serde_json::Value;

use crate::access::Operator;
use crate::audit::{Action, record};
use crate::{Core, Result};

pub use overview::{failed_jobs, search, show, summary};
pub use trail::{export_trail, trail};

const READ: &str = "operator.read";
const NOTED_FOR: Duration = Duration::from_secs(3_600);

/// Notes in the trail of a tenant, or in the installation's own, that an operator reads what is theirs: once per session, hour and
/// tenant.
async fn note_reading(core: &Core, operator: &Operator, tenant: Option<TenantId>) -> Result<()> {
    let since = core.now() - NOTED_FOR;
    let mut conn = core.store().read().await?;
    if store::was_done(&mut conn, operator.session_id, READ, tenant, since).await? {
        return Ok(());
    }
    drop(conn);
    let mut tx = core.store().begin().await?;
    let target = tenant.map(|id| id.to_string());
    record(core, &mut tx, (&**operator).into(), Action { name: READ, tenant, target, change: Value::Null }).await?;
    Ok(tx.commit().await?)
}
