//! What a value is worth by its name: a name says of some values that they are credentials, which other names do not.

use super::{
    can_be_credential, can_be_password, has_sign, is_base64, is_base64_key, is_conversation, is_hex_key, is_key,
    is_key_of_one_case, is_long, is_path, is_random, is_salt, is_session, is_short_token, is_uuid, is_vague_key,
    placeholders::{is_algorithm, is_of_words, is_placeholder, is_version},
    scheme::{is_example, scheme},
};
use crate::{
    names::{
        AUTHORIZATION, CODE, COOKIE, JWT, Name, PASSWORD, PERSONAL_TOKEN, SALT, SECRET, SECRET_ID, SIGNING_KEY, TOKEN,
        VAGUE, VARIABLE,
    },
    rules::OWN_NAME,
    text::codes::are_codes,
};
use std::ops::Range;

/// Whether a value is what has such a name, of which some are those of other things too: pins of hardware, algorithms.
pub(crate) fn fits(folded: &Name<'_>, rule: &str, value: &str) -> bool {
    const SHORTEST: usize = 16;
    let is_of_base32 = |byte: u8| matches!(byte, b'A'..=b'Z' | b'2'..=b'7' | b'=');
    let is_number = || value.bytes().all(|byte| byte.is_ascii_digit());
    match rule {
        OWN_NAME => true,
        _ if is_algorithm(value) => false,
        // As web pages, buckets and chains call what they keep things under.
        _ if folded.ends("storagekey") && is_place(value) => false,
        AUTHORIZATION => !is_of_words(value),
        JWT => value.len() >= SHORTEST,
        SECRET_ID => is_uuid(value),
        VARIABLE => (is_random(value) || has_sign(value)) && !is_uuid(value) && !value.starts_with("0x"),
        // An amount of those that are traded.
        TOKEN if is_number() => false,
        // Patterns are called so too.
        PERSONAL_TOKEN if folded.is_named("pat") => value.len() >= 2 * SHORTEST && is_key(value),
        PERSONAL_TOKEN => value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)),
        // With what it is the key's id for, where one signs: `Credential=AKID/20240101/eu-west-1/s3/aws4_request`.
        TOKEN if folded.ends("cred creds credential") && value.contains(['/', '\'']) && !is_base64(value) => false,
        PASSWORD if folded.is_of_directory() => !(value.starts_with(['/', '~']) && is_of_words(value)),
        PASSWORD if folded.is_named("pin") => is_number(),
        PASSWORD if folded.is_named("otp") => is_number() || value.len() >= SHORTEST,
        PASSWORD if folded.is_named("totp") => value.len() >= SHORTEST && value.bytes().all(is_of_base32),
        PASSWORD if folded.is_named("mnemonic") => value.contains(' '),
        // A route to where one is reset.
        PASSWORD => !(value.starts_with(['/', '.']) && is_path(value)),
        SECRET if is_name_of_one(value) => false,
        SIGNING_KEY if !folded.is_constant() && is_fingerprint(value) => false,
        _ => !(is_path(value) || is_package(value)),
    }
}

/// Whether a token is no id: an environment has only those that open something.
pub(crate) fn is_token(folded: &Name<'_>, value: &str) -> bool {
    is_long(value) || is_short_token(value) || (folded.is_constant() && (is_uuid(value) || is_key(value)))
}

/// What a member of a JSON object is worth, if its name says that it is a credential.
pub(crate) fn member(folded: &Name<'_>, value: &str) -> Option<(Range<usize>, &'static str)> {
    let Some(rule) = folded.assigned() else {
        let is_key = looks_like_key(folded, value, folded.is_key_of()) || (folded.is_vague() && is_base64_key(value));
        if folded.is_of_browser() && is_session(value) {
            return Some((0..value.len(), COOKIE));
        }
        return is_key.then_some((0..value.len(), VAGUE));
    };
    let start = scheme(folded, value).unwrap_or_default();
    let is_taken = match value.get(start..)? {
        "" => false,
        // The scheme's word says that it is one.
        rest if start > 0 => !is_example(rest, ""),
        rest if folded.is_session_id() && is_conversation(rest) => false,
        rest if !fits(folded, rule, rest) => rule == SIGNING_KEY && rest.len() == LONGEST_FINGERPRINT,
        rest if rule == OWN_NAME => !is_placeholder(rest),
        rest if rule == TOKEN && !is_token(folded, rest) && !(folded.is_of_issuer() && is_uuid(rest)) => false,
        rest if rule == PASSWORD => can_be_password(rest),
        rest if rule == CODE => are_codes(rest),
        rest if rule == SALT => is_salt(rest) || can_be_credential(rest),
        // Base64 has such a sign at its end.
        rest => can_be_credential(rest) || (folded.is_cookie() && rest.trim_end_matches('=').contains('=')),
    };
    is_taken.then_some((start..value.len(), rule))
}

/// Whether a value looks like a key, which its name alone does not say: digests are called so as well, unless the name
/// is `known` to be a key's or is written as settings have it.
pub(crate) fn looks_like_key(folded: &Name<'_>, value: &str, known: bool) -> bool {
    const DIGESTS: [usize; 3] = [32, 40, 64];
    /// The shortest that is one although nothing says of what, in bytes.
    const SHORTEST_PLAIN: usize = 32;
    let is_digest = || DIGESTS.contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_of_unknown = folded.is_of_unknown();
    let is_plain = || folded.is_named("key") && value.len() >= SHORTEST_PLAIN && is_vague_key(value) && is_key(value);
    ((known || is_of_unknown) && is_vague_key(value))
        || is_plain()
        || (is_of_unknown && is_key_of_one_case(value) && (known || !is_digest()))
        || (folded.is_of_hex() && is_hex_key(value))
}

/// Whether a value is where something is stored: a name of code, a path, or what a chain has.
fn is_place(value: &str) -> bool {
    let is_name =
        || value.trim_end_matches(|last: char| last.is_ascii_digit()).bytes().all(|byte| byte.is_ascii_alphabetic());
    is_of_words(value) || is_name() || value.starts_with("0x") || (value.contains('/') && !is_base64(value))
}

/// Whether a value is what a secret is called, or an option's that says which file is one: `db-creds-v2`, `id=npmrc`.
fn is_name_of_one(value: &str) -> bool {
    let last = value.rsplit(['-', '/']).next().unwrap_or_default();
    let is_name =
        || value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-/".contains(&byte));
    let is_version = last.len() < value.len() && (2..=3).contains(&last.len()) && last.starts_with('v');
    value.starts_with("id=") || (is_version && is_name() && is_of_words(value))
}

/// Whether a value is a package of a version: `cookie@0.7.2`. Digits end a word of its name.
fn is_package(value: &str) -> bool {
    let is_mixed = |pair: &[u8]| matches!(pair, [_, b'A'..=b'Z'] | [b'0'..=b'9', b'a'..=b'z']);
    value.rsplit_once('@').is_some_and(|(name, version)| {
        is_version(version) && is_of_words(name) && !name.as_bytes().windows(2).any(is_mixed)
    })
}

/// As long as all of a fingerprint is, in digits.
const LONGEST_FINGERPRINT: usize = 40;

/// Whether a value is how a public key is called: `3AA5C34371567BD2`.
fn is_fingerprint(value: &str) -> bool {
    matches!(value.len(), 16 | LONGEST_FINGERPRINT)
        && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'))
}
