//! What stands in rows: a table's first line names its columns, and what a column of passwords has is one in every line
//! below. Refuses to see columns in a line of which any cell could be no name, unless it is ruled off from those below.

use super::near::near_before;
use crate::{
    mask::{Hits, Rule},
    names::{CODE, Name, PASS, PASSWORD, SECRET_ID, SESSION_ID, TOKEN, is_other_name},
    rules::Rules,
    tables::words::Words,
    values::{
        can_be_credential, can_be_password, is_conversation, is_long, is_passed, is_uuid, placeholders::has_term,
    },
};
use std::ops::Range;

/// The longest line, or list of columns, that is read, in bytes, and the most columns.
pub(super) const LONGEST: usize = 2_048;
pub(crate) const MOST: usize = 64;
/// The longest name of a column, in bytes.
const LONGEST_NAME: usize = 64;
/// What a list of columns says of each, and no column is called.
static TYPES: Words =
    Words::of("bigint bool boolean bytea double float int integer nvarchar smallint str string varchar");

/// The first byte of `│`, `┃`, `┆` and `║`.
const BAR: u8 = 0xe2;

/// How long the bar is that a text begins with.
fn bar(text: &[u8]) -> Option<usize> {
    matches!(text, [BAR, 0x94, 0x82 | 0x83 | 0x86, ..] | [BAR, 0x95, 0x91, ..]).then_some(3)
}

/// What parts the cells of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    /// A byte.
    Byte(u8),
    /// A bar of those that tables are drawn with.
    Bar,
    /// Two spaces or more.
    Spaces,
}

/// The columns of a table, of which some hold credentials.
pub(crate) struct Columns {
    pub(crate) count: usize,
    /// Each of these by its place in a row, with its rule.
    secret: Vec<(usize, &'static str)>,
}

impl Columns {
    /// Those that are called so, if one of them holds credentials.
    pub(crate) fn named(names: &mut dyn Iterator<Item = &str>, folded: &mut Name<'_>) -> Option<Self> {
        let (mut count, mut secret) = (0, Vec::new());
        for said in names {
            folded.read(said);
            secret.extend(folded.assigned().map(|rule| (count, rule)));
            count += 1;
        }
        (!secret.is_empty()).then_some(Self { count, secret })
    }

    /// The rule of what a row has in one of them, if it is a credential.
    pub(crate) fn rule(&self, index: usize, cell: &str) -> Option<&'static str> {
        let (_, rule) = self.secret.iter().find(|(column, _)| *column == index)?;
        can_be(rule, cell).then_some(rule)
    }
}

/// A table whose first line names its columns.
struct Table {
    between: Between,
    /// Whether a space follows each comma.
    is_spaced: bool,
    columns: Columns,
    /// Where their names are in that line.
    names: Vec<Range<usize>>,
}

