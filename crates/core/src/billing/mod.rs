//! Money: plans, trials, checkouts, payments and the subscription they keep alive.

pub mod checkout;
pub mod life;
pub(crate) mod limits;
mod payment;
pub(crate) mod period;
pub mod plans;
pub mod provider;
pub mod sandbox;
mod subscription;
pub(crate) mod trial;
pub mod webhook;

use erpmax_store::payments;
use erpmax_types::billing::PaymentEvent;
use erpmax_types::envelope::{Page, PageRequest};

use crate::access::Admin;
use crate::{Core, Result};

pub(crate) use subscription::to_subscription;
pub use subscription::{cancel, subscription};

/// A page of the tenant's payment history, newest first.
pub async fn invoices(core: &Core, admin: &Admin, page: PageRequest) -> Result<Page<PaymentEvent>> {
    let mut conn = core.store().read().await?;
    let rows = payments::list(&mut conn, admin.tenant_id, page.size, page.offset()).await?;
    let total = payments::count(&mut conn, admin.tenant_id).await?;
    Ok(page.of(rows.into_iter().map(PaymentEvent::from).collect(), total))
}
