//! What a text assigns to a name that says it is a credential: `Authorization: Bearer x`, `api_key = "x"`,
//! `("x-api-key", "x")`, `--password x`, `<secret>x</secret>`; and what it says of one: `the password is x`, `ENV KEY x`.

use super::{
    mask::{Hits, Rule, mask_at},
    names::{Name, PASSWORD, TOKEN, can_end},
    rules::OWN_NAME,
    scheme::{begins_with_list, begins_with_parameter, list_end, scheme},
    units::entity,
    values::{
        JUDGED, LONGEST_PASSWORD, begins_with_placeholder, can_be_credential, can_be_password, clipped, has_term,
        is_drawn, is_long, is_of_words, is_path_of_code, is_placeholder, is_uuid, stands_for_password,
    },
};
use std::ops::Range;

/// How far away the quote may be that ends a value with spaces in it, in bytes.
const NEAR: usize = 256;
/// The shortest value that is taken in a text for a name of the operator's, in bytes.
const SHORTEST_OWN: usize = 4;
/// The shortest number that is a password wherever it stands behind its name.
const SHORTEST_NUMBER: usize = 6;
/// How much is read of a name, in bytes.
const LONGEST_NAME: usize = 64;
/// The most signs between a name and what assigns to it: quotes, brackets, spaces.
const MOST_SIGNS: usize = 12;
/// The shortest value that a name is taken for which says `key` and no more, in bytes.
const SHORTEST_VAGUE: usize = 20;
/// The rule of these.
const VAGUE: &str = "key";
/// What a sentence puts between a name and its value.
const LINKS: [&str; 16] =
    ["is", "was", "are", "be", "to", "equals", "ist", "lautet", "est", "é", "=>", "->", "→", "—", "–", "-"];
/// What holds a value whose name stands before it: an attribute, an element, an option.
const VALUES: [&str; 6] = ["value", "content", "string", "td", "dd", "body"];
/// What code and what it prints have around a value.
const WRAPPERS: [&str; 10] = [
    "Some(",
    "Secret(",
    "SecretStr(",
    "SecretString(",
    "String(",
    "[]byte(",
    "[]string{",
    "ConvertTo-SecureString ",
    "|",
    "?",
];

/// Finds the credential that is assigned at a separator: `=`, `:`, `>` of a tag, a space behind an option, or a comma
/// behind a quote. Gives where it ends.
pub(super) fn at_separator(text: &str, at: usize, folded: &mut Name<'_>, hits: &mut Hits) -> Option<usize> {
    let (range, rule) = found(text, at, folded)?;
    let end = range.end;
    hits.push(range, Rule::Name(rule));
    // The value may have a shape that says more.
    (rule != VAGUE).then_some(end)
}

fn found(text: &str, at: usize, folded: &mut Name<'_>) -> Option<(Range<usize>, &'static str)> {
    let bytes = text.as_bytes();
    let separator = *bytes.get(at)?;
    // `??=`, `||=`, `?=`
    let is_sign = |byte: &u8| b" \t\"'`\\]*".contains(byte) || (separator == b'=' && b"?|".contains(byte));
    let before = bytes.get(at.saturating_sub(MOST_SIGNS)..at)?;
    let signs = before.iter().rev().take_while(|byte| is_sign(byte)).count();
    let name = name_before(bytes, at - signs);
    let last = *bytes.get(name.end.checked_sub(1)?)?;
    if !can_end(last, folded.rules()) {
        return None;
    }
    let before = name.start.checked_sub(1).and_then(|before| bytes.get(before)).copied();
    let is_attribute = || separator == b'>' && is_named_attribute(bytes, name.start);
    match separator {
        b'>' if !matches!(before, Some(b'<' | b':')) && !is_attribute() => return None,
        // A resource's name has colons: `arn:aws:secretsmanager:r:1:secret:db-x`.
        b':' if before == Some(b':') && is_of_resource(bytes, name.start) => return None,
        b' ' if before != Some(b'-') && bytes.get(name.start) != Some(&b'-') => return None,
        _ => {}
    }
    folded.read(text.get(name.clone())?);
    let rule = folded.assigned().or_else(|| {
        let said = if separator == b'=' && ["string", "str"].iter().any(|kind| folded.is_named(kind)) {
            declared(bytes, name.start)
        } else if VALUES.iter().any(|value| folded.is_named(value)) {
            let label = label_before(bytes, name.start).or_else(|| element_before(bytes, name.start));
            label.or_else(|| option_before(bytes, name.start))?
        } else if separator == b':'
            && ["is", "was", "provided", "given", "used"].iter().any(|word| folded.is_named(word))
        {
            // `The password is: x`, `API key provided: x`.
            let said = name_before(bytes, name.start.checked_sub(1)?);
            folded.read(text.get(said.clone())?);
            if folded.assigned().is_some() { said } else { phrase(bytes, &said)? }
        } else {
            phrase(bytes, &name)?
        };
        folded.read(text.get(said.clone())?);
        folded.assigned().or_else(|| {
            folded.read(text.get(phrase(bytes, &said)?)?);
            folded.assigned()
        })
    });
    let Some(rule) = rule else {
        let range = run(text, opening(text, at + 1).0, JUDGED);
        let value = text.get(range.clone())?;
        // Members and attributes of code are called so too.
        let is_of_prose = match separator {
            b':' => !matches!(before, Some(b'"' | b'\'')),
            b'=' => begins_line(text, name.start) || bytes.get(name.end) == Some(&b' '),
            _ => false,
        };
        let is_taken = is_of_prose && folded.is_vague() && is_vague_key(value);
        return is_taken.then(|| (run(text, range.start, usize::MAX), VAGUE));
    };
    let range = value(text, folded, rule, &name, at)?;
    let value = text.get(range.clone())?;
    (rule != TOKEN || is_token(folded, value)).then_some((range, rule))
}

