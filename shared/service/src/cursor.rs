//! How much a page holds, and where it ended: a cursor is opaque, versioned, and good only for the list it was made
//! for.
//!
//! It carries a position, and a checksum over that and the list. It grants nothing: the key that is read from is always
//! made of the chat in the path, or of the caller.

use crate::digest;
use api::{
    ids::{ChatId, RunId, StepNumber},
    json::Violation,
    routes::{GET_DEBUG_RUN_VIEW, LIST_DEBUG_STEPS, fill},
    time::Timestamp,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The most items on a page, and how many are on it unless fewer are asked for.
pub const MAX_LIMIT: usize = 100;

const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 8;

/// What the parameter `limit` asks for.
///
/// # Errors
///
/// When it is no number from 1 to [`MAX_LIMIT`], written without zeros before it.
pub fn limit(given: Option<&str>) -> Result<usize, Violation> {
    let Some(digits) = given else { return Ok(MAX_LIMIT) };
    Some(digits)
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0'))
        .and_then(|digits| digits.parse().ok())
        .filter(|limit| (1..=MAX_LIMIT).contains(limit))
        .ok_or_else(|| Violation::new("limit", "must be a whole number from 1 to 100"))
}

/// A list that is read page by page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The path that lists it.
    pub path: String,
    /// Everything else that selects: filters, or whose it is.
    pub filters: String,
}

/// A place in a list.
pub trait Position: Sized {
    /// As bytes.
    fn encode(&self) -> Vec<u8>;
    /// From bytes.
    fn decode(bytes: &[u8]) -> Option<Self>;
}

impl Position for RunId {
    fn encode(&self) -> Vec<u8> {
        self.uuid().as_bytes().to_vec()
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        uuid::Uuid::from_slice(bytes).ok().map(Self::from_uuid)
    }
}

impl Position for StepNumber {
    fn encode(&self) -> Vec<u8> {
        self.get().to_be_bytes().to_vec()
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        u64::from(u32::from_be_bytes(bytes.try_into().ok()?)).try_into().ok()
    }
}

impl Position for (Timestamp, ChatId) {
    fn encode(&self) -> Vec<u8> {
        [&self.0.micros().to_be_bytes()[..], self.1.uuid().as_bytes()].concat()
    }
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (micros, chat) = bytes.split_first_chunk()?;
        let chat = uuid::Uuid::from_slice(chat).ok().map(ChatId::from_uuid)?;
        Some((Timestamp::from_micros(i64::from_be_bytes(*micros))?, chat))
    }
}

impl List {
    /// The steps of a run: its page begins them, and the list of steps goes on.
    pub fn steps(chat: ChatId, run: RunId) -> Self {
        Self { path: fill(&LIST_DEBUG_STEPS, &[&chat.to_string(), &run.to_string()]), filters: String::new() }
    }

    /// The views of a run's steps.
    pub fn views(chat: ChatId, run: RunId) -> Self {
        Self { path: fill(&GET_DEBUG_RUN_VIEW, &[&chat.to_string(), &run.to_string()]), filters: String::new() }
    }

    /// The cursor after `last`.
    pub fn cursor<P: Position>(&self, last: &P) -> String {
        let position = last.encode();
        let checksum = self.checksum(&position);
        URL_SAFE_NO_PAD.encode([&[VERSION][..], &position, &checksum].concat())
    }

    /// The position in a cursor of this very list.
    ///
    /// # Errors
    ///
    /// When the cursor was changed, or made for another list.
    pub fn position<P: Position>(&self, cursor: &str) -> Result<P, Violation> {
        self.decode(cursor).ok_or_else(|| {
            Violation::new("cursor", "must be taken from the Link header of an answer to this same list")
        })
    }

    /// The step that a page begins after, by a cursor or by the parameter `after`; none begins with the first.
    ///
    /// # Errors
    ///
    /// When one of them is wrong, or both are given.
    pub fn after(&self, cursor: Option<&str>, after: Option<&str>) -> Result<Option<StepNumber>, Violation> {
        match (cursor, after) {
            (None, None) => Ok(None),
            (Some(cursor), None) => self.position(cursor).map(Some),
            (None, Some(number)) => number.parse().map(Some).map_err(|invalid| Violation::invalid("after", invalid)),
            (Some(_), Some(_)) => Err(Violation::new("after", "must not be given together with a cursor")),
        }
    }

    fn decode<P: Position>(&self, cursor: &str) -> Option<P> {
        // The longest position is 24 bytes; nothing longer is worth decoding.
        let bytes = (cursor.len() <= 64).then(|| URL_SAFE_NO_PAD.decode(cursor).ok())??;
        let (&VERSION, rest) = bytes.split_first()? else { return None };
        let (position, checksum) = rest.split_at_checked(rest.len().checked_sub(CHECKSUM_BYTES)?)?;
        (self.checksum(position) == checksum).then(|| P::decode(position))?
    }

    fn checksum(&self, position: &[u8]) -> [u8; CHECKSUM_BYTES] {
        digest::of_parts([&[VERSION][..], self.path.as_bytes(), self.filters.as_bytes(), position])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> List {
        List { path: "/chats/1/runs".into(), filters: "status=error".into() }
    }

    fn run() -> RunId {
        RunId::from_uuid(uuid::Uuid::from_u128(7))
    }

    #[test]
    fn a_cursor_is_good_for_its_own_list_only() {
        let cursor = list().cursor(&run());
        assert_eq!(list().position(&cursor), Ok(run()));
        for other in [List { path: "/chats/2/runs".into(), ..list() }, List { filters: String::new(), ..list() }] {
            assert!(other.position::<RunId>(&cursor).is_err(), "{other:?}");
        }
        assert!(list().position::<StepNumber>(&cursor).is_err());
    }

    #[test]
    fn every_position_comes_back() {
        let at = Timestamp::from_micros(1_767_322_845_000_001).expect("a time");
        let chat = ChatId::from_uuid(uuid::Uuid::from_u128(3));
        assert_eq!(list().position(&list().cursor(&(at, chat))), Ok((at, chat)));
        let step = StepNumber::try_from(99_999).expect("a number");
        assert_eq!(list().position(&list().cursor(&step)), Ok(step));
    }

    #[test]
    fn a_limit_is_written_one_way() {
        assert_eq!(limit(None), Ok(MAX_LIMIT));
        for (given, expected) in [("1", 1), ("100", 100)] {
            assert_eq!(limit(Some(given)), Ok(expected));
        }
        for wrong in ["", "0", "01", "101", "-1", "+1", "1.0", "x", "18446744073709551617"] {
            assert!(limit(Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_changed_cursor_is_accepted() {
        let cursor = list().cursor(&run());
        for at in 0..cursor.len() {
            let mut bytes = cursor.clone().into_bytes();
            for bit in 0..7 {
                bytes[at] ^= 1 << bit;
                let changed = String::from_utf8(bytes.clone()).expect("ASCII");
                assert!(list().position::<RunId>(&changed).is_err(), "{changed}");
                bytes[at] ^= 1 << bit;
            }
        }
        for bad in ["", "AQ", &cursor[1..], &format!("{cursor}="), &"A".repeat(100_000)] {
            assert!(list().position::<RunId>(bad).is_err());
        }
    }
}
