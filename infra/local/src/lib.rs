//! What stands in for AWS on one machine, for `make run` and for the tests.
//!
//! - [`engine`]: an embedded DynamoDB, in memory or in a file
//! - [`template`]: the table as `infra/template.yaml` defines it
//! - [`issuer`]: tokens, and the key that proves them
//! - [`environment`]: the variables a function reads, filled in for this machine
//! - [`binaries`]: the functions' binaries
//! - [`lambda`]: processes of the functions, which are asked and answer as in Lambda
//! - [`http_api`]: the gateway before them
//! - [`gateway`]: the whole template, deployed to an emulator of AWS
//! - [`kit`]: the lines with which a chat backend records
//! - [`child`]: processes that never outlive us
//! - [`clock`]: the time
//!
//! Nothing here is deployed. What puts it together, for `make run`, is the binary beside it.

pub mod binaries;
pub mod child;
pub mod clock;
pub mod engine;
pub mod environment;
pub mod gateway;
pub mod http_api;
pub mod issuer;
pub mod kit;
pub mod lambda;
pub mod template;

pub use dynoxide;
