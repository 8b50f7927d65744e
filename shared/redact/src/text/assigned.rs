//! What a text assigns to a name that says it is a credential: `Authorization: Bearer x`, `api_key = "x"`,
//! `("x-api-key", "x")`, `--password x`, `<secret>x</secret>`; and what a member of JSON is worth by its name.

use super::{
    before::{
        MOST_SIGNS, begins_line, declared, element_of, is_named_attribute, is_of_resource, labels, labels_around,
        name_before, phrase,
    },
    codes::are_codes,
    columns::can_be,
    extents::{Quote, element, is_of_model, joined_end, line_end, line_run, opening, run, with_exclamation},
    near::{JUDGED, line_before, line_rest, near},
};
use crate::{
    mask::{Hits, Rule, is_masked},
    names::{
        AUTH_KEY, AUTHORIZATION, CODE, COOKIE, JWT, Name, PASS, PASSWORD, PERSONAL_TOKEN, SALT, SECRET, SECRET_ID,
        TOKEN, VAGUE, VARIABLE, can_end,
    },
    rules::{OWN_NAME, Rules},
    shapes::given::argument,
    values::{
        LONGEST_PASSWORD, SHORTEST_NUMBER, SHORTEST_OWN, SHORTEST_VAGUE, can_be_credential, can_be_password, has_sign,
        is_base64_key, is_conversation, is_hex_key, is_long, is_of_fours, is_passed, is_path, is_random, is_salt,
        is_session, is_uuid, is_vague_key,
        placeholders::{
            begins_with_placeholder, has_term, is_of_words, is_path_of_code, is_placeholder, stands_for_password,
        },
        scheme::{begins_with_list, begins_with_parameter, is_example, list_end, scheme},
    },
};
use std::ops::Range;

/// What holds a value whose name stands before it: an attribute, an element, an option.
const VALUES: [&str; 8] = ["value", "paramvalue", "default", "content", "string", "td", "dd", "body"];

/// Finds the credential that is assigned at a separator: `=`, `:`, `>` of a tag, a space after an option, or a comma
/// after a quote. Gives where it ends, unless it may have a shape that says more: then it is what is `named`.
pub(super) fn at_separator(
    text: &str,
    at: usize,
    folded: &mut Name<'_>,
    named: &mut Range<usize>,
    hits: &mut Hits,
) -> Option<usize> {
    let (range, rule) = found(text, at, folded)?;
    if rule == VAGUE {
        *named = range.clone();
    }
    let end = hits.push(range, Rule::Name(rule));
    (rule != VAGUE).then_some(end)
}

fn found(text: &str, at: usize, folded: &mut Name<'_>) -> Option<(Range<usize>, &'static str)> {
    let written = written(text, at, folded.rules())?;
    folded.read(text.get(written.name.clone())?);
    let named = match folded.assigned() {
        Some(rule) => Ok(Named { rule, may_be_words: true }),
        None => rule_before(text, &written, folded),
    };
    match named {
        Ok(named) => given(text, &written, &named, folded),
        Err(said) => vague(text, &written, said, folded),
    }
}

/// A name, and the separator behind it.
struct Written {
    name: Range<usize>,
    /// What is before the name.
    before: Option<u8>,
    separator: u8,
    at: usize,
}

/// The name that a separator at a place assigns to, if it can be one that [`Name::assigned`] knows.
fn written(text: &str, at: usize, rules: &Rules) -> Option<Written> {
    let bytes = text.as_bytes();
    let separator = *bytes.get(at)?;
    // `??=`, `||=`, `?=`
    let is_sign = |byte: &u8| b" \t\"'`\\]*".contains(byte) || (separator == b'=' && b"?|".contains(byte));
    let before = bytes.get(at.saturating_sub(MOST_SIGNS)..at)?;
    let signs = before.iter().rev().take_while(|byte| is_sign(byte)).count();
    let name = name_before(bytes, at - signs);
    // `<password type="x">`
    let name = if separator == b'>' && signs > 0 { element_of(bytes, at).unwrap_or(name) } else { name };
    let before = name.start.checked_sub(1).and_then(|before| bytes.get(before)).copied();
    let last = *bytes.get(name.end.checked_sub(1)?)?;
    let is_none = !can_end(last, rules)
        // A mask names nothing.
        || (bytes.get(name.end) == Some(&b']') && is_masked(text, &name))
        || match separator {
            b'>' => !matches!(before, Some(b'<' | b':')) && !is_named_attribute(bytes, name.start),
            // A resource's name has colons: `arn:aws:secretsmanager:r:1:secret:db-x`.
            b':' if before == Some(b':') => is_of_resource(bytes, name.start),
            b':' => bytes.get(..name.start).is_some_and(|before| before.ends_with(b"checksum/")),
            b' ' => before != Some(b'-') && bytes.get(name.start) != Some(&b'-'),
            _ => false,
        };
    (!is_none).then_some(Written { name, before, separator, at })
}