/// Where the name ends that has a word up to a place, if it may be a cell, or the head of what is below: `API_KEY_PROD`.
pub(super) fn cell_end(text: &[u8], end: usize) -> Option<usize> {
    const MORE: usize = 16;
    let rest = text.get(end..)?;
    let more = rest.iter().take(MORE).take_while(|byte| byte.is_ascii_alphanumeric() || b"_*".contains(byte)).count();
    let is_end = matches!(
        rest.get(more..)?,
        [b',' | b';' | b'|' | b'\t' | b'"' | b'`' | b')' | b']' | b'?' | b'\\' | b'\r' | b'\n' | BAR, ..]
            | [b':', b'\\' | b'\r' | b'\n', ..]
            | [b' ', b' ' | b'|' | b'(' | b')' | b'\r' | b'\n' | BAR | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z', ..]
    );
    is_end.then_some(end + more)
}

/// Finds credentials in the rows of a text, which has names of credentials that end at `names`, in order.
pub(super) fn find(text: &str, names: &[usize], rules: &Rules, hits: &mut Hits) {
    let (mut folded, mut valued) = (Name::under(rules), Valued::default());
    // What was read already, since a table's line is no other's first; and what was seen to have no rule below it.
    let (mut done, mut prose) = (0, 0);
    for at in names {
        // Prose goes on so, and names of columns only above a rule.
        let is_prose = matches!(text.as_bytes().get(*at..), Some([b' ', next, ..]) if next.is_ascii_alphanumeric());
        let is_no_cell = matches!(text.as_bytes().get(*at), Some(b'\\' | b':'));
        if is_no_cell || *at <= if is_prose { done.max(prose) } else { done } {
            continue;
        }
        let start = text.get(..*at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1).max(done);
        let mut lines = text.get(start..).unwrap_or_default().split('\n');
        let (Some(line), below) = (lines.next(), lines.next()) else { break };
        let apart = below.map(|below| ruled(line, below)).unwrap_or_default();
        if is_prose && apart.is_empty() {
            prose = start + line.len();
            continue;
        }
        done = start + line.len() + 1;
        let parted = || between(line).filter(|_| line.len() <= LONGEST);
        let Some(between) = (!apart.is_empty()).then_some(Between::Spaces).or_else(parted) else { continue };
        pair(text, line, between, start, &mut valued, &mut folded, hits);
        let is_first = |table: &Table| !is_row(text, start, table) && !is_list(line, below, table);
        let is_ruled = match between {
            // As a database's shell prints them; a shell's own pipes have spaces.
            Between::Byte(b'|') if !line.contains(' ') => {
                let count = cells(line, between).len();
                below.is_some_and(|below| is_rule(below) || cells(below, between).len() == count)
            }
            Between::Spaces => !apart.is_empty(),
            Between::Byte(b'|') | Between::Bar => below.is_some_and(is_rule),
            Between::Byte(_) => false,
        };
        let cells = if apart.is_empty() { cells(line, between) } else { apart };
        let table = named(line, cells, between, is_ruled, &mut folded).filter(is_first);
        if let Some(table) = table {
            done = table.rows(text, done, &mut folded, hits);
        }
    }
}

/// The table whose columns a line names, if one of them is of credentials.
fn named(
    line: &str,
    mut cells: Vec<Range<usize>>,
    between: Between,
    is_ruled: bool,
    folded: &mut Name<'_>,
) -> Option<Table> {
    // A text may lead in: `The file: id,api_key`, `<stdout>id,api_key`.
    let lead = |cell: &str| {
        let tag = || cell.trim_start().starts_with('<').then(|| cell.rfind('>')).flatten();
        cell.rfind(": ").map(|end| end + 2).or_else(|| tag().map(|end| end + 1))
    };
    if let Some(first) = cells.first_mut()
        && let Some(lead) = line.get(first.clone()).and_then(lead)
    {
        first.start += lead;
    }
    let is_spaced = line.contains(", ");
    let is_separate = match between {
        // A shell's pipes are no bars.
        Between::Byte(b'|') => is_ruled || line.trim_start().starts_with('|'),
        // A list of code may go on behind its last comma.
        Between::Byte(b',') if is_spaced => !cells.iter().any(Range::is_empty),
        _ => true,
    };
    let can_be_column = |cell: &Range<usize>| {
        let said = said(line, cell);
        !TYPES.has(said.as_bytes()) && (is_ruled || said.is_empty() || is_name(title(said)))
    };
    let fewest = if is_ruled { 1 } else { 2 };
    if cells.len() < 2
        || cells.len() > MOST
        || cells.iter().filter(|cell| !cell.is_empty()).count() < fewest
        || !is_separate
        || !cells.iter().all(can_be_column)
    {
        return None;
    }
    let mut names =
        cells.iter().map(|cell| Some(title(said(line, cell))).filter(|said| is_name(said)).unwrap_or_default());
    Columns::named(&mut names, folded).map(|columns| Table { between, is_spaced, columns, names: cells })
}

/// Where the cells of a line are, if the line below rules each of them off: `-------- --------`.
fn ruled(line: &str, below: &str) -> Vec<Range<usize>> {
    let below = below.trim_end();
    if !below.contains(' ') || line.len() > LONGEST || !below.bytes().all(|byte| b"-= ".contains(&byte)) {
        return Vec::new();
    }
    let mut at = 0;
    let begin = |rule: &str| {
        at += rule.len() + 1;
        (!rule.is_empty()).then_some(at - rule.len() - 1)
    };
    let starts: Vec<_> = below.split(' ').filter_map(begin).collect();
    let ends = starts.iter().skip(1).copied().chain([line.len()]);
    let mut cells = Vec::new();
    for (start, end) in starts.iter().zip(ends) {
        let end = end.min(line.len());
        add(&mut cells, line, end.min(*start)..end, Between::Bar);
    }
    cells
}

/// Whether a table's first line, which begins at a place, is a row of another: one is above it, or beyond the rule
/// there.
fn is_row(text: &str, start: usize, table: &Table) -> bool {
    let near = near_before(text, start, LONGEST);
    let mut above = near.rsplit('\n').skip(1).take(2).peekable();
    let is_ruled = above.next_if(|line| is_rule(line)).is_some();
    // A sentence above has commas too, and a command its pipes.
    let is_drawn = |line: &str| is_ruled || line.trim_start().starts_with(['|', '│', '┃', '║']);
    let is_one =
        |line: &str| is_drawn(line) && !is_rule(line) && cells(line, table.between).len() == table.columns.count;
    above.next().is_some_and(is_one)
}

/// Whether a line below a name says the same behind it, as lists do that have no names of columns: `passwd  amd64`.
fn is_list(line: &str, below: Option<&str>, table: &Table) -> bool {
    let cell = table.behind(line).filter(|_| table.between == Between::Spaces);
    cell.is_some() && cell == below.and_then(|line| table.behind(line))
}

/// Whether a line only parts others.
fn is_rule(line: &str) -> bool {
    line.contains(['─', '━', '═'])
        || (line.contains(['-', '=']) && line.bytes().all(|byte| b"-+|:= \r".contains(&byte)))
}

impl Table {
    /// What a line has behind the first column of credentials.
    fn behind<'t>(&self, line: &'t str) -> Option<&'t str> {
        let cell = cells(line, self.between).into_iter().nth(self.columns.secret.first()?.0 + 1)?;
        line.get(cell)
    }

    /// Reads the rows from a place on. Gives where they end: one line between them may be none.
    fn rows(&self, text: &str, mut at: usize, folded: &mut Name<'_>, hits: &mut Hits) -> usize {
        let (mut end, mut is_missed) = (at, false);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let line = record(rest, self.between);
            if is_missed && named(line, cells(line, self.between), self.between, false, folded).is_some() {
                break;
            }
            let is_row = self.read(line, at, is_missed, hits);
            at += line.len() + 1;
            if is_row {
                end = at;
            } else if is_missed || self.between == Between::Spaces {
                break;
            }
            is_missed = !is_row;
        }
        end
    }

    /// Reads a line of it, behind one that is none or not. Gives whether it is one.
    fn read(&self, line: &str, at: usize, is_behind: bool, hits: &mut Hits) -> bool {
        let cells = cells(line, self.between);
        let count = self.columns.count;
        let is_whole = cells.len() == count;
        // A sentence has commas too, with spaces behind them.
        let is_alike = self.is_spaced || self.between != Between::Byte(b',') || !line.contains(", ");
        let is_more = cells.len() > count && self.between != Between::Spaces;
        if is_rule(line) || ((is_behind || is_more) && !is_alike) {
            return is_rule(line);
        }
        let mut is_row = is_whole || is_more;
        for (index, _) in &self.columns.secret {
            let cell = cells.get(*index).filter(|_| is_whole || is_more).cloned();
            // A cell too many may stand before the column, or behind it.
            let last = if is_more { cells.get(cells.len() - count + index).cloned() } else { None };
            let is_aligned = self.between == Between::Spaces;
            let aligned = || self.names.get(*index).filter(|_| is_aligned).and_then(|name| word_at(line, name));
            for cell in [cell.or_else(aligned), last].into_iter().flatten() {
                is_row = true;
                if let Some(rule) = self.columns.rule(*index, said(line, &cell)) {
                    hits.push(at + cell.start..at + cell.end, Rule::Name(rule));
                }
            }
        }
        is_row
    }
}

