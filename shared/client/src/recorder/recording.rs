//! A turn while it passes by: its calls, each with its tries, within the room that all turns share.
//!
//! What is released is gone at once, also for the answers that are still being read.

use crate::recorder::{
    clock::Clock,
    exchange::{Exchange, body_of},
};
use api::{
    external::ChatName,
    ids::{RunId, UserId},
    run::{CreateRun, RunKind},
    status::Status,
};
use reqwest::Request;
use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Instant,
};

/// What all recordings of a recorder may hold, those that pass by and those that wait together.
const ROOM: usize = 32 * 1024 * 1024;
/// What a turn and a try take beside their bodies, about.
const OVERHEAD: usize = 4096;

/// The room that all turns share.
pub(crate) struct Room {
    left: AtomicUsize,
    /// How many turns had none.
    pub dropped: AtomicU64,
}

impl Default for Room {
    fn default() -> Self {
        Self { left: AtomicUsize::new(ROOM), dropped: AtomicU64::default() }
    }
}

impl Room {
    fn take(&self, bytes: usize) -> bool {
        self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }
}

pub(crate) type Exchanges = Vec<Arc<Mutex<Exchange>>>;

pub(crate) struct Recording {
    pub id: RunId,
    pub chat: ChatName,
    pub owner: UserId,
    pub clock: Clock,
    room: Arc<Room>,
    kept: Mutex<Kept>,
}

struct Kept {
    /// What the product says of it. Its status is final when the product says how it ended.
    run: CreateRun,
    /// The tries of each call.
    steps: Vec<Exchanges>,
    size: usize,
    is_released: bool,
    is_dropped: bool,
    has_called: bool,
    ended: Option<Instant>,
}

impl Recording {
    pub(crate) fn new(chat: ChatName, owner: UserId, clock: Clock, room: Arc<Room>) -> Self {
        let id = clock.run_id();
        let run = CreateRun {
            owner_id: Some(owner.clone()),
            external_id: chat.external_id().cloned(),
            kind: RunKind::ChatTurn,
            status: Status::InProgress,
            started_at: clock.started_at(),
            id: Some(id),
            finished_at: None,
            provider: None,
            model: None,
            root_chat_id: None,
            parent_chat_id: None,
            model_config_id: None,
            trigger_message_id: None,
            history_tip_message_id: None,
            summary: None,
            steps: Vec::new(),
        };
        let kept = Kept {
            run,
            steps: Vec::new(),
            size: 0,
            is_released: false,
            is_dropped: false,
            has_called: false,
            ended: None,
        };
        let recording = Self { id, chat, owner, clock, room, kept: Mutex::new(kept) };
        recording.takes(OVERHEAD);
        recording
    }

    /// Lets the product say more of it.
    pub(crate) fn say(&self, say: impl FnOnce(&mut CreateRun)) {
        say(&mut self.kept().run);
    }

    /// A try begins. Nothing of it is kept when there is no room, or nothing is to be kept.
    pub(crate) fn begin(&self, request: &Request) -> Weak<Mutex<Exchange>> {
        self.kept().has_called = true;
        let exchange = Exchange::begin(request);
        let body = body_of(&exchange.request).map_or(0, <[u8]>::len);
        if !self.takes(OVERHEAD + body) {
            return Weak::new();
        }
        let exchange = Arc::new(Mutex::new(exchange));
        let weak = Arc::downgrade(&exchange);
        let mut kept = self.kept();
        if kept.is_released {
            return Weak::new();
        }
        let is_retried = |step: &&mut Exchanges| step.last().is_some_and(|last| lock(last).is_retried_by(request));
        match kept.steps.iter_mut().rev().find(is_retried) {
            Some(step) => step.push(exchange),
            None => kept.steps.push(vec![exchange]),
        }
        weak
    }

    /// Whether there is room for so much more; without it the turn is dropped.
    pub(crate) fn takes(&self, bytes: usize) -> bool {
        let mut kept = self.kept();
        if kept.is_released {
            return false;
        }
        if self.room.take(bytes) {
            kept.size += bytes;
            return true;
        }
        (kept.is_released, kept.is_dropped) = (true, true);
        drop(kept);
        self.room.dropped.fetch_add(1, Relaxed);
        self.release();
        false
    }

    /// Frees what is kept, and keeps nothing more.
    pub(crate) fn release(&self) {
        let mut kept = self.kept();
        kept.is_released = true;
        let (steps, size) = (mem::take(&mut kept.steps), mem::take(&mut kept.size));
        drop(kept);
        drop(steps);
        self.room.left.fetch_add(size, Relaxed);
    }

    pub(crate) fn end(&self) {
        self.kept().ended = Some(Instant::now());
    }

    /// When it ended, if it did.
    pub(crate) fn ended(&self) -> Option<Instant> {
        self.kept().ended
    }

    pub(crate) fn is_dropped(&self) -> bool {
        self.kept().is_dropped
    }

    pub(crate) fn has_called(&self) -> bool {
        self.kept().has_called
    }

    /// What the product says of it, and the tries of each call, to be told.
    pub(crate) fn take(&self) -> (CreateRun, Vec<Vec<Exchange>>) {
        let mut kept = self.kept();
        let run = CreateRun { finished_at: kept.ended.map(|ended| self.clock.at(ended)), ..kept.run.clone() };
        let steps = mem::take(&mut kept.steps);
        let own = |step: Exchanges| step.into_iter().filter_map(Arc::into_inner).map(inner).collect();
        (run, steps.into_iter().map(own).collect())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        lock(&self.kept)
    }
}

/// What a panic left is as good as what there was.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}
