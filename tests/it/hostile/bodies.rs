//! Bodies of the wrong form: no JSON, no object, other members, too large.

use super::*;
use api::problem::MAX_BODY_BYTES;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tests::operations::dispatch;

#[tokio::test]
async fn a_body_is_one_json_object_in_utf_8() {
    let world = recorded().await;
    let before = world.items();
    for route in body_routes() {
        let good = full_body(route).unwrap().to_string();
        let (before_end, _) = good.rsplit_once('}').unwrap();
        let utf_16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bad in [
            "",
            " ",
            "null",
            "true",
            "7",
            "\"x\"",
            "{",
            "}",
            "'x'",
            "undefined",
            "NaN",
            "Infinity",
            "{\"a\":NaN}",
            "{'a':1}",
        ] {
            assert_bad(&world, route, bad, "", "").await;
        }
        for bad in [
            format!("{good} x"),
            format!("{good}{good}"),
            format!("{good},"),
            format!("{good}\0"),
            format!("\u{feff}{good}"),
            format!("// comment\n{good}"),
            format!("/* comment */{good}"),
            format!("{before_end},}}"),
            before_end.to_owned(),
            good.replace('"', "'"),
            json!(good).to_string(),
            STANDARD.encode(&good),
            "{\"a\":".repeat(100_000),
        ] {
            assert_bad(&world, route, bad, "", "").await;
        }
        for bad in [
            [good.as_bytes(), b"\xff"].concat(),
            [b"\xef\xbb", good.as_bytes()].concat(),
            [before_end.as_bytes(), b",\"\xc0\x80\":1}"].concat(),
            [before_end.as_bytes(), b",\"\xed\xa0\x80\":1}"].concat(),
            utf_16.iter().copied().chain([0xff]).collect(),
        ] {
            assert_bad(&world, route, bad, "", "must be UTF-8").await;
        }
        assert_bad(&world, route, utf_16, "", "").await;
    }
    assert!(world.items() == before);
}

/// Every object of a body with the pointers of its members.
fn objects(body: &Value) -> Vec<(&'static str, Vec<String>)> {
    ["", "/summary", "/steps/0", "/steps/0/attempts/0", "/attempts/0"]
        .into_iter()
        .filter_map(|at| Some((at, body.pointer(at)?.as_object()?.keys().cloned().collect())))
        .collect()
}

