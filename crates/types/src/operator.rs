//! What operators of the installation see and do: `/operator/*`, and support access as a company's own people see it.

use serde::{Deserialize, Serialize};

use crate::billing::{Amount, Subscription, SubscriptionStatus};
use crate::provisioning::ProvisioningJob;
use crate::sso::SsoToken;
use crate::tenants::{Tenant, TenantStatus};
use crate::{SupportAccessId, TenantId, Timestamp};

/// A tenant as `GET /operator/tenants` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperatorTenant {
    /// The tenant's id.
    pub id: TenantId,
    /// The company's name.
    pub name: String,
    /// Its slug.
    pub slug: String,
    /// Where it stands.
    pub status: TenantStatus,
    /// The site's address once it is ready.
    pub erpnext_site_url: Option<String>,
    /// Where the subscription stands.
    pub subscription_status: Option<SubscriptionStatus>,
    /// How many members there are.
    pub members: i64,
    /// When the tenant was made.
    pub created_at: Timestamp,
}

/// `GET /operator/tenants/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperatorTenantDetails {
    /// The tenant with its site's address.
    pub tenant: Tenant,
    /// Its subscription.
    pub subscription: Option<Subscription>,
    /// How many members there are.
    pub members: u64,
    /// Whether the owner lets operators sign in to the site.
    pub allows_support_access: bool,
    /// The last ten jobs, newest first.
    pub jobs: Vec<OperatorJob>,
    /// The last ten support accesses, newest first.
    pub support_accesses: Vec<SupportAccess>,
}

/// A job with what only operators need to know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperatorJob {
    /// The job.
    pub job: ProvisioningJob,
    /// The company's name.
    pub tenant_name: String,
    /// What could not be undone and has to be seen to by hand.
    pub leak: Option<String>,
}

/// `GET /operator/summary`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OperatorSummary {
    /// All tenants, whatever their state.
    pub tenants: i64,
    /// Tenants whose site is open.
    pub active_tenants: i64,
    /// Subscriptions that are being tried.
    pub trials: i64,
    /// Subscriptions that are paid.
    pub active: i64,
    /// Subscriptions whose payment is overdue.
    pub past_due: i64,
    /// What the active subscriptions of plans in this currency bring in a month at list prices, a year's being spread over its
    /// twelve months; in major units.
    pub monthly_recurring_revenue: Amount,
    /// The currency of the plan that newcomers try.
    pub currency: String,
}

/// A time in which an operator may sign in to the company's site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SupportAccess {
    /// The access; also the id of the temporary user in the site.
    pub id: SupportAccessId,
    /// The tenant.
    pub tenant_id: TenantId,
    /// The operator's name.
    pub operator_name: String,
    /// Why.
    pub reason: String,
    /// When it began.
    pub from: Timestamp,
    /// When it ends at the latest.
    pub until: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
    /// The name of who ended it.
    pub ended_by: Option<String>,
}

/// `POST /operator/tenants/{id}/access`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = json!({"reason": "Ticket 4711: the invoice cannot be printed", "minutes": 30})))]
pub struct StartSupportAccess {
    /// Why, as the owner is told: 1 to 500 characters.
    pub reason: String,
    /// For how long: 1 to 60.
    pub minutes: u32,
}

/// The answer to `POST /operator/tenants/{id}/access`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SupportAccessStarted {
    /// The access.
    pub access: SupportAccess,
    /// The way into the site: good once, for 60 seconds.
    pub sso: SsoToken,
}

/// `GET /sso/erpnext/support-access/{id}`, which a site asks about a temporary user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SupportAccessStanding {
    /// Until when the temporary user may stay; one who has to go answers 404.
    pub valid_until: Timestamp,
}
