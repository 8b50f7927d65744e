//! The switches: what is set is set, and the screen says who decides.

use super::reader::{open_as_owner, scene, the};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{site::Site, world::*};

#[tokio::test]
async fn settings_switch_recording_off_and_on_and_say_who_decides() {
    let (world, _, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("#/settings?chat={}", chat_id(1))).await;
    let deciding = "document.querySelector('[data-testid=\"tier\"][data-deciding=\"true\"]')?.dataset.tier";
    browser.until(&format!("{deciding} === 'user'")).await;
    browser.value(&format!("{}.click()", the("opt-in"))).await;
    let mut mine = Value::Null;
    for _ in 0..100 {
        mine = world.user("user-1").get(&opt_in()).await.expect(200).json();
        if mine["debug_logging_enabled"] == false {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(mine["debug_logging_enabled"], json!(false));
    let choose = format!(
        "{{ const choice = {}; choice.value = 'on'; choice.dispatchEvent(new Event('change', {{bubbles: true}})); }}",
        the("override")
    );
    browser.value(&choose).await;
    browser.until(&format!("{deciding} === 'chat'")).await;
    let chat = world.user("user-1").get(&chat_setting(1)).await.expect(200).json();
    assert_eq!((&chat["override"], &chat["decided_by"]), (&json!("on"), &json!("chat")));
    browser.close().await;
}
