//! Bodies that travelled packed: what is in them is read as far as a browser unpacks it, and else that is said.

use super::reader::{LOADED, OWNER, click, has, open_as_owner, says, scene};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use tests::{site::Site, world::*};

/// A frame of zstd that holds a short text as it is.
fn zstd(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    let block = ((u32::from(length) << 3) | 1).to_le_bytes();
    [&[0x28, 0xb5, 0x2f, 0xfd, 0x20, length], &block[..3], text.as_bytes()].concat()
}

#[tokio::test]
async fn members_one_behind_the_other_are_read_and_what_a_browser_does_not_unpack_is_said() {
    let (world, _, mut browser) = scene().await;
    let event = |text: &str| format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": {"content": text}}]}));
    let answered = [gzip(event("the first member, ")), gzip(event("the second member"))].concat();
    let asked = json!({"model": "gpt-5", "messages": [{"role": "user", "content": "In how many pieces?"}]});
    let mut step = step_body(Some(1));
    step["attempts"] = json!([{
        "number": 1, "status": "completed", "method": "POST", "url": "https://api.openai.com/v1/chat/completions",
        "request_headers": {"content-type": "application/json", "content-encoding": "zstd"},
        "request_body": STANDARD.encode(zstd(&asked.to_string())), "response_status": 200,
        "response_headers": {"content-type": "text/event-stream", "content-encoding": "gzip"},
        "response_body": STANDARD.encode(answered),
    }]);
    world.recorder().post(&runs(1), turn(OWNER, 3, vec![step])).await.expect(201);
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}/r/{}/s/1/wire/1", chat_id(1), run_id(3))).await;
    browser.until(&says("given", "In how many pieces?")).await;
    browser.until(&says("came-back", "the first member, the second member")).await;
    browser.until(&has("back-events")).await;
    browser.until("document.querySelectorAll('.ev [data-event]').length === 2").await;
    click(&mut browser, "back-bytes").await;
    browser.until("document.querySelector('#back .code')?.textContent.includes('the second member')").await;

    // Of the packed bytes nothing is ever taken for what they hold.
    browser.until(&says("wire", "zstd, which a browser does not unpack")).await;
    browser.click("[...document.querySelectorAll('.tabs button')].find(it => it.textContent === 'As sent')").await;
    browser.until(LOADED).await;
    browser.until(&says("given", "Packed with zstd, which a browser does not unpack.")).await;
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}
