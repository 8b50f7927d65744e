//! A run's steps, page by page. A page is cut by its length on the wire, and never in the middle of a step.

use super::{
    super::{
        content::{
            assembling::content_under,
            chunks::{CONTENT, ChunkOwner},
            encoding,
            frames::ranges,
            json::escaped_len,
            omission::write_step,
        },
        item::{CHUNK_BYTES, required},
        keys,
        pages::Pages,
        records::{
            run::RunRecord,
            step::{StepContent, StepRecord},
            turn::{PostedTurn, Turn, TurnContent},
        },
        table::Store,
    },
    chats::{StoredRun, With},
};
use crate::{
    access::proof::{Owned, UnprovenChat},
    failure::Failure,
    form::StepForm,
};
use api::{
    ids::{ChatId, RunId, StepNumber},
    problem::{MAX_STEP_BYTES, Problem},
    run::RunDetail,
};
use frame::{Frame, Step};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::{borrow::Cow, iter, ops::Range};

/// The length of a page of steps as escaped JSON, in bytes: room for one step of any size, and below Lambda's
/// 6 MB (6,291,556 bytes) with the run around it.
const MAX_PAGE_BYTES: usize = 6_000_000;
const _: () = assert!(MAX_STEP_BYTES < MAX_PAGE_BYTES);

/// How many bytes of contents are read for a page, unpacked bodies among them, whatever it shows of them.
const READ_BYTES: usize = 24 * 1024 * 1024;

/// How many steps are asked for before ownership is proven: a turn of five needs no second query, and a stranger causes
/// about the units of one large item.
const STEPS_BEFORE_PROOF: usize = 6;
/// How many heads are asked for before ownership is proven when nothing else is read: about as many units.
const HEADS_BEFORE_PROOF: usize = 100;
/// The most chunks that are asked for at once.
const CONCURRENT_READS: usize = 8;

/// How often a reader looks again when a step is replaced while it is read.
const REREADS: usize = 5;

/// Which steps of a run to read, and how much of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StepQuery {
    /// Only steps behind this one.
    pub after: Option<StepNumber>,
    /// How much of each.
    pub form: StepForm,
}

impl StepQuery {
    /// What is read of them together with their run.
    pub const fn with(&self) -> With {
        match self.form {
            StepForm::Whole | StepForm::NoBodies => With::Content,
            StepForm::Outline => With::Outlines,
        }
    }
}

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
        for step in frame.steps().filter(|step| after.is_none_or(|after| step.number() > after.get())) {
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

    fn finish(mut self) -> Result<StepPage, Failure> {
        if self.last.is_none() {
            self.json.push(b'[');
        }
        self.json.push(b']');
        let json = String::from_utf8(self.json).map_err(|_| Failure::internal("content is no text"))?;
        Ok(StepPage { json, next: self.last.filter(|_| self.is_full) })
    }
}

/// The first steps of a run, read before it is proven who owns it.
pub struct UnprovenSteps<'a> {
    of: (ChatId, RunId),
    heads: Pages<'a>,
    contents: Pages<'a>,
}

