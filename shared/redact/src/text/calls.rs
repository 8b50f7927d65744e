//! What code gives to a name that is not directly behind it: behind a type (`api_key: str | None = "x"`), a call, a
//! default or a fallback (`getenv("API_KEY") or "x"`), what a method named after a credential is called with, and what
//! a test types into a field. What has no quotes is left, and so is what another name says of itself.

use super::{
    before::name_before,
    columns::can_be,
    extents::Quote,
    near::{clipped, near_before},
    search::Search,
};
use crate::{
    mask::{Rule, mask_at},
    names::{PASS, PASSWORD, TOKEN},
    shapes::given::argument,
    values::{
        can_be_credential, can_be_password, is_chosen, is_key, is_long, is_random,
        named::fits,
        placeholders::{has_term, is_placeholder},
        shows_itself,
    },
};
use std::ops::Range;

/// How far behind its name a value may be, in bytes.
const FAR: usize = 128;
/// What stands before what code takes where a value is missing.
const FALLBACKS: [&str; 8] = [" or", "|_|", "??", "||", "?:", "default=", "Field(", ".unwrap_or("];
/// What compares with a value.
const EQUALS: [&str; 4] = [".equals(", ".Equals(", ".equalsIgnoreCase(", ".isEqualTo("];
/// What Capybara calls a field's value, behind its name.
const FILLED: [&str; 2] = ["', with: '", "\", with: \""];
/// What a property of C# has before its first value.
const ACCESSORS: [&str; 3] = ["{ get; set; }", "{ get; init; }", "{ get; }"];
/// The methods that type into what was found by a name.
pub(super) const TYPING: &str =
    ".fill( .type( .send_keys( .sendKeys( .pressSequentially( .setValue( .press_sequentially(";

/// Finds the value of a name, the last word of which ends at a place.
pub(super) fn at_name(search: &mut Search<'_>, end: usize) -> Option<usize> {
    let Search { text, folded, hits, .. } = search;
    let rest = text.as_bytes().get(end..)?;
    let quotes = rest.iter().take(4).take_while(|byte| b"\"'`\\]".contains(byte)).count();
    if let Some(range) = entered(text, end) {
        return Some(hits.push(range, Rule::Name(PASSWORD)));
    }
    let name = name_before(text.as_bytes(), end);
    if let Some(range) = compared(text, end) {
        let rule = folded.rule_of(text.get(name)?).filter(|rule| *rule != TOKEN)?;
        return Some(hits.push(range, Rule::Name(if rule == PASS { PASSWORD } else { rule })));
    }
    if quotes > 0
        && let Some(range) = ahead(text, &name)
    {
        let rule = folded
            .rule_of(text.get(name.clone())?)
            .filter(|rule| can_be(rule, text.get(range.clone()).unwrap_or_default()))?;
        hits.push(range, Rule::Name(rule));
        return Some(end);
    }
    if !may_go_on(rest.get(quotes..)?) {
        return None;
    }
    let rule = folded.rule_of(text.get(name.clone())?);
    let rule = rule.or_else(|| text.get(name.clone())?.ends_with("USERPWD").then_some(PASSWORD));
    let rule = rule.filter(|rule| *rule != PASS)?;
    let range = value(text, &name, quotes, rule, folded.is_constant())?;
    if !fits(folded, rule, text.get(range.clone())?) {
        return None;
    }
    Some(hits.push(range, Rule::Name(rule)))
}

/// What a method of the name compares it with.
fn compared(text: &str, end: usize) -> Option<Range<usize>> {
    let rest = text.get(end..)?;
    let call = EQUALS.iter().find(|call| rest.starts_with(**call))?;
    argument(text, end + call.len(), 0).filter(|given| text.get(given.clone()).is_some_and(shows_itself))
}

