//! One test per way that a token can be wrong.
