//! What the page says when there is nothing to show.

use super::reader::{OWNER, has, is_in, open_as_owner, scene};
use serde_json::json;
use tests::{site::Site, world::*};

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
        browser.open(&site.viewer(&place)).await;
        browser.until(&is_in(state)).await;
        said.push(browser.value("document.querySelector('[data-testid=\"state\"]').textContent").await);
    }
    assert_eq!(said[0], said[1], "another's chat and none are the same");

    world.user(OWNER).put(&opt_in(), json!({"debug_logging_enabled": false})).await.expect(204);
    browser.open(&site.viewer(&format!("#/c/{}", chat_id(1)))).await;
    browser.until(&has("run-row")).await;
    browser.open(&site.viewer(&format!("#/c/{}", chat_id(3)))).await;
    browser.until(&is_in("not-recorded")).await;

    browser.offline(true).await;
    browser.open(&site.viewer(&place)).await;
    browser.until(&is_in("offline")).await;
    browser.offline(false).await;
    browser.close().await;
}