/// The rule of what is assigned.
struct Named {
    rule: &'static str,
    /// Whether what it takes may be words, which other things have that are called so.
    may_be_words: bool,
}

/// The rule that a name has by what is before it, or what was asked of that last.
fn rule_before(text: &str, written: &Written, folded: &mut Name<'_>) -> Result<Named, Range<usize>> {
    const LINKS: [&str; 7] = ["is", "was", "provided", "given", "used", "lautet", "ist"];
    const TYPES: [&str; 2] = ["string", "str"];
    let bytes = text.as_bytes();
    let Written { name, separator, .. } = written;
    let said = match separator {
        b'=' if TYPES.iter().any(|kind| folded.is_named(kind)) => Some(declared(bytes, name.start)),
        _ if VALUES.iter().any(|value| folded.is_named(value)) => return rule_of_label(text, written, folded),
        // `The password is: x`, `API key provided: x`.
        b':' if LINKS.iter().any(|link| folded.is_named(link)) => {
            let said = name_before(bytes, name.start.saturating_sub(1));
            folded.read(text.get(said.clone()).unwrap_or_default());
            if folded.assigned().is_some() { Some(said) } else { phrase(bytes, &said) }
        }
        _ => phrase(bytes, name),
    };
    let Some(said) = said else { return Err(name.clone()) };
    rule_of(text, &said, folded).map(|rule| Named { rule, may_be_words: true }).ok_or(said)
}

/// The rule that a value has by its label, or the label that was asked last.
fn rule_of_label(text: &str, written: &Written, folded: &mut Name<'_>) -> Result<Named, Range<usize>> {
    let bytes = text.as_bytes();
    let start = written.name.start;
    let mut last = written.name.clone();
    let mut rule = |label: Range<usize>| {
        last = label;
        rule_of(text, &last, folded)
    };
    if let Some(rule) = labels(bytes, start).find_map(&mut rule) {
        return Ok(Named { rule, may_be_words: written.separator != b'=' });
    }
    let is_secure = line_before(text, start, JUDGED).contains("--type SecureString");
    let around = || labels_around(bytes, start, written.at).find_map(rule);
    let rule = if is_secure { Some(SECRET) } else { around() };
    rule.map(|rule| Named { rule, may_be_words: false }).ok_or(last)
}

/// What is given to a name that alone does not say that it is a credential, as little as what is `said` before it:
/// nothing but a key looks so.
fn vague(
    text: &str,
    written: &Written,
    said: Range<usize>,
    folded: &mut Name<'_>,
) -> Option<(Range<usize>, &'static str)> {
    let Written { name, before, separator, at } = written;
    let range = run(text, opening(text, at + 1).0, JUDGED);
    let value = text.get(range.clone()).filter(|value| value.len() >= SHORTEST_VAGUE)?;
    // Members and attributes of code are called so too.
    let is_of_prose = match separator {
        b':' => !matches!(before, Some(b'"' | b'\'')),
        b'=' => begins_line(text, name.start) || text.as_bytes().get(name.end) == Some(&b' '),
        _ => false,
    };
    // A list of cookies has others before it.
    let is_of_list =
        || text.get(..name.start).is_some_and(|before| before.ends_with("; ") || before.ends_with("__Secure-"));
    // `primary key` is none, whatever its last word is.
    folded.read(text.get(phrase(text.as_bytes(), &said).unwrap_or(said))?);
    let is_vague = folded.is_vague();
    folded.read(text.get(name.clone())?);
    let rule = if folded.is_session_cookie() {
        (*separator == b'=' && (is_of_prose || is_of_list()) && is_session(value)).then_some(COOKIE)
    } else {
        let is_key = || (is_of_prose && is_vague_key(value)) || (folded.is_of_hex() && is_hex_key(value));
        (is_vague && (is_key() || is_base64_key(value))).then_some(VAGUE)
    };
    rule.map(|rule| (run(text, range.start, usize::MAX), rule))
}