impl Store {
    /// Begins to read a run's steps, asked for at once: a few heads, and a few contents that are small. Outlines have
    /// heads alone.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer.
    pub async fn steps(&self, chat: &UnprovenChat, run: RunId, query: StepQuery) -> Result<UnprovenSteps<'_>, Failure> {
        let most = if query.form == StepForm::Outline { HEADS_BEFORE_PROOF } else { STEPS_BEFORE_PROOF };
        self.begin((chat.id(), run), query, Some(most)).await
    }

    async fn begin(
        &self,
        of: (ChatId, RunId),
        StepQuery { after, form }: StepQuery,
        limit: Option<usize>,
    ) -> Result<UnprovenSteps<'_>, Failure> {
        let heads = Pages::begin(self, keys::steps(of.0, of.1, after), limit);
        let contents = keys::contents(of.0, of.1, after);
        let contents = async {
            match form {
                StepForm::Outline => Ok(Pages::lazy(self, contents)),
                StepForm::Whole | StepForm::NoBodies => Pages::begin(self, contents, limit).await,
            }
        };
        let (heads, contents) = tokio::try_join!(heads, contents)?;
        Ok(UnprovenSteps { of, heads, contents })
    }

    /// The steps that are asked for, now that it is proven whose they are; read on only while the page has room.
    /// `begun` is what was read of them beside the proof.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer, a step is replaced again and again, or a newer version
    /// wrote one; `Problem::NotFound` when the run is deleted meanwhile; `Problem::Internal` when what is stored does
    /// not decode.
    pub async fn step_page(
        &self,
        run: &Owned<StoredRun>,
        query: StepQuery,
        begun: Option<UnprovenSteps<'_>>,
    ) -> Result<StepPage, Failure> {
        self.page_of(run, query, begun, query.form).await
    }

    /// The same, with what is shown of each step.
    pub(super) async fn page_of(
        &self,
        run: &StoredRun,
        query: StepQuery,
        begun: Option<UnprovenSteps<'_>>,
        shown: impl WriteStep,
    ) -> Result<StepPage, Failure> {
        let of = (run.run.chat, run.run.id);
        let StepQuery { after, form } = query;
        let mut page = PageWriter::new(shown);
        if run.run.is_posted_turn {
            match form {
                StepForm::Outline => self.write_turn_outlines(run, after, &mut page).await?,
                StepForm::Whole | StepForm::NoBodies => self.write_turn(run, after, &mut page).await?,
            }
        } else {
            let begun = match begun {
                Some(begun) if begun.of == of => begun,
                Some(_) => return Err(Failure::internal("steps of another run")),
                None => self.begin(of, query, None).await?,
            };
            match form {
                StepForm::Outline => self.write_outlines(&run.run, after, begun.heads, &mut page).await?,
                StepForm::Whole | StepForm::NoBodies => self.write_steps(&run.run, after, begun, &mut page).await?,
            }
        }
        page.finish()
    }

    /// Steps that were posted with their run.
    async fn write_turn(
        &self,
        run: &StoredRun,
        after: Option<StepNumber>,
        page: &mut PageWriter<impl WriteStep>,
    ) -> Result<(), Failure> {
        let turn = self.posted_turn(run).await?;
        for (_, bytes) in ranges(&turn.frames).filter(|(frame, _)| frame.has_steps_behind(after)) {
            let frame = self.frame_of_turn((run.run.chat, run.run.id), &turn, bytes).await?;
            if !page.push_frame(&frame, after)? {
                break;
            }
        }
        Ok(())
    }

    /// A run's turn.
    pub(super) async fn posted_turn<'a>(
        &self,
        StoredRun { run, turn }: &'a StoredRun,
    ) -> Result<Cow<'a, PostedTurn>, Failure> {
        match turn {
            Some(turn) if !matches!(turn.content, TurnContent::Whole(_)) => Ok(Cow::Borrowed(turn)),
            // The batch read it before the post was done, and the run behind it.
            _ => Ok(Cow::Owned(self.turn_again(run, With::Content).await?)),
        }
    }

    /// The frame that these bytes of a turn are.
    pub(super) async fn frame_of_turn(
        &self,
        of: (ChatId, RunId),
        turn: &PostedTurn,
        bytes: Range<usize>,
    ) -> Result<Frame, Failure> {
        let chunks;
        let packed = match &turn.content {
            TurnContent::Inline(content) => content.get(bytes),
            TurnContent::Whole(_) => None,
            TurnContent::Chunked(count) => {
                chunks = self.chunked(turn.chunk_owner(of), *count, bytes).await?;
                Some(chunks.as_slice())
            }
        };
        let Some(packed) = packed else { return Err(self.missing(of, "turn is not whole").await) };
        encoding::open(packed)
    }

    /// The turn of a run whose turn must be there by now.
    pub(super) async fn turn_again(&self, run: &RunRecord, with: With) -> Result<PostedTurn, Failure> {
        let (key, beside) = (keys::turn(run.chat, run.id), with.beside(run.chat, run.id));
        let wanted: Vec<_> = iter::once(&key).chain(&beside).collect();
        let found = self.get_all(&wanted).await?;
        let mut found = found.read()?;
        match found.take(&key).map(Turn::read).transpose()? {
            Some(Turn::Deleted) => Err(Problem::NotFound.into()),
            Some(Turn::Posted(mut turn)) => {
                with.give(&mut turn, beside.and_then(|key| found.take(&key)))?;
                Ok(turn)
            }
            _ => Err(self.missing((run.chat, run.id), "run without its turn").await),
        }
    }

    /// Why something is not there that was put before what names it: chat or run are deleted meanwhile, or it is lost.
    async fn missing(&self, of: (ChatId, RunId), what: &'static str) -> Failure {
        match self.is_gone(of).await {
            Ok(true) => Problem::NotFound.into(),
            Ok(false) => Failure::internal(what),
            Err(failure) => failure,
        }
    }

    /// These bytes of a content in so many chunks.
    async fn chunked(&self, owner: ChunkOwner<'_>, count: usize, bytes: Range<usize>) -> Result<Vec<u8>, Failure> {
        let (first, end) = (bytes.start / CHUNK_BYTES, bytes.end.div_ceil(CHUNK_BYTES));
        if end > count {
            return Err(Failure::internal("turn is longer than its chunks"));
        }
        let chunks = stream::iter(first..end).map(|index| async move {
            let chunk = self.get(owner.key(index)).await?;
            Ok::<_, Failure>(chunk.map(|mut chunk| chunk.bytes(CONTENT)).transpose()?.flatten())
        });
        let chunks: Vec<Option<Vec<u8>>> = chunks.buffered(CONCURRENT_READS).try_collect().await?;
        let Some(chunks) = chunks.into_iter().collect::<Option<Vec<_>>>() else {
            return Err(self.missing(owner.of, "turn is not whole").await);
        };
        let mut content = chunks.concat();
        let start = bytes.start - first * CHUNK_BYTES;
        content.truncate(start + bytes.len());
        content.drain(..start.min(content.len()));
        Ok(content)
    }

    /// Steps that were put one by one, or with a run that stayed open.
    async fn write_steps(
        &self,
        run: &RunRecord,
        after: Option<StepNumber>,
        begun: UnprovenSteps<'_>,
        page: &mut PageWriter<impl WriteStep>,
    ) -> Result<(), Failure> {
        let UnprovenSteps { of, mut heads, mut contents } = begun;
        let mut chunks = Pages::lazy(self, keys::chunks(of.0, of.1, after));
        let mut behind = after;
        let mut found = 0;
        while let Some(head) = self.next_head(run, &mut heads, &mut behind).await? {
            let pages = if head.content == StepContent::Beside { &mut contents } else { &mut chunks };
            // No step is deleted alone.
            let Some((mut head, packed)) = self.whole(of, head, pages).await? else {
                return Err(Problem::NotFound.into());
            };
            found += 1;
            head.status = head.status.within(run.status);
            let frame = encoding::open(&packed)?;
            let step = frame.steps().next().ok_or_else(|| Failure::internal("step without content"))?;
            if !page.push(&head.head_json(of)?, &step)? {
                return Ok(());
            }
        }
        // Fewer than the run had a moment ago: it is being deleted.
        if after.is_none() && found < run.totals.steps && self.is_gone(of).await? {
            return Err(Problem::NotFound.into());
        }
        Ok(())
    }

    /// The next head after `after`, which moves there. One that another post left when it broke off is passed over.
    pub(super) async fn next_head(
        &self,
        run: &RunRecord,
        heads: &mut Pages<'_>,
        after: &mut Option<StepNumber>,
    ) -> Result<Option<StepRecord>, Failure> {
        loop {
            let from = || keys::steps(run.chat, run.id, *after).from;
            let Some(head) = heads.next_from(from).await? else { return Ok(None) };
            let head = head.read()?;
            *after = Some(required(head.sort_key().and_then(keys::step_of), "sk")?);
            let head = head.unexpired(self.now()).map(StepRecord::read).transpose()?;
            if let Some(head) = head.filter(|head| head.is_of(run)) {
                return Ok(Some(head));
            }
        }
    }

    /// A head with all of its content. One whose content is not there was replaced meanwhile, and is read again. `None`
    /// when the step was deleted meanwhile.
    pub(super) async fn whole(
        &self,
        of: (ChatId, RunId),
        mut head: StepRecord,
        pages: &mut Pages<'_>,
    ) -> Result<Option<(StepRecord, Vec<u8>)>, Failure> {
        let mut found = content_under(head.content_keys(of), &head.write, pages, self.now()).await?;
        for _ in 0..REREADS {
            if let Some(content) = found {
                return Ok(Some((head, content)));
            }
            match self.get(keys::step(of.0, of.1, head.number)).await? {
                Some(item) => head = StepRecord::read(item)?,
                None => return Ok(None),
            }
            let mut again = Pages::lazy(self, head.content_range(of));
            found = content_under(head.content_keys(of), &head.write, &mut again, self.now()).await?;
        }
        Err(Failure::unavailable("a step's content is not whole"))
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
