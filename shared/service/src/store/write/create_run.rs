//! A new run, or a whole turn in one call: visible as a whole, or not at all.
//!
//! A final turn is one content: a small one goes into the run's anchor and so into its transaction, a larger one into
//! an item that is put before, and what is larger than an item into chunks, which are put before too. The steps of an
//! open run are items of their own: up to 45 go with the run, more in earlier transactions, tagged with the post's
//! digest, and they count only once the run exists. The same post again is the same answer. Whatever is written for a
//! chat or a run that is deleted meanwhile is found by the deletion, or emptied here.

use super::{
    super::{
        change::Change,
        content::staging::Unnamed,
        errors::{Cancellation, WriteError},
        item::{Attributes, Item, bytes, text},
        keys,
        read::snapshot::Snapshot,
        records::{
            chat::{Chat, new_chat},
            intent::Intent,
            run::RunRecord,
            turn::{PostedTurn, Turn, TurnContent},
        },
        table::Store,
        transaction::Action,
    },
    chats::list_chat,
    conditions::chat_exists,
    encoded_run::{EncodedRun, EncodedStep, EncodedSteps, EncodedTurn, digested},
    staged::StagedError,
};
use crate::{
    access::proof::{ClaimedChat, RecordableChat, RefusedChat},
    failure::Failure,
    metrics::LeftBehind,
};
use api::{
    ids::{ChatId, RunId},
    problem::Problem,
    run::{CreateRun, Run},
    time::Timestamp,
};
use bytes::Bytes;
use redact::Redacted;
use tokio::time::{Instant, timeout_at};

/// Steps that go with their run in one transaction, which takes 100 items: each is a head and its content.
const STEPS_IN_TRANSACTION: usize = 45;

/// What became of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// The run is new.
    New(Run),
    /// The same was posted before; this is the answer of then.
    Same(Run),
}

/// The same post again is the same answer, whatever happened to the run since: it is made of what was posted, of what
/// that added up to, and of the moment when it was new.
///
/// # Errors
///
/// `Problem::OtherContent` when something else was posted.
fn same(existing: &RunRecord, posted: &RunRecord) -> Result<Created, Failure> {
    if existing.digest != posted.digest {
        return Err(Problem::OtherContent.into());
    }
    let finished_at = if posted.status.is_final() { existing.finished_at } else { posted.finished_at };
    let (created_at, updated_at) = (existing.created_at, existing.created_at);
    // A final run's never change, and an open one's are not shown.
    let totals = existing.totals;
    let then = RunRecord { finished_at, created_at, updated_at, totals, ..posted.clone() };
    Ok(Created::Same(then.into()))
}

