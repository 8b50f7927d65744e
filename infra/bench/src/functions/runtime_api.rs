//! The Lambda runtime API, as one function sees it: it tells when the function asks and answers.

use anyhow::Result;
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    routing::{get, post},
};
use service::clock::Clock;
use std::{sync::Arc, time::Instant};
use tokio::{
    net::TcpListener,
    sync::{
        Mutex,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    task::JoinHandle,
};

/// A function's time limit, as its deadline says it: nothing here takes as long.
const TIME_LIMIT_MILLIS: i64 = 30_000;

/// What the function did, and when.
pub(super) enum Did {
    /// It asked for an event.
    Ask(Instant),
    /// It answered one.
    Answer(Instant, String),
    /// It said that it cannot.
    Fail(String),
}

/// A runtime API of one function. Dropping it ends it.
pub(super) struct RuntimeApi {
    /// Its host and port.
    pub(super) address: String,
    pub(super) events: UnboundedSender<String>,
    pub(super) did: UnboundedReceiver<Did>,
    server: JoinHandle<()>,
}

struct Ends {
    events: Mutex<UnboundedReceiver<String>>,
    did: UnboundedSender<Did>,
}

impl RuntimeApi {
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?.to_string();
        let (events, asked_for) = unbounded_channel();
        let (doing, did) = unbounded_channel();
        let router = router(Ends { events: Mutex::new(asked_for), did: doing });
        // It ends with an error only when the machine has no more sockets; then the function waits in vain.
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok(Self { address, events, did, server })
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn router(ends: Ends) -> Router {
    let next = async |State(ends): State<Arc<Ends>>| {
        let mut events = ends.events.lock().await;
        // Whoever listened is gone when the function is about to be killed.
        let _ = ends.did.send(Did::Ask(Instant::now()));
        let event = events.recv().await.ok_or(StatusCode::GONE)?;
        let deadline = Clock::default().now().millis() + TIME_LIMIT_MILLIS;
        let headers = [
            ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
            ("lambda-runtime-deadline-ms", deadline.to_string()),
            ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:1:function:f".to_owned()),
            ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0".to_owned()),
            ("content-type", "application/json".to_owned()),
        ];
        Ok::<_, StatusCode>((headers, event))
    };
    let response = async |State(ends): State<Arc<Ends>>, body: String| {
        let _ = ends.did.send(Did::Answer(Instant::now(), body));
        StatusCode::ACCEPTED
    };
    let error = async |State(ends): State<Arc<Ends>>, body: String| {
        let _ = ends.did.send(Did::Fail(body));
        StatusCode::ACCEPTED
    };
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(error))
        .layer(DefaultBodyLimit::disable())
        .with_state(Arc::new(ends))
}
