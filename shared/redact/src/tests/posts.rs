//! What one place of a post does to another.

use crate::{Receipt, Redacted, Rules};
use api::{
    json::parse_body,
    run::{CreateRun, UpdateRun},
    step::StepInput,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

const KEY: &str = "8f3c9a7e1b2d4f608f3c9a7e1b2d4f6a";

fn step(members: &Value) -> StepInput {
    let mut step = json!({"operation": "stream", "status": "completed", "started_at": "2026-01-02T03:04:05Z"});
    step.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
    parse_body(step.to_string().as_bytes()).expect("a step")
}

fn kept(members: &Value) -> (Value, Receipt) {
    let redacted = Redacted::of(step(members), &Rules::default());
    let again = Redacted::of(redacted.clone().into_parts().0, &Rules::default());
    assert_eq!(*again, *redacted);
    assert_eq!(again.receipt().counts(), None);
    (serde_json::to_value(&*redacted).expect("JSON"), redacted.receipt().clone())
}

#[test]
fn what_a_header_gives_away_is_taken_out_of_every_other_place() {
    let body = |text: &str| STANDARD.encode(text);
    let event = |piece: &str| format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{piece}\"}}}}]}}\n\n");
    let (one, two) = KEY.split_at(13);
    let (kept, receipt) = kept(&json!({
        "attempts": [{
            "number": 1, "status": "completed", "error": format!("key {KEY} is revoked"),
            "request_headers": {"api-key": KEY, "x-note": format!("see {KEY}")},
            "request_body": body(&format!("{{\"a\":\"{KEY}\",\"b\":\"{}\"}}", STANDARD.encode(format!("it is {KEY}")))),
            "response_body": body(&[event(one), event(two)].concat()),
        }],
        "metadata": {"a": [KEY]}, "usage": {"n": 7, "x": KEY}, "normalized_request": {KEY: 1},
    }));
    let attempt = &kept["attempts"][0];
    assert_eq!(attempt["error"], "key [REDACTED:repeated] is revoked");
    assert_eq!(attempt["request_headers"], json!({"api-key": "[REDACTED]", "x-note": "see [REDACTED:repeated]"}));
    assert_eq!(attempt["request_body"], body("{\"a\":\"[REDACTED:repeated]\",\"b\":\"[REDACTED:repeated]\"}"));
    assert_eq!(attempt["response_body"], body(&[event("[REDACTED:repeated]"), event("")].concat()));
    assert_eq!(kept["metadata"], json!({"a": ["[REDACTED:repeated]"]}));
    assert_eq!(kept["usage"], json!({"n": 7, "x": "[REDACTED:repeated]"}));
    assert_eq!(kept["normalized_request"], json!({"[REDACTED:repeated]": 1}));
    assert_eq!(receipt.by_rule().into_iter().collect::<Vec<_>>(), [("header", 1), ("repeated", 8)]);
}

#[test]
fn what_a_member_of_an_error_gives_away_is_taken_out_of_its_others() {
    let (kept, _) = kept(&json!({"error": {"message": format!("bad {KEY}"), "config": {"apiKey": KEY}}}));
    let error = json!({"message": "bad [REDACTED:repeated]", "config": {"apiKey": "[REDACTED:api-key]"}});
    assert_eq!(kept["error"], error);
}

#[test]
fn lists_of_headers_are_read_as_headers() {
    let headers = json!([
        {"name": "Authorization", "value": "Bearer x"}, {"value": KEY, "name": "x-api-key"},
        {"key": "DB_PASSWORD", "value": "hunter2-xyz"}, {"name": "etag", "value": KEY.to_uppercase()},
    ]);
    let pairs = json!([["x-goog-api-key", KEY], ["Authorization", "Bearer x"], ["required", "api_key"]]);
    let list = json!(["accept", "*/*", "Authorization", "Bearer x", "etag", "W/abc"]);
    let (kept, _) =
        kept(&json!({"error": {"har": headers, "pairs": pairs, "list": list, "required": ["api_key", "base64url"],
                        "names": ["x-api-key", "x-api-key2", "Win32_Authorization", "Win32_Storage"]}}));
    assert_eq!(
        kept["error"]["har"],
        json!([
            {"name": "Authorization", "value": "Bearer [REDACTED:authorization]"},
            {"value": "[REDACTED:api-key]", "name": "x-api-key"},
            {"key": "DB_PASSWORD", "value": "[REDACTED:password]"}, {"name": "etag", "value": KEY.to_uppercase()},
        ])
    );
    assert_eq!(
        kept["error"]["pairs"],
        json!([
            ["x-goog-api-key", "[REDACTED:api-key]"],
            ["Authorization", "Bearer [REDACTED:authorization]"],
            ["required", "api_key"],
        ])
    );
    assert_eq!(
        kept["error"]["list"],
        json!(["accept", "*/*", "Authorization", "Bearer [REDACTED:authorization]", "etag", "W/abc"])
    );
    assert_eq!(kept["error"]["required"], json!(["api_key", "base64url"]));
    assert_eq!(kept["error"]["names"], json!(["x-api-key", "x-api-key2", "Win32_Authorization", "Win32_Storage"]));
}

