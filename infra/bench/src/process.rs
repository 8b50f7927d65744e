//! What the kernel says of a process.

use anyhow::{Context, Result};
use nix::{time::ClockId, unistd::Pid};
use std::{fs, time::Duration};

/// The CPU time that a process has had, all threads of its life included.
pub(crate) fn cpu(id: u32) -> Result<Duration> {
    Ok(ClockId::pid_cpu_clock_id(Pid::from_raw(id.try_into()?))?.now()?.into())
}

/// The memory that a process has now, in bytes.
pub(crate) fn resident(id: u32) -> Result<u64> {
    status(id, "VmRSS:")
}

/// The most memory that a process has had, in bytes.
pub(crate) fn peak(id: u32) -> Result<u64> {
    status(id, "VmHWM:")
}

fn status(id: u32, field: &str) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let kib = status.lines().find_map(|line| line.strip_prefix(field)?.split_whitespace().next()?.parse::<u64>().ok());
    Ok(kib.with_context(|| format!("The kernel does not say {field} of process {id}."))? * 1_024)
}
