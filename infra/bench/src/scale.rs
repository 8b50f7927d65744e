//! What requests cost as what is stored, and what is returned, grows; and what many recorders at once lose.
//!
//! - [`growth`]: lists and details, of large chats and of large runs
//! - [`recorders`]: 10,000 turns by 64 recorders at once, each of them read back

mod growth;
mod recorders;

use crate::{report::Section, workload::owner};
use anyhow::Result;
use api::{json::Object, run::RunDetail};
use tests::world::{World, run};

pub(crate) async fn measure() -> Result<Vec<Section>> {
    Ok(vec![growth::measure().await?, recorders::measure().await?])
}

/// What a step sent to the model and got back.
type Exchange = (Object, Option<Object>);

/// What a run's steps exchanged with the model, as its owner reads it.
async fn exchanges(world: &World, owner_number: u32, chat: u32, n: u32) -> Result<Vec<Exchange>> {
    let answer = world.user(&owner(owner_number)).get(&run(chat, n)).await.expect(200);
    let detail: RunDetail = serde_json::from_str(&answer.body)?;
    Ok(detail.steps.into_iter().map(|step| (step.normalized_request, step.normalized_response)).collect())
}
