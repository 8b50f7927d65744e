//! A posted turn's steps as frames, each of whole steps: a page never unpacks much more than it answers.

use super::{
    digest::PostDigest,
    encoding::{Noted, add_step, approximate_len, pack},
};
use crate::failure::Failure;
use api::{ids::StepNumber, step::StepInput};
use frame::Steps;
use serde::{Deserialize, Serialize};
use std::{mem, ops::Range};

/// How much a frame holds before it is packed, about; one step may be longer by itself. It is what a page unpacks, and
/// what one window spans.
const FRAME_BYTES: usize = 4 * 1024 * 1024;

/// A frame among others: the numbers of its first and last step, and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::store) struct FrameSpan(u32, u32, usize);

impl FrameSpan {
    /// The only frame, of so many bytes: whatever steps there are, they are in it.
    pub(in crate::store) const fn only(bytes: usize) -> Self {
        Self(1, u32::MAX, bytes)
    }

    /// Whether it has steps behind `after`.
    pub(in crate::store) fn has_steps_behind(self, after: Option<StepNumber>) -> bool {
        after.is_none_or(|after| self.1 > after.get())
    }

    /// Whether it has steps before this one.
    pub(in crate::store) fn has_steps_before(self, number: StepNumber) -> bool {
        self.0 < number.get()
    }

    /// Whether the step with this number, if there is one, is in it.
    pub(in crate::store) fn spans(self, number: StepNumber) -> bool {
        (self.0..=self.1).contains(&number.get())
    }
}

/// Which bytes each frame is, one behind the other.
pub(in crate::store) fn ranges(frames: &[FrameSpan]) -> impl Iterator<Item = (FrameSpan, Range<usize>)> {
    let mut end = 0_usize;
    frames.iter().map(move |frame| {
        let start = end;
        end = start.saturating_add(frame.2);
        (*frame, start..end)
    })
}

/// Steps, packed frame by frame.
#[derive(Default)]
pub(in crate::store) struct FrameWriter {
    packed: Vec<u8>,
    frames: Vec<FrameSpan>,
    open: Steps,
    numbers: Option<(u32, u32)>,
}

impl FrameWriter {
    /// Adds a step. Steps come in the order of their numbers.
    ///
    /// # Errors
    ///
    /// As [`add_step`]; `Problem::Unavailable` when memory is short.
    pub(in crate::store) fn add(
        &mut self,
        number: StepNumber,
        head: &str,
        (step, noted): (&StepInput, Noted<'_>),
        digest: &mut PostDigest,
    ) -> Result<(), Failure> {
        if self.open.size() + approximate_len(step) > FRAME_BYTES {
            self.close()?;
        }
        add_step(&mut self.open, number, head, (step, noted), Some(digest))?;
        let (first, _) = self.numbers.unwrap_or((number.get(), 0));
        self.numbers = Some((first, number.get()));
        Ok(())
    }

    /// Packs the steps of the open frame, if it has any.
    fn close(&mut self) -> Result<(), Failure> {
        if let Some((first, last)) = self.numbers.take() {
            let packed = pack(&mem::take(&mut self.open))?;
            self.frames.push(FrameSpan(first, last, packed.len()));
            if self.packed.is_empty() {
                self.packed = packed;
            } else {
                self.packed.extend(packed);
            }
        }
        Ok(())
    }

    /// All frames, one behind the other, and where each is.
    ///
    /// # Errors
    ///
    /// `Problem::Unavailable` when memory is short.
    pub(in crate::store) fn finish(mut self) -> Result<(Vec<u8>, Vec<FrameSpan>), Failure> {
        self.close()?;
        Ok((self.packed, self.frames))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::content::encoding::open;
    use api::run::CreateRun;

    #[test]
    fn a_long_turn_is_several_frames_of_whole_steps() {
        let turn = r#"{"owner_id":"a","kind":"chat_turn","status":"completed","started_at":"2026-01-02T03:04:05Z"}"#;
        let turn: CreateRun = serde_json::from_str(turn).expect("a turn");
        let mut digest = PostDigest::begin(&turn).expect("a digest");
        let mut writer = FrameWriter::default();
        for number in 1..=5 {
            let text = "x".repeat(FRAME_BYTES * 2 / 5);
            let step = format!(
                r#"{{"operation":"stream","status":"completed","started_at":"2026-01-02T03:04:05Z","metadata":{{"a":"{text}"}}}}"#
            );
            let step: StepInput = serde_json::from_str(&step).expect("a step");
            writer
                .add(StepNumber::try_from(number * 10).expect("a number"), "{", (&step, Noted::default()), &mut digest)
                .expect("a frame");
        }
        let (packed, frames) = writer.finish().expect("frames");
        assert_eq!(frames.iter().map(|frame| (frame.0, frame.1)).collect::<Vec<_>>(), [(10, 20), (30, 40), (50, 50)]);
        assert_eq!(ranges(&frames).last().map(|(_, bytes)| bytes.end), Some(packed.len()));
        for (FrameSpan(first, last, _), bytes) in ranges(&frames) {
            let frame = open(&packed[bytes]).expect("a frame");
            let numbers: Vec<_> = frame.steps().map(|step| step.number()).collect();
            assert_eq!((numbers.first(), numbers.last()), (Some(&first), Some(&last)));
        }
        let behind = |number| frames[0].has_steps_behind(StepNumber::try_from(number).ok());
        let spans = |number| frames[0].spans(StepNumber::try_from(number).expect("a number"));
        assert!(spans(10) && spans(15) && spans(20) && !spans(9) && !spans(21));
        assert!(frames[0].has_steps_behind(None) && behind(19) && !behind(20));
    }
}
