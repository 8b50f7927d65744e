//! Steps as a person reads them: whose they are, page by page, one alone, and with more in them than an answer holds.

use api::view::{Content, Outcome, Place, ViewedStep};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tests::world::*;

fn views(n: u32, query: &str) -> String {
    format!("{}/view{query}", run(1, n))
}

/// The call of a model that was given so many messages, each with this text.
fn asking(number: Option<u32>, messages: u32, text: &str) -> Value {
    let message =
        |n: u32| json!({"role": if n % 2 == 1 { "user" } else { "assistant" }, "content": format!("{n} {text}")});
    let request = json!({"model": "m", "messages": (1..=messages).map(message).collect::<Vec<_>>()});
    let events = r#"data: {"model":"m-1","choices":[{"index":0,"delta":{"content":"Hel"}}]}

data: {"choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}

data: [DONE]

"#;
    let mut step = step_body(number);
    step["attempts"] = json!([{
        "number": 1, "status": "completed", "url": "https://api.openai.com/v1/chat/completions",
        "request_body": STANDARD.encode(request.to_string()), "response_status": 200,
        "response_body": STANDARD.encode(events),
    }]);
    step
}

async fn read(world: &World, path: &str) -> (Vec<ViewedStep>, Option<String>) {
    let answer = world.user("alice").get(path).await.expect(200);
    (serde_json::from_str(&answer.body).unwrap(), answer.next())
}

/// The first run as a posted turn and the second put step by step, each with steps of these numbers, every one of which
/// is given a message more than the one before.
async fn record(world: &World, numbers: &[u32], text: &str) {
    let given = |(place, number): (u32, &u32)| (*number, place + 1);
    let steps = (0..).zip(numbers).map(given);
    let posted = steps.clone().map(|(number, messages)| asking(Some(number), messages, text)).collect();
    world.recorder().post(&runs(1), turn("alice", 1, posted)).await.expect(201);
    world.recorder().post(&runs(1), open_run("alice", 2)).await.expect(201);
    for (number, messages) in steps {
        world.recorder().put(&step(1, 2, number), asking(None, messages, text)).await.expect(201);
    }
}

#[tokio::test]
async fn a_view_says_what_was_asked_and_answered_and_where_it_stands() {
    let world = World::recording("alice").await;
    record(&world, &[1], "Hi").await;
    for n in [1, 2] {
        let (read, next) = read(&world, &views(n, "")).await;
        let [ViewedStep { step_number, view }] = &read[..] else { panic!("{read:?}") };
        assert_eq!((step_number.get(), next), (1, None));
        assert_eq!((view.provider.as_deref(), view.model_answered.as_deref()), (Some("openai"), Some("m-1")));
        assert_eq!((view.outcome, view.messages[0].text().as_str()), (Outcome::Completed, "1 Hi"));
        let said = &view.answer[0].parts[0];
        assert_eq!(said.content, Content::Text { text: "Hello".into() });
        let Place::Events(events) = &said.source.place else { panic!("{said:?}") };
        assert_eq!((events.len(), events[0].first, events[0].last), (1, 1, 2));
        let raw = world.user("alice").get(&views(n, "")).await.expect(200).json();
        let source = json!({"in": "response", "attempt": 1, "events": [{"first": 1, "last": 2}]});
        assert_eq!(raw[0]["answer"][0]["parts"][0], json!({"type": "text", "text": "Hello", "source": source}));
    }
}

#[tokio::test]
async fn only_the_chats_owner_reads_a_view() {
    let world = World::recording("alice").await;
    record(&world, &[1], "Hi").await;
    world.consent("bob").await;
    world.user("bob").get(&views(1, "")).await.expect(404);
    world.user("bob").get(&views(1, "?step=1&step=2")).await.expect(404);
    world.recorder().get(&views(1, "")).await.expect(403);
    for missing in [views(3, ""), views(1, "?step=2"), views(2, "?step=2")] {
        world.user("alice").get(&missing).await.expect(404);
    }
    for wrong in ["?step=0", "?step=1&after=1", "?after=x", "?cursor=x", "?limit=1", "?after=1&cursor=x"] {
        world.user("alice").get(&views(1, wrong)).await.expect(400);
    }
}

#[tokio::test]
async fn what_is_new_is_told_at_the_edge_of_a_page_and_of_a_step_alone_too() {
    let world = World::recording("alice").await;
    record(&world, &[3, 5, 9], "Hi").await;
    for n in [1, 2] {
        let before = async |query: &str| {
            let (read, _) = read(&world, &views(n, query)).await;
            read.iter().map(|step| (step.step_number.get(), step.view.messages_before)).collect::<Vec<_>>()
        };
        assert_eq!(before("").await, [(3, 0), (5, 1), (9, 2)]);
        assert_eq!(before("?after=3").await, [(5, 1), (9, 2)]);
        assert_eq!(before("?after=7").await, [(9, 2)]);
        assert_eq!(before("?after=99999").await, []);
        assert_eq!(before("?step=3").await, [(3, 0)]);
        assert_eq!(before("?step=9").await, [(9, 2)]);
    }
}

#[tokio::test]
async fn a_long_run_comes_in_pages_and_each_step_once() {
    // A view says of each message where it came from: many times what a short one has.
    const MESSAGES: u32 = 15_000;
    let world = World::recording("alice").await;
    let numbers: Vec<u32> = (1..=6).collect();
    world.recorder().post(&runs(1), open_run("alice", 2)).await.expect(201);
    for number in &numbers {
        world.recorder().put(&step(1, 2, *number), asking(None, MESSAGES, "x")).await.expect(201);
    }
    let (mut path, mut seen) = (Some(views(2, "")), Vec::new());
    let mut pages = 0;
    while let Some(next) = path {
        let page;
        (page, path) = read(&world, &next).await;
        pages += 1;
        seen.extend(page.iter().map(|step| (step.step_number.get(), step.view.messages_before)));
    }
    let all = MESSAGES as usize;
    assert_eq!(seen, [(1, 0), (2, all), (3, all), (4, all), (5, all), (6, all)]);
    assert_eq!(pages, 3);
}

#[tokio::test]
async fn a_view_that_has_not_changed_is_not_sent_again() {
    let world = World::recording("alice").await;
    record(&world, &[1], "Hi").await;
    let answer = world.user("alice").get(&views(2, "")).await.expect(200);
    let tag = answer.header("etag").expect("a tag").to_owned();
    let mut again = world.user("alice").request("GET", &views(2, ""), None);
    again.headers.push(("if-none-match".to_owned(), tag));
    world.user("alice").send(again.clone()).await.expect(304);
    world.recorder().put(&step(1, 2, 1), asking(None, 2, "Ho")).await.expect(200);
    world.user("alice").send(again).await.expect(200);
}

/// Any body may unpack to 1 MiB, also one of 1 KB.
#[tokio::test]
async fn a_page_of_views_ends_by_what_was_unpacked_for_it() {
    let world = World::recording("alice").await;
    let body = format!(r#"{{"id":"r"{}}}"#, " ".repeat(1_000_000));
    let attempt = json!({"number": 1, "status": "completed", "response_body": STANDARD.encode(gzip(body))});
    let mut one = step_body(None);
    one["attempts"] = json!(vec![attempt; 6]);
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    for number in 1..=12 {
        world.recorder().put(&step(1, 1, number), &one).await.expect(201);
    }
    // 72 MB, of which less than 100 KB is stored.
    let (first, next) = read(&world, &views(1, "")).await;
    assert!(next.is_some() && first.len() <= 6, "{} steps of 6 MB each for one page", first.len());
}
