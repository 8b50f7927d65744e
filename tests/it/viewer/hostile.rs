//! Recorded text is hostile: it is read, and does nothing.

use super::reader::{LOADED, OWNER, assert_closed, has, open_as_owner, says, scene, the};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tests::{site::Site, world::*};

/// Where what runs would go.
const ELSEWHERE: &str = "http://127.0.0.1:9/";

/// Texts that do something where they are taken for more.
fn texts() -> Vec<String> {
    let deep = "[".repeat(5_000) + &"]".repeat(5_000);
    [
        "<script>window.ran = 1</script>",
        "<img src=\"ELSEWHEREimage\" onerror=\"window.ran = 2\">",
        "![an image](ELSEWHEREmarkdown.png) [a link](javascript:window.ran=3) <a href=\"javascript:window.ran=4\">x</a>",
        "</textarea></style></script><svg onload=\"window.ran = 5\">",
        "<iframe srcdoc=\"<script>parent.ran = 6</script>\"></iframe><base href=\"ELSEWHERE\">",
        "a\u{202e}txt.exe\u{2066}b\u{2069} \u{0}\u{7}\u{1b}[31m red \u{200b}",
        "{{constructor.constructor('window.ran = 7')()}} ${window.ran = 8} __proto__",
        // Half a surrogate pair, once it is sent.
        "half HALF a pair",
        deep.as_str(),
    ]
    .map(|text| text.replace("ELSEWHERE", ELSEWHERE))
    .into()
}

/// A step in which the texts are everywhere, in a stream that is cut within a character.
fn hostile_step() -> Value {
    let messages: Vec<_> = texts().iter().map(|text| json!({"role": "user", "content": text})).collect();
    let nested = (1..127).fold(json!("the innermost"), |inner, _| json!({"a": inner}));
    let asked = json!({"model": "<b>m</b>", "messages": messages, "tools": [{"type": "function", "function": {
        "name": "<img src=x onerror=window.ran=9>", "description": texts()[1], "parameters": {}}}]});
    let event = |text: &str| format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": {"content": text}}]}));
    let mut answered = texts().iter().map(|text| event(text)).collect::<String>().into_bytes();
    answered.extend("data: {\"choices\":[{\"delta\":{\"content\":\"ä".as_bytes().split_last().unwrap().1);
    let mut step = step_body(Some(1));
    step["error"] = json!({"message": texts()[1], "code": "<script>window.ran = 10</script>"});
    step["status"] = json!("error");
    step["metadata"] = json!({"__proto__": {"ran": 11}, "html": texts()[3], "nested": nested});
    step["attempts"] = json!([{
        "number": 1, "status": "completed", "method": "POST", "url": "javascript:window.ran=12",
        "request_headers": {"content-type": "text/html", "x-<b>": "<script>window.ran = 13</script>"},
        "request_body": STANDARD.encode(asked.to_string().replace("HALF", "\\ud83d")), "response_status": 200,
        "response_headers": {"content-type": "text/event-stream", "link": "<http://127.0.0.1:9/>; rel=preload"},
        "response_body": STANDARD.encode(answered), "error": texts()[0], "retry_classification": texts()[1],
    }, {
        "number": 2, "status": "failed", "request_body": STANDARD.encode([0xff, 0xfe, 0, 0x80]),
        "response_body": STANDARD.encode("x".repeat(200_000)),
    }]);
    step
}

