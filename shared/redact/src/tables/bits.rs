//! Sets of numbers and of bytes that stand together, as a bit for each or for the hash of each.

/// A set of numbers below eight times so many bytes.
#[derive(Debug, Clone)]
pub(crate) struct Bits<const BYTES: usize>([u8; BYTES]);

impl<const BYTES: usize> Bits<BYTES> {
    /// The set of none.
    pub(crate) const NONE: Self = Self([0; BYTES]);

    #[expect(clippy::indexing_slicing, reason = "there is a bit for each number")]
    pub(crate) const fn add(&mut self, bit: usize) {
        self.0[bit >> 3] |= 1 << (bit & 7);
    }

    #[inline]
    pub(crate) fn has(&self, bit: usize) -> bool {
        self.0.get(bit >> 3).is_some_and(|bits| bits >> (bit & 7) & 1 == 1)
    }
}

/// Sets of four bytes.
#[derive(Debug, Clone)]
pub(crate) struct Quads(Bits<1_024>);

impl Quads {
    /// The set of none.
    pub(crate) const NONE: Self = Self(Bits::NONE);

    pub(crate) const fn add(&mut self, four: [u8; 4]) {
        self.0.add(hash(u32::from_le_bytes(four), 13));
    }

    /// Whether these four may be in the set.
    #[inline]
    pub(crate) fn may_have(&self, four: [u8; 4]) -> bool {
        self.0.has(hash(u32::from_le_bytes(four), 13))
    }
}

/// A hash of so many bits that seldom is another's.
#[inline]
pub(crate) const fn hash(four: u32, bits: u32) -> usize {
    (four.wrapping_mul(0x9e37_79b1) >> (u32::BITS - bits)) as usize
}
