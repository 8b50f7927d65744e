//! A run's steps in short. Of a posted turn they are read with the run, else they are made of its steps' heads; no
//! content is read for them.

use super::{
    super::{
        content::{
            encoding::open,
            json::{escaped_len, json},
        },
        pages::Pages,
        records::run::RunRecord,
        table::Store,
    },
    chats::{StoredRun, With},
    step_page::{PageWriter, WriteStep},
};
use crate::failure::Failure;
use api::ids::StepNumber;

impl Store {
    /// Outlines of steps that were posted with their run.
    pub(super) async fn write_turn_outlines(
        &self,
        StoredRun { run, turn }: &StoredRun,
        after: Option<StepNumber>,
        page: &mut PageWriter<impl WriteStep>,
    ) -> Result<(), Failure> {
        let read_again;
        let outlines = if let Some(outlines) = turn.as_ref().and_then(|turn| turn.outlines.as_ref()) {
            outlines
        } else {
            // The batch read the turn before the post was done, and the run behind it.
            read_again = self.turn_again(run, With::Outlines).await?.outlines;
            read_again.as_ref().ok_or_else(|| Failure::internal("turn without outlines"))?
        };
        page.push_frame(&open(outlines)?, after)?;
        Ok(())
    }

    /// Outlines of steps that were put one by one, or with a run that stayed open.
    pub(super) async fn write_outlines(
        &self,
        run: &RunRecord,
        after: Option<StepNumber>,
        mut heads: Pages<'_>,
        page: &mut PageWriter<impl WriteStep>,
    ) -> Result<(), Failure> {
        let mut behind = after;
        while let Some(mut head) = self.next_head(run, &mut heads, &mut behind).await? {
            head.status = head.status.within(run.status);
            let (number, outline) = (head.number.get(), json(&head.into_outline())?);
            if !page.push_json(number, |_, json| {
                json.extend_from_slice(outline.as_bytes());
                Ok(escaped_len(outline.as_bytes()))
            })? {
                break;
            }
        }
        Ok(())
    }
}
