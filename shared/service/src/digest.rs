//! A short digest of several parts.

use ring::digest::{Context, SHA256};

/// The first bytes of the SHA-256 of the parts, each behind its length: no two lists of parts are the same bytes.
pub(crate) fn of_parts<'a, const N: usize>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; N] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut digest = [0; N];
    digest.iter_mut().zip(context.finish().as_ref()).for_each(|(to, from)| *to = *from);
    digest
}