impl Store {
    /// The answer to a post that was recorded before, if it was: for a chat that is recorded no more.
    pub fn recorded_before(
        &self,
        chat: &RefusedChat,
        body: Redacted<CreateRun>,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Option<Created> {
        // Other content under the same id was not recorded, which is what its recorder is then told.
        same(snapshot.run.as_ref()?, &digested(chat.id(), body.into_parts().0, now).ok()?).ok()
    }

    /// Records a run, or a whole turn. `body` is checked. Content that nothing names in the end is emptied before the
    /// answer.
    ///
    /// # Errors
    ///
    /// - `Problem::OtherContent` when the id, or the number of a step, is taken by another post
    /// - `Problem::OtherOwner` and `Problem::NotFound` when the chat was registered with another owner meanwhile, or
    ///   chat or run were deleted
    /// - `Problem::TurnTooLarge` when more would be stored than a chat takes at once, `Problem::StepTooLarge` when a
    ///   step could never be read back
    /// - `Problem::Unavailable` when the table does not answer in time: the same post again is safe
    pub async fn create_run(
        &self,
        chat: &RecordableChat,
        body: Redacted<CreateRun>,
        snapshot: &Snapshot,
        now: Timestamp,
        until: Instant,
    ) -> Result<Created, Failure> {
        if let Some(existing) = &snapshot.run {
            return same(existing, &digested(chat.id(), body.into_parts().0, now)?);
        }
        let EncodedRun { body, run, steps } = EncodedRun::of(chat.id(), body, now)?;
        let intent = intent(&run, &steps, now);
        if let Some(intent) = &intent {
            self.intend(intent).await?;
        }
        let mut post = Post::new(chat, &body, run, intent);
        match steps {
            EncodedSteps::Turn(turn) => self.post_turn(&mut post, turn, until).await,
            EncodedSteps::Items(steps, chunks) => self.post_items(&mut post, &steps, chunks, until).await,
        }
    }

    async fn post_turn(
        &self,
        post: &mut Post,
        EncodedTurn { mut turn, content, outlines }: EncodedTurn,
        until: Instant,
    ) -> Result<Created, Failure> {
        let of = (post.run.chat, post.run.id);
        let left = post.intent.is_some().then(LeftBehind::unless_settled);
        let written = match self.stage_turn(of, &mut turn, content, until).await {
            Ok(()) => {
                let anchor = Action::put_if_absent(turn.item(of));
                self.put_turn(post, &anchor, outlines.map(Action::put), until).await
            }
            Err(error) => Err(error),
        };
        let unnamed = match (&written, &turn.content) {
            (Ok(Created::New(_)), _) | (_, TurnContent::Inline(_)) => Vec::new(),
            (_, TurnContent::Whole(_)) => vec![Unnamed::of_write(keys::whole_turn(of.0, of.1), &turn.write)],
            (_, TurnContent::Chunked(count)) => {
                (0..*count).map(|at| Unnamed::chunk(turn.chunk_owner(of).key(at))).collect()
            }
        };
        let intent = post.intent.as_ref().filter(|_| !matches!(written, Ok(Created::New(_))));
        self.end_staged(of, written, unnamed, intent, left, until).await
    }

    /// Puts a turn's content before its anchor, which names it.
    async fn stage_turn(
        &self,
        of: (ChatId, RunId),
        turn: &mut PostedTurn,
        content: Bytes,
        until: Instant,
    ) -> Result<(), StagedError> {
        match turn.content {
            TurnContent::Inline(_) => return Ok(()),
            TurnContent::Chunked(_) => {}
            TurnContent::Whole(_) => {
                let own = Change::default().require_no_item_or_equal("write", text(turn.write.as_str()));
                match timeout_at(until, self.put(turn.whole_item(of, &content), own)).await {
                    Ok(Ok(())) => return Ok(()),
                    // The key is another write's, or one that broke off had it: ours goes under a key of its own.
                    Ok(Err(WriteError::Condition)) => turn.content = TurnContent::Chunked(1),
                    Ok(Err(error)) => return Err(error.into()),
                    Err(_elapsed) => {
                        return Err(StagedError::Unknown(Failure::unavailable("deadline while staging")));
                    }
                }
            }
        }
        Ok(self.stage(turn.chunk_owner(of).items(&content), until).await?)
    }

    /// Puts the run with its anchor, and with what stands beside that.
    async fn put_turn(
        &self,
        post: &mut Post,
        anchor: &Action,
        outlines: Option<Action>,
        until: Instant,
    ) -> Result<Created, StagedError> {
        loop {
            if Instant::now() >= until {
                return Err(Failure::unavailable("deadline while posting"))?;
            }
            let mut actions = vec![post.chat.clone(), anchor.clone(), Action::put_if_absent(post.run.item())];
            actions.extend(outlines.clone());
            actions.extend(post.entry.clone());
            actions.extend(post.intent.as_ref().map(Intent::confirmed));
            let reasons = match self.transact(actions).await {
                Ok(()) => return Ok(Created::New(post.run.clone().into())),
                Err(WriteError::Cancelled(reasons)) => reasons,
                Err(error) => return Err(error.into()),
            };
            if let Some(same) = post.judge(&reasons)? {
                return Ok(same);
            }
        }
    }

    async fn post_items(
        &self,
        post: &mut Post,
        steps: &[EncodedStep],
        chunks: Vec<Item>,
        until: Instant,
    ) -> Result<Created, Failure> {
        let of = (post.run.chat, post.run.id);
        let mut named = 0;
        let mut left = post.intent.is_some().then(LeftBehind::unless_settled);
        let written = match self.stage(chunks, until).await {
            Ok(()) => self.put_items(post, steps, &mut named, until).await,
            Err(failure) => Err(failure.into()),
        };
        // Heads that went before the last transaction wait for the same post, for a deletion or for a sweep, which
        // finds them by the intent.
        if written.is_err() && named > 0 {
            drop(left.take());
        }
        let intent = post.intent.as_ref().filter(|_| named == 0);
        let unnamed = steps.iter().skip(named).flat_map(|step| step.head.chunk_keys(of)).map(Unnamed::chunk);
        self.end_staged(of, written, unnamed.collect(), intent, left, until).await
    }

    /// Puts the steps, those of the last transaction with their run, and counts how many are named for good. Each
    /// transaction holds only while chat and run live: whatever is stored is there for a deletion to find.
    async fn put_items(
        &self,
        post: &mut Post,
        steps: &[EncodedStep],
        named: &mut usize,
        until: Instant,
    ) -> Result<Created, StagedError> {
        let of = (post.run.chat, post.run.id);
        loop {
            let steps = steps.get(*named..).unwrap_or_default();
            let (steps, is_last) = match steps.split_at_checked(STEPS_IN_TRANSACTION) {
                Some((first, rest)) if !rest.is_empty() => (first, false),
                _ => (steps, true),
            };
            if Instant::now() >= until {
                return Err(Failure::unavailable("deadline while posting"))?;
            }
            let run = if is_last {
                Action::put_if_absent(post.run.item())
            } else {
                Action::check_absent(keys::run(of.0, of.1))
            };
            let mut actions = vec![post.chat.clone(), Action::check_absent(keys::turn(of.0, of.1)), run];
            for step in steps {
                let head = step.head.item(of);
                actions.push(if is_last { Action::put(head) } else { put_early(&post.run, head) });
                actions.extend(step.beside.clone().map(Action::put));
            }
            actions.extend(post.entry.clone());
            // Of several transactions, each head may have been replaced by the same post's, which was slow or tried
            // again: the intent stays for a sweep, which keeps what the run confirms.
            let confirm = if is_last && *named == 0 { Intent::confirmed } else { Intent::check };
            actions.extend(post.intent.as_ref().map(confirm));
            let reasons = match self.transact(actions).await {
                Ok(()) => {
                    *named += steps.len();
                    post.chat_is_registered();
                    if is_last {
                        return Ok(Created::New(post.run.clone().into()));
                    }
                    continue;
                }
                Err(WriteError::Cancelled(reasons)) => reasons,
                Err(error) => return Err(error.into()),
            };
            if let Some(same) = post.judge(&reasons)? {
                return Ok(same);
            }
        }
    }
}

/// A run that is about to be put.
struct Post {
    /// The claim to the chat.
    claimed: ClaimedChat,
    run: RunRecord,
    /// Registers the chat, or requires that it lives.
    chat: Action,
    /// Lists a chat that is registered.
    entry: Option<Action>,
    /// Names what is stored before the run.
    intent: Option<Intent>,
}

impl Post {
    fn new(chat: &RecordableChat, body: &CreateRun, run: RunRecord, intent: Option<Intent>) -> Self {
        let new = new_chat(chat.owner(), body.root_chat_id, body.parent_chat_id, run.created_at);
        let entry = list_chat(chat.owner(), run.chat, body.external_id.as_ref(), run.created_at);
        let chat_item = Action::update_if_absent(keys::chat(run.chat), new);
        let claimed = chat.claimed().clone();
        let mut post = Self { claimed, chat: chat_item, entry: Some(entry), intent, run };
        if chat.is_registered() {
            post.chat_is_registered();
        }
        post
    }

