//! Rows of a table in JSON: arrays below one that has the names of their columns,
//! `[["user", "password"], ["bob", "x"]]`, or beside it, `{"columns": ["id", "password"], "rows": [[1, "x"]]}`.

use super::{
    columns::{MOST, can_be, is_name},
    json::decoded,
    names::Name,
    pairs::Found,
};
use std::ops::Range;

/// Members whose arrays have names of columns.
const NAMES: [&str; 4] = ["columns", "fields", "header", "headers"];

/// The array under way, and the columns that an earlier one named.
#[derive(Default)]
pub(super) struct Rows {
    depth: usize,
    /// How many elements it has so far, if it is an array.
    count: Option<usize>,
    /// Its first strings, each with its place.
    cells: Vec<(usize, Range<usize>)>,
    /// How much deeper the rows are whose columns it may name.
    names: Option<usize>,
    table: Option<Table>,
}

/// The columns of rows.
struct Table {
    /// How deep the rows are, and what they are in beside the names.
    depth: usize,
    until: usize,
    count: usize,
    secret: Vec<(usize, &'static str)>,
}

impl Rows {
    /// An object begins, or an array, which may be the value of a member or the first element of another.
    pub(super) fn enter(&mut self, is_array: bool, member: Option<&str>, is_first: bool) {
        self.depth += 1;
        self.cells.clear();
        self.count = is_array.then_some(0);
        let is_named = !is_first && member.is_some_and(|member| NAMES.contains(&member));
        self.names = if is_first { Some(0) } else { is_named.then_some(1) };
    }

    /// An element, which may be a string.
    pub(super) fn element(&mut self, literal: Option<&Range<usize>>) {
        let Some(count) = &mut self.count else { return };
        // Of most arrays nothing is asked.
        if *count < MOST && (self.names.is_some() || self.table.is_some()) {
            self.cells.extend(literal.map(|literal| (*count, literal.clone())));
        }
        *count += 1;
    }

    /// An array or an object ends. Gives the credentials of a row.
    pub(super) fn leave(&mut self, text: &str, name: &mut Name<'_>) -> Vec<Found> {
        self.depth = self.depth.saturating_sub(1);
        if self.table.as_ref().is_some_and(|table| table.until > self.depth) {
            self.table = None;
        }
        let Some(count) = self.count.take().filter(|_| !self.cells.is_empty()) else { return Vec::new() };
        let said = |literal: &Range<usize>| decoded(text.get(literal.clone()).unwrap_or_default());
        if let Some(table) = self.table.as_ref().filter(|table| table.depth == self.depth && table.count == count) {
            let found = |(at, literal): &(usize, Range<usize>)| {
                let said = said(literal);
                let (_, rule) = table.secret.iter().find(|(column, rule)| column == at && can_be(rule, &said))?;
                Some(Found { literal: literal.clone(), range: 0..said.len(), rule })
            };
            return self.cells.iter().filter_map(found).collect();
        }
        if let Some(below) = self.names.take()
            && count > 1
            && count == self.cells.len()
            && self.cells.iter().all(|(_, literal)| is_name(&said(literal)))
        {
            let rule = |(at, literal): &(usize, Range<usize>)| {
                name.read(&said(literal));
                // The first of two may be the name of the other.
                name.assigned().filter(|_| count > 2 || *at > 0).map(|rule| (*at, rule))
            };
            let secret: Vec<_> = self.cells.iter().filter_map(rule).collect();
            let table = Table { depth: self.depth + below, until: self.depth, count, secret };
            self.table = Some(table).filter(|table| !table.secret.is_empty());
        }
        Vec::new()
    }
}
