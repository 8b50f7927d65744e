//! The typed client of chat-debug: read, steer and record debug runs over HTTP.
//!
//! ```no_run
//! # async fn example(chat: api::ids::ChatId) -> Result<(), client::Error> {
//! use api::json::StringEnum;
//! use futures_util::TryStreamExt;
//!
//! let client = client::Client::new("http://127.0.0.1:9000", "a token")?;
//! let mut runs = client.runs(chat, &client::RunFilter::default());
//! while let Some(run) = runs.try_next().await? {
//!     println!("{} {}", run.id, run.status.as_str());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! It stands on the wire types of `api` alone and knows nothing of the service behind the URL.
//!
//! - [`Client`]: one method per operation of [`api::routes::ROUTES`], named like it
//! - [`paging`]: pages, and the streams that turn them over
//! - [`Error`]: every way a call can fail, each with what to do next
//! - [`replay`]: recorded LLM traffic, made into runs and recorded
//! - `transport`: one request there and its answer back, with its repeats

mod client;
mod error;
pub mod paging;
pub mod replay;
mod transport;

pub use client::{Client, RunOutcome, StepOutcome};
pub use error::Error;
pub use paging::{NextPage, Page, RunFilter};
