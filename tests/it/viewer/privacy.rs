//! What the page may do and what it leaves behind, as the browser holds it to that.

use super::reader::{has, open_as_owner, says, scene};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{browser::Browser, site::Site};

/// What an expression throws in the page, or that it does not.
async fn thrown(browser: &mut Browser, expression: &str) -> String {
    let tried = format!(
        "(async () => {{ try {{ await ({expression}); return 'done' }} catch (wrong) {{ return wrong.message }} }})()"
    );
    browser.value(&tried).await.as_str().unwrap().to_owned()
}

/// Waits until the browser complains of this.
async fn complained(browser: &mut Browser, of: &str) {
    for _ in 0..200 {
        if browser.complaints().iter().any(|complaint| complaint.contains(of)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        browser.value("0").await;
    }
    panic!("no complaint of {of}: {:?}", browser.complaints());
}

#[tokio::test]
async fn nothing_of_what_was_shown_searched_and_compared_is_kept_in_the_browser() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("{place}/s/1")).await;
    browser.until(&format!("{} && {}", has("given"), has("came-back"))).await;
    // The history of a browser keeps titles.
    browser.until("/^Run of [0-9:]{8} · chat-debug$/.test(document.title)").await;
    browser.press("/").await;
    browser.write("cart").await;
    browser.until(&has("hit")).await;
    let of_compare = place.replace("#/c/", "").replace("/r/", "/");
    for (place, ready) in [
        (format!("{place}/s/2/json"), says("json", "step_number")),
        (format!("#/compare?a={of_compare}/1&b={of_compare}/2"), has("compare")),
        ("#/".to_owned(), has("chat-row")),
    ] {
        browser.open(&site.viewer(&place)).await;
        browser.until(&ready).await;
    }
    let kept = "Promise.all([caches.keys(), indexedDB.databases(), navigator.serviceWorker.getRegistrations()])\
                .then(kept => [kept, {...localStorage}, {...sessionStorage}, document.cookie, history.state])";
    let kept = browser.value(kept).await;
    let preferences: Value = serde_json::from_str(kept[1]["chat-debug.preferences"].as_str().unwrap()).unwrap();
    let defaults = json!({"theme": "system", "hasKeys": true, "remembers": false, "chats": [], "textSize": 13});
    assert_eq!(preferences, defaults);
    assert_eq!(kept[1].as_object().unwrap().len(), 1);
    assert_eq!(json!([kept[0], kept[2], kept[3], kept[4]]), json!([[[], [], []], {}, "", null]));
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}

#[tokio::test]
async fn the_browser_refuses_markup_scripts_pictures_frames_and_calls_that_the_policy_does_not_name() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &place).await;
    browser.until(&has("run-head")).await;
    for (act, needed) in [
        ("document.body.innerHTML = '<b>'", "TrustedHTML"),
        ("document.createElement('script').text = 'window.ran = 1'", "TrustedScript"),
        ("document.createElement('script').src = '/x.js'", "TrustedScriptURL"),
        ("document.body.setAttribute('onclick', 'window.ran = 2')", "TrustedScript"),
        ("trustedTypes.createPolicy('any', {})", "any"),
    ] {
        let said = thrown(&mut browser, act).await;
        assert!(said.contains(needed), "{act}: {said}");
    }
    let frame = "document.body.append(Object.assign(document.createElement('iframe'), {src: 'http://127.0.0.1:9/'}))";
    for (act, directive) in [
        ("fetch('http://127.0.0.1:9/')", "connect-src"),
        ("new Image().src = 'http://127.0.0.1:9/x.png'", "img-src"),
        (frame, "default-src"),
    ] {
        thrown(&mut browser, act).await;
        complained(&mut browser, directive).await;
    }
    assert_eq!(browser.value("typeof window.ran").await, json!("undefined"));
    browser.close().await;
}