/// What is entered into a field by its name, or sent once a program asks for it.
fn entered(text: &str, end: usize) -> Option<Range<usize>> {
    let rest = text.get(end..)?;
    let range = if let Some(filled) = FILLED.iter().find(|filled| rest.starts_with(**filled)) {
        let start = end + filled.len();
        start..start + clipped(text.get(start..)?, FAR).find(['"', '\''])?
    } else if rest.starts_with([':', '*', '"']) {
        let sent = clipped(rest, 24).split_once("send ")?;
        let ended =
            ["\"\n", "\" { ", "\"\n  "].into_iter().any(|end| sent.0.trim_start_matches([':', '*', ' ']) == end);
        let start = end + sent.0.len() + 5;
        let sent = text.get(start..)?.strip_prefix('"').filter(|_| ended)?;
        start + 1..start + 1 + clipped(sent, FAR).find(['"', '\\'])?
    } else {
        return None;
    };
    can_be_password(text.get(range.clone())?).then_some(range)
}

/// The value before its name: `setValue("x", forHTTPHeaderField: "X-API-Key")`, `SET value = 'x' WHERE name = 'api_key'`.
fn ahead(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    let before = near_before(text, name.start, FAR);
    let quote = before.chars().next_back().filter(|quote| matches!(quote, '"' | '\''))?;
    let head = before.strip_suffix(quote)?.trim_end();
    let is_of_name = |one: char| one.is_ascii_alphanumeric() || "_.`\"".contains(one);
    let column = || {
        let head = head.strip_suffix('=')?.trim_end().trim_end_matches(is_of_name).trim_end();
        let head = head
            .get(..head.len().checked_sub(" where".len())?)
            .filter(|_| head.to_ascii_lowercase().ends_with(" where"))?;
        head.trim_end().strip_suffix(quote)
    };
    let header = head.strip_suffix(", forHTTPHeaderField:").and_then(|head| head.strip_suffix(quote));
    let set = header.or_else(column)?;
    let value = set.rsplit(quote).next()?;
    let call = set.get(..set.len() - value.len() - 1)?;
    let is_set = || {
        call.trim_end()
            .strip_suffix('=')
            .is_some_and(|column| column.trim_end().trim_end_matches(['`', '"']).ends_with("value"))
    };
    let end = name.start - before.len() + set.len();
    (if header.is_some() { call.ends_with('(') } else { is_set() }).then_some(end - value.len()..end)
}

/// Whether code may go on so behind a name and its quotes.
fn may_go_on(rest: &[u8]) -> bool {
    match rest {
        [b'(' | b'[' | b']' | b'{' | b':' | b'=' | b',' | b')', ..] | [b' ', b'{', b' ', b'g', b'e', b't', ..] => true,
        [b' ', next, ..] => b"=:?|<A".contains(next),
        _ => false,
    }
}

