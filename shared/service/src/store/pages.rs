//! A range of items that is read page by page, as far as it is needed.

use super::{
    keys::Range,
    raw_items::RawItem,
    table::{Order, Store},
};
use crate::failure::Failure;
use std::collections::VecDeque;

/// The items left of the page that was read last, and whether the range has more pages.
pub(super) struct Pages<'a> {
    store: &'a Store,
    range: Range,
    items: VecDeque<RawItem>,
    has_more: bool,
}

impl<'a> Pages<'a> {
    /// Reads nothing yet.
    pub(super) const fn lazy(store: &'a Store, range: Range) -> Self {
        Self { store, range, has_more: true, items: VecDeque::new() }
    }

    /// Reads the first page, of at most `limit` items.
    pub(super) async fn begin(store: &'a Store, range: Range, limit: Option<usize>) -> Result<Self, Failure> {
        let page = store.query(&range, Order::Ascending, limit, None, None).await?;
        Ok(Self { store, range, has_more: page.next.is_some(), items: page.items.into() })
    }

    /// The first item that is left. When the page is used up, the next one is read, from `sk` on.
    pub(super) async fn first_from(&mut self, sk: impl FnOnce() -> String) -> Result<Option<&RawItem>, Failure> {
        if self.items.is_empty() && self.has_more {
            self.range.from = sk();
            let mut start = None;
            // An empty page is not the end as long as it names a next one.
            while self.items.is_empty() && self.has_more {
                let page = self.store.query(&self.range, Order::Ascending, None, start, None).await?;
                self.has_more = page.next.is_some();
                self.items.extend(page.items);
                start = page.next;
            }
        }
        Ok(self.items.front())
    }

    /// Takes the item that [`Self::first_from`] finds.
    pub(super) async fn next_from(&mut self, sk: impl FnOnce() -> String) -> Result<Option<RawItem>, Failure> {
        self.first_from(sk).await?;
        Ok(self.items.pop_front())
    }

    /// Passes over the item that [`Self::first_from`] found.
    pub(super) fn skip(&mut self) {
        self.items.pop_front();
    }
}
