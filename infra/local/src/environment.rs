//! The variables a function reads, filled in for this machine.

use crate::{
    engine::Engine,
    issuer::{ADMIN_CLAIM, ADMIN_VALUE, AUDIENCE, ISSUER, Issuer, RECORDER_SCOPE},
};

/// What the table is called here.
pub const TABLE: &str = "chat-debug";

/// How the C library keeps memory, as infra/template.yaml has it.
const GLIBC_TUNABLES: &str = "glibc.malloc.mmap_threshold=524288:glibc.malloc.trim_threshold=1048576";

/// What whoever runs the stack decides.
#[derive(Debug, Clone, Default)]
pub struct Own {
    /// Records every chat, whatever its owner chose.
    pub force_debug_logging: bool,
    /// What is never stored, beside what never is anywhere.
    pub redaction_rules: String,
}

/// The environment of every function. The key set is in it, so that a start fetches nothing.
pub fn of_functions(engine: &Engine, issuer: &Issuer, own: &Own) -> Vec<(&'static str, String)> {
    let variables = [
        ("TABLE_NAME", TABLE),
        ("ISSUER", ISSUER),
        ("AUDIENCES", AUDIENCE),
        ("JWKS", issuer.jwks()),
        ("ADMIN_CLAIM", ADMIN_CLAIM),
        ("ADMIN_VALUE", ADMIN_VALUE),
        ("RECORDER_SCOPE", RECORDER_SCOPE),
        ("RECORDER_KEYS", "on"),
        ("FORCE_DEBUG_LOGGING", if own.force_debug_logging { "true" } else { "false" }),
        ("REDACTION_RULES", &own.redaction_rules),
        ("AWS_ENDPOINT_URL", engine.endpoint()),
        ("AWS_REGION", "us-east-1"),
        // The engine takes any; the client insists on some.
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("GLIBC_TUNABLES", GLIBC_TUNABLES),
    ];
    variables.map(|(name, value)| (name, value.to_owned())).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::TEMPLATE;

    #[test]
    fn memory_is_kept_as_it_is_where_it_is_deployed() {
        assert!(TEMPLATE.contains(&format!("GLIBC_TUNABLES: {GLIBC_TUNABLES}\n")));
    }
}
