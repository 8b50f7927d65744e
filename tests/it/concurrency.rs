//! Many at once: nothing lost, nothing mixed, nothing twice.

use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{wire::Fate, world::*};

/// A step whose every member tells who wrote it.
fn written_by(writer: u32, large: bool) -> Value {
    let mut step = step_body(None);
    let text = noise(writer.into(), if large { 350_000 } else { 10 });
    step["normalized_request"] = json!({"writer": writer});
    step["metadata"] = json!({"text": text});
    step["usage"] = json!({"input_tokens": writer, "output_tokens": 1});
    step
}

fn assert_totals_equal_a_recount(detail: &Value) {
    let steps = detail["steps"].as_array().unwrap();
    let sum = |name: &str| steps.iter().map(|step| step["usage"][name].as_u64().unwrap_or(0)).sum::<u64>();
    let summary = &detail["summary"];
    assert_eq!(summary["step_count"], json!(steps.len()));
    assert_eq!(summary["total_input_tokens"], json!(sum("input_tokens")));
    assert_eq!(summary["total_output_tokens"], json!(sum("output_tokens")));
}

#[tokio::test]
async fn many_writers_of_one_run_lose_and_mix_nothing() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    // Eight writers, each for its own step and for step 1, which everybody wants.
    let writes = (1..=8).flat_map(|writer| [(writer, 1), (writer, 10 + writer)]).map(|(writer, number)| {
        let world = &world;
        async move {
            let answer = world.recorder().put(&step(1, 1, number), written_by(writer, writer % 2 == 0)).await;
            assert!(matches!(answer.status, 200 | 201), "{answer:?}");
            (number, answer.status)
        }
    });
    let answers = join_all(writes).await;
    let created = answers.iter().filter(|answer| **answer == (1, 201)).count();
    assert_eq!(created, 1, "one created the contended step, the others replaced it");
    world.recorder().patch(&run(1, 1), json!({"status": "completed"})).await.expect(200);
    let detail = world.user("alice").get(&run(1, 1)).await.expect(200).json();
    let steps = detail["steps"].as_array().unwrap();
    let numbers: Vec<_> = steps.iter().map(|step| step["step_number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 11, 12, 13, 14, 15, 16, 17, 18]);
    for step in steps {
        let author = step["normalized_request"]["writer"].as_u64().unwrap();
        let expected = written_by(u32::try_from(author).unwrap(), author % 2 == 0);
        assert_eq!(step["metadata"], expected["metadata"], "one whole payload");
        assert_eq!(step["usage"], expected["usage"]);
    }
    assert_totals_equal_a_recount(&detail);
}

#[tokio::test]
async fn a_reader_beside_a_writer_sees_whole_steps_only() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    world.recorder().put(&step(1, 1, 1), written_by(1, true)).await.expect(201);
    let writes = async {
        for writer in [2, 3, 4, 5, 6] {
            world.recorder().put(&step(1, 1, 1), written_by(writer, true)).await.expect(200);
        }
    };
    let reads = async {
        for _ in 0..12 {
            let detail = world.user("alice").get(&run(1, 1)).await.expect(200).json();
            let step = &detail["steps"][0];
            let author = step["normalized_request"]["writer"].as_u64().unwrap();
            assert_eq!(step["metadata"], written_by(u32::try_from(author).unwrap(), true)["metadata"]);
        }
    };
    futures_util::join!(writes, reads);
}

#[tokio::test]
async fn one_finisher_wins_and_what_came_after_is_refused() {
    let world = World::recording("alice").await;
    for n in 1..=10 {
        world.recorder().post(&runs(1), open_run("alice", n)).await.expect(201);
        let finish = |status: &'static str, end: u32| {
            let world = &world;
            async move {
                let patch = json!({"status": status, "finished_at": started_at(n + end)});
                (status, end, world.recorder().patch(&run(1, n), patch).await.status)
            }
        };
        let put = async { world.recorder().put(&step(1, n, 1), written_by(1, false)).await.status };
        let finishers = join_all([finish("completed", 1), finish("error", 2), finish("interrupted", 3)]);
        let (finishers, put) = futures_util::join!(finishers, put);
        let winners: Vec<_> = finishers.iter().filter(|(.., status)| *status == 200).collect();
        assert_eq!(winners.len(), 1, "{finishers:?}");
        let detail = world.user("alice").get(&run(1, n)).await.expect(200).json();
        assert_eq!(detail["status"], json!(winners[0].0));
        assert_eq!(detail["finished_at"], json!(started_at(n + winners[0].1)));
        assert_eq!(detail["steps"].as_array().unwrap().len(), usize::from(put == 201), "{put}");
        assert_totals_equal_a_recount(&detail);
    }
}

