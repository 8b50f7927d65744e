//! Every route meets every kind of caller.

use api::{
    problem::ProblemBody,
    routes::{Callers, Method, ROUTES},
};
use local::issuer::{TokenRole, claims};
use serde_json::{Value, json};
use std::{fmt::Write, time::Duration};
use tests::{
    cases::{valid_body, valid_query},
    golden::assert_golden,
    world::*,
};

const OWNER: &str = "owner-1";
const CALLERS: [&str; 11] = [
    "no token",
    "expired",
    "audience",
    "stranger",
    "owner",
    "admin",
    "recorder",
    "key",
    "bound key",
    "other's",
    "revoked",
];

/// Recorder keys, as [`CALLERS`] has them.
struct Keys {
    general: String,
    own: String,
    others: String,
    revoked: String,
}

impl Keys {
    async fn new(world: &World) -> Self {
        let revoked = world.admin().post(&recorder_keys(), json!({"general": true})).await.expect(201).json();
        let path = format!("{}/{}", recorder_keys(), revoked["id"].as_str().unwrap());
        world.admin().delete(&path).await.expect(204);
        Self {
            general: world.key(None).await,
            own: world.key(Some(OWNER)).await,
            others: world.key(Some("stranger-1")).await,
            revoked: revoked["key"].as_str().unwrap().to_owned(),
        }
    }
}

fn caller<'w>(world: &'w World, keys: &Keys, name: &str) -> TestCaller<'w> {
    let spoiled = |member: &str, value: Value| {
        let mut claims = claims(OWNER, TokenRole::User, world.now());
        claims[member] = value;
        world.bearer(world.issuer.sign(world.issuer.header(), claims).unwrap())
    };
    match name {
        "no token" => world.nobody(),
        "expired" => spoiled("exp", json!(world.now() - 61)),
        "audience" => spoiled("aud", json!("somebody-else")),
        "stranger" => world.user("stranger-1"),
        "owner" => world.user(OWNER),
        "admin" => world.admin(),
        "recorder" => world.recorder(),
        "key" => world.bearer(&keys.general),
        "bound key" => world.bearer(&keys.own),
        "other's" => world.bearer(&keys.others),
        "revoked" => world.bearer(&keys.revoked),
        unknown => panic!("{unknown}"),
    }
}

#[tokio::test]
async fn every_route_meets_every_kind_of_caller() {
    let world = World::recording(OWNER).await;
    let mut printed = format!("{:<24}", "");
    for name in CALLERS {
        write!(printed, " {name:<10}").unwrap();
    }
    printed = printed.trim_end().to_owned() + "\n";
    let keys = Keys::new(&world).await;
    // The first use of a key is noted with it.
    for key in [&keys.general, &keys.own, &keys.others] {
        world.bearer(key).get(&debug_decision(0, OWNER)).await;
    }
    let mut n = 0;
    for route in ROUTES {
        let mut row = format!("{:<24}", route.operation);
        for name in CALLERS {
            // A chat of its own for each cell, with an open run in it.
            n += 1;
            let named = format!("chat-{n}");
            let chat = named_chat(OWNER, &named);
            let mut run = open_run(OWNER, 1);
            run["external_id"] = json!(named);
            world.recorder().post(&format!("{chat}/debug/runs"), run).await.expect(201);
            if route.has_parameter("step_number") && !route.has_body() {
                let step = format!("{chat}/debug/runs/{}/steps/1", run_id(1));
                world.recorder().put(&step, step_body(None)).await.expect(201);
            }
            let mut ids = vec![chat.rsplit('/').next().unwrap().to_owned(), run_id(1), "1".into(), "request".into()];
            if route.has_parameter("key") {
                let made = world.user(OWNER).post(&recorder_keys(), json!({})).await.expect(201).json();
                ids = vec![made["id"].as_str().unwrap().to_owned()];
            }
            let before = world.items();
            let (mut query, mut body) = (valid_query(route, OWNER), valid_body(route, OWNER));
            if route.callers == Callers::Recorder {
                if !query.is_empty() {
                    query += "&external_id=";
                    query += &named;
                }
                if let Some(body) = &mut body {
                    body["external_id"] = json!(named);
                }
            }
            let ids: Vec<_> = ids.iter().map(String::as_str).collect();
            let path = api::routes::fill(route, &ids) + &query;
            let caller = caller(&world, &keys, name);
            let body = body.map(|body| body.to_string().into_bytes());
            let answer = caller.send(caller.request(route.method.as_str(), &path, body)).await;
            write!(row, " {:<10}", answer.status).unwrap();
            if answer.status >= 400 {
                assert_eq!(world.items(), before, "{} changed something for {name}", route.operation);
            }
            if route.has_parameter("key") {
                world.user(OWNER).delete(&path).await;
            }
        }
        writeln!(printed, "{}", row.trim_end()).unwrap();
    }
    assert_golden("access.txt", &printed);
}

