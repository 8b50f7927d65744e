//! Sets of characters, which tables have and which the operator's rules write.

/// A set of ASCII characters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Class(u64, u64);

impl Class {
    /// Letters, digits and these.
    pub(crate) const fn alphanumeric(more: &str) -> Self {
        Self::of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ").and(more)
    }

    pub(crate) const fn of(characters: &str) -> Self {
        Self(0, 0).and(characters)
    }

    pub(crate) const fn and(self, characters: &str) -> Self {
        let (mut bytes, mut set) = (characters.as_bytes(), self.set());
        while let [first, rest @ ..] = bytes {
            set |= 1 << *first;
            bytes = rest;
        }
        Self::of_set(set)
    }

    const fn set(self) -> u128 {
        (self.1 as u128) << 64 | self.0 as u128
    }

    #[expect(clippy::cast_possible_truncation, reason = "each half has its own bits")]
    const fn of_set(set: u128) -> Self {
        Self(set as u64, (set >> 64) as u64)
    }

    /// Characters and ranges of them, as `A-Za-z0-9_-`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mut bytes, mut set) = (text.as_bytes(), 0);
        while let [first, rest @ ..] = bytes {
            let (last, behind) = match rest {
                [b'-', last, behind @ ..] => (last, behind),
                _ => (first, rest),
            };
            if first > last || !first.is_ascii_graphic() || !last.is_ascii_graphic() {
                return None;
            }
            (*first..=*last).for_each(|byte| set |= 1 << byte);
            bytes = behind;
        }
        (set != 0).then_some(Self::of_set(set))
    }

    pub(crate) fn has(self, byte: u8) -> bool {
        byte < 128 && self.set() >> byte & 1 == 1
    }

    /// How many of the first `most` bytes are of it, one after the other.
    pub(crate) fn run(self, bytes: &[u8], most: usize) -> usize {
        bytes.iter().take(most).take_while(|byte| self.has(**byte)).count()
    }
}
