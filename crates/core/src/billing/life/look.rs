//! Reading where a subscription is in its life, and writing it down.

use erpmax_store::sites::{self, SiteRow};
use erpmax_store::subscriptions::{self, SubscriptionRow};
use erpmax_store::tenants::{self, TenantRow};
use erpmax_store::{Conn, Store};
use erpmax_types::billing::SubscriptionStatus;
use erpmax_types::{TenantId, Timestamp};

use super::machine::{Life, Reminded, SiteState};
use crate::{Result, provisioning};

/// A tenant's subscription as it is kept, and its life.
pub(super) struct Look {
    pub(super) tenant: TenantRow,
    /// As it was when it was looked at.
    pub(super) subscription: SubscriptionRow,
    /// The tenant's site, whatever its state.
    pub(super) site: Option<SiteRow>,
    pub(super) life: Life,
}

impl Look {
    /// Looks at a tenant's subscription; none for a tenant that is left alone. This is the one place that decides so: it has no
    /// subscription.
    pub(super) async fn at(conn: &mut Conn, tenant: TenantId) -> Result<Option<Self>> {
        let (Some(subscription), Some(tenant)) =
            (subscriptions::find_of_tenant(conn, tenant).await?, tenants::find(conn, tenant).await?)
        else {
            return Ok(None);
        };
        let site = sites::find_of_tenant(conn, tenant.id).await?;
        let is_leaving = site.is_some() && provisioning::is_to_be_deleted(conn, tenant.id).await?;
        let life = to_life(&subscription, state_of(site.as_ref(), is_leaving));
        Ok(Some(Self { tenant, subscription, site, life }))
    }

    /// The row as the life has it.
    pub(super) fn row(&self, next_step_at: Option<Timestamp>, now: Timestamp) -> SubscriptionRow {
        let is_changed = self.life.status != self.subscription.status;
        SubscriptionRow {
            status: self.life.status,
            next_step_at,
            deadline_at: self.life.deadline,
            reminded_of: self.life.reminded.map(|told| told.of),
            reminded_days: self.life.reminded.map_or(0, |told| i64::from(told.days)),
            updated_at: if is_changed { now } else { self.subscription.updated_at },
            ..self.subscription.clone()
        }
    }
}

/// A tenant's subscription with its life, for simulations; nothing is changed. The tenant is named by its slug or its id.
pub async fn look_at(store: &Store, tenant: &str) -> Result<Option<(TenantRow, SubscriptionRow, Life)>> {
    let mut conn = store.read().await?;
    let found = match tenant.parse::<TenantId>() {
        Ok(id) => tenants::find(&mut conn, id).await?,
        Err(_) => tenants::find_by_slug(&mut conn, tenant).await?,
    };
    let Some(tenant) = found else { return Ok(None) };
    let look = Look::at(&mut conn, tenant.id).await?;
    Ok(look.map(|look| (look.tenant, look.subscription, look.life)))
}

fn to_life(row: &SubscriptionRow, site: SiteState) -> Life {
    let trial_end = row.trial_ends_at.filter(|_| row.status == SubscriptionStatus::Trial);
    let days = u32::try_from(row.reminded_days).unwrap_or(0);
    Life {
        status: row.status,
        ends_at: trial_end.unwrap_or(row.current_period_end),
        ends_by_wish: row.cancel_at_period_end,
        deadline: row.deadline_at,
        reminded: row.reminded_of.map(|of| Reminded { of, days }),
        site,
    }
}

/// Half-built and half-removed sites count as missing: whoever builds or removes them sees to them.
fn state_of(site: Option<&SiteRow>, is_leaving: bool) -> SiteState {
    match site {
        Some(_) if is_leaving => SiteState::Leaving,
        Some(site) if site.ready_at.is_none() => SiteState::Missing,
        Some(site) if site.is_suspended => SiteState::Suspended,
        Some(_) => SiteState::Open,
        None => SiteState::Missing,
    }
}