/// The line that a text begins with, and those that quotes make one with it.
fn record(text: &str, between: Between) -> &str {
    let mut is_quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if matches!(between, Between::Byte(b',' | b';' | b'\t')) => is_quoted = !is_quoted,
            b'\n' if !is_quoted => return text.get(..at).unwrap_or_default(),
            // Nothing ends what begins so.
            b'\n' if at > LONGEST => break,
            _ => {}
        }
    }
    text.split('\n').next().unwrap_or_default()
}

/// The word of a line that begins where its column does, or ends there.
fn word_at(line: &str, column: &Range<usize>) -> Option<Range<usize>> {
    let (before, behind) = line.split_at_checked(column.start)?;
    if before.ends_with(' ') && !behind.starts_with([' ', '\r']) {
        return Some(column.start..column.start + behind.split([' ', '\r']).next()?.len());
    }
    let (before, behind) = line.split_at_checked(column.end)?;
    let is_last = behind.is_empty() || behind.starts_with([' ', '\r']);
    let word = before.rsplit(' ').next().filter(|word| is_last && !word.is_empty())?;
    Some(column.end - word.len()..column.end)
}

/// The table that was last asked for its column of values: the first line of it says so, `Name  Slot  Value`.
#[derive(Default)]
struct Valued {
    start: usize,
    count: usize,
    column: Option<usize>,
}

