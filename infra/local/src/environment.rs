//! The variables a function reads, filled in for this machine.

use crate::{
    engine::Engine,
    issuer::{ADMIN_CLAIM, ADMIN_VALUE, AUDIENCE, ISSUER, Issuer, RECORDER_SCOPE},
};

/// What the table is called here.
pub const TABLE: &str = "chat-debug";

/// The environment of every function. The key set stands in it, so that a start fetches nothing.
pub fn of_functions(engine: &Engine, issuer: &Issuer, force_debug_logging: bool) -> Vec<(&'static str, String)> {
    let variables = [
        ("TABLE_NAME", TABLE),
        ("ISSUER", ISSUER),
        ("AUDIENCES", AUDIENCE),
        ("JWKS", issuer.jwks()),
        ("ADMIN_CLAIM", ADMIN_CLAIM),
        ("ADMIN_VALUE", ADMIN_VALUE),
        ("RECORDER_SCOPE", RECORDER_SCOPE),
        ("FORCE_DEBUG_LOGGING", if force_debug_logging { "true" } else { "false" }),
        ("AWS_ENDPOINT_URL", engine.endpoint()),
        ("AWS_REGION", "us-east-1"),
        // The engine takes any; the client insists on some.
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ];
    variables.map(|(name, value)| (name, value.to_owned())).into()
}
