//! One's own chats as a table, newest registration first.

use crate::{
    args,
    error::CommandError,
    terminal::{Screen, Style},
};
use api::chat::ListedChat;
use client::Client;
use std::io::{self, Write};

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
    let head = screen.paint(Style::Strong, &format!("{:<36}  REGISTERED", "CHAT"));
    screen.line(&head)?;
    for ListedChat { id, registered_at } in chats {
        screen.line(&format!("{id}  {registered_at}"))?;
    }
    if are_more {
        let hint = screen.paint(Style::Faint, "There are more: --all shows every chat.");
        screen.line(&hint)?;
    }
    Ok(())
}
