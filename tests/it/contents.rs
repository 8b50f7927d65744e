//! One step alone, what no answer has room for, and contents byte for byte.

use api::routes::GZIPPED_JSON;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tests::world::*;

/// What an answer holds of a content.
const PART: usize = 4_400_000;

/// The same step as one of a posted turn, run 1, and as one that was put, of run 2.
async fn recorded_both_ways(step_body: &Value) -> World {
    let world = World::recording("alice").await;
    let mut numbered = step_body.clone();
    numbered["step_number"] = json!(1);
    record(&world, "POST", &runs(1), &turn("alice", 1, vec![numbered])).await;
    world.recorder().post(&runs(1), open_run("alice", 2)).await.expect(201);
    record(&world, "PUT", &step(1, 2, 1), step_body).await;
    world
}

/// Records what may be larger than a body that is not gzipped.
async fn record(world: &World, method: &'static str, path: &str, body: &Value) {
    let recorder = world.recorder();
    let mut sent = recorder.request(method, path, Some(gzip(body.to_string())));
    sent.headers.retain(|(name, _)| name != "content-type");
    let headers = [("content-type", GZIPPED_JSON), ("content-encoding", "gzip")];
    sent.headers.extend(headers.map(|(name, value)| (name.to_owned(), value.to_owned())));
    recorder.send(sent).await.expect(201);
}

fn content(run: u32, name: &str) -> String {
    format!("{}/content/{name}", step(1, run, 1))
}

async fn get(world: &World, path: &str, headers: &[(&str, &str)]) -> TestResponse {
    let alice = world.user("alice");
    let mut sent = alice.request("GET", path, None);
    sent.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    alice.send(sent).await
}

/// A step with two attempts of one number, of which the second has bodies.
fn with_bodies(request: &[u8], response: &[u8], content_type: &str) -> Value {
    let mut step = step_body(None);
    step["attempts"] = json!([
        {"number": 1, "status": "failed", "error": "connection reset"},
        {
            "number": 1, "status": "completed", "request_body": STANDARD.encode(request),
            "response_headers": {"Content-Type": content_type}, "response_body": STANDARD.encode(response),
        },
    ]);
    step
}

#[tokio::test]
async fn a_step_alone_is_the_step_of_its_run() {
    let world = recorded_both_ways(&with_bodies(b"a", b"b", "text/plain")).await;
    for n in [1, 2] {
        let detail = world.user("alice").get(&run(1, n)).await.expect(200);
        let alone = world.user("alice").get(&step(1, n, 1)).await.expect(200);
        assert_eq!(alone.json(), detail.json()["steps"][0]);
        assert!(detail.body.contains(&alone.body), "byte for byte");
        let tag = alone.header("etag").expect("a tag");
        assert_eq!(get(&world, &step(1, n, 1), &[("if-none-match", tag)]).await.expect(304).body, "");
        world.user("alice").get(&step(1, n, 2)).await.expect(404).problem("not-found");
    }
    let steps = (1..=3).map(|n| step_body(Some(n * 10))).collect();
    world.recorder().post(&runs(1), turn("alice", 3, steps)).await.expect(201);
    for (number, status) in [(10, 200), (20, 200), (30, 200), (15, 404), (31, 404), (9, 404)] {
        world.user("alice").get(&step(1, 3, number)).await.expect(status);
    }
}

#[tokio::test]
async fn what_no_answer_has_room_for_is_named_and_read_part_by_part() {
    let whole = vec![0xff; 4_500_000];
    let world = recorded_both_ways(&with_bodies(b"small", &whole, "image/png")).await;
    for n in [1, 2] {
        let detail = world.user("alice").get(&run(1, n)).await.expect(200).json();
        let alone = world.user("alice").get(&step(1, n, 1)).await.expect(200).json();
        let page = world.user("alice").get(&format!("{}/steps", run(1, n))).await.expect(200).json();
        assert_eq!((&detail["steps"][0], &page[0]), (&alone, &alone));
        let omitted = &alone["omitted"][0];
        assert_eq!((&omitted["content"], &omitted["bytes"]), (&json!("attempts/2/response"), &json!(whole.len())));
        let attempt = &alone["attempts"][1];
        assert_eq!((&attempt["request_body"], attempt.get("response_body")), (&json!("c21hbGw="), None));
        assert_eq!(alone["omitted"].as_array().map(Vec::len), Some(1));

        let path = content(n, "attempts/2/response");
        let problem = world.user("alice").get(&path).await.expect(413).problem("range-required");
        assert!(problem.message.contains("Range: bytes=0-4399999"), "{}", problem.message);
        let first = get(&world, &path, &[("range", "bytes=0-")]).await.expect(206);
        let first_range = format!("bytes 0-{}/{}", PART - 1, whole.len());
        assert_eq!((first.header("content-range"), first.bytes.len()), (Some(&*first_range), PART));
        let second = get(&world, &path, &[("range", &format!("bytes={PART}-"))]).await.expect(206);
        assert_eq!(first.header("etag"), second.header("etag"));
        assert!([first.bytes, second.bytes].concat() == whole);
    }
}

