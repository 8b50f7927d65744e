//! Search in a run: over what was given, answered and sent.

use super::reader::{OWNER, has, open_as_owner, says, scene, the};
use serde_json::json;
use tests::{browser::Browser, site::Site, world::*};

/// Searches for a text, and waits for what is found.
async fn search(browser: &mut Browser, text: &str) {
    let is_in_field = "document.activeElement?.dataset.testid === 'search'";
    if browser.value(is_in_field).await == true {
        browser.press("Escape").await;
        browser.until(&format!("!({is_in_field})")).await;
    }
    // It chooses all that stands in the field.
    browser.press("/").await;
    browser.until(is_in_field).await;
    browser.write(text).await;
    browser.until(&format!("{}?.value === {} && {}", the("search"), json!(text), found())).await;
}

/// Whether the search is done.
fn found() -> String {
    format!("{}?.ariaBusy === 'false'", the("hits"))
}

/// Every hit but those of bodies, which are searched as soon as they are loaded: where it is, and what was found.
async fn hits(browser: &mut Browser) -> Vec<(String, String)> {
    let hits = "[...document.querySelectorAll('[data-testid=\"hit\"]')].map(it => \
                [it.querySelector('.faint').textContent, it.querySelector('mark').textContent])";
    let hits: Vec<(String, String)> = serde_json::from_value(browser.value(hits).await).unwrap();
    hits.into_iter().filter(|(place, _)| !place.ends_with(" body")).collect()
}

#[tokio::test]
async fn search_finds_what_was_given_called_answered_and_sent_and_leads_there() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("{place}/s/2")).await;
    // A small run is read as a whole.
    browser.until("document.querySelectorAll('.tools-card li').length === 1").await;

    for (text, first, number) in [
        ("off by a CENT", "step 1, message 2, user", 1),
        ("src/cart.rs", "step 2, message 3, assistant, calls read_file", 2),
        ("no exact binary form", "step 2, answer", 1),
        ("529", "", 0),
        ("llm.example.com", "step 2, attempt 1, URL", 3),
        ("text/event-stream", "step 2, attempt 1, request header", 5),
        ("Overloaded", "step 1, attempt 1", 1),
    ] {
        search(&mut browser, text).await;
        let hits = hits(&mut browser).await;
        assert_eq!(hits.first().map_or("", |(place, _)| &**place), first, "{text}: {hits:?}");
        assert_eq!(hits.len(), number, "{text}: {hits:?}");
        assert!(hits.iter().all(|(_, found)| found.eq_ignore_ascii_case(text)), "{text}: {hits:?}");
    }

    search(&mut browser, "read_file").await;
    browser.until("document.querySelectorAll('.wf .tick').length === 2").await;
    // From the field to the first hit, and from there to its place.
    browser.press("Enter").await;
    browser.until("document.activeElement?.dataset.testid === 'hit'").await;
    browser.press("Enter").await;
    browser.until(&format!("location.hash.startsWith('{place}/s/')")).await;

    // What is folded over it opens, and it is marked there.
    search(&mut browser, "Reads a file").await;
    browser.press("Enter").await;
    let is_open = "document.querySelector('.toollist .jsonbox')?.textContent.includes('Reads a file')";
    let is_marked = "CSS.highlights.get('sought')?.size > 0";
    browser.until(&format!("location.hash === '{place}/s/1/sent' && {is_open} && {is_marked}")).await;
    browser.close().await;
}

#[tokio::test]
async fn search_heeds_case_and_reads_patterns_and_says_which_are_none() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("{place}/s/2")).await;
    browser.until("document.querySelectorAll('.tools-card li').length === 1").await;
    search(&mut browser, "TOTAL is").await;
    assert_eq!(hits(&mut browser).await.len(), 3);
    browser.click("document.querySelectorAll('.hits .check input')[0]").await;
    browser.until(&format!("{} && !{}", found(), has("hit"))).await;
    browser.click("document.querySelectorAll('.hits .check input')[0]").await;
    browser.until(&format!("{} && {}", found(), has("hit"))).await;

    search(&mut browser, "c.nt for (some|no)").await;
    assert_eq!(hits(&mut browser).await.len(), 0);
    browser.click("document.querySelectorAll('.hits .check input')[1]").await;
    browser.until(&format!("{} && {}", found(), has("hit"))).await;
    search(&mut browser, "(").await;
    browser.until(&format!("{}.textContent.includes('no regular expression')", the("hit-count"))).await;
    // Out of the search, and not out of the run.
    browser.press("Escape").await;
    browser.until(&format!("!{}", has("hits"))).await;
    assert_eq!(browser.value(&has("run-head")).await, json!(true));
    browser.close().await;
}

#[tokio::test]
async fn enter_leads_from_hit_to_hit_and_what_it_leads_to_is_not_covered() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    browser.resize(1280, 700).await;
    open_as_owner(&mut browser, &site, &format!("{place}/s/2")).await;
    browser.until("document.querySelectorAll('.tools-card li').length === 1").await;
    search(&mut browser, "off by a cent").await;
    browser.until(&format!("{}?.textContent === '1 hit'", the("said"))).await;
    browser.press("Enter").await;
    browser
        .until(&format!(
            "location.hash === '{place}/s/1/sent/2' && (top => top >= {}.getBoundingClientRect().bottom && top < innerHeight)\
             (document.querySelector('#sent [data-message=\"2\"]')?.getBoundingClientRect().top)",
            the("hits")
        ))
        .await;

    search(&mut browser, "read_file").await;
    let current = "[...document.querySelectorAll('[data-testid=\"hit\"]')].findIndex(it => \
                   it.ariaCurrent === 'true' && it === document.activeElement)";
    for place in [0, 1, 2] {
        browser.press("Enter").await;
        browser.until(&format!("{current} === {place}")).await;
    }
    let back = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', shiftKey: true, bubbles: true}))";
    browser.value(back).await;
    browser.until(&format!("{current} === 1")).await;
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}

#[tokio::test]
async fn what_is_read_while_one_searches_is_searched_too_and_the_count_says_no_more_than_was() {
    let (world, _, mut browser) = scene().await;
    let text = "It was 12.5 degrees at the vent. ".repeat(20_000);
    let steps = (1..=3).map(|number| {
        let mut step = step_body(Some(number));
        step["normalized_request"] =
            json!({"messages": [{"role": "user", "content": format!("Needle {number}. {text}")}]});
        step
    });
    // Together they are more than is read before it is asked for.
    world.recorder().post(&runs(1), turn(OWNER, 3, steps.collect())).await.expect(201);
    let site = Site::of(&world).await;
    let place = format!("#/c/{}/r/{}", chat_id(1), run_id(3));
    open_as_owner(&mut browser, &site, &format!("{place}/s/1")).await;
    browser.until(&says("given", "Needle 1")).await;
    search(&mut browser, "needle").await;
    let says_so = |steps: u32| {
        format!(
            "{} && document.querySelector('.hits').textContent.includes('{steps} of 3 steps searched')",
            says("hit-count", &format!("{steps} hit"))
        )
    };
    // The one after is read too, sooner or later.
    browser.until(&says_so(2)).await;
    browser.value(&format!("location.hash = '{place}/s/3'")).await;
    browser.until(&says("hit-count", "3 hits")).await;
    browser.until("!document.querySelector('.hits').textContent.includes('steps searched')").await;
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}
