//! Shows and sets the switches of the policy.

use crate::{
    args::{Naming, Settings},
    error::CommandError,
    terminal::Screen,
    tiers::{Tiers, if_allowed},
};
use api::{
    ids::ChatId,
    json::StringEnum,
    settings::{
        ChatOverride, ChatSettings, DeploymentSettings, PutChatSettings, PutDeploymentSettings, PutUserSettings,
        UserSettings,
    },
};
use client::Client;
use std::io::Write;

pub(crate) async fn run(
    client: &Client,
    naming: &Naming,
    command: Settings,
    screen: &mut Screen<impl Write>,
) -> Result<(), CommandError> {
    let done = match command {
        Settings::Show { chat, named, json } => {
            let chat = chat.or(named).map(|chat| naming.id(chat)).transpose()?;
            return show(client, chat, json, screen).await;
        }
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
            let (chat, override_) = (naming.id(chat)?, ChatOverride::from(over));
            client.put_chat_debug_logging(chat, &PutChatSettings { override_ }).await?;
            format!("Chat {chat} is set to {}.", override_.as_str())
        }
    };
    Ok(screen.line(&done)?)
}

async fn show(
    client: &Client,
    chat: Option<ChatId>,
    json: bool,
    screen: &mut Screen<impl Write>,
) -> Result<(), CommandError> {
    let gate = if_allowed(client.get_debug_logging().await)?;
    let user = if_allowed(client.get_user_debug_logging().await)?;
    let chat = match chat {
        Some(chat) => Some(client.get_chat_debug_logging(chat).await?),
        None => None,
    };
    if json {
        return screen.json(&Tiers { gate, user, chat });
    }
    let seen = user.map_or("only an admin may see it", gate_seen_by);
    screen.line(&format!("gate  {}", gate.map_or_else(|| seen.to_owned(), describe_gate)))?;
    screen.line(&format!("user  {}", user.map_or("a recorder has no setting of its own", describe_user)))?;
    if let Some(chat) = chat {
        screen.line(&format!("chat  {}", describe_chat(chat)))?;
    }
    Ok(())
}

const OPEN: &str = "on: users may record";
const CLOSED: &str = "off: users may not record";

/// What a user's own settings say of the gate.
fn gate_seen_by(user: UserSettings) -> &'static str {
    match (user.forced_by_deployment, user.user_toggle_allowed) {
        (true, _) => "without effect, since this deployment records every chat",
        (false, true) => OPEN,
        (false, false) => CLOSED,
    }
}

fn describe_gate(gate: DeploymentSettings) -> String {
    let stored = if gate.allow_users { OPEN } else { CLOSED };
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
    format!("{}: {effective}, decided by {}", chat.override_.as_str(), chat.decided_by.as_str())
}