#[tokio::test]
async fn a_body_comes_byte_for_byte_and_only_to_be_saved() {
    let (request, response) = (b"\0\xff<script>alert(1)</script>", b"<html>");
    let world = recorded_both_ways(&with_bodies(request, response, "text/html; charset=utf-8")).await;
    for n in [1, 2] {
        for (name, bytes, media_type) in [
            ("attempts/2/request", &request[..], "application/octet-stream"),
            ("attempts/2/response", response, "text/html; charset=utf-8"),
            ("request", step_body(None)["normalized_request"].to_string().as_bytes(), "application/json"),
        ] {
            let answer = world.user("alice").get(&content(n, name)).await.expect(200);
            assert_eq!((&*answer.bytes, answer.header("content-type")), (bytes, Some(media_type)), "{name}");
            assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'; sandbox"));
            assert_eq!((answer.header("accept-ranges"), answer.header("content-encoding")), (Some("bytes"), None));
            let file = format!("attachment; filename=\"step-1-{}\"", name.replace('/', "-"));
            assert_eq!(answer.header("content-disposition"), Some(&*file));
        }
        for missing in ["attempts/1/request", "attempts/3/response", "attempts/4294967295/request"] {
            world.user("alice").get(&content(n, missing)).await.expect(404).problem("not-found");
        }
        for wrong in ["metadata", "attempts/0/request", "attempts/2", "attempts%2F2%2Frequest", "request/.."] {
            let problem = world.user("alice").get(&content(n, wrong)).await.expect(400).problem("invalid-id");
            assert_eq!(problem.validations[0].field, "content", "{wrong}");
        }
    }
    for hostile in ["text/html\u{7f}", "nonsense", "text/é", &"a/b".repeat(200)] {
        let world = recorded_both_ways(&with_bodies(b"", b"x", hostile)).await;
        let answer = world.user("alice").get(&content(1, "attempts/2/response")).await.expect(200);
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"), "{hostile}");
    }
}

#[tokio::test]
async fn ranges_are_heeded_as_http_has_them() {
    let world = recorded_both_ways(&with_bodies(b"", b"0123456789", "text/plain")).await;
    for n in [1, 2] {
        let path = content(n, "attempts/2/response");
        for (range, part, of) in [
            ("bytes=0-0", "0", "bytes 0-0/10"),
            ("bytes=3-5", "345", "bytes 3-5/10"),
            ("bytes=8-", "89", "bytes 8-9/10"),
            ("bytes=8-99999999999999999999", "89", "bytes 8-9/10"),
            ("bytes=-2", "89", "bytes 8-9/10"),
            ("bytes=-20", "0123456789", "bytes 0-9/10"),
        ] {
            let answer = get(&world, &path, &[("range", range)]).await.expect(206);
            assert_eq!((&*answer.body, answer.header("content-range")), (part, Some(of)), "{range}");
        }
        for range in ["bytes=10-", "bytes=-0", "bytes=99999999999999999999-"] {
            let answer = get(&world, &path, &[("range", range)]).await.expect(416);
            answer.problem("range-not-satisfiable");
            assert_eq!(answer.header("content-range"), Some("bytes */10"));
        }
        for range in ["", "bytes", "bytes=", "bytes=-", "bytes=5-3", "bytes=0-1,3-4", "items=0-1", "bytes=a-b"] {
            assert_eq!(get(&world, &path, &[("range", range)]).await.expect(200).body, "0123456789", "{range}");
        }
        let tag = get(&world, &path, &[]).await.header("etag").expect("a tag").to_owned();
        let of = |tag: &str| [("range", "bytes=1-2".to_owned()), ("if-range", tag.to_owned())];
        for (given, status) in [(&*tag, 206), ("\"other\"", 200), (&format!("W/{tag}"), 200)] {
            let given = of(given);
            let headers: Vec<_> = given.iter().map(|(name, value)| (*name, &**value)).collect();
            let answer = get(&world, &path, &headers).await.expect(status);
            assert_eq!(answer.header("etag"), Some(&*tag));
        }
        assert_eq!(get(&world, &path, &[("if-none-match", &tag)]).await.expect(304).body, "");
        let empty = content(n, "attempts/2/request");
        assert_eq!(get(&world, &empty, &[]).await.expect(200).bytes, b"");
        get(&world, &empty, &[("range", "bytes=0-")]).await.expect(416);
    }
    // A step that is replaced between two parts is another one, also if its bytes are as many.
    let path = content(2, "attempts/2/response");
    let tag = get(&world, &path, &[]).await.header("etag").expect("a tag").to_owned();
    let other = with_bodies(b"", b"abcdefghij", "text/plain");
    world.recorder().put(&step(1, 2, 1), other).await.expect(200);
    let answer = get(&world, &path, &[("range", "bytes=5-"), ("if-range", &tag)]).await.expect(200);
    assert_eq!(answer.body, "abcdefghij");
}

