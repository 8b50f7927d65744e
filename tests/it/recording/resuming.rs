//! A post of more steps than a chat takes in the time of a request: the same post again goes on where it ended.

use super::*;
use crate::{crash::break_off, sweeping::unnamed};
use futures_util::future::join;
use std::collections::BTreeSet;
use tests::wire::{Fate, Interleaving};

/// The most tries until a post that goes on is done.
const TRIES: usize = 8;

/// So many steps, each stored in so many bytes.
fn steps_of(count: u32, bytes: usize) -> Vec<Value> {
    (1..=count).map(|number| stored_step(Some(number), number.into(), bytes)).collect()
}

/// Posts run 1 again and again to a table that takes so many units of each try. Gives the statuses.
async fn tries(world: &World, body: &Value, units: f64, between: Duration) -> Vec<u16> {
    let mut statuses = Vec::new();
    while statuses.len() < TRIES && !statuses.contains(&201) {
        world.wire.throttle_after(units);
        statuses.push(world.recorder().post(&runs(1), body).await.status);
        world.app.clock.advance(between);
    }
    world.wire.rule(|_| Fate::Pass);
    statuses
}

/// Fails unless run 1 has the steps that were sent, and nothing else is left an hour later.
async fn assert_recorded(world: &World, body: &Value) {
    let page = detail(world, 1).await;
    let attempts = |run: &Value| {
        let steps = run["steps"].as_array().unwrap().iter();
        steps.map(|step| (step["step_number"].clone(), step["attempts"].clone())).collect::<Vec<_>>()
    };
    assert!(attempts(&page) == attempts(body), "other steps than were sent");
    world.recorder().post(&runs(1), body).await.expect(200);
    world.app.clock.advance(Duration::from_mins(61));
    world.sweep().await;
    assert_eq!(unnamed(world, 1), Vec::<String>::new());
    assert!(detail(world, 1).await == page, "a sweep took something");
}

#[tokio::test]
async fn a_post_of_more_than_a_chat_takes_at_once_is_done_after_a_few_tries() {
    // One transaction a try; all chunks of 45 steps and their transaction.
    for (count, bytes, units, expected) in [(200, 10, 100.0, 5), (60, 20_000, 1_000.0, 2)] {
        let world = World::recording("alice").await;
        let body = open_turn("alice", 1, steps_of(count, bytes));
        let statuses = tries(&world, &body, units, Duration::ZERO).await;
        assert_eq!(statuses, [vec![503; expected - 1], vec![201]].concat(), "{count} steps");
        assert_recorded(&world, &body).await;
    }
}

#[tokio::test]
async fn what_a_sweep_may_come_for_is_put_anew() {
    let world = World::recording("alice").await;
    let body = open_turn("alice", 1, steps_of(100, 10));
    // So far apart, no try goes on with what the one before it stored, and none is enough by itself.
    let statuses = tries(&world, &body, 100.0, Duration::from_mins(30)).await;
    assert_eq!(statuses, [503; TRIES]);
    world.recorder().post(&runs(1), &body).await.expect(201);
    assert_recorded(&world, &body).await;
}

#[tokio::test]
async fn a_post_that_goes_on_writes_only_what_is_not_there() {
    let world = World::recording("alice").await;
    let body = open_turn("alice", 1, steps_of(100, 5_000));
    break_off(&world, body.clone()).await;
    world.wire.take();
    world.recorder().post(&runs(1), &body).await.expect(201);
    let seen = world.wire.take();
    let count = |operation: &str| seen.iter().filter(|seen| seen.operation == operation).count();
    // An intent and the chunks of the last ten steps.
    assert_eq!((count("TransactWriteItems"), count("PutItem")), (1, 11));
    assert_recorded(&world, &body).await;
}

#[tokio::test]
async fn another_post_goes_on_with_nothing() {
    let world = World::recording("alice").await;
    let body = open_turn("alice", 1, steps_of(100, 10));
    break_off(&world, body.clone()).await;
    let mut other = body.clone();
    other["steps"][99]["metadata"] = json!({"other": true});
    world.recorder().post(&runs(1), &other).await.expect(409).problem("other-content");
    other["steps"] = json!([step_body(Some(1)), step_body(Some(200))]);
    world.recorder().post(&runs(1), &other).await.expect(201);
    world.recorder().post(&runs(1), &body).await.expect(409).problem("other-content");
    assert_eq!(detail(&world, 1).await["steps"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn nothing_goes_on_in_a_chat_that_is_deleted_meanwhile() {
    let world = World::recording("alice").await;
    let body = open_turn("alice", 1, steps_of(100, 5_000));
    break_off(&world, body.clone()).await;
    let other = world.beside().await;
    // The snapshot and the heads, then the deletion.
    let turns = Interleaving::new([vec![0; 2], vec![1; 20]].concat());
    world.wire.interleave(&turns, 0);
    other.wire.interleave(&turns, 1);
    let (recorder, alice, path) = (world.recorder(), other.user("alice"), runs(1));
    let deleted = async {
        alice.delete(&chat(1)).await.expect(204);
        turns.give_up(1);
    };
    let (posted, ()) = join(recorder.post(&path, &body), deleted).await;
    posted.expect(404);
    assert_eq!(world.kinds(1).into_iter().collect::<BTreeSet<_>>(), BTreeSet::from(["CHAT".into(), "CHUNK".into()]));
    world.app.clock.advance(Duration::from_mins(61));
    world.sweep().await;
    assert_eq!(unnamed(&world, 1), Vec::<String>::new());
}
