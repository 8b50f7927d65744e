//! Hands an answer on as it is read, and notes what passes. It reads nothing that the chat does not read, but for a
//! refusal that nobody reads.

use crate::{
    recorder::{
        exchange::{End, Exchange},
        recording::{Recording, lock},
        worker::Worker,
    },
    transport,
};
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use reqwest::{Body, Request, Response, ResponseBuilderExt};
use std::{
    convert::Infallible,
    future::poll_fn,
    mem,
    pin::Pin,
    sync::{Arc, Mutex, Weak},
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::sync::oneshot;

/// How long a refusal is read for which nobody asks, and how far.
const DRAIN_FOR: Duration = Duration::from_secs(5);
const MOST_DRAINED: usize = 64 * 1024;

/// What holds a turn open: the product's hands, and each call that is not over.
pub(crate) struct Open {
    pub recording: Arc<Recording>,
    pub worker: Arc<Worker>,
    pub _ending: oneshot::Sender<Infallible>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.worker.ended(&self.recording);
    }
}

/// A try that goes on. Dropped, it was left.
pub(crate) struct Try {
    exchange: Weak<Mutex<Exchange>>,
    open: Arc<Open>,
}

impl Try {
    pub(crate) fn begin(open: &Arc<Open>, request: &Request) -> Self {
        Self { exchange: open.recording.begin(request), open: Arc::clone(open) }
    }

    pub(crate) fn failed(&self, error: &reqwest::Error) {
        self.close(End::Broken(transport::cause(error)));
    }

    /// The answer, to be read by whoever called.
    pub(crate) fn answered(self, response: Response) -> Response {
        self.note(|exchange| exchange.answered(response.status().as_u16(), response.headers()));
        let url = response.url().clone();
        let (mut parts, body) = http::Response::<Body>::from(response).into_parts();
        // Where it came from is nowhere else to be said.
        let Ok((said, ())) = http::Response::builder().url(url).body(()).map(http::Response::into_parts) else {
            return Response::from(http::Response::from_parts(parts, body));
        };
        parts.extensions.extend(said.extensions);
        Response::from(http::Response::from_parts(parts, Body::wrap(Tap::new(body, self))))
    }

    fn received(&self, piece: &[u8]) {
        let Some(exchange) = self.exchange.upgrade() else { return };
        let is_left_out = lock(&exchange).is_body_left_out;
        // What is freed meanwhile is gone at once.
        drop(exchange);
        if self.open.recording.takes(if is_left_out { 0 } else { piece.len() }) {
            self.note(|exchange| exchange.received(piece));
        }
    }

    fn close(&self, end: End) {
        if self.exchange.upgrade().is_some_and(|exchange| lock(&exchange).close(end)) {
            self.open.recording.has_grown();
        }
    }

    fn is_unread_refusal(&self) -> bool {
        self.exchange.upgrade().is_some_and(|exchange| lock(&exchange).is_unread_refusal())
    }

    fn note(&self, note: impl FnOnce(&mut Exchange)) {
        if let Some(exchange) = self.exchange.upgrade() {
            note(&mut lock(&exchange));
        }
    }
}

impl Drop for Try {
    fn drop(&mut self) {
        self.close(End::Left);
    }
}

/// The body of an answer.
struct Tap {
    body: Body,
    /// Until the worker reads on in its place.
    of: Option<Try>,
}

impl Tap {
    fn new(body: Body, of: Try) -> Self {
        let tap = Self { body, of: Some(of) };
        tap.note_end();
        tap
    }

    /// Whoever reads may ask no further when there is no more.
    fn note_end(&self) {
        if let Some(of) = self.of.as_ref().filter(|_| self.body.is_end_stream()) {
            of.close(End::Read);
        }
    }
}

impl http_body::Body for Tap {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(of) = &self.of {
            match &frame {
                Some(Ok(frame)) => frame.data_ref().into_iter().for_each(|piece| of.received(piece)),
                Some(Err(error)) => of.failed(error),
                None => of.close(End::Read),
            }
        }
        self.note_end();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Tap {
    /// Clients that try again often leave a refusal unread.
    fn drop(&mut self) {
        if let Some(of) = self.of.take_if(|of| of.is_unread_refusal()) {
            let worker = Arc::clone(&of.open.worker);
            worker.aside(DRAIN_FOR, drain(mem::take(&mut self.body), of));
        }
    }
}

async fn drain(mut body: Body, of: Try) {
    let mut read = 0;
    while read < MOST_DRAINED {
        match poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            Some(Ok(frame)) => {
                let piece = frame.into_data().unwrap_or_default();
                read += piece.len();
                of.received(&piece);
            }
            Some(Err(error)) => return of.failed(&error),
            None => return of.close(End::Read),
        }
    }
}
