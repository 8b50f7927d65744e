//! What a text assigns to a name that says it is a credential: `Authorization: Bearer x`, `api_key = "x"`,
//! `("x-api-key", "x")`, `--password x`, `<secret>x</secret>`.

use super::{
    before::{begins_line, declared, labels, labels_around, name_before, phrase},
    behind::value,
    columns::can_be,
    extents::{certain, is_of_model, opening, run, with_exclamation},
    near::{JUDGED, clipped, line_before, near, near_before},
    search::Search,
    urls::Kind,
    user_info,
    written::Written,
};
use crate::{
    mask::{Hits, Rule},
    names::{COOKIE, Name, PASS, PASSWORD, SECRET, TOKEN, VAGUE},
    rules::Rules,
    tables::words::Words,
    values::{
        SHORTEST_NUMBER, SHORTEST_VAGUE, is_base64_key, is_hex_key, is_key_of_one_case, is_passed, is_session, is_uuid,
        named::{is_token, looks_like_key},
        placeholders::{is_of_words, stands_for_password},
    },
};
use std::ops::Range;

/// What holds a value whose name stands before it: an attribute, an element, an option.
static VALUES: Words =
    Words::of("body content dd default fieldvalue optionvalue parametervalue paramvalue string td value");

/// What is done to a value, of which other things are said too: when, and what it is called.
static DONE: Words = Words::of("again been below created generated has here issued now set to");

/// Finds the credential that is assigned at a separator: `=`, `:`, `>` of a tag, a space after an option, or a comma
/// after a quote. Gives where it ends, unless it may have a shape that says more: then it is what is `named`.
pub(super) fn at_separator(search: &mut Search<'_>, at: usize) -> Option<usize> {
    let found = found(search.text, at, &mut search.folded);
    let (range, rule) = found.or_else(|| changed(search.text, at, &mut search.folded))?;
    if rule == VAGUE {
        search.named = range.clone();
    }
    let end = search.hits.push(range, Rule::Name(rule));
    (rule != VAGUE).then_some(end)
}