/// What is given to a name of a rule, if it is a credential.
fn given(text: &str, written: &Written, named: &Named, folded: &mut Name<'_>) -> Option<(Range<usize>, &'static str)> {
    let Named { rule, may_be_words } = *named;
    let given = value(text, folded, rule, written)?;
    let value = text.get(given.judged.clone())?;
    if rule == PASS && text.get(..written.name.end).is_some_and(|text| is_passed(text, value)) {
        return None;
    }
    // A number in a URL is seldom one.
    if written.separator == b'='
        && matches!(written.before, Some(b'?' | b'&'))
        && value.len() < SHORTEST_NUMBER
        && folded.is_weak_parameter()
    {
        return None;
    }
    let is_one = match written.separator {
        b'|' => can_be(rule, value) && is_of_row(text, &written.name, folded.rules()),
        b',' => !is_of_list(text, &written.name, &given.judged, folded.rules()),
        _ => may_be_words || rule == PASSWORD || !is_of_words(value),
    };
    let is_token = rule != TOKEN
        || (is_token(folded, value) && !is_of_model(text, &given.judged))
        || (is_uuid(value) && opens(text, &written.name, folded));
    (is_one && is_token).then(|| {
        let range = given.range(text);
        let end = if rule == PASSWORD { with_exclamation(text, range.end) } else { range.end };
        (range.start..end, rule)
    })
}

/// Whether a bar behind a name parts cells: it is in a row that begins with one, or begins a line of two.
fn is_of_row(text: &str, name: &Range<usize>, rules: &Rules) -> bool {
    const LONGEST: usize = 256;
    let said = text.get(name.clone()).unwrap_or_default();
    // `API key`
    let first = phrase(text.as_bytes(), name).filter(|_| Name::of(said, rules).assigned().is_none());
    let start = first.map_or(name.start, |phrase| phrase.start);
    let before = line_before(text, start, LONGEST).trim_start_matches(|one: char| "-*#> \t".contains(one));
    before.starts_with('|')
        || (begins_line(text, start) && text.as_bytes().get(name.end) == Some(&b' ') && !said.contains('.'))
}

/// Whether a name and the text behind it are two of a list of names: `("user", "password1", "password2")`.
fn is_of_list(text: &str, name: &Range<usize>, value: &Range<usize>, rules: &Rules) -> bool {
    let is_sign = |one: char| "\"'\\ ".contains(one);
    let is_quoted = |text: Option<&str>| text.is_some_and(|text| text.starts_with(['"', '\'', '\\']));
    let before = line_before(text, name.start, JUDGED).trim_end_matches(is_sign);
    let is_behind = before.ends_with("\",") || before.ends_with("',");
    let behind = near(text, value.end, JUDGED).trim_start_matches(is_sign);
    let is_before = is_quoted(behind.strip_prefix(',').map(str::trim_start));
    let said = text.get(value.clone()).unwrap_or_default();
    let is_option = || text.get(name.clone()).is_some_and(|name| name.starts_with('-'));
    let is_credential = || Name::of(said, rules).assigned().is_some();
    // `address1`
    let letters = said.trim_end_matches(|last: char| last.is_ascii_digit());
    let is_name =
        || said.len() <= letters.len() + 2 && letters.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (is_behind || is_before) && !is_option() && (is_credential() || (is_before && is_name()))
}

/// Whether what a name of a token has before it says that it opens something, although it is a UUID.
pub(super) fn opens(text: &str, name: &Range<usize>, folded: &mut Name<'_>) -> bool {
    let said = phrase(text.as_bytes(), name).unwrap_or_else(|| name.clone());
    folded.read(text.get(said).unwrap_or_default());
    folded.is_of_issuer() || text.get(name.clone()).is_some_and(|name| name.starts_with('-'))
}

