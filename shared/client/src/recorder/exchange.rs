//! One HTTP try of a call while it passes by: what is sent, and what the chat has read of the answer so far. It reads
//! nothing itself.

use crate::replay::step::is_success;
use reqwest::{Request, header::HeaderMap};
use std::time::Instant;

/// The longest body that is kept: the service reads no larger one.
const MAX_BODY: usize = 16 * 1024 * 1024;

pub(crate) struct Exchange {
    /// Its body shares its bytes with the one that is sent.
    pub request: Request,
    /// Its body is made while it is sent.
    pub is_request_unread: bool,
    pub started: Instant,
    /// Status and headers.
    pub answer: Option<(u16, HeaderMap)>,
    pub body: Vec<u8>,
    pub is_body_left_out: bool,
    pub first_byte: Option<Instant>,
    pub end: Option<(Instant, End)>,
}

/// How a try ended.
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
            request: copy.unwrap_or_else(without_body),
            is_request_unread,
            started: Instant::now(),
            answer: None,
            body: Vec::new(),
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

    pub(crate) fn status(&self) -> Option<u16> {
        self.answer.as_ref().map(|(status, _)| *status)
    }

    /// Whether it is a refusal of which nothing was read yet.
    pub(crate) fn is_unread_refusal(&self) -> bool {
        self.end.is_none() && self.first_byte.is_none() && self.answer.is_some() && !is_success(self.status())
    }

    pub(crate) fn received(&mut self, piece: &[u8]) {
        self.first_byte.get_or_insert_with(Instant::now);
        self.is_body_left_out |= self.body.len() + piece.len() > MAX_BODY;
        if self.is_body_left_out {
            self.body = Vec::new();
        } else {
            self.body.extend_from_slice(piece);
        }
    }

    /// The first end counts.
    pub(crate) fn close(&mut self, end: End) {
        self.end.get_or_insert_with(|| (Instant::now(), end));
    }
}

/// The bytes of a body; none of one that is made while it is sent.
pub(crate) fn body_of(request: &Request) -> Option<&[u8]> {
    request.body().and_then(|body| body.as_bytes())
}
