//! Numbers as recorders write them: `14`, `14.0` and `1e1` are all whole numbers.
//!
//! They are read digit by digit, since a float would lose the last digits of a large id.

use crate::parse::Invalid;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;

/// A JSON number: the nearest whole number, and whether it is equal to it.
///
/// An `i128` is large enough: callers refuse or cut numbers far below its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) nearest: i128,
    pub(crate) is_whole: bool,
}

impl Number {
    /// Reads a JSON value; `None` when it is no number.
    pub(crate) fn parse(json: &str) -> Option<Self> {
        let (is_negative, json) = json.strip_prefix('-').map_or((false, json), |rest| (true, rest));
        if !json.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let (mantissa, exponent) = json.split_once(['e', 'E']).unwrap_or((json, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, fraction].concat();
        let significant = digits.trim_start_matches('0');
        // The number is 0.`significant` times ten to the power of `point`.
        let zeros = digits.len() - significant.len();
        let point = exponent_of(exponent).saturating_add_unsigned(whole.len()).saturating_sub_unsigned(zeros);
        let significant = significant.trim_end_matches('0');
        let (magnitude, is_whole) = rounded(significant, point);
        Some(Self { nearest: if is_negative { -magnitude } else { magnitude }, is_whole })
    }
}

/// An exponent that does not fit is larger than any number of digits in a body.
fn exponent_of(text: &str) -> isize {
    text.parse().unwrap_or(if text.starts_with('-') { isize::MIN } else { isize::MAX })
}

/// The whole number nearest to 0.`digits` times ten to the power of `point`, and whether they are equal.
fn rounded(digits: &str, point: isize) -> (i128, bool) {
    /// A number of so many digits always fits.
    const MAX_DIGITS: usize = 38;
    if digits.is_empty() {
        return (0, true);
    }
    let Ok(point) = usize::try_from(point) else { return (0, false) };
    if point > MAX_DIGITS {
        return (i128::MAX, digits.len() <= point);
    }
    let digit = |at: usize| digits.as_bytes().get(at).map_or(0, |digit| i128::from(digit - b'0'));
    let truncated = (0..point).fold(0, |number, at| number * 10 + digit(at));
    (truncated + i128::from(digit(point) >= 5), digits.len() <= point)
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(raw.get()).ok_or_else(|| de::Error::custom("must be a number"))
    }
}

/// A whole number, however it is written.
pub(crate) struct Whole(pub(crate) i128);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Number::deserialize(deserializer)? {
            Number { nearest, is_whole: true } => Ok(Self(nearest)),
            Number { .. } => Err(de::Error::custom("must be a whole number")),
        }
    }
}

/// A whole number from 0 to 2^53 - 1, which every client reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Count(u64);

impl Count {
    /// The largest.
    pub const MAX: u64 = (1 << 53) - 1;

    /// The plain number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The count nearest to a number.
    pub fn clamped(number: i128) -> Self {
        Self(u64::try_from(number.max(0)).unwrap_or(Self::MAX).min(Self::MAX))
    }

    /// The sum, or the largest.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self::clamped(i128::from(self.0) + i128::from(other.0))
    }
}

impl From<u32> for Count {
    fn from(number: u32) -> Self {
        Self(number.into())
    }
}

impl TryFrom<u64> for Count {
    type Error = Invalid;
    fn try_from(number: u64) -> Result<Self, Invalid> {
        if number <= Self::MAX { Ok(Self(number)) } else { Err(Invalid("a whole number from 0 to 9007199254740991")) }
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Whole(number) = Whole::deserialize(deserializer)?;
        Self::try_from(u64::try_from(number).unwrap_or(u64::MAX)).map_err(de::Error::custom)
    }
}

/// An optional number of milliseconds: rounded, and 0 when a clock that went back made it negative.
pub(crate) fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Count>, D::Error> {
    Ok(Option::<Number>::deserialize(deserializer)?.map(|number| Count::clamped(number.nearest)))
}

/// An optional number of milliseconds: rounded. One below 0 says that it was not measured, as -1 does in a HAR.
pub(crate) fn millis_if_measured<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Count>, D::Error> {
    let number = Option::<Number>::deserialize(deserializer)?;
    Ok(number.filter(|number| number.nearest >= 0).map(|number| Count::clamped(number.nearest)))
}

/// An optional HTTP status. Any number but 100 to 599 says that no response came, as 0 does in a HAR.
pub(crate) fn http_status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    let status = Option::<Whole>::deserialize(deserializer)?;
    Ok(status.and_then(|Whole(status)| u16::try_from(status).ok()).filter(|status| (100..=599).contains(status)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_by_its_digits() {
        for (json, nearest, is_whole) in [
            ("0", 0, true),
            ("-0", 0, true),
            ("0.0e5", 0, true),
            ("0e99999999999999999999", 0, true),
            ("14", 14, true),
            ("14.0", 14, true),
            ("1e1", 10, true),
            ("1.40E+1", 14, true),
            ("140e-1", 14, true),
            ("0.0014e4", 14, true),
            ("-7.0", -7, true),
            ("9007199254740993.0", 9_007_199_254_740_993, true),
            ("1.8446744073709551615e19", 18_446_744_073_709_551_615, true),
            ("1.5", 2, false),
            ("1.49999999999999999999999", 1, false),
            ("0.5", 1, false),
            ("0.05", 0, false),
            ("-2.5", -3, false),
            ("9.5", 10, false),
            ("1e-1", 0, false),
            ("5e-1", 1, false),
            ("1e-99999999999999999999", 0, false),
            ("1e38", i128::MAX, true),
            ("-1e999", -i128::MAX, true),
            ("1e99999999999999999999", i128::MAX, true),
            ("99999999999999999999999999999999999999.9", 100_000_000_000_000_000_000_000_000_000_000_000_000, false),
        ] {
            assert_eq!(Number::parse(json), Some(Number { nearest, is_whole }), "{json}");
        }
        for other in ["null", "true", "\"1\"", "[1]", "{}", ""] {
            assert_eq!(Number::parse(other), None, "{other}");
        }
        assert_eq!(Number::parse(&format!("0.{}1", "0".repeat(1_000_000))).map(|number| number.nearest), Some(0));
    }

    #[test]
    fn a_count_is_one_that_every_client_reads() {
        let count = |json: &str| serde_json::from_str::<Count>(json).ok().map(Count::get);
        for (json, number) in [("0", 0), ("-0", 0), ("14.0", 14), ("1e1", 10), ("9007199254740991", Count::MAX)] {
            assert_eq!(count(json), Some(number), "{json}");
        }
        for bad in ["-1", "1.5", "9007199254740992", "1e999", "\"1\"", "null", "true", "[]"] {
            assert_eq!(count(bad), None, "{bad}");
        }
        assert_eq!(Count::clamped(-1).plus(Count::clamped(i128::MAX)).plus(Count::from(1)).get(), Count::MAX);
    }
}
