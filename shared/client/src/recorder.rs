//! Records the turns of a chat product whose calls of models go through `reqwest`: each call as it was, byte for byte,
//! and never in the chat's way.
//!
//! ```no_run
//! # async fn answer(http: reqwest::Client, request: String) -> Result<String, reqwest::Error> {
//! # use client::recorder::Recorder;
//! let debug = Recorder::from_env(); // CHAT_DEBUG_URL, CHAT_DEBUG_KEY; absent: does nothing, says so once
//! let turn = debug.turn("conversation-7", "user-1").first_message("Hello!");
//! let answer = turn.send(http.post("https://api.openai.com/v1/responses").body(request)).await?;
//! # answer.text().await
//! # }
//! ```
//!
//! Make one [`Recorder`] and keep it. A [`Turn`] ends when nobody has it any more, nor an answer of it that is not read
//! to its end: a stream that outlives its handler holds its turn open, and one that a browser left is interrupted.
//!
//! - **The chat never notices.** What [`Turn::send`] returns is what `reqwest` would; an answer is handed on as it is
//!   read, and read no further, but for a refusal that nobody reads. One thread of the recorder's own talks to the
//!   service; with that dead, hung or refusing, the chat runs as without. 32 MiB at most wait; what has no room is
//!   dropped and counted.
//! - **Consent first.** Whether the chat is recorded is asked beside the call. A no frees what was kept, and is
//!   believed for 30 seconds.
//! - **The truth.** A request that is sent again after a failure is another attempt of one step. Bodies are as the
//!   program reads them: unpacked where its client unpacks. What is too large for the service loses its copies, then
//!   images, whose hash and size stay, then bodies, and the step's `metadata.left_out` says so.
//! - **While it happens.** A turn that lasts a minute, or holds 4 MiB, is open for its owner to see, with the calls
//!   that are over: what a process that dies has lost is the rest.
//! - **No keys.** Headers and addresses lose their credentials before anything is sent, by the service's own tables,
//!   and [`Recorder::redacting`] sets a function on each attempt.
//!
//! What is not seen: headers that the client adds by itself, bodies of requests that are made while they are sent,
//! redirects on the way, and calls that do not go through [`Turn::send`].
//!
//! - `exchange`, `recording`, `clock`: what passes by in a turn; `tap` hands answers on
//! - `telling`: a turn as the service takes it
//! - `delivery`: when which of it is sent; `worker`: the thread that sends it

mod clock;
mod delivery;
mod exchange;
mod recording;
mod tap;
mod telling;
mod worker;

pub use worker::Counters;

use crate::{
    recorder::{
        clock::Clock,
        delivery::Delivery,
        recording::Recording,
        tap::{Open, Try},
        telling::Redact,
        worker::{Outcome, Worker},
    },
    replay::turn::summary,
};
use api::{ids::RunId, run::CreateRun, status::Status, step::Attempt};
use reqwest::{RequestBuilder, Response};
use std::{fmt, sync::Arc, time::Duration};
use tokio::sync::oneshot;

/// How long a turn goes on before it is shown.
const PACE: Duration = Duration::from_mins(1);
const FASTEST: Duration = Duration::from_secs(1);

/// Records turns. Cheap to clone; clones are one recorder.
#[derive(Clone)]
pub struct Recorder {
    worker: Option<Arc<Worker>>,
    redact: Option<Arc<Redact>>,
    pace: Duration,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("is_enabled", &self.worker.is_some()).finish_non_exhaustive()
    }
}

impl Recorder {
    /// With the service and the key of the environment: `CHAT_DEBUG_URL` and `CHAT_DEBUG_KEY`.
    #[expect(clippy::disallowed_methods, reason = "a chat product's process has no service::app")]
    pub fn from_env() -> Self {
        match (std::env::var("CHAT_DEBUG_URL"), std::env::var("CHAT_DEBUG_KEY")) {
            (Ok(url), Ok(key)) => Self::new(&url, &key),
            _ => Self::disabled("CHAT_DEBUG_URL or CHAT_DEBUG_KEY is not set."),
        }
    }

