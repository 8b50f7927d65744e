//! Lambda's runtime API, as one process sees it: here it asks for its next event and posts its answer.
//!
//! An answer is acknowledged once all of it is here, since a runtime's client sends no more of what has
//! been acknowledged. One for another event than the last, or of more bytes than Lambda takes, is refused.

use anyhow::{Context, Result};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    routing::{get, post},
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
};

/// What Lambda takes and gives, in bytes.
pub const MAX_PAYLOAD: usize = 6_291_556;

/// What a function is given: an event, and what Lambda says of it.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Lambda's id of the request.
    pub id: String,
    /// The event.
    pub json: Bytes,
    /// Until when there is time, in milliseconds since 1970.
    pub deadline: u64,
}

/// What a function sent to its runtime API, and when.
pub(super) enum RuntimeMessage {
    /// It asked for an event.
    Asked(Instant),
    /// It answered the one that it was given.
    Answered(Instant, Bytes),
    /// It said that it cannot, or answered what Lambda does not take.
    Failed(String),
}

/// The runtime API of one process. Dropping it ends it.
pub(super) struct RuntimeApi {
    /// Its host and port.
    pub(super) address: String,
    pub(super) events: UnboundedSender<Invocation>,
    pub(super) said: UnboundedReceiver<RuntimeMessage>,
    _serving: JoinSet<()>,
}

/// What the routes share.
struct Ends {
    events: tokio::sync::Mutex<UnboundedReceiver<Invocation>>,
    said: UnboundedSender<RuntimeMessage>,
    /// The event that is to be answered.
    under_way: Mutex<Option<String>>,
}

impl RuntimeApi {
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("No port is free for a function")?;
        let address = listener.local_addr()?.to_string();
        let (events, asked_for) = unbounded_channel();
        let (saying, said) = unbounded_channel();
        let ends = Ends { events: asked_for.into(), said: saying, under_way: Mutex::default() };
        let routes = routes().with_state(Arc::new(ends));
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            // It never ends by itself: an error of `accept` is tried again.
            let _never = axum::serve(listener, routes).await;
        });
        Ok(Self { address, events, said, _serving: serving })
    }
}

impl Ends {
    /// Whoever listened may be gone, and the function is about to be killed.
    fn tell(&self, said: RuntimeMessage) {
        let _ = self.said.send(said);
    }

    fn under_way(&self) -> MutexGuard<'_, Option<String>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this is the event that is to be answered. It is so once.
    fn is_due(&self, id: &str) -> bool {
        let mut under_way = self.under_way();
        let is_due = under_way.as_deref() == Some(id);
        if is_due {
            *under_way = None;
        }
        is_due
    }
}

const ACCEPTED: (StatusCode, &str) = (StatusCode::ACCEPTED, r#"{"status":"OK"}"#);
const NOT_DUE: (StatusCode, &str) = (StatusCode::BAD_REQUEST, r#"{"errorType":"InvalidRequestID"}"#);
const TOO_LARGE: (StatusCode, &str) = (StatusCode::PAYLOAD_TOO_LARGE, r#"{"errorType":"RequestEntityTooLarge"}"#);

fn routes() -> Router<Arc<Ends>> {
    let next = async |State(ends): State<Arc<Ends>>| {
        let mut events = ends.events.lock().await;
        ends.tell(RuntimeMessage::Asked(Instant::now()));
        let Invocation { id, json, deadline } = events.recv().await.ok_or(StatusCode::GONE)?;
        *ends.under_way() = Some(id.clone());
        let headers = [
            ("lambda-runtime-aws-request-id", id),
            ("lambda-runtime-deadline-ms", deadline.to_string()),
            ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:1:function:f".to_owned()),
            ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0".to_owned()),
            ("content-type", "application/json".to_owned()),
        ];
        Ok::<_, StatusCode>((headers, json))
    };
    let response = async |State(ends): State<Arc<Ends>>, Path(id): Path<String>, body: Bytes| {
        let at = Instant::now();
        if !ends.is_due(&id) {
            return NOT_DUE;
        }
        if body.len() > MAX_PAYLOAD {
            ends.tell(RuntimeMessage::Failed(format!(
                "its answer has {} bytes, and Lambda gives {MAX_PAYLOAD}",
                body.len()
            )));
            return TOO_LARGE;
        }
        ends.tell(RuntimeMessage::Answered(at, body));
        ACCEPTED
    };
    let error = async |State(ends): State<Arc<Ends>>, Path(id): Path<String>, body: Bytes| {
        if !ends.is_due(&id) {
            return NOT_DUE;
        }
        ends.tell(RuntimeMessage::Failed(format!("it failed: {}", String::from_utf8_lossy(&body))));
        ACCEPTED
    };
    let init_error = async |State(ends): State<Arc<Ends>>, body: Bytes| {
        ends.tell(RuntimeMessage::Failed(format!("it does not start: {}", String::from_utf8_lossy(&body))));
        ACCEPTED
    };
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .layer(DefaultBodyLimit::disable())
}
