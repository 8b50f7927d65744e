//! What the page says when there is nothing to show, or not yet.

use super::reader::{OWNER, admit, click, has, is_in, open_as_owner, says, scene};
use base64::{Engine, engine::general_purpose::STANDARD};
use local::issuer::TokenRole;
use serde_json::{Value, json};
use tests::{browser::Fate, site::Site, world::*};

#[tokio::test]
async fn whatever_is_missing_is_said_and_never_whose_it_is() {
    let (world, place, mut browser) = scene().await;
    world.consent("bob").await;
    world.recorder().post(&runs(2), turn("bob", 2, vec![step_body(Some(1))])).await.expect(201);
    world.recorder().put(&chat(3), json!({"owner_id": OWNER})).await.expect(201);
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}", chat_id(3))).await;
    browser.until(&is_in("empty")).await;
    let mut said = Vec::new();
    for (place, state) in [
        (format!("#/c/{}", chat_id(2)), "not-found"),
        (format!("#/c/{}", chat_id(4)), "not-found"),
        (format!("#/c/{}/r/{}", chat_id(2), run_id(2)), "not-found"),
        (format!("#/c/{}?status=interrupted", chat_id(1)), "no-match"),
    ] {
        // From a place without a state, so that none of the place before is read.
        browser.open(&site.viewer(&format!("#/c/{}", chat_id(1)))).await;
        browser.until(&has("run-row")).await;
        browser.open(&site.viewer(&place)).await;
        browser.until(&is_in(state)).await;
        said.push(browser.value(&format!("document.querySelector('[data-state=\"{state}\"]').textContent")).await);
    }
    assert_eq!(said[0], said[1], "another's chat and none are the same");

    let empty = format!("#/c/{}", chat_id(3));
    for (who, path, body, why) in [
        (world.user(OWNER), opt_in(), json!({"debug_logging_enabled": false}), "You have not opted in."),
        (world.user(OWNER), chat_setting(3), json!({"override": "off"}), "You said never for this chat."),
        (world.admin(), gate(), json!({"allow_users": false}), "An admin of this deployment can open it."),
    ] {
        assert!(who.put(&path, body).await.status < 300);
        browser.open(&site.viewer(&format!("#/c/{}", chat_id(1)))).await;
        browser.until(&has("run-row")).await;
        browser.open(&site.viewer(&empty)).await;
        browser.until(&format!("{} && {}", is_in("not-recorded"), says("state", why))).await;
    }

    browser.offline(true).await;
    browser.open(&site.viewer(&place)).await;
    browser.until(&is_in("offline")).await;
    browser.offline(false).await;
    browser.close().await;
}

/// Has what the page waits for come twenty times as soon: a reader's patience is no test's.
const HURRY: &str =
    "const later = setTimeout; window.setTimeout = (act, wait, ...more) => later(act, wait / 20, ...more)";

#[tokio::test]
async fn a_service_that_asks_for_patience_gets_it_and_one_that_has_none_is_tried_again() {
    let (world, place, mut browser) = scene().await;
    world.recorder().post(&runs(1), turn(OWNER, 3, vec![step_body(Some(1))])).await.expect(201);
    let site = Site::of(&world).await;
    browser.prepare(HURRY).await;
    browser.spoil("/debug/runs", Fate::Answer(429, Some(2)), 2).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}", chat_id(1))).await;
    browser.until(&has("run-row")).await;
    let lists = browser.asked().iter().filter(|url| url.ends_with("/debug/runs")).count();
    assert!(lists >= 3, "twice it was too many, and then it was not");

    let again = "document.querySelector('[data-state=\"failed\"] .btn, [data-state=\"slow\"] .btn')";
    for status in [503, 429] {
        browser.spoil("?bodies=none", Fate::Answer(status, Some(1)), 4).await;
    }
    browser.open(&site.viewer(&place)).await;
    for status in [503, 429] {
        browser.until(&format!("{} && {}", is_in("failed"), says("state", &format!("answered {status}")))).await;
        browser.click(again).await;
    }
    browser.until(&format!("{} && {}", has("run-head"), has("given"))).await;

    browser.spoil("?outline=true", Fate::Silence, 1).await;
    browser.open(&site.viewer(&format!("#/c/{}/r/{}", chat_id(1), run_id(3)))).await;
    browser.until(&format!("{} && {}", is_in("slow"), has("run-head"))).await;
    browser.click(again).await;
    browser.until(&has("given")).await;
    browser.close().await;
}

