//! What a handler is given: a request of a caller who may call its route, read piece by piece.

use super::{
    body::JsonBody,
    event::Request,
    reply::Reply,
    representation::{Accepted, Validator},
};
use crate::access::Withheld;
use api::{
    content::ContentName,
    ids::{ChatId, KeyId, RunId, StepNumber},
    json::Violation,
    parse::Invalid,
    problem::Problem,
};
use http::{HeaderMap, header::IF_NONE_MATCH};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use std::{collections::BTreeMap, mem, str::FromStr};
use tokio::time::Instant;

/// A request of a caller who may call the route. `C` proves who that is; about a chat it proves nothing yet, so what is
/// wrong with anything but the chat's own id is [`Withheld`].
pub struct Call<C> {
    /// Who calls.
    pub caller: C,
    parameters: BTreeMap<String, String>,
    query: String,
    headers: HeaderMap,
    body: JsonBody,
    until: Instant,
}

impl<C> Call<C> {
    pub(super) fn new(caller: C, request: Request, body: JsonBody, until: Instant) -> Self {
        let Request { parameters, query, headers, .. } = request;
        Self { caller, parameters, query, headers, body, until }
    }

    /// The chat of the path.
    ///
    /// # Errors
    ///
    /// [`Problem::InvalidId`].
    pub fn chat(&self) -> Result<ChatId, Problem> {
        self.parameter("chat")
    }

    /// The run of the path, or [`Problem::InvalidId`].
    pub fn run(&self) -> Withheld<RunId> {
        self.parameter("run").into()
    }

    /// The step number of the path, or [`Problem::InvalidId`].
    pub fn step_number(&self) -> Withheld<StepNumber> {
        self.parameter("step_number").into()
    }

    /// The content's name of the path, or [`Problem::InvalidId`].
    pub fn content(&self) -> Withheld<ContentName> {
        self.parameter("content").into()
    }

    /// The recorder key of the path, which belongs to no chat.
    ///
    /// # Errors
    ///
    /// [`Problem::InvalidId`].
    pub fn key(&self) -> Result<KeyId, Problem> {
        self.parameter("key")
    }

    fn parameter<T: FromStr<Err = Invalid>>(&self, name: &str) -> Result<T, Problem> {
        let value = self.parameters.get(name).map_or("", String::as_str);
        value.parse().map_err(|invalid| Problem::InvalidId(Violation::invalid(name, invalid)))
    }

    /// The query, which may hold these parameters once each and no others, or [`Problem::InvalidQuery`].
    pub fn query<const N: usize>(&self, names: [&str; N]) -> Withheld<[Option<String>; N]> {
        self.parameters_of_query(names).into()
    }

    fn parameters_of_query<const N: usize>(&self, names: [&str; N]) -> Result<[Option<String>; N], Problem> {
        // The parser puts U+FFFD for what is no UTF-8, and would so make one word of two.
        let is_none = |pair: &&str| percent_decode_str(pair).decode_utf8().is_err();
        if let Some(pair) = self.query.split('&').find(is_none) {
            let name = form_urlencoded::parse(pair.as_bytes()).next().map(|(name, _)| name).unwrap_or_default();
            return Err(Problem::InvalidQuery(Violation::new(&*name, "must be percent-encoded UTF-8")));
        }
        let mut values = [const { None }; N];
        for (name, value) in form_urlencoded::parse(self.query.as_bytes()) {
            let wrong = |detail: &str| Problem::InvalidQuery(Violation::new(&*name, detail));
            let mut slots = names.iter().zip(&mut values);
            match slots.find(|(known, _)| **known == name) {
                Some((_, slot @ None)) => *slot = Some(value.into_owned()),
                Some(_) => return Err(wrong("must be given once")),
                None => return Err(wrong("is no parameter of this route")),
            }
        }
        Ok(values)
    }

    /// The body, read strictly, or [`Problem::InvalidBody`]. It is given away, since a large one's text is needed no
    /// more.
    pub fn take_body<T: DeserializeOwned>(&mut self) -> Withheld<T> {
        mem::take(&mut self.body).parse().map_err(Problem::InvalidBody).into()
    }

    /// Whether the caller has answers already, and asks for what it does not have.
    pub fn is_conditional(&self) -> bool {
        self.headers.contains_key(IF_NONE_MATCH)
    }

    /// The answer to a caller that has what this stands for already, so that it need not be read again: 304.
    pub fn not_modified(&self, validator: &Validator) -> Option<Reply> {
        Some(Reply::not_modified(&Accepted::of(&self.headers).tag_had(validator)?))
    }

    /// What the caller says of the request and of the answers that it takes.
    pub(super) const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Until when work that may be left undone can go on.
    pub const fn until(&self) -> Instant {
        self.until
    }
}
