//! Contents of steps, read part by part: an answer holds only so much.

use crate::{client::Client, error::Error};
use api::{
    content::ContentName,
    ids::{ChatId, RunId, StepNumber},
    problem::Problem,
    routes,
};

impl Client {
    /// A content of a step, byte for byte, in as many calls as that takes.
    ///
    /// # Errors
    ///
    /// Those of [`Client::get_debug_step_content`]; [`Error::Unreadable`] when the step is replaced meanwhile.
    pub async fn read_content(
        &self,
        chat: ChatId,
        run: RunId,
        number: StepNumber,
        content: ContentName,
    ) -> Result<Vec<u8>, Error> {
        let unreadable = |detail: &str| {
            let operation = routes::GET_DEBUG_STEP_CONTENT.operation;
            Error::Unreadable { operation, detail: detail.to_owned() }
        };
        let (mut bytes, mut tag) = (Vec::new(), None);
        loop {
            let behind = bytes.len();
            let part = self.get_debug_step_content(chat, run, number, content, Some((behind, tag.as_deref()))).await;
            let part = match part {
                Ok(part) => part,
                // A range of nothing is none.
                Err(error) if behind == 0 && error.is(&Problem::RangeNotSatisfiable { size: 0 }) => return Ok(bytes),
                Err(error) if behind > 0 && error.status().is_some_and(|status| matches!(status, 413 | 416)) => {
                    return Err(unreadable("the step was replaced while it was read"));
                }
                Err(error) => return Err(error),
            };
            if part.start != behind && part.bytes.len() == part.size {
                // The step was replaced, and this is all of the new one.
                return Ok(part.bytes);
            }
            if part.start != behind || part.bytes.is_empty() {
                return Err(unreadable("a part is another one than was asked for"));
            }
            bytes.extend(part.bytes);
            if bytes.len() >= part.size {
                return Ok(bytes);
            }
            tag = part.tag;
        }
    }
}
