//! Signing in, and what is left of it.

use super::reader::{OWNER, assert_closed, has, is_in, open_as_owner, open_with, scene, the, token};
use local::issuer::TokenRole;
use serde_json::json;
use tests::{browser::Browser, site::Site, world::*};

#[tokio::test]
async fn a_link_leads_through_the_issuer_to_its_run_and_nothing_is_left_in_the_browser() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &place).await;

    browser.until(&format!("{}?.textContent.includes('off by a cent')", the("run-head"))).await;
    browser.until("document.querySelectorAll('[data-testid=\"step-row\"]').length === 2").await;
    assert_eq!(browser.value("location.search").await, json!(""), "the code is not left in the address");
    assert_eq!(browser.value("location.hash").await, json!(place));
    let stored = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])";
    let stored = browser.value(stored).await;
    for secret in ["off by a cent", "eyJ", "verifier", "read_file"] {
        assert!(!stored.as_str().unwrap().contains(secret), "{secret} is in {stored}");
    }
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    assert_closed(&browser, &site);
    assert!(!site.log().contains("off by a cent"), "{}", site.log());
    browser.close().await;
}

#[tokio::test]
async fn a_page_without_a_client_takes_a_token_and_keeps_its_screen_when_that_ends() {
    let (world, place, mut browser) = scene().await;
    let site = Site::without_client(&world).await;
    open_with(&mut browser, &site, &place, &token(&world)).await;
    browser.until(&has("run-head")).await;
    assert_closed(&browser, &site);
    browser.close().await;

    let ended = world.issuer.claims(OWNER, TokenRole::User, world.now() - 24 * 3_600);
    let ended = world.issuer.sign(world.issuer.header(), ended).unwrap();
    let mut browser = Browser::start().await;
    open_with(&mut browser, &site, &place, &ended).await;
    browser.until(&has("signed-out-bar")).await;
    browser.close().await;

    let mut browser = Browser::start().await;
    let recorder = world.token("recorder-1", TokenRole::Recorder);
    open_with(&mut browser, &site, &format!("#/c/{}", chat_id(1)), &recorder).await;
    browser.until(&is_in("recorder")).await;
    browser.close().await;
}