#[tokio::test]
async fn a_member_that_is_unknown_or_comes_twice_is_refused_at_its_object() {
    let world = recorded().await;
    let before = world.items();
    for route in body_routes() {
        let good = full_body(route).unwrap();
        for (at, members) in objects(&good) {
            for unknown in ["nope", "Status", "owner-id", "__proto__", "constructor", "", "updated_at"] {
                let more = spoiled(&good, &format!("{at}/{unknown}"), "1");
                assert_bad(&world, route, more, at, "unknown field").await;
            }
            for member in members {
                let pointer = format!("{at}/{member}");
                let value = good.pointer(&pointer).unwrap();
                let twice = spoiled(&good, &pointer, &format!("{value},\"{member}\":{value}"));
                assert_bad(&world, route, twice, at, &format!("duplicate field `{member}`")).await;
            }
        }
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn a_member_of_the_servers_own_is_unknown() {
    let world = recorded().await;
    let before = world.items();
    for (operation, at, members) in [
        ("create-debug-run", "", &["chat_id", "updated_at", "step_count", "steps_complete"][..]),
        ("create-debug-run", "/summary", &["step_count", "has_error", "endpoint_label", "total_input_tokens"]),
        ("create-debug-run", "/steps/1", &["id", "run_id", "chat_id", "updated_at", "owner_id"]),
        ("update-debug-run", "", &["id", "chat_id", "started_at", "kind", "updated_at", "steps", "root_chat_id"]),
        ("update-debug-run", "/summary", &["step_count", "has_error"]),
        ("put-debug-step", "", &["id", "run_id", "chat_id", "updated_at"]),
        ("put-chat", "", &["id", "override", "deleted"]),
        ("put-chat-debug-logging", "", &["effective", "decided_by"]),
        ("put-user-debug-logging", "", &["user_toggle_allowed", "forced_by_deployment"]),
        ("put-debug-logging", "", &["forced_by_deployment"]),
    ] {
        let good = full_body(route(operation)).unwrap();
        for member in members {
            // A member of this name is good elsewhere.
            let value = if *member == "owner_id" { json!(OWNER) } else { json!(UUID) };
            let bad = spoiled(&good, &format!("{at}/{member}"), &value.to_string());
            assert_bad(&world, route(operation), bad, at, &format!("unknown field `{member}`")).await;
        }
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn a_member_that_is_missing_is_asked_for_at_its_object() {
    let world = recorded().await;
    let before = world.items();
    for (operation, required) in [
        ("put-debug-logging", &["/allow_users"][..]),
        ("put-user-debug-logging", &["/debug_logging_enabled"]),
        ("put-chat-debug-logging", &["/override"]),
        ("put-chat", &["/owner_id"]),
        (
            "create-debug-run",
            &[
                "/owner_id",
                "/kind",
                "/status",
                "/started_at",
                "/steps/1/step_number",
                "/steps/1/operation",
                "/steps/1/status",
                "/steps/1/started_at",
                "/steps/1/attempts/0/number",
                "/steps/1/attempts/0/status",
            ],
        ),
        ("put-debug-step", &["/operation", "/status", "/started_at", "/attempts/0/number", "/attempts/0/status"]),
    ] {
        for pointer in required {
            let (at, member) = pointer.rsplit_once('/').unwrap();
            let bad = spoiled(&full_body(route(operation)).unwrap(), pointer, "");
            assert_bad(&world, route(operation), bad, at, &format!("missing field `{member}`")).await;
            let null = spoiled(&full_body(route(operation)).unwrap(), pointer, "null");
            // A number is asked for within a turn alone, and an owner of a general recorder alone: `null` is absent.
            let field = if ["step_number", "owner_id"].contains(&member) { at } else { pointer };
            assert_bad(&world, route(operation), null, field, "").await;
        }
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn an_object_is_no_list_of_its_values() {
    let world = recorded().await;
    let before = world.items();
    for (operation, pointer, list) in [
        ("put-debug-logging", "", "[true]"),
        ("put-user-debug-logging", "", "[true]"),
        ("put-chat-debug-logging", "", r#"["on"]"#),
        ("put-chat", "", r#"["alice"]"#),
        ("update-debug-run", "", "[]"),
        ("update-debug-run", "", r#"["alice","completed"]"#),
        ("update-debug-run", "/summary", "[]"),
        ("update-debug-run", "/summary", r#"["hello"]"#),
        ("create-debug-run", "/summary", "[]"),
        ("create-debug-run", "/steps/0/attempts/0", r#"[1,"completed"]"#),
        ("put-debug-step", "/attempts/0", r#"[1,"completed"]"#),
    ] {
        let good = full_body(route(operation)).unwrap();
        let bad = if pointer.is_empty() { list.to_owned() } else { spoiled(&good, pointer, list) };
        assert_bad(&world, route(operation), bad, pointer, "").await;
    }
    for route in body_routes() {
        assert_bad(&world, route, json!([full_body(route)]).to_string(), "", "").await;
        assert_bad(&world, route, "[".repeat(100_000), "", "").await;
    }
    let started = started_at(50);
    let turn = json!([OWNER, "chat_turn", "in_progress", started]).to_string();
    assert_bad(&world, route("create-debug-run"), turn, "", "").await;
    for step in [json!([]), json!([7, OWNER, "stream", "completed", started, started, 1, 2, {}])] {
        assert_bad(&world, route("put-debug-step"), step.to_string(), "", "").await;
        let bad = spoiled(&full_turn(), "/steps/0", &step.to_string());
        assert_bad(&world, route("create-debug-run"), bad, "/steps/0", "").await;
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn a_body_is_5_mib_at_most() {
    let world = recorded().await;
    let create = route("create-debug-run");
    let good = full_turn().to_string();
    let padded = |length: usize| format!("{good}{}", " ".repeat(length - good.len()));
    let before = world.items();
    let answer = send(&world, create, padded(MAX_BODY_BYTES + 1)).await.expect(413);
    assert!(answer.problem("body-too-large").detail.unwrap().contains("5242880"));
    assert!(world.wire.take().is_empty() && world.items() == before);
    send(&world, create, padded(MAX_BODY_BYTES)).await.expect(201);
}

#[tokio::test]
async fn a_body_says_it_is_plain_json() {
    let world = recorded().await;
    for route in body_routes() {
        let caller = caller(&world, route);
        let with = |headers: &[(&str, &str)]| {
            let body = full_body(route).unwrap().to_string().into_bytes();
            let mut sent = caller.request(route.method.as_str(), &path_of(route), Some(body));
            sent.headers.retain(|(name, _)| name != "content-type");
            sent.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            sent
        };
        for bad in [
            &[][..],
            &[("content-type", "")],
            &[("content-type", "json")],
            &[("content-type", "text/plain")],
            &[("content-type", "text/json")],
            &[("content-type", "application/x-www-form-urlencoded")],
            &[("content-type", "multipart/form-data; boundary=x")],
            &[("content-type", "application/octet-stream")],
            &[("content-type", "application/vnd.api+json")],
            &[("content-type", "application/merge-patch+json")],
            &[("content-type", "application/jsonl")],
            &[("content-type", "application/json; charset=utf-16")],
            &[("content-type", "application/json; charset=iso-8859-1")],
            // Two headers of the name, as the gateway joins them.
            &[("content-type", "application/json,application/json")],
            &[("content-type", "application/json, text/plain")],
            &[("accept", "application/json")],
        ] {
            world.wire.take();
            let answer = caller.send(with(bad)).await;
            assert_eq!(answer.status, 415, "{} {bad:?}: {answer:?}", route.operation);
            answer.problem("unsupported-media-type");
            assert!(world.wire.take().is_empty(), "{} {bad:?}", route.operation);
        }
        for good in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=UTF-8",
        ] {
            let answer = caller.send(with(&[("content-type", good)])).await;
            assert!(answer.status < 300, "{} {good}: {answer:?}", route.operation);
        }
    }
}

/// The gateway may send any body so; what it sends is base64, whatever its client sent.
#[tokio::test]
async fn a_body_in_base64_is_decoded_once() {
    let world = recorded().await;
    for route in body_routes() {
        let good = full_body(route).unwrap().to_string();
        for (body, is_good) in [(STANDARD.encode(&good), true), (STANDARD.encode(STANDARD.encode(&good)), false)] {
            let caller = caller(&world, route);
            let sent = caller.request(route.method.as_str(), &path_of(route), Some(Vec::new()));
            let (route, mut event) = sent.event();
            event["body"] = json!(body);
            event["isBase64Encoded"] = json!(true);
            let event = invocation(&event.to_string(), 0);
            let status = dispatch(route, world.app, event).await.response.status();
            assert_eq!(status.is_success(), is_good, "{}: {status}", route.operation);
            assert!(is_good || status == 400, "{}: {status}", route.operation);
        }
    }
}
