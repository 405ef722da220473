//! What was measured, as a table and as `proof: ` lines.

use crate::printer::print;
use crate::quiet::Disturbance;
use crate::statistics::Series;

/// What a figure has to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// It is only told.
    None,
}

/// How a figure stands to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Met,
    /// It is no further from the target than its spread, on either side: no more can be said.
    Equal,
    Missed,
    Told,
    /// Other programs used the processors meanwhile.
    Disturbed,
}

/// What one measurement gave.
pub(crate) struct Measured {
    /// Its figures.
    pub(crate) figures: Vec<Figure>,
    /// What others used meanwhile.
    pub(crate) disturbance: Disturbance,
}

/// One figure.
pub(crate) struct Figure {
    /// The name of the measurement.
    pub(crate) name: &'static str,
    /// What is measured.
    pub(crate) what: &'static str,
    /// `%` of nothing, `ms`, `MB`; empty for a ratio.
    pub(crate) unit: &'static str,
    /// The figure of each round.
    pub(crate) series: Series,
    /// What it has to be.
    pub(crate) target: Target,
    /// Whether other programs make it worthless; memory and the like they do not change.
    pub(crate) suffers: bool,
    /// The absolute numbers behind it.
    pub(crate) detail: String,
}

impl Target {
    fn text(self, unit: &str) -> String {
        match self {
            Self::AtLeast(number) => format!("≥ {}", amount(number, unit)),
            Self::AtMost(number) => format!("≤ {}", amount(number, unit)),
            Self::None => "–".to_owned(),
        }
    }

    fn judge(self, figure: f64, spread: f64) -> Verdict {
        let missed_by = match self {
            Self::AtLeast(number) => number - figure,
            Self::AtMost(number) => figure - number,
            Self::None => return Verdict::Told,
        };
        match missed_by {
            by if by.abs() <= spread => Verdict::Equal,
            by if by <= 0.0 => Verdict::Met,
            _ => Verdict::Missed,
        }
    }
}

impl Verdict {
    const fn text(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Equal => "equal to the target within the spread",
            Self::Missed => "**missed**",
            Self::Told => "–",
            Self::Disturbed => "none: disturbed",
        }
    }
}

impl Figure {
    fn verdict(&self, disturbance: Disturbance) -> Verdict {
        match self.target.judge(self.series.median(), self.series.spread()) {
            Verdict::Told => Verdict::Told,
            _ if self.suffers && !disturbance.is_tolerable() => Verdict::Disturbed,
            verdict => verdict,
        }
    }

    fn row(&self, disturbance: Disturbance) -> String {
        let (lowest, highest) = self.series.range();
        format!(
            "| `{}` | {} | {} | {} – {} | {} | {} | {} % | {} |",
            self.name,
            self.what,
            amount(self.series.median(), self.unit),
            digits(lowest),
            digits(highest),
            self.target.text(self.unit),
            self.verdict(disturbance).text(),
            digits(disturbance.percent()),
            self.detail
        )
    }

    fn proof(&self, disturbance: Disturbance) -> String {
        format!(
            "proof: {}: {}: {} ± {}, target {}: {} (others used {} % of the processors)",
            self.name,
            self.what,
            amount(self.series.median(), self.unit),
            digits(self.series.spread()),
            self.target.text(self.unit),
            self.verdict(disturbance).text().trim_matches('*'),
            digits(disturbance.percent())
        )
    }
}

/// Prints the figures.
pub(crate) fn show(measured: &[Measured]) {
    print("\n| name | figure | median | lowest – highest | target | verdict | used by others | behind it |");
    print("|---|---|---|---|---|---|---|---|");
    for_each(measured, |figure, disturbance| print(&figure.row(disturbance)));
    print("");
    for_each(measured, |figure, disturbance| print(&figure.proof(disturbance)));
}

fn for_each(measured: &[Measured], show: impl Fn(&Figure, Disturbance)) {
    for Measured { figures, disturbance } in measured {
        for figure in figures {
            show(figure, *disturbance);
        }
    }
}

fn amount(number: f64, unit: &str) -> String {
    if unit.is_empty() { digits(number) } else { format!("{} {unit}", digits(number)) }
}

/// As many digits as say something.
pub(crate) fn digits(number: f64) -> String {
    match number.abs() {
        size if size >= 100.0 => format!("{number:.0}"),
        size if size >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_within_the_spread_of_its_target_counts_as_equal() {
        assert_eq!(Target::AtLeast(0.85).judge(0.84, 0.02), Verdict::Equal);
        assert_eq!(Target::AtLeast(0.85).judge(0.86, 0.02), Verdict::Equal);
        assert_eq!(Target::AtLeast(0.85).judge(0.80, 0.02), Verdict::Missed);
        assert_eq!(Target::AtMost(1.3).judge(1.1, 0.0), Verdict::Met);
    }
}
