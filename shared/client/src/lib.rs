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
//! It is built on the wire types of `api` and knows nothing of the service behind the URL.
//!
//! - [`Client`]: one method per operation of [`api::routes::ROUTES`], named like it
//! - [`Page`]: a part of a list; `stream` reads lists to their end
//! - [`ContentPart`]: a part of a step's content; `whole_content` reads contents to their end
//! - [`Error`]: every way a call can fail, each with what to do next
//! - [`replay`]: recorded LLM traffic, made into runs and recorded
//! - `recorder`, with the feature of that name: records the calls that a chat product makes with `reqwest`
//! - `transport`: sends a request, and again where that is safe; `packing`: how bodies travel

mod client;
mod content;
mod error;
mod packing;
mod page;
#[cfg(feature = "recorder")]
pub mod recorder;
pub mod replay;
mod stream;
mod transport;
mod whole_content;

pub use client::{Client, RunOutcome, StepOutcome};
pub use content::ContentPart;
pub use error::Error;
pub use page::{NextPage, Page, RunFilter};
