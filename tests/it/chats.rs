//! The list of one's own chats: who registers what, in which order it is listed, and what is never listed again.

use futures_util::future::join_all;
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use tests::{
    wire::{Fate, error},
    world::*,
};

async fn register(world: &World, n: u32, owner: &str) {
    world.recorder().put(&chat(n), json!({"owner_id": owner})).await.expect(201);
}

/// The ids of a user's chats, page by page, and how many pages there were.
async fn listed(world: &World, user: &str, limit: u32) -> (Vec<String>, usize) {
    let (mut ids, mut pages) = (Vec::new(), 0);
    let mut next = Some(format!("{}?limit={limit}", chats()));
    while let Some(path) = next {
        let page = world.user(user).get(&path).await.expect(200);
        ids.extend(page.json().as_array().unwrap().iter().map(|chat| chat["id"].as_str().unwrap().to_owned()));
        next = page.next();
        pages += 1;
    }
    (ids, pages)
}

async fn all_of(world: &World, user: &str) -> Vec<String> {
    listed(world, user, 100).await.0
}

#[tokio::test]
async fn a_chat_is_listed_from_its_registration_on_the_newest_first() {
    let world = World::recording("alice").await;
    register(&world, 1, "alice").await;
    world.app.clock.advance(Duration::from_secs(1));
    world.recorder().post(&runs(3), open_run("alice", 1)).await.expect(201);
    world.app.clock.advance(Duration::from_secs(1));
    let steps = (1..=91).map(|number| step_body(Some(number))).collect();
    world.recorder().post(&runs(2), turn("alice", 2, steps)).await.expect(201);
    let before = world.user("alice").get(&chats()).await.expect(200);
    let times: Vec<_> = before.json().as_array().unwrap().iter().map(|it| it["registered_at"].to_string()).collect();
    assert!(times.is_sorted_by(|newer, older| newer > older), "{times:?}");
    assert_eq!(all_of(&world, "alice").await, [2, 3, 1].map(chat_id));
    // What happens in a chat later, its registration again among it, moves nothing.
    world.app.clock.advance(Duration::from_secs(1));
    world.recorder().put(&chat(1), json!({"owner_id": "alice"})).await.expect(200);
    world.recorder().post(&runs(1), open_run("alice", 3)).await.expect(201);
    world.user("alice").put(&chat_setting(1), json!({"override": "off"})).await.expect(204);
    assert_eq!(world.user("alice").get(&chats()).await.expect(200).body, before.body);
}

#[tokio::test]
async fn everybody_sees_their_own_chats_alone() {
    let world = World::recording("alice").await;
    register(&world, 1, "alice").await;
    register(&world, 2, "bob").await;
    register(&world, 3, "alic").await;
    world.recorder().put(&chat(1), json!({"owner_id": "mallory"})).await.expect(409);
    for (user, chat) in [("alice", 1), ("bob", 2), ("alic", 3)] {
        assert_eq!(all_of(&world, user).await, [chat_id(chat)]);
    }
    assert_eq!(world.user("mallory").get(&chats()).await.expect(200).body, "[]");
    assert_eq!(world.admin().get(&chats()).await.expect(200).body, "[]");
    world.recorder().get(&chats()).await.expect(403).problem("user-only");
}

#[tokio::test]
async fn what_is_not_recorded_is_not_listed() {
    let world = World::new().await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(200);
    assert_eq!(world.user("alice").get(&chats()).await.expect(200).body, "[]");
    assert_eq!(world.items(), Vec::<Value>::new());
}

#[tokio::test]
async fn a_long_list_is_read_page_by_page_for_what_each_page_shows() {
    let world = World::recording("alice").await;
    for n in 1..=250 {
        register(&world, n, "alice").await;
    }
    let newest_first: Vec<_> = (1..=250).rev().map(chat_id).collect();
    for (limit, expected) in [(100, 3), (50, 5), (99, 3)] {
        assert_eq!(listed(&world, "alice", limit).await, (newest_first.clone(), expected), "pages of {limit}");
    }
    for (limit, units) in [(1, 1.0), (40, 1.0), (100, 2.0)] {
        let page = world.user("alice").get(&format!("{}?limit={limit}", chats())).await.expect(200);
        assert_eq!((&page.line["round_trips"], &page.line["read_units"]), (&json!(1), &json!(units)), "{limit}");
    }
    // Chats that come meanwhile are on pages that were read: nothing is missed, and nothing comes twice.
    let first = world.user("alice").get(&format!("{}?limit=100", chats())).await.expect(200);
    register(&world, 251, "alice").await;
    world.user("alice").delete(&chat(151)).await.expect(204);
    let second = world.user("alice").get(&first.next().unwrap()).await.expect(200).json();
    assert_eq!(second[0]["id"], chat_id(150));
}

#[tokio::test]
async fn a_cursor_is_good_for_its_users_list_alone() {
    let world = World::recording("alice").await;
    for n in 1..=3 {
        register(&world, n, "alice").await;
    }
    register(&world, 4, "bob").await;
    let next = world.user("alice").get(&format!("{}?limit=1", chats())).await.expect(200).next().unwrap();
    world.user("alice").get(&next).await.expect(200);
    for other in [next.replace("cursor=A", "cursor=B"), format!("{next}0"), next.replace("limit=1", "limit=0")] {
        world.user("alice").get(&other).await.expect(400).problem("invalid-query");
    }
    world.user("bob").get(&next).await.expect(400).problem("invalid-query");
    let cursor = next.split_once("cursor=").unwrap().1;
    world.user("alice").get(&format!("{}?cursor={cursor}", runs(1))).await.expect(400).problem("invalid-query");
    for query in ["status=error", "owner_id=alice", "limit=1&limit=1", "limit=101"] {
        world.user("alice").get(&format!("{}?{query}", chats())).await.expect(400).problem("invalid-query");
    }
}

