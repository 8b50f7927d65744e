//! In which form an answer goes: coded as its caller asks, and not at all when the caller has it.

use api::routes::{GET_DEBUG_LOGGING, GET_DOCS, GET_OPENAPI, GET_VIEWER};
use futures_util::future::join;
use serde_json::json;
use service::{
    access::proof::Admin,
    app::App,
    failure::Failure,
    http::{Call, Reply, Validator, answer},
};
use tests::{wire::Interleaving, world::*};

/// Asks for a path with further headers.
async fn get(caller: &TestCaller<'_>, path: &str, headers: &[(&str, &str)]) -> TestResponse {
    let mut sent = caller.request("GET", path, None);
    sent.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    caller.send(sent).await
}

/// Alice's chat 1 with this many runs, the first of them with five steps.
async fn recorded(count: u32) -> World {
    let world = World::recording("alice").await;
    let steps = (1..=5).map(|number| step_body(Some(number))).collect();
    world.recorder().post(&runs(1), turn("alice", 1, steps)).await.expect(201);
    for n in 2..=count {
        world.recorder().post(&runs(1), open_run("alice", n)).await.expect(201);
    }
    world
}

fn steps() -> String {
    format!("{}/steps", run(1, 1))
}

#[tokio::test]
async fn an_answer_that_is_worth_it_is_coded_as_its_caller_asks() {
    let world = recorded(20).await;
    let alice = world.user("alice");
    for path in [runs(1), run(1, 1), steps()] {
        let plain = alice.get(&path).await.expect(200);
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        for (asked, coding) in [("gzip, br", "gzip"), ("gzip, deflate, br, zstd", "zstd")] {
            let coded = get(&alice, &path, &[("accept-encoding", asked)]).await.expect(200);
            assert_eq!(coded.header("content-encoding"), Some(coding), "{path}");
            assert!(coded.body == plain.body, "{path}");
        }
        let refused = get(&alice, &path, &[("accept-encoding", "gzip;q=0, br, *;q=0")]).await.expect(200);
        assert_eq!(refused.header("content-encoding"), None, "{path}");
    }
    // A few bytes are not worth it, and neither is a refusal.
    for (path, status) in [(opt_in(), 200), (run(1, 99), 404)] {
        let small = get(&alice, &path, &[("accept-encoding", "gzip")]).await.expect(status);
        assert_eq!(small.header("content-encoding"), None, "{path}");
    }
}

#[tokio::test]
async fn what_anyone_may_read_is_as_large_as_its_costs_say() {
    let world = World::new().await;
    let megabytes = async |path: &str, accepted: &str| {
        let answer = get(&world.nobody(), path, &[("accept-encoding", accepted)]).await.expect(200);
        format!("{:.2}", f64::from(u32::try_from(answer.bytes.len()).unwrap()) / 1e6)
    };
    for route in [&GET_OPENAPI.route, &GET_DOCS.route, &GET_VIEWER.route] {
        let packed = megabytes(route.path, "gzip, deflate, br, zstd").await;
        let row = format!("| `{}` | {packed} | {} |", route.operation, megabytes(route.path, "identity").await);
        assert!(
            include_str!("../../infra/costs.md").lines().any(|line| line == row),
            "infra/costs.md says other than {row}"
        );
    }
}

#[tokio::test]
async fn a_list_is_sent_again_when_it_has_changed() {
    let world = recorded(5).await;
    let alice = world.user("alice");
    let first_page = format!("{}?limit=5", runs(1));
    for path in [first_page.clone(), steps()] {
        let before = alice.get(&path).await.expect(200);
        let tag = before.header("etag").unwrap();
        for had in [tag.to_owned(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let same = get(&alice, &path, &[("if-none-match", &had)]).await.expect(304);
            assert_eq!((&*same.body, same.header("etag")), ("", Some(tag)), "{path} {had}");
        }
        for had in ["\"other\"", "", tag.trim_matches('"')] {
            get(&alice, &path, &[("if-none-match", had)]).await.expect(200);
        }
        assert_eq!(alice.get(&path).await.header("etag"), Some(tag), "{path}");
    }

    let before = alice.get(&first_page).await;
    let had = [("if-none-match", before.header("etag").unwrap())];
    // The oldest: the page is the same, and has a next one now.
    let mut older = open_run("alice", 6);
    older["started_at"] = json!("2020-01-01T00:00:00Z");
    older.as_object_mut().unwrap().remove("id");
    world.recorder().post(&runs(1), older).await.expect(201);
    let after = get(&alice, &first_page, &had).await.expect(200);
    assert!(after.body == before.body && after.next().is_some() && before.next().is_none());
    world.recorder().patch(&run(1, 5), json!({"status": "completed"})).await.expect(200);
    let last = get(&alice, &first_page, &[("if-none-match", after.header("etag").unwrap())]).await.expect(200);
    assert!(last.body != after.body);
}

#[tokio::test]
async fn a_run_has_the_tag_of_a_moment_before_its_steps_so_that_no_later_step_is_missed() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    world.recorder().put(&step(1, 1, 1), step_body(None)).await.expect(201);
    // The run is read, a step is put, and then the steps are read.
    let other = world.beside().await;
    let turns = Interleaving::new(vec![0, 1, 1, 0, 0]);
    world.wire.interleave(&turns, 0);
    other.wire.interleave(&turns, 1);
    let mut second = step_body(None);
    second["owner_id"] = json!("alice");
    let (alice, recorder, path) = (world.user("alice"), other.recorder(), run(1, 1));
    let put = async {
        recorder.put(&step(1, 1, 2), second).await.expect(201);
        turns.give_up(1);
    };
    let (read, ()) = join(alice.get(&path), put).await;
    turns.give_up(0);
    let read = read.expect(200);
    assert_eq!(read.json()["steps"].as_array().map(Vec::len), Some(2), "the second step came between");
    let again = get(&alice, &path, &[("if-none-match", read.header("etag").unwrap())]).await.expect(200);
    assert_eq!(again.json()["steps"], read.json()["steps"]);
    get(&alice, &path, &[("if-none-match", again.header("etag").unwrap())]).await.expect(304);
}

