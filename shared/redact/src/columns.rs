//! What stands in rows: a table's first line names its columns, and what a column of passwords has is one in every line
//! below. A line of `.pgpass` and of a jar of cookies is known by its columns alone.

use super::{
    mask::{Hits, Rule},
    names::{CODE, COOKIE, Name, PASS, PASSWORD, SECRET_ID, SESSION_ID, TOKEN, is_other_name},
    near::{near, near_before},
    rules::Rules,
    values::{can_be_credential, can_be_password, is_conversation, is_long, is_passed, is_uuid},
    words::Words,
};
use memchr::memchr;
use std::ops::Range;

/// The longest line, or list of columns, that is read, in bytes, and the most columns.
pub(super) const LONGEST: usize = 2_048;
pub(super) const MOST: usize = 64;
/// What files of cookies begin with.
const JAR: &str = "HTTP Cookie File";
/// The longest name of a column, in bytes.
const LONGEST_NAME: usize = 64;
/// What a list of columns says of each, and no column is called.
static TYPES: Words =
    Words::of("bigint bool boolean bytea double float int integer nvarchar smallint str string varchar");

/// The first byte of `│`, `┃` and `║`.
const BAR: u8 = 0xe2;

/// How long the bar is that a text begins with.
fn bar(text: &[u8]) -> Option<usize> {
    matches!(text, [BAR, 0x94, 0x82 | 0x83, ..] | [BAR, 0x95, 0x91, ..]).then_some(3)
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
pub(super) struct Columns {
    count: usize,
    /// Each of these by its place in a row, with its rule.
    secret: Vec<(usize, &'static str)>,
}

impl Columns {
    /// Those that are called so, if one of them holds credentials.
    pub(super) fn named<'t>(names: impl Iterator<Item = &'t str>, name: &mut Name<'_>) -> Option<Self> {
        let (mut count, mut secret) = (0, Vec::new());
        for said in names {
            name.read(said);
            secret.extend(name.assigned().map(|rule| (count, rule)));
            count += 1;
        }
        (!secret.is_empty()).then_some(Self { count, secret })
    }

    /// The rule of what a row has in one of them, if it is a credential.
    pub(super) fn rule(&self, index: usize, cell: &str) -> Option<&'static str> {
        let (_, rule) = self.secret.iter().find(|(column, _)| *column == index)?;
        can_be(rule, cell).then_some(rule)
    }
}

/// A table whose first line names its columns.
struct Table {
    between: Between,
    columns: Columns,
}

/// Where the name ends that has a word up to a place, if it may be a cell: `API_KEY_PROD`.
pub(super) fn cell_end(text: &[u8], end: usize) -> Option<usize> {
    const MORE: usize = 16;
    let rest = text.get(end..)?;
    let more = rest.iter().take(MORE).take_while(|byte| byte.is_ascii_alphanumeric() || b"_*".contains(byte)).count();
    let is_end = matches!(
        rest.get(more..)?,
        [b',' | b';' | b'|' | b'\t' | b'"' | b'`' | b')' | b']' | b'\r' | b'\n' | BAR, ..]
            | [b' ', b' ' | b'|' | b')' | b'\r' | b'\n' | BAR, ..]
    );
    is_end.then_some(end + more)
}

/// Finds credentials in the rows of a text, which has names of credentials that end at `names`, in order.
pub(super) fn find(text: &str, names: &[usize], rules: &Rules, hits: &mut Hits) {
    let mut name = Name::under(rules);
    // What was read already: a table's line is no other's first.
    let mut done = 0;
    for at in names {
        if *at <= done {
            continue;
        }
        let start = text.get(..*at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1).max(done);
        let mut lines = text.get(start..).unwrap_or_default().split('\n');
        let Some(line) = lines.next() else { break };
        done = start + line.len() + 1;
        let Some(between) = (line.len() <= LONGEST).then(|| between(line)).flatten() else { continue };
        pair(line, between, start, &mut name, hits);
        let below = lines.clone().next();
        let is_first = |table: &Table| !is_row(text, start, table) && !is_list(line, below, table);
        let table = named(line, between, &mut name).filter(is_first);
        if let Some(table) = table {
            for line in lines.take_while(|line| line.len() <= LONGEST) {
                if !table.read(line, done, hits) {
                    break;
                }
                done += line.len() + 1;
            }
        }
    }
    // Its columns are between tabs.
    if memchr(b'\t', text.as_bytes()).is_some() && (text.contains("\tTRUE\t") || text.contains("\tFALSE\t")) {
        let is_jar = text.contains(JAR);
        let mut start = 0;
        for line in text.split('\n') {
            cookie(line, start, is_jar, hits);
            start += line.len() + 1;
        }
    }
}

/// The table whose columns a line names, if one of them is of credentials.
fn named(line: &str, between: Between, name: &mut Name<'_>) -> Option<Table> {
    let mut cells = cells(line, between);
    // A text may lead in: `The file: id,api_key`.
    if let Some(first) = cells.first_mut()
        && let Some(lead) = line.get(first.clone()).and_then(|cell| cell.rfind(": "))
    {
        first.start += lead + 2;
    }
    let can_be_column = |cell: &Range<usize>| is_name(said(line, cell)) && !TYPES.has(said(line, cell).as_bytes());
    if cells.len() < 2 || cells.len() > MOST || !cells.iter().all(can_be_column) {
        return None;
    }
    Columns::named(cells.iter().map(|cell| said(line, cell)), name).map(|columns| Table { between, columns })
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
    line.contains(['─', '━', '═']) || (line.contains('-') && line.bytes().all(|byte| b"-+|:= \r".contains(&byte)))
}

