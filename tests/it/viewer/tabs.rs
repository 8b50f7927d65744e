//! Two tabs of one user: what is done in one is seen in the other, and is no error there.

use super::reader::{OWNER, click, has, is_in, open_as_owner, says, scene, the};
use tests::{browser::Browser, site::Site, world::*};

/// Opens a place in another tab, which knows nobody yet.
async fn open_beside(browser: &mut Browser, site: &Site, place: &str) {
    browser.open_tab().await;
    open_as_owner(browser, site, place).await;
}

#[tokio::test]
async fn opting_out_in_one_tab_is_seen_in_the_other_when_one_comes_back() {
    let (world, _, mut browser) = scene().await;
    let site = Site::of(&world).await;
    let settings = format!("#/settings?chat={}", chat_id(1));
    open_as_owner(&mut browser, &site, &settings).await;
    browser.until(&says("tier", "The deployment")).await;
    let answer = |text: &str| format!("document.querySelector('.ans')?.textContent.includes('{text}')");
    browser.until(&answer("because you opted in")).await;
    open_beside(&mut browser, &site, &format!("#/c/{}", chat_id(1))).await;
    let recorded = |text: &str| format!("document.querySelector('.rec')?.textContent.includes('{text}')");
    browser.until(&recorded("This chat is recorded")).await;

    browser.go_to_tab(0).await;
    browser.value(&format!("{}.click()", the("opt-in"))).await;
    browser.until(&answer("because you have not opted in")).await;
    browser.go_to_tab(1).await;
    browser.until(&recorded("This chat is not recorded")).await;
    let choose = format!(
        "{{ const choice = {}; choice.value = 'on'; choice.dispatchEvent(new Event('change', {{bubbles: true}})); }}",
        the("override")
    );
    browser.value(&choose).await;
    browser.until(&recorded("since you said always for this chat")).await;
    browser.go_to_tab(0).await;
    browser.until(&answer("because you said always for this chat")).await;
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}

#[tokio::test]
async fn what_is_deleted_in_one_tab_is_gone_from_the_other() {
    let (world, place, mut browser) = scene().await;
    world.recorder().post(&runs(1), turn(OWNER, 3, vec![step_body(Some(1))])).await.expect(201);
    let site = Site::of(&world).await;
    let list = format!("#/c/{}", chat_id(1));
    let rows = |number: u32| format!("document.querySelectorAll('[data-testid=\"run-row\"]').length === {number}");
    // What was read is kept, so that going back reads nothing twice.
    open_as_owner(&mut browser, &site, &place).await;
    browser.until(&format!("{} && {}", has("run-head"), has("given"))).await;
    browser.open(&site.viewer(&list)).await;
    browser.until(&rows(2)).await;
    open_beside(&mut browser, &site, &place).await;
    browser.until(&has("run-head")).await;
    click(&mut browser, "delete-run").await;
    click(&mut browser, "confirm").await;
    browser.until(&rows(1)).await;

    browser.go_to_tab(0).await;
    browser.until(&rows(1)).await;
    // The way back and a link that leads there say that it is gone, or was never there, and show nothing of it.
    let gone = format!("{} && !{} && !{}", is_in("not-found"), has("run-head"), has("given"));
    browser.value("history.back()").await;
    browser.until(&format!("location.hash === '{place}' && {gone}")).await;
    browser.open(&site.viewer(&list)).await;
    browser.until(&rows(1)).await;
    browser.open(&site.viewer(&place)).await;
    browser.until(&gone).await;

    // What one reads goes away as well, as soon as one comes back to it.
    let other = format!("#/c/{}/r/{}", chat_id(1), run_id(3));
    browser.open(&site.viewer(&other)).await;
    browser.until(&format!("{} && {}", has("run-head"), has("given"))).await;
    browser.go_to_tab(1).await;
    browser.open(&site.viewer(&other)).await;
    browser.until(&has("run-head")).await;
    click(&mut browser, "delete-run").await;
    click(&mut browser, "confirm").await;
    browser.until(&is_in("empty")).await;
    browser.go_to_tab(0).await;
    browser.until(&gone).await;
    browser.open(&site.viewer(&list)).await;
    browser.until(&is_in("empty")).await;

    browser.go_to_tab(1).await;
    browser.open(&site.viewer(&format!("#/settings?chat={}", chat_id(1)))).await;
    click(&mut browser, "delete-chat").await;
    click(&mut browser, "confirm").await;
    browser.until(&is_in("empty")).await;
    browser.go_to_tab(0).await;
    browser.until(&format!("{} && !{}", is_in("not-found"), has("run-row"))).await;
    browser.close().await;
}
