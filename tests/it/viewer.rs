//! The page on which owners read what was recorded: how it is served, and what a person does with it in a real browser,
//! on the real binaries.
//!
//! Pictures of every screen lie among what is built, in `viewer/`: whoever changes the page looks at them.

mod hostile;
mod reader;
mod screens;
mod served;
mod settings;
mod sign_in;
mod states;
