//! What a recorder writes.

use serde_json::json;
use tests::world::*;

#[tokio::test]
async fn a_whole_turn_is_one_call_and_reads_back() {
    let world = World::new().await;
    world.consent("alice").await;
    let posted = world.recorder().post(&runs(1), turn("alice", 1, vec![step_body(Some(2)), step_body(Some(1))])).await.expect(201);
    assert_eq!(posted.json()["recorded"], json!(true));
    let detail = world.user("alice").get(&run(1, 1)).await.expect(200).json();
    assert_eq!(detail["steps"][1]["step_number"], json!(2));
    let list = world.user("alice").get(&runs(1)).await.expect(200).json();
    assert_eq!(list[0], posted.json()["run"]);
    world.user("mallory").get(&runs(1)).await.expect(404);
}