#[test]
fn members_that_only_say_a_type_are_worth_what_is_around_them() {
    let (kept, _) = kept(&json!({"error": {
        "item": {"api_key": {"S": KEY}, "n": {"S": "user#12345678"}},
        "inputs": {"struct_val": {"password": {"string_val": ["hunter2"]}}},
        "schema": {"password": {"type": "string", "minLength": 8, "pattern": "[a-z0-9]{8}"}},
        "argv": ["curl", "-u", "bob:hunter2", "--password", "hunter2-xyz", "-x", "proxy2host:8080"],
        "field": {"selector": "#password", "text": "hunter2"},
        "cookies": [{"name": "sid", "value": "8f3c9a7e1b2d4f60", "path": "/a1b2c3d4e5f6"}],
        "jar": {"cookies": {"sid": "8f3c9a7e1b2d4f61", "consent": "yes"}},
        "jwk": {"p": "Yc3Nf6Hb1Jd5Gs0AeUiOqTnB", "kty": "RSA", "n": "Yc3Nf6Hb1Jd5Gs0AeUiOqTnC", "d": "Yc3Nf6Hb1Jd5Gs0AeUiOqTnD"},
        "path": {"d": "M10a5b5c5d5e5f5g5h5i5j5", "p": "Yc3Nf6Hb1Jd5Gs0AeUiOqTnE"},
    }}));
    assert_eq!(
        kept["error"],
        json!({
            "item": {"api_key": {"S": "[REDACTED:api-key]"}, "n": {"S": "user#12345678"}},
            "inputs": {"struct_val": {"password": {"string_val": ["[REDACTED:password]"]}}},
            "schema": {"password": {"type": "string", "minLength": 8, "pattern": "[a-z0-9]{8}"}},
            "argv": [
                "curl", "-u", "bob:[REDACTED:password]", "--password", "[REDACTED:password]", "-x", "proxy2host:8080",
            ],
            "field": {"selector": "#password", "text": "[REDACTED:password]"},
            "cookies": [{"name": "sid", "value": "[REDACTED:cookie]", "path": "/a1b2c3d4e5f6"}],
            "jar": {"cookies": {"sid": "[REDACTED:cookie]", "consent": "yes"}},
            "jwk": {
                "p": "[REDACTED:private-key]", "kty": "RSA", "n": "Yc3Nf6Hb1Jd5Gs0AeUiOqTnC",
                "d": "[REDACTED:private-key]",
            },
            "path": {"d": "M10a5b5c5d5e5f5g5h5i5j5", "p": "Yc3Nf6Hb1Jd5Gs0AeUiOqTnE"},
        })
    );
}

#[test]
fn a_mask_gives_nothing_away() {
    let (kept, receipt) = kept(&json!({
        "attempts": [{
            "number": 1, "status": "completed", "url": "https://[REDACTED:subscription-key]@h/x",
            "request_headers": {"x-password": "subscription", "cookie": "a=[REDACTED:operator-name]"},
        }],
        "metadata": {"text": "[REDACTED:subscription-key]", "note": "a subscription-key] stays"},
    }));
    assert_eq!(kept["metadata"]["text"], "[REDACTED:subscription-key]");
    assert_eq!(kept["metadata"]["note"], "a [REDACTED:repeated]-key] stays");
    assert_eq!(receipt.by_rule().get("repeated"), Some(&1));
}

