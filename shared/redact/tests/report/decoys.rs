//! Posts without credentials: what looks like one and is none, recorded traffic where there is some beside the
//! repository, and posts that have all members.

use api::{
    json::Object,
    run::{CreateRun, RunKind, SummaryInput, UpdateRun},
    status::Status,
    step::{Attempt, AttemptStatus, Body, Count, Headers, Operation, StepInput},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use fastrand::Rng;
use flate2::read::GzDecoder;
use redact::{Redacted, Rules};
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
};

/// What stands where a text may stand.
pub(crate) const TEXT: &str = "PLANT HERE";

fn text() -> String {
    TEXT.to_owned()
}

fn object() -> Object {
    Object::parse(&json!({"note": TEXT, "list": [{"note": TEXT}]}).to_string()).unwrap()
}

/// A step that has all members. Each is named, so that a new one is seen.
fn whole_step() -> StepInput {
    let time = "2026-01-02T03:04:05Z".parse().unwrap();
    let headers = Headers(vec![("x-note".to_owned(), TEXT.to_owned()), ("location".to_owned(), TEXT.to_owned())]);
    StepInput {
        step_number: 1.try_into().ok(),
        owner_id: None,
        external_id: None,
        operation: Operation::Stream,
        status: Status::Completed,
        started_at: time,
        finished_at: Some(time),
        history_tip_message_id: None,
        assistant_message_id: None,
        normalized_request: object(),
        normalized_response: Some(object()),
        usage: Some(object().into()),
        attempts: vec![Attempt {
            number: Count::clamped(1),
            status: AttemptStatus::Completed,
            method: Some(text()),
            url: Some(text()),
            path: Some(text()),
            started_at: Some(time),
            finished_at: Some(time),
            request_headers: Some(headers.clone()),
            request_body: Some(Body(b"{}".to_vec())),
            response_status: Some(200),
            response_headers: Some(headers),
            response_body: Some(Body(b"{}".to_vec())),
            error: Some(text()),
            duration_ms: None,
            retry_classification: Some(text()),
            retry_delay_ms: None,
            first_byte_ms: None,
        }],
        error: Some(object()),
        metadata: object(),
    }
}

pub(crate) fn step() -> Value {
    serde_json::to_value(whole_step()).unwrap()
}

pub(crate) fn run() -> Value {
    let run = CreateRun {
        owner_id: Some("owner".parse().unwrap()),
        external_id: Some(text().parse().unwrap()),
        kind: RunKind::ChatTurn,
        status: Status::Completed,
        started_at: "2026-01-02T03:04:05Z".parse().unwrap(),
        id: None,
        finished_at: None,
        provider: Some(text()),
        model: Some(text()),
        root_chat_id: None,
        parent_chat_id: None,
        model_config_id: None,
        trigger_message_id: None,
        history_tip_message_id: None,
        summary: Some(SummaryInput { first_message: Some(text()) }),
        steps: vec![whole_step()],
    };
    serde_json::to_value(run).unwrap()
}

pub(crate) fn patch() -> Value {
    let patch = UpdateRun {
        owner_id: None,
        external_id: None,
        status: None,
        finished_at: None,
        provider: Some(text()),
        model: Some(text()),
        model_config_id: None,
        trigger_message_id: None,
        history_tip_message_id: None,
        summary: Some(SummaryInput { first_message: Some(text()) }),
    };
    serde_json::to_value(patch).unwrap()
}

fn drawn(rng: &mut Rng, of: &str, length: usize) -> String {
    (0..length).map(|_| char::from(of.as_bytes()[rng.usize(..of.len())])).collect()
}

const HEX: &str = "0123456789abcdef";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Makes a decoy up.
type Decoy = fn(&mut Rng) -> String;

