//! Whether a value can be a credential: what documentation, code and prose have in its place is none.

use super::mask::mask_at;

/// How much of a value is judged, in bytes: a text may hold as many names as it has words.
pub(super) const JUDGED: usize = 64;

/// The fewest different characters of a key.
const DIFFERENT: usize = 6;

/// The beginning of a text, at most so many bytes of it.
pub(super) fn clipped(text: &str, longest: usize) -> &str {
    text.get(..text.floor_char_boundary(longest)).unwrap_or(text)
}

/// Whether a value can be a credential: long enough, of one word, and of mixed letters and signs.
pub(super) fn can_be_credential(value: &str) -> bool {
    let value = clipped(value, JUDGED);
    let is_word = |byte: u8| !byte.is_ascii_whitespace() && !b"()[]{}<>".contains(&byte);
    let is_resource = value.starts_with("arn:");
    if value.len() < 8 || is_resource || is_placeholder(value) || !value.bytes().all(is_word) {
        return false;
    }
    let (mut has_letter, mut has_more) = (false, false);
    // Where the case last rose.
    let (mut rises, mut before) = ([None; 4], b' ');
    for (at, byte) in value.bytes().enumerate() {
        has_letter |= byte.is_ascii_alphabetic();
        has_more |= byte.is_ascii_digit() || b"!#%*+&^@$".contains(&byte);
        if before.is_ascii_lowercase() && byte.is_ascii_uppercase() {
            rises.rotate_left(1);
            rises[3] = Some(at);
            // Four times within twelve letters, of which the first is the one before the first rise.
            has_more |= rises[0].is_some_and(|first| at - first <= 10);
        }
        before = byte;
    }
    has_letter && has_more && is_varied(value.as_bytes())
}

/// Whether a key has as many different characters as one that is drawn at random, and is no example of
/// documentation.
pub(super) fn is_varied(key: &[u8]) -> bool {
    let mut seen = 0_u128;
    for byte in key.iter().take(JUDGED) {
        seen |= 1 << (byte & 0x7f);
    }
    let is_example = key.strip_suffix(b"KEY").unwrap_or(key).ends_with(b"EXAMPLE");
    seen.count_ones() as usize >= DIFFERENT && !is_example
}

/// Whether a value is a placeholder, as documentation has them: as a whole, since a password may begin like one.
pub(super) fn is_placeholder(value: &str) -> bool {
    let is_name = |name: &str| {
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') && name.bytes().all(is_of_name)
    };
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
            || begins_with_placeholder(value))
}

/// Whether a text begins with a placeholder in brackets, which end a word: `${NAME}`, `{{ name }}`, `<your key>`; or
/// with a mask.
pub(super) fn begins_with_placeholder(text: &str) -> bool {
    let behind = |start, end| Some(clipped(text.strip_prefix(start)?, JUDGED).split_once(end)?.1);
    let behind = [("${", "}"), ("{{", "}}"), ("<", ">")].into_iter().find_map(|(start, end)| behind(start, end));
    behind
        .is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || "!#$%&*+-./=@^_~".contains(next)))
        || mask_at(text, 0).is_some()
}

/// Whether it is a UUID, which is more often an id than a key.
pub(super) fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a value that no quotes hold is what code says instead: `settings.secret_v2`.
pub(super) fn is_path_of_code(value: &str) -> bool {
    let is_name = |name: &str| {
        let words = name.trim_end_matches(|last: char| last.is_ascii_digit());
        let is_of_words = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        name.len() - words.len() <= 2 && !words.is_empty() && words.bytes().all(is_of_words)
    };
    value.contains('.') && value.split('.').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_can_be_credentials_and_words_cannot() {
        for key in ["abcd-1234", "hunter2x", "p@ssw!rd#", "kQzWpTgYbRnLxVdM", "8f3c9a7e1b2d4f60", "$2b$12$abcDEF9"] {
            assert!(can_be_credential(key), "{key}");
        }
        for word in [
            "short1",
            "password",
            "confirmPassword",
            "is required",
            "12345678",
            "aaaaaaa1",
            "$OPENAI_API_KEY",
            "${PASSWORD_1}",
            "<your-key-1>",
            "YOUR_API_KEY_2",
            "%PWD_12%",
            "********",
            "[REDACTED:api-key]",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ] {
            assert!(!can_be_credential(word), "{word}");
        }
    }

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
