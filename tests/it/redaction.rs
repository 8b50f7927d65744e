//! Credentials that are taken out before anything is stored, by every route that a recorder has.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{fs, path::Path};
use tests::world::*;

const OWNER: &str = "alice";

/// What no item of the table and no answer may hold.
const SECRETS: [&str; 4] = ["SECRET-", "AIzaFAKE", "s3cr3t-canary", "sk-ABC"];

/// Nothing of a secret is in the table, in texts or in bytes.
#[track_caller]
fn assert_nothing_stored(world: &World) {
    for item in world.items() {
        let bytes = item.as_object().unwrap().values().filter_map(|attribute| attribute["B"].as_str());
        let content: Vec<_> = bytes.map(|bytes| STANDARD.decode(bytes).unwrap()).collect();
        let content: String = content.iter().map(|bytes| String::from_utf8_lossy(bytes)).collect();
        for secret in SECRETS {
            assert!(!item.to_string().contains(secret) && !content.contains(secret), "{secret} in {item}: {content}");
        }
    }
}

/// A step whose attempt and error say what they say.
fn step_with(number: Option<u32>, attempt: &Value, error: &Value) -> Value {
    let mut step = step_body(number);
    let mut whole = json!({"number": 1, "status": "completed", "method": "POST"});
    whole.as_object_mut().unwrap().extend(attempt.as_object().unwrap().clone());
    step["attempts"] = json!([whole]);
    if !error.is_null() {
        step["error"] = error.clone();
    }
    step
}

/// The step as its owner reads it, posted in a turn and put by itself: it is the same.
async fn recorded(world: &World, attempt: &Value, error: &Value) -> Value {
    let posted = step_with(Some(1), attempt, error);
    world.recorder().post(&runs(1), turn(OWNER, 1, vec![posted])).await.expect(201);
    world.recorder().post(&runs(1), open_run(OWNER, 2)).await.expect(201);
    world.recorder().put(&step(1, 2, 1), step_with(None, attempt, error)).await.expect(201);
    assert_nothing_stored(world);
    let mut steps = Vec::new();
    for n in [1, 2] {
        let detail = world.user(OWNER).get(&run(1, n)).await.expect(200).json();
        let step = &detail["steps"][0];
        steps.push(json!({"attempt": step["attempts"][0], "error": step["error"]}));
    }
    assert_eq!(steps[0], steps[1]);
    steps.remove(0)
}

#[tokio::test]
async fn the_cases_from_the_field_keep_no_key() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cases");
    for (name, pointer, kept) in [
        (
            "02a-secret-headers-that-upstream-redacts",
            "/request_headers",
            json!({
                "X-Amz-Security-Token": "[REDACTED]", "X-Auth-Token": "[REDACTED]", "X-Portkey-Api-Key": "[REDACTED]",
                "x-litellm-api-key": "[REDACTED]", "apikey": "[REDACTED]", "PRIVATE-TOKEN": "[REDACTED]",
            }),
        ),
        (
            "02c-key-in-the-websocket-subprotocol",
            "/request_headers",
            json!({"Sec-WebSocket-Protocol": "realtime, openai-insecure-api-key.[REDACTED]"}),
        ),
        (
            "03a-key-in-the-transport-error",
            "/error",
            json!(
                "Client error for url 'https://generativelanguage.googleapis.com/v1beta/models/g:generateContent?\
                 key=[REDACTED]': timed out"
            ),
        ),
    ] {
        let world = World::recording(OWNER).await;
        let body = fs::read_to_string(folder.join(format!("{name}.json"))).unwrap().replace("\"OWNER\"", "\"alice\"");
        let posted = world.recorder().post(&runs(1), body).await.expect(201).json();
        assert_nothing_stored(&world);
        let path = format!("{}/{}", runs(1), posted["run"]["id"].as_str().unwrap());
        let detail = world.user(OWNER).get(&path).await.expect(200).json();
        assert_eq!(detail["steps"][0]["attempts"][0].pointer(pointer), Some(&kept), "{name}");
    }
}

