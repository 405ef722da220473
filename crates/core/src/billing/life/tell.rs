//! What people are told of a step.

use erpmax_store::Tx;
use erpmax_store::outbox::Audience;
use erpmax_types::Timestamp;
use erpmax_types::billing::SubscriptionStatus;
use erpmax_types::events::Event;
use erpmax_types::notifications::NotificationType;

use super::look::Look;
use super::machine::{SiteState, Step, days_left};
use crate::billing::period::day_of;
use crate::mail::Letter;
use crate::notifications::{Text, tell_owner};
use crate::{Core, Result};

/// Tells owners and admins of a step, as far as it concerns them; `look` has the life behind it.
pub(super) async fn tell(core: &Core, tx: &mut Tx, look: &Look, step: Step) -> Result<()> {
    let Some(Notice { name, until, letter, counts_down }) = notice(look, step, core.now()) else { return Ok(()) };
    let kind = if counts_down { NotificationType::Warning } else { NotificationType::Error };
    let text = Text::new(name, kind).with("company", look.tenant.name.clone()).with("date", day_of(until));
    if counts_down {
        let days_left = i64::from(days_left(until, core.now()));
        core.emit(tx, Audience::Tenant(look.tenant.id), Event::SubscriptionExpiring { days_left });
    }
    tell_owner(core, tx, look.tenant.id, &text, &letter).await
}

struct Notice {
    /// The notification's name.
    name: &'static str,
    until: Timestamp,
    letter: Letter,
    /// Whether something ends at `until`.
    counts_down: bool,
}

fn notice(look: &Look, step: Step, now: Timestamp) -> Option<Notice> {
    let (company, ends_at) = (look.tenant.name.clone(), look.life.ends_at);
    let deadline = look.life.deadline.unwrap_or(ends_at);
    let (name, until, letter) = match (step, look.life.status) {
        (Step::Remind { .. }, SubscriptionStatus::Trial) => {
            ("trial_ends", ends_at, Letter::TrialEnds { company, days: days_left(ends_at, now), until: ends_at })
        }
        (Step::Remind { .. }, SubscriptionStatus::Active) => {
            ("period_ends", ends_at, Letter::PeriodEnds { company, days: days_left(ends_at, now), until: ends_at })
        }
        (Step::Remind { .. } | Step::BeginGrace, _) => {
            ("grace_began", deadline, Letter::GraceBegan { company, until: deadline })
        }
        (Step::Warn { .. }, _) => ("deletion_soon", deadline, Letter::DeletionSoon { company, until: deadline }),
        (Step::Close, SubscriptionStatus::Expired) if look.life.site == SiteState::Missing => {
            ("subscription_over", ends_at, Letter::SubscriptionOver { company })
        }
        // Whoever cancelled knows it.
        (Step::Close, _) if look.life.site == SiteState::Missing => return None,
        (Step::Close, _) => ("site_suspended", deadline, Letter::SiteSuspended { company, until: deadline }),
        _ => return None,
    };
    Some(Notice { name, until, letter, counts_down: step != Step::Close })
}