fn value(text: &str, name: &Range<usize>, quotes: usize, rule: &str, is_constant: bool) -> Option<Range<usize>> {
    let start = name.end + quotes;
    let near = clipped(text.get(start..)?, FAR);
    // A name in quotes may be an argument itself.
    let is_argument = quotes > 0 && text.get(..name.start.saturating_sub(1)).is_some_and(|head| head.ends_with('('));
    let written = text.get(name.clone())?;
    let (mut depth, mut is_assigned, mut strings) = (usize::from(is_argument), false, 0);
    let accessors = ACCESSORS.iter().find(|accessors| near.trim_start().starts_with(**accessors));
    let mut at = accessors.map_or(0, |accessors| accessors.len() + 1);
    while let Some(byte) = near.as_bytes().get(at) {
        let before = near.get(..at)?;
        match byte {
            b'(' => depth += 1,
            b')' if depth == 0 && !before.trim_matches(['"', '\'', ']', '\\']).is_empty() => return None,
            b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 && !(is_constant && before.is_empty()) => return None,
            // It is the next name's.
            b'=' if depth == 0 && is_assigned && !before.ends_with(['=', '?', '|']) => return None,
            b'=' => is_assigned = true,
            // An object has names of its own.
            b'{' if before.trim_end().ends_with([':', '=', '(']) => return None,
            b';' | b'}' | b'#' | b'\\' | b'/' => return None,
            b'\n' if !before.trim_end().ends_with(['=', '(']) => return None,
            b'\'' if near.get(at + 1..).is_some_and(|rest| rest.starts_with("static ")) => {}
            b'"' | b'\'' | b'`' => {
                let first = start + at + 1;
                let end = Quote { byte: *byte, escapes: 0 }.close(text, first)?;
                let value = text.get(first..end)?;
                if mask_at(value, 0).is_some() {
                    return None;
                }
                if !is_placeholder(value)
                    && let Some(value) = judged(value, before, rule, strings, written)
                {
                    return Some(first + value..end);
                }
                strings += 1;
                at = end - start;
                if near.len() <= at || strings > 3 {
                    return None;
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where a credential begins in a string that has this between the name and itself, if it is one.
fn judged(value: &str, before: &str, rule: &str, strings: usize, name: &str) -> Option<usize> {
    let is_one = |is_one: bool| (is_one && (rule != TOKEN || is_long(value))).then_some(0);
    let code = before.trim_end_matches(['b', 'r', 'f', 'u', '@']).trim_end();
    match code {
        // What is assigned is found without this.
        "=" | ":" | "==" | ":=" | "=>" | "===" if !before.contains('\n') => None,
        // A builder's.
        "(" if rule == PASSWORD && name.ends_with(".password") => {
            is_one((is_chosen(value) || shows_itself(value)) && can_be_password(value))
        }
        "(" if is_setter(name) => is_one(can_be_credential(value) || (rule == PASSWORD && can_be_password(value))),
        "(" => is_one(is_random(value)),
        _ if name.ends_with("AndPassword") && code.ends_with(',') => {
            (!value.contains('@') && can_be_password(value)).then_some(0)
        }
        "," => match value.split_once(':') {
            Some((user, password)) if rule == PASSWORD => can_be_password(password).then_some(user.len() + 1),
            _ if name.starts_with("CURLOPT_") => is_one(can_be_credential(value)),
            _ => is_one(is_random(value)),
        },
        _ if TYPING.split(' ').any(|typing| code.ends_with(typing)) && !code.contains('=') => {
            can_be_password(value).then_some(0)
        }
        _ => {
            let is_type = || strings == 0 && !code.contains('(') && is_declaration(code);
            let is_fallback = || FALLBACKS.iter().any(|sign| code.ends_with(sign));
            // What a call is given besides may be where the secret is.
            let is_given = || {
                code.matches('(').count() == code.matches(')').count()
                    || code.ends_with(['=', '('])
                    || code.contains("unwrap_or")
            };
            let is_direct = || {
                is_type()
                    || (strings + code.len() > 1
                        && match rule {
                            PASSWORD => is_fallback() || code.ends_with('{'),
                            _ => rule != TOKEN && is_fallback() && is_given(),
                        })
            };
            let is_plain = || can_be_credential(value) && !has_term(value) && !value.contains('/');
            let can_be = || match rule {
                PASSWORD => can_be_credential(value),
                _ => is_random(value) || (is_fallback() && is_plain()),
            };
            is_one(is_key(value) || (can_be() && is_direct()))
        }
    }
}

/// Whether what is called sets what its name says: `client.setApiKey`, `with_password`.
fn is_setter(name: &str) -> bool {
    let method = name.rsplit('.').next().unwrap_or_default();
    ["set", "with"].iter().any(|verb| method.starts_with(verb))
}

/// Whether it is the type of a name and a sign that sets it.
fn is_declaration(code: &str) -> bool {
    let code = ACCESSORS.iter().find_map(|accessors| code.trim_start().strip_prefix(accessors)).unwrap_or(code);
    let is_of_type = |byte: u8| byte.is_ascii_alphanumeric() || b" _:&'<>[]|?.\n".contains(&byte);
    ["=", "<-", "{"].iter().any(|sign| code.strip_suffix(sign).is_some_and(|kind| kind.bytes().all(is_of_type)))
}
