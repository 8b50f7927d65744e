//! One's own chats as a table, newest registration first.

use crate::{
    args,
    error::CommandError,
    terminal::{Screen, Style, one_line, shorten},
};
use api::{chat::ListedChat, external::ExternalId};
use client::Client;
use std::io::{self, Write};

/// How much of a chat product's own word is shown.
const WORD: usize = 60;

pub(crate) async fn show(
    client: &Client,
    arguments: &args::Chats,
    screen: &mut Screen<impl Write>,
) -> Result<(), CommandError> {
    let (wanted, limit) = args::wanted(arguments.all, arguments.limit);
    let (chats, are_more) = client.newest_chats(Some(limit), wanted).await?;
    if arguments.json { screen.json(&chats) } else { Ok(table(&chats, are_more, screen)?) }
}

fn table(chats: &[ListedChat], are_more: bool, screen: &mut Screen<impl Write>) -> io::Result<()> {
    if chats.is_empty() {
        return screen.line("No chats: none of yours has been registered, or they are deleted.");
    }
    let head = screen.paint(Style::Strong, &format!("{:<36}  {:<27}  EXTERNAL ID", "CHAT", "REGISTERED"));
    screen.line(&head)?;
    for ListedChat { id, registered_at, external_id } in chats {
        let word = external_id.as_ref().map_or("-", ExternalId::as_str);
        screen.line(&format!("{id}  {:<27}  {}", registered_at.to_string(), shorten(&one_line(word), WORD)))?;
    }
    if are_more {
        let hint = screen.paint(Style::Faint, "There are more: --all shows every chat.");
        screen.line(&hint)?;
    }
    Ok(())
}
