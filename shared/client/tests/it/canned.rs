//! A server that gives canned answers, one a connection, and keeps what it was asked: a gateway's own refusals, broken
//! connections, lies, and what the service says of amounts that no test makes.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
};

/// A request as it arrived.
#[derive(Debug)]
pub(crate) struct CannedRequest {
    /// Method and target.
    pub line: String,
    /// As a text, which it is when it is not packed.
    pub body: String,
}

pub(crate) struct CannedServer {
    pub url: String,
    requests: mpsc::Receiver<CannedRequest>,
}

impl CannedServer {
    /// Gives these answers, in order, and then none.
    pub(crate) fn answering(answers: impl IntoIterator<Item = String>) -> Self {
        let answers: Vec<_> = answers.into_iter().collect();
        Self::serving(answers.into_iter().map(|answer| move |_: &str| answer))
    }

    /// Gives the answer to each method and target, for ever.
    pub(crate) fn answering_each(answer: fn(&str) -> String) -> Self {
        Self::serving(std::iter::repeat(answer))
    }

    fn serving<A>(answers: impl Iterator<Item = A> + Send + 'static) -> Self
    where
        A: FnOnce(&str) -> String,
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            for answer in answers {
                let Ok((stream, _)) = listener.accept() else { return };
                serve(stream, answer, &sender);
            }
        });
        Self { url, requests }
    }

    /// What was asked so far.
    pub(crate) fn requests(&self) -> Vec<CannedRequest> {
        self.requests.try_iter().collect()
    }
}

/// Keeps the request before it is answered, so that whoever has the answer finds it.
fn serve(stream: TcpStream, answer: impl FnOnce(&str) -> String, kept: &mpsc::Sender<CannedRequest>) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let length =
        lines.iter().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    let line = lines.remove(0).replace(" HTTP/1.1", "");
    let answer = answer(&line);
    let request = CannedRequest { line, body: String::from_utf8_lossy(&body).into_owned() };
    let _nobody_asks = kept.send(request);
    // An empty answer is a connection that breaks.
    reader.get_mut().write_all(answer.as_bytes()).unwrap();
}

/// An answer with further headers, each ended by `\r\n`.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}")
}

/// A refusal of the contract's.
pub(crate) fn refusal(problem: &api::problem::Problem, headers: &str) -> String {
    let body = serde_json::to_string(&problem.body()).unwrap();
    answer(problem.row().status, headers, &body)
}

pub(crate) const ID: &str = "018f4e3c-9a1b-7def-8123-456789abcdef";

/// A `Link` to the next page.
pub(crate) fn next(target: &str) -> String {
    format!("link: <{}/{ID}/{target}>; rel=\"next\"\r\n", api::routes::BASE)
}

/// A run as the list shows it.
pub(crate) fn run(first_message: &str) -> String {
    format!(
        r#"{{"id":"{ID}","chat_id":"{ID}","kind":"chat_turn","status":"completed","summary":{{"first_message":"{first_message}"}},"started_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z"}}"#
    )
}

/// What the service says to a recorder whose chat is recorded.
pub(crate) fn taken(line: &str) -> String {
    match line.split(' ').next() {
        Some("GET") => answer(200, "", r#"{"override":"inherit","effective":true,"decided_by":"user"}"#),
        Some("POST") => answer(201, "", &format!(r#"{{"recorded":true,"run":{}}}"#, run("x"))),
        Some("PUT") => answer(201, "", r#"{"recorded":true}"#),
        _ => answer(200, "", &format!(r#"{{"id":"{ID}","status":"completed","updated_at":"2026-01-02T03:04:05Z"}}"#)),
    }
}
