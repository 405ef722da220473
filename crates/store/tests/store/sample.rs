//! Rows as a company's first weeks leave them; ids and times are always the same.

use erpmax_store::api_keys::ApiKeyRow;
use erpmax_store::backups::BackupRow;
use erpmax_store::checkouts::CheckoutRow;
use erpmax_store::invitations::InvitationRow;
use erpmax_store::jobs::JobRow;
use erpmax_store::mail_tokens::MailTokenRow;
use erpmax_store::mails::MailRow;
use erpmax_store::notifications::NotificationRow;
use erpmax_store::outbox::{Audience, Emission, News};
use erpmax_store::payments::PaymentEventRow;
use erpmax_store::plans::PlanRow;
use erpmax_store::second_factors::SecondFactorRow;
use erpmax_store::sessions::SessionRow;
use erpmax_store::sites::SiteRow;
use erpmax_store::subscriptions::SubscriptionRow;
use erpmax_store::support_accesses::SupportAccessRow;
use erpmax_store::tenants::TenantRow;
use erpmax_store::users::UserRow;
use erpmax_types::billing::{BillingPeriod, PaymentEventType, SubscriptionStatus};
use erpmax_types::mail::{MailPurpose, MailStatus};
use erpmax_types::notifications::NotificationType;
use erpmax_types::provisioning::{JobStatus, JobType};
use erpmax_types::runner::Direction;
use erpmax_types::tenants::TenantStatus;
use erpmax_types::users::Role;
use erpmax_types::{JobId, SessionId, SiteId, TenantId, UserId};

use crate::support::{Checked, at, id};

pub(crate) const OWNER: u128 = 1;
pub(crate) const COLLEAGUE: u128 = 2;
pub(crate) const ACME: u128 = 11;
pub(crate) const GLOBEX: u128 = 12;
pub(crate) const SESSION: u128 = 21;
pub(crate) const INVITATION: u128 = 31;
pub(crate) const API_KEY: u128 = 36;
pub(crate) const PLAN: u128 = 41;
pub(crate) const SUBSCRIPTION: u128 = 51;
pub(crate) const CHECKOUT: u128 = 61;
pub(crate) const PAYMENT: u128 = 71;
pub(crate) const SITE: u128 = 81;
pub(crate) const CREATION: u128 = 91;
pub(crate) const BACKUP: u128 = 92;
pub(crate) const WORK: u128 = 101;
pub(crate) const LEASE: u128 = 111;
pub(crate) const NOTIFICATION: u128 = 121;
pub(crate) const MAIL: u128 = 122;
pub(crate) const AUDIT: u128 = 131;
pub(crate) const EVENT: u128 = 141;
pub(crate) const ACCESS: u128 = 151;

pub(crate) fn owner() -> UserId {
    id(OWNER)
}

pub(crate) fn colleague() -> UserId {
    id(COLLEAGUE)
}

pub(crate) fn acme() -> TenantId {
    id(ACME)
}

pub(crate) fn session_id() -> SessionId {
    id(SESSION)
}

pub(crate) fn site_id() -> SiteId {
    id(SITE)
}

pub(crate) fn creation_id() -> JobId {
    id(CREATION)
}

