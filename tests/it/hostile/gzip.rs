//! Bodies that are gzipped, or say so: whole, broken, and far larger than they look.

use super::*;
use api::{
    problem::{MAX_GZIP_BYTES, MAX_UNPACKED_BYTES},
    routes::GZIPPED_JSON,
};
use tests::operations::dispatch;

/// A body of this type and encoding, from somebody.
fn packed(caller: &TestCaller<'_>, path: &str, route: &Route, types: [&str; 2], body: Vec<u8>) -> TestRequest {
    let mut sent = caller.request(route.method.as_str(), path, Some(body));
    sent.headers.retain(|(name, _)| name != "content-type");
    let names = ["content-type", "content-encoding"].into_iter().zip(types);
    sent.headers.extend(names.map(|(name, value)| (name.to_owned(), value.to_owned())));
    sent
}

async fn send_packed(world: &World, route: &Route, types: [&str; 2], body: Vec<u8>) -> TestResponse {
    let caller = caller(world, route);
    caller.send(packed(&caller, &path_of(route), route, types, body)).await
}

const GZIPPED: [&str; 2] = [GZIPPED_JSON, "gzip"];

fn good(route: &Route) -> String {
    full_body(route).unwrap().to_string()
}

fn recording() -> impl Iterator<Item = &'static Route> {
    body_routes().filter(|route| route.takes_gzip)
}

#[tokio::test]
async fn a_recording_may_be_gzipped_in_one_member_or_several() {
    for route in recording() {
        let world = recorded().await;
        let before = world.items();
        let text = good(route);
        let (first, second) = text.split_at(text.len() / 2);
        for body in [gzip(&text), [gzip(first), gzip(""), gzip(second)].concat()] {
            for types in [GZIPPED, ["application/json", "GZIP"]] {
                let answer = send_packed(&world, route, types, body.clone()).await;
                assert!(answer.status < 300, "{} {types:?}: {answer:?}", route.operation);
            }
        }
        assert!(world.items() != before, "it is stored");
    }
}

#[tokio::test]
async fn what_is_gzipped_is_recorded_as_what_is_not() {
    let world = recorded().await;
    let create = route("create-debug-run");
    send_packed(&world, create, GZIPPED, gzip(good(create))).await.expect(201);
    let mut typed = world.recorder().request("POST", &path_of(create), Some(good(create).into()));
    typed.headers.retain(|(name, _)| name != "content-type");
    typed.headers.push(("content-type".to_owned(), GZIPPED_JSON.to_owned()));
    world.recorder().send(typed).await.expect(200);
    send(&world, create, good(create)).await.expect(200);
}

#[tokio::test]
async fn gzip_is_refused_where_nothing_is_recorded_and_so_is_every_other_encoding() {
    let world = recorded().await;
    let before = world.items();
    for route in body_routes() {
        let others =
            ["br", "deflate", "zstd", "compress", "x-gzip", "identity", "", "gzip, gzip", "gzip,br", "gzip;q=1"];
        let of_settings = ["gzip"].into_iter().filter(|_| !route.takes_gzip);
        for coding in others.into_iter().chain(of_settings) {
            for content_type in ["application/json", GZIPPED_JSON] {
                let answer = send_packed(&world, route, [content_type, coding], gzip(good(route))).await;
                assert_eq!(answer.status, 415, "{} {content_type} {coding}: {answer:?}", route.operation);
                assert!(answer.problem("unsupported-media-type").message.contains(GZIPPED_JSON));
            }
        }
        if !route.takes_gzip {
            let mut sent =
                caller(&world, route).request(route.method.as_str(), &path_of(route), Some(good(route).into()));
            sent.headers.retain(|(name, _)| name != "content-type");
            sent.headers.push(("content-type".to_owned(), GZIPPED_JSON.to_owned()));
            caller(&world, route).send(sent).await.expect(415);
        }
    }
    assert!(world.items() == before);
}

