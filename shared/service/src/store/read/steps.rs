//! A run's steps, page by page. A page is cut by its length on the wire, and never in the middle of a step.

use super::super::{
    content::{assembling::chunks_of, encoding::escaped_len},
    item::required,
    keys,
    pages::Pages,
    records::{run::RunRecord, step::StepRecord},
    table::Store,
};
use crate::{
    access::proof::{Owned, UnprovenChat},
    failure::Failure,
};
use api::{
    ids::{ChatId, RunId, StepNumber},
    problem::MAX_STEP_BYTES,
    run::RunDetail,
};

/// The length of a page of steps as escaped JSON, in bytes: room for one step of any size, and below Lambda's
/// 6 MB (6,291,556 bytes) with the run around it.
const MAX_PAGE_BYTES: usize = 6_000_000;
const _: () = assert!(MAX_STEP_BYTES < MAX_PAGE_BYTES);

/// How many heads are asked for before ownership is proven: a turn of five steps needs no second query.
const HEADS_BEFORE_PROOF: usize = 6;
/// How many chunks are: what a stranger can cause is about what one item holds.
const CHUNKS_BEFORE_PROOF: usize = 1;

/// How often a reader looks again when a step is replaced while it is read.
const REREADS: usize = 5;

/// Steps by number, and the one to go on behind when there are more.
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

/// The first steps of a run, read before it is proven who owns it.
pub struct UnprovenSteps<'a> {
    of: (ChatId, RunId),
    after: Option<StepNumber>,
    heads: Pages<'a>,
    chunks: Pages<'a>,
}

impl Store {
    /// Begins to read a run's steps behind `after`: a few heads and a chunk of content, asked for at once.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer.
    pub async fn steps(
        &self,
        chat: &UnprovenChat,
        run: RunId,
        after: Option<StepNumber>,
    ) -> Result<UnprovenSteps<'_>, Failure> {
        let heads = Pages::begin(self, keys::steps(chat.id(), run, after), Some(HEADS_BEFORE_PROOF));
        let chunks = Pages::begin(self, keys::chunks(chat.id(), run, after), Some(CHUNKS_BEFORE_PROOF));
        let (heads, chunks) = tokio::try_join!(heads, chunks)?;
        Ok(UnprovenSteps { of: (chat.id(), run), after, heads, chunks })
    }

    /// The steps of their run, now that it is proven whose it is; read on only while the page has room.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when the table does not answer, or a step is replaced again and again;
    /// `Problem::Internal` when what is stored does not decode.
    pub async fn step_page(&self, run: &Owned<RunRecord>, steps: UnprovenSteps<'_>) -> Result<StepPage, Failure> {
        let UnprovenSteps { of, after: mut behind, mut heads, mut chunks } = steps;
        if of != (run.chat, run.id) {
            return Err(Failure::internal("steps of another run"));
        }
        let mut page = StepPage { json: "[".to_owned(), next: None };
        let mut last = None;
        let mut length = 0;
        loop {
            let from = || keys::steps(run.chat, run.id, behind).from;
            let Some(head) = heads.next_from(from).await? else { break };
            let head = head.read()?;
            behind = Some(required(head.sort_key().and_then(keys::step_of), "sk")?);
            let Some(head) = head.unexpired(self.now()).map(StepRecord::read).transpose()? else { continue };
            if !head.is_of(run) {
                continue;
            }
            let number = head.number;
            let Some((mut head, content)) = self.whole(of, head, &mut chunks).await? else { continue };
            head.status = head.status.within(run.status);
            let json = head.to_json(of, content)?;
            length += escaped_len(&json);
            if length > MAX_PAGE_BYTES && last.is_some() {
                page.next = last;
                break;
            }
            if last.is_some() {
                page.json.push(',');
            }
            page.json.push_str(&json);
            last = Some(number);
        }
        page.json.push(']');
        Ok(page)
    }

    /// A head with all of its content. A chunk that is missing was replaced meanwhile: the head is read again. `None`
    /// when the step was deleted meanwhile.
    async fn whole(
        &self,
        of: (ChatId, RunId),
        mut head: StepRecord,
        chunks: &mut Pages<'_>,
    ) -> Result<Option<(StepRecord, String)>, Failure> {
        let mut found = chunks_of(head.chunk_owner(of), &head.content, chunks, self.now()).await?;
        for _ in 0..REREADS {
            match head.content.assemble(found) {
                Some(content) => {
                    let content = String::from_utf8(content).map_err(|_| Failure::internal("content is no text"))?;
                    return Ok(Some((head, content)));
                }
                None => match self.get(keys::step(of.0, of.1, head.number)).await? {
                    Some(item) => head = StepRecord::read(item)?,
                    None => return Ok(None),
                },
            }
            let range = keys::chunks_of_write(of.0, of.1, head.number, &head.write);
            let mut again = Pages::begin(self, range, None).await?;
            found = chunks_of(head.chunk_owner(of), &head.content, &mut again, self.now()).await?;
        }
        Err(Failure::unavailable("a step's content is not whole"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::status::Status;

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
}
