//! What stands behind a name and its separator, if it is a credential: in quotes, or to the end of its word or line.

use super::{
    before::begins_line,
    extents::{Quote, element, is_of_connection, joined_end, line_end, line_run, opening, run},
    near::{JUDGED, line_before, line_rest, near},
    written::Written,
};
use crate::{
    names::{AUTH_KEY, Name, PASSWORD, SALT},
    rules::{OWN_NAME, Rules},
    shapes::given::argument,
    tables::words::is_one,
    values::{
        LONGEST_PASSWORD, SHORTEST_NUMBER, SHORTEST_OWN, can_be_credential, can_be_password, is_conversation,
        is_of_fours, is_salt,
        named::fits,
        placeholders::{
            begins_with_placeholder, has_term, is_of_words, is_path_of_code, is_placeholder, stands_for_password,
        },
        scheme::{begins_with_list, begins_with_parameter, is_example, list_end, scheme},
    },
};
use std::ops::Range;

/// What is assigned to a name. It is judged before its end is looked for: a text may hold as many names as it has
/// words.
pub(super) struct Value {
    pub(super) judged: Range<usize>,
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

    /// All of it.
    pub(super) fn range(self, text: &str) -> Range<usize> {
        let Range { start, end } = self.judged;
        start..match self.goes_on {
            GoesOn::No => end,
            GoesOn::InWord => run(text, start, usize::MAX).end.max(end),
            GoesOn::InLine => line_end(text, start),
        }
    }
}

/// What is assigned to a name, if it is a credential.
pub(super) fn value(text: &str, folded: &Name<'_>, rule: &str, written: &Written) -> Option<Value> {
    /// A number of 64 bits, in bytes.
    const LONGEST_NUMBER: usize = 18;
    let Written { name, separator, .. } = written;
    let (at, quote, closed) = enclosed(text, rule, written);
    let judged = closed.map_or_else(|| line_run(text, at, name), |end| at..end);
    let value = text.get(judged.clone())?;
    if *separator == b'='
        && folded.is_authorization()
        && let Some(pair) = pair(text, at)
    {
        let given = argument(text, pair, 1).filter(|given| text.get(given.clone()).is_some_and(can_be_password));
        return given.map(Value::whole);
    }
    if quote.is_some_and(|quote| is_joined(text, name, quote, value)) {
        return None;
    }
    let goes_on = |further| if closed.is_some() { GoesOn::No } else { further };
    if folded.is_cookie() {
        // A call's next argument is none.
        let is_list = (*separator != b',' || quote.is_some()) && has_cookie(value, closed.is_some());
        return is_list.then_some(Value { judged, goes_on: goes_on(GoesOn::InLine) });
    }
    // An unquoted value is one word, so that its scheme is before it.
    let line = near(text, at, JUDGED);
    if let Some(length) = scheme(folded, if closed.is_some() { value } else { line }) {
        return behind_scheme(text, at + length, value, closed).map(Value::whole);
    }
    // As logs have them: `sessionid:0x14ede63a5a70002`.
    let is_of_log = || quote.is_none() && value.len() <= LONGEST_NUMBER && value.starts_with("0x");
    let is_id = || folded.is_session_id() && (is_conversation(value) || is_of_log());
    let is_number_of_code = || is_number(value) && matches!(text.as_bytes().get(judged.end), Some(b';' | b','));
    let is_behind_code = match (separator, quote) {
        (b'>', _) => closed.is_none(),
        (b',', None) => !value.bytes().all(|byte| byte.is_ascii_digit()),
        (b':', None) if value.starts_with(':') => true,
        // What is compared without quotes is a variable.
        (b'=', None) if text.get(..written.at).is_some_and(|before| before.ends_with('!')) => true,
        (b':', None) => is_tag(text, &judged) || is_number_of_code(),
        _ => false,
    };
    let is_code = || match quote {
        None => begins_with_placeholder(line) || is_code(text, judged.end, value, folded),
        Some(quote) => quote.byte == b'}' && is_formatted(text, name, &judged, folded),
    };
    if is_behind_code || is_id() || is_code() || !fits(folded, rule, value) {
        return None;
    }
    let is_own = || folded.assigned() == Some(OWN_NAME) && value.len() >= SHORTEST_OWN && !is_placeholder(value);
    let is_taken = can_be_credential(value) || is_own() || (matches!(rule, SALT | AUTH_KEY) && is_salt(value));
    if rule == PASSWORD && !is_taken {
        return password(text, name, judged, closed.is_some()).map(Value::whole);
    }
    is_taken.then_some(Value { judged, goes_on: goes_on(GoesOn::InWord) })
}

