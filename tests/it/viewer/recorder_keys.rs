//! The reader's own recorder keys: made, shown once, used, revoked.

use super::reader::{OWNER, click, has, keep_picture, open_as_owner, says, scene, the};
use serde_json::json;
use tests::{site::Site, world::*};

#[tokio::test]
async fn a_key_is_shown_once_records_and_is_revoked_for_ever() {
    let (world, _, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, "#/settings").await;
    click(&mut browser, "key-label").await;
    browser.write("my own <b>bot</b>").await;
    // Escape leaves the field, and neither the place nor what is written there.
    browser.press("Escape").await;
    browser.until("document.activeElement === document.body").await;
    let is_kept = format!("location.hash === '#/settings' && {}.value === 'my own <b>bot</b>'", the("key-label"));
    assert_eq!(browser.value(&is_kept).await, json!(true));
    click(&mut browser, "key-create").await;
    browser.until(&has("key-secret")).await;
    keep_picture(&mut browser, "key-made").await;
    // A key that could not be copied is not taken for one that was: it is shown this once.
    browser.value("void (navigator.clipboard.writeText = () => Promise.reject(new Error('not now')))").await;
    click(&mut browser, "key-copy").await;
    browser.until(&says("said", "did not let this page copy")).await;
    let is_seen = format!("{}.getBoundingClientRect().width > 100", the("said"));
    assert_eq!(browser.value(&is_seen).await, json!(true), "it is said on the screen too");
    browser.value("void (navigator.clipboard.writeText = async text => { window.copied = text })").await;
    click(&mut browser, "key-copy").await;
    browser.until(&says("said", "The key is copied.")).await;
    let key = browser.value(&format!("{}.textContent", the("key-secret"))).await;
    assert_eq!(browser.value("window.copied").await, key);
    browser.value("delete window.copied").await;
    let key = key.as_str().unwrap().to_owned();

    let registration = json!({"owner_id": OWNER, "external_id": "w"});
    world.bearer(&key).put(&named_chat(OWNER, "w"), &registration).await.expect(201);
    click(&mut browser, "key-done").await;
    browser.until(&format!("!{} && {}", has("key-secret"), says("key-row", "my own <b>bot</b>"))).await;
    let left = "document.documentElement.outerHTML + JSON.stringify([{...localStorage}, {...sessionStorage}])";
    assert!(!browser.value(left).await.as_str().unwrap().contains(&key), "the key is left behind");
    assert!(!site.log().contains(&key));

    click(&mut browser, "key-revoke").await;
    browser.until("document.querySelector('dialog[open]')?.textContent.includes('for ever')").await;
    browser.press("Escape").await;
    browser.until("!document.querySelector('dialog')").await;
    world.bearer(&key).put(&named_chat(OWNER, "w"), &registration).await.expect(200);
    click(&mut browser, "key-revoke").await;
    click(&mut browser, "confirm").await;
    browser.until(&format!("!{}", has("key-row"))).await;
    world.bearer(&key).put(&named_chat(OWNER, "w"), &registration).await.expect(401);
    assert_eq!(world.user(OWNER).get(&recorder_keys()).await.expect(200).json(), json!([]));
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}
