//! What a recorder writes.

mod changes;
mod counted;
mod limits;
mod resuming;
mod spelling;
mod totals;
mod turns;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{wire::round_trips, world::*};

async fn detail(world: &World, n: u32) -> Value {
    world.user("alice").get(&run(1, n)).await.expect(200).json()
}
