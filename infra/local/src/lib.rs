//! What stands in for AWS on one machine, for `make run` and for the tests.
//!
//! - [`engine`]: an embedded DynamoDB, in memory or in a file
//! - [`template`]: the table as `infra/template.yaml` defines it
//! - [`issuer`]: tokens, and the key that proves them
//! - [`environment`]: the variables a function reads, filled in for this machine
//!
//! Nothing here is deployed. What runs the functions, `make run`, is the binary beside it.

pub mod engine;
pub mod environment;
pub mod issuer;
pub mod template;

pub use dynoxide;
