//! A chat's list of runs: what is chosen there stays chosen, and whoever comes back finds it as it was left.

use super::reader::{OWNER, click, has, open_as_owner, scene};
use serde_json::json;
use tests::{
    browser::{Browser, Fate},
    site::Site,
    world::*,
};

/// Records so many turns, each with a first message of its own.
async fn record(world: &World, turns: u32) {
    for n in 1..=turns {
        let mut posted = turn(OWNER, n, vec![step_body(Some(1))]);
        posted["summary"] = json!({"first_message": format!("question {n} of many")});
        world.recorder().post(&runs(2), posted).await.expect(201);
    }
}

/// Writes into the field that filters the rows.
async fn filter(browser: &mut Browser, text: &str) {
    browser.press("/").await;
    browser.until("document.activeElement?.dataset.testid === 'filter-text'").await;
    browser.write(text).await;
    browser.press("Escape").await;
    browser.until("document.activeElement === document.body").await;
}

fn row(n: u32) -> String {
    format!("document.querySelector('[data-run=\"{}\"]')", run_id(n))
}

#[tokio::test]
async fn two_runs_are_compared_the_older_first_also_when_the_filter_hides_them() {
    let (world, _, mut browser) = scene().await;
    record(&world, 3).await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}", chat_id(2))).await;
    browser.until(&has("run-row")).await;
    for n in [3, 1] {
        browser.click(&format!("{}?.querySelector('input')", row(n))).await;
    }
    filter(&mut browser, "question 2").await;
    browser.until(&format!("!{} && {}", row(3), row(2))).await;
    click(&mut browser, "compare-go").await;
    let sides = [1, 3].map(|n| format!("{}/{}", chat_id(2), run_id(n)));
    browser.until(&format!("location.hash === '#/compare?a={}&b={}'", sides[0], sides[1])).await;
    browser.close().await;
}

#[tokio::test]
async fn whoever_comes_back_to_a_list_finds_it_as_it_was_left() {
    let (world, _, mut browser) = scene().await;
    record(&world, 50).await;
    let site = Site::of(&world).await;
    browser.resize(1280, 700).await;
    let list = format!("#/c/{}", chat_id(2));
    open_as_owner(&mut browser, &site, &list).await;
    browser.until("document.querySelectorAll('[data-testid=\"run-row\"]').length === 50").await;
    filter(&mut browser, "of many").await;
    browser.click(&format!("{}.querySelector('input')", row(7))).await;
    browser.click(&format!("{}.querySelector('a')", row(5))).await;
    browser.until(&has("run-head")).await;
    browser.until("scrollY === 0").await;
    browser.value("history.back()").await;
    let is_near = "(box => box.top > 0 && box.bottom < innerHeight)";
    browser
        .until(&format!(
            "location.hash === '{list}' && {0} && scrollY > 300 && {is_near}({0}.getBoundingClientRect()) && \
             {0}.contains(document.activeElement)",
            row(5)
        ))
        .await;
    browser.until(&format!("{}.querySelector('input').checked", row(7))).await;
    browser.until("document.querySelector('[data-testid=\"filter-text\"]').value === 'of many'").await;
    // One goes on from where one was.
    browser.press("j").await;
    browser.until(&format!("{}.contains(document.activeElement)", row(4))).await;

    // What is recorded meanwhile comes above, and takes the place of nothing.
    let mut posted = turn(OWNER, 51, vec![step_body(Some(1))]);
    posted["summary"] = json!({"first_message": "one more of many"});
    world.recorder().post(&runs(2), posted).await.expect(201);
    browser.until(&row(51)).await;
    browser.press("x").await;
    browser.until(&format!("{}.querySelector('input').checked", row(4))).await;
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}

/// Has the page look twenty times as often.
const OFTEN: &str =
    "const every = setInterval; window.setInterval = (act, wait, ...more) => every(act, wait / 20, ...more)";

#[tokio::test]
async fn a_list_is_looked_at_once_at_a_time_however_long_that_takes() {
    let (world, _, mut browser) = scene().await;
    let site = Site::of(&world).await;
    browser.prepare(OFTEN).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}", chat_id(1))).await;
    browser.until(&has("run-row")).await;
    let looks = |browser: &Browser| browser.asked().iter().filter(|url| url.ends_with("/debug/runs")).count();
    let before = looks(&browser);
    browser.spoil("/debug/runs", Fate::Silence, 1_000).await;
    browser.value("new Promise(done => setTimeout(done, 3_000))").await;
    let after = looks(&browser);
    // One may have been on its way.
    assert!(after > before && after <= before + 2, "{before} looks became {after}");
    browser.close().await;
}