/// A gateway that takes gzip for a text has replaced what is none.
#[tokio::test]
async fn gzip_that_arrives_as_a_text_is_refused_with_the_type_that_survives() {
    let world = recorded().await;
    for route in recording() {
        let caller = caller(&world, route);
        let sent = packed(&caller, &path_of(route), route, ["application/json", "gzip"], gzip(good(route)));
        let (route, mut event) = sent.event();
        event["body"] = json!(String::from_utf8_lossy(sent.body.as_deref().unwrap()));
        event["isBase64Encoded"] = json!(false);
        let answered = dispatch(route, world.app, invocation(&event.to_string(), 0)).await;
        assert_eq!(answered.response.status(), 415, "{}", route.operation);
        assert!(String::from_utf8_lossy(answered.response.body()).contains(GZIPPED_JSON));
    }
}

#[tokio::test]
async fn gzip_that_is_broken_is_a_bad_body() {
    let world = recorded().await;
    let before = world.items();
    for route in recording() {
        let whole = gzip(good(route));
        let (end, size) = (whole.len(), u32::try_from(good(route).len()).unwrap());
        let with = |at: usize, bytes: &[u8]| [&whole[..at], bytes, &whole[at + bytes.len()..]].concat();
        for (body, part) in [
            (Vec::new(), "its end is missing"),
            (whole[..5].to_vec(), "its end is missing"),
            (whole[..end / 2].to_vec(), "its end is missing"),
            (whole[..end - 1].to_vec(), "its end is missing"),
            (with(end - 4, &(size + 1).to_le_bytes()), "without errors"),
            (with(end - 8, &[0; 4]), "without errors"),
            (with(2, &[9]), "without errors"),
            (with(3, &[0xe0]), "without errors"),
            ([&*whole, b"\0"].concat(), "its end is missing"),
            ([&*whole, &[0; 512]].concat(), "nothing after it"),
            ([&*whole, good(route).as_bytes()].concat(), "nothing after it"),
            ([&*whole, &gzip("")[..9]].concat(), "its end is missing"),
            (good(route).into_bytes(), "without errors"),
            (gzip("").repeat(1_001), "1000 members"),
            // What it holds is held to what any body is.
            (gzip(&whole), "must be UTF-8"),
            (gzip(""), "must not be empty"),
            ([&*whole, &gzip(" x")].concat(), ""),
            (gzip("{\"a\":".repeat(100_000)), ""),
        ] {
            let answer = send_packed(&world, route, GZIPPED, body).await;
            assert_eq!(answer.status, 400, "{} {part}: {answer:?}", route.operation);
            let problem = answer.problem("invalid-body");
            assert!(problem.validations[0].detail.contains(part), "{part}: {problem:?}");
        }
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn a_bomb_goes_off_at_its_limit() {
    let world = recorded().await;
    let before = world.items();
    let full = gzip(vec![b' '; MAX_UNPACKED_BYTES]);
    let as_sent = "Gzipped it may have 4500000 bytes.";
    let unpacked = "Unpacked it may have 16 MiB (16777216 bytes).";
    for (body, detail) in
        [([&*full, &gzip(" ")].concat(), unpacked), (full.repeat(50), unpacked), (vec![0; MAX_GZIP_BYTES + 1], as_sent)]
    {
        let answer = send_packed(&world, route("create-debug-run"), GZIPPED, body).await.expect(413);
        assert_eq!(answer.problem("body-too-large").detail.as_deref(), Some(detail));
    }
    assert!(world.wire.take().is_empty() && world.items() == before);
    // As large as it may be, and no JSON.
    send_packed(&world, route("create-debug-run"), GZIPPED, full).await.problem("invalid-body");
}

/// Nothing is unpacked for somebody who may not send it, and what is wrong with it is said in the contract's order.
#[tokio::test]
async fn who_sends_it_comes_before_what_it_holds() {
    let world = recorded().await;
    let create = route("create-debug-run");
    let bomb = [gzip(vec![b' '; MAX_UNPACKED_BYTES]), gzip(" ")].concat();
    let broken = b"\x1f\x8b".to_vec();
    let malformed = runs(1).replace(&chat_id(1), &chat_id(1).to_uppercase());
    for (caller, path, body, status) in [
        (world.nobody(), runs(1), &bomb, 401),
        (world.bearer("no.token.atall"), runs(1), &bomb, 401),
        (world.user(OWNER), runs(1), &bomb, 403),
        (world.recorder(), malformed, &bomb, 413),
        (world.recorder(), runs(4), &broken, 404),
        (world.recorder(), runs(1), &broken, 400),
    ] {
        let answer = caller.send(packed(&caller, &path, create, GZIPPED, body.clone())).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
}
