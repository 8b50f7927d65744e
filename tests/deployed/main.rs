//! `infra/template.yaml`, deployed, and called through its gateway.
//!
//! `make test` builds the functions and installs the emulator of AWS; here the real binaries go behind
//! its gateway, each under the rights of its own role. What is not there fails the suite. It is a binary
//! of its own, because functions have a time limit and should not share the processor with other tests.
//!
//! The same suite runs against a deployed stage:
//!
//! | variable | what |
//! |---|---|
//! | `BASE_URL` | the stage's URL, as the output `Url` of the stack says it |
//! | `TOKEN_COMMAND` | a command that prints a token; it is given `--sub SUB --role user\|admin\|recorder` |
//! | `WEB_ORIGIN` | one of the stack's `AllowedOrigins`, if it has any |
//!
//! It opens the gate for users there, and leaves recorded chats of users with random names behind. What
//! needs the issuer's key or the account's rights is tested on a stage of its own only, and says so.
//!
//! - [`stage`]: what is deployed, and callers of it
//! - [`authorizer`]: who is let in, by the gateway and by the functions behind it
//! - [`cors`]: which web pages may call
//! - [`public`]: that everything is there, and what anyone may read of it
//! - [`rights`]: no role can do more than its function needs
//! - [`logs`]: what is in the logs, and what is not
//! - [`replay`]: real traffic, in and out

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod authorizer;
mod cors;
mod logs;
mod public;
mod replay;
mod rights;
mod stage;