/// Whether a value is a key, although its name may be that of anything: nothing else is as long and as mixed.
fn is_vague_key(value: &str) -> bool {
    let is_of_key = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+=".contains(&byte);
    value.len() >= SHORTEST_VAGUE && value.bytes().all(is_of_key) && is_drawn(value)
}

/// Finds what a sentence or a command says behind a name, the last word of which ends at a place: `the password is x`,
/// `ENV API_KEY x`, `the api key for acme is "x"`.
pub(super) fn at_word(text: &str, end: usize, folded: &mut Name<'_>, hits: &mut Hits) -> Option<usize> {
    let bytes = text.as_bytes();
    let signs = bytes.get(end..)?.iter().take(3).take_while(|byte| b"`\"'*".contains(byte)).count();
    let gap = end + signs;
    let name = name_before(bytes, end);
    let first = phrase(bytes, &name).map_or(name.start, |phrase| phrase.start);
    // A page has a name above its value.
    let (below, has_colon) = match bytes.get(gap..)? {
        [b' ', ..] => (None, false),
        [b':', b'\n', ..] => (Some(line_below(text, gap + 2)), true),
        [b':', b'\r', b'\n', ..] => (Some(line_below(text, gap + 3)), true),
        [b'\n', ..] if begins_line(text, first) => (Some(line_below(text, gap + 1)), false),
        [b'\r', b'\n', ..] if begins_line(text, first) => (Some(line_below(text, gap + 2)), false),
        _ => return None,
    };
    let written = text.get(name.clone())?;
    folded.read(written);
    let rule = folded.assigned().or_else(|| {
        folded.read(text.get(phrase(bytes, &name)?)?);
        folded.assigned()
    });
    // What passes says so too.
    if (rule.is_none() && !folded.is_vague()) || rule == Some("pass") {
        return None;
    }
    let start = if below.is_some() { None } else { link(text, gap) };
    let (at, quote) = opening(text, start.or(below).unwrap_or(gap));
    let at = at + usize::from(quote.is_none() && bytes.get(at) == Some(&b'('));
    let closed = quote.and_then(|quote| quote.close(text, at));
    let judged = closed.map_or_else(|| at..word_end(text, run(text, at, JUDGED).end), |end| at..end);
    let is_last = line_rest(text, judged.end).trim_matches(['=', ' ', '\t']).is_empty();
    let is_alone = || is_last && begins_line(text, first);
    if below.is_some() && (!is_last || text.get(judged.clone())?.contains("://")) {
        return None;
    }
    let is_login = || is_alone() || line_before(text, name.start).contains("login ");
    let said = Said {
        value: text.get(judged.clone())?,
        is_quoted: closed.is_some(),
        is_linked: start.is_some() || has_colon,
        is_command: below.is_none() && (is_variable(written) || (rule == Some(PASSWORD) && is_login())),
    };
    let is_taken = said.is_credential(rule)
        && !begins_with_placeholder(text.get(at..)?)
        && !(closed.is_none() && is_code(text, judged.end, said.value, folded))
        && Name::of(said.value, folded.rules()).assigned().is_none();
    is_taken.then(|| {
        let end = closed.unwrap_or_else(|| run(text, at, usize::MAX).end.max(judged.end));
        hits.push(at..end, Rule::Name(rule.unwrap_or(VAGUE)));
        end
    })
}