impl Valued {
    /// Which column of a line, which begins at a place and has so many cells, is that of values.
    fn column(&mut self, text: &str, start: usize, between: Between, count: usize) -> Option<usize> {
        let far = text.floor_char_boundary(start.saturating_sub(LONGEST)).max(self.start);
        let (mut at, mut first) = (start, "");
        for line in text.get(far..start)?.rsplit('\n').skip(1) {
            let is_row = cells(line, between).len() == count;
            if !is_row && !is_rule(line) {
                break;
            }
            at = at.saturating_sub(line.len() + 1);
            first = if is_row { line } else { first };
        }
        // What a row above was told is true of those below.
        if at > self.start || count != self.count {
            let is_value = |cell: &Range<usize>| said(first, cell).eq_ignore_ascii_case("value");
            self.column = cells(first, between).iter().position(is_value);
        }
        (self.start, self.count) = (start, count);
        self.column
    }
}

/// A line that has a name and its value: `api_key<tab>x`, `| password | x |`, or farther away if its table says where.
fn pair(
    text: &str,
    line: &str,
    between: Between,
    at: usize,
    valued: &mut Valued,
    folded: &mut Name<'_>,
    hits: &mut Hits,
) {
    let cells = cells(line, between);
    let is_one = match between {
        Between::Byte(b',' | b';') => cells.len() == 2 && !line.contains([' ', '(', ')']),
        // A shell's pipes are none.
        Between::Byte(b'|') => line.trim_start().starts_with('|'),
        _ => cells.len() >= 2,
    };
    let far = cells.first().filter(|_| is_one && cells.len() > 2).and_then(|first| {
        folded.rule_of(title(said(line, first)))?;
        Some((first, cells.get(valued.column(text, at, between, cells.len())?)?))
    });
    for (label, value) in cells.iter().zip(cells.iter().skip(1)).filter(|_| is_one).chain(far) {
        let (label, said) = (title(said(line, label)), said(line, value));
        if let Some(rule) = folded.rule_of(label).filter(|_| is_name(label))
            && can_be(rule, said)
            && !(rule == PASS && is_passed(label, said))
            && !is_other_name(said, folded.rules())
        {
            hits.push(at + value.start..at + value.end, Rule::Name(rule));
        }
    }
}

