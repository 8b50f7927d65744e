//! Reads what chat products and LLM providers send each other, and makes one view of it, whoever the provider is.
//!
//! It reads loosely, never fails, and leaves out nothing that it does not know: that appears as it is, as what could
//! not be read does by its size and type. It calls nothing by the depth of its input, looks at each byte a fixed number
//! of times, does no I/O and changes nothing; whoever needs the bytes keeps them. Hostile bodies take about ten times
//! their size: what is unpacked of a step, and how much is made of a body, have limits, and what is beyond them is
//! counted.
//!
//! - [`step`]: makes the view of what was recorded, an [`api::view::StepView`]
//! - [`outline`]: the little of it that a list shows, at the cost of a search
//! - [`provider`]: what a URL says
//! - [`har`]: writes a run as other programs read it
//! - [`json`]: JSON as it comes, also cut, and with what strict readers refuse
//!
//! Inside, a body is unpacked (`unpack`), taken apart (`frames`) and read (`body`): a request by `request` and
//! `message`, an answer by the first of the `dialects` that knows it, into an `answer` in the making. Parts of both are
//! read by `part` and `media`, whatever the provider.

#![warn(missing_docs)]

mod answer;
mod at;
mod body;
mod dialects;
mod failure;
mod finish;
mod flat;
mod frames;
mod media;
mod message;
mod part;
mod request;
mod unpack;

pub mod har;
pub mod json;
pub mod outline;
pub mod provider;
pub mod step;

pub use outline::Outline;
pub use step::Recorded;
pub use unpack::{Budget, MAX_UNPACKED};
