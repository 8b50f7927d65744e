//! What documentation, code and prose have in the place of a credential: placeholders, versions, names and words.

use super::letters::are_drawn;
use crate::{
    mask::mask_at,
    tables::words::Words,
    text::near::{JUDGED, clipped},
};

/// Whether a value is a placeholder, as documentation has them: as a whole, since a password may begin like one.
pub(crate) fn is_placeholder(value: &str) -> bool {
    const TIME: &str = "0000-00-00T00:00";
    let is_of_code = |name: &str| is_name(name) || is_constant(name);
    // An editor's pattern ends so: `s/x/$PASSWORD/g`.
    let is_edited = |name: &str| !name.bytes().any(|byte| byte.is_ascii_lowercase()) && is_of_code(name);
    let is_variable_name =
        |name: &str| is_of_code(name) || is_edited(name.trim_end_matches("/g").trim_end_matches('/'));
    // `auth.password.label`
    let is_label = |value: &str| value.split('.').count() > 2 && is_path_of_code(value) && has_term(value);
    // `os.environ/API_KEY_2`, `env:API_KEY_2`
    let is_of_source = |byte: u8| byte.is_ascii_lowercase() || b"._:/-".contains(&byte);
    let is_variable = || {
        let named = value.rsplit_once([':', '/', '.']).filter(|(source, _)| source.bytes().all(is_of_source));
        let name = named.map_or(value, |(_, name)| name);
        name.contains('_') && is_constant(name)
    };
    // `$username:$password`
    let is_of_variables =
        || value.contains(':') && value.split(':').all(|part| part.strip_prefix('$').is_some_and(is_of_code));
    // `env:DB_PASSWORD1`, `vault:secret/data/db1#password`, `aws-sm://prod/db`
    let is_reference = || {
        let is_scheme = |source: &str| source.bytes().all(|byte| byte.is_ascii_lowercase() || b"+-".contains(&byte));
        let is_store = |source: &str, name: &str| {
            matches!(source, "env" | "file" | "keyring" | "vault") || (name.starts_with("//") && is_scheme(source))
        };
        let is_one = |name: &str| is_of_words(name) && (is_constant(name) || name.contains(['/', '_', '.', '#']));
        value.split_once(':').is_some_and(|(source, name)| is_store(source, name) && is_one(name))
    };
    // Words of other languages: `\u5bc6\u7801`.
    let is_of_escapes = || {
        let mut parts = value.split("\\u");
        let is_word = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic() || b" .:?!\\".contains(&byte));
        let is_escape = |part: &str| {
            let (code, rest) = part.split_at_checked(4).unwrap_or_default();
            code.len() == 4
                && code.bytes().all(|byte| byte.is_ascii_hexdigit())
                && !code.starts_with("00")
                && is_word(rest)
        };
        parts.next().is_some_and(is_word) && parts.all(is_escape) && value.contains("\\u")
    };
    // What one may be of: `a-zA-Z0-9/_+=`
    let is_range = |from| value.get(from..from + 3).is_some_and(|range| matches!(range, "a-z" | "A-Z" | "0-9"));
    let is_of_ranges = || {
        let rest = value.get(if is_range(6) { 9 } else { 6 }..).unwrap_or_default();
        is_range(0)
            && is_range(3)
            && !rest.split(']').next().is_some_and(|rest| rest.bytes().any(|byte| byte.is_ascii_alphanumeric()))
    };
    // `2024-05-01T10:00:00Z`
    let is_time = || {
        let is_of = |(byte, form): (u8, u8)| if form == b'0' { byte.is_ascii_digit() } else { byte == form };
        let is_of_zone = |byte: u8| byte.is_ascii_digit() || b":.,+-Z".contains(&byte);
        value.len() >= TIME.len()
            && value.bytes().zip(TIME.bytes()).all(is_of)
            && value.bytes().skip(TIME.len()).all(is_of_zone)
    };
    // `*Optional*`
    let emphasis = || value.strip_prefix('*')?.strip_suffix('*');
    is_unspaced(clipped(value, JUDGED))
        || is_shown_in_part(value)
        || (value.len() <= JUDGED
            && ((value.len() > 2 && value.bytes().all(|byte| b"*.x-".contains(&byte)))
                || value
                    .trim_matches('"')
                    .strip_prefix('$')
                    .or(value.strip_prefix("process.env."))
                    .is_some_and(is_variable_name)
                || value.strip_prefix('%').is_some_and(|name| name.strip_suffix('%').is_some_and(is_of_code))
                || matches!(value, "%s" | "%r" | "%v")
                || is_variable()
                || is_of_variables()
                || is_reference()
                || is_of_ranges()
                || is_of_escapes()
                || is_time()
                || emphasis().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_alphabetic()))
                || is_rule(value)
                || is_version(value)
                || is_label(value)
                || begins_with_placeholder(value)))
}

