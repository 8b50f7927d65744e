//! Every screen, by its link: it shows what it is for, to everybody, on any screen.

use super::reader::{LOADED, OWNER, assert_closed, has, is_in, keep_picture, open_as_owner, says, scene, the};
use serde_json::json;
use std::{env, fs, path::Path};
use tests::{browser::Browser, site::Site, world::*};

/// The widths of a screen, a window and two phones; below the last, nobody reads.
const WIDTHS: [u32; 4] = [1440, 900, 390, 320];

/// What finds faults for people who cannot see the page, or cannot use a mouse.
fn axe() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.local/axe/node_modules/axe-core/axe.min.js");
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}. `make axe` installs it", file.display()))
}

/// Every screen by name, its link, and what is there once it is ready.
fn screens(run: &str) -> Vec<(&'static str, String, String)> {
    let chat = chat_id(1);
    let step = |number: u32| format!("{run}/s/{number}");
    let of_compare = run.replace("#/c/", "").replace("/r/", "/");
    let compared = format!("#/compare?a={of_compare}/1&b={of_compare}/2");
    let both = format!("#/compare?a={of_compare}&b={of_compare}");
    vec![
        ("chats", "#/".to_owned(), has("chat-row")),
        ("list", format!("#/c/{chat}"), has("run-row")),
        ("run", run.to_owned(), has("step-row")),
        ("step", step(2), format!("{} && {} && {}", has("given"), has("came-back"), has("wire"))),
        ("message", format!("#/c/{chat}/m/41"), has("run-head")),
        ("wire", format!("{run}/s/1/wire/1"), "document.querySelector('.hd')".to_owned()),
        ("compare", compared, has("compare")),
        ("compare-runs", both, "document.querySelector('#d')".to_owned()),
        ("failed", format!("#/c/{chat}/r/{}", run_id(2)), says("came-back", "Rate limit reached")),
        ("empty", format!("#/c/{}", chat_id(3)), is_in("empty")),
        (
            "settings",
            format!("#/settings?chat={chat}"),
            "document.querySelectorAll('[data-testid=\"tier\"]').length === 4".to_owned(),
        ),
    ]
}

async fn go(browser: &mut Browser, site: &Site, place: &str, ready: &str) {
    browser.open(&site.viewer(place)).await;
    browser.until(ready).await;
    browser.until(LOADED).await;
}

#[tokio::test]
async fn every_screen_is_there_by_its_link_for_everybody_in_both_schemes_and_at_any_width() {
    let (world, place, mut browser) = scene().await;
    world.recorder().put(&chat(3), json!({"owner_id": OWNER})).await.expect(201);
    let mut failed = step_body(Some(1));
    failed["status"] = json!("error");
    failed["error"] = json!({"message": "Rate limit reached for requests", "code": "rate_limit_exceeded"});
    let mut run = turn(OWNER, 2, vec![failed]);
    run["status"] = json!("error");
    world.recorder().post(&runs(1), run).await.expect(201);
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &place).await;
    browser.until(&has("run-head")).await;
    browser.value(&format!("{{ {}; true }}", axe())).await;

    let mut faults = Vec::new();
    for (name, place, ready) in screens(&place) {
        go(&mut browser, &site, &place, &ready).await;
        for scheme in ["light", "dark"] {
            browser.prefer(scheme).await;
            for width in WIDTHS {
                browser.resize(width, 900).await;
                browser.until("document.getAnimations().every(it => it.playState !== 'running' || it.effect.getTiming().iterations === Infinity)").await;
                let at = format!("{name}, {scheme}, {width} px");
                let wide = browser.value("document.documentElement.scrollWidth - innerWidth").await;
                faults.extend((wide.as_i64() > Some(0)).then(|| format!("{at}: {wide} px too wide")));
                keep_picture(&mut browser, &format!("{name}-{scheme}-{width}")).await;
                if width == 320 {
                    continue;
                }
                let found = "axe.run(document, {resultTypes: ['violations']}).then(it => it.violations.map(\
                             fault => fault.id + ': ' + fault.nodes.slice(0, 3).map(it => it.target).join(' | ')))";
                let found: Vec<String> = serde_json::from_value(browser.value(found).await).unwrap();
                faults.extend(found.into_iter().map(|fault| format!("{at}: {fault}")));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    assert_closed(&browser, &site);
    browser.close().await;
}

#[tokio::test]
async fn on_paper_everything_that_is_open_is_there_in_dark_ink_and_nothing_that_is_pressed() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    browser.resize(794, 1123).await;
    open_as_owner(&mut browser, &site, &format!("{place}/s/1/wire/2")).await;
    browser.until(&format!("{} && {} && {}", has("run-head"), has("came-back"), has("wire"))).await;
    browser.until(LOADED).await;
    browser.click("document.querySelector('#wire [data-testid=\"as-hex\"]')").await;
    browser.click("document.querySelector('#wire [data-testid=\"copy-curl\"]')").await;
    browser.until("document.querySelector('.hex') && document.querySelector('.curl')").await;
    browser.value("document.documentElement.dataset.theme = 'dark'").await;
    browser.paper(true).await;
    let ink = "getComputedStyle(document.querySelector('h1')).color.match(/\\d+/g).every(part => part < 100)";
    browser.until(ink).await;
    let seen =
        "[...document.querySelectorAll('.bar, .foot, .tabs, .btn, .seg')].filter(it => it.checkVisibility()).length";
    assert_eq!(browser.value(seen).await, json!(0), "what is pressed is on the paper");
    let cut = "[...document.querySelectorAll('main, .left, .wf, .right, .ev, .hex, .curl, .scroll')].filter(it => \
               (it.scrollHeight > it.clientHeight + 1 || it.scrollWidth > it.clientWidth + 1) && \
               getComputedStyle(it).overflowY !== 'visible').map(it => it.className)";
    assert_eq!(browser.value(cut).await, json!([]), "what scrolls on a screen is cut off on paper");
    let wide = browser.value("document.documentElement.scrollWidth - innerWidth").await;
    assert!(wide.as_i64() <= Some(0), "{wide} px too wide");
    keep_picture(&mut browser, "paper").await;
    browser.close().await;
}

#[tokio::test]
async fn colours_that_the_reader_has_chosen_leave_bars_and_switches_to_be_told_apart() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("{place}/s/1")).await;
    browser.until(&format!("{} && {}", has("run-head"), has("given"))).await;
    browser.force_colours().await;
    browser.until("matchMedia('(forced-colors: active)').matches").await;
    let colour = |of: &str| format!("getComputedStyle(document.querySelector('{of}')).backgroundColor");
    for (one, other) in [
        (".seg button[aria-pressed=\"true\"]", ".seg button[aria-pressed=\"false\"]"),
        (".wf .r .b.answer", ".wf"),
        (".cache i", ".head"),
    ] {
        browser.until(&format!("{} !== {}", colour(one), colour(other))).await;
    }
    browser.open(&site.viewer("#/settings")).await;
    browser.until(&has("opt-in")).await;
    let switch = colour(".sw input[data-testid=\"opt-in\"] + i");
    let on = browser.value(&switch).await;
    browser.value(&format!("{}.click()", the("opt-in"))).await;
    browser.until(&format!("{switch} !== {on}")).await;
    keep_picture(&mut browser, "settings-forced-colours").await;
    browser.close().await;
}

