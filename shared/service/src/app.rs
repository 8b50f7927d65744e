//! The environment, read once per cold start. Nothing else reads a variable.

use crate::{
    access::Access,
    clock::Clock,
    identity::{Expected, Identity, KeySet, KeySource, Roles},
    store::{Endpoint, Store},
    telemetry,
};
use redact::Rules;
use std::fmt;

/// Everything that a handler needs.
pub struct App {
    /// Now.
    pub clock: Clock,
    /// The table.
    pub store: Store,
    /// Who may touch what.
    pub access: Access,
    /// What is never stored, beside what never is anywhere.
    pub rules: Rules,
    pub(crate) identity: Identity,
    pub(crate) metrics_namespace: Option<String>,
}

/// Where the table is.
#[derive(Debug, Clone)]
pub struct TableConfig {
    /// `TABLE_NAME`.
    pub name: String,
    /// `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, and
    /// `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL`.
    pub endpoint: Endpoint,
}

/// What an app is made of.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the table is.
    pub table: TableConfig,
    /// `ISSUER` and `AUDIENCES`, which are separated by commas.
    pub expected: Expected,
    /// `JWKS`, or else `JWKS_URL`.
    pub keys: KeySource,
    /// `ADMIN_CLAIM`, `ADMIN_VALUE`, `RECORDER_SCOPE`.
    pub roles: Roles,
    /// `FORCE_DEBUG_LOGGING`: `true` or `false`.
    pub forced: bool,
    /// `RECORDER_KEYS`: `on` or `off`. Off, a key is refused like one that never was.
    pub takes_recorder_keys: bool,
    /// `REDACTION_RULES`, one a line.
    pub rules: Rules,
    /// `METRICS_NAMESPACE`: where `CloudWatch` counts what happens; absent, nothing is counted.
    pub metrics_namespace: Option<String>,
}

/// A variable that is missing or wrong: the function does not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misconfigured(pub(crate) String);

impl fmt::Display for Misconfigured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment variable {}", self.0)
    }
}

impl std::error::Error for Misconfigured {}

/// A variable of the process.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What a function is made of, for as long as its process lives. The log says why it does not start, and later where
/// it panics.
///
/// # Errors
///
/// A variable that is missing or wrong.
pub(crate) fn started<T>(
    operation: &'static str,
    make: impl FnOnce() -> Result<T, Misconfigured>,
) -> Result<&'static T, Misconfigured> {
    telemetry::log_panics(operation);
    Ok(Box::leak(Box::new(make().inspect_err(|cause| telemetry::log_start(operation, cause))?)))
}

fn optional(variable: impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    variable(name).filter(|value| !value.is_empty())
}

fn required(variable: impl Fn(&str) -> Option<String>, name: &str) -> Result<String, Misconfigured> {
    optional(variable, name).ok_or_else(|| Misconfigured(format!("{name} is missing")))
}

