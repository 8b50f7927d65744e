//! What a post says, as a digest: the same again is told from another.

use super::json::{json, members};
use crate::failure::Failure;
use api::{
    ids::{MessageId, StepNumber, UserId},
    run::CreateRun,
    status::Status,
    step::{Operation, StepInput},
    time::Timestamp,
};
use frame::{Content, Side};
use ring::digest::{Context, SHA256};
use serde::Serialize;

/// SHA-256 of a post in the one form that checking gives it, and without the credentials that were taken out.
///
/// It reads texts as they come, however they are cut, and contents with what they are and their length, behind a zero
/// byte, which no JSON text has.
pub(in crate::store) struct PostDigest(Context);

impl PostDigest {
    /// Begins with a post, of which the steps were taken.
    ///
    /// # Errors
    ///
    /// `Problem::Internal` when it does not serialise.
    pub(in crate::store) fn begin(post: &CreateRun) -> Result<Self, Failure> {
        let mut digest = Self(Context::new(&SHA256));
        digest.text(json(post)?.as_bytes());
        Ok(digest)
    }

    /// Goes on with a step's head. Its texts and contents follow.
    ///
    /// # Errors
    ///
    /// `Problem::Internal` when it does not serialise.
    pub(super) fn head(&mut self, step: &StepInput) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct DigestedHead<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            step_number: Option<StepNumber>,
            #[serde(skip_serializing_if = "Option::is_none")]
            owner_id: &'a Option<UserId>,
            operation: Operation,
            status: Status,
            started_at: Timestamp,
            #[serde(skip_serializing_if = "Option::is_none")]
            finished_at: Option<Timestamp>,
            #[serde(skip_serializing_if = "Option::is_none")]
            history_tip_message_id: &'a Option<MessageId>,
            #[serde(skip_serializing_if = "Option::is_none")]
            assistant_message_id: &'a Option<MessageId>,
        }
        let head = json(&DigestedHead {
            step_number: step.step_number,
            owner_id: &step.owner_id,
            operation: step.operation,
            status: step.status,
            started_at: step.started_at,
            finished_at: step.finished_at,
            history_tip_message_id: &step.history_tip_message_id,
            assistant_message_id: &step.assistant_message_id,
        })?;
        self.text(members(&head).as_bytes());
        Ok(())
    }

    /// A part of the JSON.
    pub(super) fn text(&mut self, text: &[u8]) {
        self.0.update(text);
    }

    /// What stands in the JSON as bytes.
    pub(super) fn content(&mut self, content: Content, bytes: &[u8]) {
        let side = match content.side {
            Side::Request => "request",
            Side::Response => "response",
        };
        let attempt = content.attempt.map_or(0, |index| index + 1);
        self.0.update(format!("\0{attempt} {side} {} ", bytes.len()).as_bytes());
        self.0.update(bytes);
    }

    /// The digest.
    pub(in crate::store) fn finish(self) -> Vec<u8> {
        self.0.finish().as_ref().to_vec()
    }
}