/// What looks like a credential and is none, and the member that has it.
const DECOYS: [(&str, Decoy); 69] = [
    ("key", |rng| format!("uploads/{}/{}.png", drawn(rng, HEX, 32), drawn(rng, HEX, 8))),
    ("e_tag", |rng| format!("\"{}-{}\"", drawn(rng, HEX, 32), rng.u32(1..99))),
    ("image", |rng| drawn(rng, BASE64, 4_000)),
    ("script", |rng| {
        format!(
            "!function(e,t){{var n={{key:{},auth:e.a{}b}};t.token=n.token||null;return n?.key===t}}(this);",
            rng.u32(..9),
            rng.u32(..99)
        )
    }),
    ("source_map", |rng| format!("//# sourceMappingURL=app.{}.js.map", drawn(rng, HEX, 20))),
    ("integrity", |rng| format!("sha512-{}==", drawn(rng, BASE64, 86))),
    ("lock", |rng| format!("resolved \"https://registry.yarnpkg.com/a/-/a-1.0.0.tgz#{}\"", drawn(rng, HEX, 40))),
    ("arn", |rng| format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-{}", drawn(rng, ALPHANUMERIC, 6))),
    ("image_ref", |rng| format!("registry.example.com:5000/team/app:v1@sha256:{}", drawn(rng, HEX, 64))),
    ("request_id", |rng| format!("req_{}", drawn(rng, ALPHANUMERIC, 24))),
    ("text", |rng| format!("git show {}..{} -- src/auth/token.rs", drawn(rng, HEX, 40), drawn(rng, HEX, 7))),
    ("text", |rng| format!("npm WARN deprecated har-validator@5.1.{}: use another", rng.u32(..9))),
    ("text", |rng| {
        format!("Set `api_key` (see https://docs.example.com/auth#api-key-{}) before you call it.", rng.u32(..99))
    }),
    ("text", |rng| format!("&quot;tokens&quot;: {}, &lt;b&gt; a &amp;&amp; b", rng.u32(..99))),
    ("public_key", |rng| format!("ssh-ed25519 {}", drawn(rng, BASE64, 68))),
    ("cursor", |rng| STANDARD.encode(format!("{{\"after\":{},\"limit\":20}}", rng.u32(..)))),
    ("id", |rng| [8, 4, 4, 4, 12].map(|length| drawn(rng, HEX, length)).join("-")),
    ("session_id", |rng| [8, 4, 4, 4, 12].map(|length| drawn(rng, HEX, length)).join("-")),
    ("sha256", |rng| drawn(rng, HEX, 64)),
    ("commit", |rng| format!("see {} for it", drawn(rng, HEX, 40))),
    ("etag", |rng| format!("W/\"{}\"", drawn(rng, HEX, 32))),
    ("id", |rng| format!("chatcmpl-{}", drawn(rng, ALPHANUMERIC, 29))),
    ("tool_use_id", |rng| format!("toolu_{}", drawn(rng, ALPHANUMERIC, 24))),
    ("signature", |rng| drawn(rng, BASE64, 344)),
    ("encrypted_content", |rng| format!("gAAAAAB{}", drawn(rng, URL, 600))),
    ("url", |rng| format!("data:image/png;base64,{}", drawn(rng, BASE64, 2_000))),
    ("next_page_token", |rng| drawn(rng, URL, 60)),
    ("traceparent", |rng| format!("00-{}-{}-01", drawn(rng, HEX, 32), drawn(rng, HEX, 16))),
    ("text", |rng| format!("export OPENAI_API_KEY=sk-{}", "x".repeat(rng.usize(20..50)))),
    ("text", |_| "api_key = os.environ[\"API_KEY\"]; password=$PASSWORD; secret: ${SECRET_2}".to_owned()),
    ("text", |_| "client = Client(api_key=settings.api_key2, token=get_token(user1))".to_owned()),
    ("text", |rng| format!("max_tokens: {}, total_tokens={}", rng.u32(..9_999), rng.u32(..9_999))),
    ("path", |rng| format!("/home/u/src/app-{}/node_modules/{}", drawn(rng, HEX, 8), drawn(rng, ALPHANUMERIC, 20))),
    ("text", |_| "postgres://user:password@localhost:5432/db or https://user:${PASSWORD}@host".to_owned()),
    ("text", |rng| format!("The password must have {} characters, and is hashed with sha256-crypt.", rng.u32(8..99))),
    ("text", |rng| format!("The API key is base64-encoded, the token is gpt-4o-2024-{:02}-20.", rng.u32(1..12))),
    ("text", |rng| {
        format!("my api key is missing; the key is user_id{}, the primary key orders2users", rng.u32(1..99))
    }),
    ("text", |rng| format!("password: string (min {}), token: hello, secret is HTTP2Server", rng.u32(8..99))),
    ("text", |rng| format!("cache key: {}, public key: {0}", drawn(rng, ALPHANUMERIC, 24))),
    ("text", |rng| {
        format!("name,age,city\nbob{},42,abcd1234\n\n| key | value |\n|---|---|\n| a | b2c3d4e5 |", rng.u32(..99))
    }),
    ("text", |rng| {
        format!("src/a.ts:{}:5: error TS2345\n10:20:30:40:50\nroot:x:0:0:root:/root:/bin/bash", rng.u32(..99))
    }),
    ("text", |rng| format!("docker run -u {0}:{0} --user node:{0} image", rng.u32(1_000..9_999))),
    ("text", |rng| format!("DB_PASSWORD=changeme\nDB_PASSWORD=${{DB_PASS_{}}}\nHAS_PASSWORD=true", rng.u32(..9))),
    ("text", |rng| format!("f(user=user{0}, password=pass{0}); <Item key={{item.id{0}}} />", rng.u32(1..9))),
    ("text", |rng| format!("\u{1b}[32mPASS\u{1b}[0m src/a{0}.test.ts\nPass: {0}\nFail: 3\n", rng.u32(10..9_999))),
    ("text", |rng| format!("密码：至少{0}位, パスワードは{0}文字以上, пароль: не менее {0} символов", rng.u32(8..99))),
    ("text", |rng| format!("password: !vault |\n[pin]: https://example.com/2019/{}/a#b", rng.u32(10..99))),
    ("text", |rng| format!("┌───┬───┐\n│ key │ value │\n├───┼───┤\n│ a{0} │ b2c3d4e{0} │\n└───┘", rng.u32(1..9))),
    ("text", |rng| {
        format!("const key: string = \"user-settings-v{0}\"; api_key = SecretStr('**********')", rng.u32(1..9))
    }),
    ("text", |rng| format!("pod/app-{}-{} up_{}", drawn(rng, HEX, 10), drawn(rng, HEX, 5), drawn(rng, HEX, 6))),
    ("text", |rng| format!("here is the API key:\n\nSee https://docs.example.com/a{}b\n", rng.u32(10..99))),
    ("text", |rng| format!("aws ssm put-parameter --name /app/region --value eu-west-{0}a9b{0}c", rng.u32(1..9))),
    ("text", |rng| {
        format!(
            "INSERT INTO t (id, password_hint) VALUES ({0}, 'a{0}b{0}'), (?, '$1'); SELECT password",
            rng.u32(10..99)
        )
    }),
    ("text", |rng| {
        format!(
            "variable \"region\" {{\n  default = \"eu-west-{0}a\"\n}}\npassword:\n  minLength: {0}\n",
            rng.u32(8..99)
        )
    }),
    ("text", |rng| {
        format!(
            "<input type=password placeholder=Password{0} maxlength={0}><option value=\"a{0}b{0}\">",
            rng.u32(10..99)
        )
    }),
    ("text", |rng| format!("<input name=\"city\" value=\"{}\" type=text>", drawn(rng, ALPHANUMERIC, 12))),
    ("text", |rng| {
        format!("gh secret list --env prod{0}; gh secret set A{0} < key{0}.pem; the secret set of {0}", rng.u32(1..99))
    }),
    ("text", |rng| format!("echo \"{}\" | sha256sum; printf '%s' \"$A\" | wc -c", drawn(rng, ALPHANUMERIC, 20))),
    ("text", |rng| format!("curl -sSu \"$USER:$PASS{0}\" https://h/{1} -o {1}", rng.u32(1..9), drawn(rng, HEX, 12))),
    ("text", |rng| format!("img/{}:{} at 1/2:{0}", drawn(rng, "123456789", 13), drawn(rng, HEX, 32))),
    ("text", |rng| format!("costs ${0}b or $2y, $5$ and $6$ in ${{A{0}}}; awk '{{print $1$2}}' a{0}", rng.u32(1..99))),
    ("text", |rng| {
        format!(
            "error codes: {0}01, {0}02, {0}03\nbackup codes are of {0} digits, since v{0}beta1",
            rng.u32(1_000..9_999)
        )
    }),
    ("text", |rng| {
        format!(
            "Login / Register{0}, login: a{0}/step{0}b, login at 10:{0}, credentials: include / omit",
            rng.u32(10..59)
        )
    }),
    ("text", |rng| {
        format!("login: server{0}:80{0}, credentials: see ~/.aws/credentials{0} / profile", rng.u32(10..59))
    }),
    ("selector", |rng| format!("#password-{}", rng.u32(1..99))),
    ("d", |rng| format!("M{0}a5b5c5d5e5f5g5h5i5j{0}", rng.u32(10..99))),
    ("cookies", |_| "strict".to_owned()),
    ("token", |rng| drawn(rng, ALPHANUMERIC, 5)),
    ("system_fingerprint", |rng| format!("fp_{}", drawn(rng, HEX, 10))),
];
/// What 100 KB of a step may cost.
const MOST_MILLIS: f64 = 1.0;
/// How many of each, for each seed.
const EACH: usize = 100;

/// How many values without credentials were read, and what was taken for one.
pub(crate) fn false_hits(seeds: [u64; 3]) -> (usize, Vec<String>) {
    let (mut of, mut hits) = (0, Vec::new());
    for seed in seeds {
        let mut rng = Rng::with_seed(seed);
        for (name, decoy) in DECOYS {
            for _ in 0..EACH {
                let value = decoy(&mut rng);
                let mut step = whole_step();
                step.metadata =
                    Object::from_value(&json!({name: value, "schema": {"password": {"type": "string"}}})).unwrap();
                of += 1;
                let redacted = Redacted::of(step, &Rules::default());
                hits.extend(redacted.receipt().found().map(|(_, rule, _)| format!("{rule} in {name}: {value}")));
            }
        }
    }
    for step in recorded() {
        let bodies =
            || step.attempts.iter().flat_map(|attempt| [&attempt.request_body, &attempt.response_body]).flatten();
        // A value has two quotes, and a name with as many.
        of += bodies().map(|body| body.0.split(|byte| *byte == b'"').count() / 4).sum::<usize>();
        let redacted = Redacted::of(step, &Rules::default());
        let found = redacted.receipt().found().filter(|(at, ..)| at.member.ends_with("body"));
        hits.extend(found.map(|(_, rule, count)| format!("{rule} in recorded traffic, {count} times")));
    }
    (of, hits)
}

/// The calls of the recorded traffic.
fn recorded() -> Vec<StepInput> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let files = ["langchain-anthropic-1.7.10.jsonl.gz", "otel-openai-v2-2.4b0.jsonl.gz"];
    let files: Vec<_> = files.iter().filter_map(|file| File::open(folder.join(file)).ok()).collect();
    if files.is_empty() {
        println!("NOT READ: recorded traffic, which stands in ../shared/corpus.");
    }
    let lines = files.into_iter().flat_map(|file| BufReader::new(GzDecoder::new(file)).lines());
    let conversations = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let calls = conversations.flat_map(|mut conversation| match conversation["calls"].take() {
        Value::Array(calls) => calls,
        _ => Vec::new(),
    });
    calls.map(|call| call_step(&call)).collect()
}