/// What is said of a name.
struct Said<'t> {
    value: &'t str,
    is_quoted: bool,
    /// Whether a word as `is` stands before it.
    is_linked: bool,
    /// Whether its name is a variable's, or a password has its line to itself.
    is_command: bool,
}

impl Said<'_> {
    /// Whether it is what a name of this rule says: prose goes on behind such names, and has numbers too.
    fn is_credential(&self, rule: Option<&str>) -> bool {
        let Self { value, is_quoted, is_linked, is_command } = *self;
        let is_credential = || can_be_credential(value);
        match rule {
            _ if is_placeholder(value) || has_term(value) => false,
            None => is_linked && is_vague_key(value),
            Some(PASSWORD) if is_quoted || is_linked || is_command => can_be_password(value),
            Some(TOKEN) => is_credential() && is_long(value) && !is_of_words(value),
            Some(_) if is_quoted || is_command => is_credential(),
            Some(_) => is_credential() && !is_of_words(value) && (is_linked || value.len() >= SHORTEST_BARE),
        }
    }
}

/// Where the text begins that is in the lines below a name: behind empty ones, and what begins a block of code.
fn line_below(text: &str, at: usize) -> usize {
    const MOST_LINES: usize = 3;
    const LONGEST: usize = 24;
    let mut at = at;
    for _ in 0..MOST_LINES {
        let near = clipped(text.get(at..).unwrap_or_default(), LONGEST);
        let Some((line, _)) = near.split_once('\n') else { break };
        if !line.trim().is_empty() && !line.starts_with("```") {
            break;
        }
        at += line.len() + 1;
    }
    let near = clipped(text.get(at..).unwrap_or_default(), LONGEST);
    at + near.len() - near.trim_start_matches([' ', '\t']).len()
}

/// The shortest key that stands behind its name with nothing between them, in bytes.
const SHORTEST_BARE: usize = 16;

/// Where a value begins that a sentence links to the name before a place: behind `is`, also in `for the staging server is`.
fn link(text: &str, at: usize) -> Option<usize> {
    const MOST_WORDS: usize = 6;
    const LONGEST_WORD: usize = 20;
    // What these say is of something else.
    const OTHERS: [&str; 16] = [
        "hash",
        "id",
        "fingerprint",
        "name",
        "digest",
        "length",
        "count",
        "prefix",
        "checksum",
        "type",
        "path",
        "file",
        "version",
        "limit",
        "and",
        "or",
    ];
    let mut at = at;
    for _ in 0..MOST_WORDS {
        let rest = text.get(at..)?.strip_prefix(' ')?;
        at += 1;
        let word = clipped(rest, LONGEST_WORD).split([' ', '\n']).next()?;
        at += word.len();
        if LINKS.contains(&word) {
            // `should be set to x`
            let is_set = text.get(at..).is_some_and(|rest| rest.starts_with(" set to "));
            return Some(if is_set { at + 7 } else { at });
        }
        if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_alphabetic()) || OTHERS.contains(&word) {
            return None;
        }
    }
    None
}

/// Whether a name is written as variables and options are.
fn is_variable(name: &str) -> bool {
    let mut letters = name.bytes().filter(u8::is_ascii_alphabetic);
    let is_upper = name.len() > 3 && letters.clone().all(|byte| byte.is_ascii_uppercase());
    letters.next();
    name.contains('_') || name.starts_with('-') || is_upper || letters.any(|byte| byte.is_ascii_uppercase())
}

/// What stands before a place in its line, as far as it is near.
fn line_before(text: &str, at: usize) -> &str {
    let near = text.get(text.floor_char_boundary(at.saturating_sub(LONGEST_NAME))..at).unwrap_or_default();
    near.rsplit('\n').next().unwrap_or_default()
}

/// Whether a place is the first of its line, but for what lists and shells put before it.
fn begins_line(text: &str, at: usize) -> bool {
    matches!(line_before(text, at).trim(), "" | "-" | "*" | "#" | "export" | "set" | "ENV" | "ARG")
}

