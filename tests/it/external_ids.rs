//! Chats by the chat product's own word: which id it makes, what is refused, and what is stored of it.

use api::routes::PREVIEW_REDACTION;
use serde_json::{Value, json};
use tests::world::*;

async fn listed(world: &World) -> Value {
    world.user("alice").get(&chats()).await.expect(200).json()
}

#[tokio::test]
async fn a_chat_of_any_name_is_registered_recorded_and_listed() {
    let world = World::recording("alice").await;
    for word in ["conversation 7", "\0", "caf\u{e9}", "cafe\u{301}", &chat_id(1), &"x".repeat(256)] {
        let chat = named_chat("alice", word);
        let registration = json!({"owner_id": "alice", "external_id": word});
        world.recorder().put(&chat, &registration).await.expect(201);
        world.recorder().put(&chat, &registration).await.expect(200);
        assert_eq!(listed(&world).await[0]["external_id"], word);
        let mut posted = turn("alice", 1, vec![step_body(Some(1))]);
        posted["external_id"] = json!(word);
        world.recorder().post(&format!("{chat}/debug/runs"), &posted).await.expect(201);
        world.recorder().post(&format!("{chat}/debug/runs"), &posted).await.expect(200);
        assert!(chat.ends_with(listed(&world).await[0]["id"].as_str().unwrap()));
    }
    assert_eq!(listed(&world).await.as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn a_first_run_registers_the_word_as_well_and_the_first_one_stays() {
    let world = World::recording("alice").await;
    let runs = format!("{}/debug/runs", named_chat("alice", "w"));
    for (n, steps) in [(1, vec![]), (2, (1..=91).map(|number| step_body(Some(number))).collect())] {
        let mut posted = turn("alice", n, steps);
        posted["external_id"] = json!("w");
        world.recorder().post(&runs, posted).await.expect(201);
    }
    assert_eq!(listed(&world).await[0]["external_id"], "w");
    world.recorder().put(&chat(2), json!({"owner_id": "alice"})).await.expect(201);
    assert_eq!(listed(&world).await[0].get("external_id"), None);
}

#[tokio::test]
async fn a_word_that_makes_another_id_is_refused_with_the_one_that_it_makes() {
    let world = World::recording("alice").await;
    let chat = named_chat("alice", "w");
    for (owner, word) in [("alice", "W"), ("alice", "w "), ("bob", "w"), ("alice", chat.rsplit('/').next().unwrap())] {
        let own = named_chat(owner, word);
        let mut run = open_run(owner, 1);
        run["external_id"] = json!(word);
        let answers = [
            world.recorder().put(&chat, json!({"owner_id": owner, "external_id": word})).await,
            world.recorder().post(&format!("{chat}/debug/runs"), run).await,
        ];
        for answer in answers {
            let wrong = &answer.expect(400).problem("invalid-body").validations[0];
            assert_eq!(wrong.field, "/external_id");
            assert!(wrong.detail.contains(own.rsplit('/').next().unwrap()), "{wrong:?}");
        }
    }
    for bad in [json!(""), json!("x".repeat(257)), json!("\u{e9}".repeat(129)), json!(7), json!([]), json!({})] {
        let body = json!({"owner_id": "alice", "external_id": bad});
        let wrong = &world.recorder().put(&chat, body).await.expect(400).problem("invalid-body").validations[0];
        assert_eq!(wrong.field, "/external_id", "{bad}");
    }
    let half = r#"{"owner_id": "alice", "external_id": "\ud83d"}"#;
    world.recorder().put(&chat, half).await.expect(400).problem("invalid-body");
    assert_eq!(listed(&world).await, json!([]));
}

#[tokio::test]
async fn the_word_as_it_was_sent_makes_the_id_and_no_key_in_it_is_stored() {
    let world = World::recording("alice").await;
    let named = "chat of sk-ant-api03-0123456789abcdefABCDEF";
    for (word, runs_first) in [(named.to_owned(), false), (format!("{named} again"), true)] {
        let chat = named_chat("alice", &word);
        if runs_first {
            let mut run = open_run("alice", 1);
            run["external_id"] = json!(word);
            world.recorder().post(&format!("{chat}/debug/runs"), run).await.expect(201);
        } else {
            world.recorder().put(&chat, json!({"owner_id": "alice", "external_id": word})).await.expect(201);
        }
        let shown = listed(&world).await;
        assert!(shown[0]["external_id"].as_str().unwrap().starts_with("chat of [REDACTED:anthropic-key]"), "{shown}");
    }
    assert!(world.items().iter().all(|item| !item.to_string().contains("sk-ant-")));
    // A mask may be longer than the key: what is stored is a word still.
    let named = format!("{} sk-ant-api03-0123456789abcdefABCDEF", "x".repeat(215));
    world
        .recorder()
        .put(&named_chat("alice", &named), json!({"owner_id": "alice", "external_id": named}))
        .await
        .expect(201);
    assert!(listed(&world).await[0]["external_id"].as_str().unwrap().len() <= 256);
}

#[tokio::test]
async fn the_word_goes_with_the_chat() {
    let world = World::recording("alice").await;
    let chat = named_chat("alice", "a canary of a word");
    world.recorder().put(&chat, json!({"owner_id": "alice", "external_id": "a canary of a word"})).await.expect(201);
    world.user("alice").delete(&chat).await.expect(204);
    assert!(world.items().iter().all(|item| !item.to_string().contains("canary")));
}

#[tokio::test]
async fn a_word_without_an_owner_has_to_be_the_one_of_the_chat_s_owner() {
    let world = World::recording("alice").await;
    let chat = named_chat("alice", "w");
    world.recorder().put(&chat, json!({"owner_id": "alice"})).await.expect(201);
    world.recorder().post(&format!("{chat}/debug/runs"), open_run("alice", 1)).await.expect(201);
    let run = format!("{chat}/debug/runs/{}", run_id(1));
    let general = world.key(None).await;
    for caller in [world.recorder(), world.bearer(&general)] {
        for (word, status) in [("w", 200), ("W", 400), ("sk-ant-api03-0123456789abcdefABCDEF", 400)] {
            let mut step = step_body(None);
            step["external_id"] = json!(word);
            let put = caller.put(&format!("{run}/steps/1"), &step).await;
            let patched = caller.patch(&run, json!({"model": "m", "external_id": word})).await.expect(status);
            assert_eq!(put.status / 100, status / 100, "{}", put.body);
            for answer in [put, patched].into_iter().filter(|answer| answer.status == 400) {
                assert_eq!(answer.problem("invalid-body").validations[0].field, "/external_id");
                assert!(!answer.body.contains("alice"), "{}", answer.body);
            }
        }
    }
    let missing = format!("{chat}/debug/runs/{}", run_id(9));
    world.recorder().patch(&missing, json!({"external_id": "W"})).await.expect(404);
}

#[tokio::test]
async fn the_word_of_a_step_or_a_patch_is_not_stored_and_adds_to_no_receipt() {
    let world = World::recording("alice").await;
    let named = "chat of sk-ant-api03-0123456789abcdefABCDEF";
    let chat = named_chat("alice", named);
    let mut posted = open_run("alice", 1);
    posted["external_id"] = json!(named);
    world.recorder().post(&format!("{chat}/debug/runs"), posted).await.expect(201);
    let run = format!("{chat}/debug/runs/{}", run_id(1));
    let mut step = step_body(None);
    step["external_id"] = json!(named);
    world.recorder().put(&format!("{run}/steps/1"), &step).await.expect(201);
    for _ in 0..3 {
        let patch = json!({"external_id": named, "owner_id": "alice", "model": named});
        world.recorder().patch(&run, patch).await.expect(200);
    }
    let shown = world.user("alice").get(&run).await.expect(200).json();
    let places: Vec<_> = shown["redaction"]["found"].as_array().unwrap().iter().map(|found| &found["at"]).collect();
    assert_eq!(places, ["/external_id", "/model"]);
    assert_eq!(shown["redaction"]["total"], 2);
    assert_eq!(shown["steps"][0].get("redaction"), None);
    let mut shown = step_body(None);
    shown["external_id"] = json!(named);
    let previewed = world.recorder().post(PREVIEW_REDACTION.path, shown).await.expect(200);
    assert!(!previewed.body.contains("external_id") && !previewed.body.contains("sk-ant"), "{}", previewed.body);
    assert!(world.items().iter().all(|item| !item.to_string().contains("sk-ant-")));
}

#[tokio::test]
async fn a_word_of_a_query_is_utf_8_or_refused() {
    let world = World::recording("alice").await;
    let chat = named_chat("alice", "\u{fffd}");
    for (word, status) in [("%ff", 400), ("%c3", 400), ("%ed%a0%bd", 400), ("%ef%bf%bd", 200)] {
        let path = format!("{chat}/debug/decision?owner_id=alice&external_id={word}");
        let answer = world.recorder().get(&path).await.expect(status);
        if status == 400 {
            assert_eq!(answer.problem("invalid-query").validations[0].field, "external_id", "{word}");
        }
    }
}
