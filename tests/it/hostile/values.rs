//! Values that a member does not take.

use super::*;
use std::collections::BTreeSet;

/// Texts of JSON that are no value of a member, by what the member is. `null` is none of a setting, of an
/// item of a list, and of a member that has to be there; any other member it leaves absent.
fn wrong(kind: &str) -> std::str::Split<'static, &'static str> {
    let texts = match kind {
        "flag" => r#"null | 0 | 1 | "true" | "" | [] | {} | True"#,
        "text" => "true | 7 | [] | {} | [\"x\"] | \"\u{1}\" | \"\n\"",
        "word" => r#"true | 7 | "" | "nope" | "Completed" | " completed" | [] | {} | ["completed"]"#,
        "setting" => r#"null | true | 7 | "" | "nope" | "On" | " on" | [] | {} | ["on"]"#,
        "id" => {
            concat!(
                r#"7 | "" | [] | {} | "0C000000-0000-4000-8000-0000000000FF" | "0c000000000040008000000000000000" | "#,
                r#""{0c000000-0000-4000-8000-0000000000ff}" | "urn:uuid:0c000000-0000-4000-8000-0000000000ff" | "#,
                r#""0c000000-0000-4000-8000-0000000000ff ""#,
            )
        }
        "label" => r#"null | true | 7 | "" | "a\n" | [] | {} | ["x"]"#,
        "name" => r#"true | 7 | "" | [] | {} | ["x"]"#,
        "user" => r#"7 | "" | [] | {} | "a b" | "a#RUN#" | "a\u0000" | "a\n" | "é" | "\ud800""#,
        "time" => r#"0 | 1767322800000 | 1767322800.5 | "" | "1767322800" | "2026-01-02" | [] | {}"#,
        "message" => {
            r#"true | 1.5 | 9223372036854775808 | 1e999 | [] | {} | "" | " " | " a" | "a " | "a\n" | "a\tb" | "\u0000""#
        }
        "count" => r#"true | "1" | 1.5 | -1 | 9007199254740992 | 18446744073709551616 | 1e999 | [] | {}"#,
        "span" => r#"true | "1" | "" | [] | {} | [1]"#,
        "code" => r#"true | "200" | 200.5 | [] | {}"#,
        "object" => r#"true | 7 | "{}" | [] | [{}]"#,
        "headers" => r#"true | 7 | "a: b" | [] | [["a","b"]]"#,
        "bytes" => r#"7 | [104] | {} | "aGk" | "aGl=" | "-_8=" | "aGk=\n" | " aGk=" | "a" | "=""#,
        "list" => r#"true | 7 | "x" | {}"#,
        "parts" => r#"true | 7 | "x""#,
        "item" => r#"null | true | 7 | "x""#,
        _ => panic!("{kind}"),
    };
    texts.split(" | ")
}

