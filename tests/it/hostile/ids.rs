//! Ids and step numbers in other spellings, and ids of what is elsewhere.

use super::*;
use api::routes::LIST_DEBUG_RUNS;

/// What is not the one spelling of an id.
fn other_spellings(id: &str) -> Vec<String> {
    let mut all = vec![
        id.to_uppercase(),
        format!("{{{id}}}"),
        format!("urn:uuid:{id}"),
        id.replace('-', ""),
        id.replacen('0', "\u{ff10}", 1),
        id.replacen('0', "%30", 1),
        id[..35].to_owned(),
        format!("{id}0"),
        "a".repeat(2_048),
    ];
    all.extend(
        ["{id} ", " {id}", "{id}%20", "{id}%00", "{id}\0", "{id}\n", "{id}#", "{id};x=1"]
            .map(|form| form.replace("{id}", id)),
    );
    all.extend(["{id}\\", "{id}%2f..", "{id}#RUN#", "{id}.json", "{id},{id}"].map(|form| form.replace("{id}", id)));
    let others =
        ["..", ".", "%2e%2e%2f", "%252e", "~", "*", "0", "-", "null", ":v", "#n", "$", "size", "attribute_exists(pk)"];
    all.extend(others.map(str::to_owned));
    all.push("\" OR 1=1".into());
    all
}

#[tokio::test]
async fn a_chat_has_one_spelling_and_another_is_refused_before_anything() {
    let world = recorded().await;
    for route in ROUTES.into_iter().filter(|route| route.has_parameter("chat")) {
        for spelling in other_spellings(&chat_id(1)) {
            let caller = caller(&world, route);
            let path = fill(route, &[&spelling, &run_id(2), "7", "request"]);
            let body = full_body(route).map(|body| body.to_string().into_bytes());
            let answer = caller.send(caller.request(route.method.as_str(), &path, body)).await;
            assert_eq!(answer.status, 400, "{path}: {answer:?}");
            assert_eq!(answer.problem("invalid-id").validations[0].field, "chat", "{path}");
            assert!(world.wire.take().is_empty(), "{path}");
        }
    }
}

#[tokio::test]
async fn a_run_has_one_spelling() {
    let world = recorded().await;
    let before = world.items();
    for route in ROUTES.into_iter().filter(|route| route.has_parameter("run")) {
        for spelling in other_spellings(&run_id(2)) {
            let caller = caller(&world, route);
            let path = fill(route, &[&chat_id(1), &spelling, "7", "request"]);
            let body = full_body(route).map(|body| body.to_string().into_bytes());
            let answer = caller.send(caller.request(route.method.as_str(), &path, body)).await;
            assert_eq!(answer.status, 400, "{path}: {answer:?}");
            assert_eq!(answer.problem("invalid-id").validations[0].field, "run", "{path}");
        }
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn a_step_number_has_one_spelling() {
    let world = recorded().await;
    let before = world.items();
    let put = route("put-debug-step");
    for number in [
        "0",
        "-1",
        "+1",
        "01",
        "00001",
        "1.0",
        "1e0",
        "0x1",
        "one",
        "100000",
        "1000000000",
        "4294967297",
        "18446744073709551617",
        "1 ",
        " 1",
        "%31",
        "1%20",
        "\u{ff11}",
        "1;x=1",
        "1,2",
        "..",
        "null",
    ] {
        let path = fill(put, &[&chat_id(1), &run_id(2), number]);
        let answer = world.recorder().put(&path, step_body(None)).await;
        assert_eq!(answer.status, 400, "{number}: {answer:?}");
        assert_eq!(answer.problem("invalid-id").validations[0].field, "step_number", "{number}");
    }
    assert!(world.items() == before);
    for number in ["1", "99999"] {
        let path = fill(put, &[&chat_id(1), &run_id(2), number]);
        world.recorder().put(&path, step_body(None)).await.expect(201);
    }
}

#[tokio::test]
async fn the_nil_and_the_max_id_are_well_formed_and_unknown() {
    let world = recorded().await;
    for id in ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"] {
        let alice = world.user(OWNER);
        alice.get(&fill(&LIST_DEBUG_RUNS, &[id])).await.expect(404);
        alice.get(&format!("{}/{id}", runs(1))).await.expect(404);
        alice.delete(&format!("{}/{id}", runs(1))).await.expect(404);
    }
}

#[tokio::test]
async fn a_run_elsewhere_costs_and_says_what_an_unknown_one_does() {
    let world = recorded().await;
    world.recorder().post(&runs(1), turn(OWNER, 6, vec![step_body(Some(1))])).await.expect(201);
    world.user(OWNER).delete(&run(1, 6)).await.expect(204);
    for route in ROUTES.into_iter().filter(|route| route.has_parameter("run")) {
        let mut cases = vec![(1, 99), (1, 3), (1, 4), (3, 4), (3, 99), (4, 4), (77, 2), (77, 99)];
        match route.operation {
            // A deleted run may be deleted again, so that what was left behind goes too.
            "delete-debug-run" => {}
            _ => cases.push((1, 6)),
        }
        if route.callers == Callers::Recorder {
            // A recorder writes to every chat, so that Bob's run in Bob's chat is no other's.
            cases.retain(|case| *case != (3, 4));
        }
        let mut said: Vec<(String, Vec<String>)> = Vec::new();
        for (chat, run) in cases {
            let caller = caller(&world, route);
            let path = fill(route, &[&chat_id(chat), &run_id(run), "1", "request"]);
            let body = route.has_body().then(|| match route.operation {
                "put-debug-step" => step_body(None).to_string().into_bytes(),
                _ => b"{}".to_vec(),
            });
            world.wire.take();
            let answer = caller.send(caller.request(route.method.as_str(), &path, body)).await.expect(404);
            let mut calls: Vec<_> = world.wire.take().into_iter().map(|seen| seen.operation).collect();
            calls.sort();
            said.push((answer.body, calls));
        }
        for other in &said {
            assert_eq!(*other, said[0], "{}: {said:#?}", route.operation);
        }
    }
}

#[tokio::test]
async fn a_user_id_that_looks_like_an_expression_is_a_name() {
    let world = World::new().await;
    let names =
        [":v", "$", "attribute_exists(pk)", "\"OR\"1=1", "{{pk}}", "../x", "<script>", "%23RUN%23", "true", "~"];
    for (n, name) in (1..).zip(names) {
        world.consent(name).await;
        world.recorder().post(&runs(n), turn(name, 1, vec![])).await.expect(201);
        assert_eq!(world.user(name).get(&runs(n)).await.expect(200).json().as_array().unwrap().len(), 1);
        world.user("mallory").get(&runs(n)).await.expect(404);
    }
}
