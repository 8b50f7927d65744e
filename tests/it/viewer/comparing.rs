//! Comparing in depth: two runs, two of their steps, in words, lines and bytes.

use super::reader::{OWNER, assert_closed, click, has, keep_picture, open_as_owner};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tests::{browser::Browser, site::Site, world::*};

/// A step as a provider has it: what it is told, how freely it answers, and what it does.
fn asked_and_answered(number: u32, prompt: &str, temperature: f64, answer: &str) -> Value {
    let request = json!({
        "model": "gpt-5", "temperature": temperature,
        "messages": [{"role": "system", "content": prompt}, {"role": "user", "content": "When is it time to water?"}],
    });
    let response = json!({
        "id": "c", "object": "chat.completion", "model": "gpt-5",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": answer}, "finish_reason": "stop"}],
    });
    let mut step = step_body(Some(number));
    step["attempts"] = json!([{
        "number": 1, "status": "completed", "method": "POST", "url": "https://api.openai.com/v1/chat/completions",
        "request_headers": {"content-type": "application/json"}, "request_body": STANDARD.encode(request.to_string()),
        "response_headers": {"content-type": "application/json"}, "response_status": 200,
        "response_body": STANDARD.encode(response.to_string()), "duration_ms": 400, "first_byte_ms": 120,
    }]);
    step
}

/// What is marked so, everything of it together.
async fn marked(browser: &mut Browser, element: &str) -> String {
    let marked = format!("[...document.querySelectorAll('#d {element}')].map(it => it.textContent).join('|')");
    browser.value(&marked).await.as_str().unwrap().to_owned()
}

/// Chooses by its words.
async fn choose(browser: &mut Browser, words: &str) {
    browser.click(&format!("[...document.querySelectorAll('button')].find(it => it.textContent === '{words}')")).await;
}

#[tokio::test]
async fn two_runs_and_two_steps_are_compared_word_by_word() {
    let world = World::recording(OWNER).await;
    let prompt = |when: &str| format!("You care for plants.\nWater them {when}, and say so.\nBe brief.");
    let turns = [(1, "at night", 0.2, "At ten."), (2, "in the morning", 0.7, "At seven.")];
    for (n, when, temperature, answer) in turns {
        let first = asked_and_answered(1, &prompt(when), temperature, answer);
        let second = asked_and_answered(2, &prompt(when), temperature, "Done.");
        let steps = if n == 1 { vec![first] } else { vec![first, second] };
        world.recorder().post(&runs(1), turn(OWNER, n, steps)).await.expect(201);
    }
    let site = Site::of(&world).await;
    let mut browser = Browser::start().await;
    browser.resize(1280, 900).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}", chat_id(1))).await;
    browser.until("document.querySelectorAll('[data-testid=\"run-row\"]').length === 2").await;
    for place in [0, 1] {
        browser.click(&format!("document.querySelectorAll('[data-testid=\"run-choose\"]')[{place}]")).await;
    }
    click(&mut browser, "compare-go").await;
    let sides = [1, 2].map(|n| format!("{}/{}", chat_id(1), run_id(n)));
    browser.until(&format!("location.hash === '#/compare?a={}&b={}'", sides[0], sides[1])).await;
    browser.until("document.querySelector('#d ins')").await;
    keep_picture(&mut browser, "compare-runs").await;
    // The second step stands alone, and cannot be chosen.
    let pairs = "[...document.querySelectorAll('.pairs button')].map(it => it.disabled)";
    assert_eq!(browser.value(pairs).await, json!([false, true]));

    let (gone, come) = (marked(&mut browser, "del").await, marked(&mut browser, "ins").await);
    assert!(gone.contains("0.2") && gone.contains("night") && !gone.contains("plants"), "{gone}");
    assert!(come.contains("0.7") && come.contains("morning") && !come.contains("brief"), "{come}");
    browser.press("s").await;
    browser.until("document.querySelector('#d del')?.textContent.includes('0.7')").await;
    browser.press("s").await;
    browser.until("document.querySelector('#d del')?.textContent.includes('0.2')").await;

    choose(&mut browser, "Lines").await;
    browser.until("[...document.querySelectorAll('#d ins')].some(it => it.textContent.includes('Water them'))").await;
    choose(&mut browser, "One column").await;
    browser.until("document.querySelector('#d .row1 del') && document.querySelector('#d .row1 ins')").await;
    click(&mut browser, "compare-answers").await;
    browser.until("document.querySelector('#d ins')?.textContent.includes('seven')").await;
    assert!(marked(&mut browser, "del").await.contains("ten"));
    click(&mut browser, "compare-bytes").await;
    browser.until("[...document.querySelectorAll('#d ins')].some(it => it.textContent.includes('0.7'))").await;
    browser.press("n").await;
    browser.until("document.activeElement?.dataset.testid === 'difference'").await;

    // Two steps of one run: the same question, another answer.
    browser.open(&site.viewer(&format!("#/compare?a={0}/1&b={0}/2", sides[1]))).await;
    browser.until(&format!("{} && document.querySelector('#d')", has("compare"))).await;
    click(&mut browser, "compare-answers").await;
    browser.until("document.querySelector('#d ins')?.textContent.includes('Done')").await;
    browser.until("document.querySelector('.nums').textContent.includes('0.12 s')").await;
    browser.until("document.querySelector('.nums .delta').textContent.includes('same')").await;
    browser.press("Escape").await;
    browser.until(&format!("location.hash === '#/compare?a={}&b={}'", sides[0], sides[1])).await;
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    assert_closed(&browser, &site);
    browser.close().await;
}
