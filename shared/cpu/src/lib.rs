//! What work takes of the processor, for tests and benchmarks: by its thread's own clock, to which no neighbour adds.

#![expect(clippy::missing_panics_doc, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use nix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// What this thread has used so far.
pub fn used() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap().into()
}

/// What some work takes.
pub fn cost(work: impl FnOnce()) -> Duration {
    let before = used();
    work();
    used().saturating_sub(before)
}

/// Fails when four times the input costs more than six times as much to read.
#[track_caller]
pub fn assert_linear<T>(what: &str, size: usize, input: impl Fn(usize) -> T, read: impl Fn(&T)) {
    let (small, large) = (input(size), input(size * 4));
    // Once is enough: what is linear can only seem to be more, on a busy machine.
    let is_linear = || cost(|| read(&large)) <= cost(|| read(&small)) * 6;
    assert!((0..20).any(|_| is_linear()), "{what}");
}
