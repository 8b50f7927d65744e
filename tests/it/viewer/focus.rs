//! The focus: whoever uses keys alone sees where it is, and is never thrown back to the top of the page.

use super::reader::{LOADED, click, has, open_as_owner, scene, the};
use serde_json::{Value, json};
use tests::{browser::Browser, site::Site, world::*};

/// Whether something has the focus that this selector names.
fn is_on(selector: &str) -> String {
    format!("document.activeElement?.matches({})", json!(selector))
}

/// Whether the focus is somewhere, and that can be seen.
const IS_SOMEWHERE: &str = "document.activeElement !== document.body && document.activeElement.checkVisibility()";

/// Opens something with its button and the keyboard, closes it with Escape, and is at the button again.
async fn there_and_back(browser: &mut Browser, testid: &str, opened: &str) {
    browser.value(&format!("{}.focus()", the(testid))).await;
    browser.press("Enter").await;
    browser.until(opened).await;
    browser.press("Escape").await;
    browser.until(&format!("!({opened})")).await;
    browser.until(&is_on(&format!("[data-testid='{testid}']"))).await;
}

#[tokio::test]
async fn what_opens_gives_the_focus_back_when_it_closes() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("{place}/s/1")).await;
    browser.until(&format!("{} && {}", has("run-head"), has("given"))).await;
    browser.until(LOADED).await;
    // A place that was opened begins at its content.
    browser.until(&is_on("#main")).await;
    there_and_back(&mut browser, "download", "document.querySelector('.has-menu .menu')").await;
    there_and_back(&mut browser, "who", "document.querySelector('.who .menu')").await;
    there_and_back(&mut browser, "delete-run", "document.querySelector('dialog[open]')").await;

    // A choice closes the menu as well, also while the service is asked.
    click(&mut browser, "download").await;
    browser.value(&format!("{}.focus()", the("download-json"))).await;
    browser.press("Enter").await;
    browser.downloaded().await;
    browser.until(&is_on("[data-testid='download']")).await;

    // All keys, from what had the focus.
    browser.value(&format!("{}.focus()", the("download"))).await;
    browser.press("?").await;
    browser.until("document.querySelector('dialog[open]')?.contains(document.activeElement)").await;
    browser.press("Escape").await;
    browser.until(&format!("!document.querySelector('dialog') && {}", is_on("[data-testid='download']"))).await;
    browser.close().await;
}

#[tokio::test]
async fn what_goes_away_leaves_the_focus_near_to_where_it_was() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("{place}/s/1")).await;
    browser.until(&format!("{} && {}", has("run-head"), has("given"))).await;
    browser.until(LOADED).await;

    // The search closes, and what one reads goes on.
    browser.press("/").await;
    browser.write("cart").await;
    browser.until(&has("hit")).await;
    browser.press("Enter").await;
    browser.until(&is_on("[data-testid='hit']")).await;
    browser.press("Escape").await;
    browser.until(&format!("!{} && {}", has("hits"), is_on("#step"))).await;

    // A step is chosen by its row, which keeps the focus, and shows that it has it.
    browser.value("document.querySelector('[data-testid=\"step-row\"][data-step=\"2\"]').focus()").await;
    browser.press("Enter").await;
    browser.until("document.querySelector('[data-testid=\"step\"][data-step=\"2\"] [data-testid=\"given\"]')").await;
    browser.until(&is_on("[data-testid='step-row'][data-step='2']")).await;
    // By the keyboard alone it is marked.
    browser.press("Tab").await;
    let marked = "getComputedStyle(document.activeElement).outlineStyle";
    browser.until(&format!("{IS_SOMEWHERE} && {marked} === 'solid'")).await;

    // A filter that leaves nothing is taken back by a button that goes with it.
    browser.open(&site.viewer(&format!("#/c/{}?status=interrupted", chat_id(1)))).await;
    let clear = "document.querySelector('[data-state=\"no-match\"] .btn')";
    browser.until(clear).await;
    browser.value(&format!("{clear}.focus()")).await;
    browser.press("Enter").await;
    browser.until(&has("run-row")).await;
    browser.until(IS_SOMEWHERE).await;

    // What is chosen to be compared is let go again.
    browser.press("j").await;
    browser.press("x").await;
    browser.until("document.querySelector('.cmp .btn.ghost')").await;
    browser.value("document.querySelector('.cmp .btn.ghost').focus()").await;
    browser.press("Enter").await;
    browser.until(&format!("!document.querySelector('.cmp') && {IS_SOMEWHERE}")).await;

    // A switch of the settings stays where it is while they are read again.
    browser.open(&site.viewer(&format!("#/settings?chat={}", chat_id(1)))).await;
    browser.until(&has("opt-in")).await;
    browser.value(&format!("{}.focus()", the("opt-in"))).await;
    let deciding = "document.querySelector('.ans')?.textContent";
    let before = browser.value(deciding).await;
    browser.press(" ").await;
    browser.until(&format!("{deciding} !== {before}")).await;
    browser.until(&is_on("[data-testid='opt-in']")).await;

    // Whoever has left something on purpose is not led back to where it was.
    let left = format!(
        "(async () => {{ const left = {}; left.blur(); await new Promise(done => setTimeout(done));
            left.remove(); await new Promise(done => setTimeout(done));
            return document.activeElement === document.body; }})()",
        the("opt-in")
    );
    assert_eq!(browser.value(&left).await, json!(true));
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    assert_ne!(before, Value::Null);
    browser.close().await;
}
