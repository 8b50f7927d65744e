//! The recording policy as it travels. Four may decide: the deployment, an admin by the gate, the user and the chat.

use crate::json::{StringEnum, string_enum};
use serde::{Deserialize, Deserializer, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// `GET config/debug-logging`: the deployment's gate, for admins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct DeploymentSettings {
    /// The stored gate, also while forced.
    pub allow_users: bool,
    /// Whether the deployment records every chat.
    pub forced_by_deployment: bool,
}

/// `PUT config/debug-logging`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PutDeploymentSettings {
    /// Whether users may record.
    pub allow_users: bool,
}

/// `GET config/user-debug-logging`: the caller's own state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct UserSettings {
    /// The effective state: what recording does in a chat that overrides nothing.
    pub debug_logging_enabled: bool,
    /// Whether the gate is open and nothing is forced, that is, whether the user can opt in.
    pub user_toggle_allowed: bool,
    /// Whether the deployment records every chat.
    pub forced_by_deployment: bool,
}

/// `PUT config/user-debug-logging`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PutUserSettings {
    /// The caller's opt-in.
    pub debug_logging_enabled: bool,
}

/// `GET {chat}/debug-logging` and `GET {chat}/debug/decision`: is this chat recorded, and who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ChatSettings {
    /// What the chat itself says.
    #[serde(rename = "override")]
    pub override_: ChatOverride,
    /// Whether recording happens now.
    pub effective: bool,
    /// Who decided.
    pub decided_by: DecidedBy,
}

impl ChatSettings {
    /// What a chat says, and what the policy makes of it.
    pub const fn of(override_: ChatOverride, decision: Decision) -> Self {
        Self { override_, effective: decision.enabled, decided_by: decision.decided_by }
    }
}

/// `PUT {chat}/debug-logging`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PutChatSettings {
    /// What the chat is to say from now on.
    #[serde(rename = "override")]
    pub override_: ChatOverride,
}

/// A chat's own say in the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, IntoStaticStr, VariantArray)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ChatOverride {
    /// The owner's opt-in decides.
    #[default]
    Inherit,
    /// Record this chat, whatever the owner's opt-in.
    On,
    /// Never record this chat.
    Off,
}

impl StringEnum for ChatOverride {}

impl<'de> Deserialize<'de> for ChatOverride {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        string_enum(deserializer)
    }
}

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, IntoStaticStr, VariantArray)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum DecidedBy {
    /// The deployment forces recording.
    Deployment,
    /// The admin's gate is closed.
    Gate,
    /// The chat overrides.
    Chat,
    /// The owner's opt-in, or its absence.
    User,
}

impl StringEnum for DecidedBy {}

impl<'de> Deserialize<'de> for DecidedBy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        string_enum(deserializer)
    }
}

/// What the policy says of a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Decision {
    /// Whether to record.
    pub enabled: bool,
    /// Who decided.
    pub decided_by: DecidedBy,
}