/// A name with the word before it: two words may be one name, as `api key`.
fn phrase(bytes: &[u8], name: &Range<usize>) -> Option<Range<usize>> {
    let space = name.start.checked_sub(1).filter(|space| *space > 0 && bytes.get(*space) == Some(&b' '))?;
    let start = name_before(bytes, space).start;
    (start < space).then_some(start..name.end)
}

/// Whether a name is what an attribute says that an element is called: `<entry key="password">`.
fn is_named_attribute(bytes: &[u8], start: usize) -> bool {
    let before = bytes.get(..start).unwrap_or_default();
    ["key=\"", "name=\"", "id=\""].iter().any(|attribute| before.ends_with(attribute.as_bytes()))
}

/// The name that an element before a place has: `<key>password</key> <string>x</string>`, `<th>password</th><td>x</td>`.
fn element_before(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    const LABELS: [&str; 5] = ["</key>", "</name>", "</th>", "</td>", "</dt>"];
    let near = bytes.get(start.saturating_sub(LONGEST_NAME)..start.checked_sub(1)?)?.trim_ascii_end();
    let label = LABELS.iter().find(|label| near.ends_with(label.as_bytes()))?;
    let end = start.saturating_sub(LONGEST_NAME) + near.len() - label.len();
    Some(name_before(bytes, end))
}

/// The name that an option before a place gives: `--name /app/password --value x`, `secret set API_KEY --body x`.
fn option_before(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    const FAR: usize = 128;
    let far = start.saturating_sub(FAR);
    let before = bytes.get(far..start)?;
    let line = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let names = [&b"--name "[..], b"--name=", b"secret set ", b"env add "];
    let label = names.iter().find_map(|name| {
        let at = before.get(line..)?.windows(name.len()).rposition(|it| it == *name)?;
        Some(line + at + name.len())
    })?;
    let word = before.get(label..)?.iter().position(|byte| *byte == b' ').map_or(before.len(), |end| label + end);
    let trimmed = before.get(label..word)?.iter().rev().take_while(|byte| b"\"'".contains(byte)).count();
    Some(name_before(bytes, far + word - trimmed))
}

/// The name that a type stands behind: `const TOKEN string = "x"`, `token: String = "x"`.
fn declared(bytes: &[u8], start: usize) -> Range<usize> {
    let before = bytes.get(start.saturating_sub(MOST_SIGNS)..start).unwrap_or_default();
    name_before(bytes, start - before.iter().rev().take_while(|byte| b" :?".contains(byte)).count())
}

/// The name that ends at a place.
fn name_before(bytes: &[u8], end: usize) -> Range<usize> {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let before = bytes.get(end.saturating_sub(LONGEST_NAME)..end).unwrap_or_default();
    end - before.iter().rev().take_while(|byte| is_of_name(byte)).count()..end
}

/// Whether a place is within a resource's name.
fn is_of_resource(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(at.saturating_sub(LONGEST_NAME * 2)..at).unwrap_or_default();
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b":-_/".contains(byte);
    let word = before.iter().rev().take_while(|byte| is_of_word(byte)).count();
    before.get(before.len() - word..).is_some_and(|word| word.starts_with(b"arn:") || word.starts_with(b"urn:"))
}

/// The name of a value that stands behind it as a pair of its own: `name: "x-api-key", value: "x"`.
fn label_before(bytes: &[u8], value: usize) -> Option<Range<usize>> {
    let back = |end: usize, signs: &[u8]| {
        let before = bytes.get(end.saturating_sub(MOST_SIGNS)..end).unwrap_or_default();
        end - before.iter().rev().take_while(|byte| signs.contains(byte)).count()
    };
    let comma = back(value, b" \t\r\n\"'\\");
    let label = name_before(bytes, back(comma, b", \t\"'`\\"));
    let colon = back(label.start, b" \t\"'`\\");
    let is_assigned = matches!(bytes.get(colon.checked_sub(1)?), Some(b':' | b'='));
    let member = name_before(bytes, back(colon, b":= \t\"'\\"));
    let member = bytes.get(member)?;
    let is_name = ["name", "key", "header"].iter().any(|name| member.eq_ignore_ascii_case(name.as_bytes()));
    (is_assigned && is_name && !label.is_empty()).then_some(label)
}

