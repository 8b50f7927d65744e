//! Makes, lists and revokes recorder keys.
//!
//! A new key is printed alone on standard output, so that a script can keep it; what there is to know of it goes to
//! standard error.

use crate::{
    args::Keys,
    error::CommandError,
    terminal::{Screen, Style, one_line},
};
use api::recorder_keys::{CreateRecorderKey, KeyLabel, RecorderKey};
use client::Client;
use std::io::{self, Write};

pub(crate) async fn run(client: &Client, command: Keys, screen: &mut Screen<impl Write>) -> Result<(), CommandError> {
    match command {
        Keys::Create { general, label, expires, json } => {
            let made = client.create_recorder_key(&CreateRecorderKey { general, label, expires_at: expires }).await?;
            if json {
                return screen.json(&made);
            }
            screen.line(&made.key)?;
            let told =
                format!("Key {} records for {}. Nobody can read it again.", made.about.id, records_for(&made.about));
            let _ = writeln!(io::stderr(), "chat-debug: {}", one_line(&told));
            Ok(())
        }
        Keys::List { json } => {
            let keys = client.list_recorder_keys().await?;
            if json { screen.json(&keys) } else { Ok(table(&keys, screen)?) }
        }
        Keys::Revoke { key } => {
            client.delete_recorder_key(key).await?;
            Ok(screen.line(&format!("Key {key} is revoked, for ever."))?)
        }
    }
}

fn records_for(key: &RecorderKey) -> String {
    key.owner_id.as_ref().map_or_else(|| "any owner".to_owned(), |owner| format!("{owner} alone"))
}

fn table(keys: &[RecorderKey], screen: &mut Screen<impl Write>) -> io::Result<()> {
    if keys.is_empty() {
        return screen.line("No keys.");
    }
    let head = format!("{:<36}  {:<10}  {:<10}  {:<27}  {:<20}  LABEL", "KEY", "MADE", "LAST USED", "EXPIRES", "FOR");
    let head = screen.paint(Style::Strong, &head);
    screen.line(&head)?;
    for key in keys {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let (made, used) = (key.created_at.day().to_string(), or_dash(key.last_used_day.map(|day| day.to_string())));
        let (expires, owner) = (or_dash(key.expires_at.map(|at| at.to_string())), records_for(key));
        let label = or_dash(key.label.as_ref().map(KeyLabel::to_string));
        screen.line(&format!(
            "{}  {made:<10}  {used:<10}  {expires:<27}  {owner:<20}  {}",
            key.id,
            one_line(&label)
        ))?;
    }
    Ok(())
}
