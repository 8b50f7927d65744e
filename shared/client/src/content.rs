//! Contents of steps, read part by part: an answer holds only so much.

use crate::{client::Client, error::Error};
use api::{
    content::ContentName,
    ids::{ChatId, RunId, StepNumber},
    problem::Problem,
    routes,
};

/// A part of a content, or all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentPart {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where they begin; 0 when they are all.
    pub start: usize,
    /// How many bytes the whole content has.
    pub size: usize,
    /// The entity tag of the content as it is now.
    pub tag: Option<String>,
}

impl ContentPart {
    /// By what `Content-Range` says; without one it is all.
    pub(crate) fn new(bytes: Vec<u8>, content_range: Option<&str>, tag: Option<&str>) -> Option<Self> {
        let (start, size) = match content_range {
            None => (0, bytes.len()),
            Some(range) => {
                let (part, size) = range.strip_prefix("bytes ")?.split_once('/')?;
                let (first, last) = part.split_once('-')?;
                let (first, last, size): (usize, usize, usize) =
                    (first.parse().ok()?, last.parse().ok()?, size.parse().ok()?);
                let is_right = last < size && last.checked_sub(first)?.checked_add(1)? == bytes.len();
                (is_right.then_some(first)?, size)
            }
        };
        Some(Self { bytes, start, size, tag: tag.map(str::to_owned) })
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_what_its_range_says() {
        let part = |range| ContentPart::new(b"ab".to_vec(), range, Some("\"t\"")).map(|part| (part.start, part.size));
        assert_eq!(part(None), Some((0, 2)));
        assert_eq!(part(Some("bytes 3-4/9")), Some((3, 9)));
        for wrong in
            ["", "bytes", "bytes */9", "bytes 3-5/9", "bytes 4-3/9", "bytes 8-9/9", "items 3-4/9", "bytes 3-4/*"]
        {
            assert_eq!(part(Some(wrong)), None, "{wrong}");
        }
    }
}