pub(crate) fn user(number: u128, email: &str) -> UserRow {
    UserRow {
        id: id(number),
        email: email.to_owned(),
        full_name: "Власниця «Акме» 🏭".to_owned(),
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned(),
        language: "uk".to_owned(),
        is_active: true,
        is_superuser: number == OWNER,
        email_proven_at: Some(at(60)),
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn tenant(number: u128, slug: &str) -> TenantRow {
    TenantRow {
        id: id(number),
        name: format!("{slug}'s \"company\""),
        slug: slug.to_owned(),
        status: TenantStatus::Pending,
        settings: r#"{"country":"UA"}"#.to_owned(),
        site_name: None,
        is_dormant: number == GLOBEX,
        created_at: at(1),
        updated_at: at(1),
    }
}

pub(crate) fn session(number: u128, user: UserId) -> SessionRow {
    SessionRow {
        id: id(number),
        user_id: user,
        tenant_id: acme(),
        address: "192.0.2.7".to_owned(),
        user_agent: "Dart/3.5 (dart:io)".to_owned(),
        is_confidential: false,
        created_at: at(2),
        last_used_at: at(2),
        expires_at: at(7_776_002),
        ended_at: None,
    }
}

pub(crate) fn backup() -> BackupRow {
    BackupRow {
        id: id(95),
        tenant_id: acme(),
        job_id: id(BACKUP),
        site_name: "acme".to_owned(),
        file: "backups/acme/1.tar.gz".to_owned(),
        bytes: 4_711,
        sha256: "5891b5b522d5df08".to_owned(),
        is_last: false,
        created_at: at(125),
    }
}

/// An hour's access of the colleague.
pub(crate) fn support_access() -> SupportAccessRow {
    SupportAccessRow {
        id: id(ACCESS),
        tenant_id: acme(),
        operator_id: colleague(),
        operator_name: "Власниця «Акме» 🏭".to_owned(),
        reason: "Рахунок не друкується".to_owned(),
        created_at: at(140),
        expires_at: at(3_740),
        ended_at: None,
        ended_by: None,
    }
}

pub(crate) fn invitation() -> InvitationRow {
    InvitationRow {
        id: id(INVITATION),
        tenant_id: acme(),
        email: "Accounts@globex.example".to_owned(),
        role: Role::Admin,
        invited_by: owner(),
        renewals: 0,
        created_at: at(100),
        expires_at: at(700_000),
    }
}

pub(crate) fn plan() -> PlanRow {
    PlanRow {
        id: id(PLAN),
        name: "Business".to_owned(),
        slug: "business".to_owned(),
        description: Some("For companies that grow.".to_owned()),
        price_monthly: 7_900,
        price_yearly: 79_000,
        currency: "USD".to_owned(),
        limits: r#"{"users":25}"#.to_owned(),
        features: r#"["Daily backups"]"#.to_owned(),
        is_active: true,
        is_default: true,
        sort_order: 2,
    }
}

pub(crate) fn subscription() -> SubscriptionRow {
    SubscriptionRow {
        id: id(SUBSCRIPTION),
        tenant_id: acme(),
        plan_id: id(PLAN),
        status: SubscriptionStatus::Trial,
        billing_period: BillingPeriod::Monthly,
        trial_ends_at: Some(at(1_209_600)),
        trial_moved_at: None,
        current_period_start: at(1),
        current_period_end: at(1_209_600),
        cancelled_at: None,
        cancel_at_period_end: false,
        cancel_reason: None,
        provider: None,
        next_step_at: None,
        deadline_at: None,
        reminded_of: None,
        reminded_days: 0,
        created_at: at(1),
        updated_at: at(1),
    }
}

pub(crate) fn checkout() -> CheckoutRow {
    CheckoutRow {
        id: id(CHECKOUT),
        tenant_id: acme(),
        user_id: owner(),
        plan_id: id(PLAN),
        billing_period: BillingPeriod::Yearly,
        amount: 79_000,
        currency: "USD".to_owned(),
        provider: "sandbox".to_owned(),
        is_live: false,
        success_url: "https://app.acme.example/paid".to_owned(),
        cancel_url: "https://app.acme.example/plans".to_owned(),
        checkout_url: "http://localhost:8000/sandbox/checkout".to_owned(),
        status: "open".to_owned(),
        created_at: at(300),
        expires_at: at(3_900),
    }
}

pub(crate) fn mail_token() -> MailTokenRow {
    MailTokenRow {
        token_hash: "mail-token-hash".to_owned(),
        purpose: MailPurpose::ChangeAddress,
        user_id: owner(),
        email: "Head@acme.example".to_owned(),
        email_key: "head@acme.example".to_owned(),
        created_at: at(9),
        expires_at: at(86_409),
        spent_at: None,
    }
}

pub(crate) fn payment() -> PaymentEventRow {
    PaymentEventRow {
        id: id(PAYMENT),
        tenant_id: acme(),
        checkout_id: Some(id(CHECKOUT)),
        provider: "sandbox".to_owned(),
        provider_reference: "payment-1".to_owned(),
        event_type: PaymentEventType::PaymentSuccess,
        amount: 79_000,
        currency: "USD".to_owned(),
        created_at: at(310),
    }
}

pub(crate) fn site() -> Checked<SiteRow> {
    Ok(SiteRow {
        id: site_id(),
        tenant_id: acme(),
        name: "acme".to_owned().try_into()?,
        key_sealed: "sealed".to_owned(),
        key_hash: "site-key-hash".to_owned(),
        state: "building".to_owned(),
        created_at: at(10),
        ready_at: None,
        is_suspended: false,
    })
}

pub(crate) fn job(number: u128, job_type: JobType) -> JobRow {
    JobRow {
        id: id(number),
        tenant_id: acme(),
        site_id: Some(site_id()),
        requested_by: owner(),
        is_automatic: false,
        job_type,
        status: JobStatus::Pending,
        progress: 0,
        message: Some("Waits for a runner".to_owned()),
        error: None,
        step: None,
        attempt: 1,
        direction: Direction::Forward,
        done_steps: "[]".to_owned(),
        begun_step: None,
        reason: None,
        is_irrevocable: false,
        cancel_requested_at: None,
        cancelled_by: None,
        result: None,
        leak: None,
        started_at: None,
        completed_at: None,
        created_at: at(i64::try_from(number).unwrap_or(0)),
        updated_at: at(10),
    }
}

pub(crate) fn notification() -> NotificationRow {
    NotificationRow {
        id: id(NOTIFICATION),
        title: "Сайт готовий".to_owned(),
        message: "acme.localhost is open.".to_owned(),
        kind: NotificationType::Success,
        created_at: at(200),
        read_at: None,
    }
}

pub(crate) fn api_key(number: u128) -> ApiKeyRow {
    ApiKeyRow {
        id: id(number),
        tenant_id: acme(),
        name: "Warehouse scanner".to_owned(),
        hint: "uTs8".to_owned(),
        role: Role::User,
        scopes: r#"["jobs:read"]"#.to_owned(),
        networks: Some(r#"["192.0.2.0/24"]"#.to_owned()),
        created_by: owner(),
        created_at: at(10),
        expires_at: at(900_000),
        last_used_at: None,
        last_used_address: None,
    }
}

pub(crate) fn second_factor() -> SecondFactorRow {
    SecondFactorRow {
        user_id: owner(),
        secret_sealed: "sealed".to_owned(),
        last_step: 0,
        created_at: at(7),
        activated_at: None,
    }
}

/// A mail that waits.
pub(crate) fn mail() -> MailRow {
    MailRow {
        id: id(MAIL),
        user_id: Some(owner()),
        tenant_id: Some(acme()),
        address: "Owner@acme.example".to_owned(),
        language: "uk".to_owned(),
        kind: "verify_address".to_owned(),
        content_sealed: "sealed".to_owned(),
        status: MailStatus::Queued,
        attempts: 0,
        last_error: None,
        created_at: at(210),
        queued_at: at(210),
        sent_at: None,
    }
}

/// An event that can be told from others by its number.
pub(crate) fn emission(number: u128) -> Emission {
    Emission { id: id(number), audience: Audience::Tenant(acme()), news: News::Close, at: at(20) }
}
