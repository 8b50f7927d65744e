//! More than one looks at: many calls, deep values, and texts that one answer has no room for.

use super::reader::{OWNER, has, open_as_owner, says, scene};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tests::{site::Site, world::*};

/// A call of a model, as it was sent and answered.
fn sent(number: u32, asked: &[u8], answered: &[u8]) -> Value {
    let mut step = step_body(Some(number));
    step["attempts"] = json!([{
        "number": 1, "status": "completed", "method": "POST", "url": "https://api.openai.com/v1/chat/completions",
        "request_headers": {"content-type": "application/json"}, "request_body": STANDARD.encode(asked),
        "response_headers": {"content-type": "application/json"}, "response_status": 200,
        "response_body": STANDARD.encode(answered),
    }]);
    step
}

fn answer(message: &Value) -> String {
    json!({"id": "c", "model": "gpt-5", "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
        .to_string()
}

const NODES: &str = "document.querySelectorAll('*').length";

#[tokio::test]
async fn a_thousand_calls_are_counted_paired_and_shown_as_far_as_one_asks() {
    const CALLS: usize = 1_000;
    let (world, _, mut browser) = scene().await;
    let call = |n: usize| {
        let function = json!({"name": "read_sensor", "arguments": format!("{{\"hour\":{n}}}")});
        json!({"id": format!("call_{n}"), "type": "function", "function": function})
    };
    let called = json!({"role": "assistant", "content": null, "tool_calls": (0..CALLS).map(call).collect::<Vec<_>>()});
    let mut messages = vec![json!({"role": "user", "content": "Read them all."})];
    let first = json!({"model": "gpt-5", "messages": messages}).to_string();
    messages.push(called.clone());
    messages.extend(
        (0..CALLS)
            .map(|n| json!({"role": "tool", "tool_call_id": format!("call_{n}"), "content": format!("{n} degrees")})),
    );
    let second = json!({"model": "gpt-5", "messages": messages}).to_string();
    let done = answer(&json!({"role": "assistant", "content": "It is warm."}));
    let steps =
        vec![sent(1, first.as_bytes(), answer(&called).as_bytes()), sent(2, second.as_bytes(), done.as_bytes())];
    world.recorder().post(&runs(1), turn(OWNER, 3, steps)).await.expect(201);
    let site = Site::of(&world).await;
    let place = format!("#/c/{}/r/{}", chat_id(1), run_id(3));
    open_as_owner(&mut browser, &site, &format!("{place}/s/1")).await;
    browser.until("document.querySelector('.tools-card small')?.textContent === '1,000, all answered'").await;
    browser.until(&format!("{} && {}", has("came-back"), has("wire"))).await;
    let nodes = browser.value(NODES).await;
    assert!(nodes.as_u64().unwrap() < 12_000, "{nodes} nodes");
    // The rest of the list is a button away, as often as it takes.
    let more = "document.querySelector('.tools-card .rest button')";
    let calls = "document.querySelectorAll('.tools-card li:not(.rest)').length";
    while browser.value(&format!("Boolean({more})")).await == true {
        let before = browser.value(calls).await;
        browser.click(more).await;
        browser.until(&format!("{calls} > {before}")).await;
    }
    assert_eq!(browser.value(calls).await, json!(CALLS));
    // The last of the results, beside what was asked.
    browser.open(&site.viewer(&format!("{place}/s/2"))).await;
    browser.until(&says("came-back", "It is warm.")).await;
    let rest = "document.querySelector('#sent .rest button')";
    browser.until(&format!("{} || ({rest}?.click(), false)", says("given", "999 degrees"))).await;
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}

#[tokio::test]
async fn the_events_of_a_passage_are_drawn_and_marked_however_far_behind_they_came() {
    const WORDS: usize = 700;
    let (world, _, mut browser) = scene().await;
    let event = |delta: &Value| format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": delta}]}));
    let mut answered = (0..WORDS).map(|n| event(&json!({"content": format!("{n} ")}))).collect::<String>();
    let function = json!({"name": "read_sensor", "arguments": "{}"});
    answered +=
        &event(&json!({"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": function}]}));
    answered += "data: [DONE]\n\n";
    let asked = json!({"model": "gpt-5", "messages": [{"role": "user", "content": "Count."}]}).to_string();
    let step = sent(1, asked.as_bytes(), answered.as_bytes());
    world.recorder().post(&runs(1), turn(OWNER, 3, vec![step])).await.expect(201);
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}/r/{}/s/1", chat_id(1), run_id(3))).await;
    browser.until("document.querySelector('.ev [data-event=\"1\"]')").await;
    let drawn = "document.querySelectorAll('.ev [data-event]').length";
    assert!(browser.value(drawn).await.as_u64() < Some(20), "a long run of one kind is folded");
    let last = format!("event {}", WORDS + 1);
    browser.click(&format!("[...document.querySelectorAll('.from')].find(it => it.textContent === '{last}')")).await;
    browser.until(&format!("document.querySelector('.ev li.hov')?.dataset.event === '{}'", WORDS + 1)).await;
    let is_seen = "(([row, list]) => row.top >= list.top && row.bottom <= list.bottom)\
                   (['.ev li.hov', '.ev'].map(it => document.querySelector(it).getBoundingClientRect()))";
    browser.until(is_seen).await;
    assert!(browser.value(drawn).await.as_u64() < Some(100), "what is before it stays folded");
    // The events before are a button away.
    browser.click("document.querySelector('.ev .cut button')").await;
    browser.until(&format!("{drawn} > 200")).await;
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}