/// The rule of a name, or of a phrase that ends in it.
pub(super) fn rule_of(text: &str, name: &Range<usize>, folded: &mut Name<'_>) -> Option<&'static str> {
    folded.read(text.get(name.clone())?);
    folded.assigned().or_else(|| {
        folded.read(text.get(phrase(text.as_bytes(), name)?)?);
        folded.assigned()
    })
}

/// What is assigned to a name. It is judged before its end is looked for: a text may hold as many names as it has
/// words.
struct Value {
    judged: Range<usize>,
    goes_on: GoesOn,
}

/// How far a value goes beyond what is judged of it.
enum GoesOn {
    No,
    /// To the end of the word.
    InWord,
    /// To the end of the line.
    InLine,
}

impl Value {
    const fn whole(judged: Range<usize>) -> Self {
        Self { judged, goes_on: GoesOn::No }
    }

    fn range(self, text: &str) -> Range<usize> {
        let Range { start, end } = self.judged;
        start..match self.goes_on {
            GoesOn::No => end,
            GoesOn::InWord => run(text, start, usize::MAX).end.max(end),
            GoesOn::InLine => line_end(text, start),
        }
    }
}

/// What is assigned to a name, if it is a credential.
fn value(text: &str, name: &Name<'_>, rule: &str, written: &Written) -> Option<Value> {
    let Written { name: written, separator, at, .. } = written;
    let separator = *separator;
    let (at, quote) = opening(text, at + 1);
    // What ODBC has around a value.
    let brace = || text.get(at..).is_some_and(|rest| rest.starts_with('{')) && separator == b'=' && rule == PASSWORD;
    let (at, quote) = match quote {
        None if brace() => (at + 1, Some(Quote { byte: b'}', escapes: 0 })),
        quote => (at, quote),
    };
    let inner = if separator == b'>' && quote.is_none() { element(text, at) } else { None };
    let (at, closed) = match inner {
        Some(inner) => (inner.start, Some(inner.end)),
        None => (at, quote.and_then(|quote| quote.close(text, at))),
    };
    // A text of several lines ends with one.
    let closed = closed.map(|end| text.get(at..end).map_or(end, |value| at + value.trim_ascii_end().len()));
    let judged = closed.map_or_else(|| line_run(text, at, written), |end| at..end);
    let value = text.get(judged.clone())?;
    // `auth=("user", "x")`, `'auth' => ['user', 'x']`
    let is_list = || ["=> ['", "=> [\""].iter().any(|list| text.get(..at).is_some_and(|before| before.ends_with(list)));
    if separator == b'=' && name.is_authorization() && (text.as_bytes().get(at) == Some(&b'(') || is_list()) {
        // The quote of the first may be before it.
        let list = if is_list() { at - 1 } else { at + 1 };
        let given = argument(text, list, 1).filter(|given| text.get(given.clone()).is_some_and(can_be_password));
        return given.map(Value::whole);
    }
    if name.is_cookie() {
        // A call's next argument is none.
        let is_list = value.contains('=') && (separator != b',' || quote.is_some());
        let is_of_name = |byte: u8| byte.is_ascii_graphic() && !b"()<>{}\"'".contains(&byte);
        // What examples have, what consents to others, and code.
        let is_plain = |pair: &str| {
            let (name, said) = pair.split_once('=').unwrap_or_default();
            let is_name = !name.trim().is_empty() && name.trim().bytes().all(is_of_name);
            !is_name || ["", "true", "false", "value", "/", "Lax", "Strict", "None"].contains(&said.trim())
        };
        let is_list = is_list && !value.split(';').all(is_plain);
        let goes_on = if closed.is_some() { GoesOn::No } else { GoesOn::InLine };
        return is_list.then_some(Value { judged, goes_on });
    }
    // An unquoted value is one word, so that its scheme is before it.
    let line = near(text, at, JUDGED);
    if let Some(start) = scheme(name, if closed.is_some() { value } else { line }) {
        let start = at + start;
        let end = match closed {
            Some(end) => end,
            // `Token token="x"`
            None if begins_with_list(value) || text.get(start..).is_some_and(begins_with_parameter) => {
                list_end(text, start)
            }
            None => joined_end(text, start, run(text, start, usize::MAX).end),
        };
        let is_named =
            is_example(text.get(start..end)?, text.get(end..)?) || begins_with_placeholder(text.get(start..)?);
        return (start < end && !is_named).then(|| Value::whole(start..end));
    }
    let is_own = || name.assigned() == Some(OWN_NAME) && value.len() >= SHORTEST_OWN && !is_placeholder(value);
    let can_be_taken = (separator != b'>' || closed.is_some())
        && !(name.is_session_id() && is_conversation(value))
        && !(quote.is_none() && (begins_with_placeholder(line) || is_code(text, judged.end, value, name)))
        && !(quote.is_some_and(|quote| quote.byte == b'}') && is_formatted(value))
        // What no quotes hold behind one is code.
        && !(separator == b',' && quote.is_none() && !value.bytes().all(|byte| byte.is_ascii_digit()))
        && !quote.is_some_and(|quote| is_joined(text, written, quote, value))
        && !(separator == b':'
            && (value.starts_with(':') || (quote.is_none() && (is_tag(text, &judged) || is_number(text, &judged)))));
    if !can_be_taken || !fits(name, rule, value) {
        return None;
    }
    let is_taken = can_be_credential(value) || is_own() || (matches!(rule, SALT | AUTH_KEY) && is_salt(value));
    if rule == PASSWORD && !is_taken {
        return password(text, written, judged, closed.is_some()).map(Value::whole);
    }
    let goes_on = if closed.is_some() { GoesOn::No } else { GoesOn::InWord };
    is_taken.then_some(Value { judged, goes_on })
}

/// Whether a value is what has such a name, of which some are those of other things too: pins of hardware, algorithms.
fn fits(name: &Name<'_>, rule: &str, value: &str) -> bool {
    const SHORTEST: usize = 16;
    let is_number = || value.bytes().all(|byte| byte.is_ascii_digit());
    match rule {
        AUTHORIZATION => !is_of_words(value),
        JWT => value.len() >= SHORTEST,
        SECRET_ID => is_uuid(value),
        VARIABLE => (is_random(value) || has_sign(value)) && !is_uuid(value) && !value.starts_with("0x"),
        PERSONAL_TOKEN => value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)),
        PASSWORD if name.is_of_directory() => !(value.starts_with(['/', '~']) && is_of_words(value)),
        PASSWORD if name.is_named("pin") => is_number(),
        PASSWORD if name.is_named("otp") => is_number() || value.len() >= SHORTEST,
        PASSWORD if name.is_named("mnemonic") => value.contains(' '),
        // A route to where one is reset.
        PASSWORD => !(value.starts_with('/') && is_path(value)),
        OWN_NAME => true,
        _ => !is_path(value),
    }
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
    let rest = line_rest(text, value.end, LONGEST_PASSWORD);
    let line = value.start..value.end + rest.trim_end().len();
    let phrase = text.get(line.clone())?;
    // The words of a wallet say what they are.
    let is_mnemonic = || {
        let before = line_before(text, value.start, JUDGED).to_ascii_lowercase();
        before.contains("phrase") || before.contains("mnemonic")
    };
    if !is_closed && phrase.contains(' ') && (is_of_fours(phrase) || (is_mnemonic() && can_be_password(phrase))) {
        return Some(line);
    }
    if is_closed || is_variable() {
        return (can_be_password(word) || is_variable()).then_some(value);
    }
    let behind = rest.trim_start_matches(['.', '!', '?', ':']).trim_start();
    let is_last = || behind.is_empty() || behind.starts_with([';', '&', '|', '#', '<', '»']);
    let is_number = || word.len() >= SHORTEST_NUMBER && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_option = || text.get(name.clone()).is_some_and(|name| name.starts_with('-'));
    // A call's argument may be a variable.
    let is_set = || text.get(name.end..value.start) == Some("=") && !behind.starts_with([',', ')']);
    if can_be_password(word) && (is_last() || is_number() || is_option() || is_set()) {
        return Some(value);
    }
    let is_all = phrase.contains(' ') && begins_line(text, name.start);
    (is_all && can_be_password(phrase)).then_some(line)
}