#[tokio::test]
async fn a_sign_in_that_ends_keeps_what_is_loaded_and_goes_on_at_the_same_place() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("{place}/s/2")).await;
    browser.until(&format!("{} && {} && {}", has("run-head"), has("given"), has("wire"))).await;
    let ended = world.issuer.claims(OWNER, TokenRole::User, world.now() - 24 * 3_600);
    let ended = world.issuer.sign(world.issuer.header(), ended).unwrap();
    browser.spoil("/steps/2", Fate::Token(ended), 1).await;
    let json = format!("{place}/s/2/json");
    browser.open(&site.viewer(&json)).await;
    browser.until(&has("signed-out-bar")).await;
    for part in ["run-head", "given", "came-back", "wire"] {
        assert_eq!(browser.value(&has(part)).await, json!(true), "{part} is gone");
    }
    browser.click("document.querySelector('[data-testid=\"signed-out-bar\"] button')").await;
    admit(&mut browser, &site).await;
    browser.until(&format!("location.hash === '{json}' && {}", says("json", "\"step_number\""))).await;
    browser.until(&format!("!{}", has("signed-out-bar"))).await;
    browser.close().await;
}

#[tokio::test]
async fn what_one_answer_cannot_hold_is_said_and_read_where_it_stands() {
    let (world, _, mut browser) = scene().await;
    world.recorder().post(&runs(1), open_run(OWNER, 3)).await.expect(201);
    // Two bodies, of which an answer holds one; quickly read, since they are no text.
    for number in [1, 2] {
        let mut step = step_body(None);
        let body = STANDARD.encode(vec![0xff; 3_000_000]);
        step["attempts"] = json!([{"number": 1, "status": "completed", "response_body": body}]);
        world.recorder().put(&self::step(1, 3, number), step).await.expect(201);
    }
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}/r/{}/s/2/wire/1", chat_id(1), run_id(3))).await;
    browser.until(&has("run-head")).await;
    click(&mut browser, "download").await;
    click(&mut browser, "download-har").await;
    browser.until("document.querySelector('.head [role=\"alert\"]')?.textContent.includes('chat-debug export')").await;
    // As JSON it comes page by page.
    click(&mut browser, "download").await;
    click(&mut browser, "download-json").await;
    let (_, saved) = browser.downloaded().await;
    let pages: Value = serde_json::from_slice(&saved).unwrap();
    let steps = [&pages[0]["steps"], &pages[1]];
    assert_eq!(steps.map(|steps| steps.as_array().unwrap().len()), [1, 1]);
    // A file that does not come is said, and comes when it is asked for again.
    browser.spoil("/response", Fate::Answer(500, None), 1).await;
    click(&mut browser, "download-response").await;
    browser.until(&says("said", "A 500 of the gateway.")).await;
    click(&mut browser, "download-response").await;
    assert_eq!(browser.downloaded().await.1.len(), 3_000_000);
    browser.close().await;
}

#[tokio::test]
async fn what_nobody_has_said_is_left_out_and_an_id_keeps_its_digits() {
    let (world, _, mut browser) = scene().await;
    let mut step = step_body(Some(1));
    step.as_object_mut().unwrap().remove("usage");
    let mut posted = turn(OWNER, 3, vec![step]);
    posted["trigger_message_id"] = json!(9_007_199_254_740_993_i64);
    world.recorder().post(&runs(2), posted).await.expect(201);
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}", chat_id(2))).await;
    browser.until(&has("run-row")).await;
    let tokens = "[...document.querySelectorAll('[data-testid=\"run-row\"] :is(.c4, .c6)')].map(it => it.textContent)";
    assert_eq!(browser.value(tokens).await, json!(["", ""]));
    browser.open(&site.viewer(&format!("#/c/{}/r/{}", chat_id(2), run_id(3)))).await;
    browser.until(&format!("{} && {}", has("run-head"), has("given"))).await;
    browser.until("document.querySelector('.left').textContent.includes('message 9007199254740993')").await;
    let figures = browser.value("document.querySelector('.sum').textContent").await;
    assert!(!figures.as_str().unwrap().contains("put"), "{figures}");
    browser.close().await;
}
