//! The page on which owners read what was recorded: how it is served, and what a person does with it in a real browser,
//! on the real binaries.

mod reader;
mod served;
mod settings;
mod sign_in;
mod states;