    /// With the service at `url`, by a recorder's key or token. When that cannot be, it does nothing and says so once.
    pub fn new(url: &str, key: &str) -> Self {
        match Worker::start(url, key) {
            Ok(worker) => Self { worker: Some(worker), redact: None, pace: PACE },
            Err(why) => Self::disabled(&why),
        }
    }

    fn disabled(why: &str) -> Self {
        log::warn!(target: "chat_debug", "Nothing is recorded: {why}");
        Self { worker: None, redact: None, pace: PACE }
    }

    /// Calls a function with each attempt before it is sent, which may change it. If it panics, the turn is not
    /// recorded.
    #[must_use]
    pub fn redacting(self, redact: impl Fn(&mut Attempt) + Send + Sync + 'static) -> Self {
        Self { redact: Some(Arc::new(redact)), ..self }
    }

    /// Shows a turn that goes on for so long before it ends, and says as often that it still goes on: a minute, unless
    /// this is called, and no sooner than a second. One in which nothing happens for thirty times as long, and for half
    /// an hour at least, is interrupted.
    #[must_use]
    pub fn showing_after(self, pace: Duration) -> Self {
        Self { pace: pace.max(FASTEST), ..self }
    }

    /// What became of the turns so far.
    pub fn counters(&self) -> Counters {
        self.worker.as_ref().map(|worker| worker.counters()).unwrap_or_default()
    }

    /// Begins a turn of a chat, which any text may name.
    pub fn turn(&self, chat: &str, owner: &str) -> Turn {
        let clock = Clock::start();
        let Some(worker) = &self.worker else { return Turn { id: clock.run_id(), open: None } };
        let (Ok(chat), Ok(owner)) = (chat.parse(), owner.parse()) else {
            worker.count(Outcome::Refused);
            worker.warn("A turn is not recorded: its chat's or its owner's id is none that the service takes.");
            return Turn { id: clock.run_id(), open: None };
        };
        let recording = Arc::new(Recording::new(chat, owner, clock, Arc::clone(&worker.room)));
        let (ending, ended) = oneshot::channel();
        let delivery = Delivery::new(Arc::clone(worker), Arc::clone(&recording), self.redact.clone(), self.pace);
        worker.follow(Arc::clone(&recording), delivery.bring(ended));
        let id = recording.id;
        Turn { id, open: Some(Arc::new(Open { recording, worker: Arc::clone(worker), _ending: ending })) }
    }

    /// Waits until every turn that ended is recorded, or will not be, but no longer than `timeout`; says whether they
    /// were done. Call it before the program ends.
    pub async fn flush(&self, timeout: Duration) -> bool {
        match &self.worker {
            Some(worker) => Arc::clone(worker).flush(timeout).await,
            None => true,
        }
    }
}

/// A turn of a chat. Clones are one turn, which ends with the last of them and the last of its answers.
#[derive(Clone)]
pub struct Turn {
    id: RunId,
    open: Option<Arc<Open>>,
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Turn {
    /// The run's id: keep it beside your message, to link from one to the other.
    pub fn id(&self) -> RunId {
        self.id
    }

    /// Says how the turn began.
    #[must_use]
    pub fn first_message(self, text: &str) -> Self {
        self.saying(|run| run.summary = Some(summary(text)))
    }

    /// Says whatever else a run has: its kind, ids of messages, its status when that is not the last call's.
    #[must_use]
    pub fn saying(self, say: impl FnOnce(&mut CreateRun)) -> Self {
        if let Some(open) = &self.open {
            open.recording.say(say);
        }
        self
    }

    /// Ends the turn as one in which the product itself failed, whatever its calls came to.
    pub fn fail(self) {
        drop(self.saying(|run| run.status = Status::Error));
    }

    /// Sends a request as [`RequestBuilder::send`] does, and records it.
    ///
    /// # Errors
    ///
    /// Those of `reqwest`, as without a recorder.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, reqwest::Error> {
        let (client, request) = request.build_split();
        let request = request?;
        let Some(open) = &self.open else { return client.execute(request).await };
        let attempt = Try::begin(open, &request);
        match client.execute(request).await {
            Ok(response) => Ok(attempt.answered(response)),
            Err(error) => {
                attempt.failed(&error);
                Err(error)
            }
        }
    }
}