/// Where a value begins, the quote before it, and where that or the element around it ends.
fn enclosed(text: &str, rule: &str, written: &Written) -> (usize, Option<Quote>, Option<usize>) {
    let Written { name, separator, at, .. } = written;
    // What a variable is without a value: `${NAME:-x}`.
    let before = text.get(..name.start).unwrap_or_default();
    let is_default = before.ends_with("${") && text.as_bytes().get(at + 1) == Some(&b'-');
    let (at, quote) = opening(text, at + 1 + usize::from(is_default));
    // What ODBC has around a value.
    let is_brace = text.get(at..).is_some_and(|rest| rest.starts_with('{')) && *separator == b'=' && rule == PASSWORD;
    let (at, quote) = match quote {
        None if is_brace || (is_default && text.as_bytes().get(at) != Some(&b'$')) => {
            (at + usize::from(is_brace), Some(Quote { byte: b'}', escapes: 0 }))
        }
        quote => (at, quote),
    };
    let inner = if *separator == b'>' && quote.is_none() { element(text, at) } else { None };
    let (at, closed) = match inner {
        Some(inner) => (inner.start, Some(inner.end)),
        None => (at, quote.and_then(|quote| quote.close(text, at))),
    };
    // A text of several lines ends with one.
    let trimmed = |end: usize| text.get(at..end).map_or(end, |value| at + value.trim_ascii_end().len());
    (at, quote, closed.map(trimmed))
}

/// Where a user and a password begin that are given together: `auth=("user", "x")`, `'auth' => ['user', 'x']`.
fn pair(text: &str, at: usize) -> Option<usize> {
    let before = text.get(..at)?;
    // The quote of the first may be before it.
    let is_quoted = before.ends_with("=> ['") || before.ends_with("=> [\"");
    let is_call = || text.as_bytes().get(at) == Some(&b'(');
    if is_quoted { Some(at - 1) } else { is_call().then_some(at + 1) }
}

/// Whether a value is a list of cookies, and not of what examples have, what consents to others, what is said of a
/// cookie, and code.
fn has_cookie(value: &str, is_closed: bool) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_graphic() && !b"()<>{}\"'".contains(&byte);
    let is_plain = |pair: &str| {
        let (name, said) = pair.split_once('=').unwrap_or_default();
        let (name, said) = (name.trim(), said.trim());
        let is_name = !name.is_empty() && name.bytes().all(is_of_name);
        let is_said = is_one(name.as_bytes(), "domain expires max-age path");
        let is_nothing = matches!(said, "" | "true" | "false" | "value" | "/" | "Lax" | "Strict" | "None");
        !is_name || is_nothing || (is_closed && (is_said || is_placeholder(said)))
    };
    value.contains('=') && !value.split(';').all(is_plain)
}

/// The credential behind a scheme, unless it is an example of one.
fn behind_scheme(text: &str, start: usize, value: &str, closed: Option<usize>) -> Option<Range<usize>> {
    let rest = text.get(start..);
    let end = match closed {
        Some(end) => end,
        // `Token token="x"`
        None if begins_with_list(value) || rest.is_some_and(begins_with_parameter) => list_end(text, start),
        None => joined_end(text, start, run(text, start, usize::MAX).end),
    };
    let is_named = is_example(text.get(start..end)?, text.get(end..)?) || begins_with_placeholder(rest?);
    (start < end && !is_named).then_some(start..end)
}

