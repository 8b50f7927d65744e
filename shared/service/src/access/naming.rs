//! Which chat a recorder's request is about, and whether it may name it.
//!
//! A request names the chat by the id in its path, and may add whose it is and its external id. Owner and external id
//! have to make that id, also where the owner is only known from the table. A bound key reaches no chat but by its
//! owner and an external id, so that it can neither take nor find anybody's: any other is the 404 of an unknown chat,
//! before anything is read. That id may be another's, whom a general recorder gave it: then it is the same 404.

use super::{
    proof::{ClaimedChat, NamedChat, Recorder},
    withheld::Withheld,
};
use api::{
    chat::PutChat,
    external::ExternalId,
    ids::{ChatId, UserId},
    json::Violation,
    problem::Problem,
    run::{CreateRun, UpdateRun},
    step::StepInput,
};

/// How a request names its chat beside the id.
pub struct Naming<'a> {
    /// Whose it is.
    pub owner: &'a mut Option<UserId>,
    /// Its external id.
    pub external_id: Option<&'a ExternalId>,
}

/// What a recorder sends: it may name its chat.
pub trait NamesChat {
    /// How it does.
    fn naming(&mut self) -> Naming<'_>;

    /// What is wrong with a member of these, or with its absence.
    fn wrong(member: &str, detail: String) -> Problem {
        Problem::InvalidBody(Violation::new(format!("/{member}"), detail))
    }

    /// That nobody says whose the chat is.
    fn lacks_owner() -> Problem {
        Problem::InvalidBody(Violation::new("", "missing field `owner_id`"))
    }
}

macro_rules! bodies {
    ($($body:ty),*) => {$(
        impl NamesChat for $body {
            fn naming(&mut self) -> Naming<'_> {
                Naming { owner: &mut self.owner_id, external_id: self.external_id.as_ref() }
            }
        }
    )*};
}

bodies!(PutChat, CreateRun, UpdateRun, StepInput);

/// The chat of a path, if the recorder may name it, as [`Access::named_chat`](super::Access::named_chat) has it.
pub(super) fn named_chat<T: NamesChat>(
    recorder: &Recorder,
    chat: ChatId,
    sent: Withheld<T>,
) -> Result<(NamedChat, Withheld<T>), Problem> {
    let bound_to = recorder.bound_to();
    let mut external_id = None;
    let sent = match bound_to {
        None => sent.and_then(|mut sent| {
            external_id = sent.naming().external_id.cloned();
            consistent(chat, sent)
        }),
        Some(owner) => Ok(bound(owner, chat, sent.open()?)?).into(),
    };
    Ok((NamedChat::new(chat, bound_to.cloned(), external_id), sent))
}

impl NamedChat {
    /// The chat with the owner whom the request names.
    ///
    /// # Errors
    ///
    /// That it names none.
    pub fn claimed<T: NamesChat>(&self, mut sent: T) -> Result<(ClaimedChat, T), Problem> {
        let owner = sent.naming().owner.clone().ok_or_else(T::lacks_owner)?;
        Ok((ClaimedChat::new(self.id(), owner, self.is_bound()), sent))
    }
}

fn bound<T: NamesChat>(owner: &UserId, chat: ChatId, mut sent: T) -> Result<T, Problem> {
    let Naming { owner: named, external_id } = sent.naming();
    if external_id.map(|external_id| ChatId::named(owner, external_id)) != Some(chat) {
        return Err(Problem::NotFound);
    }
    match named {
        Some(other) if other != owner => {
            Err(T::wrong("owner_id", "must be the owner to whom the key is bound, or left out".to_owned()))
        }
        _ => {
            *named = Some(owner.clone());
            Ok(sent)
        }
    }
}

fn consistent<T: NamesChat>(chat: ChatId, mut sent: T) -> Result<T, Problem> {
    let Naming { owner: Some(owner), external_id: Some(external_id) } = sent.naming() else { return Ok(sent) };
    match ChatId::named(owner, external_id) {
        own if own == chat => Ok(sent),
        own => {
            let detail = format!("with this owner_id it names the chat {own}, so that must be the id in the path");
            Err(T::wrong("external_id", detail))
        }
    }
}
