//! What infra/rights.yaml decides: the memory of each function, and what its role may do with the table.
//!
//! A right that no role may have cannot be written: there is no Scan, and an update names its attributes.

use anyhow::{Result, bail};
use api::{jobs::JOBS, routes::ROUTES};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is decided of one operation or job.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decided {
    /// MB, when they are more than the template's default.
    pub(crate) memory: Option<u32>,
    /// What its role may do.
    #[serde(default)]
    pub(crate) may: Vec<Right>,
}

/// Calls on some partitions of the table.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Right {
    /// These calls.
    Calls(TableCalls),
    /// `UpdateItem`, which names these attributes, be it to write them or in its condition.
    Update(Update),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableCalls {
    pub(crate) call: Vec<Action>,
    pub(crate) on: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Update {
    pub(crate) update: Vec<String>,
    pub(crate) on: Vec<String>,
}

/// The calls that functions make. A transaction needs those of its items.
#[derive(Debug, Deserialize)]
pub(crate) enum Action {
    BatchGetItem,
    BatchWriteItem,
    ConditionCheckItem,
    DeleteItem,
    GetItem,
    PutItem,
    Query,
}

pub(crate) struct Rights(BTreeMap<String, Decided>);

impl Rights {
    /// # Errors
    ///
    /// When the text decides something else than the rights of every route and job, and of nothing else.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let decided: BTreeMap<String, Decided> = serde_yaml_ng::from_str(text)?;
        let known: Vec<_> =
            ROUTES.into_iter().map(|route| route.operation).chain(JOBS.into_iter().map(|job| job.name)).collect();
        if let Some(missing) = known.iter().find(|name| !decided.contains_key(**name)) {
            bail!("{missing} is missing: say there what it may do");
        }
        if let Some(unknown) = decided.keys().find(|name| !known.contains(&name.as_str())) {
            bail!("{unknown} is no operation of api::routes and no job of api::jobs: remove it");
        }
        Ok(Self(decided))
    }

    /// Of an operation or a job.
    ///
    /// # Errors
    ///
    /// When there is none of that name.
    pub(crate) fn of(&self, name: &str) -> Result<&Decided> {
        match self.0.get(name) {
            Some(decided) => Ok(decided),
            None => bail!("{name} is neither an operation nor a job"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMITTED: &str = include_str!("../../rights.yaml");

    #[track_caller]
    fn refused(before: &str, after: &str) {
        let changed = COMMITTED.replacen(before, after, 1);
        assert!(changed != COMMITTED, "{before} is not there");
        assert!(Rights::parse(&changed).is_err(), "{after}");
    }

    #[test]
    fn rights_of_no_route_or_of_no_function_are_refused() {
        assert!(Rights::parse(COMMITTED).is_ok());
        refused("put-chat:", "put-mine:");
        refused("sweep-staged:", "sweep-mine:");
        refused("get-docs: {}", "");
        refused("[GetItem]", "[Scan]");
        refused("[GetItem]", "[UpdateItem]");
        refused("memory:", "cores:");
    }
}