#[tokio::test]
async fn a_value_of_10_000_levels_is_a_tree_that_one_opens_level_by_level() {
    const DEEP: usize = 10_000;
    let (world, _, mut browser) = scene().await;
    let deep = format!("{}\"the innermost\"{}", "[".repeat(DEEP), "]".repeat(DEEP));
    let asked = format!(r#"{{"model":"gpt-5","messages":[{{"role":"user","content":"How deep?"}}],"deep":{deep}}}"#);
    let done = answer(&json!({"role": "assistant", "content": deep}));
    let step = sent(1, asked.as_bytes(), done.as_bytes());
    world.recorder().post(&runs(1), turn(OWNER, 3, vec![step])).await.expect(201);
    let site = Site::of(&world).await;
    let place = format!("#/c/{}/r/{}/s/1/wire/1", chat_id(1), run_id(3));
    open_as_owner(&mut browser, &site, &place).await;
    browser.until(&says("given", "How deep?")).await;
    browser.until(&says("came-back", "the innermost")).await;
    // It begins folded, however deep it is, and each level that is opened shows the next.
    let folded = "document.querySelectorAll('#wire .tree .twist[aria-expanded=\"false\"]')";
    browser.until(&format!("{folded}.length > 0")).await;
    let levels = "document.querySelectorAll('#wire .tree .twist[aria-expanded=\"true\"]').length";
    let before = browser.value(levels).await.as_u64().unwrap();
    assert!(before < 50, "{before} levels are open at once");
    browser.until(&format!("({folded}.forEach(it => it.click()), {levels}) > 200")).await;
    assert_eq!(browser.value("document.querySelector('[data-state=\"failed\"]')").await, Value::Null);
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}

#[tokio::test]
async fn what_an_answer_has_no_room_for_is_said_with_its_size_and_read_where_it_stands() {
    let (world, _, mut browser) = scene().await;
    // As other texts are, it is packed to a quarter or so.
    let long = (0..140_000).map(|n| format!("{n} is long, ")).collect::<Vec<_>>().concat();
    let message = |n: u32| json!({"role": "user", "content": format!("{long}the end of text {n}")});
    let asked = json!({"model": "gpt-5", "messages": [message(1), message(2), message(3)]});
    // Packed it is a part of a post, and unpacked more than an answer may be.
    let packed = gzip(asked.to_string());
    let done = answer(&json!({"role": "assistant", "content": "That was long."}));
    let mut step = sent(1, &packed, done.as_bytes());
    step["attempts"][0]["request_headers"]["content-encoding"] = json!("gzip");
    world.recorder().post(&runs(1), turn(OWNER, 3, vec![step])).await.expect(201);
    let stored = world.user(OWNER).get(&self::step(1, 3, 1)).await.expect(200).json();
    assert_eq!(stored["redaction"], Value::Null);
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}/r/{}/s/1", chat_id(1), run_id(3))).await;
    browser.until(&says("came-back", "That was long.")).await;
    let left_out = "document.querySelector('[data-testid=\"given\"] .left-out')";
    browser.until(&format!("/2\\.1 MB are left out here/.test({left_out}?.textContent)")).await;
    browser.click(&format!("{left_out}.querySelector('.more')")).await;
    // It is read from the body, byte for byte.
    browser.until(&format!("{left_out}.querySelector('.as-sent')?.textContent.includes('from')")).await;
    let whole = format!("{left_out}.querySelector('.as-sent .tree .more, .as-sent .fold')");
    browser.until(&whole).await;
    browser.click(&whole).await;
    browser.until(&format!("/the end of text [123]/.test({left_out}.textContent)")).await;
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}
