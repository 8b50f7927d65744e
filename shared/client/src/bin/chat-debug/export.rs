//! Writes a run into a HAR, whatever its size: page by page, with each body that a page omits.

use crate::{
    error::CommandError,
    terminal::{Screen, one_line},
};
use api::{
    content::Side,
    ids::{ChatId, RunId},
    step::Body,
};
use client::Client;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::PathBuf,
};

pub(crate) async fn export(
    client: &Client,
    (chat, run): (ChatId, RunId),
    output: Option<PathBuf>,
    screen: &mut Screen<impl Write>,
) -> Result<(), CommandError> {
    let mut detail = client.read_run(chat, run).await?;
    for step in &mut detail.steps {
        for omitted in std::mem::take(&mut step.omitted) {
            // A normalized form is no part of an exchange.
            let Some(place) = omitted.content.attempt else { continue };
            let content = client.read_content(chat, run, step.step_number, omitted.content).await?;
            let at = usize::try_from(place.get()).ok().and_then(|place| place.checked_sub(1));
            if let Some(attempt) = at.and_then(|at| step.attempts.get_mut(at)) {
                let body = match omitted.content.side {
                    Side::Request => &mut attempt.request_body,
                    Side::Response => &mut attempt.response_body,
                };
                *body = Some(Body(content));
            }
        }
    }
    let file = output.unwrap_or_else(|| format!("run-{run}.har").into());
    let written = File::create_new(&file).and_then(|created| {
        let mut created = BufWriter::new(created);
        serde_json::to_writer(&mut created, &llm::har::har(&detail, usize::MAX)).map_err(io::Error::from)?;
        created.flush()
    });
    written.map_err(|error| CommandError::Save(file.clone(), error))?;
    Ok(screen.line(&one_line(&file.display().to_string()))?)
}
