//! All tenants: found by the beginning of a word, looked at, and counted.

use erpmax_store::all_tenants::{self, Beginnings, FoundTenant, SubscriptionCount, TenantJob};
use erpmax_store::{memberships, plans, subscriptions, support_accesses, tenants};
use erpmax_types::billing::{Amount, BillingPeriod, SubscriptionStatus};
use erpmax_types::envelope::{Page, PageRequest};
use erpmax_types::operator::{OperatorJob, OperatorSummary, OperatorTenant, OperatorTenantDetails};
use erpmax_types::tenants::TenantStatus;
use erpmax_types::{ErrorCode, TenantId};

use super::note_reading;
use super::support::to_access;
use crate::access::Operator;
use crate::billing::to_subscription;
use crate::tenants::{slug, to_tenant};
use crate::validation::{email_key, id};
use crate::{Core, Result};

/// How many jobs and accesses are shown with a tenant.
const LAST: u32 = 10;

/// A page of the tenants whose name, slug, site or member's address begins with `wanted`, newest first; all if it is empty.
pub async fn search(core: &Core, operator: &Operator, wanted: &str, page: PageRequest) -> Result<Page<OperatorTenant>> {
    note_reading(core, operator, None).await?;
    let beginnings = beginnings(wanted);
    let mut conn = core.store().read().await?;
    let rows = all_tenants::list(&mut conn, &beginnings, page.size, page.offset()).await?;
    let total = all_tenants::count(&mut conn, &beginnings).await?;
    Ok(page.of(rows.into_iter().map(|row| to_operator_tenant(core, row)).collect(), total))
}

fn beginnings(wanted: &str) -> Beginnings {
    let wanted = email_key(wanted);
    let address = wanted.split_once("://").map_or(wanted.as_str(), |(_, rest)| rest);
    let label = address.split(['.', ':', '/']).next().unwrap_or_default();
    Beginnings {
        slug: slug::beginning(&wanted),
        site: Some(label.to_owned()).filter(|label| !label.is_empty()),
        email: Some(wanted.clone()),
        name: Some(wanted),
    }
}

fn to_operator_tenant(core: &Core, row: FoundTenant) -> OperatorTenant {
    OperatorTenant {
        id: row.id,
        name: row.name,
        slug: row.slug,
        status: row.status,
        erpnext_site_url: row.site_name.map(|name| core.settings().sites.url(name.as_str())),
        subscription_status: row.subscription_status,
        members: row.members,
        created_at: row.created_at,
    }
}

/// A tenant with what there is to know when its people call.
pub async fn show(core: &Core, operator: &Operator, tenant: &str) -> Result<OperatorTenantDetails> {
    let tenant: TenantId = id(tenant)?;
    let mut conn = core.store().read().await?;
    let row = tenants::find(&mut conn, tenant).await?.ok_or(ErrorCode::NotFound)?;
    let subscription = subscriptions::find_with_plan(&mut conn, tenant).await?;
    let accesses = support_accesses::list(&mut conn, tenant, LAST, 0).await?;
    let jobs = all_tenants::list_jobs(&mut conn, tenant, LAST).await?;
    let details = OperatorTenantDetails {
        tenant: to_tenant(core, row)?,
        subscription: subscription.map(|(row, plan)| to_subscription(&row, Some(plan))).transpose()?,
        members: memberships::count(&mut conn, tenant).await?,
        allows_support_access: tenants::allows_support_access(&mut conn, tenant).await?,
        jobs: jobs.into_iter().map(to_job).collect(),
        support_accesses: accesses.into_iter().map(to_access).collect(),
    };
    drop(conn);
    note_reading(core, operator, Some(tenant)).await?;
    Ok(details)
}

/// A page of the failed jobs of all tenants, or only of those that left something behind, what happened last first.
pub async fn failed_jobs(
    core: &Core,
    operator: &Operator,
    leaked: bool,
    page: PageRequest,
) -> Result<Page<OperatorJob>> {
    note_reading(core, operator, None).await?;
    let mut conn = core.store().read().await?;
    let rows = all_tenants::list_failed_jobs(&mut conn, leaked, page.size, page.offset()).await?;
    let total = all_tenants::count_failed_jobs(&mut conn, leaked).await?;
    Ok(page.of(rows.into_iter().map(to_job).collect(), total))
}

fn to_job(row: TenantJob) -> OperatorJob {
    OperatorJob { job: row.job.to_job(), tenant_name: row.tenant_name, leak: row.job.leak }
}

/// How many tenants and subscriptions there are, and what they bring.
pub async fn summary(core: &Core, operator: &Operator) -> Result<OperatorSummary> {
    note_reading(core, operator, None).await?;
    let mut conn = core.store().read().await?;
    let tenants = all_tenants::count_by_status(&mut conn).await?;
    let subscriptions = all_tenants::count_subscriptions(&mut conn).await?;
    let currency = plans::find_default(&mut conn).await?.map(|plan| plan.currency).unwrap_or_default();
    let of_status = |status| subscriptions.iter().filter(|row| row.status == status).map(|row| row.subscriptions).sum();
    let is_active = |(status, _): &&(TenantStatus, i64)| *status == TenantStatus::Active;
    Ok(OperatorSummary {
        tenants: tenants.iter().map(|(_, count)| count).sum(),
        active_tenants: tenants.iter().filter(is_active).map(|(_, count)| count).sum(),
        trials: of_status(SubscriptionStatus::Trial),
        active: of_status(SubscriptionStatus::Active),
        past_due: of_status(SubscriptionStatus::PastDue),
        monthly_recurring_revenue: Amount::from_minor(monthly_revenue(&subscriptions, &currency), &currency),
        currency,
    })
}

fn monthly_revenue(subscriptions: &[SubscriptionCount], currency: &str) -> i64 {
    let paid = |row: &&SubscriptionCount| row.status == SubscriptionStatus::Active && row.currency == currency;
    let monthly = |row: &SubscriptionCount| match row.billing_period {
        BillingPeriod::Monthly => row.monthly,
        BillingPeriod::Yearly => row.yearly / 12,
    };
    subscriptions.iter().filter(paid).map(monthly).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_looked_for_in_every_place_where_it_makes_sense() {
        let found = beginnings("  Рога і К ");
        assert_eq!((found.name.as_deref(), found.slug.as_deref()), (Some("рога і к"), Some("roha-i-k")));
        let found = beginnings("https://Acme.sites.example:8000/app");
        assert_eq!(
            (found.site.as_deref(), found.slug.as_deref()),
            (Some("acme"), Some("https-acme-sites-example-8000-ap"))
        );
        assert_eq!(beginnings("owner@acme.example").email.as_deref(), Some("owner@acme.example"));
        assert_eq!(beginnings("漢字").slug, None);
        assert_eq!(beginnings("").name.as_deref(), Some(""), "which finds all");
    }

    #[test]
    fn a_year_is_spread_over_its_months_and_only_what_is_paid_counts() {
        let row = |status, billing_period, currency: &str| SubscriptionCount {
            status,
            billing_period,
            currency: currency.to_owned(),
            subscriptions: 2,
            monthly: 5_800,
            yearly: 58_000,
        };
        let rows = [
            row(SubscriptionStatus::Active, BillingPeriod::Monthly, "USD"),
            row(SubscriptionStatus::Active, BillingPeriod::Yearly, "USD"),
            row(SubscriptionStatus::Active, BillingPeriod::Monthly, "UAH"),
            row(SubscriptionStatus::Trial, BillingPeriod::Monthly, "USD"),
        ];
        assert_eq!(monthly_revenue(&rows, "USD"), 5_800 + 4_833);
    }
}
