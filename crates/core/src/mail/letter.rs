//! The letters that there are. What a letter says is `mail-{kind}` in the catalogue: the subject, and beside it `.text`,
//! `.button` and `.note`; its fields stand in the places of the same name.

use erpmax_types::provisioning::JobType;
use erpmax_types::users::Role;
use erpmax_types::{MailId, Timestamp};
use serde::{Deserialize, Serialize};

/// A letter, before it is put into a language. It has no `Debug`: a link in it is a secret.
#[derive(Clone, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are called as what stands in them")]
pub enum Letter {
    /// Asks a person to prove that the address is theirs.
    VerifyAddress { link: String },
    /// Asks a person to prove that the address is theirs which their account is to have.
    VerifyNewAddress { link: String },
    /// Tells an account's address that somebody asked for another one in its place.
    AddressChangeAsked { new_address: String },
    /// Tells both addresses that an account has another one now.
    AddressChanged { old_address: String, new_address: String },
    /// Lets a person choose a new password.
    PasswordReset { link: String },
    /// Tells that the password is another one now.
    PasswordChanged,
    /// Invites a person to a company.
    Invitation { company: String, inviter: String, role: Role, link: String, until: Timestamp },
    /// Tells a person that they belong to a company now.
    Joined { company: String, role: Role },
    /// Tells a person their new role.
    RoleChanged { company: String, role: Role },
    /// Tells a person that they do not belong to a company any more.
    Removed { company: String },
    /// Tells that a job failed.
    JobFailed { company: String, job_type: JobType, reason: String },
    /// Tells of a payment; `amount` is a sum with its currency.
    PaymentReceived { company: String, plan: String, amount: String },
    /// Tells of a payment that was declined.
    PaymentFailed { company: String, plan: String, amount: String },
    /// Tells that money goes back.
    PaymentRefunded { company: String, plan: String, amount: String },
    /// Tells of another plan or period.
    SubscriptionChanged { company: String, plan: String, until: Timestamp },
    /// Tells that a subscription is over.
    SubscriptionCancelled { company: String },
    /// Tells that nobody paid for a subscription in time, where there is no site.
    SubscriptionOver { company: String },
    /// Tells that a subscription will be over at the end of its period.
    SubscriptionEnds { company: String, until: Timestamp },
    /// Tells that a subscription goes on.
    SubscriptionResumed { company: String, until: Timestamp },
    /// Tells that the trial ends in so many days.
    TrialEnds { company: String, days: u32, until: Timestamp },
    /// Tells that the paid period ends in so many days.
    PeriodEnds { company: String, days: u32, until: Timestamp },
    /// Tells that a payment is overdue, and how long everything stays open.
    GraceBegan { company: String, until: Timestamp },
    /// Tells that the site is closed until a payment.
    SiteSuspended { company: String, until: Timestamp },
    /// Tells that the site's data will be deleted.
    DeletionSoon { company: String, until: Timestamp },
    /// Tells a former owner that somebody else owns the company now.
    OwnershipGiven { company: String, person: String },
    /// Tells a new owner that the company is theirs now.
    OwnershipReceived { company: String, person: String },
    /// Tells of a sign-in from a device that was not seen before.
    NewDevice { device: String, address: String, at: Timestamp },
    /// Tells that sessions were ended.
    SessionsEnded,
    /// Tells that signing in asks for a second factor now.
    SecondFactorOn,
    /// Tells that signing in does not ask for a second factor any more.
    SecondFactorOff,
    /// Tells that an operator looks into the site.
    SupportAccess { company: String, reason: String, until: Timestamp },
    /// Shows an operator that mail works.
    Test,
}

/// What stands in one of a letter's places.
pub(super) enum Piece<'a> {
    /// Words of a customer or of a device, which are not trusted; if they look like an address of the web, the neutral
    /// word `mail-a_{…}` stands in their place.
    Foreign(&'a str, &'static str),
    /// Words of our own.
    Own(&'a str),
    /// A day.
    Day(Timestamp),
    /// A day and an hour.
    Moment(Timestamp),
    /// A number.
    Number(u32),
    /// A word of the catalogue, `mail-{set}_{word}`.
    Word(&'static str, &'static str),
}

