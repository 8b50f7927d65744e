//! Deleting: asked once, and then for ever.

use super::reader::{OWNER, SAMPLE, click, has, is_in, open_as_owner, scene, the};
use serde_json::Value;
use tests::{site::Site, world::*};

const ASKS: &str = "document.querySelector('dialog[open]')?.textContent.includes('for ever')";

#[tokio::test]
async fn a_run_and_a_chat_are_deleted_once_that_is_confirmed() {
    let (world, place, mut browser) = scene().await;
    let mut second: Value = serde_json::from_str(SAMPLE).unwrap();
    second["started_at"] = "2026-09-01T10:30:00Z".into();
    second["finished_at"] = "2026-09-01T10:30:09Z".into();
    let kept = world.recorder().post(&runs(1), second).await.expect(201).json();
    let kept = format!("{}/{}", runs(1), kept["run"]["id"].as_str().unwrap());
    let (_, deleted) = place.rsplit_once('/').unwrap();
    let path = format!("{}/{deleted}", runs(1));
    let site = Site::of(&world).await;
    let owner = world.user(OWNER);

    open_as_owner(&mut browser, &site, &place).await;
    click(&mut browser, "delete-run").await;
    browser.until(ASKS).await;
    browser.press("Escape").await;
    browser.until("!document.querySelector('dialog')").await;
    owner.get(&path).await.expect(200);
    click(&mut browser, "delete-run").await;
    click(&mut browser, "confirm").await;
    browser.until(&format!("location.hash === '#/c/{}' && {}", chat_id(1), has("run-row"))).await;
    browser.until("document.querySelectorAll('[data-testid=\"run-row\"]').length === 1").await;
    owner.get(&path).await.expect(404);
    browser.open(&site.viewer(&place)).await;
    browser.until(&is_in("not-found")).await;

    browser.open(&site.viewer(&format!("#/settings?chat={}", chat_id(1)))).await;
    click(&mut browser, "delete-chat").await;
    browser
        .until(&format!("{ASKS} && document.querySelector('dialog').textContent.includes('cannot be recorded again')"))
        .await;
    browser.press("Escape").await;
    browser.until("!document.querySelector('dialog')").await;
    owner.get(&kept).await.expect(200);
    click(&mut browser, "delete-chat").await;
    click(&mut browser, "confirm").await;
    browser.until(&is_in("empty")).await;
    owner.get(&runs(1)).await.expect(404);
    browser.open(&site.viewer(&format!("#/c/{}", chat_id(1)))).await;
    browser.until(&is_in("not-found")).await;
    browser.open(&site.viewer("#/")).await;
    browser.until(&format!("{} && !{}", is_in("empty"), the("chat-row"))).await;
    browser.close().await;
}
