//! The settings screens.

use serde_json::{Value, json};
use std::time::Duration;
use tests::{wire::round_trips, world::*};

fn on() -> Value {
    json!({"debug_logging_enabled": true})
}

fn off() -> Value {
    json!({"debug_logging_enabled": false})
}

#[tokio::test]
async fn the_gate_is_closed_until_an_admin_opens_it() {
    let world = World::new().await;
    let expected = |open: bool| json!({"allow_users": open, "forced_by_deployment": false});
    assert_eq!(world.admin().get(&gate()).await.expect(200).json(), expected(false));
    for open in [true, false] {
        assert_eq!(world.admin().put(&gate(), json!({"allow_users": open})).await.expect(204).body, "");
        assert_eq!(world.admin().get(&gate()).await.expect(200).json(), expected(open));
    }
}

#[tokio::test]
async fn a_member_is_refused_the_gate_with_403_on_both() {
    let world = World::new().await;
    world.user("alice").get(&gate()).await.expect(403).problem("admin-only");
    world.user("alice").put(&gate(), json!({"allow_users": true})).await.expect(403).problem("admin-only");
    world.user("alice").put(&gate(), "no JSON").await.expect(403).problem("admin-only");
}

#[tokio::test]
async fn while_forced_the_gate_is_stored_and_shown_as_stored() {
    let world = World::forced().await;
    for open in [true, false] {
        world.admin().put(&gate(), json!({"allow_users": open})).await.expect(204);
        let shown = world.admin().get(&gate()).await.expect(200).json();
        assert_eq!(shown, json!({"allow_users": open, "forced_by_deployment": true}));
    }
}

#[tokio::test]
async fn an_opt_in_survives_the_gate_going_off_and_on_again() {
    let world = World::recording("alice").await;
    world.admin().put(&gate(), json!({"allow_users": false})).await.expect(204);
    let shown = world.user("alice").get(&opt_in()).await.expect(200).json();
    let closed = json!({"debug_logging_enabled": false, "user_toggle_allowed": false, "forced_by_deployment": false});
    assert_eq!(shown, closed);
    world.admin().put(&gate(), json!({"allow_users": true})).await.expect(204);
    let shown = world.user("alice").get(&opt_in()).await.expect(200).json();
    let open = json!({"debug_logging_enabled": true, "user_toggle_allowed": true, "forced_by_deployment": false});
    assert_eq!(shown, open);
}

#[tokio::test]
async fn one_users_opt_in_is_no_other_users() {
    let world = World::recording("alice").await;
    assert_eq!(world.user("bob").get(&opt_in()).await.json()["debug_logging_enabled"], json!(false));
}

#[tokio::test]
async fn forced_is_said_before_the_gate_and_the_gate_before_the_body() {
    let forced = World::forced().await;
    for body in [on().to_string(), off().to_string(), "{}".into(), "no JSON".into()] {
        forced.user("alice").put(&opt_in(), body).await.expect(409).problem("forced-by-deployment");
    }
    let closed = World::new().await;
    for body in [on().to_string(), "{}".into(), "no JSON".into()] {
        closed.user("alice").put(&opt_in(), body).await.expect(403).problem("gate-closed");
    }
    closed.consent("alice").await;
    for body in ["{}", "no JSON", r#"{"debug_logging_enabled":"true"}"#, r#"{"debug_logging_enabled":null}"#] {
        closed.user("alice").put(&opt_in(), body).await.expect(400).problem("invalid-body");
    }
}

#[tokio::test]
async fn consent_can_be_withdrawn_through_a_closed_gate() {
    let world = World::recording("alice").await;
    world.recorder().put(&chat(1), json!({"owner_id": "alice"})).await.expect(201);
    world.user("alice").put(&chat_setting(1), json!({"override": "on"})).await.expect(204);
    world.admin().put(&gate(), json!({"allow_users": false})).await.expect(204);
    world.user("alice").put(&opt_in(), off()).await.expect(204);
    world.user("alice").put(&chat_setting(1), json!({"override": "off"})).await.expect(204);
    for other in ["on", "inherit"] {
        let answer = world.user("alice").put(&chat_setting(1), json!({"override": other})).await;
        answer.expect(403).problem("gate-closed");
    }
    world.admin().put(&gate(), json!({"allow_users": true})).await.expect(204);
    assert_eq!(world.user("alice").get(&opt_in()).await.json()["debug_logging_enabled"], json!(false));
    let explained = world.user("alice").get(&chat_setting(1)).await.json();
    assert_eq!(explained, json!({"override": "off", "effective": false, "decided_by": "chat"}));
}

#[tokio::test]
async fn a_chats_404_comes_before_forced_gate_and_body() {
    for world in [World::forced().await, World::new().await] {
        world.recorder().put(&chat(1), json!({"owner_id": "alice"})).await.expect(201);
        for body in [r#"{"override":"on"}"#, r#"{"override":"off"}"#, "{}", "no JSON"] {
            world.user("alice").put(&chat_setting(2), body).await.expect(404).problem("not-found");
            world.user("mallory").put(&chat_setting(1), body).await.expect(404).problem("not-found");
        }
        let answer = world.user("alice").put(&chat_setting(1), "{}").await;
        answer.problem(if world.app.access.is_forced() { "forced-by-deployment" } else { "gate-closed" });
    }
}

#[tokio::test]
async fn settings_take_one_round_trip_and_a_look_at_the_chat_first() {
    let world = World::recording("alice").await;
    world.recorder().put(&chat(1), json!({"owner_id": "alice"})).await.expect(201);
    let alice = world.user("alice");
    world.wire.hold(Duration::from_millis(50));
    world.wire.take();
    let take = |trips: usize, answer: TestResponse| {
        let seen = world.wire.take();
        assert!(answer.status < 300, "{answer:?}");
        assert_eq!(round_trips(&seen), trips, "{seen:?}");
    };
    take(1, world.admin().get(&gate()).await);
    take(1, world.admin().put(&gate(), json!({"allow_users": true})).await);
    take(1, alice.get(&opt_in()).await);
    take(1, alice.put(&opt_in(), on()).await);
    take(1, alice.put(&opt_in(), off()).await);
    take(1, alice.get(&chat_setting(1)).await);
    take(2, alice.put(&chat_setting(1), json!({"override": "on"})).await);
    take(2, alice.put(&chat_setting(1), json!({"override": "off"})).await);
}
