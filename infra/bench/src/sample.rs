//! Many measurements of one thing, and how figures are written.

use std::time::Duration;

/// Measurements, in any order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The value that `percent` of all measurements do not exceed; 0 of none.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(rank).copied().unwrap_or_default()
    }

    pub(crate) fn median(&self) -> f64 {
        self.percentile(50)
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

/// Milliseconds of a duration.
pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Kilobytes of 1,000 bytes.
#[expect(clippy::cast_precision_loss, reason = "sizes are shown in three digits")]
pub(crate) fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1e3
}

/// Megabytes of 1,000,000 bytes.
#[expect(clippy::cast_precision_loss, reason = "sizes are shown in three digits")]
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Three digits that count, and thousands apart.
pub(crate) fn figure(value: f64) -> String {
    match value {
        _ if value >= 1_000.0 => thousands(value),
        _ if value >= 100.0 => format!("{value:.0}"),
        _ if value >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// A whole number, thousands apart.
pub(crate) fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_measurements() {
        let samples = Samples((1..=10).rev().map(f64::from).collect());
        let percentiles = [50, 90, 99].map(|percent| figure(samples.percentile(percent)));
        assert_eq!(percentiles, ["5.00", "9.00", "10.0"]);
        assert_eq!(figure(Samples::default().median()), "0.00");
    }

    #[test]
    fn figures_have_three_digits_that_count() {
        let figures = [0.123, 1.234, 12.34, 123.4, 1_234.0, 1_234_567.0].map(figure);
        assert_eq!(figures, ["0.12", "1.23", "12.3", "123", "1,234", "1,234,567"]);
    }
}
