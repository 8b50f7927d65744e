//! One HTTP try of a call while it passes by: what is sent, and what the chat has read of the answer so far. It reads
//! nothing itself.

use crate::replay::step::is_success;
use reqwest::{Request, header::HeaderMap};
use std::{sync::Arc, time::Instant};

/// The longest body that is kept: the service reads no larger one.
const MAX_BODY: usize = 16 * 1024 * 1024;

#[derive(Clone)]
pub(crate) struct Exchange {
    /// Its body shares its bytes with the one that is sent.
    pub request: Arc<Request>,
    /// Its body is made while it is sent.
    pub is_request_unread: bool,
    pub started: Instant,
    /// Status and headers.
    pub answer: Option<(u16, HeaderMap)>,
    pub body: Vec<u8>,
    /// How much of the answer was kept, if only until it was left out.
    taken: usize,
    pub is_body_left_out: bool,
    pub first_byte: Option<Instant>,
    pub end: Option<(Instant, End)>,
}

/// How a try ended.
#[derive(Clone)]
pub(crate) enum End {
    /// The answer was read to its end.
    Read,
    /// Nobody reads on. The last event may have been read all the same.
    Left,
    /// The transport failed; what it says.
    Broken(String),
}

impl Exchange {
    pub(crate) fn begin(request: &Request) -> Self {
        let copy = request.try_clone();
        let is_request_unread = copy.is_none();
        let without_body = || {
            let mut bare = Request::new(request.method().clone(), request.url().clone());
            bare.headers_mut().clone_from(request.headers());
            bare
        };
        Self {
            request: Arc::new(copy.unwrap_or_else(without_body)),
            is_request_unread,
            started: Instant::now(),
            answer: None,
            body: Vec::new(),
            taken: 0,
            is_body_left_out: false,
            first_byte: None,
            end: None,
        }
    }

    /// Whether this failed, and the same request is sent again.
    pub(crate) fn is_retried_by(&self, next: &Request) -> bool {
        let is_over = self.answer.is_some() || self.end.is_some();
        is_over
            && !is_success(self.status())
            && !self.is_request_unread
            && (self.request.method(), self.request.url()) == (next.method(), next.url())
            && body_of(&self.request) == body_of(next)
    }

    /// Whether its call is done: nothing is tried again of what was answered.
    pub(crate) fn is_settled(&self) -> bool {
        is_success(self.status()) && matches!(self.end, Some((_, End::Read)))
    }

    /// The room that its bodies took, in bytes.
    pub(crate) fn size(&self) -> usize {
        body_of(&self.request).map_or(0, <[u8]>::len) + self.taken
    }

    pub(crate) fn answered(&mut self, status: u16, headers: &HeaderMap) {
        self.answer = Some((status, headers.clone()));
    }

    pub(crate) fn status(&self) -> Option<u16> {
        self.answer.as_ref().map(|(status, _)| *status)
    }

    /// Whether it is a refusal of which nothing was read yet.
    pub(crate) fn is_unread_refusal(&self) -> bool {
        self.end.is_none() && self.first_byte.is_none() && self.answer.is_some() && !is_success(self.status())
    }

    pub(crate) fn received(&mut self, piece: &[u8]) {
        self.first_byte.get_or_insert_with(Instant::now);
        if self.is_body_left_out {
            return;
        }
        self.taken += piece.len();
        self.is_body_left_out = self.taken > MAX_BODY;
        if self.is_body_left_out {
            self.body = Vec::new();
        } else {
            self.body.extend_from_slice(piece);
        }
    }

    /// The first end counts; whether this is it.
    pub(crate) fn close(&mut self, end: End) -> bool {
        let is_first = self.end.is_none();
        self.end.get_or_insert_with(|| (Instant::now(), end));
        is_first
    }
}

/// The bytes of a body; none of one that is made while it is sent.
pub(crate) fn body_of(request: &Request) -> Option<&[u8]> {
    request.body().and_then(|body| body.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::{Method, Url};

    #[test]
    fn a_body_that_is_left_out_counts_what_it_took_and_no_more() {
        let mut request = Request::new(Method::POST, Url::parse("https://h.example/v1/messages").unwrap());
        *request.body_mut() = Some("asked".into());
        let mut exchange = Exchange::begin(&request);
        let piece = vec![0; MAX_BODY];
        exchange.received(&piece);
        assert!(!exchange.is_body_left_out && exchange.body.len() == MAX_BODY);
        for _ in 0..2 {
            exchange.received(b"more");
            assert!(exchange.is_body_left_out && exchange.body.is_empty());
            assert_eq!(exchange.size(), 5 + MAX_BODY + 4);
        }
    }
}
