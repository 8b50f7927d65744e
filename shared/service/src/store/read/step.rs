//! One step of a run, and its contents byte for byte.

use super::{
    super::{
        content::{
            chunks::CONTENT,
            encoding,
            frames::ranges,
            omission::{content_of, write_step},
        },
        keys,
        pages::Pages,
        records::step::{StepContent, StepRecord},
        table::Store,
    },
    chats::StoredRun,
};
use crate::{access::proof::Owned, failure::Failure};
use api::{
    content::{ContentName, Side},
    ids::{ChatId, RunId, StepNumber},
    problem::Problem,
    step::Headers,
};
use frame::{Frame, Step};
use serde::Deserialize;
use std::sync::Arc;

/// A step as it is stored.
pub struct StoredStep {
    number: StepNumber,
    /// How its JSON begins, unless its frame says that.
    head: String,
    frame: Arc<Frame>,
    state: Vec<u8>,
}

/// A content as it was recorded.
pub struct RecordedContent<'a> {
    /// All of it.
    pub bytes: &'a [u8],
    /// What its attempt's headers say of its type; a normalized form is JSON.
    pub media_type: Option<String>,
}

impl Store {
    /// A step of a run.
    ///
    /// # Errors
    ///
    /// `Problem::NotFound` when there is none with this number, or none any more; `Problem::Unavailable` when the table
    /// does not answer, the step is replaced again and again, or a newer version wrote it; `Problem::Internal` when
    /// what is stored does not decode.
    pub async fn step(&self, run: &Owned<StoredRun>, number: StepNumber) -> Result<StoredStep, Failure> {
        let of = (run.run.chat, run.run.id);
        if !run.run.is_posted_turn {
            let (mut record, packed) = self.put_step_of(of, number).await?.ok_or(Problem::NotFound)?;
            if !record.is_of(&run.run) {
                return Err(Problem::NotFound.into());
            }
            record.status = record.status.within(run.run.status);
            return StoredStep::put(of, &record, encoding::open(&packed)?);
        }
        let turn = self.posted_turn(run).await?;
        let (_, bytes) = ranges(&turn.frames).find(|(frame, _)| frame.spans(number)).ok_or(Problem::NotFound)?;
        let frame = self.frame_of_turn(of, &turn, bytes).await?;
        let step =
            StoredStep { number, head: String::new(), frame: Arc::new(frame), state: run.run.post_digest.clone() };
        if step.step().is_some() { Ok(step) } else { Err(Problem::NotFound.into()) }
    }

    /// A step that was put by itself, with its content: both are asked for at once.
    async fn put_step_of(
        &self,
        of: (ChatId, RunId),
        number: StepNumber,
    ) -> Result<Option<(StepRecord, Vec<u8>)>, Failure> {
        let (head, content) = (keys::step(of.0, of.1, number), keys::content(of.0, of.1, number));
        let found = self.get_all(&[&head, &content]).await?;
        let mut found = found.read()?;
        let Some(head) = found.take(&head).map(StepRecord::read).transpose()? else { return Ok(None) };
        if let (StepContent::Beside, Some(mut content)) = (head.content, found.take(&content))
            && content.write_id()?.as_ref() == Some(&head.write)
            && let Some(packed) = content.bytes(CONTENT)?
        {
            return Ok(Some((head, packed)));
        }
        let mut pages = Pages::lazy(self, head.content_range(of));
        self.whole(of, head, &mut pages).await
    }
}

impl StoredStep {
    /// One that was put by itself.
    pub(super) fn put(of: (ChatId, RunId), record: &StepRecord, frame: Frame) -> Result<Self, Failure> {
        Ok(Self {
            number: record.number,
            head: record.head_json(of)?,
            frame: Arc::new(frame),
            state: record.write.as_str().into(),
        })
    }

    /// The step before it, if one is in the same frame.
    pub(super) fn before(&self) -> Option<Self> {
        Self::last_before(Arc::clone(&self.frame), self.number, self.state.clone())
    }

    /// The last step of a turn's frame that stands before this number.
    pub(super) fn last_before(frame: Arc<Frame>, number: StepNumber, state: Vec<u8>) -> Option<Self> {
        let last = frame.steps().map(|step| step.number()).filter(|own| *own < number.get()).last()?;
        let number = StepNumber::try_from(u64::from(last)).ok()?;
        Some(Self { number, head: String::new(), frame, state })
    }

    /// How its JSON begins, and the rest of it.
    pub(super) fn parts(&self) -> Option<(&str, Step<'_>)> {
        Some((&self.head, self.step()?))
    }

    fn step(&self) -> Option<Step<'_>> {
        self.frame.steps().find(|step| step.number() == self.number.get())
    }

    /// As long as this is the same, so are its contents: the digest of its post, or the write that put it.
    pub fn state(&self) -> &[u8] {
        &self.state
    }

    /// Its JSON, as far as an answer has room for it.
    ///
    /// # Errors
    ///
    /// `Problem::Internal` when it does not decode.
    pub fn json(&self) -> Result<String, Failure> {
        let step = self.step().ok_or_else(|| Failure::internal("step without content"))?;
        let mut json = Vec::new();
        write_step(&self.head, &step, &mut json)?;
        String::from_utf8(json).map_err(|_| Failure::internal("content is no text"))
    }

    /// One of its contents.
    ///
    /// # Errors
    ///
    /// `Problem::NotFound` when it has none of this name; `Problem::Internal` when it does not decode.
    pub fn content(&self, name: ContentName) -> Result<RecordedContent<'_>, Failure> {
        let content = content_of(name);
        let found = self.step().and_then(|step| Some((step.of(content)?, step)));
        let (bytes, step) = found.ok_or(Problem::NotFound)?;
        let media_type = match content.attempt {
            None => Some("application/json".to_owned()),
            Some(index) => media_type(&self.head, &step, index, name.side)?,
        };
        Ok(RecordedContent { bytes, media_type })
    }
}

/// What an attempt's headers say of its body's type.
fn media_type(head: &str, step: &Step<'_>, index: usize, side: Side) -> Result<Option<String>, Failure> {
    #[derive(Deserialize)]
    struct Attempts {
        attempts: Vec<Attempt>,
    }
    #[derive(Deserialize)]
    struct Attempt {
        request_headers: Option<Headers>,
        response_headers: Option<Headers>,
    }
    let mut json = head.as_bytes().to_vec();
    step.write_json_without(&mut json, |_| true);
    let step: Attempts = serde_json::from_slice(&json).map_err(|_| Failure::internal("step is no JSON"))?;
    let attempt = step.attempts.into_iter().nth(index);
    let headers = attempt.and_then(|attempt| match side {
        Side::Request => attempt.request_headers,
        Side::Response => attempt.response_headers,
    });
    let pairs = headers.map(|Headers(pairs)| pairs).unwrap_or_default();
    Ok(pairs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type")).map(|(_, value)| value))
}
