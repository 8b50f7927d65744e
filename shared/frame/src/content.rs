//! A content: one that a step's JSON has as a member, and that is kept as bytes.

use base64::{Engine, encoded_len, engine::general_purpose::STANDARD};

/// Which way it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// To the model.
    Request,
    /// Back from it.
    Response,
}

/// Names a content within its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Content {
    /// The attempt whose body it is, by its place in the list; without one, it is the step's normalized form.
    pub attempt: Option<usize>,
    /// Which of the two.
    pub side: Side,
}

impl Content {
    /// The step's normalized form, whose bytes are JSON.
    #[must_use]
    pub const fn normalized(side: Side) -> Self {
        Self { attempt: None, side }
    }

    /// The body of an attempt, whose bytes may be any.
    #[must_use]
    pub const fn of_attempt(index: usize, side: Side) -> Self {
        Self { attempt: Some(index), side }
    }

    /// How many bytes the member takes, with the comma before it, when the content has so many.
    #[must_use]
    pub fn json_len(self, bytes: usize) -> usize {
        let (name, closing) = self.around();
        let value = match self.attempt {
            None => bytes,
            Some(_) => encoded_len(bytes, true).unwrap_or(usize::MAX),
        };
        value.saturating_add(name.len() + closing.len())
    }

    /// Writes the member, with the comma before it.
    pub(crate) fn write_json(self, bytes: &[u8], json: &mut Vec<u8>) {
        let (name, closing) = self.around();
        json.extend_from_slice(name);
        match self.attempt {
            None => json.extend_from_slice(bytes),
            Some(_) => write_base64(bytes, json),
        }
        json.extend_from_slice(closing);
    }

    /// The number that stands for it in a frame.
    pub(crate) const fn code(self) -> u64 {
        let attempt = match self.attempt {
            None => 0,
            Some(index) => index as u64 + 1,
        };
        attempt << 1
            | match self.side {
                Side::Request => 0,
                Side::Response => 1,
            }
    }

    /// The content that a number stands for, if it stands for one.
    pub(crate) fn from_code(code: u64) -> Option<Self> {
        let attempt = match code >> 1 {
            0 => None,
            attempt => Some(usize::try_from(attempt - 1).ok()?),
        };
        Some(Self { attempt, side: if code & 1 == 0 { Side::Request } else { Side::Response } })
    }

    /// What stands before its value and behind it.
    const fn around(self) -> (&'static [u8], &'static [u8]) {
        match (self.attempt, self.side) {
            (None, Side::Request) => (br#","normalized_request":"#, b""),
            (None, Side::Response) => (br#","normalized_response":"#, b""),
            (Some(_), Side::Request) => (br#","request_body":""#, b"\""),
            (Some(_), Side::Response) => (br#","response_body":""#, b"\""),
        }
    }
}

fn write_base64(bytes: &[u8], json: &mut Vec<u8>) {
    let at = json.len();
    json.resize(at.saturating_add(encoded_len(bytes.len(), true).unwrap_or(usize::MAX)), 0);
    let written = json.get_mut(at..).and_then(|space| STANDARD.encode_slice(bytes, space).ok());
    debug_assert_eq!(written.map(|written| at + written), Some(json.len()), "the space is as long as the text");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_as_long_as_is_said() {
        let contents =
            [Side::Request, Side::Response].map(|side| [Content::normalized(side), Content::of_attempt(0, side)]);
        for content in contents.concat() {
            for bytes in ["", "1", "12", "123", "1234"] {
                let mut json = Vec::new();
                content.write_json(bytes.as_bytes(), &mut json);
                assert_eq!(json.len(), content.json_len(bytes.len()), "{content:?} {bytes}");
            }
        }
    }

    #[test]
    fn a_code_stands_for_one_content() {
        for code in 0..1_000 {
            assert_eq!(Content::from_code(code).map(Content::code), Some(code));
        }
        assert_eq!(Content::of_attempt(2, Side::Response).code(), 7);
    }
}
