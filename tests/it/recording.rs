//! What a recorder writes.

mod changes;
mod counted;
mod spelling;
mod totals;
mod turns;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{wire::round_trips, world::*};

async fn recording() -> World {
    let world = World::new().await;
    world.consent("alice").await;
    world
}

/// A step that does not fit into its head: its body has this many bytes.
fn large_step(number: Option<u32>, seed: u64, bytes: usize) -> Value {
    let mut step = step_body(number);
    let body = STANDARD.encode(noise(seed, bytes));
    step["attempts"] = json!([{"number": 1, "status": "completed", "request_body": body}]);
    step
}

async fn detail(world: &World, n: u32) -> Value {
    world.user("alice").get(&run(1, n)).await.expect(200).json()
}