#[test]
fn a_password_with_a_delimiter_leaves_an_error_of_go() {
    let (kept, _) = kept(&json!({"error": {
        "message": "parse \"https://u:s3cr#et@h/x\": invalid port \":s3cr\" after host",
        "other": "dial tcp: invalid port \":8080x\" after host, https://h:80#a@b",
    }}));
    assert_eq!(
        kept["error"],
        json!({
            "message": "parse \"https://[REDACTED]@h/x\": invalid port \":[REDACTED:user-info]\" after host",
            "other": "dial tcp: invalid port \":[REDACTED:user-info]\" after host, https://h:80#a@b",
        })
    );
}

#[test]
fn a_list_of_parameters_is_taken_to_its_end() {
    let list = r#"username="u", realm="a, b", nonce="c4n", response="6629""#;
    let (kept, _) = kept(&json!({"error": {"message": format!("Authorization: Digest {list} was refused")}}));
    assert_eq!(kept["error"]["message"], "Authorization: Digest [REDACTED:authorization] was refused");
}

#[test]
fn a_receipt_says_what_was_taken_where_and_what_was_withheld() {
    let body = STANDARD.encode(b"\x8b\x02\x80\xff");
    let (kept, receipt) = kept(&json!({
        "attempts": [
            {"number": 1, "status": "completed"},
            {"number": 2, "status": "completed", "response_headers": {"Content-Encoding": "br"}, "response_body": body},
        ],
        "metadata": {"password": "hunter2-xyz", "note": "api_key=hunter3-xyz, password=hunter4-xyz"},
    }));
    assert_eq!(kept["attempts"][1]["response_body"], STANDARD.encode("[WITHHELD: brotli]"));
    assert_eq!(
        serde_json::to_value(receipt.of_rest()).expect("JSON"),
        json!({
            "rules": 12, "total": 4,
            "found": [
                {"rule": "api-key", "at": "/metadata", "count": 1},
                {"rule": "password", "at": "/metadata", "count": 2},
            ],
            "withheld": [{"at": "/attempts/1/response_body", "why": "brotli", "bytes": 4}],
        })
    );
}

#[test]
fn a_patch_a_put_and_a_post_are_read_alike() {
    let members = json!({
        "provider": "see sk-proj-Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5", "model": "m?key=s3cr3t-canary",
        "summary": {"first_message": "why does https://u:s3cr3t@h/x?token=s3cr3t&a=1 fail"},
    });
    let patch: UpdateRun = parse_body(members.to_string().as_bytes()).expect("a patch");
    let mut post =
        json!({"owner_id": "o", "kind": "chat_turn", "status": "completed", "started_at": "2026-01-02T03:04:05Z"});
    post.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
    let post: CreateRun = parse_body(post.to_string().as_bytes()).expect("a run");
    let (patch, post) = (Redacted::of(patch, &Rules::default()), Redacted::of(post, &Rules::default()));
    assert_eq!((&patch.provider, &patch.model, &patch.summary), (&post.provider, &post.model, &post.summary));
    assert_eq!(patch.provider.as_deref(), Some("see [REDACTED:openai-key]"));
    let first = patch.summary.as_ref().and_then(|summary| summary.first_message.as_deref());
    assert_eq!(first, Some("why does https://[REDACTED]@h/x?token=[REDACTED]&a=1 fail"));
}

#[test]
fn a_name_of_limited_length_is_masked_as_a_whole_when_masks_make_it_longer() {
    let patch = json!({"model": format!("https://h?{}", "token=1&".repeat(30))});
    let patch: UpdateRun = parse_body(patch.to_string().as_bytes()).expect("a patch");
    assert_eq!(Redacted::of(patch, &Rules::default()).model.as_deref(), Some("[REDACTED]"));
}

#[test]
fn a_text_in_which_nothing_was_found_is_a_credential_where_its_name_says_so() {
    const PHRASE: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    let members = |messages: Value| json!({"normalized_request": {"messages": messages}});
    let clean = members(json!([{"note": PHRASE}, {"note": PHRASE}]));
    assert_eq!(kept(&clean).0["normalized_request"], clean["normalized_request"]);
    let (kept, receipt) = kept(&members(json!([{"note": PHRASE}, {"mnemonic": PHRASE}])));
    assert!(!kept.to_string().contains("sausage"), "{kept} {receipt:?}");
}