/// What is assigned to a name at a separator, if it is a credential.
fn value(text: &str, name: &Name<'_>, rule: &str, written: &Range<usize>, separator: usize) -> Option<Range<usize>> {
    let (at, quote) = opening(text, separator + 1);
    let separator = *text.as_bytes().get(separator)?;
    // What ODBC has around a value.
    let brace = || text.get(at..).is_some_and(|rest| rest.starts_with('{')) && separator == b'=' && rule == PASSWORD;
    let (at, quote) = match quote {
        None if brace() => (at + 1, Some(Quote { byte: b'}', escapes: 0 })),
        quote => (at, quote),
    };
    let closed = match quote {
        None if separator == b'>' => element_end(text, at),
        quote => quote.and_then(|quote| quote.close(text, at)),
    };
    let judged = closed.map_or_else(|| line_run(text, at, written), |end| at..end);
    let value = text.get(judged.clone())?;
    if name.is_cookie() {
        // A call's next argument is none.
        let is_list = value.contains('=') && (separator != b',' || quote.is_some());
        return is_list.then(|| at..closed.unwrap_or_else(|| line_end(text, at)));
    }
    // An unquoted value is one word, so that its scheme is before it.
    let line = text.get(at..).map(|rest| clipped(rest, JUDGED))?;
    if let Some(start) = scheme(name, if closed.is_some() { value } else { line }) {
        let start = at + start;
        let end = match closed {
            Some(end) => end,
            // `Token token="x"`
            None if begins_with_list(value) || text.get(start..).is_some_and(begins_with_parameter) => {
                list_end(text, start)
            }
            None => run(text, start, usize::MAX).end,
        };
        let is_named = is_placeholder(text.get(start..end)?) || begins_with_placeholder(text.get(start..)?);
        return (start < end && !is_named).then_some(start..end);
    }
    let is_own = || name.assigned() == Some(OWN_NAME) && value.len() >= SHORTEST_OWN && !is_placeholder(value);
    let can_be_taken = (separator != b'>' || closed.is_some())
        && !(name.is_session() && is_uuid(value))
        && !(quote.is_none() && (begins_with_placeholder(line) || is_code(text, judged.end, value, name)))
        && !(quote.is_some_and(|quote| quote.byte == b'}') && is_path_of_code(value))
        && !(separator == b':' && (value.starts_with(':') || (quote.is_none() && is_tag(text, &judged))));
    if !can_be_taken {
        return None;
    }
    let is_taken = can_be_credential(value) || is_own();
    if rule == PASSWORD && !is_taken {
        return password(text, written, judged, closed.is_some());
    }
    is_taken.then(|| closed.map_or_else(|| at..run(text, at, usize::MAX).end.max(judged.end), |end| at..end))
}

/// What a password's name makes one that is nothing by itself: what is quoted or ends its line, all of a line that the
/// name begins, and whatever a variable is set to.
fn password(text: &str, name: &Range<usize>, value: Range<usize>, is_closed: bool) -> Option<Range<usize>> {
    let word = text.get(value.clone())?;
    let is_variable = || {
        let is_upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        let is_set = text.get(name.end..value.start).is_some_and(|sign| matches!(sign, "=" | "=\"" | "='"));
        let is_flag = || ["true", "false", "null", "file"].iter().any(|flag| word.eq_ignore_ascii_case(flag));
        is_set
            && text.get(name.clone()).is_some_and(|name| name.bytes().all(is_upper))
            && word.len() >= SHORTEST_OWN
            && word.bytes().all(|byte| byte.is_ascii_graphic() && !b"()[]{}<>$".contains(&byte))
            && !(stands_for_password(word) || has_term(word) || is_flag())
    };
    if is_closed || is_variable() {
        return (can_be_password(word) || is_variable()).then_some(value);
    }
    let rest = line_rest(text, value.end);
    let behind = rest.trim_start_matches(['.', '!', '?', ':']).trim_start();
    let is_last = || behind.is_empty() || behind.starts_with([';', '&', '|', '#']);
    let is_number = || word.len() >= SHORTEST_NUMBER && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_option = || text.get(name.clone()).is_some_and(|name| name.starts_with('-'));
    // A call's argument may be a variable.
    let is_set = || text.get(name.end..value.start) == Some("=") && !behind.starts_with([',', ')']);
    if can_be_password(word) && (is_last() || is_number() || is_option() || is_set()) {
        return Some(value);
    }
    let line = value.start..value.end + rest.trim_end().len();
    let phrase = text.get(line.clone())?;
    // The words of a wallet say what they are.
    let is_mnemonic =
        || ["phrase", "mnemonic"].iter().any(|end| text.get(name.clone()).is_some_and(|it| it.ends_with(end)));
    let is_all = phrase.contains(' ') && (begins_line(text, name.start) || is_mnemonic());
    (is_all && can_be_password(phrase)).then_some(line)
}

