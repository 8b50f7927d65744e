//! The recorder kits against the real handlers: what they record is taken, and is what its owner reads.
//!
//! These programs stand on the kits alone: the SDKs that they record have tests of their own.

mod python;
pub(crate) mod typescript;

use serde_json::Value;
use std::process::Stdio;
use tests::{server::WorldServer, world::*};
use tokio::process::Command;

const OWNER: &str = "user-1";

/// Runs a program that records with a kit; returns whether it ended well, and what it printed.
async fn run(mut program: Command, world: &World, server: &WorldServer) -> (bool, String) {
    let key = world.token("recorder-1", local::issuer::TokenRole::Recorder);
    program.env("CHAT_DEBUG_URL", &server.origin).env("CHAT_DEBUG_KEY", key).env("NO_PROXY", "127.0.0.1");
    let output = program.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
    let [printed, complained] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.success(), printed + &complained)
}

/// The run that its owner reads.
async fn read(world: &World, chat: &str, run: &str) -> Value {
    world.user(OWNER).get(&format!("/api/experimental/chats/{chat}/debug/runs/{run}")).await.expect(200).json()
}
