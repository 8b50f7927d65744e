//! A step as an answer has room for it: when it is too large, its largest contents are left out, and named with their
//! sizes and digests. Nothing is cut.

use super::json::{escaped_len, escaped_member_len, json};
use crate::failure::Failure;
use api::{
    content::{ContentName, Omitted, Side},
    problem::MAX_STEP_BYTES,
};
use frame::{Content, Step};
use ring::digest::{SHA256, digest};
use std::{
    collections::HashSet,
    fmt::Write,
    num::{NonZeroU32, TryFromIntError},
};

/// More than the mention of an omitted content takes, as escaped JSON.
pub(super) const OMITTED_BYTES: usize = 220;

/// What stands for a normalized request that is omitted: readers rely on the member.
const NO_REQUEST: &[u8] = br#","normalized_request":{}"#;

/// Writes a step whose JSON begins with `head`, as far as an answer has room for it. Gives the length of what it wrote
/// as escaped JSON.
///
/// # Errors
///
/// `Problem::Internal` when no answer has room for it, which was refused when it was recorded.
pub(in crate::store) fn write_step(head: &str, step: &Step<'_>, json: &mut Vec<u8>) -> Result<usize, Failure> {
    let start = json.len();
    let len_from = |json: &Vec<u8>| escaped_len(json.get(start..).unwrap_or_default());
    let json_len = head.len() + step.json_len();
    if json_len <= MAX_STEP_BYTES {
        json.reserve(json_len);
        json.extend_from_slice(head.as_bytes());
        step.write_json(json);
        let len = len_from(json);
        if len <= MAX_STEP_BYTES {
            return Ok(len);
        }
        json.truncate(start);
    }
    json.extend_from_slice(head.as_bytes());
    step.write_json_without(json, |_| true);
    let omitted = largest(step, len_from(json))?;
    json.truncate(start + head.len());
    step.write_json_without(json, |content| omitted.contains(&content));
    write_omitted(step, &omitted, json)?;
    Ok(len_from(json))
}

/// The contents to leave out, the largest first, until the others fit. Without any, the step has `bare_len`.
fn largest(step: &Step<'_>, bare_len: usize) -> Result<HashSet<Content>, Failure> {
    let mut contents: Vec<(usize, Content)> =
        step.contents().map(|(content, bytes)| (escaped_member_len(content, bytes), content)).collect();
    contents.sort_by_key(|(len, _)| usize::MAX - len);
    let mut len = contents.iter().fold(bare_len, |sum, (len, _)| sum + len);
    let mut omitted = HashSet::new();
    for (member_len, content) in contents {
        if len <= MAX_STEP_BYTES {
            break;
        }
        len = len - member_len + OMITTED_BYTES;
        omitted.insert(content);
    }
    if len <= MAX_STEP_BYTES { Ok(omitted) } else { Err(Failure::internal("step is too large for an answer")) }
}