/// What a password's name makes one that is nothing by itself: what is quoted or ends its line, all of a line that the
/// name begins, and whatever a variable is set to.
fn password(text: &str, name: &Range<usize>, value: Range<usize>, is_closed: bool) -> Option<Range<usize>> {
    let word = text.get(value.clone())?;
    let is_variable = || {
        let is_upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        let is_set = text.get(name.end..value.start).is_some_and(|sign| matches!(sign, "=" | "=\"" | "='"));
        let is_flag = || is_one(word.as_bytes(), "true false null file");
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
pub(super) fn is_code(text: &str, end: usize, value: &str, folded: &Name<'_>) -> bool {
    let is_variable = value.contains('_') && !value.bytes().any(|byte| byte.is_ascii_uppercase());
    let behind = text.as_bytes().get(end);
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    // `$config->api_key`
    let is_member = |object: &str| object.bytes().all(is_of_name) && behind == Some(&b'>');
    let word = value.trim_start_matches(['!', '$', '*', '&', '@', '^']);
    let bare = word.trim_end_matches(|last: char| last.is_ascii_digit());
    let start = end.saturating_sub(value.len());
    let before = text.get(..start).unwrap_or_default();
    // `@password`, `*SecretRef`, `static::$password`, `&Secrets.get/1`; in a file of variables people choose them.
    let is_reference = || {
        let name = match value.split_once("::$") {
            Some((_, name)) => name,
            None if value.starts_with(['@', '&', '^', '*']) => bare.strip_suffix('/').unwrap_or(word),
            None => return false,
        };
        let is_attribute = || value.starts_with('@') && value.ends_with('=') && matches!(behind, Some(b'"' | b'\''));
        // People choose a name without what code has around one.
        let is_used = |name: &str| {
            !value.starts_with(['@', '&']) || name.contains('.') || behind.is_some_and(|sign| b",;)}".contains(sign))
        };
        let is_plain = |byte: u8| byte.is_ascii_alphabetic() || b"_.".contains(&byte);
        // `@Sommer` is what people choose.
        let first = name.trim_start_matches(|one: char| one.is_ascii_uppercase());
        let is_of_words = || !first.trim_start_matches(|one: char| one.is_ascii_lowercase()).is_empty();
        let is_name = || is_of_words() || Name::of(name, folded.rules()).assigned().is_some();
        (is_attribute() || (name.bytes().all(is_plain) && !can_be_credential(name) && is_name() && is_used(name)))
            && behind != Some(&b'!')
            && before.ends_with([' ', '\t', ':'])
            && !before.ends_with("is ")
    };
    let is_argument = || bare.len() < word.len() && before.ends_with('=') && matches!(behind, Some(b')' | b','));
    // `ed25519.PrivateKey`
    let is_type = || {
        let last = word.rsplit_once('.').or_else(|| word.rsplit_once("::"));
        last.is_some_and(|(path, name)| {
            path.bytes().all(|byte| is_of_name(byte) || b".:".contains(&byte))
                && Name::of(name, folded.rules()).assigned().is_some_and(|_| name.ends_with(char::is_alphabetic))
        })
    };
    // `response.Result!.Token`, `Last?.Value`
    let is_unwrapped = || {
        let is_sign = |one| matches!(one, '!' | '?');
        (value.contains("!.") || value.contains("?.")) && is_path_of_code(value.replace(is_sign, "").as_str())
    };
    // `!!apiKey`, `&refreshToken`, `@password"`: what has the name itself. In files of variables people choose such.
    let is_named_so = || {
        let name = word.trim_matches('!');
        let is_sign = match value.as_bytes() {
            [b'!', b'!', ..] | [b'&', ..] => true,
            [b'@', ..] => behind.is_some_and(|sign| b"\\\"')".contains(sign)) || near(text, end, 2) == " }",
            _ => !name.bytes().any(|byte| byte.is_ascii_digit()) && name.bytes().any(|byte| byte.is_ascii_uppercase()),
        };
        is_sign && before.ends_with(' ') && name.bytes().all(is_of_name) && is_variable_of(name, folded.rules())
    };
    is_path_of_code(word)
        || is_type()
        || is_numbered_type(value)
        || is_unwrapped()
        || is_named_so()
        || is_reference()
        || (value.bytes().all(is_of_name) && is_variable_of(value, folded.rules()) && is_in_code(text, start..end))
        || is_chained(text, end)
        // The pattern of an editor: `s/^PASSWORD=.*/PASSWORD=x/`.
        || value.starts_with(".*")
        // `*defaultPassword2`, `f(password=password2)`
        || ((value.starts_with('*') || is_argument()) && Name::of(bare, folded.rules()).assigned().is_some())
        || value.strip_prefix('$').and_then(|object| object.strip_suffix('-')).is_some_and(is_member)
        || (is_variable && Name::of(value, folded.rules()).assigned().is_some())
        || matches!(behind, Some(b'(' | b'[' | b'{'))
}

/// Whether a value is the name of a type, with a number within its words: `Uint8Array`, `OAuth2AccessToken`.
fn is_numbered_type(value: &str) -> bool {
    const MOST_DIGITS: usize = 5;
    /// Behind its capital, in letters.
    const SHORTEST_WORD: usize = 2;
    let head = value.trim_start_matches(|one: char| one.is_ascii_alphabetic());
    let words = head.trim_start_matches(|one: char| one.is_ascii_digit());
    let mut behind = words.split(|one: char| one.is_ascii_uppercase());
    let has_vowel = || words.bytes().any(|byte| b"aeiou".contains(&byte));
    value.starts_with(|first: char| first.is_ascii_uppercase())
        && (1..=MOST_DIGITS).contains(&(head.len() - words.len()))
        && words.bytes().all(|byte| byte.is_ascii_alphabetic())
        && behind.next() == Some("")
        && behind.all(|rest| rest.len() >= SHORTEST_WORD)
        && has_vowel()
}

/// Whether a value is called as what it holds, as variables are: `newPassword1`, `apiKeyV2`, `ecdsa256Key`. People
/// choose more digits.
fn is_variable_of(value: &str, rules: &Rules) -> bool {
    let bare = value.trim_end_matches(|last: char| last.is_ascii_digit());
    let name = if bare.len() < value.len() { bare.trim_end_matches(['v', 'V']).trim_end_matches('_') } else { bare };
    let is_name = || {
        let name = Name::of(name, rules);
        name.assigned().is_some() || name.is_vague()
    };
    value.starts_with(|first: char| first.is_ascii_lowercase()) && value.len() <= bare.len() + 1 && is_name()
}

/// Whether what is around a value is code, and neither a file of settings nor prose: `{"a": x`, `f({ a: x })`, `a = x;`.
fn is_in_code(text: &str, value: Range<usize>) -> bool {
    const FAR: usize = 4;
    let line = line_before(text, value.start, JUDGED);
    let rest = near(text, value.end, FAR).trim_start_matches(' ');
    let is_last = |sign| {
        rest.strip_prefix(sign).is_some_and(|more: &str| more.is_empty() || more.starts_with(['\r', '\n', '\\']))
    };
    let is_own = || ["self.", "this."].iter().any(|own| line.trim_start().starts_with(own));
    match line.trim_end_matches(' ') {
        set if set.ends_with(":=") || set.ends_with("\":") || set.ends_with("':") => true,
        set if set.ends_with(':') => {
            set.contains("({") || rest.starts_with("} =") || (is_last(',') && !set.contains(','))
        }
        set if set.ends_with(" =") => !set.contains(';') && (is_last(';') || is_own()),
        _ => false,
    }
}

/// Whether the line below calls what ends at a place: `authorization = TestOAuth2Authorizations\n\t.build()`.
fn is_chained(text: &str, end: usize) -> bool {
    let rest = near(text, end, JUDGED);
    let call = rest.trim_start().strip_prefix('.').and_then(|call| call.split_once('('));
    rest.starts_with(['\r', '\n'])
        && call.is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether code joins a value to the string that has its name, whose end looks like a quote that opens it:
/// `"password=" + password`, `t("password:"), e("x")`.
pub(super) fn is_joined(text: &str, name: &Range<usize>, quote: Quote, value: &str) -> bool {
    /// The longest that a password is which begins so.
    const LONGEST: usize = 32;
    let is_of_code = |byte: u8| byte.is_ascii_alphanumeric() || b"_.+ ()[];,".contains(&byte);
    let begins = value.trim_start().starts_with(['+', ',', ')']);
    let is_long = value.len() > LONGEST && value.contains('(');
    let is_code = begins && (is_long || (value.bytes().all(is_of_code) && is_of_words(value)));
    let is_quoted = || !text.get(name.end..).is_some_and(|behind| behind.starts_with(['=', ':', ' ']));
    let before = || line_before(text, name.start, JUDGED).bytes();
    is_code && !is_quoted() && before().filter(|byte| *byte == quote.byte).count() % 2 == 1
}

/// Whether what braces hold is code of a text that is formatted: `settings.secret`, `password!r`; or of an element:
/// `<Login password={password1} />`.
fn is_formatted(text: &str, name: &Range<usize>, value: &Range<usize>, folded: &Name<'_>) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let is_of_list = || {
        let next = near(text, value.end, JUDGED).strip_prefix("};").and_then(|next| next.split_once('='));
        next.is_some_and(|(next, _)| next.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b' '))
            || is_of_connection(text, name.start)
    };
    let is_of_element = matches!(text.as_bytes().get(value.end + 1), Some(b' ' | b'/' | b'>' | b'\n'));
    let value = text.get(value.clone()).unwrap_or_default();
    // `{algo: "x"}`, `{{min: 8}}`
    let is_member = || {
        let (member, said) = value.split_once(':').unwrap_or_default();
        let member = member.trim_matches(['"', '\'', ' ']);
        let is_of_member = |byte: u8| byte.is_ascii_alphabetic() || b"_@".contains(&byte);
        !member.is_empty() && member.bytes().all(is_of_member) && said.starts_with([' ', '"', '\''])
    };
    if (value.starts_with('{') || value.starts_with("...") || is_member()) && !is_of_list() {
        return true;
    }
    if value.starts_with("`${") || (is_of_element && is_variable_of(value, folded.rules())) {
        return true;
    }
    let name = ["!r", "!s", "!a"].iter().find_map(|conversion| value.strip_suffix(conversion));
    is_path_of_code(name.unwrap_or(value)) || name.is_some_and(|name| name.bytes().all(is_of_name))
}

/// Whether a value is a number of code: `0x0B96`, `0x56UL`.
pub(super) fn is_number(value: &str) -> bool {
    const MOST: usize = 8;
    let hex = value.trim_end_matches(['U', 'L']).strip_prefix("0x");
    hex.is_some_and(|hex| hex.len() <= MOST && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a value is a tag of YAML, after which its own value stands: `!vault |`.
fn is_tag(text: &str, value: &Range<usize>) -> bool {
    let tag = text.get(value.clone()).and_then(|value| value.strip_prefix('!'));
    let behind =
        text.get(value.end..).and_then(|behind| behind.strip_prefix(' ')).map(|behind| behind.trim_start_matches(' '));
    tag.is_some_and(|tag| tag.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && behind.is_some_and(|behind| !behind.is_empty() && !behind.starts_with(['\r', '\n', '\\', '#']))
}
