//! The client and the command line against the real handlers on a real engine, behind a port.
//!
//! Canned answers are in [`canned`] alone, for what no handler of ours says: a connection that breaks, a gateway or
//! a proxy that answers in its place, and a server that lies.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod backend;
mod canned;
mod cases;
mod client;
mod command;
mod deleting;
mod kits;
mod long_turns;
mod odd;
mod recorder;
mod recording;