/// What is behind a place in its line or its quotes, as far as a password may go.
fn line_rest(text: &str, at: usize) -> &str {
    let rest = clipped(text.get(at..).unwrap_or_default(), LONGEST_PASSWORD);
    rest.split(['\r', '\n', '"', '\'', '`', '\\']).next().unwrap_or_default()
}

/// What a name is set to that no quotes hold. In files of variables it goes on to the end of the line: `KEY=a&b,c`.
fn line_run(text: &str, at: usize, name: &Range<usize>) -> Range<usize> {
    let start = run(text, at, JUDGED);
    let is_set = text.get(name.end..at) == Some("=");
    if !begins_line(text, name.start) {
        return start;
    }
    let rest = clipped(text.get(start.end..).unwrap_or_default(), LONGEST_PASSWORD);
    let line = rest.split(['\r', '\n']).next().unwrap_or_default();
    let (ends, trimmed) = if is_set { (&b""[..], &[',', ';'][..]) } else { (&b",;"[..], &['.', '!', '?', ':'][..]) };
    let more = line.trim_end_matches(trimmed);
    let goes_on = line.len() < LONGEST_PASSWORD
        && entity(more.as_bytes()).is_none()
        && more.bytes().all(|byte| is_of_value(byte) && !ends.contains(&byte));
    start.start..if goes_on { start.end + more.len() } else { start.end }
}

/// Whether a value that no quotes hold may go on with a byte that ends others.
fn is_of_value(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"=\"'`\\()[]{}<>".contains(&byte)
}

/// Where a value ends that is a word of a sentence: `Tr0ub4dor&3`.
fn word_end(text: &str, end: usize) -> usize {
    let rest = clipped(text.get(end..).unwrap_or_default(), JUDGED);
    let word = rest.split(|one: char| one.is_whitespace()).next().unwrap_or_default();
    if entity(word.as_bytes()).is_some() {
        return end;
    }
    let word = word.trim_end_matches(|last: char| !last.is_ascii_alphanumeric());
    if word.bytes().all(|byte| is_of_value(byte) && !b",;".contains(&byte)) { end + word.len() } else { end }
}

/// Whether a value that no quotes hold is code: a path, what is called or looked into, or another such name.
fn is_code(text: &str, end: usize, value: &str, name: &Name<'_>) -> bool {
    let is_variable = value.contains('_') && !value.bytes().any(|byte| byte.is_ascii_uppercase());
    is_path_of_code(value.strip_prefix('$').unwrap_or(value))
        || (is_variable && Name::of(value, name.rules()).assigned().is_some())
        || matches!(text.as_bytes().get(end), Some(b'(' | b'[' | b'{'))
}

