//! What was deleted never comes back.

use serde_json::{Value, json};
use tests::world::*;

async fn recorded() -> World {
    let world = World::new().await;
    world.consent("alice").await;
    let mut large = step_body(None);
    large["metadata"] = json!({"text": "x".repeat(1_000_000)});
    for n in [1, 2] {
        world.recorder().post(&runs(1), open_run("alice", n)).await.expect(201);
        world.recorder().put(&step(1, n, 1), &large).await.expect(201);
        world.recorder().put(&step(1, n, 2), step_body(None)).await.expect(201);
    }
    world
}

/// Every way back for a run, and what it is told.
async fn assert_closed(world: &World) {
    let (alice, recorder) = (world.user("alice"), world.recorder());
    for answer in [
        alice.get(&run(1, 1)).await,
        alice.get(&format!("{}/steps", run(1, 1))).await,
        recorder.post(&runs(1), open_run("alice", 1)).await,
        recorder.post(&runs(1), turn("alice", 1, vec![step_body(Some(9))])).await,
        recorder.put(&step(1, 1, 1), step_body(None)).await,
        recorder.put(&step(1, 1, 9), "no JSON").await,
        recorder.patch(&run(1, 1), json!({"status": "completed"})).await,
    ] {
        answer.expect(404).problem("not-found");
    }
}

#[tokio::test]
async fn a_deleted_run_is_gone_for_everybody_and_for_ever() {
    let world = recorded().await;
    world.user("alice").delete(&run(1, 1)).await.expect(204);
    assert_closed(&world).await;
    let listed = world.user("alice").get(&runs(1)).await.expect(200).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    let other = world.user("alice").get(&run(1, 2)).await.expect(200).json();
    assert_eq!(other["steps"].as_array().map(Vec::len), Some(2), "the other run is whole");
    let of_run: Vec<Value> =
        world.items().into_iter().filter(|item| item["sk"].to_string().contains(&run_id(1))).collect();
    assert_eq!(of_run.len(), 1, "nothing is left but its mark");
    assert!(of_run[0]["sk"]["S"].as_str().unwrap().starts_with("GONE#"));
}

#[tokio::test]
async fn a_delete_can_be_repeated_by_the_owner_alone() {
    let world = recorded().await;
    world.user("mallory").delete(&run(1, 1)).await.expect(404);
    world.admin().delete(&run(1, 1)).await.expect(404);
    world.user("alice").delete(&run(1, 77)).await.expect(404);
    for _ in 0..2 {
        world.user("alice").delete(&run(1, 1)).await.expect(204);
        world.user("mallory").delete(&run(1, 1)).await.expect(404);
    }
    for _ in 0..2 {
        world.user("alice").delete(&chat(1)).await.expect(204);
        world.user("mallory").delete(&chat(1)).await.expect(404);
    }
    world.user("alice").delete(&run(1, 2)).await.expect(404);
}

#[tokio::test]
async fn a_deleted_chat_is_gone_with_everything_about_it() {
    let world = recorded().await;
    world.user("alice").delete(&run(1, 2)).await.expect(204);
    world.user("alice").delete(&chat(1)).await.expect(204);
    assert_closed(&world).await;
    let (alice, recorder) = (world.user("alice"), world.recorder());
    for answer in [
        alice.get(&runs(1)).await,
        alice.get(&chat_setting(1)).await,
        alice.put(&chat_setting(1), json!({"override": "off"})).await,
        recorder.get(&chat_setting(1)).await,
        recorder.put(&chat(1), json!({"owner_id": "alice"})).await,
        recorder.put(&chat(1), json!({"owner_id": "mallory"})).await,
        recorder.put(&chat(1), "no JSON").await,
        recorder.post(&runs(1), open_run("mallory", 5)).await,
        recorder.post(&runs(1), "no JSON").await,
    ] {
        answer.expect(404).problem("not-found");
    }
    assert_eq!(world.kinds(1), ["CHAT"], "nothing is left but its mark");
}

#[tokio::test]
async fn a_repeated_delete_goes_on_where_the_first_one_ended() {
    let world = recorded().await;
    world.wire.rule(|seen| match &*seen.operation {
        "BatchWriteItem" => tests::wire::Fate::Answer(500, tests::wire::error("InternalServerError")),
        _ => tests::wire::Fate::Pass,
    });
    world.user("alice").delete(&run(1, 1)).await.expect(204);
    assert_closed(&world).await;
    assert!(world.kinds(1).contains(&"BODY".to_owned()));
    world.wire.rule(|_| tests::wire::Fate::Pass);
    world.user("alice").delete(&run(1, 1)).await.expect(204);
    let left = world.items().into_iter().filter(|item| item["sk"].to_string().contains(&run_id(1))).count();
    assert_eq!(left, 1);
}
