//! A run that is still being recorded: what comes is there without a reload, and what one reads stays.

use super::reader::{OWNER, click, has, open_as_owner, says, scene};
use serde_json::{Value, json};
use tests::{site::Site, world::*};

/// A step that answers this.
fn answered(number: Option<u32>, text: &str) -> Value {
    let mut step = step_body(number);
    step["normalized_response"] = json!({"content": [{"type": "text", "text": text}], "finish_reason": "stop"});
    step
}

#[tokio::test]
async fn a_run_grows_before_its_readers_eyes_who_keeps_the_place_or_follows_it() {
    let (world, _, mut browser) = scene().await;
    let site = Site::of(&world).await;
    open_as_owner(&mut browser, &site, &format!("#/c/{}", chat_id(1))).await;
    let rows =
        |of: &str, number: u32| format!("document.querySelectorAll('[data-testid=\"{of}\"]').length === {number}");
    browser.until(&rows("run-row", 1)).await;
    let first = answered(Some(1), "the first answer");
    world.recorder().post(&runs(1), open_turn(OWNER, 3, vec![first])).await.expect(201);
    browser.until(&rows("run-row", 2)).await;
    let row = format!("document.querySelector('[data-run=\"{}\"]')", run_id(3));
    browser.until(&format!("{row}.textContent.includes('Running')")).await;

    browser.click(&format!("{row}.querySelector('a')")).await;
    browser.until(&format!("{} && {}", says("run-head", "Still running"), says("came-back", "the first answer"))).await;
    world.recorder().put(&step(1, 3, 2), answered(None, "the second answer")).await.expect(201);
    browser.until(&rows("step-row", 2)).await;
    assert_eq!(browser.value(&says("came-back", "the first answer")).await, json!(true), "what one reads stays");
    browser.until(&says("new-steps", "1 new step")).await;
    browser.until(&says("said", "1 new step")).await;
    click(&mut browser, "new-steps").await;
    browser.until(&says("came-back", "the second answer")).await;

    click(&mut browser, "follow").await;
    let mut begun = step_body(None);
    begun["status"] = json!("in_progress");
    begun.as_object_mut().unwrap().remove("finished_at");
    world.recorder().put(&step(1, 3, 3), begun).await.expect(201);
    browser.until(&format!("{} && {}", says("came-back", "No answer yet"), says("wire", "no attempt yet"))).await;
    world.recorder().put(&step(1, 3, 3), answered(None, "the third answer")).await.expect(200);
    browser.until(&says("came-back", "the third answer")).await;
    browser.until(&says("wire", "no attempt was recorded")).await;
    // A step that is recorded anew is exchanged where it stands, and so is how it went over the wire.
    let mut whole = answered(None, "the third answer, whole");
    whole["attempts"] = json!([{"number": 1, "status": "completed", "response_status": 200}]);
    world.recorder().put(&step(1, 3, 3), whole).await.expect(200);
    browser.until(&says("came-back", "the third answer, whole")).await;
    browser.until(&says("wire", "1 attempt")).await;
    world.recorder().patch(&run(1, 3), json!({"status": "completed"})).await.expect(200);
    browser.until(&format!("{} && !{}", says("run-head", "Completed"), has("follow"))).await;
    browser.until(&says("said", "The run has ended: Completed.")).await;
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}