/// Adds to a step that was written without some contents which they are.
fn write_omitted(step: &Step<'_>, omitted: &HashSet<Content>, out: &mut Vec<u8>) -> Result<(), Failure> {
    let named = step.contents().filter(|(content, _)| omitted.contains(content));
    let named: Vec<_> = named.map(|(content, bytes)| mention(content, bytes)).collect::<Result<_, _>>()?;
    let list = json(&named)?;
    if out.pop() != Some(b'}') {
        return Err(Failure::internal("step is no object"));
    }
    if omitted.contains(&Content::normalized(frame::Side::Request)) {
        out.extend_from_slice(NO_REQUEST);
    }
    out.extend_from_slice(br#","omitted":"#);
    out.extend_from_slice(list.as_bytes());
    out.push(b'}');
    Ok(())
}

fn mention(content: Content, bytes: &[u8]) -> Result<Omitted, Failure> {
    let sizes = || -> Result<Omitted, TryFromIntError> {
        Ok(Omitted { content: name_of(content)?, bytes: bytes.len().try_into()?, sha256: sha256(bytes) })
    };
    sizes().map_err(|_| Failure::internal("content has no name"))
}

fn sha256(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in digest(&SHA256, bytes).as_ref() {
        // A string takes whatever is written.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn name_of(content: Content) -> Result<ContentName, TryFromIntError> {
    let place = |index: usize| u32::try_from(index.saturating_add(1)).and_then(NonZeroU32::try_from);
    let side = match content.side {
        frame::Side::Request => Side::Request,
        frame::Side::Response => Side::Response,
    };
    Ok(ContentName { attempt: content.attempt.map(place).transpose()?, side })
}

/// The content that a name means.
pub(in crate::store) fn content_of(name: ContentName) -> Content {
    let side = match name.side {
        Side::Request => frame::Side::Request,
        Side::Response => frame::Side::Response,
    };
    // A place beyond what fits into memory is that of no attempt.
    let index = |place: NonZeroU32| usize::try_from(place.get() - 1).unwrap_or(usize::MAX);
    Content { attempt: name.attempt.map(index), side }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::step::Step as WireStep;
    use frame::{Frame, Steps};

    const HEAD: &str = r#"{"id":"018f4e3c-9a1b-7def-8123-456789abcdef","run_id":"018f4e3c-9a1b-7def-8123-456789abcdef","chat_id":"018f4e3c-9a1b-7def-8123-456789abcdef","step_number":1,"operation":"generate","status":"completed","started_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z""#;

    /// A step with a normalized request and bodies of attempts of so many bytes, written for an answer.
    fn written(request: usize, bodies: &[usize]) -> (String, usize) {
        let mut steps = Steps::default();
        let mut step = steps.begin(1);
        let object = format!(r#"{{"a":"{}"}}"#, "x".repeat(request));
        step.content(Content::normalized(frame::Side::Request), object.as_bytes());
        step.text(br#","attempts":["#);
        for (index, len) in bodies.iter().enumerate() {
            step.text(if index == 0 { b"" } else { b"," });
            step.text(br#"{"number":1,"status":"completed""#);
            step.content(Content::of_attempt(index, frame::Side::Response), &vec![b'b'; *len]);
            step.text(b"}");
        }
        step.text(br#"],"metadata":{}}"#);
        let frame = Frame::open(&steps.pack().expect("packed"), steps.size()).expect("a frame");
        let mut json = b"[".to_vec();
        let len = write_step(HEAD, &frame.steps().next().expect("a step"), &mut json).expect("a step");
        let json = String::from_utf8(json).expect("text").split_off(1);
        assert_eq!(len, escaped_len(json.as_bytes()));
        assert!(len <= MAX_STEP_BYTES);
        (json, len)
    }

    fn read(json: &str) -> (WireStep, Vec<String>) {
        let step: WireStep = serde_json::from_str(json).expect("a step");
        let omitted = step.omitted.iter().map(|it| format!("{} {}", it.content, it.bytes)).collect();
        (step, omitted)
    }

    #[test]
    fn a_step_that_fits_is_whole() {
        let (json, _) = written(1_000, &[1_000, 2_000]);
        assert_eq!(read(&json).1, [""; 0]);
        // A quarter more in base64.
        let room = (MAX_STEP_BYTES - HEAD.len() - 1_000) / 4 * 3;
        assert_eq!(read(&written(0, &[room]).0).1, [""; 0]);
    }

    #[test]
    fn the_largest_contents_are_left_out_until_the_rest_fits() {
        let large = MAX_STEP_BYTES / 2;
        let (step, omitted) = read(&written(large, &[large + 1_000, 5, large + 2_000]).0);
        assert_eq!(
            omitted,
            [format!("attempts/1/response {}", large + 1_000), format!("attempts/3/response {}", large + 2_000)]
        );
        assert_eq!(step.normalized_request.get().len(), large + 8);
        let bodies: Vec<_> =
            step.attempts.iter().map(|it| it.response_body.as_ref().map(|body| body.0.len())).collect();
        assert_eq!(bodies, [None, Some(5), None]);
    }

    #[test]
    fn an_omitted_request_is_an_empty_object() {
        let (json, _) = written(MAX_STEP_BYTES, &[5]);
        let (step, omitted) = read(&json);
        assert_eq!(omitted, [format!("request {}", MAX_STEP_BYTES + 8)]);
        assert_eq!(step.normalized_request.get(), "{}");
        let object = format!(r#"{{"a":"{}"}}"#, "x".repeat(MAX_STEP_BYTES));
        assert_eq!(step.omitted.first().map(|it| it.sha256.clone()), Some(sha256(object.as_bytes())));
        assert_eq!(sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn a_mention_is_never_longer_than_is_counted_for_it() {
        let longest = Omitted {
            content: "attempts/4294967295/response".parse().expect("a name"),
            bytes: u32::MAX,
            sha256: sha256(b""),
        };
        let mention = serde_json::to_string(&longest).expect("JSON") + ",";
        assert!(escaped_len(mention.as_bytes()) + escaped_len(NO_REQUEST) <= OMITTED_BYTES);
    }

    #[test]
    fn names_and_contents_are_each_others() {
        for name in ["request", "response", "attempts/1/request", "attempts/7/response"] {
            let content = content_of(name.parse().expect("a name"));
            assert_eq!(name_of(content).expect("a name").to_string(), name);
        }
    }
}
