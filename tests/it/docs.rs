//! The page about the API, read and tried in a real browser.

use api::routes::{GET_DOCS, GET_OPENAPI, GET_USER_DEBUG_LOGGING, ROUTES};
use serde_json::json;
use std::{collections::BTreeSet, path::Path};
use tests::{
    browser::Browser,
    openapi,
    server::WorldServer,
    world::{TestResponse, World},
};

/// The page as it is answered to who accepts this encoding.
async fn page(accepts: Option<&str>) -> TestResponse {
    let world = World::new().await;
    let mut sent = world.nobody().request("GET", GET_DOCS.path, None);
    sent.headers.extend(accepts.map(|coding| ("accept-encoding".to_owned(), coding.to_owned())));
    world.nobody().send(sent).await.expect(200)
}

#[tokio::test]
async fn the_document_is_served_as_it_is_committed() {
    let world = World::new().await;
    assert!(world.nobody().get(GET_OPENAPI.path).await.expect(200).body == openapi::TEXT);
}

#[tokio::test]
async fn the_page_is_the_same_with_gzip_and_without() {
    let plain = page(None).await;
    assert_eq!(plain.header("content-encoding"), None);
    assert!(plain.body.starts_with("<!doctype html>") && plain.body.ends_with("</html>\n"));
    for accepts in ["gzip", "br, GZIP;q=0.5", "gzip, deflate, br, zstd"] {
        let zipped = page(Some(accepts)).await;
        assert_eq!(zipped.header("content-encoding"), Some("gzip"), "{accepts}");
        assert!(zipped.body == plain.body);
    }
    for accepts in ["br", "gzip;q=0", "gzip;q=0.0, br", ""] {
        assert_eq!(page(Some(accepts)).await.header("content-encoding"), None, "{accepts}");
    }
}

#[tokio::test]
async fn the_page_may_show_itself_and_ask_its_own_origin_and_nothing_else() {
    let page = page(None).await;
    let policy = page.header("content-security-policy").unwrap();
    for directive in [
        "default-src 'none'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    ] {
        assert!(policy.split("; ").any(|it| it == directive), "{directive} in {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{policy}");
}

/// The page as a person who prefers this sees it, from its top, kept among what is built.
async fn picture(browser: &mut Browser, scheme: &str) -> Vec<u8> {
    browser.prefer(scheme).await;
    browser.until(&format!("document.documentElement.matches('.dark-mode') === {}", scheme == "dark")).await;
    browser.until("document.getAnimations().length === 0").await;
    browser.value("scrollTo(0, 0)").await;
    let picture = browser.screenshot().await;
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name(format!("docs-{scheme}.png"));
    std::fs::write(&file, &picture).unwrap();
    // A window of one colour takes a tenth of that.
    assert!(picture.len() > 50_000, "{} shows nothing: {} bytes", file.display(), picture.len());
    picture
}

#[tokio::test]
async fn a_person_reads_the_page_pastes_a_token_and_tries_an_operation() {
    let world = World::new().await;
    let server = WorldServer::of(&world).await;
    let token = world.token("alice", local::issuer::TokenRole::User);
    let mut browser = Browser::start().await;
    browser.open(&format!("{}{}", server.origin, GET_DOCS.path)).await;

    browser.until(&format!("document.querySelectorAll('.opblock').length === {}", ROUTES.len())).await;
    let shown =
        browser.value("[...document.querySelectorAll('.opblock')].map(it => it.id.split('-').slice(2).join('-'))");
    let shown: BTreeSet<String> = serde_json::from_value(shown.await).unwrap();
    assert_eq!(shown, ROUTES.iter().map(|route| route.operation.to_owned()).collect());

    browser.value("document.querySelector('.btn.authorize').click()").await;
    browser.until("document.querySelector('.auth-container input')").await;
    let paste = format!(
        "{{ const field = document.querySelector('.auth-container input');
            Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, '{token}');
            field.dispatchEvent(new Event('input', {{bubbles: true}}));
            field.closest('form').querySelector('.authorize').click(); }}"
    );
    browser.value(&paste).await;
    browser.until("document.querySelector('.auth-container')?.innerText.includes('Logout')").await;
    browser.value("document.querySelector('.btn-done').click()").await;

    let tried = format!("document.getElementById('operations-Settings-{}')", GET_USER_DEBUG_LOGGING.operation);
    browser.value(&format!("{tried}.querySelector('.opblock-summary-control').click()")).await;
    browser.until(&format!("{tried}.querySelector('.execute')")).await;
    // A shared parameter is shown when the page has followed its references; before, it cannot call.
    browser.until(&format!("{tried}.querySelector('[data-param-name=\"X-Correlation-Id\"]')")).await;
    browser.value(&format!("{tried}.querySelector('.execute').click()")).await;
    browser.until(&format!("{tried}.querySelector('.live-responses-table .response-col_status')")).await;
    let live = browser.value(&format!("{tried}.querySelector('.live-responses-table').innerText")).await;
    let live = live.as_str().unwrap();
    assert!(live.contains("200") && live.contains("debug_logging_enabled"), "{live}");
    let asked = server.asked().into_iter().find(|sent| sent.path == GET_USER_DEBUG_LOGGING.path).expect("a try");
    assert!(asked.headers.contains(&("authorization".to_owned(), format!("Bearer {token}"))), "{:?}", asked.headers);

    let link = format!("#/Settings/{}", GET_USER_DEBUG_LOGGING.operation);
    assert_eq!(browser.value("location.hash").await, json!(link));
    let kept = "[localStorage.length, sessionStorage.length, document.cookie]";
    assert_eq!(browser.value(kept).await, json!([0, 0, ""]), "a token is for the tab's memory alone");
    assert_eq!(browser.complaints(), <[String; 0]>::default());

    let light = picture(&mut browser, "light").await;
    let dark = picture(&mut browser, "dark").await;
    assert!(light != dark, "the page does not follow what the person prefers");

    // The browser does enforce the policy, and it would have been heard.
    browser.value("void fetch('http://127.0.0.1:1/').catch(() => {})").await;
    browser.until("true").await;
    let complaints = browser.complaints().concat();
    assert!(complaints.contains("connect-src 'self'"), "{complaints}");
    browser.close().await;
}
