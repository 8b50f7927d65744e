//! A step as it is stored and read back: JSON that is copied into the answer as it is, around its contents, which are
//! stored as bytes. Each step is serialised once: what is stored of it is what the turn's digest reads.

use super::{
    digest::PostDigest,
    json::{escaped_len, escaped_member_len, json, members},
    omission::OMITTED_BYTES,
};
use crate::failure::Failure;
use api::{
    ids::StepNumber,
    json::Object,
    problem::{MAX_STEP_BYTES, Problem},
    redaction::Redaction,
    step::{Attempt, AttemptStatus, Body, Count, Counted, Headers, StepInput},
    time::Timestamp,
};
use frame::{Content, Frame, OutOfMemory, Side, StepWriter, Steps, Unreadable};
use serde::Serialize;
use std::fmt::Display;

/// The most bytes of a frame, unpacked. Steps are stored in frames of about a page each, but one step may be larger.
const MAX_FRAME_BYTES: usize = 18 * 1024 * 1024;

/// More than a step's head and the list of what is omitted add to it, as escaped JSON.
const HEAD_BYTES: usize = 4_000;

/// What a step reads beside what was posted.
#[derive(Debug, Default)]
pub(in crate::store) struct Noted<'a> {
    /// Its tokens, where its recorder says none.
    pub(in crate::store) counted: Option<&'a Counted>,
    /// What was taken out of it.
    pub(in crate::store) redaction: Option<Redaction>,
}

/// Adds a step to a frame: `head`, which begins its JSON object or is left out, everything that the head does not say,
/// and what was noted of it. The digest reads the same but for that: rules and readers of another day may find more.
///
/// # Errors
///
/// `Problem::StepTooLarge` when the step could never be read back, whatever is omitted; `Problem::Internal` when it
/// does not serialise.
pub(in crate::store) fn add_step(
    steps: &mut Steps,
    number: StepNumber,
    head: &str,
    (step, noted): (&StepInput, Noted<'_>),
    digest: Option<&mut PostDigest>,
) -> Result<(), Failure> {
    let before = steps.size();
    let mut frame = steps.begin(number.get());
    frame.text(head.as_bytes());
    let mut out = StepOut { frame, digest, least_len: HEAD_BYTES };
    write_step(&mut out, step, &noted)?;
    // Masks may be longer than the keys that they take the place of.
    let is_unreadable = out.least_len > MAX_STEP_BYTES;
    if is_unreadable || steps.size() - before > MAX_FRAME_BYTES {
        return Err(Problem::StepTooLarge.into());
    }
    Ok(())
}

/// About how long a step's JSON is.
pub(in crate::store) fn approximate_len(step: &StepInput) -> usize {
    let objects = [Some(&step.normalized_request), step.normalized_response.as_ref(), step.error.as_ref()];
    let objects = objects.into_iter().flatten().chain([&step.metadata]).map(|object| object.get().len());
    let bodies = step.attempts.iter().flat_map(|attempt| [&attempt.request_body, &attempt.response_body]);
    let bodies = bodies.flatten().map(|body| body.0.len().div_ceil(3) * 4);
    objects.chain(bodies).sum()
}

/// Reads a frame.
///
/// # Errors
///
/// `Problem::Unavailable` when a newer version wrote it, or memory is short; `Problem::Internal` when it is damaged.
pub(in crate::store) fn open(packed: &[u8]) -> Result<Frame, Failure> {
    Frame::open(packed, MAX_FRAME_BYTES).map_err(unreadable)
}

/// Packs a frame.
///
/// # Errors
///
/// `Problem::Unavailable` when memory is short.
pub(in crate::store) fn pack(steps: &Steps) -> Result<Vec<u8>, Failure> {
    steps.pack().map_err(|OutOfMemory| Failure::unavailable("no memory to pack content"))
}

fn unreadable(error: Unreadable) -> Failure {
    match error {
        // The version that wrote it reads it: this one was rolled back, or is about to be replaced.
        Unreadable::Version(version) => Failure::unavailable(format!("content of unknown version {version}")),
        Unreadable::Memory => Failure::unavailable("no memory for content"),
        Unreadable::TooLarge(_) => Failure::internal("content is too large"),
        Unreadable::Damaged => Failure::internal("content does not decode"),
    }
}

/// Where a step is written: to its frame, and to the digest of its turn.
struct StepOut<'a> {
    frame: StepWriter<'a>,
    digest: Option<&'a mut PostDigest>,
    /// How long it is as escaped JSON when every content is omitted for which that is shorter.
    least_len: usize,
}