/// What parts the cells of a line, if there are several.
fn between(line: &str) -> Option<Between> {
    let has = |byte: u8| line.as_bytes().contains(&byte);
    if line.as_bytes().windows(3).any(|three| bar(three).is_some()) {
        return Some(Between::Bar);
    }
    let byte = [b'\t', b'|', b',', b';'].into_iter().find(|byte| has(*byte)).map(Between::Byte);
    byte.or_else(|| line.trim().contains("  ").then_some(Between::Spaces))
}

/// Where the cells of a line are, without white space and quotes around them.
fn cells(line: &str, between: Between) -> Vec<Range<usize>> {
    let mut cells = Vec::new();
    let (mut start, mut is_quoted) = (0, false);
    let bytes = line.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        is_quoted ^= *byte == b'"';
        let end = match between {
            Between::Byte(end) => (*byte == end && !is_quoted).then_some(1),
            Between::Bar => bytes.get(at..).and_then(bar),
            Between::Spaces => (*byte == b' ' && bytes.get(at + 1) == Some(&b' ')).then_some(1),
        };
        if let Some(length) = end {
            add(&mut cells, line, start..at, between);
            start = at + length;
        }
        if cells.len() > MOST {
            break;
        }
    }
    add(&mut cells, line, start..line.len(), between);
    // Lines that bars begin and end.
    if matches!(between, Between::Byte(b'|') | Between::Bar) {
        let is_empty = |cell: Option<&Range<usize>>| cell.is_some_and(Range::is_empty);
        if is_empty(cells.last()) {
            cells.pop();
        }
        if is_empty(cells.first()) {
            cells.remove(0);
        }
    }
    cells
}

fn add(cells: &mut Vec<Range<usize>>, line: &str, cell: Range<usize>, between: Between) {
    let is_around = |one: char| one.is_whitespace() || matches!(one, '"' | '`');
    let text = said(line, &cell).trim_end_matches(is_around);
    let (end, length) = (cell.start + text.len(), text.trim_start_matches(is_around).len());
    if between != Between::Spaces || length > 0 {
        cells.push(end - length..end);
    }
}

fn said<'t>(line: &'t str, cell: &Range<usize>) -> &'t str {
    line.get(cell.clone()).unwrap_or_default()
}

/// What a cell calls its column, without what it says of it: `Password (prod)`, `**Password**`, `Password?`.
fn title(cell: &str) -> &str {
    let name = cell.split_once(" (").filter(|_| cell.ends_with(')')).map_or(cell, |(name, _)| name);
    name.trim_end_matches(['?', ':']).trim_matches('*')
}

/// Whether a cell can name a column.
pub(crate) fn is_name(cell: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b" _-./#&".contains(&byte) || !byte.is_ascii();
    (1..=LONGEST_NAME).contains(&cell.len())
        && !cell.starts_with(|first: char| first.is_ascii_digit())
        && cell.bytes().all(is_of_name)
        && cell.split(' ').count() <= 4
}

/// Whether a cell can be what its column says.
pub(crate) fn can_be(rule: &str, cell: &str) -> bool {
    // A word of those who write about credentials, and no part of a password.
    let is_term = || cell.bytes().all(|byte| byte.is_ascii_alphanumeric()) && has_term(cell);
    let is_hex = || cell.bytes().all(|byte| byte.is_ascii_hexdigit());
    match rule {
        PASSWORD | CODE => can_be_password(cell) && !is_term(),
        // A conversation may be known by it.
        SESSION_ID if is_conversation(cell) => false,
        // Tables of files have their digests.
        "signature" if is_hex() => false,
        SECRET_ID => is_uuid(cell),
        TOKEN => is_long(cell) && can_be_credential(cell),
        _ => can_be_credential(cell) && !is_term(),
    }
}
