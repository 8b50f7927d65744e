//! What SQL puts into columns whose names say that they have credentials:
//! `INSERT INTO t (a, password) VALUES ('x', 'y')` and, as dumps have it, `COPY t (a, password) FROM stdin;` with a
//! line for each row.

use super::{
    columns::{Columns, LONGEST, MOST},
    near::{clipped, near},
};
use crate::{
    mask::{Hits, Rule},
    names::Name,
    rules::Rules,
    tables::words::is_one,
};
use std::ops::Range;

/// How far behind the columns the values may begin, in bytes.
const LONGEST_OUTPUT: usize = 96;

/// Finds what is put into columns, the names of some of which end at `names`, in order.
pub(super) fn find(text: &str, names: &[usize], rules: &Rules, hits: &mut Hits) {
    if !names.is_empty() {
        dumped(text, rules, hits);
    }
    let mut folded = Name::under(rules);
    // What was read already, since a list may name several.
    let mut done = 0;
    for at in names.iter().copied() {
        if at < done {
            continue;
        }
        let Some(list) = list_around(text, at, done) else { continue };
        done = list.end;
        let names = text.get(list.clone()).unwrap_or_default().split(',').take(MOST);
        let names =
            names.map(|name| name.trim_matches(|one: char| one.is_ascii_whitespace() || "\"`[]'\\".contains(one)));
        // `INSERT INTO api_keys (user_id, key)`
        let table = text.get(..list.start - 1).unwrap_or_default().trim_ascii_end().rsplit([' ', '.']).next();
        let table = table.filter(|table| table.len() <= LONGEST).unwrap_or_default().trim_matches(['"', '`']);
        let table = table.strip_suffix('s').unwrap_or(table);
        // Where there are values, keys are their names.
        let has_values = names.clone().any(|name| is_one(name.as_bytes(), "count name value"));
        let table = if has_values { "key" } else { table };
        let mut names = names.map(|name| if name.eq_ignore_ascii_case("key") { table } else { name });
        let Some(columns) = Columns::named(&mut names, &mut folded) else { continue };
        let behind = text.get(list.end + 1..).unwrap_or_default();
        let start = text.len() - behind.trim_ascii_start().len();
        let near = clipped(behind.trim_ascii_start(), LONGEST_OUTPUT).to_ascii_lowercase();
        // What it gives back may stand between.
        let values = near.find("values").filter(|at| *at == 0 || near.starts_with("output "));
        if let Some(values) = values {
            done = rows(text, start + values + "values".len(), &columns, hits);
            // Signs may stand for them: `VALUES (?, ?)]\n[parameters: ('x', 'y')]`.
            let behind = clipped(text.get(done..).unwrap_or_default(), LONGEST_OUTPUT);
            let said = behind.trim_start_matches(|one: char| !one.is_ascii_alphanumeric() && one != '_');
            let given = said.find('(').filter(|_| said.starts_with("param")).map(|at| behind.len() - said.len() + at);
            done = given.map_or(done, |at| rows(text, done + at, &columns, hits));
        } else if near.starts_with("from stdin") {
            done = lines(text, start, &columns, hits);
        }
    }
}

/// Finds what dumps put into tables that were created above, without a list of their columns:
/// `CREATE TABLE t (id int, password text); INSERT INTO t VALUES (1, 'x');`.
fn dumped(text: &str, rules: &Rules, hits: &mut Hits) {
    const CREATE: &str = "CREATE TABLE ";
    const INSERT: &str = "INSERT INTO ";
    let mut folded = Name::under(rules);
    let mut start = 0;
    for table in text.split_inclusive(CREATE) {
        let begin = start;
        start += table.len();
        let head = table.trim_start_matches("IF NOT EXISTS ").split_once('(').filter(|(name, _)| name.len() <= LONGEST);
        let Some((name, definitions)) = head.filter(|_| begin > 0) else { continue };
        let mut depth = 0;
        let is_end = |one: char| {
            depth += i32::from(one == '(') - i32::from(one == ')');
            (one == ',' && depth == 0) || depth < 0
        };
        let list = clipped(definitions, LONGEST * 4).split(is_end).take(MOST);
        let names = list.map(|one| one.trim_ascii().split(' ').next().unwrap_or_default());
        let mut names = names.map(|name| name.trim_matches(['"', '`', '[', ']']));
        let Some(columns) = Columns::named(&mut names, &mut folded) else { continue };
        for (at, _) in table.match_indices(INSERT) {
            let into = table.get(at + INSERT.len()..).unwrap_or_default();
            let values = into.strip_prefix(name.trim_ascii()).and_then(|rest| rest.trim_start().strip_prefix("VALUES"));
            if let Some(values) = values {
                rows(text, begin + table.len() - values.len(), &columns, hits);
            }
        }
    }
}

