//! A share of a core, as Lambda gives it to a function of 128 MB: a control group of version 1.
//!
//! Version 2 will not do: it moves a process with all of its threads, and a function is born under its
//! share because the one thread that starts it is under it.

use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

const ROOT: &str = "/sys/fs/cgroup/cpu";
/// There in version 2 alone.
const VERSION_2: &str = "/sys/fs/cgroup/cgroup.controllers";
/// Lambda's own period, in microseconds, and what 128 MB get of it: 7 % of a core.
const PERIOD: &str = "20000";
const QUOTA: &str = "1400";

static SHARES: AtomicU32 = AtomicU32::new(0);

/// A control group. Dropping it removes it, once whoever was in it is gone.
pub(crate) struct Share(PathBuf);

impl Share {
    /// 7 % of a core.
    pub(crate) fn new() -> Result<Self> {
        ensure!(
            Path::new(ROOT).exists() || !Path::new(VERSION_2).exists(),
            "A share of a core takes control groups of version 1, and this machine has version 2; start it with the \
             kernel's parameter systemd.unified_cgroup_hierarchy=0, or measure in a virtual machine that does"
        );
        let name = format!("chat-debug-bench-{}-{}", std::process::id(), SHARES.fetch_add(1, Relaxed));
        let folder = PathBuf::from(ROOT).join(name);
        fs::create_dir(&folder)
            .with_context(|| format!("No control group can be made below {ROOT}; mount it there, and run as root"))?;
        let share = Self(folder);
        fs::write(share.0.join("cpu.cfs_period_us"), PERIOD)?;
        fs::write(share.0.join("cpu.cfs_quota_us"), QUOTA)?;
        Ok(share)
    }

    /// Puts a process under it, with all of its threads.
    pub(crate) fn admit(&self, process: u32) -> Result<()> {
        Ok(fs::write(self.0.join("cgroup.procs"), process.to_string())?)
    }

    /// Puts this very thread under it; whatever the thread starts is born there.
    pub(crate) fn enter(&self) -> Result<()> {
        Ok(fs::write(self.0.join("tasks"), "0")?)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // A group that is still in use stays behind, empty and harmless.
        let _ = fs::remove_dir(&self.0);
    }
}
