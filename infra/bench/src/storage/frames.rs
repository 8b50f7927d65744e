//! The CPU that it takes to make a frame of a turn's steps, and to read it.

use crate::sample::Samples;
use anyhow::Result;
use api::step::StepInput;
use frame::{Content, Side, Steps};
use std::hint::black_box;

/// How many times it is measured, each over many frames.
pub(super) const BATCHES: usize = 15;
/// Bytes of JSON in a batch.
const BATCH_BYTES: usize = 10_000_000;
/// More than any of these turns holds.
const MOST: usize = 16 << 20;

/// A frame, and what it costs.
pub(super) struct Frame {
    /// Bytes of the steps' JSON.
    pub(super) json: usize,
    /// Bytes of the frame.
    pub(super) packed: usize,
    /// Microseconds of CPU to make the frame.
    pub(super) make: f64,
    /// Microseconds of CPU to write the JSON out of it.
    pub(super) read: f64,
}

impl Frame {
    pub(super) fn measure(steps: &[String]) -> Result<Self> {
        let steps = steps.iter().map(|step| Ok(serde_json::from_str(step)?)).collect::<Result<Vec<StepInput>>>()?;
        let packed = made(&steps)?;
        let json = read(&packed)?.len();
        let times = BATCH_BYTES / json;
        let (mut make, mut read_times) = (Samples::default(), Samples::default());
        for _ in 0..BATCHES {
            make.push(micros(times, || made(black_box(&steps)))?);
            read_times.push(micros(times, || read(black_box(&packed)))?);
        }
        Ok(Self { json, packed: packed.len(), make: make.median(), read: read_times.median() })
    }
}

pub(crate) fn made(steps: &[StepInput]) -> Result<Vec<u8>> {
    let mut frame = Steps::default();
    for (number, step) in (1..).zip(steps) {
        let mut writer = frame.begin(number);
        writer.text(br#"{"operation":"stream","status":"completed""#);
        writer.content(Content::normalized(Side::Request), step.normalized_request.get().as_bytes());
        if let Some(response) = &step.normalized_response {
            writer.content(Content::normalized(Side::Response), response.get().as_bytes());
        }
        writer.text(br#","attempts":["#);
        for (index, attempt) in step.attempts.iter().enumerate() {
            writer.text(br#"{"number":1"#);
            for (side, body) in [(Side::Request, &attempt.request_body), (Side::Response, &attempt.response_body)] {
                if let Some(body) = body {
                    writer.content(Content::of_attempt(index, side), &body.0);
                }
            }
            writer.text(b"}");
        }
        writer.text(b"]}");
    }
    Ok(frame.pack()?)
}

fn read(packed: &[u8]) -> Result<Vec<u8>> {
    let frame = frame::Frame::open(packed, MOST)?;
    let mut json = Vec::with_capacity(frame.steps().map(|step| step.json_len()).sum());
    for step in frame.steps() {
        step.write_json(&mut json);
    }
    Ok(json)
}

/// Microseconds of this thread's CPU for one of so many.
#[expect(clippy::cast_precision_loss, reason = "some thousands")]
fn micros<T>(times: usize, mut once: impl FnMut() -> Result<T>) -> Result<f64> {
    let before = cpu::used();
    for _ in 0..times {
        black_box(once()?);
    }
    Ok(cpu::used().saturating_sub(before).as_secs_f64() * 1e6 / times as f64)
}
