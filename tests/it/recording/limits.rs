//! How much is recorded at once: just below a limit it is stored, above it nothing is.

use super::*;
use api::{problem::MAX_STORED_BYTES, run::MAX_STEPS};

/// How near to the limit it is, in bytes: what is made of noise is as large as it says but for this.
const NEAR: usize = 20_000;

/// So many steps, of which so many bytes are stored together.
fn steps_of(count: u32, bytes: usize) -> Vec<Value> {
    let large = |number| {
        let mut step = step_body(Some(number));
        step["metadata"] = json!({"text": noise(number.into(), bytes / count as usize)});
        step
    };
    (1..=count).map(large).collect()
}

#[tokio::test]
async fn what_is_stored_at_once_is_limited() {
    let world = World::recording("alice").await;
    let recorder = world.recorder();
    recorder.post(&runs(1), open_run("alice", 1)).await.expect(201);
    let before = world.items();
    for bytes in [MAX_STORED_BYTES + NEAR, MAX_STORED_BYTES - NEAR] {
        let is_stored = bytes < MAX_STORED_BYTES;
        let put = steps_of(1, bytes).remove(0);
        let answers = [
            (recorder.post(&runs(1), turn("alice", 2, steps_of(2, bytes))).await, "turn-too-large"),
            (recorder.post(&runs(1), open_turn("alice", 3, steps_of(2, bytes))).await, "turn-too-large"),
            (recorder.put(&step(1, 1, 1), put).await, "step-too-large"),
        ];
        for (answer, problem) in answers {
            if is_stored {
                answer.expect(201);
            } else {
                answer.expect(413).problem(problem);
            }
        }
        assert_eq!(world.items() == before, !is_stored);
    }
}

#[tokio::test]
async fn a_thousand_steps_are_one_post() {
    let world = World::recording("alice").await;
    let mut steps: Vec<_> = (1..=1_001).map(|number| step_body(Some(number))).collect();
    let too_many = steps.clone();
    steps.truncate(MAX_STEPS);
    for (n, body) in [(1, turn("alice", 1, steps.clone())), (2, open_turn("alice", 2, steps.clone()))] {
        world.recorder().post(&runs(1), &body).await.expect(201);
        world.recorder().post(&runs(1), &body).await.expect(200);
        let outlines = world.user("alice").get(&format!("{}/steps?outline=true", run(1, n))).await.expect(200).json();
        assert_eq!(outlines.as_array().map(Vec::len), Some(MAX_STEPS));
    }
    for body in [turn("alice", 3, too_many.clone()), open_turn("alice", 4, too_many)] {
        let answer = world.recorder().post(&runs(1), &body).await.expect(400);
        assert_eq!(answer.problem("invalid-body").validations[0].field, "/steps");
    }
}