/// Whether a value that no quotes hold is code: a path, what is called or looked into, or another such name.
pub(super) fn is_code(text: &str, end: usize, value: &str, name: &Name<'_>) -> bool {
    let is_variable = value.contains('_') && !value.bytes().any(|byte| byte.is_ascii_uppercase());
    let behind = text.as_bytes().get(end);
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    // `$config->api_key`
    let is_member = |object: &str| object.bytes().all(is_of_name) && behind == Some(&b'>');
    let word = value.trim_start_matches(['!', '$', '*', '&']);
    let bare = word.trim_end_matches(|last: char| last.is_ascii_digit());
    let is_argument = || {
        let before = end.checked_sub(value.len()).and_then(|start| text.get(..start)).unwrap_or_default();
        bare.len() < word.len() && before.ends_with('=') && matches!(behind, Some(b')' | b','))
    };
    is_path_of_code(word)
        // `*defaultPassword2`, `f(password=password2)`
        || ((value.starts_with('*') || is_argument()) && Name::of(bare, name.rules()).assigned().is_some())
        || value.strip_prefix('$').and_then(|object| object.strip_suffix('-')).is_some_and(is_member)
        || (is_variable && Name::of(value, name.rules()).assigned().is_some())
        || matches!(behind, Some(b'(' | b'[' | b'{'))
}