impl StepOut<'_> {
    /// What was not posted.
    fn beside_digest(&mut self, text: &str) {
        self.least_len += escaped_len(text.as_bytes());
        self.frame.text(text.as_bytes());
    }

    /// `,"name":value` of what was not posted.
    fn member_beside_digest(&mut self, name: &str, value: &impl Serialize) -> Result<(), Failure> {
        self.beside_digest(&format!(r#","{name}":{}"#, json(value)?));
        Ok(())
    }

    fn text(&mut self, text: &str) {
        self.beside_digest(text);
        if let Some(digest) = &mut self.digest {
            digest.text(text.as_bytes());
        }
    }

    /// `,"name":value`.
    fn member(&mut self, name: impl Display, value: &impl Serialize) -> Result<(), Failure> {
        self.text(&format!(r#","{name}":"#));
        self.text(&json(value)?);
        Ok(())
    }

    /// The members of an object that others stand before.
    fn more_members(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        let object = json(object)?;
        let members = members(&object).strip_prefix('{').unwrap_or_default();
        if !members.is_empty() {
            self.text(",");
            self.text(members);
        }
        Ok(())
    }

    fn content(&mut self, content: Content, bytes: &[u8]) {
        // What is longer than that by itself need not be looked through.
        let is_long = bytes.len() >= OMITTED_BYTES;
        self.least_len += if is_long { OMITTED_BYTES } else { escaped_member_len(content, bytes).min(OMITTED_BYTES) };
        self.frame.content(content, bytes);
        if let Some(digest) = &mut self.digest {
            digest.content(content, bytes);
        }
    }

    fn normalized(&mut self, side: Side, object: &Object) {
        self.content(Content::normalized(side), object.get().as_bytes());
    }

    fn body(&mut self, attempt: usize, side: Side, body: Option<&Body>) {
        if let Some(Body(bytes)) = body {
            self.content(Content::of_attempt(attempt, side), bytes);
        }
    }
}

/// Writes everything of a step that its head does not say, to its closing brace.
fn write_step(out: &mut StepOut<'_>, step: &StepInput, noted: &Noted<'_>) -> Result<(), Failure> {
    // By all its members: a new one does not compile until it is written here, or is of the head.
    let StepInput {
        step_number: _,
        owner_id: _,
        external_id: _,
        operation: _,
        status: _,
        started_at: _,
        finished_at: _,
        history_tip_message_id: _,
        assistant_message_id: _,
        normalized_request,
        normalized_response,
        usage,
        attempts,
        error,
        metadata,
    } = step;
    if let Some(digest) = &mut out.digest {
        digest.head(step)?;
    }
    out.normalized(Side::Request, normalized_request);
    if let Some(response) = normalized_response {
        out.normalized(Side::Response, response);
    }
    if let Some(usage) = usage {
        out.member("usage", usage)?;
    }
    if let Some(counted) = noted.counted {
        out.member_beside_digest("counted", counted)?;
    }
    out.text(r#","attempts":["#);
    for (index, attempt) in attempts.iter().enumerate() {
        if index > 0 {
            out.text(",");
        }
        write_attempt(out, index, attempt)?;
    }
    out.text("]");
    if let Some(error) = error {
        out.member("error", error)?;
    }
    out.member("metadata", metadata)?;
    if let Some(redaction) = &noted.redaction {
        out.member_beside_digest("redaction", redaction)?;
    }
    out.text("}");
    Ok(())
}

fn write_attempt(out: &mut StepOut<'_>, index: usize, attempt: &Attempt) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Sent<'a> {
        number: Count,
        status: AttemptStatus,
        #[serde(skip_serializing_if = "Option::is_none")]
        method: &'a Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        url: &'a Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        path: &'a Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        started_at: Option<Timestamp>,
        #[serde(skip_serializing_if = "Option::is_none")]
        finished_at: Option<Timestamp>,
        #[serde(skip_serializing_if = "Option::is_none")]
        request_headers: &'a Option<Headers>,
    }
    #[derive(Serialize)]
    struct Answered<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        response_status: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        response_headers: &'a Option<Headers>,
    }
    #[derive(Serialize)]
    struct Ended<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        error: &'a Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        duration_ms: Option<Count>,
        #[serde(skip_serializing_if = "Option::is_none")]
        first_byte_ms: Option<Count>,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_classification: &'a Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_delay_ms: Option<Count>,
    }
    let Attempt {
        number,
        status,
        method,
        url,
        path,
        started_at,
        finished_at,
        request_headers,
        request_body,
        response_status,
        response_headers,
        response_body,
        error,
        duration_ms,
        first_byte_ms,
        retry_classification,
        retry_delay_ms,
    } = attempt;
    let (number, status, started_at, finished_at) = (*number, *status, *started_at, *finished_at);
    let sent = json(&Sent { number, status, method, url, path, started_at, finished_at, request_headers })?;
    out.text(members(&sent));
    out.body(index, Side::Request, request_body.as_ref());
    out.more_members(&Answered { response_status: *response_status, response_headers })?;
    out.body(index, Side::Response, response_body.as_ref());
    let (duration_ms, first_byte_ms, retry_delay_ms) = (*duration_ms, *first_byte_ms, *retry_delay_ms);
    out.more_members(&Ended { error, duration_ms, first_byte_ms, retry_classification, retry_delay_ms })?;
    out.text("}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::run::CreateRun;
    use std::mem;

    const LEAST: &str = r#"{"operation":"stream","status":"in_progress","started_at":"2026-01-02T03:04:05Z","normalized_request":{},"attempts":[],"metadata":{}}"#;
    const FULL: &str = r#"{"step_number":7,"owner_id":"a","operation":"generate","status":"completed","started_at":"2026-01-02T03:04:05Z","finished_at":"2026-01-02T03:04:06Z","history_tip_message_id":1,"assistant_message_id":"m-1","normalized_request":{"a":1.0,"b":"\u0001\n"},"normalized_response":{"b":"\ud800"},"usage":{"input_tokens":1},"attempts":[{"number":1,"status":"completed","method":"POST","url":"/x","path":"/x","started_at":"2026-01-02T03:04:05Z","finished_at":"2026-01-02T03:04:06Z","request_headers":{"a":"b"},"request_body":"AP8=","response_status":200,"response_headers":{"c":"d"},"response_body":"","error":"e","duration_ms":5,"first_byte_ms":4,"retry_classification":"r","retry_delay_ms":6},{"number":2,"status":"failed","response_body":"AA=="}],"error":{"c":[]},"metadata":{"d":null}}"#;

    fn step(json: &str) -> StepInput {
        serde_json::from_str(json).expect("a step")
    }

    fn number() -> StepNumber {
        StepNumber::try_from(7).expect("a number")
    }

    fn written(head: &str, step: &StepInput) -> String {
        let mut steps = Steps::default();
        add_step(&mut steps, number(), head, (step, Noted::default()), None).expect("a step");
        let frame = open(&steps.pack().expect("a frame")).expect("a frame");
        let mut json = Vec::new();
        frame.steps().next().expect("a step").write_json(&mut json);
        String::from_utf8(json).expect("text")
    }

    #[test]
    fn a_step_reads_back_as_serde_would_write_it() {
        for json in [LEAST, FULL] {
            let step = step(json);
            assert_eq!(serde_json::to_string(&step).expect("JSON"), json);
            let head = json.split_once(r#","normalized_request""#).expect("content").0;
            assert_eq!(written(head, &step), json);
        }
    }

    fn digest(turn: &str) -> Vec<u8> {
        let mut turn: CreateRun = serde_json::from_str(turn).expect("a turn");
        let steps = mem::take(&mut turn.steps);
        let mut digest = PostDigest::begin(&turn).expect("a digest");
        for step in steps {
            add_step(&mut Steps::default(), number(), "ignored", (&step, Noted::default()), Some(&mut digest))
                .expect("a step");
        }
        digest.finish()
    }

    #[test]
    fn a_digest_tells_every_member_apart() {
        let turn = |steps: &str| {
            let start = r#""started_at":"2026-01-02T03:04:05Z","status":"completed""#;
            format!(r#"{{"owner_id":"a","kind":"chat_turn",{start},"model":"m","steps":[{steps}]}}"#)
        };
        let whole = turn(&format!("{LEAST},{FULL}"));
        assert_eq!(digest(&whole), digest(&whole));
        let mut seen = vec![digest(&whole), digest(&turn(FULL)), digest(&turn(&format!("{FULL},{LEAST}")))];
        let changes = [
            (r#""model":"m""#, r#""model":"n""#),
            (r#""step_number":7"#, r#""step_number":8"#),
            (r#""operation":"generate""#, r#""operation":"stream""#),
            (r#"message_id":1"#, r#"message_id":"1""#),
            (r#""assistant_message_id":"m-1""#, r#""assistant_message_id":"m-2""#),
            (r#"{"a":1.0,"#, r#"{"a":1.00,"#),
            (r#"normalized_response":{"b":"\ud800"}"#, r#"normalized_response":{"b":"\ud801"}"#),
            (r#""input_tokens":1"#, r#""input_tokens":2"#),
            (r#""request_body":"AP8=""#, r#""request_body":"AP4=""#),
            (r#""request_body":"AP8=","#, ""),
            (r#""response_body":"","#, ""),
            (r#""response_body":"AA==""#, r#""request_body":"AA==""#),
            (r#""first_byte_ms":4"#, r#""first_byte_ms":3"#),
            (r#""retry_delay_ms":6"#, r#""retry_delay_ms":7"#),
            (r#""error":{"c":[]}"#, r#""error":{"c":{}}"#),
            (r#""metadata":{"d":null}"#, r#""metadata":{"d":0}"#),
        ];
        for (from, to) in changes {
            assert!(whole.contains(from), "{from}");
            seen.push(digest(&whole.replacen(from, to, 1)));
        }
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count);
    }

    #[test]
    fn what_could_never_be_read_back_is_refused() {
        let refused =
            |step: &StepInput| add_step(&mut Steps::default(), number(), "", (step, Noted::default()), None).is_err();
        let with_metadata = |text: &str| {
            let object = format!(r#"{{"a":"{text}"}}"#);
            StepInput { metadata: serde_json::from_str(&object).expect("JSON"), ..step(LEAST) }
        };
        let around = r#","normalized_request":{},"attempts":[],"metadata":{"a":""}}"#;
        let largest = MAX_STEP_BYTES - HEAD_BYTES - escaped_len(around.as_bytes());
        assert!(!refused(&with_metadata(&"x".repeat(largest))));
        assert!(refused(&with_metadata(&"x".repeat(largest + 1))));
        assert!(refused(&with_metadata(&"\\\"".repeat(largest / 3))));
        let attempt = |len| Attempt { request_body: Some(Body(vec![0; len])), ..step(FULL).attempts.remove(1) };
        let with_bodies =
            |lens: &[usize]| StepInput { attempts: lens.iter().map(|len| attempt(*len)).collect(), ..step(LEAST) };
        assert!(!refused(&with_bodies(&[MAX_STEP_BYTES, MAX_STEP_BYTES])), "both are omitted");
        let many = vec![OMITTED_BYTES; MAX_STEP_BYTES / OMITTED_BYTES];
        assert!(refused(&with_bodies(&many)), "their list is too long");
        assert!(refused(&with_bodies(&[MAX_FRAME_BYTES])), "it would not be opened");
    }

    #[test]
    fn whatever_lambda_escapes_is_counted() {
        let json = "{\"a\\\\b\":\n\t\r [\"\u{1f600}\"]}";
        let quoted = serde_json::to_string(json).expect("JSON");
        assert_eq!(escaped_len(json.as_bytes()), quoted.len() - 2);
        for of in [LEAST, FULL] {
            let mut steps = Steps::default();
            let mut out = StepOut { frame: steps.begin(1), digest: None, least_len: 0 };
            write_step(&mut out, &step(of), &Noted::default()).expect("a step");
            assert_eq!(out.least_len, escaped_len(written("", &step(of)).as_bytes()));
        }
    }
}