/// The list of columns that a name is in, if an insertion names them.
fn list_around(text: &str, at: usize, done: usize) -> Option<Range<usize>> {
    const LONGEST_TABLE: usize = 160;
    // Most names are in no list, which their first sign shows.
    let is_of_list = |byte: &&u8| byte.is_ascii_alphanumeric() || b"_., \t\r\n\"`[]".contains(*byte);
    let head = text.as_bytes().get(at.saturating_sub(LONGEST).max(done)..at)?;
    let start = at - head.iter().rev().take_while(is_of_list).count();
    let before = text.get(..start)?.strip_suffix('(')?;
    let before = before.get(before.ceil_char_boundary(before.len().saturating_sub(LONGEST_TABLE))..)?;
    let mut words = before.split_ascii_whitespace().rev().skip(1);
    words.next().filter(|word| is_one(word.as_bytes(), "into copy table"))?;
    let end = start + near(text, start, LONGEST).find(')')?;
    (end >= at).then_some(start..end)
}

/// Reads the rows in brackets from a place on. Gives where they end.
fn rows(text: &str, mut at: usize, columns: &Columns, hits: &mut Hits) -> usize {
    let bytes = text.as_bytes();
    let skip = |at: usize, signs: &[u8]| {
        at + bytes.iter().skip(at).take_while(|byte| byte.is_ascii_whitespace() || signs.contains(byte)).count()
    };
    loop {
        at = skip(at, b",");
        if bytes.get(at) != Some(&b'(') {
            return at;
        }
        let (mut index, mut start, mut depth, mut quoted) = (0, at + 1, 0_usize, None);
        at += 1;
        loop {
            let Some(byte) = bytes.get(at).copied() else { return at };
            match byte {
                b'\'' | b'"' => {
                    let end = quoted_end(bytes, at + 1, byte);
                    quoted = quoted.or(Some(at + 1..end));
                    at = end + usize::from(bytes.get(end) == Some(&b'\\'));
                }
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                b',' | b')' if depth == 0 => {
                    cell(text, start..at, quoted.take(), index, columns, hits);
                    (index, start) = (index + 1, at + 1);
                }
                _ => {}
            }
            at += 1;
            if byte == b')' && start == at {
                break;
            }
        }
    }
}

/// Where a text ends that a quote begins before a place: not at two quotes, nor at one that is escaped. A backslash at
/// the end of a cell escapes nothing.
fn quoted_end(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    loop {
        match bytes.get(at..).unwrap_or_default() {
            [] => return bytes.len(),
            [b'\\', byte, b',' | b')', ..] if *byte == quote => return at,
            [b'\\', ..] => at += 2,
            [one, two, ..] if *one == quote && *two == quote => at += 2,
            [byte, ..] if *byte == quote => return at,
            _ => at += 1,
        }
    }
}

/// Reads what is put into a column: the first text in quotes, also of a call, or a number.
fn cell(
    text: &str,
    cell: Range<usize>,
    quoted: Option<Range<usize>>,
    index: usize,
    columns: &Columns,
    hits: &mut Hits,
) {
    let said = text.get(cell.clone()).unwrap_or_default();
    let range = match quoted {
        Some(quoted) => quoted,
        None if said.trim_ascii().bytes().all(|byte| byte.is_ascii_digit()) => {
            let start = cell.end - said.trim_ascii_start().len();
            start..start + said.trim_ascii().len()
        }
        None => return,
    };
    if let Some(rule) = columns.rule(index, text.get(range.clone()).unwrap_or_default()) {
        hits.push(range, Rule::Name(rule));
    }
}

/// Reads the lines below a place, whose cells are between tabs. Gives where they end.
fn lines(text: &str, at: usize, columns: &Columns, hits: &mut Hits) -> usize {
    let mut lines = text.get(at..).unwrap_or_default().split_inclusive('\n');
    let mut start = at + lines.next().map_or(0, str::len);
    for line in lines.take_while(|line| !line.starts_with("\\.") && line.contains('\t')) {
        let mut cell = start;
        for (index, said) in line.trim_ascii_end().split('\t').enumerate() {
            if let Some(rule) = columns.rule(index, said) {
                hits.push(cell..cell + said.len(), Rule::Name(rule));
            }
            cell += said.len() + 1;
        }
        start += line.len();
    }
    start
}