/// Whether code joins a value to the string that has its name, whose end looks like a quote that opens it:
/// `"password=" + password`.
fn is_joined(text: &str, name: &Range<usize>, quote: Quote, value: &str) -> bool {
    let is_of_code = |byte: u8| byte.is_ascii_alphanumeric() || b"_.+ ()[];".contains(&byte);
    let is_code = value.trim_start().starts_with('+') && value.bytes().all(is_of_code) && is_of_words(value);
    let is_quoted = || !text.get(name.end..).is_some_and(|behind| behind.starts_with(['=', ':', ' ']));
    let before = || line_before(text, name.start, JUDGED).bytes();
    is_code && !is_quoted() && before().filter(|byte| *byte == quote.byte).count() % 2 == 1
}

/// Whether what braces hold is code of a text that is formatted: `settings.secret`, `password!r`.
fn is_formatted(value: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let name = ["!r", "!s", "!a"].iter().find_map(|conversion| value.strip_suffix(conversion));
    is_path_of_code(name.unwrap_or(value)) || name.is_some_and(|name| name.bytes().all(is_of_name))
}

/// Whether a value is a number of code: `0x0B96;`.
fn is_number(text: &str, value: &Range<usize>) -> bool {
    const MOST: usize = 8;
    let is_hex = |hex: &str| hex.len() <= MOST && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    matches!(text.as_bytes().get(value.end), Some(b';' | b','))
        && text.get(value.clone()).and_then(|value| value.strip_prefix("0x")).is_some_and(is_hex)
}

/// Whether a value is a tag of YAML, after which its own value stands: `!vault |`.
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
pub(crate) fn member(name: &Name<'_>, value: &str) -> Option<(Range<usize>, &'static str)> {
    let Some(rule) = name.assigned() else {
        let is_key = (name.is_key_of() && is_vague_key(value))
            || (name.is_of_hex() && is_hex_key(value))
            || (name.is_vague() && is_base64_key(value));
        if name.is_of_browser() && is_session(value) {
            return Some((0..value.len(), COOKIE));
        }
        return is_key.then_some((0..value.len(), VAGUE));
    };
    let start = scheme(name, value).unwrap_or_default();
    let is_taken = match value.get(start..)? {
        "" => false,
        // The scheme's word says that it is one.
        rest if start > 0 => !is_example(rest, ""),
        rest if name.is_session_id() && is_conversation(rest) => false,
        rest if !fits(name, rule, rest) => false,
        rest if rule == OWN_NAME => !is_placeholder(rest),
        rest if rule == TOKEN && !is_token(name, rest) && !(name.is_of_issuer() && is_uuid(rest)) => false,
        rest if rule == PASSWORD => can_be_password(rest),
        rest if rule == CODE => are_codes(rest),
        rest if rule == SALT => is_salt(rest) || can_be_credential(rest),
        rest => can_be_credential(rest) || (name.is_cookie() && rest.contains('=')),
    };
    is_taken.then_some((start..value.len(), rule))
}
