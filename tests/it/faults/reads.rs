//! Batches that leave keys out, and pages without items.

use super::*;
use futures_util::future::join_all;

/// Leaves keys out of a batch's answer so many times: all of them, or all but the first.
fn leaves_out(world: &World, is_part: bool, mut times: usize) -> impl FnMut(&Seen) -> Fate + Send + use<> {
    let database = world.engine.database().clone();
    move |seen| {
        if seen.operation != "BatchGetItem" || times == 0 {
            return Fate::Pass;
        }
        times -= 1;
        let mut left = seen.body["RequestItems"][TABLE]["Keys"].as_array().unwrap().clone();
        let mut found = json!([]);
        if is_part && left.len() > 1 {
            let first = json!({"RequestItems": {TABLE: {"Keys": [left.remove(0)]}}});
            let answer = database.batch_get_item(serde_json::from_value(first).unwrap()).unwrap();
            found = serde_json::to_value(answer).unwrap()["Responses"][TABLE].take();
        }
        let left = json!({TABLE: {"Keys": left, "ConsistentRead": true}});
        Fate::Answer(200, json!({"Responses": {TABLE: found}, "UnprocessedKeys": left}).to_string())
    }
}

fn asked_for(seen: &[Seen]) -> Vec<usize> {
    let batches = seen.iter().filter(|seen| seen.operation == "BatchGetItem");
    batches.map(|seen| seen.body["RequestItems"][TABLE]["Keys"].as_array().unwrap().len()).collect()
}

#[tokio::test]
async fn keys_that_a_batch_left_out_are_asked_for_again() {
    let (plain, all, part) = (recorded().await, recorded().await, recorded().await);
    for at in 0..tried().count() {
        let (expected, seen) = spoiled(&plain, &requests(&plain)[at]).await;
        let [wanted] = asked_for(&seen)[..] else { continue };
        for (world, is_part) in [(&all, false), (&part, true)] {
            let sent = &requests(world)[at];
            let whole = if sent.method == "GET" { Some(spoiled(world, sent).await.0.body) } else { None };
            world.wire.rule(leaves_out(world, is_part, 2));
            let (answer, seen) = spoiled(world, sent).await;
            world.wire.rule(|_| Fate::Pass);
            assert_eq!(answer.status, expected.status, "{} {}", sent.method, sent.path);
            assert!(whole.is_none_or(|whole| answer.body == whole), "{} {}", sent.method, sent.path);
            let again = if is_part { [wanted, wanted - 1, wanted.saturating_sub(2).max(1)] } else { [wanted; 3] };
            assert_eq!(asked_for(&seen), again, "{} {}", sent.method, sent.path);
        }
    }
}

#[tokio::test]
async fn keys_that_a_batch_always_leaves_out_are_a_503_and_never_a_short_answer() {
    let mut worlds = Vec::new();
    for _ in tried() {
        worlds.push(recorded().await);
    }
    let calls = worlds.iter().enumerate().map(|(at, world)| async move {
        let sent = requests(world).remove(at);
        for is_part in [false, true] {
            world.wire.rule(leaves_out(world, is_part, usize::MAX));
            let (answer, seen) = spoiled(world, &sent).await;
            if asked_for(&seen).is_empty() {
                return false;
            }
            answer.expect(503);
            assert!(asked_for(&seen).len() <= 8, "{seen:?}");
            assert!(!seen.iter().any(Seen::writes), "nothing is stored");
        }
        true
    });
    let concerned = join_all(calls).await.into_iter().filter(|concerned| *concerned).count();
    assert_eq!(concerned, 13);
}

/// Pages that hold nothing and say that there is more, so many times for each range.
fn empty_pages(times: usize) -> impl FnMut(&Seen) -> Fate + Send {
    let mut pages = HashMap::new();
    move |seen| {
        if seen.operation != "Query" {
            return Fate::Pass;
        }
        let bounds = &seen.body["ExpressionAttributeValues"];
        let page = pages.entry(bounds.to_string()).or_insert(0);
        *page += 1;
        if *page > times {
            return Fate::Pass;
        }
        let begin = if seen.body["ScanIndexForward"] == json!(true) { ":from" } else { ":to" };
        let last = json!({"pk": bounds[":pk"], "sk": bounds[begin]});
        Fate::Answer(200, json!({"Count": 0, "ScannedCount": 9, "Items": [], "LastEvaluatedKey": last}).to_string())
    }
}

/// Every way to read a range.
fn ranges() -> [String; 5] {
    [chats(), runs(1), format!("{}?status=completed", runs(1)), run(1, 1), format!("{}/steps", run(1, 1))]
}

#[tokio::test]
async fn an_empty_page_is_not_the_end() {
    let world = recorded().await;
    let alice = world.user("alice");
    for path in ranges() {
        world.wire.rule(|_| Fate::Pass);
        let expected = alice.get(&path).await.expect(200);
        world.wire.rule(empty_pages(10));
        let (answer, _) = spoiled(&world, &alice.request("GET", &path, None)).await;
        assert_eq!(answer.expect(200).body, expected.body, "{path}");
    }
}

#[tokio::test]
async fn pages_that_never_end_are_a_503_and_never_a_short_list() {
    let world = recorded().await;
    world.wire.rule(empty_pages(usize::MAX));
    for path in ranges() {
        let deadline = now_millis(&world) + 1_000;
        let sent = TestRequest { deadline, ..world.user("alice").request("GET", &path, None) };
        spoiled(&world, &sent).await.0.expect(503);
    }
}