#[tokio::test]
async fn a_foreign_step_a_missing_one_and_a_deleted_one_look_the_same() {
    let world = recorded_both_ways(&with_bodies(b"a", b"b", "text/plain")).await;
    for n in [1, 2] {
        for path in [step(1, n, 1), content(n, "request"), content(n, "attempts/2/response"), content(n, "nonsense")] {
            let foreign = world.user("bob").get(&path).await.expect(404);
            let missing = world.user("bob").get(&path.replace(&chat_id(1), &chat_id(9))).await.expect(404);
            assert_eq!(foreign.body, missing.body, "{path}");
            world.recorder().get(&path).await.expect(403).problem("user-only");
            world.nobody().get(&path).await.expect(401);
        }
        world.user("alice").delete(&run(1, n)).await.expect(204);
        for path in [step(1, n, 1), content(n, "request"), content(n, "attempts/2/response")] {
            world.user("alice").get(&path).await.expect(404).problem("not-found");
        }
    }
}

/// A run of steps that were put one by one has no limit, so a page of it has one: by what is read for it, and not only
/// by what it holds.
#[tokio::test]
async fn a_page_that_leaves_bodies_out_ends_by_what_was_read_for_it() {
    const STEPS: u32 = 8;
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    for number in 1..=STEPS {
        // Longer in base64 than an answer.
        let body = with_bodies(b"small", &vec![0; 5_000_000], "image/png");
        record(&world, "PUT", &step(1, 1, number), &body).await;
    }
    let whole = run(1, 1);
    for first in [format!("{whole}?bodies=none"), whole.clone(), format!("{whole}/steps?bodies=none")] {
        let (mut path, mut seen, mut pages) = (Some(first.clone()), Vec::new(), 0);
        while let Some(page) = path {
            let answer = world.user("alice").get(&page).await.expect(200);
            let json = answer.json();
            let steps = if json.is_array() { &json } else { &json["steps"] };
            seen.extend(steps.as_array().unwrap().iter().map(|step| step["step_number"].clone()));
            (path, pages) = (answer.next(), pages + 1);
        }
        assert_eq!(json!(seen), json!((1..=STEPS).collect::<Vec<_>>()), "{first}");
        assert!(pages > 1, "{first}: 40 MB were read for one page");
    }
}

#[tokio::test]
async fn who_has_a_content_that_is_larger_than_an_answer_is_told_that_it_is_the_same() {
    let whole = vec![0xff; PART + 1];
    let world = recorded_both_ways(&with_bodies(b"small", &whole, "image/png")).await;
    for n in [1, 2] {
        let path = content(n, "attempts/2/response");
        let first = get(&world, &path, &[("range", "bytes=0-0")]).await.expect(206);
        let tag = first.header("etag").expect("a tag");
        get(&world, &path, &[("if-none-match", tag)]).await.expect(304);
        get(&world, &path, &[("if-none-match", tag), ("range", "bytes=99999999-")]).await.expect(304);
        get(&world, &path, &[("if-none-match", "\"x\"")]).await.expect(413).problem("range-required");
    }
}
