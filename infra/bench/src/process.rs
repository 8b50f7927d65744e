//! What the kernel says of a process.

use anyhow::{Context, Result};
use nix::{time::ClockId, unistd::Pid};
use std::{fs, time::Duration};

/// The CPU time that a process has had, all threads of its life included.
pub(crate) fn cpu(id: u32) -> Result<Duration> {
    Ok(ClockId::pid_cpu_clock_id(Pid::from_raw(id.try_into()?))?.now()?.into())
}

/// The most memory that a process has had, in bytes.
pub(crate) fn peak(id: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
    let kib: u64 = peak.with_context(|| format!("The kernel does not say how much memory process {id} has had."))?;
    Ok(kib * 1_024)
}