#[tokio::test]
async fn a_storm_of_the_same_post_is_one_run() {
    let world = World::recording("alice").await;
    let body = turn(
        "alice",
        1,
        vec![written_by(1, true), written_by(2, false)]
            .into_iter()
            .zip(1..)
            .map(|(mut step, n)| {
                step["step_number"] = json!(n);
                step
            })
            .collect(),
    );
    let (recorder, path) = (world.recorder(), runs(1));
    let answers = join_all((0..10).map(|_| recorder.post(&path, &body))).await;
    let created = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(created, 1);
    let bodies: BTreeSet<_> = answers.iter().map(|answer| answer.body.clone()).collect();
    assert_eq!(bodies.len(), 1, "everybody gets the same answer: {bodies:#?}");
    let detail = world.user("alice").get(&run(1, 1)).await.expect(200).json();
    assert_totals_equal_a_recount(&detail);
}

#[tokio::test]
async fn first_posts_of_a_new_chat_do_not_stand_in_each_others_way() {
    let world = World::recording("alice").await;
    world.consent("mallory").await;
    let posts = (1..=6).map(|n| {
        let owner = if n % 3 == 0 { "mallory" } else { "alice" };
        let world = &world;
        async move { (owner, world.recorder().post(&runs(1), open_run(owner, n)).await.status) }
    });
    let answers = join_all(posts).await;
    let winner = answers.iter().find(|(_, status)| *status == 201).unwrap().0;
    for (owner, status) in &answers {
        assert_eq!(*status, if *owner == winner { 201 } else { 409 }, "{answers:?}");
    }
}

#[tokio::test]
async fn a_list_that_is_paged_while_runs_are_added_misses_and_repeats_nothing() {
    let world = World::recording("alice").await;
    for n in 1..=30 {
        world.recorder().post(&runs(1), open_run("alice", n)).await.expect(201);
    }
    let write = async {
        for n in 31..=60 {
            world.recorder().post(&runs(1), open_run("alice", n)).await.expect(201);
        }
    };
    let read = async {
        let mut seen = Vec::new();
        let mut next = Some(format!("{}?limit=4", runs(1)));
        while let Some(path) = next {
            let page = world.user("alice").get(&path).await.expect(200);
            seen.extend(page.json().as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap().to_owned()));
            next = page.next();
        }
        seen
    };
    let ((), seen) = futures_util::join!(write, read);
    let unique: BTreeSet<_> = seen.iter().collect();
    assert_eq!(unique.len(), seen.len());
    for n in 1..=30 {
        assert!(unique.contains(&run_id(n)), "run {n} existed before the list was begun");
    }
}

#[tokio::test]
async fn one_owners_load_never_shows_in_anothers_answers() {
    let world = World::recording("alice").await;
    world.consent("bob").await;
    let work = |owner: &'static str, n: u32| {
        let world = &world;
        async move {
            for run_n in 1..=5 {
                let mut body = turn(owner, run_n, vec![step_body(Some(1))]);
                body["summary"] = json!({"first_message": format!("secret of {owner}")});
                world.recorder().post(&runs(n), body).await.expect(201);
                let listed = world.user(owner).get(&runs(n)).await.expect(200).body;
                let detail = world.user(owner).get(&run(n, run_n)).await.expect(200).body;
                let other = if owner == "alice" { "secret of bob" } else { "secret of alice" };
                assert!(!listed.contains(other) && !detail.contains(other));
            }
        }
    };
    futures_util::join!(work("alice", 1), work("bob", 2), work("alice", 3), work("bob", 4));
}

/// Answers every snapshot as if no run existed yet: the moment in which two posts of an id overlap.
fn hide_the_run(world: &World) {
    let settings = world.items().into_iter().filter(|item| !item["sk"].to_string().contains('#'));
    let snapshot = json!({"Responses": {TABLE: settings.collect::<Vec<_>>()}, "UnprocessedKeys": {}}).to_string();
    world.wire.rule(move |seen| match &*seen.operation {
        "BatchGetItem" => Fate::Answer(200, snapshot.clone()),
        _ => Fate::Pass,
    });
}

#[tokio::test]
async fn a_post_that_comes_second_takes_nothing_from_the_first_however_many_its_steps() {
    let world = World::recording("alice").await;
    let mut body = open_run("alice", 1);
    body["steps"] = (1..=120).map(|number| step_body(Some(number))).collect();
    let first = world.recorder().post(&runs(1), &body).await.expect(201);
    world.recorder().put(&step(1, 1, 3), written_by(3, false)).await.expect(200);
    let before = world.user("alice").get(&run(1, 1)).await.expect(200).body;
    hide_the_run(&world);
    assert_eq!(world.recorder().post(&runs(1), &body).await.expect(200).body, first.body);
    let mut other = body.clone();
    other["steps"][0]["metadata"] = json!({"other": true});
    world.recorder().post(&runs(1), &other).await.expect(409).problem("other-content");
    world.wire.rule(|_| Fate::Pass);
    let after = world.user("alice").get(&run(1, 1)).await.expect(200).body;
    assert!(after == before, "something was taken or changed");
    world.recorder().put(&step(1, 1, 2), written_by(2, false)).await.expect(200);
    world.recorder().patch(&run(1, 1), json!({"status": "completed"})).await.expect(200);
    assert_totals_equal_a_recount(&world.user("alice").get(&run(1, 1)).await.expect(200).json());
}
