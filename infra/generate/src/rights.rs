//! What infra/rights.yaml decides: the memory of each operation's function, and what its role may do with the table.
//!
//! A right that no role may have cannot be written: there is no Scan, and an update names its attributes.

use anyhow::{Result, bail};
use api::routes::{ROUTES, Route};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is decided of one operation.
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
    /// When the text decides something else than the rights of every route, and of nothing but routes.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let decided: BTreeMap<String, Decided> = serde_yaml_ng::from_str(text)?;
        for route in ROUTES {
            if !decided.contains_key(route.operation) {
                bail!("{} is missing: say there what it may do", route.operation);
            }
        }
        if let Some(unknown) = decided.keys().find(|name| !ROUTES.iter().any(|route| route.operation == **name)) {
            bail!("{unknown} is no operation of api::routes: remove it");
        }
        Ok(Self(decided))
    }

    /// # Errors
    ///
    /// When the route is none of the list.
    pub(crate) fn of(&self, route: &Route) -> Result<&Decided> {
        match self.0.get(route.operation) {
            Some(decided) => Ok(decided),
            None => bail!("{} is not in the list of routes", route.operation),
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
        refused("get-docs: {}", "");
        refused("[GetItem]", "[Scan]");
        refused("[GetItem]", "[UpdateItem]");
        refused("memory:", "cores:");
    }
}