impl TableConfig {
    /// From the process's environment.
    ///
    /// # Errors
    ///
    /// A variable that is missing.
    pub(crate) fn from_env() -> Result<Self, Misconfigured> {
        Self::from_variables(variable)
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Misconfigured> {
        let (optional, required) = (|name: &str| optional(&variable, name), |name: &str| required(&variable, name));
        Ok(Self {
            name: required("TABLE_NAME")?,
            endpoint: Endpoint {
                region: required("AWS_REGION")?,
                url: optional("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| optional("AWS_ENDPOINT_URL")),
                access_key_id: required("AWS_ACCESS_KEY_ID")?,
                secret_access_key: required("AWS_SECRET_ACCESS_KEY")?,
                session_token: optional("AWS_SESSION_TOKEN"),
            },
        })
    }
}

impl Config {
    /// From the process's environment.
    ///
    /// # Errors
    ///
    /// A variable that is missing or wrong.
    pub fn from_env() -> Result<Self, Misconfigured> {
        Self::from_variables(variable)
    }

    /// From named variables. An empty one counts as missing.
    ///
    /// # Errors
    ///
    /// A variable that is missing or wrong.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Misconfigured> {
        let (optional, required) = (|name: &str| optional(&variable, name), |name: &str| required(&variable, name));
        let or = |name: &str, default: &str| optional(name).unwrap_or_else(|| default.to_owned());
        let audiences: Vec<String> = required("AUDIENCES")?.split(',').map(|name| name.trim().to_owned()).collect();
        if audiences.iter().any(String::is_empty) {
            return Err(Misconfigured("AUDIENCES names an empty audience".to_owned()));
        }
        let keys = match (optional("JWKS"), optional("JWKS_URL")) {
            (Some(set), _) => KeySource::Given(set),
            (None, Some(url)) => KeySource::Url(url),
            (None, None) => return Err(Misconfigured("JWKS or JWKS_URL is missing".to_owned())),
        };
        let forced = match optional("FORCE_DEBUG_LOGGING").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(Misconfigured("FORCE_DEBUG_LOGGING must be true or false".to_owned())),
        };
        let takes_recorder_keys = match optional("RECORDER_KEYS").as_deref() {
            None | Some("off") => false,
            Some("on") => true,
            Some(_) => return Err(Misconfigured("RECORDER_KEYS must be on or off".to_owned())),
        };
        Ok(Self {
            table: TableConfig::from_variables(&variable)?,
            expected: Expected { issuer: required("ISSUER")?, audiences },
            keys,
            roles: Roles {
                admin_claim: or("ADMIN_CLAIM", "cognito:groups"),
                admin_value: or("ADMIN_VALUE", "chat-debug-admins"),
                recorder_scope: or("RECORDER_SCOPE", "chat-debug/record"),
            },
            forced,
            takes_recorder_keys,
            rules: Rules::parse(&or("REDACTION_RULES", ""))
                .map_err(|wrong| Misconfigured(format!("REDACTION_RULES, {wrong}")))?,
            metrics_namespace: optional("METRICS_NAMESPACE"),
        })
    }
}

impl App {
    /// Ready for its first request; nothing is connected yet.
    ///
    /// # Errors
    ///
    /// When `JWKS` or `JWKS_URL` cannot be used.
    pub fn new(config: Config) -> Result<Self, Misconfigured> {
        let Config { table, expected, keys, roles, forced, takes_recorder_keys, rules, metrics_namespace } = config;
        let keys = KeySet::new(keys).map_err(|_| {
            Misconfigured(
                "JWKS holds no usable RS256 or ES256 key, or JWKS_URL is neither https nor on this machine".to_owned(),
            )
        })?;
        let clock = Clock::default();
        let store = Store::connect(table.endpoint, table.name, clock.clone());
        Ok(Self {
            clock,
            access: Access::new(store.clone(), roles, forced, takes_recorder_keys),
            store,
            rules,
            identity: Identity::new(expected, keys),
            metrics_namespace,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(change: &[(&str, &str)]) -> Result<Config, Misconfigured> {
        let base = [
            ("TABLE_NAME", "t"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "a"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("ISSUER", "https://issuer"),
            ("AUDIENCES", "one, two"),
            ("JWKS", "{}"),
        ];
        Config::from_variables(|name| {
            let all = base.iter().chain(change).filter(|(key, _)| *key == name);
            all.fold(None, |_, (_, value)| Some((*value).to_owned()))
        })
    }

    #[test]
    fn what_is_not_said_has_a_default_that_forces_and_opens_nothing() {
        let config = config(&[]).expect("a configuration");
        assert!(!config.forced && !config.takes_recorder_keys);
        assert_eq!(config.expected.audiences, ["one", "two"]);
        assert_eq!(config.roles.recorder_scope, "chat-debug/record");
    }

    #[test]
    fn a_wrong_variable_is_named_and_nothing_starts() {
        for (name, value) in [
            ("TABLE_NAME", ""),
            ("AUDIENCES", "one,,two"),
            ("FORCE_DEBUG_LOGGING", "yes"),
            ("RECORDER_KEYS", "true"),
            ("JWKS", ""),
            ("REDACTION_RULES", "unreadable keep\nmask x"),
        ] {
            let Misconfigured(message) = config(&[(name, value)]).expect_err(name);
            assert!(message.contains(name), "{message}");
        }
    }

    #[test]
    fn a_secret_is_not_in_the_debug_output() {
        let config = config(&[("AWS_SECRET_ACCESS_KEY", "canary")]).expect("a configuration");
        assert!(!format!("{config:?}").contains("canary"));
    }
}
