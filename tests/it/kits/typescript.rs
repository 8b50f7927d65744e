//! The kit for TypeScript.

use super::{OWNER, read, run};
use std::{
    path::{Path, PathBuf},
    process::Stdio,
};
use tests::{server::WorldServer, world::*};
use tokio::{process::Command, sync::OnceCell};

/// The kit's folder, with the kit built in it.
pub(crate) async fn kit() -> &'static Path {
    static KIT: OnceCell<PathBuf> = OnceCell::const_new();
    let build = async || {
        let kit = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("shared/kits/typescript");
        let built = Command::new("node").arg(kit.join("scripts/build.js")).stdin(Stdio::null()).status().await;
        assert!(built.unwrap_or_else(|error| panic!("node is missing, which builds the kit: {error}")).success());
        kit
    };
    KIT.get_or_init(build).await
}

/// Runs Node with the kit.
async fn node(world: &World, server: &WorldServer, arguments: &[&str]) -> (bool, String) {
    let mut program = Command::new("node");
    program.args(arguments).current_dir(kit().await);
    run(program, world, server).await
}

#[tokio::test]
async fn the_check_records_a_turn_and_says_who_stands_in_its_way() {
    let world = World::new().await;
    let server = WorldServer::of(&world).await;
    let check = ["dist/esm/cli.js", "check", "--owner", OWNER, "--chat", "conversation-7"];
    let (is_well, printed) = node(&world, &server, &check).await;
    assert!(!is_well && printed.contains("The gate is closed."), "{printed}");

    world.consent(OWNER).await;
    let (is_well, printed) = node(&world, &server, &check).await;
    assert!(is_well, "{printed}");
    let told = printed.split("run ").nth(1).unwrap_or_else(|| panic!("{printed}"));
    let (run, chat) = told.split_once(',').unwrap().0.split_once(" of chat ").unwrap();
    let run = read(&world, chat, run).await;
    let step = &run["steps"][0];
    assert_eq!((&run["status"], &run["model"]), (&"completed".into(), &"check".into()), "{run}");
    assert_eq!(step["normalized_request"]["messages"][0]["content"], "Is this recorded?");
    assert_eq!(step["attempts"][0]["response_status"], 200);
}

/// Three calls that are too large together, and a key that must not be there.
const LARGE: &str = r#"
import { randomBytes } from "node:crypto";
import { Recorder } from "chat-debug";
const usage = { prompt_tokens: 5, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } };
const debug = new Recorder({ fetch: async () => Response.json({ choices: [], usage }) });
const run = await debug.turn("large", "user-1", { firstMessage: "Hello", triggerMessageId: 14 }, async ({ runId }) => {
  for (let call = 0; call < 6; call++) {
    const messages = [{ role: "user", content: randomBytes(700_000).toString("base64") }];
    const init = { method: "POST", headers: { authorization: "Bearer k" }, body: JSON.stringify({ model: "m", messages }) };
    await (await debug.fetch("https://api.openai.com/v1/chat/completions", init)).text();
  }
  return runId;
});
if (!(await debug.flush(120_000)) || debug.counters.recorded !== 1) throw new Error(JSON.stringify(debug.counters));
console.log(run);
"#;

#[tokio::test]
async fn a_turn_that_is_too_large_for_one_post_is_recorded_whole() {
    let world = World::recording(OWNER).await;
    let server = WorldServer::of(&world).await;
    let (is_well, printed) = node(&world, &server, &["--input-type=module", "--eval", LARGE]).await;
    assert!(is_well, "{printed}");
    let asked = server.asked();
    // More when this machine is slow: a step that is not answered in time is put again.
    assert!(asked.iter().filter(|request| request.method == "PUT").count() >= 6, "it goes step by step");
    let opened = asked.iter().rfind(|request| request.method == "POST").unwrap();
    let run = world.user(OWNER).get(&format!("{}/{}", opened.path, printed.trim())).await.expect(200).json();
    let summary = &run["summary"];
    assert_eq!((&run["status"], &run["trigger_message_id"]), (&"completed".into(), &14.into()));
    assert_eq!((&run["provider"], &run["model"]), (&"openai".into(), &"m".into()));
    assert_eq!((&summary["step_count"], &summary["total_input_tokens"]), (&6.into(), &30.into()), "{summary}");
    assert_eq!((&summary["total_output_tokens"], &summary["total_cache_read_tokens"]), (&12.into(), &24.into()));
    assert_eq!(run["steps"][0]["attempts"][0]["request_headers"]["authorization"], "[REDACTED]");
}
