//! Where a page ended: opaque, versioned, and good only for the list it was made for.
//!
//! A cursor carries a position, and a checksum over that and the list. It grants nothing: the key that is read from is
//! always made of the chat in the path.

use api::{
    ids::{ChatId, RunId, StepNumber},
    json::Violation,
    routes::LIST_DEBUG_STEPS,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest::{Context, SHA256};

const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 8;

/// A list that is read page by page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// The operation that pages.
    pub operation: &'static str,
    /// The chat of the path.
    pub chat: ChatId,
    /// Everything else that selects: filters, or the run.
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

impl List {
    /// The steps of a run: its page begins them, and the list of steps goes on.
    pub fn steps(chat: ChatId, run: RunId) -> Self {
        Self { operation: LIST_DEBUG_STEPS.operation, chat, filters: run.to_string() }
    }

    /// The cursor behind `last`.
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

    fn decode<P: Position>(&self, cursor: &str) -> Option<P> {
        // The longest position is 16 bytes; nothing longer is worth decoding.
        let bytes = (cursor.len() <= 64).then(|| URL_SAFE_NO_PAD.decode(cursor).ok())??;
        let (&VERSION, rest) = bytes.split_first()? else { return None };
        let (position, checksum) = rest.split_at_checked(rest.len().checked_sub(CHECKSUM_BYTES)?)?;
        (self.checksum(position) == checksum).then(|| P::decode(position))?
    }

    fn checksum(&self, position: &[u8]) -> [u8; CHECKSUM_BYTES] {
        let mut context = Context::new(&SHA256);
        for part in
            [&[VERSION][..], self.operation.as_bytes(), self.chat.uuid().as_bytes(), self.filters.as_bytes(), position]
        {
            // Lengths between the parts, so that no two lists run into the same bytes.
            context.update(&part.len().to_be_bytes());
            context.update(part);
        }
        let mut checksum = [0; CHECKSUM_BYTES];
        for (to, from) in checksum.iter_mut().zip(context.finish().as_ref()) {
            *to = *from;
        }
        checksum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> List {
        List {
            operation: "list-debug-runs",
            chat: ChatId::from_uuid(uuid::Uuid::from_u128(1)),
            filters: "status=error".into(),
        }
    }

    fn run() -> RunId {
        RunId::from_uuid(uuid::Uuid::from_u128(7))
    }

    #[test]
    fn a_cursor_is_good_for_its_own_list_only() {
        let cursor = list().cursor(&run());
        assert_eq!(list().position(&cursor), Ok(run()));
        for other in [
            List { operation: "list-debug-steps", ..list() },
            List { chat: ChatId::from_uuid(uuid::Uuid::from_u128(2)), ..list() },
            List { filters: String::new(), ..list() },
        ] {
            assert!(other.position::<RunId>(&cursor).is_err(), "{other:?}");
        }
        assert!(list().position::<StepNumber>(&cursor).is_err());
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