#[tokio::test]
async fn foreign_unknown_and_deleted_cannot_be_told_apart() {
    let world = World::recording(OWNER).await;
    for n in [1, 2] {
        world.recorder().post(&runs(n), turn(OWNER, 1, vec![step_body(Some(1))])).await.expect(201);
    }
    world.recorder().post(&runs(3), turn("other", 1, vec![])).await;
    world.user(OWNER).delete(&chat(2)).await.expect(204);
    for route in ROUTES.into_iter().filter(|route| route.has_parameter("chat")) {
        let is_read_or_owners = route.callers != api::routes::Callers::Recorder;
        if !is_read_or_owners {
            continue;
        }
        let mut seen: Vec<(String, Vec<String>)> = Vec::new();
        // Somebody else's, unknown, deleted: asked for by a user who has a chat of their own.
        for n in [1, 77, 2] {
            let stranger = world.user("stranger-1");
            let path = api::routes::fill(route, &[&chat_id(n), &run_id(1), "1", "request"]);
            let body = valid_body(route, OWNER).map(|body| body.to_string().into_bytes());
            world.wire.take();
            let answer = stranger.send(stranger.request(route.method.as_str(), &path, body)).await.expect(404);
            let calls = world.wire.take();
            let mut calls: Vec<_> = calls.into_iter().map(|seen| seen.operation).collect();
            calls.sort();
            seen.push((answer.body, calls));
        }
        assert_eq!(seen[0], seen[1], "{}", route.operation);
        assert_eq!(seen[0], seen[2], "{}", route.operation);
    }
}

#[tokio::test]
async fn a_run_of_another_chat_is_an_unknown_run() {
    let world = World::recording(OWNER).await;
    world.recorder().post(&runs(1), turn(OWNER, 1, vec![step_body(Some(1))])).await.expect(201);
    world.recorder().post(&runs(2), turn(OWNER, 2, vec![])).await.expect(201);
    for route in ROUTES.into_iter().filter(|route| route.has_parameter("run")) {
        let caller = match route.callers {
            api::routes::Callers::Recorder => world.recorder(),
            _ => world.user(OWNER),
        };
        let mut answers = Vec::new();
        for run in [run_id(1), run_id(50)] {
            let path = api::routes::fill(route, &[&chat_id(2), &run, "1", "request"]);
            let body = valid_body(route, OWNER).map(|body| body.to_string().into_bytes());
            answers.push(caller.send(caller.request(route.method.as_str(), &path, body)).await.expect(404).body);
        }
        assert_eq!(answers[0], answers[1], "{}", route.operation);
    }
}

#[tokio::test]
async fn an_admin_sees_no_more_of_a_chat_than_a_stranger() {
    let world = World::recording(OWNER).await;
    world.recorder().post(&runs(1), turn(OWNER, 1, vec![step_body(Some(1))])).await.expect(201);
    for path in [runs(1), run(1, 1), chat_setting(1)] {
        let admin = world.admin().get(&path).await.expect(404);
        assert_eq!(admin.body, world.user("stranger-1").get(&path).await.body);
    }
}

