//! How far a run or a step has come.

use crate::json::{StringEnum, string_enum};
use serde::{Deserialize, Deserializer, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// The status of a run or a step. The last three are final: a final run never changes its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, IntoStaticStr, VariantArray)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(rename = "RunStatus"))]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    /// Still going on.
    InProgress,
    /// Ended well.
    Completed,
    /// Ended in an error.
    Error,
    /// Stopped by the user.
    Interrupted,
}

impl StringEnum for Status {}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        string_enum(deserializer)
    }
}

impl Status {
    /// Whether nothing follows.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::InProgress)
    }

    /// A step's status as readers see it: an unfinished step of a finished run is `interrupted`.
    #[must_use]
    pub const fn within(self, run: Self) -> Self {
        if run.is_final() && !self.is_final() { Self::Interrupted } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_nobody_ended_is_interrupted_with_its_run() {
        for run in [Status::Completed, Status::Error, Status::Interrupted] {
            assert_eq!(Status::InProgress.within(run), Status::Interrupted);
            assert_eq!(Status::Error.within(run), Status::Error);
        }
        assert_eq!(Status::InProgress.within(Status::InProgress), Status::InProgress);
        assert_eq!(Status::Completed.within(Status::InProgress), Status::Completed);
    }
}
