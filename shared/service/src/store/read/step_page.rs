//! A page of steps while it is written, and what it shows of each.

use super::super::{
    content::{json::escaped_len, omission::write_step},
    records::run::RunRecord,
};
use crate::{failure::Failure, form::StepForm};
use api::{ids::StepNumber, problem::MAX_STEP_BYTES, run::RunDetail};
use frame::{Frame, Step};

/// The length of a page of steps as escaped JSON, in bytes: room for one step of any size, and below Lambda's
/// 6 MB (6,291,556 bytes) with the run around it.
const MAX_PAGE_BYTES: usize = 6_000_000;
const _: () = assert!(MAX_STEP_BYTES < MAX_PAGE_BYTES);

/// Room for what is around and between steps, in bytes: their run, and commas.
const AROUND: usize = 4 * 1024;

/// How many bytes of contents are read for a page, unpacked bodies among them, whatever it shows of them.
const READ_BYTES: usize = 24 * 1024 * 1024;

/// Steps by number, and the one to continue after when there are more.
#[derive(Debug)]
pub struct StepPage {
    /// The steps as a JSON array. Each was checked when it was recorded: so it is appended, and not parsed once more.
    pub json: String,
    /// The last of them, when there are more behind it.
    pub next: Option<StepNumber>,
}

impl StepPage {
    /// The run's page as JSON, with the steps in it.
    ///
    /// # Errors
    ///
    /// `Problem::Internal` when the run does not serialise.
    pub fn into_detail(self, run: RunRecord) -> Result<String, Failure> {
        let detail: RunDetail<()> = run.detail(Vec::new(), self.next.is_none());
        let detail = serde_json::to_string(&detail).map_err(|_| Failure::internal("run is no JSON"))?;
        // Within a string the quotes would be escaped.
        let at = detail.find(r#""steps":[]"#).map(|member| member + r#""steps":"#.len());
        let (before, behind) = at.and_then(|at| detail.split_at_checked(at)).unwrap_or_default();
        let behind = behind.strip_prefix("[]").ok_or_else(|| Failure::internal("run has no steps"))?;
        let mut json = self.json;
        json.reserve_exact(before.len() + behind.len());
        json.insert_str(0, before);
        json.push_str(behind);
        Ok(json)
    }
}

/// What a page shows of each step.
pub(super) trait WriteStep {
    /// Writes a step, whose JSON begins with `head` and goes on as it was stored. Gives the length of what it wrote as
    /// escaped JSON.
    fn write(&mut self, head: &str, step: &Step<'_>, json: &mut Vec<u8>) -> Result<usize, Failure>;

    /// As many bytes as what it would write has at least, as far as that is known before.
    fn least_len(&self, _head: &str, _step: &Step<'_>) -> usize {
        0
    }

    /// How many bytes it unpacked so far.
    fn unpacked(&self) -> usize {
        0
    }
}

impl WriteStep for StepForm {
    fn write(&mut self, head: &str, step: &Step<'_>, json: &mut Vec<u8>) -> Result<usize, Failure> {
        match self {
            Self::NoBodies => {
                let start = json.len();
                write_bare_step(head, step, json);
                Ok(escaped_len(json.get(start..).unwrap_or_default()))
            }
            Self::Whole | Self::Outline => write_step(head, step, json),
        }
    }