#[tokio::test]
async fn the_labels_of_the_time_line_are_whole_and_apart_on_every_screen() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &place).await;
    for width in WIDTHS {
        browser.resize(width, 900).await;
        browser
            .until(
                "(labels => labels.length > 0 && labels.every((it, place) => it.getBoundingClientRect().right <= \
                 (labels[place + 1]?.getBoundingClientRect().left ?? it.parentElement.getBoundingClientRect().right)))\
                 ([...document.querySelectorAll('.ax b')])",
            )
            .await;
    }
    browser.close().await;
}

#[tokio::test]
async fn a_step_shows_what_was_given_what_came_back_and_every_try_over_the_wire() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("{place}/s/1")).await;
    let shows = |part: &str, text: &str| format!("{}?.textContent.includes({})", the(part), json!(text));
    for (part, text) in [
        ("given", "The order total is off by a cent for some carts. Why?"),
        ("came-back", "I'll look at how the total is made."),
        ("came-back", "read_file"),
        ("wire", "529"),
        ("wire", "overloaded"),
    ] {
        browser.until(&shows(part, text)).await;
    }
    assert_eq!(browser.value("document.querySelectorAll('[data-testid=\"attempt\"]').length").await, json!(2));
    // A body can be copied, and the path of a value in it.
    browser.value("void (navigator.clipboard.writeText = async text => { window.copied = text })").await;
    browser.click("document.querySelector('[data-attempt=\"1\"] .ar')").await;
    browser.click("document.querySelector('#wire [data-path=\"/messages\"] > .u')").await;
    browser.click("document.querySelector('#wire .path .btn')").await;
    browser.until("window.copied === '/messages'").await;
    browser.click("document.querySelector('#wire .bh .btn')").await;
    browser.until("JSON.parse(window.copied).messages").await;

    let whole = browser.value("document.body.textContent").await;
    assert!(!whole.as_str().unwrap().contains("a-key-that-is-never-stored"), "a key is shown");
    browser.close().await;
}

#[tokio::test]
async fn keys_lead_from_step_to_step_and_explain_themselves() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("{place}/s/1")).await;
    browser.until(&has("given")).await;
    let current = "Number(document.querySelector('[data-testid=\"step-row\"][aria-current]:not([aria-current=\"false\"]),\
                   [data-testid=\"step-row\"]:has([aria-current])')?.dataset.step)";
    browser.until(&format!("{current} === 1")).await;
    browser.press("j").await;
    browser.until(&format!("{current} === 2")).await;
    browser.press("k").await;
    browser.until(&format!("{current} === 1")).await;
    browser.press("?").await;
    browser.until(&format!("{} && document.activeElement.textContent === 'Close'", has("keys"))).await;
    browser.press("Escape").await;
    browser.until(&format!("!({}) || !{}.open", has("keys"), the("keys"))).await;
    browser.close().await;
}

/// The pictures that README.md begins with. `make picture` takes them anew.
#[tokio::test]
async fn readme_shows_the_page_as_it_is_in_both_schemes() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    browser.resize(1280, 800).await;
    open_as_owner(&mut browser, &site, &format!("{place}/s/1")).await;
    browser.until(&format!("{} && {}", has("given"), has("came-back"))).await;
    browser.until(LOADED).await;
    for scheme in ["light", "dark"] {
        browser.prefer(scheme).await;
        let taken = browser.picture().await;
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../infra/viewer-{scheme}.webp"));
        if env::var_os("UPDATE_PICTURE").is_some() {
            fs::write(&file, &taken).unwrap();
        }
        let kept = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}: run `make picture`", file.display()));
        // Letters are drawn a little differently elsewhere; another screen is another size.
        assert!(
            kept.len() < 150_000 && kept.len().abs_diff(taken.len()) * 3 < kept.len(),
            "run `make picture`, and look"
        );
    }
    browser.close().await;
}
