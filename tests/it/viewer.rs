//! The page on which owners read what was recorded: how it is served, and what a person does with it in a real browser,
//! on the real binaries.
//!
//! Pictures of every screen lie among what is built, in `viewer/`: whoever changes the page looks at them.

mod budgets;
mod comparing;
mod deleting;
mod downloads;
mod focus;
mod hostile;
mod issuers;
mod large;
mod links;
mod lists;
mod live;
mod names;
mod packed;
mod privacy;
mod reader;
mod recorder_keys;
mod screens;
mod searching;
mod served;
mod settings;
mod sign_in;
mod states;
mod tabs;
