//! What it would save if a step that is put alone were packed against the one before, which nothing here does: the
//! steps of an agent repeat its history.
//!
//! A chain begins with a step that is packed alone, the key; each that follows is packed against the step before it, as
//! long as all of them together take at most twice what their key does. To put one, or to read one, reads from the key
//! on.

use anyhow::{Context, Result, anyhow};
use api::step::StepInput;
use zstd_safe::{CCtx, CParameter, compress_bound};

/// As `frame` packs.
const LEVEL: i32 = 3;
/// What goes with the transaction that makes it visible.
const SMALL: usize = 4 * 1024;
/// What an item of content has beside it.
const KEY: usize = 100;

/// What a run's steps take, each put alone.
pub(super) struct Chained {
    /// Bytes of content in the table.
    pub(super) stored: usize,
    /// Units and calls in turn to put one, in the mean.
    pub(super) write_units: f64,
    pub(super) read_units: f64,
    pub(super) in_turn: f64,
}

impl Chained {
    /// Each step by itself, as they are stored.
    pub(super) fn alone(steps: &[String]) -> Result<Self> {
        Self::with(steps, 0)
    }

    /// Chains that take at most twice what their key does.
    pub(super) fn on_the_one_before(steps: &[String]) -> Result<Self> {
        Self::with(steps, 2)
    }

    /// Chains that take at most so many times what their key does.
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    fn with(steps: &[String], most: usize) -> Result<Self> {
        let (mut stored, mut write_units, mut read_units, mut in_turn) = (0, 0, 0, 0);
        let (mut before, mut key, mut chain) = (Vec::new(), 0, 0);
        for step in steps {
            let content = content(step)?;
            // The chain is read whenever there is one that might go on.
            let is_read = most > 0 && key > SMALL;
            if is_read {
                read_units += usize::div_ceil(chain, 4_096);
            }
            let alone = packed(&content, &[])?;
            let delta = if is_read { packed(&content, &before)? } else { alone };
            let goes_on = is_read && chain + delta <= most * key;
            let taken = if goes_on { delta } else { alone };
            (key, chain) = if goes_on { (key, chain + taken) } else { (taken, taken) };
            stored += taken;
            let is_small = taken <= SMALL;
            let kilobytes = |bytes: usize| bytes.div_ceil(1_024);
            write_units += if is_small { 6 + 2 * kilobytes(taken + KEY) } else { 9 + kilobytes(taken + KEY) };
            // The snapshot, the chain, and what is put: the transaction, or before it the intent and the content.
            in_turn += 1 + usize::from(is_read) + if is_small { 1 } else { 3 };
            before = content;
        }
        let mean = |sum: usize| sum as f64 / steps.len() as f64;
        Ok(Self {
            stored,
            write_units: mean(write_units),
            // Beside those of the snapshot: gate, opt-in, chat, run and head.
            read_units: 5.0 + mean(read_units),
            in_turn: mean(in_turn),
        })
    }
}

/// A step as it is packed, in the order in which a frame has it: texts, and bodies as bytes.
fn content(step: &str) -> Result<Vec<u8>> {
    let mut step: StepInput = serde_json::from_str(step)?;
    let mut bodies = Vec::new();
    for attempt in &mut step.attempts {
        bodies.extend([attempt.request_body.take(), attempt.response_body.take()].into_iter().flatten());
    }
    let mut content = serde_json::to_vec(&step)?;
    for body in bodies {
        // Kept once, as a frame does.
        if body.0 != step.normalized_request.get().as_bytes() {
            content.extend(body.0);
        }
    }
    Ok(content)
}

/// How many bytes it takes, behind what a reader has by then.
fn packed(content: &[u8], before: &[u8]) -> Result<usize> {
    let mut encoder = CCtx::try_create().context("There is no memory.")?;
    let mut space = vec![0; compress_bound(content.len())];
    let window = (content.len() + before.len()).next_power_of_two().trailing_zeros().clamp(10, 23);
    let mut pack = || {
        encoder.set_parameter(CParameter::CompressionLevel(LEVEL))?;
        encoder.set_parameter(CParameter::WindowLog(window))?;
        encoder.set_parameter(CParameter::ChecksumFlag(true))?;
        encoder.ref_prefix(before)?;
        encoder.compress2(&mut space[..], content)
    };
    pack().map(|written| written + 1).map_err(|code| anyhow!(zstd_safe::get_error_name(code)))
}
