//! One line a request: what was asked, how it ended, how long it took. Never what was in it.

use serde::Serialize;

/// A request, when it is over. Every member is an id, a number or a fixed word.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    /// `info`, or `error` for faults that somebody has to look at.
    pub level: &'static str,
    /// The route's operation.
    pub operation: &'static str,
    /// The HTTP status of the answer.
    pub status: u16,
    /// Which problem it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<&'static str>,
    /// What was behind it: a fixed phrase or an error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<&'a str>,
    /// From the event's arrival to the answer.
    pub duration_ms: u64,
    /// Lambda's request id.
    pub request_id: &'a str,
    /// The caller's correlation id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<&'a str>,
}

/// Writes the line where Lambda collects it.
pub fn log(line: &Line<'_>) {
    write(line);
}

/// Says where a panic was, and nothing of its message, which may quote what was handled.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        write(&serde_json::json!({"level": "error", "cause": "panic", "place": place}));
    }));
}

#[expect(clippy::print_stdout, reason = "this is the log")]
fn write(line: &impl Serialize) {
    if let Ok(json) = serde_json::to_string(line) {
        println!("{json}");
    }
}
