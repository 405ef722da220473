//! Medians, spreads and percentiles.

/// The values of one figure over the rounds of a measurement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series(Vec<f64>);

impl Series {
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// The middle value; the mean of the two middle ones of an even number; 0 of none.
    pub(crate) fn median(&self) -> f64 {
        let sorted = self.sorted();
        let (Some(upper), Some(lower)) = (sorted.get(sorted.len() / 2), sorted.get(sorted.len().saturating_sub(1) / 2))
        else {
            return 0.0;
        };
        f64::midpoint(*upper, *lower)
    }

    /// The lowest and the highest value.
    pub(crate) fn range(&self) -> (f64, f64) {
        let sorted = self.sorted();
        (sorted.first().copied().unwrap_or(0.0), sorted.last().copied().unwrap_or(0.0))
    }

    /// Half of the way from the lowest to the highest value.
    pub(crate) fn spread(&self) -> f64 {
        let (lowest, highest) = self.range();
        (highest - lowest) / 2.0
    }

    /// Ours divided by theirs, round by round, so that what disturbs both sides of a round cancels out.
    pub(crate) fn divided_by(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(ours, theirs)| ours / theirs.max(f64::MIN_POSITIVE)).collect())
    }

    /// Ours less theirs, round by round.
    pub(crate) fn minus(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(ours, theirs)| ours - theirs).collect())
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    }
}

/// The value below which `share` of all values lie; 0 of none. Sorts the values.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let rank = (share * as_f64(values.len())).ceil().max(1.0);
    values.get(as_index(rank) - 1).or(values.last()).copied().unwrap_or(0.0)
}

/// A count as a number to calculate with.
#[expect(clippy::cast_precision_loss, reason = "counts here are far below 2^52")]
pub(crate) const fn as_f64(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank is a small positive whole number")]
const fn as_index(rank: f64) -> usize {
    rank as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_value() {
        assert!((Series(vec![3.0, 1.0, 2.0]).median() - 2.0).abs() < f64::EPSILON);
        assert!((Series(vec![4.0, 1.0, 2.0, 3.0]).median() - 2.5).abs() < f64::EPSILON);
    }

    #[test]
    fn the_99th_percentile_of_a_hundred_values_is_the_99th() {
        let mut values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert!((percentile(&mut values, 0.99) - 99.0).abs() < f64::EPSILON);
        assert!(percentile(&mut [], 0.99).abs() < f64::EPSILON);
    }
}