/// Whether a value is a tag of YAML, behind which its own value stands: `!vault |`.
fn is_tag(text: &str, value: &Range<usize>) -> bool {
    let tag = text.get(value.clone()).and_then(|value| value.strip_prefix('!'));
    let behind =
        text.get(value.end..).and_then(|behind| behind.strip_prefix(' ')).map(|behind| behind.trim_start_matches(' '));
    tag.is_some_and(|tag| tag.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && behind.is_some_and(|behind| !behind.is_empty() && !behind.starts_with(['\r', '\n', '\\', '#']))
}

/// Whether a token is no id: an environment has only those that open something.
fn is_token(name: &Name<'_>, value: &str) -> bool {
    is_long(value) || (name.is_constant() && is_uuid(value))
}

/// What a member of a JSON object is worth, if its name says that it is a credential.
pub(super) fn member(name: &Name<'_>, value: &str) -> Option<(Range<usize>, &'static str)> {
    let rule = name.assigned()?;
    let start = scheme(name, value).unwrap_or_default();
    let is_taken = match value.get(start..)? {
        "" => false,
        // The scheme's word says that it is one.
        rest if start > 0 => !is_placeholder(rest),
        rest if name.is_session() && is_uuid(rest) => false,
        rest if rule == OWN_NAME => !is_placeholder(rest),
        rest if rule == TOKEN && !is_token(name, rest) => false,
        rest if rule == PASSWORD => can_be_password(rest),
        rest => can_be_credential(rest) || (name.is_cookie() && rest.contains('=')),
    };
    is_taken.then_some((start..value.len(), rule))
}

/// Where the password begins of a user's name and password, if it is one: the numbers of a user and a group are none.
pub(super) fn user(value: &str) -> Option<usize> {
    const SHORTEST: usize = 6;
    let (name, password) = value.split_once(':')?;
    (password.len() >= SHORTEST && can_be_password(password)).then_some(name.len() + 1)
}

/// Finds the password of what curl is told to log in with at a place: `-u name:password`.
pub(super) fn at_user(text: &str, at: usize, hits: &mut Hits) -> Option<usize> {
    let (at, quote) = opening(text, at);
    let range = quote.and_then(|quote| quote.close(text, at)).map_or_else(|| run(text, at, JUDGED), |end| at..end);
    let start = range.start + user(text.get(range.clone())?)?;
    let end = if quote.is_some() { range.end } else { run(text, start, usize::MAX).end };
    hits.push(start..end, Rule::Name("password"));
    Some(end)
}

/// Finds the password that a short option of a command gives, which only the command's name tells: `sshpass -p x`.
pub(super) fn at_short_option(text: &str, at: usize, hits: &mut Hits) -> Option<usize> {
    // With what stands between the password and the name before it.
    const COMMANDS: [(&str, u8, &str); 12] = [
        ("sshpass", b'p', ""),
        (" login", b'p', ""),
        ("mysql", b'p', ""),
        ("mongo", b'p', ""),
        ("ldap", b'w', ""),
        ("redis-cli", b'a', ""),
        ("curl", b'b', "="),
        ("7z", b'p', ""),
        ("zip ", b'P', ""),
        ("openssl", b'k', ""),
        ("http ", b'a', ":"),
        ("smbclient", b'U', "%"),
    ];
    const NEAR: usize = 96;
    let option = *text.as_bytes().get(at + 1)?;
    let before = text.get(text.floor_char_boundary(at.saturating_sub(NEAR))..at)?;
    let line = before.rsplit('\n').next()?;
    if !line.ends_with([' ', '\t']) {
        return None;
    }
    let (.., sign) = COMMANDS.iter().find(|(name, of, _)| *of == option && line.contains(name))?;
    let (start, quote) = opening(text, at + 2);
    let range =
        quote.and_then(|quote| quote.close(text, start)).map_or_else(|| run(text, start, JUDGED), |end| start..end);
    let value = text.get(range.clone())?;
    let start = range.start + value.find(sign)? + sign.len();
    // Of several cookies the first shows what they are.
    let first = text.get(start..range.end)?.split(';').next()?;
    if !can_be_credential(first) {
        return None;
    }
    let end = if quote.is_some() { range.end } else { run(text, start, usize::MAX).end };
    hits.push(start..end, Rule::Name(if option == b'b' { "cookie" } else { "password" }));
    Some(end)
}

/// Finds the password that a command is given by another: `echo x | docker login --password-stdin`.
pub(super) fn at_piped(text: &str, at: usize, hits: &mut Hits) -> Option<usize> {
    const NEAR: usize = 256;
    let near = text.floor_char_boundary(at.saturating_sub(NEAR));
    let start = near + text.get(near..at)?.rfind("echo ")?;
    let is_bare = text.get(start + 5..)?.starts_with("-n ");
    let (start, quote) = opening(text, start + if is_bare { 7 } else { 4 });
    let closed = quote.and_then(|quote| quote.close(text, start)).map(|end| start..end);
    let range = closed.unwrap_or_else(|| run(text, start, usize::MAX));
    let behind = text.get(range.end..at)?.trim_start_matches(['"', '\'', '\\', ' ']);
    let value = text.get(range.clone())?;
    // What the command reads is a password, unless it is put in when the command runs.
    let is_put_in = value.contains("$(") || stands_for_password(value) || begins_with_placeholder(value);
    let is_one = can_be_credential(value) || (quote.is_some() && value.len() >= SHORTEST_OWN && !has_term(value));
    if !behind.starts_with('|') || behind.contains('\n') || is_put_in || !is_one {
        return None;
    }
    hits.push(range, Rule::Name(PASSWORD));
    Some(at)
}

/// A quote, escaped as often as the text around it is nested.
#[derive(Clone, Copy)]
struct Quote {
    byte: u8,
    escapes: usize,
}

impl Quote {
    /// Where its other half is, if it is near.
    fn close(self, text: &str, at: usize) -> Option<usize> {
        let mut escapes = 0;
        for (index, byte) in text.as_bytes().iter().enumerate().skip(at).take(NEAR) {
            match byte {
                b'\\' => escapes += 1,
                _ if *byte == self.byte && (escapes <= self.escapes || (self.escapes == 0 && escapes % 2 == 0)) => {
                    return Some(index - escapes.min(self.escapes));
                }
                _ => escapes = 0,
            }
        }
        None
    }
}

/// Where a value begins behind its separator, and the quote before it.
fn opening(text: &str, at: usize) -> (usize, Option<Quote>) {
    let bytes = text.as_bytes();
    let is = |at: usize, what: &[u8]| bytes.get(at).is_some_and(|byte| what.contains(byte));
    let spaces = |at: usize| at + (0..NEAR).take_while(|offset| is(at + offset, b" \t")).count();
    // Emphasis that ends behind the name: `**API key:** x`.
    let is_emphasis = bytes.get(at..).is_some_and(|rest| rest.starts_with(b"** "));
    let mut start = spaces(if is_emphasis { at + 2 } else { at });
    // `=>`, `==` and the brackets of a list.
    if is(start, b"=>") {
        start = spaces(start + 1);
    }
    let rest = bytes.get(start..).unwrap_or_default();
    let is_around = |it: &&&str| {
        let inner = rest.strip_prefix(it.as_bytes()).map(<[u8]>::trim_ascii_start);
        inner.is_some_and(|inner| inner.starts_with(b"\"") || inner.starts_with(b"'"))
    };
    if let Some(wrapper) = WRAPPERS.iter().find(is_around) {
        start = spaces(start + wrapper.len());
    }
    if is(start, b"[") && mask_at(text, start).is_none() {
        start = spaces(start + 1);
    }
    // A block of YAML, whose lines follow.
    if is(start, b"|>")
        && let Some(block) = bytes.get(start + 1..).map(|rest| rest.strip_prefix(b"-").unwrap_or(rest))
        && block.first() == Some(&b'\n')
    {
        start = spaces(bytes.len() - block.len() + 1);
    }
    let mut quote = start;
    if is(quote, b"bur@$f") && is(quote + 1, b"\"'") {
        quote += 1;
    }
    let escapes = (0..NEAR).take_while(|offset| is(quote + offset, b"\\")).count();
    match bytes.get(quote + escapes) {
        Some(&byte @ (b'"' | b'\'' | b'`')) => {
            let first = quote + escapes + 1;
            // Three quotes, as TOML and Python have them.
            let is_triple = escapes == 0 && bytes.get(first..).is_some_and(|rest| rest.starts_with(&[byte, byte]));
            (if is_triple { first + 2 } else { first }, Some(Quote { byte, escapes }))
        }
        _ => (start, None),
    }
}

/// The value at a place that no quotes hold, of which at most `longest` bytes are looked at.
pub(super) fn run(text: &str, at: usize, longest: usize) -> Range<usize> {
    let rest = text.get(at..).map_or("", |rest| clipped(rest, longest));
    let is_end = |byte: u8| byte.is_ascii_whitespace() || b"\"'`\\<>,;&()[]{}|".contains(&byte);
    let value = rest.bytes().position(is_end).and_then(|end| rest.get(..end)).unwrap_or(rest);
    at..at + value.trim_end_matches(['.', ':', '!']).len()
}

/// Where an element's text ends, if it is near and in one line.
fn element_end(text: &str, at: usize) -> Option<usize> {
    let near = clipped(text.get(at..)?, NEAR);
    let end = near.find(['<', '\n'])?;
    near.get(end..)?.starts_with("</").then_some(at + end)
}

/// Where the line ends, or the quote around it.
fn line_end(text: &str, at: usize) -> usize {
    let ends = |byte: &u8| matches!(byte, b'\r' | b'\n' | b'"' | b'\'' | b'`' | b'\\');
    text.as_bytes().iter().skip(at).position(ends).map_or(text.len(), |end| at + end)
}