impl Table {
    /// What a line has behind the first column of credentials.
    fn behind<'t>(&self, line: &'t str) -> Option<&'t str> {
        let cell = cells(line, self.between).into_iter().nth(self.columns.secret.first()?.0 + 1)?;
        line.get(cell)
    }

    /// Reads a line of it. Gives whether it is one.
    fn read(&self, line: &str, at: usize, hits: &mut Hits) -> bool {
        let cells = cells(line, self.between);
        if cells.len() != self.columns.count {
            return is_rule(line);
        }
        for (index, cell) in cells.iter().enumerate() {
            if let Some(rule) = self.columns.rule(index, said(line, cell)) {
                hits.push(at + cell.start..at + cell.end, Rule::Name(rule));
            }
        }
        true
    }
}

/// A line that has a name and its value: `api_key<tab>x`, `| password | x |`.
fn pair(line: &str, between: Between, at: usize, name: &mut Name<'_>, hits: &mut Hits) {
    let cells = cells(line, between);
    let is_one = match between {
        Between::Byte(b',' | b';') => cells.len() == 2 && !line.contains([' ', '(', ')']),
        // A shell's pipes are none.
        Between::Byte(b'|') => line.trim_start().starts_with('|'),
        _ => cells.len() >= 2,
    };
    for pair in cells.windows(2).filter(|_| is_one) {
        let [label, value] = pair else { continue };
        let (label, said) = (said(line, label), said(line, value));
        if let Some(rule) = name.rule_of(label).filter(|_| is_name(label))
            && can_be(rule, said)
            && !(rule == PASS && is_passed(label, said))
            && !is_other_name(said, name.rules())
        {
            hits.push(at + value.start..at + value.end, Rule::Name(rule));
        }
    }
}

/// A cookie's line in the files of curl and of browsers: its host, two flags, its path, its end, its name and its
/// value.
fn cookie(line: &str, at: usize, is_jar: bool, hits: &mut Hits) {
    const SHORTEST: usize = 12;
    let cells: Vec<&str> = line.trim_end_matches('\r').split('\t').take(8).collect();
    let is_flag = |cell: &str| matches!(cell, "TRUE" | "FALSE");
    if let [_, one, _, two, end, _, value] = cells[..]
        && is_flag(one)
        && is_flag(two)
        && end.bytes().all(|byte| byte.is_ascii_digit())
        && !value.is_empty()
        // Without what such files begin with, other tables may look so.
        && (is_jar || (value.len() >= SHORTEST && can_be_credential(value)))
    {
        let end = at + line.trim_end_matches('\r').len();
        hits.push(end - value.len()..end, Rule::Name(COOKIE));
    }
}

/// Finds the password of a line of `.pgpass`, of which the first colon is at a place:
/// `host:5432:database:user:password`.
pub(super) fn at_colon(text: &str, at: usize, hits: &mut Hits) -> Option<usize> {
    const LONGEST_HOST: usize = 128;
    const LONGEST: usize = 256;
    let before = near_before(text, at, LONGEST_HOST);
    let host = before.rsplit('\n').next()?;
    let is_host =
        host.len() < LONGEST_HOST && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-*_/".contains(&byte));
    let rest = near(text, at + 1, LONGEST);
    let line = rest.split(['\r', '\n', '"', ' ']).next()?;
    let (mut parts, mut start) = ([0; 3], 0);
    for part in &mut parts {
        *part = line.get(start..)?.find(':')?;
        start += *part + 1;
    }
    let port = line.get(..parts[0])?;
    let is_port = port == "*" || (port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()));
    let password = line.get(start..)?;
    // An address of IPv6, a fingerprint.
    let is_hex = || host.bytes().chain(line.bytes()).all(|byte| byte.is_ascii_hexdigit() || byte == b':');
    let is_one = !host.is_empty() && is_host && is_port && parts.iter().all(|part| *part > 0) && !is_hex();
    let start = at + 1 + start;
    (is_one && can_be_password(password)).then(|| hits.push(start..start + password.len(), Rule::Name(PASSWORD)))
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
    let text = line.get(cell.clone()).unwrap_or_default();
    let trimmed = text.trim_matches(|one: char| one.is_whitespace() || matches!(one, '"' | '`'));
    let start = cell.start + text.len()
        - text.trim_start_matches(|one: char| one.is_whitespace() || matches!(one, '"' | '`')).len();
    if between != Between::Spaces || !trimmed.is_empty() {
        cells.push(start.min(cell.end)..start.min(cell.end) + trimmed.len());
    }
}

fn said<'t>(line: &'t str, cell: &Range<usize>) -> &'t str {
    line.get(cell.clone()).unwrap_or_default()
}

/// Whether a cell can name a column.
pub(super) fn is_name(cell: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b" _-./#*".contains(&byte) || !byte.is_ascii();
    (1..=LONGEST_NAME).contains(&cell.len())
        && !cell.starts_with(|first: char| first.is_ascii_digit())
        && cell.bytes().all(is_of_name)
        && cell.split(' ').count() <= 4
}

/// Whether a cell can be what its column says.
pub(super) fn can_be(rule: &str, cell: &str) -> bool {
    match rule {
        PASSWORD | CODE => can_be_password(cell),
        // A conversation may be known by it.
        SESSION_ID if is_conversation(cell) => false,
        SECRET_ID => is_uuid(cell),
        TOKEN => is_long(cell) && can_be_credential(cell),
        _ => can_be_credential(cell),
    }
}