#[tokio::test]
async fn each_coding_has_a_tag_of_its_own() {
    let world = recorded(20).await;
    let alice = world.user("alice");
    let plain = alice.get(&runs(1)).await;
    let gzip = ("accept-encoding", "gzip");
    let gzipped = get(&alice, &runs(1), &[gzip]).await;
    let [of_plain, of_gzipped] = [&plain, &gzipped].map(|answer| answer.header("etag").unwrap());
    assert_ne!(of_plain, of_gzipped);
    get(&alice, &runs(1), &[gzip, ("if-none-match", of_gzipped)]).await.expect(304);
    get(&alice, &runs(1), &[gzip, ("if-none-match", of_plain)]).await.expect(304);
    get(&alice, &runs(1), &[("if-none-match", of_gzipped)]).await.expect(200);
}

#[tokio::test]
async fn a_tag_says_nothing_about_a_foreign_chat() {
    let world = recorded(2).await;
    let alice = world.user("alice").get(&runs(1)).await;
    let bob = world.user("bob");
    for path in [runs(1), runs(2), steps()] {
        let plain = bob.get(&path).await.expect(404);
        world.wire.take();
        for had in ["*", alice.header("etag").unwrap()] {
            let asked = get(&bob, &path, &[("if-none-match", had)]).await.expect(404);
            assert_eq!((&asked.headers, &asked.body), (&plain.headers, &plain.body), "{path}");
        }
    }
    // It is looked up as ever, before anything is compared.
    world.wire.take();
    get(&world.user("alice"), &runs(1), &[("if-none-match", "*")]).await.expect(304);
    let of_304 = world.wire.take().len();
    world.user("alice").get(&runs(1)).await.expect(200);
    assert_eq!(of_304, world.wire.take().len());
}

/// What is known by a revision need not be read for who has it.
async fn of_revision_7(_: &'static App, call: Call<Admin>) -> Result<Reply, Failure> {
    let validator = Validator::of([&b"revision"[..], b"7"]);
    match call.not_modified(&validator) {
        Some(reply) => Ok(reply),
        None => Ok(Reply::json(&"a".repeat(2_000))?.validated(validator)),
    }
}

#[tokio::test]
async fn a_handler_leaves_out_what_its_caller_has() {
    let world = World::new().await;
    let ask = async |headers: &[(&str, &str)]| {
        let mut sent = world.admin().request("GET", &gate(), None);
        sent.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let (_, event) = sent.event();
        let event = invocation(&event.to_string(), 0);
        let response = answer(&GET_DEBUG_LOGGING, world.app, of_revision_7, event).await.response;
        let tag = response.headers()["etag"].to_str().unwrap().to_owned();
        (response.status().as_u16(), tag, response.body().is_empty(), response.headers().get("content-type").is_some())
    };
    let mut tags = Vec::new();
    for coding in ["identity", "gzip", "zstd"] {
        let (status, tag, is_empty, is_typed) = ask(&[("accept-encoding", coding)]).await;
        assert_eq!((status, is_empty, is_typed), (200, false, true), "{coding}");
        let again = ask(&[("accept-encoding", coding), ("if-none-match", &tag)]).await;
        assert_eq!(again, (304, tag.clone(), true, false), "{coding}");
        tags.push(tag);
    }
    tags.dedup();
    assert_eq!(tags.len(), 3, "each coding has its own");
}
