//! A function that does what its event's query says, good or bad. It speaks to the runtime API with sockets alone,
//! since no runtime would let it do the worst.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a stand-in that cannot go on has failed"
)]

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::{abort, exit, id},
    thread::sleep,
    time::Duration,
};

/// One byte more than Lambda gives.
const TOO_LARGE: usize = 6_291_557;
const PREFIX: &str = "/2018-06-01/runtime/invocation";

fn main() {
    loop {
        let (request, event) = next();
        let event: serde_json::Value = serde_json::from_str(&event).unwrap();
        let response = format!("{PREFIX}/{request}/response");
        match event["rawQueryString"].as_str().unwrap() {
            "never" => sleep(Duration::MAX),
            "exit" => exit(3),
            "abort" => abort(),
            "half" => {
                let mut stream = connect();
                write!(stream, "POST {response} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\nhalf").unwrap();
                exit(0);
            }
            "again" => drop(next()),
            "other" => {
                assert!(post(&format!("{PREFIX}/other/response"), "{}").starts_with("HTTP/1.1 400"));
                sleep(Duration::MAX);
            }
            "error" => drop(post(&format!("{PREFIX}/{request}/error"), r#"{"errorType":"Wrong"}"#)),
            "large" => assert!(post(&response, &"x".repeat(TOO_LARGE)).starts_with("HTTP/1.1 413")),
            "garbage" => drop(post(&response, "garbage")),
            "status" => drop(post(&response, r#"{"statusCode":"yes"}"#)),
            "header" => drop(post(&response, r#"{"statusCode":200,"headers":{"a b":"c"}}"#)),
            "base64" => drop(post(&response, r#"{"statusCode":200,"body":"%","isBase64Encoded":true}"#)),
            "bare" => drop(post(&response, r#"{"bare":true}"#)),
            "bytes" => drop(post(&response, r#"{"statusCode":200,"body":"AP8=","isBase64Encoded":true}"#)),
            "last" => {
                answer(&response, &event);
                exit(0);
            }
            "slow" => {
                sleep(Duration::from_secs(1));
                answer(&response, &event);
            }
            _ => answer(&response, &event),
        }
    }
}

/// Says what was asked, and who answers.
fn answer(response: &str, event: &serde_json::Value) {
    let answer = serde_json::json!({
        "statusCode": 201,
        "headers": {"X-Process": id().to_string()},
        "cookies": ["a=1", "b=2"],
        "body": event.to_string(),
    });
    assert!(post(response, &answer.to_string()).starts_with("HTTP/1.1 202"));
}

/// The id of the next request, and its event.
fn next() -> (String, String) {
    let answer = exchange(&format!("GET {PREFIX}/next HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
    let (head, event) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no event: {answer}"));
    let id = head.lines().find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: "));
    (id.unwrap().to_owned(), event.to_owned())
}

fn post(path: &str, body: &str) -> String {
    let length = body.len();
    exchange(&format!("POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"))
}

fn exchange(request: &str) -> String {
    let mut stream = connect();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[expect(clippy::disallowed_methods, reason = "this function has no service::app")]
fn connect() -> TcpStream {
    TcpStream::connect(std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap()).unwrap()
}