fn found(text: &str, at: usize, folded: &mut Name<'_>) -> Option<(Range<usize>, &'static str)> {
    if assigns_nothing(text.as_bytes(), at) {
        return None;
    }
    let written = Written::at(text, at, folded.rules())?;
    if is_of_url(text, &written) {
        return None;
    }
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

/// What a plan changes a value to, behind the arrow that ends at a place: `~ password = "x" -> "y"`.
fn changed(text: &str, at: usize, folded: &mut Name<'_>) -> Option<(Range<usize>, &'static str)> {
    const FAR: usize = 256;
    let behind = text.get(at..)?.strip_prefix("> \"")?;
    let line = line_before(text, at, FAR);
    // Of code `=>` is a part.
    let is_plan = line.ends_with('-') || line.trim_start().starts_with(['~', '+', '-']);
    let line = line.strip_suffix(['-', '=']).filter(|_| is_plan)?.strip_suffix(' ')?;
    let (name, old) = line.split_once(" = ").or_else(|| line.split_once(": "))?;
    if !matches!(old.as_bytes(), [b'"', .., b'"'] | b"null") {
        return None;
    }
    let (value, _) = clipped(behind, FAR).split_once('"')?;
    // As if it were all that is assigned.
    let name = name.trim_matches([' ', '"', '~', '+', '-', '/']);
    let (_, rule) = found(&format!("{name} = \"{value}\""), name.len() + 1, folded)?;
    let start = text.len() - behind.len();
    (rule != PASS && rule != VAGUE).then_some((start..start + value.len(), rule))
}

/// Whether a separator ends its line, or code opens behind it: `else:`, `config: {`. Code has more of these than values.
fn assigns_nothing(bytes: &[u8], at: usize) -> bool {
    const MOST_SPACES: usize = 64;
    let behind = bytes.get(at + 1..).unwrap_or_default();
    let spaces = behind.iter().take(MOST_SPACES).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match (bytes.get(at), behind.get(spaces)) {
        (Some(b'=' | b':'), next) if next.is_none_or(|next| matches!(next, b'\r' | b'\n')) => true,
        (separator, next) => separator == Some(&b':') && matches!(next, Some(b'{' | b'(')),
    }
}

/// Whether a name before a colon is the scheme of a URL that links to a key, or the user before a password that is
/// found as such: `otpauth://…`, `https://x-access-token:x@host`.
fn is_of_url(text: &str, written: &Written) -> bool {
    const FAR: usize = 1024;
    const OPENS: &str = "://";
    let Written { name, separator: b':', at, .. } = written else { return false };
    if name.end != *at {
        return false;
    }
    let start = name.start.saturating_sub(OPENS.len());
    let url = near(text, start, FAR);
    let is_user = || {
        let password = url.get(at + 1 - start..).unwrap_or_default().split_once('@').map(|(password, _)| password);
        let mut hits = Hits::default();
        password.is_some_and(|password| {
            stands_for_password(password) || {
                user_info::find(url, Kind::Text, &mut hits);
                hits.since(0).first().is_some_and(|hit| hit.range.end > at + 1 - start)
            }
        })
    };
    (text.get(name.clone()) == Some("otpauth") && text.get(*at..).is_some_and(|rest| rest.starts_with(OPENS)))
        || (url.starts_with(OPENS) && is_user())
}

/// The rule of what is assigned.
struct Named {
    rule: &'static str,
    /// Whether what it takes may be words, which other things have that are called so.
    may_be_words: bool,
}

/// The rule that a name has by what is before it, or what was asked of that last.
fn rule_before(text: &str, written: &Written, folded: &mut Name<'_>) -> Result<Named, Range<usize>> {
    static LINKS: Words = Words::of("given is ist lautet provided used was");
    const MOST_WORDS: usize = 4;
    let bytes = text.as_bytes();
    let Written { name, separator, .. } = written;
    let said = match separator {
        b'=' if folded.is_named("string") || folded.is_named("str") => Some(declared(bytes, name.start)),
        _ if folded.is_in(&VALUES) => return rule_of_label(text, written, folded),
        b'=' if folded.is_named("result") && is_drawn_by_plan(text, name.start) => {
            return Ok(Named { rule: PASSWORD, may_be_words: true });
        }
        // `The password is: x`, `API key provided: x`.
        b':' if folded.is_in(&LINKS) => {
            let said = name_before(bytes, name.start.saturating_sub(1));
            folded.read(text.get(said.clone()).unwrap_or_default());
            if folded.assigned().is_some() { Some(said) } else { phrase(bytes, &said) }
        }
        // `Your token has been created: x`
        b':' if folded.is_in(&DONE) && certain(text, written.at + 1).is_some() => {
            let mut said = name.clone();
            for _ in 0..MOST_WORDS {
                said = name_before(bytes, said.start.saturating_sub(1));
                folded.read(text.get(said.clone()).unwrap_or_default());
                if !folded.is_in(&DONE) {
                    break;
                }
            }
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
    let before = line_before(text, start, JUDGED);
    let is_setting = before.ends_with(' ') && before.contains("<add key=");
    if let Some(rule) = labels(bytes, start).find_map(&mut rule) {
        return Ok(Named { rule, may_be_words: written.separator != b'=' || is_setting });
    }
    let is_secure = before.contains("--type SecureString");
    let around = || labels_around(bytes, start, written.at).find_map(rule);
    let rule = if is_secure { Some(SECRET) } else { around() };
    rule.map(|rule| Named { rule, may_be_words: is_setting }).ok_or(last)
}

/// Whether a place is in the block of what Terraform drew: `resource "random_password" "db" {`.
fn is_drawn_by_plan(text: &str, at: usize) -> bool {
    const FAR: usize = 768;
    let before = near_before(text, at, FAR);
    let head = before.rfind(['{', '}']).unwrap_or_default();
    before.get(head..).is_some_and(|rest| rest.starts_with('{'))
        && line_before(before, head, JUDGED).starts_with("resource \"random_password\" ")
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
    // `appKey = md5HexDigest(x)`
    let is_called = text.as_bytes().get(range.end) == Some(&b'(') && value.starts_with(|one: char| one.is_alphabetic());
    if is_called && !is_hex_key(value) && !is_key_of_one_case(value) {
        return None;
    }
    // Members and attributes of code are called so too.
    let is_of_prose = match separator {
        b':' => !matches!(before, Some(b'"' | b'\'')),
        b'=' => begins_line(text, name.start) || text.as_bytes().get(name.end) == Some(&b' '),
        _ => text.get(name.clone()).is_some_and(|name| name.starts_with('-')),
    };
    // A list of cookies has others before it.
    let is_of_list =
        || text.get(..name.start).is_some_and(|before| before.ends_with("; ") || before.ends_with("__Secure-"));
    // `primary key` is none, whatever its last word is.
    folded.read(text.get(phrase(text.as_bytes(), &said).unwrap_or(said))?);
    let is_vague = folded.is_vague();
    folded.read(text.get(name.clone())?);
    let is_of_jar = || line_before(text, name.start, JUDGED).contains("ookie");
    let rule = if folded.is_session_cookie() {
        let is_one =
            (*separator == b'=' && (is_of_prose || is_of_list())) || (b":,".contains(separator) && is_of_jar());
        (is_one && is_session(value)).then_some(COOKIE)
    } else {
        let is_key = || looks_like_key(folded, value, is_of_prose);
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
    let is_parameter = written.separator == b'=' && matches!(written.before, Some(b'?' | b'&'));
    // A number in a URL is seldom one.
    if is_parameter && value.len() < SHORTEST_NUMBER && folded.is_weak_parameter() {
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
        let end = match text.get(range.clone()).and_then(|value| value.find('#')) {
            _ if rule == PASSWORD => with_exclamation(text, range.end),
            Some(fragment) if is_parameter && fragment > 0 => range.start + fragment,
            _ => range.end,
        };
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