/// Whether it is a name of code: words, of which each may end in a short number.
fn is_name(name: &str) -> bool {
    const MOST_DIGITS: usize = 2;
    let is_word = |part: &str| {
        let word = part.trim_end_matches(|last: char| last.is_ascii_digit());
        part.len() - word.len() <= MOST_DIGITS && word.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') && name.split('_').all(is_word)
}

/// Whether it is the name of a variable of an environment: `YOUR_API_KEY`, `AUTH0_SECRET`, `ACCESS_TOKEN_2`. A year
/// ends only what is called as such variables are: `ACME_2024` is what people choose.
fn is_constant(name: &str) -> bool {
    const MOST_DIGITS: usize = 2;
    let digits = |part: &str| part.bytes().filter(u8::is_ascii_digit).count();
    let is_word = |part: &str| {
        let is_upper = part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        is_upper && (digits(part) <= MOST_DIGITS || digits(part) == part.len())
    };
    let parts = || name.split('_');
    let is_mixed = |part: &str| (1..part.len()).contains(&digits(part));
    parts().all(is_word)
        && (!parts().any(|part| digits(part) > MOST_DIGITS) || has_term(name))
        && (!parts().any(is_mixed) || parts().any(|part| part.len() > 2 && digits(part) == 0))
}

/// Whether a value is a sentence of a language that has no spaces between its words.
fn is_unspaced(value: &str) -> bool {
    let is_of_one =
        |one: &char| matches!(*one, '\u{e00}'..='\u{eff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}');
    !value.is_ascii() && value.chars().filter(is_of_one).count() * 2 >= value.chars().count()
}

/// Whether a text begins with a placeholder in brackets, which end a word: `${NAME}`, `{{ name }}`, `<your key>`,
/// `{self.key}`, `$(command)`; or with a mask.
pub(crate) fn begins_with_placeholder(text: &str) -> bool {
    const BRACKETS: [(&str, &str); 5] = [("${", "}"), ("#{", "}"), ("$(", ")"), ("{{", "}}"), ("<", ">")];
    let written = clipped(text, JUDGED);
    let text = text.trim_start_matches('\\');
    // The code of a template may be longer than what is judged.
    let template = text.strip_prefix("${").filter(|code| code.len() > JUDGED).unwrap_or_default();
    let code = template.trim_start_matches(|one: char| one.is_ascii_alphanumeric() || "_.".contains(one));
    if code.len() < template.len() && code.starts_with(['(', '[', ' ', '?']) {
        return true;
    }
    let parts = |start, end| clipped(text.strip_prefix(start)?, JUDGED).split_once(end);
    let behind = BRACKETS.into_iter().find_map(|(start, end)| Some(parts(start, end)?.1));
    let is_of_code = |byte: u8| byte.is_ascii_alphanumeric() || b"_.$![]()'\", ".contains(&byte);
    let formatted = || parts("{", "}").filter(|(name, _)| name.bytes().all(is_of_code) && is_of_words(name));
    // What Swift puts into a text: `\(token)`.
    let interpolated = || {
        let (name, behind) = written.strip_prefix("\\(")?.split_once(')')?;
        (is_path_of_code(name) || is_name(name)).then_some(behind)
    };
    let behind = behind.or_else(|| Some(formatted()?.1)).or_else(interpolated);
    behind.is_some_and(|rest| {
        !rest.bytes().next().is_some_and(|next| next.is_ascii_alphanumeric() || b"!#$%&*+-./=@^_~".contains(&next))
    }) || mask_at(text, 0).is_some()
}

/// Whether a value is a key that somebody masked but for its kind and the letters that tell it from others:
/// `sk-proj-********abcd`, `sk-ab...9xYz`. With few stars and no kind before them it may be what people choose.
fn is_shown_in_part(value: &str) -> bool {
    const LONGEST: usize = 256;
    const LONGEST_KIND: usize = 16;
    const FEWEST_STARS: usize = 4;
    const MOST_BEFORE: usize = 8;
    const MOST_BEHIND: usize = 4;
    let is_star = |one: char| matches!(one, '*' | '•');
    let is_dot = |one: char| matches!(one, '.' | '…');
    // Most have no such byte.
    let may_begin = |byte: u8| matches!(byte, b'*' | b'.' | 0xe2);
    let Some(at) = clipped(value, JUDGED).bytes().position(may_begin) else { return false };
    let (before, rest) = value.split_at(at);
    let is_of_stars = rest.starts_with(is_star);
    let behind = if is_of_stars { rest.trim_start_matches(is_star) } else { rest.trim_start_matches(is_dot) };
    let mask = rest.get(..rest.len() - behind.len()).unwrap_or_default();
    let shown = before.rsplit(['-', '_']).next().unwrap_or_default();
    let has_kind = before.is_empty() || shown.len() < before.len();
    let is_word = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let is_drawn = || behind.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    value.len() <= LONGEST
        && before.len() <= LONGEST_KIND
        && behind.len() <= MOST_BEHIND
        && is_word(before)
        && is_word(behind)
        && if is_of_stars {
            let fewest = if has_kind { FEWEST_STARS } else { MOST_BEFORE };
            shown.len() <= MOST_BEFORE && mask.chars().count() >= fewest
        } else {
            matches!(mask, "..." | "…") && !before.is_empty() && shown.len() <= MOST_BEHIND && is_drawn()
        }
}

/// Whether it is what documentation has in a password's place, or what was taken out of it.
pub(crate) fn stands_for_password(password: &str) -> bool {
    static WORDS: Words = Words::of(
        "\
        bar change changeme dummy fake fixme foo foobar masked me mock pass passwd password placeholder pwd redacted \
        removed replace sample secret test todo unset your yourpassword",
    );
    let word = password.trim_matches(['[', ']', '<', '>']);
    word.is_empty() || word.split(['-', '_']).all(|word| WORDS.has(word.as_bytes())) || is_placeholder(password)
}

/// Whether a value is what code asks of one: `required|string|min:8`, `too_short_8`; or names what makes a hash of it.
fn is_rule(value: &str) -> bool {
    static RULES: Words = Words::of(
        "alpha between cbc confirmed ctr gcm integer long nullable num regex short size sometimes strong too unique weak",
    );
    let is_number = |part: &[u8]| part.len() <= 3 && part.iter().all(u8::is_ascii_digit);
    let is_one = |part: &&[u8]| TERMS.has(part) || RULES.has(part);
    let parts = || value.as_bytes().split(|byte| b"|:_,-".contains(byte));
    // Almost no value begins with one.
    (parts().all(|part| is_number(part) || is_one(&part)) && parts().filter(is_one).count() > 1)
        || matches!(value, "md5crypt" | "sha256crypt" | "sha512crypt" | "yescrypt")
}

/// Whether a value is a version: `^2.0.0-beta.1`, `npm:^1.0.0`, `1:4.13+dfsg1-1+deb12u1`, `4.13-r4`, `SAML2.0`, or a
/// commit's in Go.
pub(super) fn is_version(value: &str) -> bool {
    static STAGES: Words =
        Words::of("alpha beta bpo canary deb dev dfsg el fc post pre preview r rc snapshot u ubuntu");
    const MOST_DIGITS: usize = 4;
    const LONGEST_STAGE: usize = 12;
    let is_number =
        |part: &str| (1..=MOST_DIGITS).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    // `dfsg1`, `1ubuntu5`, `deb12u1`
    let is_stage = |part: &str| {
        let parts = || part.split(|one: char| one.is_ascii_digit()).filter(|stage| !stage.is_empty());
        let is_named = parts().next().is_some() && parts().all(|stage| STAGES.has(stage.as_bytes()));
        is_number(part) || (part.len() <= LONGEST_STAGE && is_named)
    };
    let (version, fewest) = match value.split_once(':') {
        Some((epoch, version)) if is_number(epoch) => (version, 2),
        Some((protocol, version)) if protocol.bytes().all(|byte| byte.is_ascii_lowercase()) => (version, 3),
        _ => (value, 3),
    };
    let version = version.strip_prefix(['^', '~', 'v']).unwrap_or(version);
    let parts = || version.split(['.', '-', '+', '~']);
    let number = value.trim_start_matches(|one: char| one.is_ascii_alphabetic());
    matches!(number.as_bytes(), [b'0'..=b'9', b'.', b'0'..=b'9'])
        || is_commit(value)
        || (parts().count() >= fewest && parts().take(2).all(is_number) && parts().skip(2).all(is_stage))
}

/// Whether it is the version that Go gives to a commit: `v0.0.0-20210101000000-8f3c9a7e1b2d`.
fn is_commit(version: &str) -> bool {
    let mut parts = version.rsplitn(3, '-');
    let (Some(hash), Some(time), Some(version)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let is_time = time.len() >= 14 && time.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    version.starts_with('v') && is_time && hash.len() == 12 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a part of a value is a word of those who write about credentials.
pub(crate) fn has_term(value: &str) -> bool {
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
pub(crate) fn is_term(word: &str) -> bool {
    TERMS.has(word.as_bytes())
}

/// How what encrypts, signs and hashes is called.
static ALGORITHMS: Words = Words::of(
    "\
    aes aes128 aes192 aes256 argon2 argon2d argon2i argon2id bcrypt cbc chacha20 ctr curve25519 dsa ecdsa ed25519 \
    ed448 eddsa es256 es256k es384 es512 gcm hmac hs256 hs384 hs512 kem kw md5 md5crypt ml p256 p384 p521 pbkdf2 \
    poly1305 ps256 rs256 rs384 rs512 rsa rsa2048 rsa4096 scrypt secp256k1 secp256r1 secp384r1 sha sha1 sha2 sha256 \
    sha256withrsa sha3 sha384 sha512 sha512crypt sha512withrsa tls tls12 tls13 with wrap x25519",
);

/// Whether a value is how an algorithm is called, with how many bits: `RSA-2048`, `TLS13-AES256-GCM`.
pub(super) fn is_algorithm(value: &str) -> bool {
    let parts = || value.split(['-', '_', '/']);
    let is_number = |part: &str| part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    parts().next().is_some_and(|first| ALGORITHMS.has(first.as_bytes()))
        && parts().all(|part| is_number(part) || ALGORITHMS.has(part.as_bytes()))
}

/// Whether each part of a value is a word or a number, as in `gpt-4o-2024-11-20`, `user_id2` and `HTTP2Server`.
pub(crate) fn is_of_words(value: &str) -> bool {
    const MOST_DIGITS: usize = 4;
    const LONGEST: usize = 16;
    const SHORTEST_DRAWN: usize = 8;
    let is_word = |part: &[u8]| {
        let mut numbers = part.split(|byte| !byte.is_ascii_digit()).filter(|number| !number.is_empty());
        let (first, second) = (numbers.next(), numbers.next());
        let is_number = |number: &[u8]| number.len() == part.len();
        let is_in_word = |number: &[u8]| number.len() <= MOST_DIGITS && part.len() <= LONGEST;
        let is_said = || part.len() < SHORTEST_DRAWN || !std::str::from_utf8(part).is_ok_and(are_drawn);
        second.is_none() && first.map_or_else(is_said, |number| is_number(number) || is_in_word(number))
    };
    clipped(value, JUDGED).as_bytes().split(|byte| !byte.is_ascii_alphanumeric()).all(is_word)
}

/// Whether a value that no quotes hold is what code says instead: `settings.secret_v2`.
pub(crate) fn is_path_of_code(value: &str) -> bool {
    // `Admin.Admin66` is what people choose.
    let is_chosen = || {
        let numbers = value.bytes().rev().take_while(u8::is_ascii_digit).count();
        let is_word = |part: &str| part.starts_with(|first: char| first.is_ascii_uppercase());
        is_passphrase(value) || (numbers == 2 && value.split('.').all(is_word) && !has_term(value))
    };
    let is_member = |name: &str| is_name(name.strip_prefix('#').unwrap_or(name));
    value.contains('.') && value.split('.').all(is_member) && !is_chosen()
}

/// Whether a value is words that one sign joins, as those who draw passphrases write them: names of code are of lower
/// case where no hyphen joins them.
pub(super) fn is_passphrase(value: &str) -> bool {
    const FEWEST: usize = 4;
    let Some(sign) = value.chars().find(|one| !one.is_ascii_alphabetic()).filter(|sign| "-._".contains(*sign)) else {
        return false;
    };
    let is_lower = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_capital = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_uppercase())
            && word.bytes().skip(1).all(|byte| byte.is_ascii_lowercase())
    };
    let words = || value.split(sign);
    words().count() >= FEWEST
        && words().all(|word| (3..=10).contains(&word.len()) && !is_term(word))
        && (words().all(is_capital) || (sign == '-' && words().all(is_lower)))
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
