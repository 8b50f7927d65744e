//! Recorder keys: what each kind may do and where it ends, and that one which is not good cannot be told from another.

use api::{
    routes::{BASE, Callers, ROUTES, Route, fill},
    time::Timestamp,
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;
use tests::{
    cases::{valid_body, valid_query},
    wire::{Fate, error},
    world::*,
};

const OWNER: &str = "alice";
const DAY: Duration = Duration::from_hours(24);

fn operations(world: &World) -> Vec<String> {
    world.wire.take().into_iter().map(|seen| seen.operation).collect()
}

fn key_path(made: &Value) -> String {
    format!("{}/{}", recorder_keys(), made["id"].as_str().unwrap())
}

/// A request of a recorder's about the owner's chat of a word, which it names.
fn request(caller: &TestCaller<'_>, route: &Route, chat: &str, word: &str) -> TestRequest {
    let id = chat.rsplit('/').next().unwrap();
    let path = fill(route, &[id, &run_id(1), "1"]);
    let query = valid_query(route, OWNER);
    let query = if query.is_empty() { query } else { format!("{query}&external_id={word}") };
    let body = valid_body(route, OWNER).map(|mut body| {
        body["external_id"] = json!(word);
        body.to_string().into_bytes()
    });
    caller.request(route.method.as_str(), &format!("{path}{query}"), body)
}

fn recorders() -> impl Iterator<Item = &'static Route> {
    ROUTES.into_iter().filter(|route| route.callers == Callers::Recorder)
}

#[tokio::test]
async fn a_general_key_does_what_a_recorder_may_and_nothing_else() {
    let world = World::recording(OWNER).await;
    let key = world.key(None).await;
    let bearer = world.bearer(&key);
    bearer.put(&chat(1), json!({"owner_id": OWNER})).await.expect(201);
    bearer.get(&debug_decision(1, OWNER)).await.expect(200);
    bearer.post(&runs(1), open_run(OWNER, 1)).await.expect(201);
    bearer.put(&step(1, 1, 1), step_body(None)).await.expect(201);
    bearer.patch(&run(1, 1), json!({"status": "completed"})).await.expect(200);
    bearer.post(&runs(2), turn("somebody-else", 2, vec![])).await.expect(200);
    bearer.put(&chat(1), json!({})).await.expect(400).problem("invalid-body");
    world.wire.take();
    for route in ROUTES.into_iter().filter(|route| !matches!(route.callers, Callers::Recorder | Callers::Anyone)) {
        let path = fill(route, &[&chat_id(1), &run_id(1), "1", "request"]);
        let body = valid_body(route, OWNER).map(|body| body.to_string().into_bytes());
        bearer.send(bearer.request(route.method.as_str(), &path, body)).await.expect(401).problem("unauthenticated");
        assert!(world.wire.take().is_empty(), "{} looks a key up", route.operation);
    }
}

#[tokio::test]
async fn a_bound_key_records_for_its_owner_whom_it_need_not_name() {
    let world = World::recording(OWNER).await;
    let key = world.key(Some(OWNER)).await;
    let bearer = world.bearer(&key);
    for (at, word) in (1..).zip(["conversation 7", "\0", &chat_id(1)]) {
        let chat = named_chat(OWNER, word);
        let named = |mut body: Value, owner: Option<&str>| {
            body.as_object_mut().unwrap().remove("owner_id");
            body["external_id"] = json!(word);
            if let Some(owner) = owner {
                body["owner_id"] = json!(owner);
            }
            body
        };
        bearer.put(&chat, named(json!({}), None)).await.expect(201);
        for owner in [None, Some(OWNER)] {
            let at = at * 2 + u32::from(owner.is_some());
            let run = format!("{chat}/debug/runs/{}", run_id(at));
            bearer.post(&format!("{chat}/debug/runs"), named(open_run(OWNER, at), owner)).await.expect(201);
            bearer.put(&format!("{run}/steps/1"), named(step_body(None), owner)).await.expect(201);
            bearer.patch(&run, named(json!({"status": "completed"}), owner)).await.expect(200);
            // Whoever names the owner posts the same as who leaves it out.
            bearer.post(&format!("{chat}/debug/runs"), named(open_run(OWNER, at), Some(OWNER))).await.expect(200);
            world.user(OWNER).get(&run).await.expect(200);
        }
        let other = named(open_run(OWNER, 50), Some("bob"));
        let wrong = bearer.post(&format!("{chat}/debug/runs"), other).await.expect(400).problem("invalid-body");
        assert_eq!(wrong.validations[0].field, "/owner_id");
    }
    let decision = format!("{}/debug/decision?external_id=conversation%207", named_chat(OWNER, "conversation 7"));
    bearer.get(&decision).await.expect(200);
    bearer.get(&format!("{decision}&owner_id={OWNER}")).await.expect(200);
    let wrong = bearer.get(&format!("{decision}&owner_id=bob")).await.expect(400).problem("invalid-query");
    assert_eq!(wrong.validations[0].field, "owner_id");
}

