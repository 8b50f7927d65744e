//! What documentation, code and prose have in the place of a credential: placeholders, versions, names and words.

use super::{
    mask::mask_at,
    near::{JUDGED, clipped},
    words::Words,
};

/// Whether a value is a placeholder, as documentation has them: as a whole, since a password may begin like one.
pub(super) fn is_placeholder(value: &str) -> bool {
    let is_name = |name: &str| {
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') && name.bytes().all(is_of_name)
    };
    // `auth.password.label`
    let is_label = |value: &str| value.split('.').count() > 2 && is_path_of_code(value) && has_term(value);
    // `YOUR_API_KEY`, `ACCESS_TOKEN_2`: a variable's name.
    let is_word =
        |word: &str| word.bytes().all(|byte| byte.is_ascii_uppercase()) || word.bytes().all(|b| b.is_ascii_digit());
    let is_variable = |value: &str| value.contains('_') && value.split('_').all(is_word);
    value.len() <= JUDGED
        && ((value.len() > 2 && value.bytes().all(|byte| b"*.x-".contains(&byte)))
            || value.strip_prefix('$').or(value.strip_prefix("process.env.")).is_some_and(is_name)
            || value.strip_prefix('%').is_some_and(|name| name.strip_suffix('%').is_some_and(is_name))
            || matches!(value, "%s" | "%r" | "%v")
            || is_variable(value)
            || is_rule(value)
            || is_version(value)
            || is_label(value)
            || begins_with_placeholder(value))
}

/// Whether a text begins with a placeholder in brackets, which end a word: `${NAME}`, `{{ name }}`, `<your key>`,
/// `{self.key}`, `$(command)`; or with a mask.
pub(super) fn begins_with_placeholder(text: &str) -> bool {
    const BRACKETS: [(&str, &str); 4] = [("${", "}"), ("$(", ")"), ("{{", "}}"), ("<", ">")];
    let parts = |start, end| clipped(text.strip_prefix(start)?, JUDGED).split_once(end);
    let behind = BRACKETS.into_iter().find_map(|(start, end)| Some(parts(start, end)?.1));
    let is_of_code = |byte: u8| byte.is_ascii_alphanumeric() || b"_.$![]'\"".contains(&byte);
    let formatted = || parts("{", "}").filter(|(name, _)| name.bytes().all(is_of_code) && is_of_words(name));
    let behind = behind.or_else(|| Some(formatted()?.1));
    behind.is_some_and(|rest| {
        !rest.bytes().next().is_some_and(|next| next.is_ascii_alphanumeric() || b"!#$%&*+-./=@^_~".contains(&next))
    }) || mask_at(text, 0).is_some()
}

/// Whether it is what documentation has in a password's place.
pub(super) fn stands_for_password(password: &str) -> bool {
    let words = ["", "password", "passwd", "pass", "pwd", "secret", "changeme"];
    words.iter().any(|word| password.eq_ignore_ascii_case(word)) || is_placeholder(password)
}

/// Whether a value is what code asks of one: `required|string|min:8`, `too_short_8`; or names what makes a hash of it.
fn is_rule(value: &str) -> bool {
    static RULES: Words = Words::of(
        "alpha between confirmed integer long nullable num regex short size sometimes strong too unique weak",
    );
    const HASHES: [&str; 4] = ["md5crypt", "sha256crypt", "sha512crypt", "yescrypt"];
    let is_number = |part: &[u8]| part.len() <= 3 && part.iter().all(u8::is_ascii_digit);
    let is_one = |part: &&[u8]| TERMS.has(part) || RULES.has(part);
    let parts = || value.as_bytes().split(|byte| b"|:_,-".contains(byte));
    // Almost no value begins with one.
    (parts().all(|part| is_number(part) || is_one(&part)) && parts().filter(is_one).count() > 1)
        || HASHES.contains(&value)
}