#[tokio::test]
async fn headers_lose_credentials_and_keep_counters() {
    let world = World::recording(OWNER).await;
    let secret = "s3cr3t-canary-1";
    let taken = [
        "x-amz-security-token",
        "ocp-apim-subscription-key",
        "x-access-token",
        "helicone-auth",
        "cf-aig-authorization",
        "x-vault-token",
        "x-csrf-token",
        "DPoP",
        "Cookie",
        "x-forwarded-authorization",
        "x-custom-secret",
        "X-Token",
    ];
    let kept = [
        "x-ratelimit-remaining-tokens",
        "anthropic-ratelimit-input-tokens-limit",
        "idempotency-key",
        "x-author",
        "x-keyword",
        "x-next-page-token",
        "openai-organization",
    ];
    let mut headers: serde_json::Map<_, _> = taken.iter().map(|name| ((*name).to_owned(), json!(secret))).collect();
    headers.extend(kept.iter().map(|name| ((*name).to_owned(), json!("abcd1234"))));
    let urls = json!({
        "Referer": "https://u:s3cr3t-canary@h/x?code=s3cr3t-canary&state=1", "Location": "/cb?access_token=s3cr3t-canary",
        "Link": "<https://h/x?token=s3cr3t-canary&page=2>; rel=\"next\"", "X-Note": "Bearer s3cr3t-canary-1",
    });
    headers.extend(urls.as_object().unwrap().clone());
    let step = recorded(&world, &json!({"request_headers": headers, "response_headers": headers}), &Value::Null).await;
    for headers_of in ["request_headers", "response_headers"] {
        let headers = &step["attempt"][headers_of];
        assert!(taken.iter().all(|name| headers[name] == "[REDACTED]"), "{headers}");
        assert!(kept.iter().all(|name| headers[name] == "abcd1234"), "{headers}");
        assert_eq!(headers["Referer"], "https://[REDACTED]@h/x?code=[REDACTED]&state=1");
        assert_eq!(headers["Location"], "/cb?access_token=[REDACTED]");
        assert_eq!(headers["Link"], "<https://h/x?token=[REDACTED]&page=2>; rel=\"next\"");
        assert_eq!(headers["X-Note"], "Bearer [REDACTED:bearer]");
    }
}

#[tokio::test]
async fn urls_and_paths_in_odd_forms_keep_no_user_info() {
    for (form, kept) in [
        (r"https:\\u:s3cr3t-canary@h/x", r"https:\\[REDACTED]@h/x"),
        ("https:/u:s3cr3t-canary@h/x", "https:/[REDACTED]@h/x"),
        ("//u:s3cr3t-canary@h/x?sig=s3cr3t-canary", "//[REDACTED]@h/x?sig=[REDACTED]"),
        ("https://u:s3cr3t-canary@h/x#jwt=s3cr3t-canary", "https://[REDACTED]@h/x#jwt=[REDACTED]"),
        ("/v1?next=https%3A%2F%2Fh%3Fkey%3Ds3cr3t-canary%26a=1", "/v1?next=https%3A%2F%2Fh%3Fkey%3D[REDACTED]%26a=1"),
    ] {
        let world = World::recording(OWNER).await;
        let step = recorded(&world, &json!({"url": form, "path": form}), &Value::Null).await;
        assert_eq!((&step["attempt"]["url"], &step["attempt"]["path"]), (&json!(kept), &json!(kept)));
    }
}

#[tokio::test]
async fn errors_keep_no_key_and_every_other_byte() {
    let world = World::recording(OWNER).await;
    let error = json!({
        "message": "Post \"https://h/x?a=1&key=s3cr3t-canary\": \u{e9}", "api_key": "s3cr3t-canary-1", "code": "a1b2c3d4",
        "headers": {"Authorization": "Bearer s3cr3t-canary"}, "max_tokens": 4096, "learned": "bad key sk-ABCDEFGHIJ",
    });
    let attempt = json!({
        "request_headers": {"x-api-key": "sk-ABCDEFGHIJ"},
        "error": "Authorization: Bearer s3cr3t-canary failed for sk-ABCDEFGHIJ, max_tokens=4096",
    });
    let step = recorded(&world, &attempt, &error).await;
    assert_eq!(
        step["attempt"]["error"],
        "Authorization: Bearer [REDACTED:authorization] failed for [REDACTED:repeated], max_tokens=4096"
    );
    assert_eq!(
        step["error"],
        json!({
            "message": "Post \"https://h/x?a=1&key=[REDACTED]\": \u{e9}", "api_key": "[REDACTED:api-key]", "code": "a1b2c3d4",
            "headers": {"Authorization": "Bearer [REDACTED:authorization]"}, "max_tokens": 4096,
            "learned": "bad key [REDACTED:repeated]",
        })
    );
}