#[tokio::test]
async fn the_recorder_is_never_told_what_was_recorded() {
    let world = World::recording(OWNER).await;
    let mut posted = turn(OWNER, 1, vec![step_body(Some(1))]);
    posted["steps"][0]["normalized_request"] = json!({"prompt": "canary"});
    let answers = [
        world.recorder().post(&runs(1), &posted).await,
        world.recorder().post(&runs(1), &posted).await,
        world.recorder().post(&runs(1), open_run(OWNER, 1)).await,
        world.recorder().patch(&run(1, 1), json!({"status": "completed"})).await,
        world.recorder().put(&step(1, 1, 1), step_body(None)).await,
    ];
    for answer in answers {
        assert!(!answer.body.contains("canary"), "{answer:?}");
    }
    for route in ROUTES.into_iter().filter(|route| route.method == Method::Get && route.has_parameter("run")) {
        let path = api::routes::fill(route, &[&chat_id(1), &run_id(1)]);
        let problem: ProblemBody = serde_json::from_str(&world.recorder().get(&path).await.expect(403).body).unwrap();
        assert_eq!(problem.r#type, "urn:chat-debug:problem:user-only");
    }
}

#[tokio::test]
async fn what_a_stranger_can_cause_is_bounded_and_metered() {
    let world = World::recording(OWNER).await;
    world.recorder().post(&runs(1), open_run(OWNER, 1)).await.expect(201);
    // Heads with as much content in them as fits, and one step whose content fills chunks.
    for number in 2..=12 {
        let mut small = step_body(None);
        small["metadata"] = json!({"text": noise(number.into(), 3_700)});
        world.recorder().put(&step(1, 1, number), small).await.expect(201);
    }
    let mut large = step_body(None);
    large["metadata"] = json!({"text": noise(1, 800_000)});
    world.recorder().put(&step(1, 1, 1), large).await.expect(201);
    // Runs with the longest texts.
    for n in 2..=110 {
        let mut posted = open_run(OWNER, n);
        posted["provider"] = json!("é".repeat(128));
        posted["model"] = json!("é".repeat(128));
        // With keys of many kinds behind what is kept of it.
        let keys = [
            "password=hunter2-xyz",
            "api_key=8f3c9a7e1b2d4f60",
            "sk-proj-Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5",
            "ghp_Qm7xR2vKp9Lw4Zt8Yc3Nf6HbW2sD5gJ8kLmN",
            "xoxb-123456789012-Qm7xR2vKp9Lw4Zt8Yc3N",
            "client_secret=Qm7xR2vKp9Lw4Zt8",
            "Authorization: Bearer Qm7xR2vKp9Lw4Zt8Yc3N",
            "glpat-Qm7xR2vKp9Lw4Zt8Yc3N",
        ];
        posted["summary"] = json!({"first_message": format!("{} {}", "\u{1f600}".repeat(200), keys.join(" "))});
        posted["trigger_message_id"] = json!("\u{1f600}".repeat(128));
        posted["history_tip_message_id"] = json!("\u{1f600}".repeat(128));
        let mut labelled = step_body(Some(1));
        let path = format!("/{}", "\u{1f600}".repeat(300));
        labelled["attempts"] = json!([{"number": 1, "status": "completed", "method": "POST", "path": path}]);
        posted["steps"] = json!([labelled]);
        world.recorder().post(&runs(1), posted).await.expect(201);
    }
    let filtered = format!("{}?status=error", runs(1));
    let (steps, outlines) = (format!("{}/steps", run(1, 1)), format!("{}/steps?outline=true", run(1, 1)));
    for path in [run(1, 1), steps, outlines, runs(1), filtered, chat_setting(1)] {
        world.wire.billed().await;
        let answer = world.user("stranger-1").get(&path).await.expect(404);
        let billed = world.wire.billed().await;
        assert!(billed <= 95.0, "{path}: {billed} units");
        let logged = |name: &str| answer.line[name].as_f64().unwrap_or_default();
        let said = logged("read_units") + logged("cancelled_read_units");
        assert!(billed <= said && said <= 150.0, "{path}: {billed} units, and the log says {said}");
        world.user(OWNER).get(&path).await.expect(200);
    }
}

#[tokio::test]
async fn how_much_there_is_of_a_foreign_run_shows_in_nothing() {
    let world = World::recording(OWNER).await;
    world.recorder().post(&runs(1), open_run(OWNER, 1)).await.expect(201);
    for number in 1..=4 {
        let mut large = step_body(None);
        large["metadata"] = json!({"text": noise(number.into(), 1_000_000)});
        world.recorder().put(&step(1, 1, number), large).await.expect(201);
    }
    world.wire.hold(Duration::from_millis(200));
    let outlines = |n| format!("{}/steps?outline=true", run(n, 1));
    for path in [run(1, 1), run(77, 1), outlines(1), outlines(77)] {
        world.wire.take();
        world.user("stranger-1").get(&path).await.expect(404);
        let seen = world.wire.take();
        assert_eq!(tests::wire::round_trips(&seen), 1, "{seen:?}");
    }
}
