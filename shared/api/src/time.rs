//! Timestamps: read as RFC 3339 with a zone, written in UTC with at most microseconds.

use crate::parse::{Invalid, from_text};
use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use std::{fmt, str::FromStr, time::Duration};

/// A time from 1970 to 9999, to the microsecond.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// The start of 1970.
    pub const EPOCH: Self = Self(DateTime::UNIX_EPOCH);

    const EXPECTED: Invalid = Invalid("an RFC 3339 time with a zone, from 1970 to 9999, without leap second");

    const YEAR_10000: i64 = 253_402_300_800_000_000;

    /// From microseconds since 1970; `None` before that or after 9999.
    pub fn from_micros(micros: i64) -> Option<Self> {
        let in_range = (0..Self::YEAR_10000).contains(&micros);
        in_range.then(|| DateTime::from_timestamp_micros(micros).map(Self)).flatten()
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        self.0.timestamp_micros()
    }

    /// Whole milliseconds since 1970, as a run's id carries them.
    pub fn millis(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// The day that it is of.
    pub fn day(self) -> Day {
        let micros = self.micros() - self.micros() % Day::MICROS;
        Day(Self::from_micros(micros).unwrap_or(Self::EPOCH))
    }

    /// The time since `earlier`; zero when this is earlier.
    pub fn since(self, earlier: Self) -> Duration {
        (self.0 - earlier.0).to_std().unwrap_or_default()
    }
}

impl FromStr for Timestamp {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        // chrono also takes a space for the `T`, and a typographic minus.
        if !text.is_ascii() || !matches!(text.as_bytes().get(10), Some(b'T' | b't')) {
            return Err(Self::EXPECTED);
        }
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| Self::EXPECTED)?;
        // chrono shows a leap second as a second with more than 10^9 nanoseconds.
        if parsed.timestamp_subsec_nanos() >= 1_000_000_000 {
            return Err(Self::EXPECTED);
        }
        Self::from_micros(parsed.timestamp_micros()).ok_or(Self::EXPECTED)
    }
}

impl Timestamp {
    /// Writes it into a buffer that holds the longest. Digit by digit: a list has up to 300 timestamps, and chrono's
    /// formatter takes ten times as long.
    #[rustfmt::skip]
    fn write(self, text: &mut [u8; 27]) -> Result<&str, fmt::Error> {
        let (date, time) = (self.0.date_naive(), self.0.time());
        let (year, month, day) = (date.year().unsigned_abs(), date.month(), date.day());
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        let micros = time.nanosecond() / 1_000;
        let digit = |value: u32, unit: u32| b'0' + (value / unit % 10) as u8;
        *text = [
            digit(year, 1_000), digit(year, 100), digit(year, 10), digit(year, 1), b'-',
            digit(month, 10), digit(month, 1), b'-',
            digit(day, 10), digit(day, 1), b'T',
            digit(hour, 10), digit(hour, 1), b':',
            digit(minute, 10), digit(minute, 1), b':',
            digit(second, 10), digit(second, 1), b'.',
            digit(micros, 100_000), digit(micros, 10_000), digit(micros, 1_000),
            digit(micros, 100), digit(micros, 10), digit(micros, 1), b'Z',
        ];
        // "….120000Z" → "….12Z", "….000000Z" → "…Z"
        let zeros = [10, 100, 1_000, 10_000, 100_000].into_iter().filter(|unit| micros % unit == 0).count();
        let end = if micros == 0 { 19 } else { 26 - zeros };
        let (text, _) = text.split_at_mut_checked(end + 1).ok_or(fmt::Error)?;
        if let Some(last) = text.last_mut() {
            *last = b'Z';
        }
        str::from_utf8(text).map_err(|_| fmt::Error)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.write(&mut [0; 27])?)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.write(&mut [0; 27]).map_err(ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

/// A day in UTC, as `2026-11-30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Timestamp);

impl Day {
    const MICROS: i64 = 86_400_000_000;
    /// The length of its text.
    const LENGTH: usize = 10;
}

impl FromStr for Day {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let midnight = (text.len() == Self::LENGTH).then(|| format!("{text}T00:00:00Z").parse());
        midnight.and_then(Result::ok).map(Self).ok_or(Invalid("a day such as 2026-11-30"))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 27];
        f.write_str(self.0.write(&mut text)?.get(..Self::LENGTH).unwrap_or_default())
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(text: &str) -> Option<String> {
        text.parse::<Timestamp>().ok().map(|time| time.to_string())
    }

    #[test]
    fn comes_out_in_utc_without_trailing_zeros() {
        for (given, out) in [
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
            ("2026-01-02T03:04:00Z", "2026-01-02T03:04:00Z"),
            ("2026-01-02T03:04:05.100Z", "2026-01-02T03:04:05.1Z"),
            ("2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05.123456Z"),
            ("2026-01-02T03:04:05.1234567891234Z", "2026-01-02T03:04:05.123456Z"),
            ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(round(given).as_deref(), Some(out), "{given}");
        }
    }

    #[test]
    fn a_day_is_that_of_its_every_moment() {
        for (time, day) in [
            ("1970-01-01T00:00:00Z", "1970-01-01"),
            ("2026-11-30T23:59:59.999999Z", "2026-11-30"),
            ("2026-12-01T00:30:00+01:00", "2026-11-30"),
            ("9999-12-31T23:59:59Z", "9999-12-31"),
        ] {
            let read = time.parse::<Timestamp>().expect("a time").day();
            assert_eq!((read.to_string().as_str(), day.parse()), (day, Ok(read)), "{time}");
        }
        for bad in ["", "2026-11-3", "2026-11-31", "2026-11-30 ", "26-011-300", "2026-11-30T"] {
            assert!(bad.parse::<Day>().is_err(), "{bad}");
        }
    }

    #[test]
    fn shows_what_it_reads() {
        for micros in (0..Timestamp::YEAR_10000).step_by(7_777_777_777_777) {
            let time = Timestamp::from_micros(micros).expect("a time");
            assert_eq!(time.to_string().parse(), Ok(time), "{time}");
        }
        for (micros, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (1, "1970-01-01T00:00:00.000001Z"),
            (10, "1970-01-01T00:00:00.00001Z"),
            (100, "1970-01-01T00:00:00.0001Z"),
            (1_000, "1970-01-01T00:00:00.001Z"),
            (10_000, "1970-01-01T00:00:00.01Z"),
            (100_000, "1970-01-01T00:00:00.1Z"),
            (1_000_000, "1970-01-01T00:00:01Z"),
            (Timestamp::YEAR_10000 - 1, "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(Timestamp::from_micros(micros).map(|time| time.to_string()).as_deref(), Some(text));
        }
    }

    #[test]
    fn refuses_what_is_not_one_time() {
        for bad in [
            "2026-01-02T03:04:05",
            "2026-01-02 03:04:05Z",
            "2026-01-02T03:04:05\u{2212}01:00",
            "2026-01-02",
            "2026-01-02T24:00:00Z",
            "2026-06-30T23:59:60Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
            "10000-01-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "1767323045000",
            "",
        ] {
            assert_eq!(round(bad), None, "{bad}");
        }
    }
}
