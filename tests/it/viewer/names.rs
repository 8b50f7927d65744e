//! What a screen reader gets: everything that can be used has a name, and the main things have the right one.

use super::reader::{LOADED, OWNER, admit, click, has, scene};
use serde_json::json;
use tests::{site::Site, world::*};

/// The roles of what can be used.
const USABLE: [&str; 9] =
    ["button", "link", "textbox", "searchbox", "combobox", "checkbox", "switch", "radio", "disclosuretriangle"];

#[tokio::test]
async fn every_control_has_a_name_and_the_main_ones_say_what_they_are_for() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    browser.resize(1440, 900).await;
    browser.open(&site.viewer("#/")).await;
    browser.until(&has("sign-in")).await;
    let said = browser.accessible().await;
    assert!(said.contains(&("button".to_owned(), "Sign in".to_owned())), "{said:?}");
    click(&mut browser, "sign-in").await;
    admit(&mut browser, &site).await;

    let chat = chat_id(1);
    let of_compare = place.replace("#/c/", "").replace("/r/", "/");
    let screens = [
        ("#/".to_owned(), has("chat-row"), vec![("heading", "My chats"), ("link", "Settings")]),
        (
            format!("#/c/{chat}"),
            // Each comes with an answer of its own.
            format!("{} && {}", has("run-row"), has("override")),
            vec![
                ("heading", "Recorded turns"),
                ("combobox", "For this chat"),
                ("combobox", "Kind"),
                ("textbox", "Filter the loaded runs by their first message"),
                ("button", "Completed"),
                ("table", "Runs of this chat, newest first"),
                ("link", "The order total is off by a cent for some carts. Why?"),
            ],
        ),
        (
            format!("{place}/s/1"),
            format!("{} && {} && {} && {}", has("run-head"), has("given"), has("came-back"), has("wire")),
            vec![
                ("heading", "The order total is off by a cent for some carts. Why?"),
                ("heading", "What the model was given"),
                ("heading", "What came back"),
                ("heading", "Over the wire"),
                ("searchbox", "Search in this run"),
                ("button", "Compare"),
                ("button", "Download"),
                ("button", "Delete this run"),
                ("button", "Copy a link to this step"),
                ("button", "Tokens"),
                ("button", "As sent"),
                ("list", "Attempts of step 1"),
                ("link", "Over the wire 2 attempts"),
                ("button", "Signed in as user-1"),
                ("navigation", "Where you are"),
            ],
        ),
        (
            format!("#/compare?a={of_compare}/1&b={of_compare}/2"),
            has("compare"),
            vec![("button", "Swap"), ("button", "Answers 1 differs"), ("table", "The two steps in numbers")],
        ),
        (
            format!("#/settings?chat={chat}"),
            has("opt-in"),
            vec![
                ("heading", "Is this chat recorded?"),
                ("heading", "You decided here"),
                ("switch", "Record my chats"),
                ("combobox", "This chat"),
                ("switch", "Single keys as commands"),
                ("button", "Delete all recordings"),
                ("list", "Who decides, in this order"),
            ],
        ),
    ];
    for (place, ready, wanted) in screens {
        browser.open(&site.viewer(&place)).await;
        browser.until(&format!("{ready} && {LOADED}")).await;
        let said = browser.accessible().await;
        let nameless: Vec<_> =
            said.iter().filter(|(role, name)| USABLE.contains(&&*role.to_lowercase()) && name.is_empty()).collect();
        assert!(nameless.is_empty(), "{place}: {nameless:?}");
        for (role, name) in wanted {
            let is_there = said.iter().any(|(of, is)| of == role && is == name);
            let of_role: Vec<_> = said.iter().filter(|(of, _)| of == role).collect();
            assert!(is_there, "{place} has no {role} {name}, but {of_role:?}");
        }
    }
    // A step is one sentence.
    browser.open(&site.viewer(&place)).await;
    browser.until(&has("step-row")).await;
    let said = browser.accessible().await;
    let row = said.iter().find(|(role, name)| role == "link" && name.starts_with("Step 1, "));
    let (_, row) = row.unwrap_or_else(|| panic!("no step: {said:?}"));
    assert!(row.contains("calls read_file") && row.contains("2 attempts, one failed with 529"), "{row}");
    assert_eq!(world.user(OWNER).get(&runs(1)).await.expect(200).json().as_array().map(Vec::len), Some(1));
    assert_eq!(json!(browser.complaints()), json!([]));
    browser.close().await;
}
