//! Chats by the chat product's own word: which id it makes, what is refused, and what is stored of it.

use serde_json::{Value, json};
use tests::world::*;

async fn recording() -> World {
    let world = World::new().await;
    world.consent("alice").await;
    world
}

async fn listed(world: &World) -> Value {
    world.user("alice").get(&chats()).await.expect(200).json()
}

#[tokio::test]
async fn a_chat_of_any_name_is_registered_recorded_and_listed() {
    let world = recording().await;
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
    let world = recording().await;
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
    let world = recording().await;
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
    let world = recording().await;
    let word = "chat of sk-ant-api03-0123456789abcdefABCDEF";
    for (word, runs_first) in [(word.to_owned(), false), (format!("{word} again"), true)] {
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
    let word = format!("{} sk-ant-api03-0123456789abcdefABCDEF", "x".repeat(215));
    world
        .recorder()
        .put(&named_chat("alice", &word), json!({"owner_id": "alice", "external_id": word}))
        .await
        .expect(201);
    assert!(listed(&world).await[0]["external_id"].as_str().unwrap().len() <= 256);
}

#[tokio::test]
async fn the_word_goes_with_the_chat() {
    let world = recording().await;
    let chat = named_chat("alice", "a canary of a word");
    world.recorder().put(&chat, json!({"owner_id": "alice", "external_id": "a canary of a word"})).await.expect(201);
    world.user("alice").delete(&chat).await.expect(204);
    assert!(world.items().iter().all(|item| !item.to_string().contains("canary")));
}
