//! Writes the contents of a run's steps into files, byte for byte: those that the page has, and those that it omits.

use crate::{
    error::CommandError,
    terminal::{Screen, one_line},
};
use api::{
    content::{ContentName, Side},
    run::RunDetail,
    step::Step,
};
use client::Client;
use std::{
    fs::{self, File},
    io::Write,
    num::NonZeroU32,
    path::Path,
};

pub(crate) async fn save(
    client: &Client,
    detail: &RunDetail,
    folder: &Path,
    screen: &mut Screen<impl Write>,
) -> Result<(), CommandError> {
    fs::create_dir_all(folder).map_err(|error| CommandError::Save(folder.to_owned(), error))?;
    for step in &detail.steps {
        for (name, content) in present(step) {
            write(folder, step, name, content, screen)?;
        }
        for name in step.omitted.iter().map(|omitted| omitted.content) {
            let content = client.read_content(step.chat_id, step.run_id, step.step_number, name).await?;
            write(folder, step, name, &content, screen)?;
        }
    }
    Ok(())
}

/// Writes a content into a file of its own, and says where it is.
fn write(
    folder: &Path,
    step: &Step,
    name: ContentName,
    content: &[u8],
    screen: &mut Screen<impl Write>,
) -> Result<(), CommandError> {
    let file = folder.join(format!("step-{}-{name}", step.step_number).replace('/', "-"));
    // What is there already may be another run's.
    let written = File::create_new(&file).and_then(|mut created| created.write_all(content));
    written.map_err(|error| CommandError::Save(file.clone(), error))?;
    Ok(screen.line(&format!("{} ({} bytes)", one_line(&file.display().to_string()), content.len()))?)
}

/// The contents that a step has with it.
fn present(step: &Step) -> impl Iterator<Item = (ContentName, &[u8])> {
    let normalized =
        [(Side::Request, Some(&step.normalized_request)), (Side::Response, step.normalized_response.as_ref())];
    let normalized = normalized.into_iter().filter_map(|(side, object)| {
        let name = ContentName { attempt: None, side };
        // `{}` stands for one that is omitted.
        let is_omitted = step.omitted.iter().any(|omitted| omitted.content == name);
        Some((name, object.filter(|_| !is_omitted)?.get().as_bytes()))
    });
    let places = (1..=u32::MAX).filter_map(NonZeroU32::new);
    let bodies = places.zip(&step.attempts).flat_map(|(place, attempt)| {
        let sides = [(Side::Request, &attempt.request_body), (Side::Response, &attempt.response_body)];
        sides
            .into_iter()
            .filter_map(move |(side, body)| Some((ContentName { attempt: Some(place), side }, &*body.as_ref()?.0)))
    });
    normalized.chain(bodies)
}
