//! Texts made at random of what rules look for.

use super::bodies::masked;
use crate::{Redacted, Rules};
use api::{json::parse_body, step::StepInput};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use fastrand::Rng;
use serde_json::json;

/// What texts are made of.
const PARTS: [&str; 94] = [
    "api_key",
    "password",
    "Authorization",
    "cookie",
    "auth",
    "secret",
    "token",
    "key",
    "code",
    "sig",
    "name",
    "value",
    "=",
    ":",
    ": ",
    "==",
    "=>",
    "?",
    "&",
    ";",
    "#",
    "@",
    "/",
    "//",
    "://",
    "https",
    "postgres",
    "\\",
    "\\n",
    "\\u0026",
    "%3D",
    "%25",
    "%2",
    "+",
    "\"",
    "'",
    "`",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    "<",
    ">",
    ",",
    " ",
    "\n",
    "\r\n",
    "data: ",
    "--",
    "*",
    "Bearer ",
    "Basic ",
    "Digest ",
    "hunter2-Xyz9",
    "sk-proj-Qm7xR2vKp9Lw4Zt8Yc3Nf6",
    "AKIAQ7RT5NVYZ2WXK3LM",
    "[REDACTED]",
    "[REDACTED:api-key]",
    "é",
    "-----BEGIN RSA PRIVATE KEY-----",
    "aHVudGVyMjogcGFzc3dvcmQ9aHVudGVyMi1YeXo5",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5",
    " is ",
    "the password is ",
    "my api key is ",
    "KEY ",
    "\t",
    "|",
    "  ",
    "12345678",
    "hunter2",
    "user,password\nbob,",
    "correct horse battery staple",
    "[REDACTED:subscription-key]",
    "db:5432:a:b:",
    "<password>",
    "</",
    "ENV API_KEY ",
    "Private-Lines: 1\n",
    "eJxLTEpOSQUABsoCFQ==",
    "sub",
    "Pwd={",
    "subscription",
    "\u{feff}",
    "}{",
    " as the password",
    "Tr0ub4dor&3",
    "-p",
    "\",\"",
    "\n1→",
    "2\t",
    "@@ -\n+",
];

fn text(rng: &mut Rng) -> String {
    (0..rng.usize(1..14)).map(|_| PARTS[rng.usize(..PARTS.len())]).collect()
}

#[test]
fn to_redact_twice_is_to_redact_once() {
    for seed in 0..6_000 {
        let mut rng = Rng::with_seed(seed);
        let (one, two, three) = (text(&mut rng), text(&mut rng), text(&mut rng));
        let step = json!({
            "operation": "stream", "status": "completed", "started_at": "2026-01-02T03:04:05Z",
            "attempts": [{
                "number": 1, "status": "failed", "error": three, "url": one, "path": two,
                "request_headers": {"x-note": one, "location": two, "authorization": text(&mut rng), "cookie": two},
                "response_body": STANDARD.encode(&two),
            }],
            "error": {one.as_str(): two, "password": three, "list": [one, two], "name": "x-api-key", "value": three},
            "metadata": {"text": json!({"inner": one, "auth": two}).to_string()},
        });
        let step: StepInput = parse_body(step.to_string().as_bytes()).expect("a step");
        let kept = Redacted::of(step, &Rules::default()).into_parts().0;
        let twice = Redacted::of(kept.clone(), &Rules::default());
        assert_eq!(
            serde_json::to_string(&*twice).expect("JSON"),
            serde_json::to_string(&kept).expect("JSON"),
            "{seed}"
        );
    }
}

#[test]
fn a_body_of_anything_is_read_without_a_panic() {
    for seed in 0..3_000 {
        let mut rng = Rng::with_seed(seed);
        let mut bytes = text(&mut rng).into_bytes();
        for _ in 0..rng.usize(..4) {
            let at = rng.usize(..bytes.len());
            bytes[at] = rng.u8(..);
        }
        masked(&bytes, "", "");
    }
}