#[tokio::test]
async fn bodies_and_objects_keep_no_key_and_every_other_byte() {
    let key = "sk-ant-api03-SECRET-Qm7xR2vKp9Lw4Zt8Yc3Nf6";
    let mask = "[REDACTED:anthropic-key]";
    let event = |piece: &str| {
        let delta = json!({"type": "text_delta", "text": piece});
        format!(
            "event: content_block_delta\ndata: {}\n\n",
            json!({"type": "content_block_delta", "index": 0, "delta": delta})
        )
    };
    let request =
        |key: &str| STANDARD.encode(format!("{{\"messages\" : [{{\"content\":\"\\u00e9 {key} \\n\"}}],\"n\":1.0}}"));
    let response =
        |one: &str, two: &str| STANDARD.encode([event("use "), event(one), event(two), event(" now")].concat());
    let world = World::recording(OWNER).await;
    let (one, two) = key.split_at(17);
    let attempt = json!({"request_body": request(key), "response_body": response(one, two)});
    let mut step = step_with(Some(1), &attempt, &Value::Null);
    step["metadata"] = json!({"config": {"password": "s3cr3t-canary-1", "schema": {"password": {"type": "string"}}}});
    step["usage"] = json!({"input_tokens": 7, "note": key});
    step["normalized_response"] = json!({"text": format!("it is {key}.")});
    world.recorder().post(&runs(1), turn(OWNER, 1, vec![step])).await.expect(201);
    assert_nothing_stored(&world);
    let detail = world.user(OWNER).get(&run(1, 1)).await.expect(200).json();
    let step = &detail["steps"][0];
    let attempt = &step["attempts"][0];
    assert_eq!(attempt["request_body"], request(mask));
    assert_eq!(attempt["response_body"], response(mask, ""));
    assert_eq!(step["metadata"]["config"]["password"], "[REDACTED:password]");
    assert_eq!(step["metadata"]["config"]["schema"], json!({"password": {"type": "string"}}));
    assert_eq!(step["usage"], json!({"input_tokens": 7, "note": mask}));
    assert_eq!(step["normalized_response"], json!({"text": format!("it is {mask}.")}));
}

#[tokio::test]
async fn a_patch_is_redacted_like_a_post() {
    let words = json!({
        "provider": "https://u:s3cr3t-canary@h", "model": "m?key=s3cr3t-canary",
        "summary": {"first_message": "why does https://h/x?token=s3cr3t-canary&a=1 fail"},
    });
    let world = World::recording(OWNER).await;
    world.recorder().post(&runs(1), open_run(OWNER, 1)).await.expect(201);
    world.recorder().patch(&run(1, 1), &words).await.expect(200);
    let mut posted = open_run(OWNER, 2);
    posted.as_object_mut().unwrap().extend(words.as_object().unwrap().clone());
    world.recorder().post(&runs(1), posted).await.expect(201);
    assert_nothing_stored(&world);
    for n in [1, 2] {
        let detail = world.user(OWNER).get(&run(1, n)).await.expect(200).json();
        assert_eq!(detail["provider"], "https://[REDACTED]@h");
        assert_eq!(detail["model"], "m?key=[REDACTED]");
        assert_eq!(detail["summary"]["first_message"], "why does https://h/x?token=[REDACTED]&a=1 fail");
    }
    // A mask may be longer than what it covers; a name stays within its limit.
    let long = json!({"model": format!("https://h?{}", "token=1&".repeat(30))});
    world.recorder().patch(&run(1, 1), long).await.expect(200);
    assert_eq!(world.user(OWNER).get(&run(1, 1)).await.expect(200).json()["model"], "[REDACTED]");
}

