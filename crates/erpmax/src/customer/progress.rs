//! How far a job is: a live bar at a terminal, a line for each step in a pipe, a document for each change for programs.

use std::fmt::Write as _;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant, SystemTime};

use erpmax_client::types::Timestamp;
use erpmax_client::types::provisioning::ProvisioningJob;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use super::output::{document, word};
use super::style::{self, Style};
use super::table::clean;
use crate::failure::Failure;
use crate::printer::Printer;

/// Below this the expected time would be a guess.
const ENOUGH: i64 = 5;
/// A terminal that is narrower gets the bar in two lines.
const WIDE: usize = 72;
/// A beginning that lies further back is another clock's.
const LONGEST: Duration = Duration::from_secs(86_400);

pub(super) struct Progress<'a> {
    printer: &'a Printer,
    began: Instant,
    bar: Option<ProgressBar>,
    last_step: String,
}

impl<'a> Progress<'a> {
    pub(super) fn begin(job: &ProvisioningJob, printer: &'a Printer) -> Self {
        let spent = job.started_at.and_then(age).unwrap_or_default();
        let began = Instant::now().checked_sub(spent).unwrap_or_else(Instant::now);
        let is_watched = std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
        let is_bar = is_watched && !printer.is_json() && !printer.is_quiet();
        let bar = is_bar.then(|| bar(spent));
        Self { printer, began, bar, last_step: String::new() }
    }

    pub(super) fn show(&mut self, job: &ProvisioningJob) -> Result<(), Failure> {
        let step = clean(job.message.as_deref().unwrap_or(&word(&job.status)));
        if self.printer.is_json() {
            self.printer.text(&document(job)?.to_string());
        } else if let Some(bar) = &self.bar {
            bar.set_position(u64::try_from(job.progress).unwrap_or(0));
            bar.set_prefix(expected(self.began.elapsed(), job.progress));
            bar.set_message(step);
        } else if step != self.last_step && !self.printer.is_quiet() {
            let time = clock(self.began.elapsed());
            let expected = expected(self.began.elapsed(), job.progress);
            self.printer.text(&format!("{:3} %  {time}{expected}  {step}", job.progress));
            self.last_step = step;
        }
        Ok(())
    }
}

impl Drop for Progress<'_> {
    /// The terminal is left clean, whatever comes next.
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(spent: Duration) -> ProgressBar {
    let is_wide = style::columns().is_none_or(|columns| columns >= WIDE);
    let filled = if Style::of_stderr().is_rich() { "{bar:24.green}" } else { "{bar:24}" };
    let rest = "{pos:>3} % {time}{prefix}";
    let template = if is_wide {
        format!("{{spinner}} {filled} {rest}  {{wide_msg}}")
    } else {
        format!("{{wide_msg}}\n{filled} {rest}")
    };
    let bar = ProgressBar::new(100).with_elapsed(spent);
    if let Ok(style) = ProgressStyle::with_template(&template) {
        let time = |state: &ProgressState, to: &mut dyn std::fmt::Write| {
            let _ = to.write_str(&clock(state.elapsed()));
        };
        bar.set_style(style.progress_chars("=> ").with_key("time", time));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn expected(elapsed: Duration, progress: i64) -> String {
    let mut text = String::new();
    if (ENOUGH..100).contains(&progress) {
        let whole = elapsed.saturating_mul(100) / u32::try_from(progress).unwrap_or(1);
        let _ = write!(text, " of about {}", clock(whole));
    }
    text
}

/// Minutes and seconds.
fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// How long ago that was, if this machine's clock and the server's agree enough to say.
fn age(at: Timestamp) -> Option<Duration> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let then = Duration::from_micros(u64::try_from(at.as_micros()).ok()?);
    now.checked_sub(then).filter(|age| *age < LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expected_time_is_said_once_it_can_be_known() {
        assert_eq!(expected(Duration::from_secs(2), 3), "");
        assert_eq!(expected(Duration::from_secs(30), 40), " of about 1:15");
        assert_eq!(expected(Duration::from_secs(75), 100), "");
        assert_eq!(clock(Duration::from_secs(605)), "10:05");
    }
}