impl Letter {
    /// The letter's name in the catalogue and the database.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::VerifyAddress { .. } => "verify_address",
            Self::VerifyNewAddress { .. } => "verify_new_address",
            Self::AddressChangeAsked { .. } => "address_change_asked",
            Self::AddressChanged { .. } => "address_changed",
            Self::PasswordReset { .. } => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::Invitation { .. } => "invitation",
            Self::Joined { .. } => "joined",
            Self::RoleChanged { .. } => "role_changed",
            Self::Removed { .. } => "removed",
            Self::JobFailed { .. } => "job_failed",
            Self::PaymentReceived { .. } => "payment_received",
            Self::PaymentFailed { .. } => "payment_failed",
            Self::PaymentRefunded { .. } => "payment_refunded",
            Self::SubscriptionChanged { .. } => "subscription_changed",
            Self::SubscriptionCancelled { .. } => "subscription_cancelled",
            Self::SubscriptionOver { .. } => "subscription_over",
            Self::SubscriptionEnds { .. } => "subscription_ends",
            Self::SubscriptionResumed { .. } => "subscription_resumed",
            Self::TrialEnds { .. } => "trial_ends",
            Self::PeriodEnds { .. } => "period_ends",
            Self::GraceBegan { .. } => "grace_began",
            Self::SiteSuspended { .. } => "site_suspended",
            Self::DeletionSoon { .. } => "deletion_soon",
            Self::OwnershipGiven { .. } => "ownership_given",
            Self::OwnershipReceived { .. } => "ownership_received",
            Self::NewDevice { .. } => "new_device",
            Self::SessionsEnded => "sessions_ended",
            Self::SecondFactorOn => "second_factor_on",
            Self::SecondFactorOff => "second_factor_off",
            Self::SupportAccess { .. } => "support_access",
            Self::Test => "test",
        }
    }

    /// The letter's own one-time link.
    pub(super) fn link(&self) -> Option<&str> {
        match self {
            Self::VerifyAddress { link }
            | Self::VerifyNewAddress { link }
            | Self::PasswordReset { link }
            | Self::Invitation { link, .. } => Some(link),
            _ => None,
        }
    }

    /// What stands in which place.
    pub(super) fn pieces(&self) -> Vec<(&'static str, Piece<'_>)> {
        match self {
            Self::VerifyAddress { .. }
            | Self::VerifyNewAddress { .. }
            | Self::PasswordReset { .. }
            | Self::PasswordChanged
            | Self::SessionsEnded
            | Self::SecondFactorOn
            | Self::SecondFactorOff
            | Self::Test => Vec::new(),
            Self::AddressChangeAsked { new_address } => vec![("new_address", Piece::Own(new_address))],
            Self::AddressChanged { old_address, new_address } => {
                vec![("old_address", Piece::Own(old_address)), ("new_address", Piece::Own(new_address))]
            }
            Self::Invitation { company, inviter, role: granted, until, .. } => {
                vec![named(company), ("inviter", Piece::Foreign(inviter, "person")), role(*granted), day(*until)]
            }
            Self::Joined { company, role: granted } | Self::RoleChanged { company, role: granted } => {
                vec![named(company), role(*granted)]
            }
            Self::Removed { company }
            | Self::SubscriptionCancelled { company }
            | Self::SubscriptionOver { company } => vec![named(company)],
            Self::JobFailed { company, job_type, reason } => vec![
                named(company),
                ("job", Piece::Word("job", job_type.as_str())),
                ("reason", Piece::Foreign(reason, "reason")),
            ],
            Self::PaymentReceived { company, plan, amount }
            | Self::PaymentFailed { company, plan, amount }
            | Self::PaymentRefunded { company, plan, amount } => {
                vec![named(company), ("plan", Piece::Own(plan)), ("amount", Piece::Own(amount))]
            }
            Self::SubscriptionChanged { company, plan, until } => {
                vec![named(company), ("plan", Piece::Own(plan)), day(*until)]
            }
            Self::SubscriptionEnds { company, until }
            | Self::SubscriptionResumed { company, until }
            | Self::GraceBegan { company, until }
            | Self::SiteSuspended { company, until }
            | Self::DeletionSoon { company, until } => vec![named(company), day(*until)],
            Self::TrialEnds { company, days, until } | Self::PeriodEnds { company, days, until } => {
                vec![named(company), ("days", Piece::Number(*days)), day(*until)]
            }
            Self::OwnershipGiven { company, person } | Self::OwnershipReceived { company, person } => {
                vec![named(company), ("person", Piece::Foreign(person, "person"))]
            }
            Self::NewDevice { device, address, at } => vec![
                ("device", Piece::Foreign(device, "device")),
                ("address", Piece::Own(address)),
                ("at", Piece::Moment(*at)),
            ],
            Self::SupportAccess { company, reason, until } => {
                vec![named(company), ("reason", Piece::Foreign(reason, "reason")), ("until", Piece::Moment(*until))]
            }
        }
    }
}

fn named(company: &str) -> (&'static str, Piece<'_>) {
    ("company", Piece::Foreign(company, "company"))
}

const fn day(until: Timestamp) -> (&'static str, Piece<'static>) {
    ("until", Piece::Day(until))
}

const fn role(role: Role) -> (&'static str, Piece<'static>) {
    ("role", Piece::Word("role", role.as_str()))
}

/// A letter with whom it is written to, as it is kept: sealed.
#[derive(Deserialize, Serialize)]
pub(super) struct Content {
    /// The person's name; empty if it is not known.
    pub(super) name: String,
    pub(super) letter: Letter,
}

/// The place for which a mail's content is sealed.
pub(super) fn place(id: MailId) -> String {
    format!("mails/{id}")
}
