//! Every form of a link leads where it says, through the sign-in too, and to nobody else's.

use super::reader::{OWNER, has, is_in, open_as_owner, says, scene, the};
use serde_json::json;
use tests::{site::Site, world::*};

#[tokio::test]
async fn a_chat_opens_by_its_products_own_name_for_it_whatever_that_holds() {
    let (world, _, mut browser) = scene().await;
    world.consent("bob").await;
    let words = ["conversation-7", "Team 7/\u{fc}ber #1?a=b&c 100 % \u{1f600}"];
    for (owner, word, n) in [(OWNER, words[0], 1), (OWNER, words[1], 2), ("bob", "bobs", 3)] {
        let mut posted = turn(owner, n, vec![step_body(Some(1))]);
        posted["external_id"] = json!(word);
        posted["trigger_message_id"] = json!("msg/1");
        world.recorder().post(&format!("{}/debug/runs", named_chat(owner, word)), posted).await.expect(201);
    }
    let site = Site::of(&world).await;
    let id = |word: &str| named_chat(OWNER, word).rsplit_once('/').unwrap().1.to_owned();
    open_as_owner(&mut browser, &site, &format!("#/c/by/{}", words[0])).await;
    browser.until(&format!("{} && location.hash === '#/c/{}'", has("run-row"), id(words[0]))).await;
    browser.until(&format!("document.querySelector('h1').textContent === 'Recorded turns of {}'", words[0])).await;

    let go = |place: &str, word: &str| {
        format!("location.hash = '#/c/by/' + encodeURIComponent({}) + '{place}'", json!(word))
    };
    browser.value(&go("", words[1])).await;
    browser.until(&format!("{} && location.hash === '#/c/{}'", has("run-row"), id(words[1]))).await;
    browser.value(&go("/m/msg%2F1", words[1])).await;
    browser.until(&format!("{} && location.hash.startsWith('#/c/{}/r/')", has("run-head"), id(words[1]))).await;
    // It stays known by that name, also where there is little room, but to the browser's history.
    browser.resize(320, 700).await;
    let way_back = "document.querySelector('.crumbs a')";
    browser.until(&format!("{way_back}.checkVisibility() && {way_back}.textContent === {}", json!(words[1]))).await;
    assert_eq!(browser.value("document.title.includes('Team')").await, json!(false));
    // Of another user's chat not even the name is known, and nothing of it is said.
    for missing in ["bobs", "nobodys"] {
        browser.value(&go("", missing)).await;
        let is_gone = format!("{} && !{}", is_in("not-found"), has("filter-text"));
        browser.until(&format!("{is_gone} && location.hash === '#/c/{}'", id(missing))).await;
    }
    browser.close().await;
}

#[tokio::test]
async fn a_chat_whose_name_is_or_holds_an_id_is_found_by_that_name() {
    let (world, _, mut browser) = scene().await;
    let names = [format!("thread_{}", chat_id(8)), chat_id(9)];
    for (name, n) in names.iter().zip(1..) {
        let mut posted = turn(OWNER, n, vec![step_body(Some(1))]);
        posted["external_id"] = json!(name);
        world.recorder().post(&format!("{}/debug/runs", named_chat(OWNER, name)), posted).await.expect(201);
    }
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}", chat_id(1))).await;
    browser.until(&has("run-row")).await;
    let id = |word: &str| named_chat(OWNER, word).rsplit_once('/').unwrap().1.to_owned();
    for (typed, found) in [
        (names[0].clone(), id(&names[0])),
        (names[1].clone(), id(&names[1])),
        (chat_id(1), chat_id(1)),
        // What is nowhere is not found where it was looked for first.
        (chat_id(7), chat_id(7)),
    ] {
        browser.open(&site.viewer("#/")).await;
        browser.click("document.querySelector('.page #open-chat')").await;
        browser.write(&typed).await;
        browser.press("Enter").await;
        let state = if typed == chat_id(7) { is_in("not-found") } else { has("run-row") };
        browser.until(&format!("location.hash === '#/c/{found}' && {state}")).await;
    }
    browser.close().await;
}

#[tokio::test]
async fn links_lead_to_a_message_of_the_product_and_to_every_part_of_a_step() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}/m/41", chat_id(1))).await;
    browser.until(&format!("{} && location.hash === '{place}'", has("run-head"))).await;
    browser.open(&site.viewer(&format!("#/c/{}/m/nobody%27s%20%2F", chat_id(1)))).await;
    browser.until(&is_in("empty")).await;
    // An answer that comes when one has gone on leads nowhere.
    let list = format!("#/c/{}", chat_id(1));
    browser.far(1_000).await;
    browser
        .value(&format!(
            "new Promise(done => {{
                const isThere = () => document.querySelector('h1')?.textContent === 'The run of message 41';
                // Before it is even painted.
                const seen = new MutationObserver(() => {{
                    if (!isThere()) return;
                    seen.disconnect();
                    location.hash = '{list}';
                    done();
                }});
                seen.observe(document, {{subtree: true, childList: true, characterData: true}});
                location.hash = '{list}/m/41';
            }})"
        ))
        .await;
    browser.until(&has("run-row")).await;
    browser.value("new Promise(done => setTimeout(done, 1_500))").await;
    assert_eq!(browser.value("location.hash").await, json!(list));
    browser.far(0).await;

    // Below the two bars that stay, and above the end of the window.
    let in_view = |element: &str| {
        format!("(box => box && box.top > 40 && box.top < innerHeight)({element}?.getBoundingClientRect())")
    };
    browser.resize(1280, 700).await;
    let tab = "document.querySelector('nav.tabs [aria-current]')";
    for (part, element, more, name) in [
        ("1/wire/2", "document.querySelector('[data-attempt=\"2\"]')", says("wire", "Copy as curl"), "Over the wire"),
        ("1/back/6", "document.querySelector('[data-event=\"6\"]')", has("back-events"), "Came back"),
        ("2/sent/4", "document.querySelector('[data-message=\"4\"]')", says("given", "item.price"), "Sent"),
        ("2/json", "document.querySelector('#json')", says("json", "step_number"), "JSON"),
    ] {
        browser.open(&site.viewer(&format!("{place}/s/{part}"))).await;
        browser.until(&format!("{more} && {} && {tab}.textContent.startsWith('{name}')", in_view(element))).await;
    }
    // A tab opens what it leads to.
    browser.open(&site.viewer(&format!("{place}/s/1"))).await;
    browser.until(&says("step", "Step 1")).await;
    browser.press("4").await;
    browser.until(&says("json", "step_number")).await;
    for nowhere in ["#/nowhere", "#/c/by/", &format!("{place}/s/0"), "#/compare?a=1&b=2"] {
        browser.open(&site.viewer(nowhere)).await;
        browser
            .until(&format!(
                "document.querySelector('h1').textContent === 'This link leads nowhere' && {}",
                is_in("not-found")
            ))
            .await;
    }
    browser.open(&site.viewer(&format!("{place}/s/9"))).await;
    browser.until(&format!("{}?.textContent.includes('no step 9')", the("state"))).await;
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}
