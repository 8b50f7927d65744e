//! Why a chat is recorded or not: a sentence for each tier, and the verdict.
//!
//! The service decides; this puts its answers into sentences. What the caller may not see follows from who decided, or
//! stays open.

use crate::{
    error::CommandError,
    terminal::{Screen, Style},
    tiers::{Tiers, if_allowed},
};
use api::{
    external::ChatName,
    ids::{ChatId, UserId},
    json::StringEnum,
    settings::{ChatOverride, ChatSettings, DecidedBy, DeploymentSettings, UserSettings},
};
use client::{Client, Error};
use std::io::Write;

pub(crate) async fn show(
    client: &Client,
    (chat, id, owner): (&ChatName, ChatId, Option<&UserId>),
    json: bool,
    screen: &mut Screen<impl Write>,
) -> Result<(), CommandError> {
    let settings = asked(client, (chat, id), owner).await?;
    let user = if_allowed(client.get_user_debug_logging().await)?;
    let gate = if_allowed(client.get_debug_logging().await)?;
    if json {
        return screen.json(&Tiers { gate, user, chat: Some(settings) });
    }
    for &decided_by in DecidedBy::ALL {
        let decides = decided_by == settings.decided_by;
        let arrow = if decides { "→" } else { " " };
        let style = if decides { Style::Strong } else { Style::Faint };
        let sentence = sentence(decided_by, settings, user, gate);
        let line = screen.paint(style, &format!("{arrow} {:<10} {sentence}", decided_by.as_str()));
        screen.line(&line)?;
    }
    Ok(screen.line(&verdict(settings))?)
}

/// An owner asks about a chat of its own; a recorder about a chat of the owner that it names.
async fn asked(
    client: &Client,
    (chat, id): (&ChatName, ChatId),
    owner: Option<&UserId>,
) -> Result<ChatSettings, CommandError> {
    match (client.get_chat_debug_logging(id).await, owner) {
        (Err(error), Some(owner)) if is_recorders(&error) => Ok(client.get_debug_decision(chat, owner).await?),
        (Err(error), None) if is_recorders(&error) => Err(CommandError::NoOwner(error)),
        (answer, _) => Ok(answer?),
    }
}

/// Whether a user's route was asked by a recorder: its token is told so, its key is none there.
fn is_recorders(error: &Error) -> bool {
    matches!(error.slug(), Some("user-only" | "unauthenticated"))
}

fn sentence(
    decided_by: DecidedBy,
    chat: ChatSettings,
    user: Option<UserSettings>,
    gate: Option<DeploymentSettings>,
) -> String {
    match decided_by {
        DecidedBy::Deployment if chat.decided_by == DecidedBy::Deployment => "It records every chat.".to_owned(),
        DecidedBy::Deployment => "It leaves the choice to its users.".to_owned(),
        DecidedBy::Gate => gate_sentence(chat.decided_by, gate).to_owned(),
        DecidedBy::Chat => match chat.override_ {
            ChatOverride::Inherit => "It follows its owner's opt-in.".to_owned(),
            over => format!("It is set to {}.", over.as_str()),
        },
        DecidedBy::User => user_sentence(chat, user).to_owned(),
    }
}

const fn gate_sentence(decided_by: DecidedBy, gate: Option<DeploymentSettings>) -> &'static str {
    match (decided_by, gate) {
        (DecidedBy::Gate, _) => "It is closed: users may not record.",
        (DecidedBy::Chat | DecidedBy::User, _) => "It is open: users may record.",
        (DecidedBy::Deployment, Some(DeploymentSettings { allow_users: true, .. })) => {
            "It is open, which does not matter now."
        }
        (DecidedBy::Deployment, Some(_)) => "It is closed, which does not matter now.",
        (DecidedBy::Deployment, None) => "It does not matter now.",
    }
}

fn user_sentence(chat: ChatSettings, user: Option<UserSettings>) -> &'static str {
    let is_known = |user: &UserSettings| user.user_toggle_allowed;
    match (chat.decided_by, user.filter(is_known)) {
        (DecidedBy::User, _) if chat.effective => "The owner opted in.",
        (DecidedBy::User, _) => "The owner has not opted in.",
        (DecidedBy::Chat, Some(user)) if user.debug_logging_enabled => {
            "The owner opted in, which does not matter for this chat."
        }
        (DecidedBy::Chat, Some(_)) => "The owner has not opted in, which does not matter for this chat.",
        _ => "The owner's opt-in does not matter now.",
    }
}

fn verdict(chat: ChatSettings) -> String {
    let verdict = if chat.effective { "This chat is recorded" } else { "This chat is not recorded" };
    let reason = match (chat.decided_by, chat.effective) {
        (DecidedBy::Deployment, _) => "the deployment records every chat",
        (DecidedBy::Gate, _) => "no admin has opened the gate",
        (DecidedBy::Chat, true) => "it is set to on",
        (DecidedBy::Chat, false) => "it is set to off",
        (DecidedBy::User, true) => "its owner opted in",
        (DecidedBy::User, false) => "its owner has not opted in",
    };
    format!("{verdict}, because {reason}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(override_: ChatOverride, effective: bool, decided_by: DecidedBy) -> ChatSettings {
        ChatSettings { override_, effective, decided_by }
    }

    #[test]
    fn every_decision_has_its_verdict() {
        for (effective, decided_by, part) in [
            (true, DecidedBy::Deployment, "records every chat"),
            (false, DecidedBy::Gate, "no admin"),
            (true, DecidedBy::Chat, "set to on"),
            (false, DecidedBy::Chat, "set to off"),
            (true, DecidedBy::User, "opted in"),
            (false, DecidedBy::User, "not opted in"),
        ] {
            let text = verdict(chat(ChatOverride::Inherit, effective, decided_by));
            assert!(text.contains(part) && text.contains("is recorded") == effective, "{text}");
        }
    }

    #[test]
    fn an_opt_in_that_a_chat_overrules_is_still_told() {
        let user = UserSettings { debug_logging_enabled: true, user_toggle_allowed: true, forced_by_deployment: false };
        let off = chat(ChatOverride::Off, false, DecidedBy::Chat);
        assert!(sentence(DecidedBy::User, off, Some(user), None).contains("opted in, which does not matter"));
        assert_eq!(sentence(DecidedBy::User, off, None, None), "The owner's opt-in does not matter now.");
    }

    #[test]
    fn an_admin_sees_the_gate_behind_a_forced_deployment() {
        let forced = chat(ChatOverride::Inherit, true, DecidedBy::Deployment);
        let gate = DeploymentSettings { allow_users: true, forced_by_deployment: true };
        assert!(sentence(DecidedBy::Gate, forced, None, Some(gate)).starts_with("It is open"));
        assert_eq!(sentence(DecidedBy::Gate, forced, None, None), "It does not matter now.");
    }
}
