//! Paths, ids and bodies that requests are made of: chat 1, the third run, a turn of two steps.

use api::{ids::ChatId, routes, time::Timestamp};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::io::Write;
use uuid::{Builder, Uuid};

/// The path of the deployment's gate.
pub fn gate() -> String {
    routes::GET_DEBUG_LOGGING.path.to_owned()
}

/// The path of the caller's own setting.
pub fn opt_in() -> String {
    routes::GET_USER_DEBUG_LOGGING.path.to_owned()
}

/// The path of the caller's recorder keys.
pub fn recorder_keys() -> String {
    routes::LIST_RECORDER_KEYS.path.to_owned()
}

/// The path of the owner's chat that a word names.
pub fn named_chat(owner: &str, word: &str) -> String {
    let id = ChatId::named(&owner.parse().unwrap(), &word.parse().unwrap());
    format!("{}/{id}", routes::BASE)
}

/// A chat's id.
pub fn chat_id(n: u32) -> String {
    Uuid::from_u128(0xc0_0000 + u128::from(n)).to_string()
}

/// The path of the caller's chats.
pub fn chats() -> String {
    routes::LIST_CHATS.path.to_owned()
}

/// The path of a chat.
pub fn chat(n: u32) -> String {
    format!("{}/{}", routes::BASE, chat_id(n))
}

/// The path of a chat's setting.
pub fn chat_setting(n: u32) -> String {
    format!("{}/debug-logging", chat(n))
}

/// The path of a chat's runs.
pub fn runs(n: u32) -> String {
    format!("{}/debug/runs", chat(n))
}

/// The start of the n-th run: a second after the one before.
pub fn started_at(n: u32) -> String {
    let micros = 1_767_322_800_000_000 + i64::from(n) * 1_000_000;
    Timestamp::from_micros(micros).unwrap().to_string()
}

/// The id of the n-th run.
pub fn run_id(n: u32) -> String {
    let millis = 1_767_322_800_000 + u64::from(n) * 1_000;
    let mut random = [0; 10];
    random[6..].copy_from_slice(&n.to_be_bytes());
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
}

/// The path of the n-th run of a chat.
pub fn run(chat: u32, n: u32) -> String {
    format!("{}/{}", runs(chat), run_id(n))
}

/// The path of a step of the n-th run of a chat.
pub fn step(chat: u32, n: u32, number: u32) -> String {
    format!("{}/steps/{number}", run(chat, n))
}

/// The path that asks whether a chat of this owner may be recorded.
pub fn debug_decision(n: u32, owner: &str) -> String {
    format!("{}/debug/decision?owner_id={owner}", chat(n))
}

/// A body that posts the n-th run, open and without steps.
pub fn open_run(owner: &str, n: u32) -> Value {
    json!({
        "id": run_id(n), "owner_id": owner, "kind": "chat_turn", "status": "in_progress", "started_at": started_at(n),
    })
}

/// A body that posts the n-th run as a whole turn, with these steps.
pub fn turn(owner: &str, n: u32, steps: Vec<Value>) -> Value {
    let mut turn = open_run(owner, n);
    turn["status"] = json!("completed");
    turn["finished_at"] = json!(started_at(n + 1));
    turn["steps"] = Value::Array(steps);
    turn
}

/// Text of which about so many bytes are stored, since it cannot be made smaller. Each seed has its own.
pub fn noise(seed: u64, bytes: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let symbol = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[(state >> 58) as usize])
    };
    // Each of 64 symbols takes six bits.
    std::iter::repeat_with(symbol).take(bytes * 4 / 3).collect()
}

/// A content, gzipped.
pub fn gzip(content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(content.as_ref()).unwrap();
    packed.finish().unwrap()
}

/// A step of which about so many bytes are stored. Each seed has its own.
pub fn stored_step(number: Option<u32>, seed: u64, bytes: usize) -> Value {
    let mut step = step_body(number);
    let body = STANDARD.encode(noise(seed, bytes));
    step["attempts"] = json!([{"number": 1, "status": "completed", "request_body": body}]);
    step
}

/// A body that posts the n-th run as one that goes on, with these steps.
pub fn open_turn(owner: &str, n: u32, steps: Vec<Value>) -> Value {
    let mut turn = open_run(owner, n);
    turn["steps"] = Value::Array(steps);
    turn
}

/// A step of a turn; without `step_number` it is the body of a put.
pub fn step_body(number: Option<u32>) -> Value {
    let mut step = json!({
        "operation": "stream", "status": "completed", "started_at": started_at(0), "finished_at": started_at(1),
        "normalized_request": {"messages": [{"role": "user", "content": "What is the capital of France?"}]},
        "usage": {"input_tokens": 11, "output_tokens": 3},
    });
    if let Some(number) = number {
        step["step_number"] = json!(number);
    }
    step
}

/// A step of a turn with every member there is.
pub fn full_step(number: u32) -> Value {
    json!({
        "step_number": number, "operation": "stream", "status": "completed",
        "started_at": started_at(1), "finished_at": started_at(2),
        "history_tip_message_id": 1, "assistant_message_id": 2,
        "normalized_request": {"messages": []}, "normalized_response": {"content": []},
        "usage": {
            "input_tokens": 1, "output_tokens": 2, "total_tokens": 3, "reasoning_tokens": 4,
            "cache_creation_tokens": 5, "cache_read_tokens": 6,
        },
        "attempts": [{
            "number": 1, "status": "completed", "method": "POST", "url": "https://host/v1", "path": "/v1",
            "started_at": started_at(1), "finished_at": started_at(2),
            "request_headers": {"a": "1"}, "request_body": "aGk=", "response_status": 200,
            "response_headers": {"b": "2"}, "response_body": "aGk=", "error": "none", "duration_ms": 3,
            "first_byte_ms": 2, "retry_classification": "none", "retry_delay_ms": 4,
        }],
        "error": {}, "metadata": {},
    })
}

/// A body that posts the n-th run with every member there is, except the external id, which would make the chat's id.
pub fn full_run(owner: &str, n: u32, steps: Vec<Value>) -> Value {
    let mut run = turn(owner, n, steps);
    let others = json!({
        "provider": "p", "model": "m", "root_chat_id": chat_id(8), "parent_chat_id": chat_id(9),
        "model_config_id": chat_id(7), "trigger_message_id": 40, "history_tip_message_id": "m-41",
        "summary": {"first_message": "What is the capital of France?"},
    });
    run.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
    run
}