#[tokio::test]
async fn patches_at_once_lose_no_receipt() {
    let key = "sk-proj-Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5";
    let world = World::recording(OWNER).await;
    let recorder = world.recorder();
    for n in 1..=10 {
        recorder.post(&runs(1), open_run(OWNER, n)).await.expect(201);
        let path = run(1, n);
        let patches = tokio::join!(
            recorder.patch(&path, json!({"model": key})),
            recorder.patch(&path, json!({"provider": key})),
            recorder.patch(&path, json!({"summary": {"first_message": key}})),
        );
        for answer in [patches.0, patches.1, patches.2] {
            answer.expect(200);
        }
        let detail = world.user(OWNER).get(&path).await.expect(200).json();
        let found = detail["redaction"]["found"].as_array().unwrap();
        let mut at: Vec<_> = found.iter().map(|found| found["at"].as_str().unwrap()).collect();
        at.sort_unstable();
        assert_eq!(at, ["/model", "/provider", "/summary/first_message"]);
    }
}

#[tokio::test]
async fn what_was_taken_is_told_to_the_owner_by_place_and_to_the_recorder_as_counts() {
    let key = "sk-proj-Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5";
    let brotli = STANDARD.encode(b"\x8b\x02\x80\xff");
    let attempt = json!({
        "request_headers": {"x-note": key}, "response_headers": {"content-encoding": "br"}, "response_body": brotli,
    });
    let world = World::recording(OWNER).await;
    let with = |mut body: Value, members: Value| {
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        body
    };
    let clean = step_body(Some(1));
    let posted = turn(OWNER, 1, vec![clean, step_with(Some(2), &attempt, &Value::Null)]);
    let posted = with(posted, json!({"summary": {"first_message": format!("{key} or {key}?")}}));
    let counts = json!({"total": 4, "by_rule": {"openai-key": 3, "withheld": 1}});
    for status in [201, 200] {
        let answer = world.recorder().post(&runs(1), &posted).await.expect(status).json();
        assert_eq!(answer["redaction"], counts);
    }
    let of_step = json!({
        "rules": 12, "total": 2,
        "found": [{"rule": "openai-key", "at": "/attempts/0/request_headers", "count": 1}],
        "withheld": [{"at": "/attempts/0/response_body", "why": "brotli", "bytes": 4}],
    });
    let of_run = |at: &str, count: u32| json!({"rules": 12, "total": count, "found": [{"rule": "openai-key", "at": at, "count": count}]});
    let detail = world.user(OWNER).get(&run(1, 1)).await.expect(200).json();
    assert_eq!(detail["redaction"], of_run("/summary/first_message", 2));
    assert_eq!((&detail["steps"][0]["redaction"], &detail["steps"][1]["redaction"]), (&Value::Null, &of_step));

    let opened = world.recorder().post(&runs(1), open_run(OWNER, 2)).await.expect(201).json();
    assert_eq!(opened["redaction"], Value::Null);
    let put = world.recorder().put(&step(1, 2, 2), step_with(None, &attempt, &Value::Null)).await.expect(201).json();
    assert_eq!(put["redaction"], json!({"total": 2, "by_rule": {"openai-key": 1, "withheld": 1}}));
    let patch = json!({"model": key});
    let patched = world.recorder().patch(&run(1, 2), patch).await.expect(200).json();
    assert_eq!(patched["redaction"], json!({"total": 1, "by_rule": {"openai-key": 1}}));
    let detail = world.user(OWNER).get(&run(1, 2)).await.expect(200).json();
    assert_eq!((&detail["redaction"], &detail["steps"][0]["redaction"]), (&of_run("/model", 1), &of_step));
    world.recorder().patch(&run(1, 2), json!({"model": "m"})).await.expect(200);
    assert_eq!(world.user(OWNER).get(&run(1, 2)).await.expect(200).json()["redaction"], Value::Null);
}