    fn chat_is_registered(&mut self) {
        self.chat = chat_exists(self.run.chat);
        self.entry = None;
    }

    /// What a cancelled transaction means, whose first three items are the chat, the turn and the run: the answer when
    /// the same was posted before, or nothing when the transaction is to be tried again.
    fn judge(&mut self, reasons: &[Cancellation]) -> Result<Option<Created>, StagedError> {
        let [chat, turn, run, steps @ ..] = reasons else {
            return Err(WriteError::Cancelled(reasons.to_vec()).into());
        };
        // An anchor that is no tombstone came with its run.
        if matches!(turn, Cancellation::Condition(Some(anchor)) if Turn::is_tombstone(anchor.clone().into())) {
            return Err(Problem::NotFound.into());
        }
        // Another post registered the chat meanwhile: its owner has to be the same, and it has to live.
        let is_registered = if let Cancellation::Condition(Some(existing)) = chat {
            match Chat::read(Attributes::from(existing.clone()))? {
                Chat { deleted: true, .. } => return Err(Problem::NotFound.into()),
                Chat { owner, .. } if owner != *self.claimed.owner() => return Err(self.claimed.other_owner().into()),
                _ => true,
            }
        } else {
            false
        };
        if let Cancellation::Condition(Some(existing)) = run {
            return Ok(Some(same(&RunRecord::read(existing.clone().into())?, &self.run)?));
        }
        if is_registered {
            self.chat_is_registered();
            return Ok(None);
        }
        if self.intent.is_some() && matches!(reasons.last(), Some(Cancellation::Condition(_))) {
            return Err(Failure::unavailable("a sweep has claimed what was staged").into());
        }
        // A head of another post has the number, whose run does not exist (yet).
        if steps.iter().any(|reason| matches!(reason, Cancellation::Condition(_))) {
            return Err(Problem::OtherContent.into());
        }
        Err(WriteError::Cancelled(reasons.to_vec()).into())
    }
}

/// What a post stores before its run, if it does.
fn intent(run: &RunRecord, steps: &EncodedSteps, now: Timestamp) -> Option<Intent> {
    let (write, chunks) = match steps {
        EncodedSteps::Turn(EncodedTurn { turn, .. }) => match turn.content {
            TurnContent::Inline(_) => return None,
            // Or in a chunk, when the one key is taken.
            TurnContent::Whole(_) => (&turn.write, vec![(None, 1)]),
            TurnContent::Chunked(count) => (&turn.write, vec![(None, count)]),
        },
        EncodedSteps::Items(steps, _) => {
            let chunks: Vec<_> = steps.iter().filter_map(|step| step.head.chunks()).collect();
            if chunks.is_empty() && steps.len() <= STEPS_IN_TRANSACTION {
                return None;
            }
            (&steps.first()?.head.write, chunks)
        }
    };
    Some(Intent { of: (run.chat, run.id), write: write.clone(), at: now, step: None, chunks })
}

/// A head that only the run confirms. It takes the place of nothing but the same post's, tried before.
fn put_early(run: &RunRecord, head: Item) -> Action {
    Action::Put(head, Change::default().require_no_item_or_equal("turn", bytes(run.digest.as_slice())))
}