/// Members by their pointers, and what each is.
type Members = Vec<(String, &'static str)>;

fn at(place: &str, members: &[(&str, &'static str)]) -> Members {
    members.iter().map(|(member, kind)| (format!("{place}/{member}"), *kind)).collect()
}

/// The members of a turn's step that stands there.
fn members_of_step(place: &str) -> Members {
    let members = [
        ("step_number", "count"),
        ("operation", "word"),
        ("status", "word"),
        ("started_at", "time"),
        ("finished_at", "time"),
        ("history_tip_message_id", "message"),
        ("assistant_message_id", "message"),
        ("normalized_request", "object"),
        ("normalized_response", "object"),
        ("usage", "object"),
        ("attempts", "list"),
        ("attempts/0", "item"),
        ("attempts/0/number", "count"),
        ("attempts/0/status", "word"),
        ("attempts/0/method", "text"),
        ("attempts/0/url", "text"),
        ("attempts/0/path", "text"),
        ("attempts/0/started_at", "time"),
        ("attempts/0/finished_at", "time"),
        ("attempts/0/request_headers", "headers"),
        ("attempts/0/request_headers/a", "text"),
        ("attempts/0/request_body", "bytes"),
        ("attempts/0/response_status", "code"),
        ("attempts/0/response_headers", "headers"),
        ("attempts/0/response_headers/b", "text"),
        ("attempts/0/response_body", "bytes"),
        ("attempts/0/error", "text"),
        ("attempts/0/duration_ms", "span"),
        ("attempts/0/first_byte_ms", "span"),
        ("attempts/0/retry_classification", "text"),
        ("attempts/0/retry_delay_ms", "span"),
        ("error", "object"),
        ("metadata", "object"),
    ];
    at(place, &members)
}

/// The members of a body, by the operation that takes it.
fn bodies() -> [(&'static str, Members); 9] {
    let of_chat = at("", &[("owner_id", "user"), ("external_id", "name")]);
    let lineage = at("", &[("root_chat_id", "id"), ("parent_chat_id", "id")]);
    let of_run = at(
        "",
        &[
            ("status", "word"),
            ("finished_at", "time"),
            ("provider", "text"),
            ("model", "text"),
            ("model_config_id", "id"),
            ("trigger_message_id", "message"),
            ("history_tip_message_id", "message"),
            ("summary", "parts"),
            ("summary/first_message", "text"),
        ],
    );
    let of_turn =
        at("", &[("kind", "word"), ("started_at", "time"), ("id", "id"), ("steps", "list"), ("steps/1", "item")]);
    [
        ("put-debug-logging", at("", &[("allow_users", "flag")])),
        ("put-user-debug-logging", at("", &[("debug_logging_enabled", "flag")])),
        ("put-chat-debug-logging", at("", &[("override", "setting")])),
        ("create-recorder-key", at("", &[("general", "flag"), ("label", "label"), ("expires_at", "time")])),
        ("put-chat", [&*of_chat, &lineage].concat()),
        ("create-debug-run", [&*of_chat, &lineage, &of_run, &of_turn, &members_of_step("/steps/1")].concat()),
        ("update-debug-run", [&*of_chat, &of_run].concat()),
        ("put-debug-step", [&*of_chat, &members_of_step("")].concat()),
        ("preview-redaction", [of_chat, members_of_step("")].concat()),
    ]
}

/// Both the bodies that are spoiled and the lists of what is wrong for each member.
#[test]
fn every_member_of_the_document_is_named() {
    let lists = bodies();
    for (operation, place, schema) in [
        ("put-debug-logging", "", "PutDeploymentSettings"),
        ("put-user-debug-logging", "", "PutUserSettings"),
        ("put-chat-debug-logging", "", "PutChatSettings"),
        ("create-recorder-key", "", "CreateRecorderKey"),
        ("put-chat", "", "PutChat"),
        ("create-debug-run", "", "CreateRun"),
        ("create-debug-run", "/summary", "RunSummaryInput"),
        ("create-debug-run", "/steps/1", "TurnStep"),
        ("create-debug-run", "/steps/1/attempts/0", "AttemptInput"),
        ("update-debug-run", "", "UpdateRun"),
        ("update-debug-run", "/summary", "RunSummaryInput"),
        ("put-debug-step", "", "StepInput"),
        ("put-debug-step", "/attempts/0", "AttemptInput"),
        ("preview-redaction", "", "StepInput"),
        ("preview-redaction", "/attempts/0", "AttemptInput"),
    ] {
        let known: BTreeSet<_> = openapi::members(schema).into_keys().collect();
        let body = full_body(route(operation)).unwrap();
        let in_body = body.pointer(place).unwrap().as_object().unwrap().keys();
        assert_eq!(in_body.map(String::as_str).collect::<BTreeSet<_>>(), known, "{schema} in a body of {operation}");
        let (_, listed) = lists.iter().find(|(listed, _)| *listed == operation).unwrap();
        let of_place = listed.iter().filter_map(|(pointer, _)| pointer.strip_prefix(place)?.strip_prefix('/'));
        let listed: BTreeSet<_> = of_place.filter(|name| !name.contains('/')).collect();
        assert_eq!(listed, known, "{schema} in the list of {operation}");
    }
}

#[tokio::test]
async fn a_value_of_the_wrong_kind_is_refused_where_it_stands() {
    let world = recorded().await;
    let before = world.items();
    for (operation, members) in bodies() {
        for (pointer, kind) in members {
            // A turn's steps are read as a step alone is; there is the pointer left to show.
            let most = if pointer.starts_with("/steps/1/") { 1 } else { usize::MAX };
            for text in wrong(kind).take(most) {
                let bad = spoiled(&full_body(route(operation)).unwrap(), &pointer, text);
                assert_bad(&world, route(operation), bad, &pointer, "").await;
            }
        }
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn a_word_is_no_object_of_itself() {
    let world = recorded().await;
    let before = world.items();
    for (operation, pointer, object) in [
        ("put-chat-debug-logging", "/override", r#"{"on":null}"#),
        ("create-debug-run", "/status", r#"{"completed":null}"#),
        ("create-debug-run", "/kind", r#"{"chat_turn":null}"#),
        ("create-debug-run", "/steps/0/operation", r#"{"stream":null}"#),
        ("update-debug-run", "/status", r#"{"completed":null}"#),
        ("put-debug-step", "/status", r#"{"completed":null}"#),
        ("put-debug-step", "/attempts/0/status", r#"{"failed":null}"#),
    ] {
        let bad = spoiled(&full_body(route(operation)).unwrap(), pointer, object);
        assert_bad(&world, route(operation), bad, pointer, "").await;
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn what_the_types_cannot_say_is_refused_where_it_stands() {
    let world = recorded().await;
    let before = world.items();
    let long = json!("x".repeat(257)).to_string();
    for (operation, pointer, json, field, part) in [
        ("create-debug-run", "/provider", &*long, "/provider", "256"),
        ("create-debug-run", "/model", &long, "/model", "256"),
        ("create-debug-run", "/status", r#""in_progress""#, "/finished_at", "final"),
        ("create-debug-run", "/steps/1/step_number", "1", "/steps/1/step_number", "differ"),
        ("create-debug-run", "/steps/1/step_number", "0", "/steps/1/step_number", "99999"),
        ("create-debug-run", "/steps/1/step_number", "100000", "/steps/1/step_number", "99999"),
        ("create-debug-run", "/steps/1/step_number", "4294967297", "/steps/1/step_number", "99999"),
        ("update-debug-run", "/provider", &long, "/provider", "256"),
        ("update-debug-run", "/model", &long, "/model", "256"),
        ("update-debug-run", "/status", "", "/finished_at", "final"),
        ("update-debug-run", "/status", r#""in_progress""#, "/finished_at", "final"),
        ("put-debug-step", "/step_number", "6", "/step_number", "path"),
        ("put-debug-step", "/step_number", "0", "/step_number", "99999"),
    ] {
        let bad = spoiled(&full_body(route(operation)).unwrap(), pointer, json);
        assert_bad(&world, route(operation), bad, field, part).await;
    }
    assert!(world.items() == before);
}

#[tokio::test]
async fn a_runs_id_is_a_version_7_of_its_start() {
    let world = recorded().await;
    let create = route("create-debug-run");
    let other_version = run_id(50).replacen("-7", "-4", 1);
    let other_variant: String = run_id(50).char_indices().map(|(at, c)| if at == 19 { 'c' } else { c }).collect();
    for id in [&run_id(49), &run_id(51), &other_version, &other_variant, UUID, "00000000-0000-0000-0000-000000000000"] {
        assert_bad(&world, create, spoiled(&full_turn(), "/id", &json!(id).to_string()), "/id", "UUIDv7").await;
    }
    // The id carries milliseconds; what is finer is no part of it.
    let fine = started_at(50).replace('Z', ".0009999999Z");
    send(&world, create, spoiled(&full_turn(), "/started_at", &json!(fine).to_string())).await.expect(201);
    let next = started_at(50).replace('Z', ".001Z");
    assert_bad(&world, create, spoiled(&full_turn(), "/started_at", &json!(next).to_string()), "/id", "UUIDv7").await;
}

#[tokio::test]
async fn a_run_starts_between_1970_and_a_day_from_now() {
    let world = recorded().await;
    let create = route("create-debug-run");
    let starting =
        |start: String| json!({"owner_id": OWNER, "kind": "quickgen", "status": "in_progress", "started_at": start});
    let ahead = |seconds: i64| {
        let micros = (world.now() + seconds) * 1_000_000;
        api::time::Timestamp::from_micros(micros).unwrap().to_string()
    };
    for good in [ahead(86_390), "1970-01-01T00:00:00Z".into(), "1970-01-01T00:00:00.000001Z".into()] {
        let run = send(&world, create, starting(good.clone()).to_string()).await.expect(201).json();
        assert_eq!(run["run"]["started_at"], good);
    }
    for bad in [ahead(86_410), "2999-01-01T00:00:00Z".into(), "9999-12-31T23:59:59.999999Z".into()] {
        assert_bad(&world, create, starting(bad).to_string(), "/started_at", "a day ahead").await;
    }
    assert_bad(&world, create, starting("1969-12-31T23:59:59.999999Z".into()).to_string(), "/started_at", "1970").await;
}

#[tokio::test]
async fn times_come_out_in_one_form_and_others_do_not_come_in() {
    let world = recorded().await;
    let put = route("put-debug-step");
    for (given, out) in [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05z", "2026-01-02T03:04:05Z"),
        ("2026-01-02t03:04:05Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:00Z", "2026-01-02T03:04:00Z"),
        ("2026-01-02T03:04:05.0Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.120Z", "2026-01-02T03:04:05.12Z"),
        ("2026-01-02T03:04:05.000001Z", "2026-01-02T03:04:05.000001Z"),
        ("2026-01-02T03:04:05.1234569Z", "2026-01-02T03:04:05.123456Z"),
        ("2026-01-02T03:04:05.999999999999Z", "2026-01-02T03:04:05.999999Z"),
        ("2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05+05:30", "2026-01-01T21:34:05Z"),
        ("2026-01-02T03:04:05-23:59", "2026-01-03T03:03:05Z"),
        ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ] {
        let step =
            json!({"operation": "generate", "status": "in_progress", "started_at": given, "normalized_request": {}});
        let status = send(&world, put, step.to_string()).await.status;
        assert!(status == 201 || status == 200, "{given}");
        let read = world.user(OWNER).get(&named_run(2)).await.expect(200).json();
        assert_eq!(read["steps"][0]["started_at"], out, "{given}");
    }
    for bad in [
        "2026-01-02T03:04:05",
        "2026-01-02",
        "2026-01-02T03:04Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T23:60:00Z",
        "2026-06-30T23:59:60Z",
        "2026-06-30T23:59:60.5Z",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05,5Z",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05+0200",
        "2026-01-02T03:04:05+02",
        "2026-01-02T03:04:05 Z",
        "2026-01-02T03:04:05 UTC",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-1-2T03:04:05Z",
        "26-01-02T03:04:05Z",
        "-2026-01-02T03:04:05Z",
        "+2026-01-02T03:04:05Z",
        "+10000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "2026-W01-5T03:04:05Z",
        "Fri, 02 Jan 2026 03:04:05 GMT",
        " 2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05Z ",
        "2026-01-02T03:04:05Z\0",
        "\u{ff12}026-01-02T03:04:05Z",
    ] {
        let bad = json!(bad).to_string();
        for (operation, pointer) in [
            ("create-debug-run", "/started_at"),
            ("create-debug-run", "/finished_at"),
            ("create-debug-run", "/steps/1/started_at"),
            ("update-debug-run", "/finished_at"),
            ("put-debug-step", "/finished_at"),
            ("put-debug-step", "/attempts/0/started_at"),
        ] {
            let bad = spoiled(&full_body(route(operation)).unwrap(), pointer, &bad);
            assert_bad(&world, route(operation), bad, pointer, "RFC 3339").await;
        }
    }
}

#[tokio::test]
async fn a_zone_is_written_in_ascii() {
    let world = recorded().await;
    let minus_sign = "\"2026-01-02T03:04:05\u{2212}02:00\"";
    for pointer in ["/started_at", "/finished_at", "/attempts/0/started_at"] {
        let bad = spoiled(&full_put(), pointer, minus_sign);
        assert_bad(&world, route("put-debug-step"), bad, pointer, "RFC 3339").await;
    }
}
