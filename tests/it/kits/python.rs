//! The kit for Python.

use super::{OWNER, read, run};
use serde_json::json;
use std::path::Path;
use tests::{server::WorldServer, world::*};
use tokio::process::Command;

/// Runs Python with the kit.
async fn python(world: &World, server: &WorldServer, arguments: &[&str]) -> (bool, String) {
    let kit = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("shared/kits/python/src");
    let mut program = Command::new("python3");
    program.args(arguments).env("PYTHONPATH", kit).env("PYTHONDONTWRITEBYTECODE", "1");
    run(program, world, server).await
}

#[tokio::test]
async fn the_check_records_a_turn_and_says_who_stands_in_its_way() {
    let world = World::new().await;
    let server = WorldServer::of(&world).await;
    let check = ["-m", "chat_debug", "check", "--owner", OWNER, "--chat", "conversation-7"];
    let (is_well, printed) = python(&world, &server, &check).await;
    assert!(!is_well && printed.contains("MISSING  This chat is not recorded; the gate decides."), "{printed}");

    world.consent(OWNER).await;
    let (is_well, printed) = python(&world, &server, &check).await;
    assert!(is_well, "{printed}");
    let told = printed.split("run ").nth(1).unwrap_or_else(|| panic!("{printed}"));
    let (run, chat) = told.lines().next().unwrap().split_once(" of chat ").unwrap();
    let run = read(&world, chat, run).await;
    let step = &run["steps"][0];
    assert_eq!(json!([run["status"], run["model"]]), json!(["completed", "chat-debug-check"]), "{run}");
    assert_eq!(step["normalized_request"]["messages"][0]["content"], "Is this recorded?");
    assert_eq!(step["attempts"][0]["response_status"], 200);
}

/// Three calls that are too large together, and a key that must not be there.
const LARGE: &str = r#"
import base64, chat_debug, chat_debug.packing, json, random
# The real limit is a matter of megabytes, which the handlers take a while to look through as the tests build them.
chat_debug.packing.MAX_PACKED = 150_000
debug = chat_debug.Recorder(timeout=60)
noise = random.Random(1)
with debug.turn("large", "user-1", first_message="Hello", trigger_message_id=14) as turn:
    for number in range(3):
        text = base64.b64encode(noise.randbytes(60_000)).decode()
        request = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()
        attempt = turn.begin("POST", "https://api.openai.com/v1/chat/completions", [("authorization", "Bearer k")], request)
        attempt.answered(200, [("content-type", "application/json")])
        usage = {"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}
        attempt.received(json.dumps({"choices": [], "usage": usage}).encode())
        attempt.ended()
assert debug.flush(120) and debug.counters["recorded"] == 1, debug.counters
print(turn.chat_id, turn.id)
"#;

#[tokio::test]
async fn a_turn_that_is_too_large_for_one_post_is_recorded_whole() {
    let world = World::recording(OWNER).await;
    let server = WorldServer::of(&world).await;
    let (is_well, printed) = python(&world, &server, &["-c", LARGE]).await;
    assert!(is_well, "{printed}");
    let (chat, run) = printed.trim().split_once(' ').unwrap();
    let asked: Vec<_> = server.asked().iter().map(|request| request.method).collect();
    assert_eq!((&asked[..2], asked.last()), (&["GET", "POST"][..], Some(&"PATCH")));
    assert_eq!(asked.iter().filter(|method| **method == "PUT").count(), 3);
    let run = read(&world, chat, run).await;
    let told = [&run["status"], &run["trigger_message_id"], &run["provider"], &run["model"]];
    assert_eq!(json!(told), json!(["completed", 14, "openai", "m"]));
    let counted = ["step_count", "total_input_tokens", "total_output_tokens", "total_cache_read_tokens"];
    assert_eq!(json!(counted.map(|count| &run["summary"][count])), json!([3, 15, 6, 12]));
    assert_eq!(run["steps"][0]["attempts"][0]["request_headers"]["authorization"], "[REDACTED]");
}