fn call_step(call: &Value) -> StepInput {
    let body = |body: &Value| match body {
        Value::String(text) => Some(Body(text.clone().into_bytes())),
        other => other["base64"].as_str().map(|text| Body(STANDARD.decode(text).unwrap())),
    };
    let headers = |headers: &Value| serde_json::from_value(headers.clone()).ok();
    let mut step = whole_step();
    let attempt = step.attempts.first_mut().unwrap();
    attempt.request_body = body(&call["request_body"]);
    attempt.response_body = body(&call["response_body"]);
    attempt.request_headers = headers(&call["request_headers"]);
    attempt.response_headers = headers(&call["response_headers"]);
    step
}

/// Says what it costs to read the recorded traffic.
pub(crate) fn print_cost() {
    let steps = recorded();
    let bytes = |body: &Option<Body>| body.as_ref().map_or(0, |body| body.0.len());
    let attempts = steps.iter().flat_map(|step| &step.attempts);
    let length: usize = attempts.map(|attempt| bytes(&attempt.request_body) + bytes(&attempt.response_body)).sum();
    if length == 0 {
        return;
    }
    let once = || {
        let steps = steps.clone();
        cpu::cost(|| {
            for step in steps {
                std::hint::black_box(Redacted::of(step, &Rules::default()));
            }
        })
    };
    let best = (0..9).map(|_| once()).min().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a few megabytes")]
    let cost = best.as_secs_f64() * 1e3 / (length as f64 / 1e5);
    println!("cost: {cost:.3} ms of CPU for 100 KB of recorded traffic, at most {MOST_MILLIS:.1}");
}
