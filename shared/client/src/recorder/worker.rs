//! The one thread that talks to the service.
//!
//! A turn is followed from its beginning, by its delivery. What cannot be sent is tried again under the same id until
//! it is too old; a service that does not answer is left alone for a while.
//!
//! The thread is the recorder's own, so that neither what it computes nor what it waits for is in the chat's way.

use crate::{
    client::Client,
    error::Error,
    recorder::recording::{Recording, Room, lock},
};
use api::ids::{ChatId, UserId};
use std::{
    collections::HashMap,
    convert::Infallible,
    mem,
    sync::{Arc, Mutex, atomic::Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};
use tokio::{
    runtime::{Builder, Handle},
    sync::{self, Notify, mpsc, watch},
    time::{sleep, timeout},
};

/// A chat that is not recorded is not asked about again for so long.
const KEEP_NO: Duration = Duration::from_secs(30);
const MOST_NOS: usize = 10_000;
/// When a turn that ended is given up.
const GIVE_UP: Duration = Duration::from_mins(5);
/// Waits between tries are random, within a window that doubles.
const FIRST_WINDOW: Duration = Duration::from_millis(500);
const LONGEST_WINDOW: Duration = Duration::from_secs(30);
/// After so many calls in a row without an answer, none is made for a while.
const FAILURES: u32 = 3;
const REST: Duration = Duration::from_secs(15);
/// A warning is given at most once in so long.
const BETWEEN_WARNINGS: Duration = Duration::from_mins(1);

/// What became of the turns so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// The service has them.
    pub recorded: u64,
    /// The policy says no.
    pub not_recorded: u64,
    /// There was no room.
    pub dropped: u64,
    /// The service takes them never.
    pub refused: u64,
    /// The service was not there for too long, or the recorder failed.
    pub failed: u64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome {
    Recorded,
    NotRecorded,
    Dropped,
    Refused,
    Failed,
}

#[derive(Default)]
struct Warned {
    last: Option<Instant>,
    unsaid: u64,
}

pub(crate) struct Worker {
    pub room: Arc<Room>,
    pub client: Client,
    handle: Handle,
    /// How many turns that ended are not done yet.
    waiting: watch::Sender<usize>,
    /// Whoever flushes lets no pause pass.
    hurry: Notify,
    /// One call at a time.
    breaker: sync::Mutex<Breaker>,
    nos: Mutex<HashMap<(ChatId, UserId), Instant>>,
    counters: Mutex<Counters>,
    warned: Mutex<Warned>,
    /// The thread ends when this is gone.
    _alive: mpsc::Sender<Infallible>,
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// What keeps it from being started.
    pub(crate) fn start(url: &str, key: &str) -> Result<Arc<Self>, String> {
        let client = Client::new(url, key).map_err(|error| error.to_string())?;
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
        let handle = runtime.handle().clone();
        let (alive, mut gone) = mpsc::channel(1);
        let run = move || {
            runtime.block_on(gone.recv());
        };
        thread::Builder::new().name("chat-debug".to_owned()).spawn(run).map_err(|error| error.to_string())?;
        Ok(Arc::new(Self {
            room: Arc::default(),
            client,
            handle,
            waiting: watch::Sender::new(0),
            hurry: Notify::new(),
            breaker: sync::Mutex::default(),
            nos: Mutex::default(),
            counters: Mutex::default(),
            warned: Mutex::default(),
            _alive: alive,
        }))
    }

    pub(crate) fn counters(&self) -> Counters {
        Counters { dropped: self.room.dropped.load(Relaxed), ..*lock(&self.counters) }
    }

    pub(crate) fn count(&self, outcome: Outcome) {
        let mut counters = lock(&self.counters);
        match outcome {
            Outcome::Recorded => counters.recorded += 1,
            Outcome::NotRecorded => counters.not_recorded += 1,
            // Counted where it happens: this may be long after.
            Outcome::Dropped => {}
            Outcome::Refused => counters.refused += 1,
            Outcome::Failed => counters.failed += 1,
        }
    }

    /// Never says what was recorded.
    pub(crate) fn warn(&self, text: &str) {
        let mut warned = lock(&self.warned);
        if warned.last.is_some_and(|last| last.elapsed() < BETWEEN_WARNINGS) {
            warned.unsaid += 1;
            return;
        }
        let unsaid = mem::take(&mut warned.unsaid);
        warned.last = Some(Instant::now());
        drop(warned);
        let more = if unsaid == 0 { String::new() } else { format!(" ({unsaid} more since the last warning)") };
        log::warn!(target: "chat_debug", "{text}{more}");
    }

    /// Does something on the thread, for so long.
    pub(crate) fn aside(&self, limit: Duration, work: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(timeout(limit, work));
    }

    /// Brings a turn on the thread, and counts what became of it.
    pub(crate) fn follow(
        self: &Arc<Self>,
        recording: Arc<Recording>,
        bring: impl Future<Output = Outcome> + Send + 'static,
    ) {
        let worker = Arc::clone(self);
        self.handle.spawn(async move {
            let outcome = bring.await;
            worker.count(if recording.is_dropped() { Outcome::Dropped } else { outcome });
            worker.waiting.send_modify(|waiting| *waiting -= 1);
        });
    }

    /// A turn has ended, and waits.
    pub(crate) fn ended(&self, recording: &Recording) {
        self.waiting.send_modify(|waiting| *waiting += 1);
        if !recording.end() {
            self.waiting.send_modify(|waiting| *waiting -= 1);
        }
    }

    /// Waits until what has ended is done, for so long; says whether it was.
    pub(crate) async fn flush(self: Arc<Self>, limit: Duration) -> bool {
        let handle = self.handle.clone();
        // On the thread's own clock: the caller's runtime may have none.
        let flushed = handle.spawn(async move {
            self.hurry.notify_waiters();
            let mut waiting = self.waiting.subscribe();
            timeout(limit, waiting.wait_for(|waiting| *waiting == 0)).await.is_ok_and(|done| done.is_ok())
        });
        flushed.await.unwrap_or(false)
    }

    /// When the service said yes.
    pub(crate) async fn ask(&self, recording: &Recording) -> Result<Instant, Outcome> {
        let Recording { chat, owner, .. } = recording;
        if lock(&self.nos).get(&key(recording)).is_some_and(|said| said.elapsed() < KEEP_NO) {
            return Err(Outcome::NotRecorded);
        }
        let settings = self.persist(recording, || self.client.get_debug_decision(chat, owner)).await?;
        if settings.effective {
            return Ok(Instant::now());
        }
        self.remember_no(recording);
        Err(Outcome::NotRecorded)
    }

    pub(crate) fn remember_no(&self, recording: &Recording) {
        let mut nos = lock(&self.nos);
        if nos.len() >= MOST_NOS {
            nos.retain(|_, said| said.elapsed() < KEEP_NO);
        }
        if nos.len() < MOST_NOS {
            nos.insert(key(recording), Instant::now());
        }
    }

    /// Calls until it succeeds, is refused, or comes too late.
    pub(crate) async fn persist<T, F>(&self, recording: &Recording, call: impl Fn() -> F) -> Result<T, Outcome>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut window = FIRST_WINDOW;
        loop {
            let error = {
                let mut breaker = self.breaker.lock().await;
                if recording.is_dropped() {
                    self.warn("A turn is dropped: too much waits for the service.");
                    return Err(Outcome::Dropped);
                }
                if let Some(rest) = breaker.rests_until.take() {
                    self.pause(rest.saturating_duration_since(Instant::now())).await;
                }
                let outcome = call().await;
                let is_answered = outcome.as_ref().err().is_none_or(|error| !is_worth_another(error));
                breaker.note(is_answered);
                match outcome {
                    Ok(done) => return Ok(done),
                    Err(error) if is_answered => {
                        self.warn(&format!("A turn is refused: {error}"));
                        return Err(Outcome::Refused);
                    }
                    Err(error) => error,
                }
            };
            self.warn(&format!("A turn is not taken yet: {error}"));
            if recording.ended().is_some_and(|ended| ended.elapsed() > GIVE_UP) {
                return Err(Outcome::Failed);
            }
            self.pause(window.mul_f64(fastrand::f64())).await;
            window = (window * 2).min(LONGEST_WINDOW);
        }
    }

    async fn pause(&self, length: Duration) {
        tokio::select! {
            () = sleep(length) => {}
            () = self.hurry.notified() => {}
        }
    }
}

fn key(recording: &Recording) -> (ChatId, UserId) {
    (recording.chat.id(&recording.owner), recording.owner.clone())
}

/// Whether the service may take it later.
fn is_worth_another(error: &Error) -> bool {
    error.is_unavailable() || error.status() == Some(500)
}

#[derive(Default)]
struct Breaker {
    failures: u32,
    rests_until: Option<Instant>,
}

impl Breaker {
    fn note(&mut self, is_answered: bool) {
        self.failures = if is_answered { 0 } else { self.failures + 1 };
        if self.failures >= FAILURES {
            let rest = REST.mul_f64(0.5 + fastrand::f64() / 2.0);
            self.rests_until = Some(Instant::now() + rest);
        }
    }
}
