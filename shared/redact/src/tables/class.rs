//! Sets of characters, which tables have and which the operator's rules write.

use std::fmt;

/// A set of ASCII characters, as halves: a number of 128 bits would have what holds it twice as long.
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

/// A class of those that tables have, as a byte: hundreds of shapes have one each.
#[derive(Clone, Copy)]
pub(crate) struct Set(u8);

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.class().fmt(f)
    }
}

/// What those have besides letters and digits that have all of these, and what the others have. A new one is added here.
const MORE: [&str; 27] = [
    "",
    "$",
    "%",
    ":",
    "_",
    "./",
    ".=",
    "/-",
    "_-",
    "!._",
    "+/=",
    ":=-",
    "_-.",
    "_-/",
    "_-=",
    "+/=_",
    "+/=}",
    "_|.-",
    "_~.-",
    "+/=<>",
    "_-+/=",
    "./+=-_",
    "./+=-_:",
    "_-+/=%",
    "_-+/=:",
    "_-./@%",
    "$*#@._-/:",
];
const WHOLE: [&str; 12] = [
    "0123456789",
    "0123456789abcdef",
    "0123456789abcdef-",
    "0123456789abcdef.",
    "0123456789abcdef_",
    "0123456789abcdefABCDEF",
    "0123456789abcdef:servnod",
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "0123456789abcdefghijklmnopqrstuvwxyz",
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-",
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_",
    "0123456789abcdefghijklmnopqrstuvwxyz-",
];
const COUNT: usize = MORE.len() + WHOLE.len();
static CLASSES: [Class; COUNT] = classes();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn classes() -> [Class; COUNT] {
    let (mut classes, mut at) = ([Class(0, 0); COUNT], 0);
    while at < COUNT {
        classes[at] = if at < MORE.len() { Class::alphanumeric(MORE[at]) } else { Class::of(WHOLE[at - MORE.len()]) };
        at += 1;
    }
    classes
}

impl Set {
    /// Letters, digits and these.
    pub(crate) const fn alphanumeric(more: &str) -> Self {
        Self::like(Class::alphanumeric(more))
    }

    pub(crate) const fn of(characters: &str) -> Self {
        Self::like(Class::of(characters))
    }

    /// The number of a class, which the compiler refuses unless the tables have it.
    #[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "evaluated by the compiler")]
    const fn like(class: Class) -> Self {
        let (classes, mut at) = (classes(), 0);
        while classes[at].set() != class.set() {
            at += 1;
        }
        Self(at as u8)
    }

    pub(crate) fn has(self, byte: u8) -> bool {
        self.class().has(byte)
    }

    pub(crate) fn class(self) -> Class {
        CLASSES.get(usize::from(self.0)).copied().unwrap_or(Class(0, 0))
    }

    /// How many of the first `most` bytes are of it, one after the other.
    pub(crate) fn run(self, bytes: &[u8], most: usize) -> usize {
        self.class().run(bytes, most)
    }
}
