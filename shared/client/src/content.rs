//! A part of a step's content, as an answer holds it.

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
