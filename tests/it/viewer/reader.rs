//! Somebody who reads the page.

use local::issuer::TokenRole;
use serde_json::json;
use std::{fs, path::Path};
use tests::{browser::Browser, site::Site, world::*};

/// The user who owns what is recorded.
pub(super) const OWNER: &str = "user-1";
/// The sample conversation of `make run`: a tool that is called, a try that fails, two streams.
pub(super) const SAMPLE: &str = include_str!("../../../infra/local/sample.json");

/// Whether nothing says that it is still loading.
pub(super) const LOADED: &str = "!document.querySelector('[data-state=\"loading\"]')";

/// A world in which the owner's sample is recorded, the place of its run, and a browser that knows nobody yet.
pub(super) async fn scene() -> (World, String, Browser) {
    let world = World::recording(OWNER).await;
    let posted = world.recorder().post(&runs(1), SAMPLE).await.expect(201).json();
    let place = format!("#/c/{}/r/{}", chat_id(1), posted["run"]["id"].as_str().unwrap());
    (world, place, Browser::start().await)
}

/// Opens a place of the page as the owner, who signs in at the issuer with one click.
pub(super) async fn open_as_owner(browser: &mut Browser, site: &Site, place: &str) {
    browser.open(&site.viewer(place)).await;
    admit(browser, site).await;
}

/// Signs the owner in at the issuer, where the page has led, and comes back.
pub(super) async fn admit(browser: &mut Browser, site: &Site) {
    browser.until(&format!("location.origin === '{}' && document.forms.length === 1", site.issuer)).await;
    browser.value("document.querySelector('button').click()").await;
    browser.until(&format!("location.origin === '{}' && document.getElementById('main')", site.origin)).await;
}

/// Opens a place as whoever has this token, on a page that asks for one.
pub(super) async fn open_with(browser: &mut Browser, site: &Site, place: &str, token: &str) {
    browser.open(&site.viewer(place)).await;
    browser.until(&has("token")).await;
    let paste = format!(
        "{{ const field = {};
            Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, '{token}');
            field.dispatchEvent(new Event('input', {{bubbles: true}}));
            {}.click(); }}",
        the("token"),
        the("token-use")
    );
    browser.value(&paste).await;
    browser.until(&format!("!{}", the("token"))).await;
}

/// A token of the owner.
pub(super) fn token(world: &World) -> String {
    world.token(OWNER, TokenRole::User)
}

/// The first element of this id for tests.
pub(super) fn the(testid: &str) -> String {
    format!("document.querySelector('[data-testid=\"{testid}\"]')")
}

/// Whether there is one.
pub(super) fn has(testid: &str) -> String {
    format!("Boolean({})", the(testid))
}

/// Whether the first one says this.
pub(super) fn says(testid: &str, text: &str) -> String {
    format!("{}?.textContent.includes({})", the(testid), json!(text))
}

/// Clicks on the first one.
pub(super) async fn click(browser: &mut Browser, testid: &str) {
    browser.click(&the(testid)).await;
}

/// Whether the page is in this state, and says so in words.
pub(super) fn is_in(state: &str) -> String {
    format!(
        "[...document.querySelectorAll('[data-testid=\"state\"]')]\
         .some(it => it.dataset.state === '{state}' && it.textContent.trim().length > 10)"
    )
}

/// Keeps what the window shows among what is built.
pub(super) async fn keep_picture(browser: &mut Browser, name: &str) {
    let picture = browser.screenshot().await;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("viewer");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.png")), picture).unwrap();
}

/// Fails when the page asked anybody else than its service and its issuer, or was refused something.
pub(super) fn assert_closed(browser: &Browser, site: &Site) {
    let own = |url: &&String| {
        [&site.origin, &site.issuer].iter().any(|origin| url.starts_with(&format!("{origin}/")))
            || ["blob:", "data:", "about:"].iter().any(|local| url.starts_with(local))
    };
    let others: Vec<_> = browser.asked().iter().filter(|url| !own(url)).collect();
    assert!(others.is_empty(), "it asked {others:?}");
}
