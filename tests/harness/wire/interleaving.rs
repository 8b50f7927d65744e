//! Turns of several wires at the engine, so that a test can try every order of their requests.

use std::{collections::BTreeSet, sync::Arc};
use tokio::sync::watch;

/// An order in which the requests of several wires reach the engine: one after the other, each answered before the
/// next one goes. A wire that has no more requests gives its turns up, and behind the last turn everybody is free.
pub struct Interleaving {
    order: Vec<usize>,
    state: watch::Sender<Position>,
}

#[derive(Default)]
struct Position {
    at: usize,
    is_taken: bool,
    gave_up: BTreeSet<usize>,
}

/// Somebody's turn. Dropping it is the next one's.
pub(super) struct Slot<'a>(&'a Interleaving);

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.state.send_modify(|state| {
            state.at += 1;
            state.is_taken = false;
        });
    }
}

impl Interleaving {
    /// The wires in the order in which they have a turn.
    pub fn new(order: Vec<usize>) -> Arc<Self> {
        Arc::new(Self { order, state: watch::Sender::default() })
    }

    /// A wire has nothing more to send.
    pub fn give_up(&self, who: usize) {
        self.state.send_modify(|state| {
            state.gave_up.insert(who);
        });
    }

    pub(super) async fn wait(&self, who: usize) -> Slot<'_> {
        let mut changes = self.state.subscribe();
        loop {
            changes.wait_for(|state| !state.is_taken).await.unwrap();
            let taken = self.state.send_if_modified(|state| {
                while self.order.get(state.at).is_some_and(|next| state.gave_up.contains(next)) {
                    state.at += 1;
                }
                let is_next = !state.is_taken && self.order.get(state.at).is_none_or(|next| *next == who);
                state.is_taken |= is_next;
                is_next
            });
            if taken {
                return Slot(self);
            }
            changes.changed().await.unwrap();
        }
    }
}
