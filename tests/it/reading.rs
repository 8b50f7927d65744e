//! What an owner lists and opens.

use serde_json::{Value, json};
use std::time::Duration;
use tests::{wire::round_trips, world::*};

/// What Lambda takes as an answer, with the body quoted into it.
const LAMBDA_LIMIT: usize = 6_291_556;

fn ids(runs: &Value) -> Vec<String> {
    runs.as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap().to_owned()).collect()
}

/// Every page from a path on, by following `Link`.
async fn pages(world: &World, path: &str) -> Vec<TestResponse> {
    let mut pages = vec![world.user("alice").get(path).await.expect(200)];
    while let Some(next) = pages.last().and_then(TestResponse::next) {
        assert!(pages.len() < 100, "the cursor goes in a circle");
        pages.push(world.user("alice").get(&next).await.expect(200));
    }
    pages
}

#[tokio::test]
async fn an_empty_list_is_an_empty_array() {
    let world = World::recording("alice").await;
    world.recorder().put(&chat(1), json!({"owner_id": "alice"})).await.expect(201);
    let answer = world.user("alice").get(&runs(1)).await.expect(200);
    assert_eq!((&*answer.body, answer.next()), ("[]", None));
}

#[tokio::test]
async fn the_list_is_newest_first_and_ends_at_100_with_a_link() {
    let world = World::recording("alice").await;
    for n in [3, 1, 2].into_iter().chain(4..=205) {
        world.recorder().post(&runs(1), open_run("alice", n)).await.expect(201);
    }
    let pages = pages(&world, &runs(1)).await;
    assert_eq!(pages.iter().map(|page| ids(&page.json()).len()).collect::<Vec<_>>(), [100, 100, 5]);
    let listed: Vec<_> = pages.iter().flat_map(|page| ids(&page.json())).collect();
    assert_eq!(listed, (1..=205).rev().map(run_id).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_full_last_page_announces_nothing() {
    let world = World::recording("alice").await;
    for n in 1..=4 {
        world.recorder().post(&runs(1), open_run("alice", n)).await.expect(201);
    }
    let list = format!("{}?limit=2", runs(1));
    let pages = pages(&world, &list).await;
    assert_eq!(pages.iter().map(|page| ids(&page.json()).len()).collect::<Vec<_>>(), [2, 2]);
    let link = pages[0].header("link").unwrap();
    assert!(link.starts_with(&format!("<{}?limit=2&cursor=", runs(1))) && link.ends_with(">; rel=\"next\""), "{link}");
}

#[tokio::test]
async fn filters_select_and_go_into_the_link() {
    let world = World::recording("alice").await;
    for n in 1..=12 {
        let mut body = open_run("alice", n);
        body["kind"] = json!(if n % 2 == 0 { "compaction" } else { "chat_turn" });
        body["status"] = json!(if n % 3 == 0 { "error" } else { "in_progress" });
        world.recorder().post(&runs(1), body).await.expect(201);
    }
    for (query, expected) in [
        ("?kind=compaction", vec![12, 10, 8, 6, 4, 2]),
        ("?status=error", vec![12, 9, 6, 3]),
        ("?status=error&kind=compaction", vec![12, 6]),
        ("?status=interrupted", vec![]),
        ("?kind=chat_turn&limit=1", vec![11, 9, 7, 5, 3, 1]),
    ] {
        let pages = pages(&world, &(runs(1) + query)).await;
        let listed: Vec<_> = pages.iter().flat_map(|page| ids(&page.json())).collect();
        assert_eq!(listed, expected.into_iter().map(run_id).collect::<Vec<_>>(), "{query}");
    }
}

#[tokio::test]
async fn the_run_of_a_message_is_found() {
    let world = World::recording("alice").await;
    let ids = [json!(14), json!("14"), json!("m-1/é &"), json!(-1), json!("014"), Value::Null];
    for n in 1..=12 {
        let mut body = open_run("alice", n);
        body["trigger_message_id"] = ids[n as usize % ids.len()].clone();
        world.recorder().post(&runs(1), body).await.expect(201);
    }
    for (query, expected) in [
        ("trigger_message_id=14", vec![12, 7, 6, 1]),
        ("trigger_message_id=14&limit=1", vec![12, 7, 6, 1]),
        ("trigger_message_id=m-1/%C3%A9+%26&limit=1", vec![8, 2]),
        ("trigger_message_id=-1", vec![9, 3]),
        ("trigger_message_id=014", vec![10, 4]),
        ("trigger_message_id=14&status=completed", vec![]),
        ("trigger_message_id=14.0", vec![]),
        ("trigger_message_id=null", vec![]),
    ] {
        let pages = pages(&world, &format!("{}?{query}", runs(1))).await;
        let listed: Vec<_> = pages.iter().flat_map(|page| self::ids(&page.json())).collect();
        assert_eq!(listed, expected.into_iter().map(run_id).collect::<Vec<_>>(), "{query}");
        assert!(pages.iter().all(|page| !page.body.contains("trigger_message_id")), "a list shows no more than before");
    }
    let next = world.user("alice").get(&format!("{}?trigger_message_id=14&limit=1", runs(1))).await.next().unwrap();
    assert!(next.contains("?limit=1&trigger_message_id=14&cursor="), "{next}");
    for other in ["trigger_message_id=14", "trigger_message_id=15", "status=error&trigger_message_id=14"] {
        let status = if other == "trigger_message_id=14" { 200 } else { 400 };
        let cursor = next.split_once("cursor=").unwrap().1;
        world.user("alice").get(&format!("{}?{other}&cursor={cursor}", runs(1))).await.expect(status);
    }
}

#[tokio::test]
async fn a_filtered_page_looks_at_a_thousand_runs_and_may_be_empty() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    let template = world.item(&format!("CHAT#{}", chat_id(1)), &format!("RUN#{}", run_id(1)));
    for n in 2..=1_002 {
        let mut item = template.clone();
        item["sk"]["S"] = json!(format!("RUN#{}", run_id(n)));
        item["status"]["S"] = json!("completed");
        world.put_item(&item);
    }
    let first = world.user("alice").get(&format!("{}?status=in_progress", runs(1))).await.expect(200);
    assert_eq!(first.body, "[]");
    let second = world.user("alice").get(&first.next().expect("there is more")).await.expect(200);
    assert_eq!((ids(&second.json()), second.next()), (vec![run_id(1)], None));
}

#[tokio::test]
async fn absent_is_absent_and_never_null() {
    let world = World::recording("alice").await;
    let minimal = json!({"operation": "generate", "status": "in_progress", "started_at": started_at(1), "normalized_request": {}});
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    world.recorder().put(&step(1, 1, 1), minimal).await.expect(201);
    let detail = world.user("alice").get(&run(1, 1)).await.expect(200);
    assert!(!detail.body.contains("null"), "{}", detail.body);
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let detail = detail.json();
    let run_members = ["chat_id", "id", "kind", "started_at", "status", "steps", "summary", "updated_at"];
    assert_eq!(keys(&detail), run_members);
    let step_members = [
        "attempts",
        "chat_id",
        "id",
        "metadata",
        "normalized_request",
        "operation",
        "run_id",
        "started_at",
        "status",
        "step_number",
        "updated_at",
    ];
    assert_eq!(keys(&detail["steps"][0]), step_members);
    let listed = world.user("alice").get(&runs(1)).await.json();
    assert_eq!(keys(&listed[0]), ["chat_id", "id", "kind", "started_at", "status", "summary", "updated_at"]);
    assert_eq!(listed[0]["summary"], json!({}));
}

#[tokio::test]
async fn everything_that_was_recorded_comes_back_as_it_was() {
    let world = World::recording("alice").await;
    let free = r#"{"z":1.10,"a":[12345678901234567890123,1E400,-0.0],"z":{"t":"\u00e9\ud83d\ude00 <script>"},"e":{}}"#;
    let body = format!(
        r#"{{"owner_id":"alice","id":"{}","kind":"title_generation","status":"error","started_at":"{}","finished_at":"{}",
            "provider":"p","model":"m","root_chat_id":"{}","parent_chat_id":"{}","model_config_id":"{}",
            "trigger_message_id":-9223372036854775808,"history_tip_message_id":9223372036854775807,
            "summary":{{"first_message":"hi"}},"steps":[{{"step_number":1,"operation":"generate","status":"error",
            "started_at":"2026-01-02T03:04:05.123456789+01:00","history_tip_message_id":1,"assistant_message_id":2,
            "normalized_request":{free},"normalized_response":{free},"usage":{free},"error":{free},"metadata":{free},
            "attempts":[{{"number":1,"status":"completed","method":"POST","url":"https://h/p","path":"/p",
            "started_at":"{}","finished_at":"{}","request_headers":{{"b":"1","a":"2"}},"response_headers":{{}},
            "request_body":"AP8=","response_body":"","response_status":529,"error":"e","duration_ms":3,
            "retry_classification":"overloaded","retry_delay_ms":4}}]}}]}}"#,
        run_id(1),
        started_at(1),
        started_at(2),
        chat_id(5),
        chat_id(6),
        chat_id(7),
        started_at(1),
        started_at(2),
    );
    world.recorder().post(&runs(1), body).await.expect(201);
    let detail = world.user("alice").get(&run(1, 1)).await.expect(200);
    assert_eq!(detail.body.matches(free).count(), 5, "every free-form object, byte for byte");
    for expected in [
        r#""started_at":"2026-01-02T02:04:05.123456Z""#,
        r#""trigger_message_id":-9223372036854775808"#,
        r#""history_tip_message_id":9223372036854775807"#,
        r#""request_headers":{"b":"1","a":"2"},"request_body":"AP8=","response_status":529,"response_headers":{},"response_body":"""#,
        r#""retry_classification":"overloaded","retry_delay_ms":4"#,
    ] {
        assert!(detail.body.contains(expected), "{expected} in {}", detail.body);
    }
    assert!(detail.body.contains(&format!(r#""root_chat_id":"{}""#, chat_id(5))));
}

#[tokio::test]
async fn a_run_that_does_not_fit_says_so_and_is_read_on() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    // Quotes double as they travel: five of these are 8 MB in the table and 16 MB on their way.
    let text = "\"".repeat(800_000);
    for number in [1, 4, 5, 7, 900] {
        let mut body = step_body(None);
        body["metadata"] = json!({"text": text, "number": number});
        world.recorder().put(&step(1, 1, number), body).await.expect(201);
    }
    let detail = world.user("alice").get(&run(1, 1)).await.expect(200);
    assert_eq!(detail.json()["steps_complete"], json!(false));
    let mut numbers = Vec::new();
    let mut answers = vec![detail.clone()];
    answers.extend(pages(&world, &detail.next().expect("a link")).await);
    for answer in &answers {
        assert!(Value::String(answer.body.clone()).to_string().len() < LAMBDA_LIMIT);
        let body = answer.json();
        let steps = body.get("steps").unwrap_or(&body).as_array().unwrap().clone();
        for step in steps {
            assert_eq!(step["metadata"]["text"], json!(text));
            numbers.push(step["step_number"].as_u64().unwrap());
        }
    }
    assert_eq!(numbers, [1, 4, 5, 7, 900]);
    assert!(answers.len() > 2);
    let all = pages(&world, &format!("{}/steps", run(1, 1))).await;
    assert_eq!(all.iter().map(|page| page.json().as_array().unwrap().len()).sum::<usize>(), 5, "from the first on");
}

#[tokio::test]
async fn a_cursor_moves_only_inside_its_own_list() {
    let world = World::recording("alice").await;
    for n in 1..=3 {
        world.recorder().post(&runs(1), open_run("alice", n)).await.expect(201);
        world.recorder().post(&runs(2), open_run("alice", n)).await.expect(201);
    }
    let next = world.user("alice").get(&format!("{}?limit=1", runs(1))).await.next().unwrap();
    let cursor = next.split("cursor=").nth(1).unwrap();
    for other in [
        format!("{}?cursor={cursor}", runs(2)),
        format!("{}?status=error&cursor={cursor}", runs(1)),
        format!("{}/steps?cursor={cursor}", run(1, 1)),
    ] {
        world.user("alice").get(&other).await.expect(400).problem("invalid-query");
    }
    let with_other_limit = format!("{}?limit=100&cursor={cursor}", runs(1));
    assert_eq!(ids(&world.user("alice").get(&with_other_limit).await.json()), [run_id(2), run_id(1)]);
}

#[tokio::test]
async fn what_was_recorded_stays_readable_after_logging_is_switched_off() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), turn("alice", 1, vec![step_body(Some(1))])).await.expect(201);
    world.admin().put(&gate(), json!({"allow_users": false})).await.expect(204);
    assert_eq!(ids(&world.user("alice").get(&runs(1)).await.expect(200).json()), [run_id(1)]);
    world.user("alice").get(&run(1, 1)).await.expect(200);
}

#[tokio::test]
async fn reading_takes_one_round_trip_and_one_for_each_megabyte_behind_the_proof() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), turn("alice", 1, vec![step_body(Some(1)), step_body(Some(2))])).await.expect(201);
    world.recorder().post(&runs(1), open_run("alice", 2)).await.expect(201);
    for number in 1..=3 {
        let mut body = step_body(None);
        body["metadata"] = json!({"text": noise(number.into(), 900_000)});
        world.recorder().put(&step(1, 2, number), body).await.expect(201);
    }
    world.wire.hold(Duration::from_millis(50));
    for (path, expected) in [(runs(1), 1), (run(1, 1), 1), (run(1, 2), 5), (format!("{}/steps", run(1, 1)), 1)] {
        world.wire.take();
        world.user("alice").get(&path).await.expect(200);
        assert_eq!(round_trips(&world.wire.take()), expected, "{path}");
    }
}
