//! A share of a core, as Lambda gives it to a function of 128 MB: a control group of version 1.

use anyhow::{Context, Result};
use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

const ROOT: &str = "/sys/fs/cgroup/cpu";
/// Lambda's own period, in microseconds, and what 128 MB get of it: 7 % of a core.
const PERIOD: &str = "20000";
const QUOTA: &str = "1400";

static SHARES: AtomicU32 = AtomicU32::new(0);

/// A control group. Dropping it removes it, once whoever was in it is gone.
pub(crate) struct Share(PathBuf);

impl Share {
    /// 7 % of a core.
    pub(crate) fn new() -> Result<Self> {
        let name = format!("chat-debug-bench-{}-{}", std::process::id(), SHARES.fetch_add(1, Relaxed));
        let folder = PathBuf::from(ROOT).join(name);
        fs::create_dir(&folder).with_context(|| {
            format!("No control group of version 1 can be made below {ROOT}; mount it there, and run as root")
        })?;
        let share = Self(folder);
        fs::write(share.0.join("cpu.cfs_period_us"), PERIOD)?;
        fs::write(share.0.join("cpu.cfs_quota_us"), QUOTA)?;
        Ok(share)
    }

    /// Puts a process under it, with all of its threads.
    pub(crate) fn admit(&self, process: u32) -> Result<()> {
        Ok(fs::write(self.0.join("cgroup.procs"), process.to_string())?)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // A group that is still in use stays behind, empty and harmless.
        let _ = fs::remove_dir(&self.0);
    }
}