/// Whether a value is a version: `^2.0.0-beta.1`, `1:4.13+dfsg1-1`.
pub(super) fn is_version(value: &str) -> bool {
    static STAGES: Words = Words::of("alpha beta bpo canary deb dev dfsg el post pre preview rc snapshot ubuntu");
    const MOST_DIGITS: usize = 4;
    let is_digits = |part: &str| part.len() <= MOST_DIGITS && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = |part: &str| !part.is_empty() && is_digits(part);
    let is_stage = |part: &str| {
        let stage = part.trim_end_matches(|last: char| last.is_ascii_digit());
        is_number(part) || (STAGES.has(stage.as_bytes()) && is_digits(part.get(stage.len()..).unwrap_or_default()))
    };
    let (version, fewest) = match value.split_once(':') {
        Some((epoch, version)) if is_number(epoch) => (version, 2),
        _ => (value.strip_prefix(['^', '~', 'v']).unwrap_or(value), 3),
    };
    let mut parts = version.split(['.', '-', '+', '~']);
    parts.by_ref().take(fewest).filter(|part| is_number(part)).count() == fewest && parts.all(is_stage)
}

/// Whether a part of a value is a word of those who write about credentials.
pub(super) fn has_term(value: &str) -> bool {
    clipped(value, JUDGED).split(|one: char| !one.is_ascii_alphanumeric()).any(is_term)
}

/// Words that stand where a password might, and say something of it; and names of what encrypts one.
static TERMS: Words = Words::of(
    "\
    2fa aes aes128 aes256 after always an and any are argon2 argon2id as at base32 base58 base64 bcrypt be been \
    before by can cannot changed character characters chars confirm current days default digit digits do does email \
    empty encoded encrypted enter error es256 example expired expires failed field for forgot format from has hash \
    hashed have hidden hmac hours hs256 http http2 https if in incorrect invalid ipv4 ipv6 is it its key least \
    length letters login match max maximum may md5 min minimum minutes missing most must name needs new no none not \
    null number numbers oauth oauth2 of on one only optional or password passwords pbkdf2 protected required \
    requires reset rotated rotation rs256 same scrypt secret sha1 sha256 sha512 should special step steps stored \
    string symbol symbols text that the this to token type unknown use used username uses using utf8 valid value \
    version we when which will with wrong x509 you your",
);

/// Whether a word is one of those.
pub(super) fn is_term(word: &str) -> bool {
    TERMS.has(word.as_bytes())
}

/// Whether each part of a value is a word or a number, as in `gpt-4o-2024-11-20`, `user_id2` and `HTTP2Server`.
pub(super) fn is_of_words(value: &str) -> bool {
    const MOST_DIGITS: usize = 4;
    const LONGEST: usize = 16;
    let is_word = |part: &[u8]| {
        let mut numbers = part.split(|byte| !byte.is_ascii_digit()).filter(|number| !number.is_empty());
        let (first, second) = (numbers.next(), numbers.next());
        let is_number = |number: &[u8]| number.len() == part.len();
        let is_in_word = |number: &[u8]| number.len() <= MOST_DIGITS && part.len() <= LONGEST;
        second.is_none() && first.is_none_or(|number| is_number(number) || is_in_word(number))
    };
    clipped(value, JUDGED).as_bytes().split(|byte| !byte.is_ascii_alphanumeric()).all(is_word)
}

/// Whether a value that no quotes hold is what code says instead: `settings.secret_v2`.
pub(super) fn is_path_of_code(value: &str) -> bool {
    let is_name = |name: &str| {
        let words = name.trim_end_matches(|last: char| last.is_ascii_digit());
        let is_of_words = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        name.len() - words.len() <= 2 && !words.is_empty() && words.bytes().all(is_of_words)
    };
    // `Admin.Admin66` is what people choose.
    let is_chosen = || {
        let numbers = value.bytes().rev().take_while(u8::is_ascii_digit).count();
        let is_word = |part: &str| part.starts_with(|first: char| first.is_ascii_uppercase());
        numbers == 2 && value.split('.').all(is_word) && !has_term(value)
    };
    value.contains('.') && value.split('.').all(is_name) && !is_chosen()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_names_things_by_paths() {
        for path in ["self.settings.secret_v2", "config.key"] {
            assert!(is_path_of_code(path), "{path}");
        }
        for key in ["Xk9.mQ2pLr7v", "a1b2.c3d4", "Winter_Sun_24"] {
            assert!(!is_path_of_code(key), "{key}");
        }
    }
}