#[tokio::test]
async fn a_deleted_chat_is_never_listed_again() {
    let world = World::recording("alice").await;
    for n in [1, 2] {
        world.recorder().post(&runs(n), turn("alice", n, vec![step_body(Some(1))])).await.expect(201);
    }
    world.user("mallory").delete(&chat(1)).await.expect(404);
    assert_eq!(all_of(&world, "alice").await, [2, 1].map(chat_id));
    // Also while something of it is left.
    world.wire.rule(|seen| match &*seen.operation {
        "BatchWriteItem" => Fate::Answer(500, error("InternalServerError")),
        _ => Fate::Pass,
    });
    world.user("alice").delete(&chat(1)).await.expect(202);
    assert_eq!(all_of(&world, "alice").await, [chat_id(2)]);
    world.wire.rule(|_| Fate::Pass);
    for _ in 0..2 {
        world.user("alice").delete(&chat(1)).await.expect(204);
        world.recorder().put(&chat(1), json!({"owner_id": "alice"})).await.expect(404);
        world.recorder().post(&runs(1), open_run("alice", 3)).await.expect(404);
        assert_eq!(all_of(&world, "alice").await, [chat_id(2)]);
    }
}

/// The entries of all lists: who has which chat.
fn entries(world: &World) -> Vec<(String, String)> {
    let text = |item: &Value, name: &str| item[name]["S"].as_str().unwrap().to_owned();
    let of_owners = world.items().into_iter().filter(|item| text(item, "pk").starts_with("OWNER#"));
    of_owners.map(|item| (text(&item, "pk"), text(&item, "sk").split('#').nth(2).unwrap().to_owned())).collect()
}

#[tokio::test]
async fn registrations_at_once_list_a_chat_once_for_who_owns_it() {
    let world = World::recording("alice").await;
    world.consent("bob").await;
    for n in 1..=4 {
        let registrations = (1..=6).map(|run| {
            let (world, owner) = (&world, if run % 2 == 0 { "alice" } else { "bob" });
            async move {
                let answer = match run % 3 {
                    0 => world.recorder().post(&runs(n), open_run(owner, run)).await,
                    _ => world.recorder().put(&chat(n), json!({"owner_id": owner})).await,
                };
                assert!(matches!(answer.status, 200 | 201 | 409), "{answer:?}");
                (answer.status != 409).then_some(owner)
            }
        });
        let owners: BTreeSet<_> = join_all(registrations).await.into_iter().flatten().collect();
        let [owner] = owners.into_iter().collect::<Vec<_>>()[..] else { panic!("a chat has one owner") };
        let mine: Vec<_> = entries(&world).into_iter().filter(|(_, chat)| *chat == chat_id(n)).collect();
        assert_eq!(mine, [(format!("OWNER#{owner}"), chat_id(n))]);
    }
}

#[tokio::test]
async fn whatever_becomes_of_a_write_a_chat_is_listed_if_and_only_if_it_lives() {
    type Write = (&'static str, fn(u32) -> String, fn() -> Value);
    let writes: [Write; 3] = [
        ("PUT", chat, || json!({"owner_id": "alice"})),
        ("POST", runs, || open_run("alice", 1)),
        ("DELETE", chat, || Value::Null),
    ];
    let fates = [
        Fate::CutBefore,
        Fate::CutAfter,
        Fate::Answer(500, error("InternalServerError")),
        Fate::AnswerAfter(500, error("InternalServerError")),
    ];
    for (method, path, body) in writes {
        for fate in &fates {
            let world = World::recording("alice").await;
            let caller = if method == "DELETE" {
                register(&world, 1, "alice").await;
                world.user("alice")
            } else {
                world.recorder()
            };
            let body = Some(body()).filter(|body| !body.is_null()).map(|body| body.to_string().into_bytes());
            let sent = caller.request(method, &path(1), body);
            // Whatever is sent again meets the same, so that the outcome stays unknown.
            let spoiled = fate.clone();
            world.wire.rule(move |seen| if seen.writes() { spoiled.clone() } else { Fate::Pass });
            caller.send(sent.clone()).await.expect(503);
            world.wire.rule(|_| Fate::Pass);
            assert_eq!(all_of(&world, "alice").await, living(&world), "{method} {fate:?}");
            let again = caller.send(sent).await;
            assert!(again.status < 300, "{method} {fate:?}: {again:?}");
            assert_eq!(all_of(&world, "alice").await, living(&world), "{method} {fate:?}");
            assert_eq!(entries(&world).len(), usize::from(method != "DELETE"), "{method} {fate:?}");
        }
    }
}

/// The chats that have an item and are not deleted.
fn living(world: &World) -> Vec<String> {
    let lives = |item: &Value| item["sk"]["S"] == "CHAT" && item.get("deleted").is_none();
    let items = world.items().into_iter().filter(lives);
    items.map(|item| item["pk"]["S"].as_str().unwrap().replace("CHAT#", "")).collect()
}
