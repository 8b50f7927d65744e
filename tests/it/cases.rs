//! Turns as the bug reports of other projects have them: each is recorded, and reads back right.
//!
//! A case is a body of `POST {chat}/debug/runs` with `OWNER` in its owner's place.

use std::time::Duration;
use tests::world::*;

macro_rules! cases {
    ($($name:literal: [$($part:literal),+ $(,)?],)+) => {
        &[$(($name, include_str!(concat!("../fixtures/cases/", $name, ".json")), &[$($part),+])),+]
    };
}

/// A case, and what the run's page has to hold, to the byte.
const CASES: &[(&str, &str, &[&str])] = cases! {
    "16d-half-an-emoji-in-normalized-request": [r#""content":"QUESTION cut \ud83d""#],
    "24b-usage-with-a-null": [
        r#""reasoning_tokens": null"#,
        r#""total_input_tokens":5,"total_output_tokens":1}"#,
    ],
    "26-step-ends-1-ms-before-it-starts": [r#""finished_at":"2026-11-20T10:00:01.001Z""#],
};

#[tokio::test]
async fn a_reported_turn_is_recorded_and_reads_back_right() {
    let world = World::recording("alice").await;
    // Whatever the clock says, the cases are older.
    let last = "2026-12-01T00:00:00Z".parse::<api::time::Timestamp>().unwrap();
    world.app.clock.advance(last.since(world.app.clock.now()) + Duration::from_secs(1));
    for (n, (name, body, parts)) in (1..).zip(CASES) {
        let posted = world.recorder().post(&runs(n), body.replace("OWNER", "alice")).await;
        assert_eq!(posted.status, 201, "{name}: {}", posted.body);
        let id = posted.json()["run"]["id"].as_str().unwrap().to_owned();
        let read = world.user("alice").get(&format!("{}/{id}", runs(n))).await.expect(200).body;
        serde_json::from_str::<api::run::RunDetail>(&read).unwrap_or_else(|error| panic!("{name}: {error}"));
        for part in *parts {
            assert!(read.contains(part), "{name}: {part} in {read}");
        }
    }
}
