//! A turn while it passes by: its calls, each with its tries, within the room that all turns share.
//!
//! What is released is gone at once, also for the answers that are still being read.

use crate::recorder::{
    clock::Clock,
    exchange::{Exchange, body_of},
};
use api::{
    external::ChatName,
    ids::{RunId, StepNumber, UserId},
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
use tokio::sync::Notify;

/// What all recordings of a recorder may hold, those that pass by and those that wait together.
const ROOM: usize = 32 * 1024 * 1024;
/// What a turn and a try take beside their bodies, about.
const OVERHEAD: usize = 4096;
/// A turn that holds so much is not kept until it ends.
const LARGE: usize = 4 * 1024 * 1024;

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

/// The tries of a call.
struct Step {
    tries: Vec<Arc<Mutex<Exchange>>>,
    /// Whether it was taken to be told, and has had no try since.
    is_told: bool,
}

impl Step {
    fn last<T>(&self, says: impl FnOnce(&Exchange) -> T) -> Option<T> {
        self.tries.last().map(|last| says(&lock(last)))
    }

    fn is_over(&self) -> bool {
        self.tries.iter().all(|each| lock(each).end.is_some())
    }
}

/// A call to be told.
pub(crate) struct Call {
    pub number: StepNumber,
    pub tries: Vec<Exchange>,
    /// What is freed when the service has it.
    pub frees: usize,
}

pub(crate) struct Recording {
    pub id: RunId,
    pub chat: ChatName,
    pub owner: UserId,
    pub clock: Clock,
    /// Whether it has become large.
    pub grown: Notify,
    room: Arc<Room>,
    kept: Mutex<Kept>,
}

struct Kept {
    /// What the product says of it. Its status is final when the product says how it ended.
    run: CreateRun,
    steps: Vec<Step>,
    size: usize,
    is_released: bool,
    is_dropped: bool,
    has_called: bool,
    /// When anything last happened in it.
    touched: Instant,
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
            touched: Instant::now(),
            ended: None,
        };
        let recording = Self { id, chat, owner, clock, grown: Notify::new(), room, kept: Mutex::new(kept) };
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
        let is_retried = |step: &&mut Step| step.last(|last| last.is_retried_by(request)) == Some(true);
        match kept.steps.iter_mut().rev().find(is_retried) {
            Some(step) => {
                step.tries.push(exchange);
                step.is_told = false;
            }
            None => kept.steps.push(Step { tries: vec![exchange], is_told: false }),
        }
        weak
    }

    /// Whether there is room for so much more; without it the turn is dropped.
    pub(crate) fn takes(&self, bytes: usize) -> bool {
        let mut kept = self.kept();
        if kept.is_released {
            return false;
        }
        kept.touched = Instant::now();
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

    /// Ends it; whether it had not ended before.
    pub(crate) fn end(&self) -> bool {
        let mut kept = self.kept();
        let is_first = kept.ended.is_none();
        kept.ended.get_or_insert_with(Instant::now);
        is_first
    }

    /// When it ended, if it did.
    pub(crate) fn ended(&self) -> Option<Instant> {
        self.kept().ended
    }

    /// When anything last happened in it.
    pub(crate) fn touched(&self) -> Instant {
        self.kept().touched
    }

    pub(crate) fn is_dropped(&self) -> bool {
        self.kept().is_dropped
    }

    pub(crate) fn has_called(&self) -> bool {
        self.kept().has_called
    }

    /// A try is over.
    pub(crate) fn has_grown(&self) {
        if self.kept().size >= LARGE {
            self.grown.notify_one();
        }
    }

    /// What the product says of it; which turn of which chat it is, is not for it to say.
    pub(crate) fn said(&self) -> CreateRun {
        let kept = self.kept();
        CreateRun {
            id: Some(self.id),
            owner_id: Some(self.owner.clone()),
            external_id: self.chat.external_id().cloned(),
            started_at: self.clock.started_at(),
            finished_at: kept.ended.map(|ended| self.clock.at(ended)),
            steps: Vec::new(),
            ..kept.run.clone()
        }
    }

    /// The next call to be told: one that is over, or any when the turn is. What nobody tries again is not kept any
    /// more.
    pub(crate) fn take(&self) -> Option<Call> {
        let mut kept = self.kept();
        let has_ended = kept.ended.is_some();
        let is_due = |step: &Step| !step.is_told && (has_ended || step.is_over());
        let (step, number) = kept.steps.iter_mut().zip(1..).find(|(step, _)| is_due(step))?;
        // 99,999 steps are the most that a run has.
        let number = StepNumber::try_from(number).ok()?;
        step.is_told = true;
        let tries = step.tries.iter().map(|each| lock(each).clone()).collect::<Vec<_>>();
        let mut frees = 0;
        if has_ended || step.last(Exchange::is_settled) == Some(true) {
            frees = tries.iter().map(Exchange::size).sum();
            step.tries = Vec::new();
        }
        Some(Call { number, tries, frees })
    }

    /// Gives back what a call took.
    pub(crate) fn free(&self, bytes: usize) {
        let mut kept = self.kept();
        let bytes = bytes.min(kept.size);
        kept.size -= bytes;
        drop(kept);
        self.room.left.fetch_add(bytes, Relaxed);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        lock(&self.kept)
    }
}

/// What a panic left is as good as what there was.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