#[tokio::test]
async fn a_bound_key_finds_no_other_chat_and_nothing_is_read_of_any() {
    let world = World::recording(OWNER).await;
    world.consent("bob").await;
    let foreign = named_chat("bob", "w");
    let deleted = named_chat("bob", "deleted");
    for (chat, word) in [(&foreign, "w"), (&deleted, "deleted")] {
        let mut run = open_run("bob", 1);
        run["external_id"] = json!(word);
        world.recorder().post(&format!("{chat}/debug/runs"), run).await.expect(201);
    }
    world.user("bob").delete(&deleted).await.expect(204);
    // Alice's own as well, if its id is not made of a word.
    world.recorder().post(&runs(1), open_run(OWNER, 1)).await.expect(201);
    let key = world.key(Some(OWNER)).await;
    let bearer = world.bearer(&key);
    bearer.put(&named_chat(OWNER, "w"), json!({"external_id": "w"})).await.expect(201);
    let unknown = format!("{BASE}/{}", chat_id(77));
    for route in recorders() {
        let mut answers = Vec::new();
        for chat in [&foreign, &deleted, &unknown, &chat(1)] {
            for word in ["w", chat.rsplit('/').next().unwrap()] {
                world.wire.take();
                let answer = bearer.send(request(&bearer, route, chat, word)).await.expect(404);
                assert_eq!(operations(&world), ["GetItem"], "the key alone is read: {}", route.operation);
                answers.push(answer.body);
            }
            let mut silent = request(&bearer, route, chat, "w");
            silent.path = silent.path.replace("&external_id=w", "");
            silent.body = valid_body(route, OWNER).map(|body| body.to_string().into_bytes());
            answers.push(bearer.send(silent).await.expect(404).body);
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{}: {answers:?}", route.operation);
    }
}

#[tokio::test]
async fn a_chat_that_another_owner_has_taken_is_unknown_to_a_bound_key() {
    let world = World::recording(OWNER).await;
    world.consent("bob").await;
    // The id that Alice's word makes, which a general recorder was made to take for Bob.
    let taken = named_chat(OWNER, "w");
    world.recorder().post(&format!("{taken}/debug/runs"), open_run("bob", 1)).await.expect(201);
    let deleted = named_chat(OWNER, "deleted");
    world.recorder().put(&deleted, json!({"owner_id": OWNER})).await.expect(201);
    world.user(OWNER).delete(&deleted).await.expect(204);
    let (key, general) = (world.key(Some(OWNER)).await, world.key(None).await);
    let bearer = world.bearer(&key);
    for route in recorders() {
        let mut answers = Vec::new();
        for (chat, word) in [(&taken, "w"), (&deleted, "deleted")] {
            answers.push(bearer.send(request(&bearer, route, chat, word)).await.expect(404).body);
            // Neither an id nor a body that is wrong says more.
            let mut wrong = request(&bearer, route, chat, word);
            wrong.path = wrong.path.replace(&run_id(1), "no-id");
            answers.push(bearer.send(wrong).await.expect(404).body);
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{}: {answers:?}", route.operation);
        let told = world.bearer(&general);
        let mut named = request(&told, route, &taken, "w");
        named.body = named.body.map(|body| {
            let mut body: Value = serde_json::from_slice(&body).unwrap();
            body["owner_id"] = json!(OWNER);
            body.to_string().into_bytes()
        });
        told.send(named).await.expect(409).problem("other-owner");
    }
}

#[tokio::test]
async fn a_key_without_a_kind_is_refused_and_not_general() {
    let world = World::recording(OWNER).await;
    let key = world.key(Some(OWNER)).await;
    let id = &key[4..40];
    let stored = world.item(&format!("KEY#{id}"), "KEY");
    assert_eq!(stored["kind"]["S"], "bound");
    for (lost, without) in [(vec!["kind", "owner"], 503), (vec!["kind"], 503), (vec!["owner"], 503), (vec![], 201)] {
        let mut item = stored.clone();
        for name in lost {
            item.as_object_mut().unwrap().remove(name);
        }
        world.put_item(&item);
        let chat = named_chat(OWNER, "w");
        world.bearer(&key).put(&chat, json!({"owner_id": OWNER, "external_id": "w"})).await.expect(without);
    }
}

#[tokio::test]
async fn what_a_person_calls_a_key_has_no_key_in_it() {
    let world = World::recording(OWNER).await;
    let label = format!("bot of sk-ant-api03-0123456789abcdefABCDEF {}", "\u{e9}".repeat(50));
    let made = world.user(OWNER).post(&recorder_keys(), json!({"label": label})).await.expect(201).json();
    assert!(made["label"].as_str().unwrap().starts_with("bot of [REDACTED:anthropic-key]"), "{made}");
    assert_eq!(world.user(OWNER).get(&recorder_keys()).await.expect(200).json()[0]["label"], made["label"]);
    assert!(world.items().iter().all(|item| !item.to_string().contains("sk-ant-")));
}

/// Requests of a route by keys that are none, each with what it is.
async fn no_keys(world: &World) -> Vec<(&'static str, String)> {
    let good = world.key(None).await;
    let unknown = good.replacen(&good[4..12], "00000000", 1);
    let other = if good[41..].starts_with('A') { 'B' } else { 'A' };
    let secret = format!("{}{other}{}", &good[..41], &good[42..]);
    let revoked = world.admin().post(&recorder_keys(), json!({"general": true})).await.expect(201).json();
    world.admin().delete(&key_path(&revoked)).await.expect(204);
    let soon = Timestamp::from_micros(world.app.clock.now().micros() + 60_000_000).unwrap();
    let expiring = json!({"general": true, "expires_at": soon});
    let expired = world.admin().post(&recorder_keys(), expiring).await.expect(201).json();
    let expired = expired["key"].as_str().unwrap().to_owned();
    world.bearer(&expired).get(&debug_decision(1, OWNER)).await.expect(200);
    world.app.clock.advance(Duration::from_mins(1));
    vec![
        ("unknown", unknown),
        ("wrong secret", secret),
        ("revoked", revoked["key"].as_str().unwrap().to_owned()),
        ("expired", expired),
    ]
}

#[tokio::test]
async fn keys_that_are_not_good_cost_and_answer_the_same() {
    let world = World::recording(OWNER).await;
    let none = no_keys(&world).await;
    let before = world.items();
    for route in recorders() {
        let mut seen = Vec::new();
        for (what, key) in &none {
            let bearer = world.bearer(key);
            world.wire.billed().await;
            world.wire.take();
            let answer = bearer.send(request(&bearer, route, &named_chat(OWNER, "w"), "w")).await.expect(401);
            let calls = world.wire.take();
            assert_eq!(calls.len(), 1, "{what}: {calls:?}");
            assert_eq!(calls[0].body["ConsistentRead"], true);
            seen.push((answer.body, answer.headers, calls[0].operation.clone(), world.wire.billed().await.to_string()));
        }
        assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{}: {seen:?}", route.operation);
    }
    assert_eq!(world.items(), before);
}

#[tokio::test]
async fn a_malformed_key_causes_no_call() {
    let world = World::recording(OWNER).await;
    let good = world.key(None).await;
    world.wire.take();
    let token = world.token("recorder-1", local::issuer::TokenRole::Recorder);
    let bad = [
        "cdk_".to_owned(),
        good[..good.len() - 1].to_owned(),
        format!("{good}A"),
        good.to_uppercase(),
        good.replacen("cdk_", "cdk-", 1),
        good.replacen('-', "_", 1),
        good.replacen("cdk_", "", 1),
        format!("{good}.{good}.{good}"),
        format!("{good},Bearer {token}"),
        format!("{token},Bearer {good}"),
        format!("cdk_{}", "a".repeat(9_000)),
    ];
    for key in bad {
        let answer = world.bearer(&key).put(&chat(1), json!({"owner_id": OWNER})).await.expect(401);
        answer.problem("unauthenticated");
        assert!(operations(&world).is_empty(), "{key}");
    }
    for scheme in ["Basic", "Token", "ApiKey", ""] {
        let mut sent = world.nobody().request("PUT", &chat(1), Some(br#"{"owner_id":"alice"}"#.to_vec()));
        sent.headers.push(("authorization".to_owned(), format!("{scheme} {good}")));
        world.nobody().send(sent).await.expect(401);
    }
    for header in ["x-api-key", "cookie", "x-recorder-key"] {
        let mut sent = world.nobody().request("PUT", &chat(1), Some(br#"{"owner_id":"alice"}"#.to_vec()));
        sent.headers.push((header.to_owned(), good.clone()));
        world.nobody().send(sent).await.expect(401);
    }
    // Two headers of a name, which a gateway would have joined.
    let mut sent = world.bearer(&good).request("PUT", &chat(1), Some(br#"{"owner_id":"alice"}"#.to_vec()));
    sent.headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
    world.nobody().send(sent).await.expect(401);
    world.nobody().get(&format!("{}&key={good}", debug_decision(1, OWNER))).await.expect(401);
    assert!(operations(&world).is_empty());
}

#[tokio::test]
async fn a_thousand_wrong_keys_change_nothing_and_read_one_item_each() {
    let world = World::recording(OWNER).await;
    let good = world.key(None).await;
    let before = world.items();
    world.wire.billed().await;
    world.wire.take();
    for n in 0..1_000 {
        let wrong = format!("{}{n:04}{}", &good[..41], &good[45..]);
        if wrong != good {
            world.bearer(&wrong).post(&runs(1), open_run(OWNER, 1)).await.expect(401);
        }
    }
    let calls = world.wire.take();
    assert!(calls.len() >= 999 && calls.iter().all(|seen| seen.operation == "GetItem"));
    assert!(world.wire.billed().await <= 1_000.0);
    assert_eq!(world.items(), before);
    world.bearer(&good).post(&runs(1), open_run(OWNER, 1)).await.expect(201);
}

#[tokio::test]
async fn a_key_is_proven_before_the_body_is_looked_at() {
    let world = World::recording(OWNER).await;
    let (good, wrong) = (world.key(None).await, no_keys(&world).await);
    for (key, status) in [(&good, 415), (&wrong[0].1, 401), (&wrong[1].1, 401)] {
        let bearer = world.bearer(key);
        let mut sent = bearer.request("POST", &runs(1), Some(vec![0xff; 100]));
        sent.headers.retain(|(name, _)| name != "content-type");
        bearer.send(sent).await.expect(status);
        let mut sent = bearer.request("POST", &runs(1), Some(vec![b' '; 6_000_000]));
        sent.headers.push(("content-encoding".to_owned(), "gzip".to_owned()));
        bearer.send(sent).await.expect(status);
    }
    let bound = world.key(Some(OWNER)).await;
    // What is no body names no chat. It is refused for what it is, which tells nothing of any.
    world.wire.take();
    for chat in [named_chat("bob", "w"), named_chat(OWNER, "w"), chat(1)] {
        let answer = world.bearer(&bound).put(&chat, "{").await.expect(400);
        answer.problem("invalid-body");
        world.bearer(&bound).put(&chat, json!({"external_id": "w", "owner": "x"})).await.expect(400);
    }
    assert!(operations(&world).iter().all(|call| call == "GetItem" || call == "TransactWriteItems"));
}

#[tokio::test]
async fn a_user_sees_and_revokes_its_own_keys_and_an_admin_the_general_ones() {
    let world = World::recording(OWNER).await;
    let make = async |caller: TestCaller<'_>, body: Value| caller.post(&recorder_keys(), body).await;
    let own = make(world.user(OWNER), json!({"label": "my bot"})).await.expect(201).json();
    world.app.clock.advance(Duration::from_secs(1));
    let newer = make(world.user(OWNER), json!({})).await.expect(201).json();
    let general = make(world.admin(), json!({"general": true})).await.expect(201).json();
    assert_eq!((own["owner_id"].as_str(), own["label"].as_str()), (Some(OWNER), Some("my bot")));
    assert_eq!((general.get("owner_id"), own.get("expires_at")), (None, None));
    make(world.user(OWNER), json!({"general": true})).await.expect(403).problem("admin-only");
    make(world.recorder(), json!({})).await.expect(403).problem("user-only");

    let listed = async |caller: TestCaller<'_>| {
        let answer = caller.get(&recorder_keys()).await.expect(200);
        assert!(!answer.body.contains("cdk_") && !answer.body.contains("hash"), "{}", answer.body);
        let keys = answer.json();
        keys.as_array().unwrap().iter().map(|key| key["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(listed(world.user(OWNER)).await, [newer["id"].clone(), own["id"].clone()]);
    assert_eq!(listed(world.admin()).await, [general["id"].clone()]);
    assert!(listed(world.user("bob")).await.is_empty());

    // Somebody else's and none are one.
    let unknown = format!("{}/{}", recorder_keys(), chat_id(1));
    let mut refused = Vec::new();
    for (caller, path) in [
        (world.user("bob"), key_path(&own)),
        (world.user("bob"), unknown.clone()),
        (world.user("bob"), key_path(&general)),
        (world.admin(), key_path(&own)),
        (world.admin(), unknown),
    ] {
        world.wire.take();
        refused.push((caller.delete(&path).await.expect(404).body, operations(&world)));
    }
    assert!(refused.windows(2).all(|pair| pair[0] == pair[1]), "{refused:?}");

    let bearer = world.bearer(own["key"].as_str().unwrap());
    bearer.put(&named_chat(OWNER, "w"), json!({"external_id": "w"})).await.expect(201);
    world.user(OWNER).delete(&key_path(&own)).await.expect(204);
    bearer.put(&named_chat(OWNER, "w"), json!({"external_id": "w"})).await.expect(401);
    world.user(OWNER).delete(&key_path(&own)).await.expect(404);
    world.user(OWNER).delete(&format!("{}/x", recorder_keys())).await.expect(400).problem("invalid-id");
    world.admin().delete(&key_path(&general)).await.expect(204);
    assert_eq!(listed(world.user(OWNER)).await, [newer["id"].clone()]);
}

#[tokio::test]
async fn there_are_twenty_keys_of_a_user_at_most_whoever_makes_them_at_once() {
    let world = World::recording(OWNER).await;
    let made = join_all((0..25).map(|_| async {
        // Who meets another writer too often is told to try again.
        loop {
            let answer = world.user(OWNER).post(&recorder_keys(), json!({})).await;
            if answer.status != 503 {
                return answer;
            }
        }
    }))
    .await;
    let (good, refused): (Vec<_>, Vec<_>) = made.iter().partition(|answer| answer.status == 201);
    assert_eq!((good.len(), refused.len()), (20, 5));
    for answer in refused {
        answer.problem("too-many-keys");
    }
    assert_eq!(world.user(OWNER).get(&recorder_keys()).await.expect(200).json().as_array().unwrap().len(), 20);
    world.user("bob").post(&recorder_keys(), json!({})).await.expect(201);
    world.user(OWNER).delete(&key_path(&good[0].json())).await.expect(204);
    world.user(OWNER).post(&recorder_keys(), json!({})).await.expect(201);
    world.user(OWNER).post(&recorder_keys(), json!({})).await.expect(409);
}

#[tokio::test]
async fn the_day_of_its_last_use_is_noted_once_a_day_and_never_in_the_way() {
    let world = World::recording(OWNER).await;
    let key = world.key(None).await;
    let uses = async || {
        world.wire.take();
        world.bearer(&key).get(&debug_decision(1, OWNER)).await.expect(200);
        world.wire.take().iter().filter(|seen| seen.writes()).count()
    };
    let noted = async || world.admin().get(&recorder_keys()).await.expect(200).json()[0]["last_used_day"].clone();
    assert_eq!(noted().await, Value::Null);
    assert_eq!((uses().await, uses().await, uses().await), (1, 0, 0));
    let today = noted().await;
    assert_eq!(today.as_str().map(str::len), Some(10), "{today}");
    world.app.clock.advance(DAY);
    // It is tried once, and not waited for.
    for fate in [Fate::Answer(500, error("InternalServerError")), Fate::BlackHole] {
        world.wire.take();
        world.wire.rule(move |seen| if seen.writes() { fate.clone() } else { Fate::Pass });
        world.bearer(&key).get(&debug_decision(1, OWNER)).await.expect(200);
        assert_eq!(world.wire.take().iter().filter(|seen| seen.writes()).count(), 1);
    }
    for fate in [Fate::Answer(500, error("InternalServerError")), Fate::CutBefore, Fate::CutAfter] {
        world.wire.rule(move |seen| if seen.writes() { fate.clone() } else { Fate::Pass });
        world.bearer(&key).get(&debug_decision(1, OWNER)).await.expect(200);
    }
    world.wire.rule(|_| Fate::Pass);
    uses().await;
    assert_ne!(noted().await, today);
    assert_eq!(uses().await, 0);
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_no_refusal() {
    let world = World::recording(OWNER).await;
    let key = world.key(None).await;
    world.wire.rule(|seen| match &*seen.operation {
        "GetItem" => Fate::Answer(500, error("InternalServerError")),
        _ => Fate::Pass,
    });
    world.bearer(&key).post(&runs(1), open_run(OWNER, 1)).await.expect(503).problem("unavailable");
}

#[tokio::test]
async fn a_key_that_was_made_or_revoked_unheard_is_there_to_see_or_gone() {
    for fate in [Fate::CutAfter, Fate::AnswerAfter(500, error("InternalServerError"))] {
        let world = World::recording(OWNER).await;
        let unheard = fate.clone();
        world.wire.rule(move |seen| if seen.writes() { unheard.clone() } else { Fate::Pass });
        world.user(OWNER).post(&recorder_keys(), json!({})).await.expect(503).problem("unavailable");
        let made = world.user(OWNER).get(&recorder_keys()).await.expect(200).json();
        assert_eq!(made.as_array().unwrap().len(), 1, "it is listed, so that it can be revoked");
        world.user(OWNER).delete(&key_path(&made[0])).await.expect(503).problem("unavailable");
        world.wire.rule(|_| Fate::Pass);
        world.user(OWNER).delete(&key_path(&made[0])).await.expect(404);
        assert_eq!(world.user(OWNER).get(&recorder_keys()).await.expect(200).body, "[]");
        // Neither is counted any more.
        for _ in 0..20 {
            world.user(OWNER).post(&recorder_keys(), json!({})).await.expect(201);
        }
        world.user(OWNER).post(&recorder_keys(), json!({})).await.expect(409);
    }
}

#[tokio::test]
async fn nothing_of_a_secret_is_stored_nor_recorded() {
    let world = World::recording(OWNER).await;
    let key = world.key(Some(OWNER)).await;
    let secret = &key[41..];
    let mut recorded = step_body(Some(1));
    recorded["normalized_request"] = json!({"prompt": format!("use {key} for it")});
    recorded["attempts"] = json!([{"number": 1, "status": "completed", "request_headers": {"authorization": key}}]);
    world.recorder().post(&runs(1), turn(OWNER, 1, vec![recorded])).await.expect(201);
    let shown = world.user(OWNER).get(&run(1, 1)).await.expect(200);
    assert!(shown.body.contains("use [REDACTED:") && !shown.body.contains(secret), "{}", shown.body);
    assert!(world.items().iter().all(|item| !item.to_string().contains(secret)));
}

#[tokio::test]
async fn a_deployment_without_keys_takes_and_makes_none() {
    let world = World::recording(OWNER).await;
    let (general, bound) = (world.key(None).await, world.key(Some(OWNER)).await);
    let off = World::on(world.engine.clone(), world.issuer.clone(), &[("RECORDER_KEYS", "off")]).await;
    for key in [&general, &bound] {
        off.wire.take();
        off.bearer(key).put(&named_chat(OWNER, "w"), json!({"external_id": "w"})).await.expect(401);
        assert!(operations(&off).is_empty());
    }
    off.user(OWNER).post(&recorder_keys(), json!({})).await.expect(409).problem("recorder-keys-off");
    off.recorder().put(&chat(1), json!({"owner_id": OWNER})).await.expect(201);
    let listed = off.user(OWNER).get(&recorder_keys()).await.expect(200).json();
    off.user(OWNER).delete(&key_path(&listed[0])).await.expect(204);
}
