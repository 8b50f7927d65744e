//! One core for both backends and whoever asks them.

use anyhow::{Context, Result};
use nix::{
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    unistd::Pid,
};

/// Keeps this thread on one core until it is dropped, and for ever whatever it starts meanwhile.
pub(super) struct OneCore(CpuSet);

impl OneCore {
    pub(super) fn take() -> Result<Self> {
        let all = sched_getaffinity(this_thread())?;
        let last = (0..CpuSet::count()).rev().find(|core| all.is_set(*core).unwrap_or_default());
        let mut one = CpuSet::new();
        one.set(last.context("There is no core")?)?;
        sched_setaffinity(this_thread(), &one)?;
        Ok(Self(all))
    }
}

impl Drop for OneCore {
    fn drop(&mut self) {
        // What comes after is measured on one core too, if it cannot be undone.
        let _ = sched_setaffinity(this_thread(), &self.0);
    }
}

fn this_thread() -> Pid {
    Pid::from_raw(0)
}
