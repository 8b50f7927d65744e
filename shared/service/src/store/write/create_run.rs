//! A new run, or a whole turn in one call: visible as a whole, or not at all.
//!
//! A final turn is one content: a small one goes into the run's anchor and so into its transaction, a larger one into
//! an item that is put before, and what is larger than an item into chunks, which are put before too. The steps of an
//! open run are items of their own, which `post_items` puts. The same post again is the same answer. Whatever is
//! written for a chat or a run that is deleted meanwhile is found by the deletion, or emptied here.

use super::{
    super::{
        change::Change,
        content::staging::Unnamed,
        errors::WriteError,
        item::{WRITE, write_id},
        keys,
        read::snapshot::Snapshot,
        records::{
            intent::Intent,
            turn::{PostedTurn, TurnContent},
        },
        table::Store,
        transaction::Action,
    },
    encoded_run::{EncodedRun, EncodedSteps, EncodedTurn},
    post::{Created, Part, Post},
    staged::StagedError,
};
use crate::{
    access::proof::{RecordableChat, RefusedChat},
    failure::Failure,
};
use api::{
    ids::{ChatId, RunId},
    problem::Problem,
};
use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

impl Store {
    /// The answer to a post that was recorded before, if it was: for a chat that is recorded no more.
    pub fn recorded_before(&self, chat: &RefusedChat, post: &EncodedRun, snapshot: &Snapshot) -> Option<Created> {
        let existing = snapshot.run.as_ref().filter(|existing| existing.chat == chat.id())?;
        // Other content under the same id was not recorded, which is what its recorder is then told.
        Created::before(existing, &post.run).ok()
    }

    /// Records a run, or a whole turn. Content that nothing names in the end is emptied before the answer.
    ///
    /// # Errors
    ///
    /// - `Problem::OtherContent` when the id, or the number of a step, is taken by another post
    /// - `Problem::OtherOwner` and `Problem::NotFound` when the chat was registered with another owner meanwhile, or
    ///   chat or run were deleted; the second, too, when the post is another chat's
    /// - `Problem::Unavailable` when the table does not answer in time: the same post again is safe
    pub async fn create_run(
        &self,
        chat: &RecordableChat,
        EncodedRun { body, run, steps }: EncodedRun,
        snapshot: &Snapshot,
        until: Instant,
    ) -> Result<Created, Failure> {
        if run.chat != chat.id() {
            return Err(Problem::NotFound.into());
        }
        if let Some(existing) = &snapshot.run {
            return Created::before(existing, &run);
        }
        let mut post = Post::new(chat, &body, run);
        match steps {
            EncodedSteps::Turn(turn) => self.post_turn(&mut post, turn, until).await,
            EncodedSteps::Items(steps) => self.post_items(&mut post, steps, until).await,
        }
    }

    async fn post_turn(
        &self,
        post: &mut Post,
        EncodedTurn { mut turn, content, outlines }: EncodedTurn,
        until: Instant,
    ) -> Result<Created, Failure> {
        let of = post.of();
        match turn.content {
            TurnContent::Inline(_) => {}
            // Or in a chunk, when the one key is taken.
            TurnContent::Whole(_) => post.intends(&turn.write, vec![(None, 1)]),
            TurnContent::Chunked(count) => post.intends(&turn.write, vec![(None, count)]),
        }
        let left = self.intend(post.intent.as_ref()).await?;
        let written = match self.stage_turn(of, &mut turn, content, until).await {
            Ok(()) => {
                let part = Part {
                    anchor: Action::put_if_absent(turn.item(of)),
                    run: Action::put_if_absent(post.run.item()),
                    rest: outlines.map(Action::put).into_iter().collect(),
                    intent: Intent::confirmed,
                };
                self.attempt(post, part, until).await
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
                let own = Change::default().require_no_item_or_equal(WRITE, write_id(&turn.write));
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
}
