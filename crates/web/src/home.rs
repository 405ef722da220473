//! `/`: the company at a look.

use askama::Template;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use erpmax_client::types::billing::{Subscription, SubscriptionStatus};
use erpmax_client::types::provisioning::{JobStatus, JobType, ProvisioningJob};
use erpmax_client::types::tenants::{Tenant, TenantStatus};
use erpmax_client::types::{Timestamp, notifications::Notification};
use serde::Deserialize;
use tokio::try_join;

use crate::format::Moment;
use crate::jobs::JobView;
use crate::notifications::Message;
use crate::page::{Failure, Frame, SignedIn};
use crate::words::{Key, Words, key};

/// Entries of the lists on this page.
const FEW: u32 = 5;

/// What other pages say on their way here.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Told {
    /// A letter was sent again.
    sent: Option<String>,
}

#[derive(Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage {
    pub(crate) frame: Frame,
    pub(crate) site: SiteCard,
    pub(crate) plan: PlanCard,
    pub(crate) backup: Option<Moment>,
    pub(crate) activity: Vec<JobView>,
    pub(crate) messages: Vec<Message>,
    pub(crate) unread: u64,
    pub(crate) may_act: bool,
    pub(crate) letter_sent: bool,
}

/// The company's site.
pub(crate) struct SiteCard {
    pub(crate) status: String,
    /// The class of its mark.
    pub(crate) class: &'static str,
    pub(crate) address: Option<String>,
    /// What goes on with it now.
    pub(crate) running: Option<JobView>,
    /// What failed last.
    pub(crate) failed: Option<JobView>,
    /// Whether there is none, so that one can be built.
    pub(crate) is_missing: bool,
    pub(crate) is_suspended: bool,
}

/// The company's plan.
pub(crate) struct PlanCard {
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) class: &'static str,
    /// When it ends or goes on, in a sentence.
    pub(crate) until: String,
}

/// `GET /`. Who was removed from the company sees another one.
pub(crate) async fn show(signed: SignedIn, Query(told): Query<Told>) -> Result<Response, Failure> {
    let Some(tenant) = &signed.me.current_tenant else { return Ok(signed.go_elsewhere().await?.into_response()) };
    let client = &signed.client;
    let (billing, provisioning, notifications) = (client.billing(), client.provisioning(), client.notifications());
    let (subscription, jobs, messages, unread) = try_join!(
        billing.subscription(),
        async { provisioning.list_all_types().size(FEW).await },
        async { notifications.list().size(FEW).await },
        notifications.unread(),
    )?;
    let words = &signed.page.words;
    let view = HomePage {
        frame: signed.frame(words.say(key::HOME_TITLE)),
        site: SiteCard::of(words, tenant, &jobs.items),
        plan: PlanCard::of(words, &subscription),
        backup: latest_backup(&jobs.items).map(|at| words.date_time(at)),
        activity: jobs.items.iter().map(|job| JobView::of(words, job)).collect(),
        messages: messages.items.iter().map(|message: &Notification| Message::of(words, message)).collect(),
        unread,
        may_act: signed.is_admin(),
        letter_sent: told.sent.is_some(),
    };
    Ok(signed.page.show(&view))
}

fn latest_backup(jobs: &[ProvisioningJob]) -> Option<Timestamp> {
    let done = jobs.iter().filter(|job| job.job_type == JobType::BackupSite && job.status == JobStatus::Completed);
    done.filter_map(|job| job.completed_at).max()
}

impl SiteCard {
    pub(crate) fn of(words: &Words, tenant: &Tenant, jobs: &[ProvisioningJob]) -> Self {
        let (status, class) = site_status(tenant.status);
        let is_missing = tenant.status == TenantStatus::Pending;
        let running = jobs.iter().find(|job| job.completed_at.is_none());
        let newest = jobs.iter().find(|job| job.job_type == JobType::CreateSite);
        let failed = newest.filter(|job| is_missing && job.status == JobStatus::Failed);
        Self {
            status: words.say(status),
            class,
            address: tenant.erpnext_site_url.clone(),
            running: running.map(|job| JobView::of(words, job)),
            failed: failed.map(|job| JobView::of(words, job)),
            is_missing,
            is_suspended: tenant.status == TenantStatus::Suspended,
        }
    }
}

const fn site_status(status: TenantStatus) -> (Key, &'static str) {
    match status {
        TenantStatus::Pending => (key::SITE_MISSING, "quiet"),
        TenantStatus::Provisioning => (key::SITE_PROVISIONING, "busy"),
        TenantStatus::Active => (key::SITE_ACTIVE, "good"),
        TenantStatus::Suspended => (key::SITE_SUSPENDED, "bad"),
        TenantStatus::Cancelled => (key::SITE_CANCELLED, "quiet"),
    }
}

impl PlanCard {
    pub(crate) fn of(words: &Words, subscription: &Subscription) -> Self {
        let (status, class) = plan_status(subscription.status);
        let end = match subscription.status {
            SubscriptionStatus::Trial => subscription.trial_ends_at.unwrap_or(subscription.current_period_end),
            _ => subscription.current_period_end,
        };
        let until = match subscription.status {
            SubscriptionStatus::Trial => key::PLAN_TRIAL_UNTIL,
            SubscriptionStatus::Active if subscription.cancel_at_period_end => key::PLAN_ENDS,
            SubscriptionStatus::Active => key::PLAN_RENEWS,
            SubscriptionStatus::PastDue => key::PLAN_PAST_DUE_SINCE,
            SubscriptionStatus::Cancelled | SubscriptionStatus::Expired => key::PLAN_ENDED,
        };
        Self {
            name: subscription.plan.as_ref().map(|plan| plan.name.clone()).unwrap_or_default(),
            status: words.say(status),
            class,
            until: words.say1(until, "date", words.date(end).text),
        }
    }
}

const fn plan_status(status: SubscriptionStatus) -> (Key, &'static str) {
    match status {
        SubscriptionStatus::Trial => (key::PLAN_TRIAL, "busy"),
        SubscriptionStatus::Active => (key::PLAN_ACTIVE, "good"),
        SubscriptionStatus::PastDue => (key::PLAN_PAST_DUE, "bad"),
        SubscriptionStatus::Cancelled => (key::PLAN_CANCELLED, "quiet"),
        SubscriptionStatus::Expired => (key::PLAN_EXPIRED, "bad"),
    }
}
