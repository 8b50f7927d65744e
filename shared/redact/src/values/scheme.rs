//! Schemes of authorization: the word before a credential, which stays.

use super::{
    can_be_credential, is_link,
    placeholders::{has_term, is_of_words, is_placeholder},
};
use crate::{
    names::Name,
    tables::words::{Words, is_one},
    text::near::clipped,
};

/// Schemes whose credential is one word, whatever it looks like.
const SCHEMES: &str = "bearer basic dpop apikey";
/// Schemes that are words of the language too.
const WORDS: &str = "token key bot jwt";
/// Schemes with a list of parameters.
const LISTS: &str = "digest aws4-hmac-sha256 aws4-ecdsa-p256-sha256 hmac-sha256 hawk negotiate oauth";

/// How long the scheme before a value is, with its space.
pub(crate) fn scheme(folded: &Name<'_>, value: &str) -> Option<usize> {
    let (word, rest) = value.split_once(' ').filter(|_| folded.is_authorization())?;
    let is = |schemes| is_one(word.as_bytes(), schemes);
    let spaces = rest.len() - rest.trim_start_matches(' ').len();
    // There are more schemes than a table holds: `Api-Key`, `SSWS`, `GenieKey`.
    let can_be_scheme = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    let first = || rest.split_whitespace().next().unwrap_or_default();
    // The base64 of a user and a password is no word.
    let is_word = || first().len() > 3 && first().bytes().all(|byte| byte.is_ascii_lowercase());
    let is_scheme = (is(SCHEMES) && !(is("basic") && is_word()))
        // One that is a word of the language too.
        || (is(LISTS) && (!is("oauth") || first().contains('=') || can_be_credential(first())))
        || (is(WORDS) && can_be_credential(rest.trim_start_matches(' ')))
        || (folded.is_whole_authorization() && can_be_scheme(word) && can_be_credential(first()));
    is_scheme.then_some(word.len() + 1 + spaces)
}

/// Without its scheme's word, if there is one before all of it.
pub(crate) fn without_scheme(value: &str) -> &str {
    let is_scheme = |word: &str| [SCHEMES, WORDS, LISTS].into_iter().any(|list| is_one(word.as_bytes(), list));
    value.split_once(' ').filter(|(word, _)| is_scheme(word)).map_or(value, |(_, rest)| rest.trim())
}

/// Whether a word behind a scheme is one of a sentence about it: `Basic authentication`, `Bearer parsing fails`.
fn is_of_prose(word: &str, behind: &str) -> bool {
    const ABOUT: &str = "auth authentication authorization credentials header scheme token";
    const LONGEST: usize = 16;
    let goes_on = || {
        behind
            .trim_start_matches([',', '.'])
            .strip_prefix(' ')
            .is_some_and(|next| next.starts_with(|first: char| first.is_alphabetic()))
    };
    is_one(word.as_bytes(), ABOUT)
        || (word.len() <= LONGEST && word.bytes().all(|byte| byte.is_ascii_lowercase()) && goes_on())
}

/// What code says of a variable that has no value.
const NOTHING: &str = "false nan none null undefined";
/// Words of what is called a token, and is none.
static EXAMPLES: Words = Words::of("dummy example mock no not sample your");

/// Whether what stands behind a scheme says what would: a URL, a list of empty values, the beginning of a key, a word.
pub(crate) fn is_example(value: &str, behind: &str) -> bool {
    const LONGEST: usize = 16;
    let elided = value.strip_suffix("...").or_else(|| value.strip_suffix('…'));
    let elided = elided.or_else(|| Some(value).filter(|_| behind.starts_with("...") || behind.starts_with('…')));
    // Base64 ends in a sign too.
    let is_empty = |pair: &str| {
        let (_, quoted) = pair.split_once("=\"").or_else(|| pair.split_once("=\\\"")).unwrap_or(("", pair));
        matches!(quoted, "\"" | "\\\"" | "%s\"" | "%s\\\"")
    };
    // `your-api-key`, `NOT-NEEDED`; what has digits may be one.
    let is_named = || {
        value.split(['-', '_']).any(|word| EXAMPLES.has(word.as_bytes()))
            && value.bytes().all(|byte| byte.is_ascii_alphabetic() || b"-_".contains(&byte))
            && has_term(value)
            && is_of_words(value)
    };
    is_placeholder(value)
        || is_link(value)
        || is_one(value.as_bytes(), NOTHING)
        || is_named()
        || value.split(", ").all(is_empty)
        || is_of_prose(value, behind)
        || elided.is_some_and(|begin| {
            begin.is_empty() || begin.ends_with(['-', '_']) || (begin.starts_with("eyJ") && begin.len() < LONGEST)
        })
}

/// Whether a text begins with a scheme that a list of parameters follows.
pub(crate) fn begins_with_list(text: &str) -> bool {
    LISTS.split(' ').any(|list| text.get(..list.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(list)))
}

/// Whether a text begins with a parameter in quotes: `token="x"`.
pub(crate) fn begins_with_parameter(text: &str) -> bool {
    let name = text.bytes().take(16).take_while(u8::is_ascii_alphanumeric).count();
    name > 0 && text.get(name..).is_some_and(|rest| rest.starts_with("=\"") || rest.starts_with("=\\\""))
}

/// Where the list ends that begins at a place: `username="u", realm="a b", qop=auth`, its quotes escaped or not. One
/// word is a list too.
pub(crate) fn list_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let skip = |at: usize, is: fn(u8) -> bool| {
        bytes.get(at..).map_or(at, |rest| at + rest.iter().position(|byte| !is(*byte)).unwrap_or(rest.len()))
    };
    let mut end = start;
    loop {
        let name_end = skip(end, |byte| byte.is_ascii_alphanumeric() || b"-_+/.~".contains(&byte));
        let mut at = name_end;
        if bytes.get(at) == Some(&b'=') {
            let value = skip(at + 1, |byte| byte == b'\\');
            let is_quoted = bytes.get(value) == Some(&b'"');
            at = if is_quoted {
                let close = bytes.get(value + 1..).and_then(|rest| rest.iter().position(|byte| *byte == b'"'));
                close.map_or(text.len(), |close| value + 1 + close + 1)
            } else {
                skip(at + 1, |byte| !byte.is_ascii_whitespace() && !b",\"'`\\<>)]}".contains(&byte))
            };
        }
        if at == end {
            return clipped(text, end).len();
        }
        let next = skip(at, |byte| byte == b' ');
        if bytes.get(next) != Some(&b',') {
            return clipped(text, at).len();
        }
        end = skip(next + 1, |byte| byte == b' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_with_its_last_parameter() {
        for (list, rest) in [
            (r#"username="u", realm="a b", nonce="x", response="6629""#, "\nHost: h"),
            (r#"username=\"u\", realm=\"a, b\""#, r#"", "accept": "*/*""#),
            ("Credential=a/b, SignedHeaders=c;d, Signature=e", "' and more"),
            ("YIIJvwYGKwYBBQUCoIIJ", " then"),
        ] {
            assert_eq!(list_end(&format!("{list}{rest}"), 0), list.len(), "{list}");
        }
    }
}
