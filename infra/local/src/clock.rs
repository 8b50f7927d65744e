//! The one place of `local` that looks at the clock.

use anyhow::{Context, Result};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "this is that place")]
pub fn millis() -> Result<u64> {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).context("The clock of this machine is wrong")?;
    Ok(u64::try_from(since_1970.as_millis())?)
}

/// Seconds since 1970.
pub fn seconds() -> Result<i64> {
    Ok(i64::try_from(millis()? / 1_000)?)
}
