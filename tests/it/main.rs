//! Behaviour, told through the real handlers on a real engine. One binary, so that it links once.

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod cases;
mod chats;
mod concurrency;
mod contents;
mod contract;
mod corpus;
mod crash;
mod deleting;
mod docs;
mod edge;
mod external_ids;
mod faults;
mod har;
mod hostile;
mod jwks;
mod kits;
mod linear;
mod openapi;
mod outlines;
mod policy;
mod project;
mod reading;
mod readme;
mod recorder_keys;
mod recording;
mod redaction;
mod representation;
mod sequences;
mod settings;
mod smoke;
mod stack;
mod stored;
mod sweeping;
mod telemetry;
mod tokens;
mod viewer;
mod views;
