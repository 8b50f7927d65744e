//! Chunks back to bytes.

use super::{
    super::{item::required, pages::Pages, query_items::QueryItem},
    chunks::{ChunkOwner, Content},
};
use crate::failure::Failure;
use api::time::Timestamp;
use std::cmp::Ordering;

/// The chunks of one write, in order, as far as they are there. Chunks of other writes are passed over, and never
/// waited for.
pub(in crate::store) async fn chunks_of(
    owner: ChunkOwner<'_>,
    content: &Content,
    pages: &mut Pages<'_>,
    now: Timestamp,
) -> Result<Vec<Vec<u8>>, Failure> {
    let mut found = Vec::new();
    while found.len() < content.chunk_count() {
        let wanted = owner.key(found.len()).sk;
        let Some(first) = pages.first_from(|| wanted.clone()).await? else { break };
        let (order, bytes) = compared(first, &wanted, now)?;
        if order.is_gt() {
            break;
        }
        found.extend(bytes);
        pages.skip();
    }
    Ok(found)
}

/// How a chunk's key compares with the wanted one, and its bytes if it is the one. One that was emptied has none.
fn compared(chunk: &QueryItem, wanted: &str, now: Timestamp) -> Result<(Ordering, Option<Vec<u8>>), Failure> {
    let chunk = chunk.read()?;
    let order = required(chunk.sort_key(), "sk")?.cmp(wanted);
    let chunk = if order.is_eq() { chunk.unexpired(now) } else { None };
    Ok((order, chunk.map(|mut chunk| chunk.bytes("content")).transpose()?.flatten()))
}
