//! A run's steps, page by page. A page is cut by its length on the wire, and never in the middle of a step.

use super::{
    super::{
        content::{
            assembling::content_under,
            chunks::{CONTENT, ChunkOwner},
            encoding,
            frames::ranges,
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
    step_page::{PageWriter, StepPage, WriteStep},
};
use crate::{
    access::proof::{Owned, UnprovenChat},
    failure::Failure,
    form::StepForm,
};
use api::{
    ids::{ChatId, RunId, StepNumber},
    problem::Problem,
};
use frame::Frame;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::{borrow::Cow, iter, ops::Range};

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
