//! The client and the command line against a real socket that gives canned answers.

#[cfg(test)] // tells clippy that this is a test: it may unwrap
mod canned;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod http;