    fn least_len(&self, head: &str, step: &Step<'_>) -> usize {
        if *self == Self::NoBodies { 0 } else { head.len().saturating_add(step.json_len()) }
    }
}

/// Writes a step without its contents.
pub(super) fn write_bare_step(head: &str, step: &Step<'_>, json: &mut Vec<u8>) {
    json.extend_from_slice(head.as_bytes());
    step.write_json_without(json, |_| true);
    // Readers rely on the member.
    json.truncate(json.len().saturating_sub(b"}".len()));
    json.extend_from_slice(br#","normalized_request":{}}"#);
}

/// A page while it is written.
pub(super) struct PageWriter<W> {
    form: W,
    json: Vec<u8>,
    escaped_len: usize,
    contents: usize,
    last: Option<StepNumber>,
    is_full: bool,
}

impl<W: WriteStep> PageWriter<W> {
    pub(super) fn new(form: W) -> Self {
        Self { form, json: Vec::new(), escaped_len: 0, contents: 0, last: None, is_full: false }
    }

    /// Adds a step, whose JSON begins with `head` and goes on as it was stored; `false` when it has no room any more,
    /// or as much was read for it as one answer may take.
    pub(super) fn push(&mut self, head: &str, step: &Step<'_>) -> Result<bool, Failure> {
        self.contents += step.contents().map(|(_, bytes)| bytes.len()).sum::<usize>();
        let read = self.contents + self.form.unpacked();
        // What is plainly too long is not written first: escaped it is only longer, and a page of its own holds it.
        let len = self.escaped_len.saturating_add(self.form.least_len(head, step));
        if self.last.is_some() && (read > READ_BYTES || len > MAX_PAGE_BYTES) {
            self.is_full = true;
            return Ok(false);
        }
        self.push_json(step.number(), |form, json| form.write(head, step, json))
    }

    /// Adds the steps of a frame behind `after`, which begin in it; `false` when there is no room any more.
    pub(super) fn push_frame(&mut self, frame: &Frame, after: Option<StepNumber>) -> Result<bool, Failure> {
        let steps = || frame.steps().filter(|step| after.is_none_or(|after| step.number() > after.get()));
        // A page that grows is copied again and again.
        let expected = steps().fold(0, |len: usize, step| len.saturating_add(self.form.least_len("", &step)));
        self.json.reserve(expected.min(MAX_PAGE_BYTES.saturating_sub(self.json.len())) + AROUND);
        for step in steps() {
            if !self.push("", &step)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Adds a step as it is written; `false` when it has no room any more.
    pub(super) fn push_json(
        &mut self,
        number: u32,
        write: impl FnOnce(&mut W, &mut Vec<u8>) -> Result<usize, Failure>,
    ) -> Result<bool, Failure> {
        let start = self.json.len();
        self.json.push(if self.last.is_none() { b'[' } else { b',' });
        self.escaped_len += write(&mut self.form, &mut self.json)? + 1;
        if self.escaped_len > MAX_PAGE_BYTES && self.last.is_some() {
            self.json.truncate(start);
            self.is_full = true;
            return Ok(false);
        }
        let number = StepNumber::try_from(u64::from(number));
        self.last = Some(number.map_err(|_| Failure::internal("step number does not decode"))?);
        Ok(true)
    }

    pub(super) fn finish(mut self) -> Result<StepPage, Failure> {
        if self.last.is_none() {
            self.json.push(b'[');
        }
        self.json.push(b']');
        let json = String::from_utf8(self.json).map_err(|_| Failure::internal("content is no text"))?;
        Ok(StepPage { json, next: self.last.filter(|_| self.is_full) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::status::Status;
    use frame::{Content, Side, Steps};

    #[test]
    fn steps_are_put_into_their_run_as_they_are() {
        let run = RunRecord {
            status: Status::Completed,
            provider: Some(r#""steps":[]"#.into()),
            ..RunRecord::open("2026-01-02T03:04:05Z".parse().expect("a time"))
        };
        for (steps, next) in [("[]", None), (r#"[{"n":1.0},"x"]"#, StepNumber::try_from(2).ok())] {
            let page = StepPage { json: steps.to_owned(), next };
            let steps: Vec<Box<serde_json::value::RawValue>> = serde_json::from_str(steps).expect("steps");
            let whole = serde_json::to_string(&run.clone().detail(steps, next.is_none())).expect("JSON");
            assert_eq!(page.into_detail(run.clone()).expect("JSON"), whole);
        }
    }

    /// What an answer does not hold is read and unpacked all the same.
    #[test]
    fn a_page_ends_when_as_much_was_read_for_it_as_one_answer_may_take() {
        // Its base64 is longer than an answer: a whole step omits it.
        let body = vec![0; 5_000_000];
        for form in [StepForm::NoBodies, StepForm::Whole] {
            let mut page = PageWriter::new(form);
            let pushed = (1..=40).take_while(|number| {
                let mut steps = Steps::default();
                let mut step = steps.begin(*number);
                step.text(br#","attempts":[{"number":1,"status":"failed""#);
                step.content(Content::of_attempt(0, Side::Request), &body);
                step.text(br#"}],"metadata":{}}"#);
                let frame = Frame::open(&steps.pack().expect("packed"), steps.size()).expect("a frame");
                page.push(r#"{"id":"x""#, &frame.steps().next().expect("a step")).expect("a page")
            });
            let pushed = pushed.count();
            assert!((1..=10).contains(&pushed), "{form:?}: {pushed} steps, {} MB", pushed * 5);
            assert_eq!(page.finish().expect("a page").next.map(StepNumber::get), u32::try_from(pushed).ok());
        }
    }
}
