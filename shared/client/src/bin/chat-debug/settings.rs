//! Shows and sets the switches of the three tiers.

use crate::{args::Settings, failure::Failure, terminal::Screen};
use api::{
    ids::ChatId,
    settings::{
        ChatOverride, ChatSettings, DeploymentSettings, PutChatSettings, PutDeploymentSettings, PutUserSettings,
        UserSettings,
    },
};
use client::{Client, Error};
use serde::Serialize;
use std::io::Write;

pub(crate) async fn run(client: &Client, command: &Settings, screen: &mut Screen<impl Write>) -> Result<(), Failure> {
    let done = match command {
        Settings::Show { chat, named, json } => return show(client, chat.or(*named), *json, screen).await,
        Settings::User { switch } => {
            let debug_logging_enabled = switch.is_on();
            client.put_user_debug_logging(&PutUserSettings { debug_logging_enabled }).await?;
            if debug_logging_enabled { "You are opted in." } else { "You are opted out." }.to_owned()
        }
        Settings::Gate { switch } => {
            let allow_users = switch.is_on();
            client.put_debug_logging(&PutDeploymentSettings { allow_users }).await?;
            if allow_users { "The gate is open." } else { "The gate is closed." }.to_owned()
        }
        Settings::Chat { chat, over } => {
            let override_ = ChatOverride::from(*over);
            client.put_chat_debug_logging(*chat, &PutChatSettings { override_ }).await?;
            format!("Chat {chat} is set to {}.", override_name(override_))
        }
    };
    Ok(screen.line(&done)?)
}

/// What the service answers about each tier; `None` is what this caller may not see.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Answers {
    pub gate: Option<DeploymentSettings>,
    pub user: Option<UserSettings>,
    /// Absent when no chat was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<ChatSettings>,
}

async fn show(
    client: &Client,
    chat: Option<ChatId>,
    json: bool,
    screen: &mut Screen<impl Write>,
) -> Result<(), Failure> {
    let gate = if_allowed(client.get_debug_logging().await)?;
    let user = if_allowed(client.get_user_debug_logging().await)?;
    let chat = match chat {
        Some(chat) => Some(client.get_chat_debug_logging(chat).await?),
        None => None,
    };
    if json {
        return screen.json(&Answers { gate, user, chat });
    }
    screen.line(&format!("gate  {}", gate.map_or_else(|| "only an admin may see it".to_owned(), describe_gate)))?;
    screen.line(&format!("user  {}", user.map_or("a recorder has no setting of its own", describe_user)))?;
    if let Some(chat) = chat {
        screen.line(&format!("chat  {}", describe_chat(chat)))?;
    }
    Ok(())
}

/// A setting, or `None` when this caller may not see it.
pub(crate) fn if_allowed<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.status() == Some(403) => Ok(None),
        Err(error) => Err(error),
    }
}

fn describe_gate(gate: DeploymentSettings) -> String {
    let stored = if gate.allow_users { "on: users may record" } else { "off: users may not record" };
    let forced =
        if gate.forced_by_deployment { "; without effect, since this deployment records every chat" } else { "" };
    format!("{stored}{forced}")
}

fn describe_user(user: UserSettings) -> &'static str {
    match (user.forced_by_deployment, user.user_toggle_allowed, user.debug_logging_enabled) {
        (true, ..) => "on: this deployment records every chat",
        (false, false, _) => "off: the gate is closed",
        (false, true, true) => "on: your chats are recorded",
        (false, true, false) => "off: your chats are not recorded",
    }
}

fn describe_chat(chat: ChatSettings) -> String {
    let effective = if chat.effective { "recorded" } else { "not recorded" };
    format!("{}: {effective}, decided by {}", override_name(chat.override_), crate::explain::tier(chat.decided_by))
}

pub(crate) const fn override_name(over: ChatOverride) -> &'static str {
    match over {
        ChatOverride::Inherit => "inherit",
        ChatOverride::On => "on",
        ChatOverride::Off => "off",
    }
}
