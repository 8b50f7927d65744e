//! What every recording function does with a step, whether it redacts it or not: a request is unpacked and read, its
//! outline made, the step packed for the table, and an answer packed. Both examples share it, so that they differ in
//! redaction alone.

use api::{
    json::parse_body,
    step::{Attempt, StepInput},
};
use flate2::{
    Compression,
    bufread::{GzDecoder, GzEncoder},
};
use frame::{Content, Frame, Side, Steps};
use llm::{Outline, Recorded};
use std::{error::Error, fs, io::Read as _};

/// Records the gzipped step of a file, and gives it as it would be read again. Without a file, it only starts.
pub(crate) fn record(
    file: Option<String>,
    redacted: impl FnOnce(StepInput) -> StepInput,
) -> Result<String, Box<dyn Error>> {
    let Some(file) = file else { return Ok(String::new()) };
    let mut json = Vec::new();
    GzDecoder::new(&*fs::read(file)?).read_to_end(&mut json)?;
    let step = redacted(parse_body(&json).map_err(|error| format!("{error:?}"))?);
    let outline = Outline::of(Recorded {
        normalized_request: Some(&step.normalized_request),
        normalized_response: step.normalized_response.as_ref(),
        attempts: &step.attempts,
        ..Recorded::default()
    });
    let mut steps = Steps::default();
    let mut packed = steps.begin(1);
    for (index, Attempt { request_body, .. }) in step.attempts.iter().enumerate() {
        let body = request_body.as_ref().map(|body| &*body.0);
        packed.content(Content::of_attempt(index, Side::Request), body.unwrap_or_default());
    }
    packed.text(&serde_json::to_vec(&step)?);
    let packed = steps.pack().map_err(|_| "no memory")?;
    let frame = Frame::open(&packed, usize::MAX).map_err(|_| "unreadable")?;
    let mut read = Vec::new();
    frame.steps().for_each(|step| step.write_json(&mut read));
    let mut answer = Vec::new();
    GzEncoder::new(&*read, Compression::fast()).read_to_end(&mut answer)?;
    Ok(format!("{outline:?}\n{} of {}", answer.len(), String::from_utf8_lossy(&read)))
}
