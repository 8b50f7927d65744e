//! Rows of a table in JSON: arrays below one that has the names of their columns,
//! `[["user", "password"], ["bob", "x"]]`, or beside it, `{"columns": ["id", "password"], "rows": [[1, "x"]]}`.

use super::{Found, decoded};
use crate::{
    names::Name,
    text::columns::{Columns, MOST, is_name},
};
use std::ops::Range;

/// Members whose arrays have names of columns.
const NAMES: [&str; 4] = ["columns", "fields", "header", "headers"];

/// An array that may be a row of a table, or name its columns.
#[derive(Default)]
pub(super) struct Row {
    /// How many elements it has so far.
    count: usize,
    /// Its first strings, each with its place.
    cells: Vec<(usize, Range<usize>)>,
    /// Whether it is one. Of most arrays nothing is asked.
    is_read: bool,
}

impl Row {
    /// The value of a member.
    pub(super) fn of(member: &str) -> Self {
        Self { is_read: NAMES.contains(&member), ..Self::default() }
    }

    /// An element of another, of which the first may name the columns of the others.
    pub(super) fn within(parent: &Self, has_columns: bool) -> Self {
        Self { is_read: parent.count == 0 || has_columns, ..Self::default() }
    }

    pub(super) const fn is_read(&self) -> bool {
        self.is_read
    }

    /// An element, which may be a string.
    pub(super) fn element(&mut self, literal: Option<&Range<usize>>) {
        if self.is_read && self.count < MOST {
            self.cells.extend(literal.map(|literal| (self.count, literal.clone())));
        }
        self.count += 1;
    }

    /// Its credentials by their columns.
    pub(super) fn found(&self, columns: &Columns, text: &str) -> Vec<Found> {
        let found = |(at, literal): &(usize, Range<usize>)| {
            let said = decoded(text.get(literal.clone()).unwrap_or_default());
            Some(Found::whole(literal.clone(), &said, columns.rule(*at, &said)?))
        };
        self.cells.iter().filter(|_| columns.count == self.count).filter_map(found).collect()
    }

    /// The columns that it names, if some have credentials.
    pub(super) fn columns(&self, text: &str, folded: &mut Name<'_>) -> Option<Columns> {
        if self.count < 2 || self.count != self.cells.len() {
            return None;
        }
        let said = |(_, literal): &(usize, Range<usize>)| decoded(text.get(literal.clone()).unwrap_or_default());
        let mut names: Vec<_> = self.cells.iter().map(said).collect();
        if !names.iter().all(|name| is_name(name)) {
            return None;
        }
        // The first of two may be the name of the other.
        if let [first, _] = &mut *names {
            *first = "".into();
        }
        Columns::named(&mut names.iter().map(|name| &**name), folded)
    }
}