#[tokio::test]
async fn a_hostile_run_is_read_and_nothing_of_it_runs_or_is_fetched() {
    let (world, _, mut browser) = scene().await;
    let mut posted = turn(OWNER, 3, vec![hostile_step()]);
    posted["summary"] = json!({"first_message": texts()[1]});
    posted["model"] = json!("<script>window.ran = 14</script>\u{202e}\u{fe0f}");
    world.recorder().post(&runs(1), posted).await.expect(201);
    let site = Site::of(&world).await;
    let place = format!("#/c/{}/r/{}", chat_id(1), run_id(3));
    open_as_owner(&mut browser, &site, &format!("#/c/{}", chat_id(1))).await;
    browser.until(&has("run-row")).await;
    for (place, part) in [
        (format!("{place}/s/1"), "given"),
        (format!("{place}/s/1/wire/1"), "wire"),
        (format!("{place}/s/1/wire/2"), "wire"),
        (format!("{place}/s/1/back/1"), "came-back"),
        (format!("{place}/s/1/json"), "json"),
    ] {
        browser.open(&site.viewer(&place)).await;
        browser.until(&has(part)).await;
        browser.until(LOADED).await;
        // Everything that can be opened is.
        browser.value("document.querySelectorAll('details').forEach(it => it.open = true)").await;
        browser.until("true").await;
    }
    // However deep a value is, a person gets to its end.
    let unfold = "document.querySelectorAll('#json .twist[aria-expanded=\"false\"]').forEach(it => it.click())";
    browser.until(&format!("({unfold}, {})", says("json", "the innermost"))).await;
    browser.open(&site.viewer(&format!("{place}/s/1"))).await;
    browser.until(&format!("/half [^H]+ a pair/.test({}?.textContent)", the("step"))).await;
    for text in &texts()[..4] {
        browser.until(&format!("{}?.textContent.includes({})", the("step"), json!(text))).await;
    }
    // Nothing hides.
    browser.until("document.querySelectorAll('.facts .sign').length === 2").await;
    assert_eq!(browser.value("typeof window.ran").await, json!("undefined"));
    let acting = "document.querySelectorAll('#app script, #app iframe, #app base, #app img[src^=\"http\"], \
                  #app [href^=\"javascript:\" i], #app [onerror], #app [onload]').length";
    assert_eq!(browser.value(acting).await, json!(0));
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    assert_closed(&browser, &site);
    browser.close().await;
}

#[tokio::test]
async fn a_link_that_names_another_place_says_where_it_leads() {
    let (world, _, mut browser) = scene().await;
    let mut step = step_body(Some(1));
    let text = format!("Sign in at [https://bank.example]({ELSEWHERE}login) or [here](https://bank.example/).");
    step["normalized_response"] = json!({"content": [{"type": "text", "text": text}], "finish_reason": "stop"});
    world.recorder().post(&runs(1), turn(OWNER, 3, vec![step])).await.expect(201);
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}/r/{}", chat_id(1), run_id(3))).await;
    let said = "Sign in at https://bank.example (127.0.0.1:9) or here (bank.example).";
    browser.until(&says("came-back", said)).await;
    assert_closed(&browser, &site);
    browser.close().await;
}

/// A text of five million characters without a blank.
const LONG: usize = 5_000_000;

#[tokio::test]
async fn a_text_of_megabytes_without_a_blank_is_read_to_its_end() {
    let (world, _, mut browser) = scene().await;
    let text = "<b>".to_owned() + &"x".repeat(LONG - 6) + "end";
    let mut step = step_body(Some(1));
    step["normalized_request"] = json!({"messages": [{"role": "user", "content": text}]});
    world.recorder().post(&runs(1), turn(OWNER, 3, vec![step])).await.expect(201);
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}/r/{}", chat_id(1), run_id(3))).await;
    browser.until(&says("given", "A text of 5.0 MB")).await;
    browser.click("document.querySelector('[data-testid=\"given\"] .msg .fold')").await;
    // All of it is on the page, in its order, and none of it is wider than that.
    browser.until(&format!("document.querySelector('.msg .plain')?.textContent.length === {LONG}")).await;
    browser.until("document.querySelector('.msg .plain').textContent.endsWith('xend')").await;
    assert_eq!(browser.value("document.querySelector('.msg b b')").await, Value::Null);
    let wide = browser.value("document.documentElement.scrollWidth - innerWidth").await;
    assert!(wide.as_i64() <= Some(0), "{wide} px too wide");
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}
