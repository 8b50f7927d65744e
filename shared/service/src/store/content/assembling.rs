//! Packed content back to bytes.

use super::{
    super::{
        item::{Attributes, required},
        keys::Key,
        pages::Pages,
        raw_items::RawItem,
    },
    chunks::CONTENT,
};
use crate::{failure::Failure, ids::WriteId};
use api::time::Timestamp;
use std::cmp::Ordering;

/// The content that a write put under these keys, if all of it is there. What belongs to other writes is passed over,
/// and never waited for.
pub(in crate::store) async fn content_under(
    keys: impl Iterator<Item = Key>,
    write: &WriteId,
    pages: &mut Pages<'_>,
    now: Timestamp,
) -> Result<Option<Vec<u8>>, Failure> {
    let mut content = Vec::new();
    for Key { sk, .. } in keys {
        loop {
            let Some(first) = pages.first_from(|| sk.clone()).await? else { return Ok(None) };
            let (order, bytes) = compared(first, &sk, write, now)?;
            if order.is_gt() {
                return Ok(None);
            }
            pages.skip();
            if order.is_eq() {
                let Some(bytes) = bytes else { return Ok(None) };
                if content.is_empty() {
                    content = bytes;
                } else {
                    content.extend(bytes);
                }
                break;
            }
        }
    }
    Ok(Some(content))
}

/// How an item's key compares with the wanted one, and its bytes if it is the one. One that was emptied has none, and
/// one beside a head names its write.
fn compared(
    item: &RawItem,
    wanted: &str,
    write: &WriteId,
    now: Timestamp,
) -> Result<(Ordering, Option<Vec<u8>>), Failure> {
    let item = item.read()?;
    let order = required(item.sort_key(), "sk")?.cmp(wanted);
    let item = if order.is_eq() { item.unexpired(now) } else { None };
    Ok((order, item.map(|item| bytes_of(item, write)).transpose()?.flatten()))
}

fn bytes_of(mut item: Attributes<'_>, write: &WriteId) -> Result<Option<Vec<u8>>, Failure> {
    let is_other = item.write_id()?.is_some_and(|of| of != *write);
    Ok(if is_other { None } else { item.bytes(CONTENT)? })
}
