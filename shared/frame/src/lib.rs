//! The form in which recorded content is stored: steps packed into one small frame, and their JSON written out of it
//! again, byte for byte.
//!
//! A step is pieces in the order of its JSON: texts, which are copied as they are, and [`Content`]s between them,
//! which are kept as bytes and become members: a body takes three quarters of its base64. A content that stands in the
//! step already is kept as a reference. All steps together are one zstd frame, whose checksum guards every byte, behind
//! a byte that says the version of the form. To a version belongs a dictionary of what exchanges with models are made
//! of.
//!
//! ```
//! use frame::{Content, Frame, Side, Steps};
//!
//! let mut steps = Steps::default();
//! let mut step = steps.begin(1);
//! step.text(br#"{"step_number":1"#);
//! step.content(Content::normalized(Side::Request), br#"{"n":1.0}"#);
//! step.text(br#","attempts":[{"number":1"#);
//! step.content(Content::of_attempt(0, Side::Request), b"hi");
//! step.text(b"}]}");
//! let packed = steps.pack().unwrap();
//!
//! let frame = Frame::open(&packed, 1_000).unwrap();
//! let step = frame.steps().next().unwrap();
//! let mut json = Vec::new();
//! step.write_json(&mut json);
//! let whole = br#"{"step_number":1,"normalized_request":{"n":1.0},"attempts":[{"number":1,"request_body":"aGk="}]}"#;
//! assert_eq!(json, whole);
//! ```
//!
//! It is pure, and knows nothing of a step but its number and its contents: whether the pieces make JSON is up to
//! whoever wrote them. It gives no part of a frame that is damaged.
//!
//! - `content`: what a content is, and the member that it becomes
//! - `steps`: writes a frame
//! - `reader`: reads one
//! - `records`: the form of what is compressed
//! - `envelope`: version, `dictionary.txt` and zstd frame

#![warn(missing_docs, clippy::missing_errors_doc)]

mod content;
mod envelope;
mod reader;
mod records;
mod steps;
#[cfg(test)]
mod tests;

pub use content::{Content, Side};
pub use envelope::{OutOfMemory, Unreadable, VERSION};
pub use reader::{Frame, Step};
pub use steps::{StepWriter, Steps};
