//! Whether a value can be a credential: what has the place, the length and the characters of one, and is no word.
//!
//! - `placeholders`: what stands where a credential would
//! - `letters`: how words have theirs
//! - `scheme`: the word that may be before one
//! - `named`: what a value is worth by its name

mod letters;
pub(crate) mod named;
pub(crate) mod placeholders;
pub(crate) mod scheme;

use crate::{
    tables::words::Words,
    text::near::{JUDGED, clipped},
};
use letters::are_drawn;
use placeholders::{has_term, is_of_words, is_passphrase, is_placeholder, is_term, is_version};
use std::mem;

/// The shortest value that is taken although nothing but its place says that it is one, in bytes.
pub(crate) const SHORTEST_OWN: usize = 4;

/// The shortest value that is a key wherever a credential may be, in bytes.
const SHORTEST_KEY: usize = 16;
/// The shortest number that is taken although nothing but its name says that it is one, in digits.
pub(crate) const SHORTEST_NUMBER: usize = 6;

/// The shortest value that is taken although its name may be that of anything, in bytes.
pub(crate) const SHORTEST_VAGUE: usize = 20;

/// The longest number that counts or tells the time, in digits.
const LONGEST_NUMBER: usize = 24;

/// The fewest different characters of a key.
const DIFFERENT: u32 = 6;

/// Whether a value can be a credential: long enough, of one word, and of mixed letters and signs.
pub(crate) fn can_be_credential(value: &str) -> bool {
    let whole = value;
    let value = clipped(whole, JUDGED);
    if value.len() < 8 || !is_one_word(value, whole) {
        return false;
    }
    let (mut has_letter, mut has_more) = (false, false);
    // Where the case last rose.
    let (mut rises, mut before) = ([None; 4], b' ');
    for (at, byte) in value.bytes().enumerate() {
        has_letter |= byte.is_ascii_alphabetic();
        has_more |= byte.is_ascii_digit() || is_mark(byte);
        if before.is_ascii_lowercase() && byte.is_ascii_uppercase() {
            rises.rotate_left(1);
            rises[3] = Some(at);
            // Four times within twelve letters, of which the first is the one before the first rise.
            has_more |= rises[0].is_some_and(|first| at - first <= 10);
        }
        before = byte;
    }
    // Base64 shows itself at its end.
    has_more |= value.ends_with('=') && value.len().is_multiple_of(4) && rises[2].is_some();
    let is_resource = || value.starts_with("arn:") || is_link(value) || is_integrity(whole);
    // As long, a number is drawn.
    let is_number = || value.len() > LONGEST_NUMBER && value.bytes().all(|byte| byte.is_ascii_digit());
    (has_letter || is_number())
        && (has_more || are_drawn(value))
        && is_varied(value.as_bytes())
        && !is_resource()
        && !is_placeholder(value)
}

/// Whether a value is a URL, and has no key after its host.
pub(crate) fn is_link(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else { return false };
    let is_scheme = |scheme: &str| scheme.bytes().all(|byte| byte.is_ascii_lowercase() || b"+-".contains(&byte));
    let is_key =
        |part: &str| part.len() >= SHORTEST_KEY && is_varied(part.as_bytes()) && !is_uuid(part) && !is_of_words(part);
    (matches!(scheme, "s3" | "socks5") || (!scheme.is_empty() && is_scheme(scheme)))
        && !rest.split(['/', '?', '&', '=', '#']).skip(1).any(is_key)
}

/// Whether a byte may be within a word: neither white space nor a bracket.
const fn is_of_word(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !matches!(byte, b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>')
}

/// Whether the beginning of a value is one word, in which only drawn passwords have brackets.
fn is_one_word(value: &str, whole: &str) -> bool {
    value.bytes().all(is_of_word) || !(value.bytes().any(|byte| byte.is_ascii_whitespace()) || is_structure(whole))
}

/// Whether each bracket has its other half.
pub(crate) fn is_balanced(value: &str) -> bool {
    const BRACKETS: [&[u8; 2]; 4] = [b"()", b"[]", b"{}", b"<>"];
    let is_closed = |[open, close]: &[u8; 2]| {
        let mut last = 0;
        let depth = value.bytes().try_fold(0_usize, |depth, byte| {
            // Arrows are none.
            let is_arrow = matches!((mem::replace(&mut last, byte), byte), (b'-' | b'=', b'>'));
            match byte {
                _ if is_arrow => Some(depth),
                _ if byte == *open => Some(depth + 1),
                _ if byte == *close => depth.checked_sub(1),
                _ => Some(depth),
            }
        });
        depth == Some(0)
    };
    BRACKETS.into_iter().all(is_closed)
}

/// Whether the brackets of a value are those of code, markup, a pattern or a format: each has its other half, and words
/// or nothing around it.
fn is_structure(value: &str) -> bool {
    let before = |brackets: [char; 4]| value.split(brackets).next().unwrap_or_default();
    let is_call = || value.ends_with([')', ']', '}', '>']) && is_of_words(before(['(', '[', '{', '<']));
    value.len() > LONGEST_PASSWORD
        || ["(?=", "(?!", "(?:"].iter().any(|group| value.contains(group))
        || (is_balanced(value) && (is_call() || is_of_words(value)))
}

/// Whether signs of all kinds stand in a word as chance has them, and not as in code: as generators draw passwords.
pub(crate) fn is_drawn_of_signs(word: &str) -> bool {
    const LENGTHS: std::ops::RangeInclusive<usize> = 10..=64;
    const MARKS: &[u8] = b"!#$%^&*+~?|@";
    let class = |byte: &u8| match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    };
    let has = |of: u8| word.as_bytes().iter().any(|byte| class(byte) == of);
    let changes = || word.as_bytes().array_windows().filter(|[one, two]| class(one) != class(two)).count();
    let kinds = || (0..=2).filter(|of| has(*of)).count();
    let has_marks = || MARKS.iter().filter(|mark| word.as_bytes().contains(mark)).count() > 1;
    let is_of_name =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_parameter = |part: &str| part.split_once(['=', ':']).is_some_and(|(name, _)| is_of_name(name));
    LENGTHS.contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'`\\".contains(&byte))
        && has(3)
        && kinds() + usize::from(has_marks()) > 2
        && changes() * 2 >= word.len()
        && (has_marks() || !(is_balanced(word) || word.ends_with(['(', '[', '{'])))
        && !word.contains("://")
        && !word.split(['&', ',', ';']).skip(1).any(is_parameter)
        && can_be_credential(word)
}

/// Whether a byte is of those signs that keys and passwords have, and words have not.
const fn is_mark(byte: u8) -> bool {
    matches!(byte, b'!' | b'#' | b'%' | b'*' | b'+' | b'&' | b'^' | b'@' | b'$')
}

/// Whether a value has a sign that words have not.
pub(crate) fn has_sign(value: &str) -> bool {
    value.contains(['!', '#', '%', '*', '^', '$', '&'])
}

/// Whether a value is what people choose who are asked for a sign and a digit: `Winter2024!`, `Pizza@5143`.
pub(crate) fn is_signed(value: &str) -> bool {
    const FEWEST: usize = 3;
    let has_digit = || value.bytes().any(|byte| byte.is_ascii_digit());
    // What has fewer digits behind it is a package of a version.
    let is_numbered = || {
        let (word, number) = value.split_once('@').unwrap_or_default();
        number.len() >= FEWEST
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && word.starts_with(|first: char| first.is_ascii_uppercase())
    };
    has_digit() && (has_sign(value) || is_numbered()) && !value.contains(' ') && can_be_password(value)
}

/// Whether a value is a credential by its looks, where one may be: drawn, or chosen with a sign and a digit.
pub(crate) fn shows_itself(value: &str) -> bool {
    is_random(value) || is_signed(value)
}

/// Whether a value can be a password, where its name says that it is one: digits alone, something shorter than a key,
/// or a few words.
pub(crate) fn can_be_password(value: &str) -> bool {
    const SHORTEST: usize = 4;
    /// The fewest characters of letters and digits, and the fewest different ones.
    const SHORTEST_MIXED: usize = 6;
    const DIFFERENT: u32 = 3;
    if value.len() < SHORTEST || value.len() > LONGEST_PASSWORD {
        return false;
    }
    let has = |what: fn(&u8) -> bool| value.as_bytes().iter().any(what);
    let is_mixed = || {
        let has_letter = has(u8::is_ascii_alphabetic) || !value.is_ascii();
        match (has_letter, has(u8::is_ascii_digit)) {
            (true, true) => value.len() >= SHORTEST_MIXED,
            (true, false) => value.len() >= SHORTEST_MIXED && has(|byte| is_mark(*byte)),
            (false, has_digit) => has_digit && value.bytes().all(|byte| byte.is_ascii_digit()),
        }
    };
    let is_plain =
        || is_mixed() && different(value.as_bytes()) >= DIFFERENT && is_one_word(value, value) && !has_term(value);
    let is_one = match value {
        _ if is_of_fours(value) || is_passphrase(value) || CHOSEN.has_exactly(value) => true,
        _ if value.contains(' ') => is_phrase(value) || can_be_credential(value),
        _ => is_plain() || can_be_credential(value),
    };
    // Asked last: most values are nothing that could stand for a password.
    is_one && !is_link(value) && !is_placeholder(value)
}

/// Whether people chose a value, and it is no word of several parts that a number ends.
pub(crate) fn is_chosen(value: &str) -> bool {
    !value.contains(['-', '_', '/', '.']) && value.bytes().filter(u8::is_ascii_digit).count() > 1
}

/// The longest password, in bytes: as many as 24 words take.
pub(crate) const LONGEST_PASSWORD: usize = 256;

/// Whether a few words can be a password, and are no sentence about one: four or more plain words, or words with a
/// digit among them.
fn is_phrase(value: &str) -> bool {
    const SHORTEST: usize = 12;
    const MOST: usize = 24;
    /// What people write with a digit.
    const MOST_MIXED: usize = 6;
    /// The words of a wallet's recovery phrase.
    const MNEMONIC: usize = 12;
    let is_plain = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase()) && (3..=10).contains(&word.len());
    let is_mixed =
        |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#%*+&^@$_.-?".contains(&byte));
    let is_of_words = value.split(' ').all(is_plain);
    let has_digit = || value.bytes().any(|byte| byte.is_ascii_digit());
    // Most prose is neither.
    if value.len() < SHORTEST || !(is_of_words || has_digit()) {
        return false;
    }
    let count = value.split(' ').count();
    if is_of_words {
        let is_told = |word: &str| is_term(word) || TOLD.has(word.as_bytes());
        return (MNEMONIC..=MOST).contains(&count)
            || ((4..MNEMONIC).contains(&count) && !value.split(' ').any(is_told));
    }
    let is_said = |word: &str| SAID.has(word.as_bytes()) || is_version(word) || word.starts_with('-');
    // How much a file changed: `165 ++++--`.
    let is_diffstat =
        || value.contains('+') && value.bytes().all(|byte| byte.is_ascii_digit() || b" +-".contains(&byte));
    count <= MOST_MIXED
        && value.split(' ').all(|word| is_mixed(word) && !is_term(word) && !is_said(word) && !is_placeholder(word))
        && !is_diffstat()
}

/// What says in other languages what became of a password.
static TOLD: Words = Words::of("atualizada clave correctamente invalide kennwort mot passwort senha sucesso");

/// Words of sentences about passwords, which no password of several words has.
static SAID: Words = Words::of(
    "\
    added affected aksara almeno attempt attempts au caractere caracteres caratteri chapter chiffre chiffres \
    dagar dage dagen dager dias dni essais fixed giorni haben hari herufi hotline intentos jours karakter \
    karaktere karakters left maximal mindestens minimaal minimal minimum moins muss page passed percobaan \
    pogingen remaining section see siehe siffra siffror simboli simboliai tage tagen tecken tegn tekens \
    tentativas tentativi tests tries users versuche zeichen ziffern znakov znakova zwischen",
);

/// Whether a value is made of four times four letters, as services draw passwords for applications: letters that words
/// seldom have are among them.
pub(crate) fn is_of_fours(value: &str) -> bool {
    const RARE: &[u8] = b"jkqvwxyz";
    if !matches!(value.len(), 16 | 19) {
        return false;
    }
    let (mut letters, mut rare, mut groups) = (0, 0, 1);
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' => {
                letters += 1;
                rare += usize::from(RARE.contains(&byte));
            }
            b' ' | b'-' if letters == groups * 4 => groups += 1,
            _ => return false,
        }
    }
    letters == 16 && matches!(groups, 1 | 4) && rare > 2
}

/// What very many people choose, of letters alone.
static CHOSEN: Words = Words::of("azerty hunter iloveyou letmein opensesame qwerty qwertz swordfish");

/// Whether a value is a key, although its name may be that of anything: nothing else is as long and as mixed.
pub(crate) fn is_vague_key(value: &str) -> bool {
    const DIGEST: usize = 40;
    let is_of_key = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+=".contains(&byte);
    // What a cache has: `Linux-cargo-8f3c9a7e…`
    let is_digest = |hex: &str| hex.len() >= DIGEST && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_what = |what: &str| what.contains('-') && is_of_words(what);
    let is_of_cache = || value.rsplit_once('-').is_some_and(|(what, hex)| is_digest(hex) && is_what(what));
    let is_one = || (value.bytes().all(is_of_key) && is_drawn(value)) || is_base64(value);
    value.len() >= SHORTEST_VAGUE && is_one() && !is_of_cache()
}

/// Whether a value is random bytes in base64, and no path, which has words.
pub(crate) fn is_base64(value: &str) -> bool {
    let is_of_bytes = |byte: u8| byte.is_ascii_alphanumeric() || b"+/".contains(&byte);
    let is_word = |part: &str| part.len() > 3 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    is_drawn(value) && value.trim_end_matches('=').bytes().all(is_of_bytes) && !value.split('/').any(is_word)
}

/// The same of names that keys have more often than others: hexadecimal, one UUID, or both with a colon between.
pub(crate) fn is_hex_key(value: &str) -> bool {
    const SHORTEST: usize = 32;
    const SHORTEST_MORE: usize = 16;
    let is_hex = |part: &str, least: usize| part.len() >= least && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (first, more) = value.split_once(':').unwrap_or((value, ""));
    (is_uuid(first) || is_hex(first, SHORTEST))
        && (more.is_empty() || is_hex(more, SHORTEST_MORE))
        && is_varied(first.as_bytes())
}

/// Whether a value is a key in digits and letters of one case, and longer than ids are that are written so.
pub(crate) fn is_key_of_one_case(value: &str) -> bool {
    const SHORTEST: usize = 26;
    let has = |what: fn(&u8) -> bool| value.bytes().any(|byte| what(&byte));
    let is_change = |pair: &&[u8; 2]| {
        pair.iter().all(u8::is_ascii_alphanumeric) && pair[0].is_ascii_digit() != pair[1].is_ascii_digit()
    };
    let is_part = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && (part.len() <= 4 || part.bytes().any(|byte| byte.is_ascii_digit()))
    };
    value.len() >= SHORTEST
        && value.split('-').all(is_part)
        && !is_uuid(value)
        && !is_ulid(value)
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase) != has(u8::is_ascii_uppercase)
        && value.as_bytes().array_windows().filter(is_change).count() * 6 >= value.len()
        && is_varied(value.as_bytes())
}

/// Whether a value is 32 bytes in base64, said to be so or not.
pub(crate) fn is_base64_key(value: &str) -> bool {
    const LONGEST: usize = 44;
    let key = value.strip_prefix("base64:").unwrap_or(value);
    let is_of_key = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    key.len() == LONGEST && key.ends_with('=') && key.bytes().all(is_of_key) && is_drawn(key)
}

/// Whether a value is what keeps one logged in: drawn, or longer than any digest.
pub(crate) fn is_session(value: &str) -> bool {
    let is_long = || value.len() >= JUDGED && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    value.len() >= SHORTEST_VAGUE
        && value.bytes().all(is_of_word)
        && !value.contains("://")
        && (is_drawn(value) || is_long())
}

/// Whether a value is one of the salts that a configuration of `WordPress` has.
pub(crate) fn is_salt(value: &str) -> bool {
    const LENGTH: usize = 64;
    const FEWEST: usize = 6;
    value.len() == LENGTH
        && value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        && value.bytes().filter(u8::is_ascii_punctuation).count() >= FEWEST
        && value.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether letters and digits stand as chance has them, and not as in words: both cases, a digit, and a change between
/// them at every fourth character.
pub(crate) fn is_drawn(value: &str) -> bool {
    const SHORTEST: usize = 16;
    let value = clipped(value, JUDGED);
    let has = |what: fn(&u8) -> bool| value.as_bytes().iter().any(what);
    value.len() >= SHORTEST
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && alternates(value)
        && is_varied(value.as_bytes())
}

/// Whether letters and digits, or the cases of letters, change at every fourth character.
fn alternates(value: &str) -> bool {
    let is_change = |[one, two]: &[u8; 2]| {
        one.is_ascii_digit() != two.is_ascii_digit() || (one.is_ascii_lowercase() && two.is_ascii_uppercase())
    };
    value.as_bytes().array_windows().filter(|pair| is_change(pair)).count() * 4 >= value.len()
}

/// Whether a value is no word, with numbers or without: parts of it are neither, or its case changes as in none.
pub(crate) fn is_random(value: &str) -> bool {
    const CHANGES: usize = 3;
    let is_rise = |pair: &[u8]| matches!(pair, [one, two] if one.is_ascii_lowercase() && two.is_ascii_uppercase());
    let rises = || clipped(value, JUDGED).as_bytes().windows(2).filter(|pair| is_rise(pair)).count();
    can_be_credential(value) && (!is_of_words(value) || rises() >= CHANGES)
}

/// Whether a value is a name of code, and no key by its looks: `Base64Data`, `XmlStringMaxLen256`.
pub(crate) fn is_identifier(value: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    value.len() <= JUDGED && value.bytes().all(is_of_name) && is_of_words(value) && !alternates(value)
}

/// Whether a value is a key wherever a credential may be: as long as one, and neither words, a path nor an id.
pub(crate) fn is_key(value: &str) -> bool {
    let is_of_key = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+/=".contains(&byte);
    value.len() >= SHORTEST_KEY
        && value.bytes().all(is_of_key)
        && !is_uuid(value)
        && is_random(value)
        && (!value.contains('/') || is_drawn(value))
}

/// Whether a value is where something is kept: `/etc/ssl/private/server1.key`, `projects/123/secrets/db1`.
pub(crate) fn is_path(value: &str) -> bool {
    let is_rooted = ["/", "./", "../", "projects/"].iter().any(|root| value.starts_with(root));
    let is_of_words = || is_of_words(value) && !value.contains(['*', '+', '|', '!', '^']);
    value.starts_with("~/") || (is_rooted && value.split('/').count() > 2 && is_of_words())
}

/// Whether a value behind a name, with which a text ends, is a test that passed: `PASS: ld-elf/pr14156c`,
/// `--- PASS: TestHTTP2`.
pub(crate) fn is_passed(text: &str, value: &str) -> bool {
    let is_of_path = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-+./".contains(&byte);
    let has_letter = |part: &str| part.bytes().any(|byte| byte.is_ascii_lowercase());
    let is_test = || value.starts_with("test_") || (value.contains('/') && value.split('/').all(has_letter));
    text.ends_with("PASS") && (text.ends_with("--- PASS") || (value.bytes().all(is_of_path) && is_test()))
}

/// Whether a key has as many different characters as one that is drawn at random, and is no example of
/// documentation.
pub(crate) fn is_varied(key: &[u8]) -> bool {
    let judged = key.get(..JUDGED).unwrap_or(key);
    let is_issued = key.starts_with(b"AQo") || key.starts_with(b"AKID");
    let is_example = key.strip_suffix(b"KEY").unwrap_or(key).ends_with(b"EXAMPLE")
        || (is_issued && judged.windows(7).any(|part| part == b"EXAMPLE"))
        || judged.split(|byte| b"-_".contains(byte)).any(|part| part.eq_ignore_ascii_case(b"your"));
    different(key) >= DIFFERENT && !is_example
}

/// How many different characters a key has.
fn different(key: &[u8]) -> u32 {
    key.iter().take(JUDGED).fold(0_u128, |seen, byte| seen | 1 << (byte & 0x7f)).count_ones()
}

/// The shortest token that need not be drawn.
const SHORTEST_TOKEN: usize = 20;

/// Whether a token is shorter than most, and drawn. Ids of several parts are so too.
pub(crate) fn is_short_token(value: &str) -> bool {
    value.len() < SHORTEST_TOKEN
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && (is_drawn(value) || (is_key(value) && alternates(value)))
}

/// Whether a token is as long as a key, and no id or resource name, of which no part is one.
pub(crate) fn is_long(value: &str) -> bool {
    let is_key = |value: &str| value.len() >= SHORTEST_TOKEN && !is_uuid(value) && !is_address(value);
    match value.rsplit_once(':') {
        Some((kind, key)) => {
            is_key(key) && !is_of_words(key) && (!key.contains('/') || is_base64(key)) && !is_digest(kind)
        }
        None => is_key(value),
    }
}

/// Whether what has this before a colon is a digest, or the name of a resource.
fn is_digest(kind: &str) -> bool {
    "sha1 sha256 sha384 sha512 md5 uuid".split(' ').any(|end| kind.ends_with(end))
}

/// Whether it is the digest by which a package is known in a file of locks.
fn is_integrity(value: &str) -> bool {
    [("sha256-", 44), ("sha384-", 64), ("sha512-", 88)]
        .iter()
        .any(|(kind, length)| value.strip_prefix(kind).is_some_and(|digest| digest.len() == *length))
}

/// Whether it is where something is on a chain of blocks.
fn is_address(value: &str) -> bool {
    const DIGITS: usize = 40;
    let is_hex = |hex: &str| hex.len() == DIGITS && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    value.strip_prefix("0x").is_some_and(is_hex)
}

/// Whether it is the id of a conversation, which may be called a session: one of those that are drawn as ids, one of a
/// kind, `ses_x`, and what people call one.
pub(crate) fn is_conversation(value: &str) -> bool {
    const NANOID: usize = 21;
    value.len() == NANOID || is_uuid(value) || is_ulid(value) || is_of_words(value) || is_id_of_kind(value)
}

/// Whether it is an id that says of what kind it is: `cus_x`.
pub(crate) fn is_id_of_kind(value: &str) -> bool {
    const LONGEST_KIND: usize = 12;
    let is_kind = |kind: &str| kind.len() <= LONGEST_KIND && kind.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_id = |id: &str| id.len() <= JUDGED && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    value.split_once('_').is_some_and(|(kind, id)| is_kind(kind) && is_id(id))
}

/// Whether it is an id that begins with its time, in letters of which some are left out.
fn is_ulid(value: &str) -> bool {
    value.len() == 26
        && value.starts_with('0')
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() && !b"ILOUilou".contains(&byte))
        && !value.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Whether it is a UUID, which is more often an id than a key.
pub(crate) fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_can_be_credentials_and_words_cannot() {
        for key in ["abcd-1234", "hunter2x", "p@ssw!rd#", "kQzWpTgYbRnLxVdM", "8f3c9a7e1b2d4f60", "$2b$12$abcDEF9"] {
            assert!(can_be_credential(key), "{key}");
        }
        for key in ["Qm7xR2EXAMPLEvKp9Lw4", "AKIDQm7xR2vKp9Lw4Zt8"] {
            assert!(can_be_credential(key), "{key}");
        }
        for key in ["https://mainnet.example.io/v3/9aa3d95b3bc440fa88ea12eaa4456161", "Kx9://qL2mZ8", "$ummer.2024"] {
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
            "process.env.API_KEY_2",
            "https://docs.example.com/2024/reset-your-key2",
            "https://login.example.com/8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a/v2",
            "s3://bucket-1/secrets2",
            "%PWD_12%",
            "********",
            "[REDACTED:api-key]",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4",
            "AKIDEXAMPLE%2F20150830",
        ] {
            assert!(!can_be_credential(word), "{word}");
        }
    }

    #[test]
    fn passwords_may_be_short_and_have_spaces() {
        for password in
            ["hunter2", "20240117", "1234", "p4ss!x", "correct horse battery staple", "open sesame 42!", "p@sswd"]
        {
            assert!(can_be_password(password), "{password}");
        }
        let mnemonic = "that zone must enter word also just like many other over with";
        assert!(can_be_password(mnemonic));
        for text in [
            "string",
            "is required",
            "must be at least 8 characters",
            "sha256",
            "Passwort vergessen?",
            "$DB_PASS",
            "8-64",
            "0000",
            "users choose words that are easy",
            "[REDACTED:password]",
        ] {
            assert!(!can_be_password(text), "{text}");
        }
    }

    #[test]
    fn what_chance_drew_is_no_word() {
        for key in ["Qm7xR2vKp9Lw4Zt8", "aB3dE5fG7hJ9kL1mN2pQ"] {
            assert!(is_drawn(key) && !is_of_words(key), "{key}");
        }
        assert!(!is_of_words("TaheZiuC21YxWYIACIKFdecF") && !is_of_words("8f3c9a7e1b2d"));
        for words in
            ["gpt-4o-2024-11-20", "user_id2", "stored-in-env-v2", "users/1234/avatar", "hunter2-xyz", "HTTP2Server"]
        {
            assert!(!is_drawn(words) && is_of_words(words), "{words}");
        }
        assert!(!is_drawn("getCurrentUserSession2") && !is_drawn("8f3c9a7e1b2d4f608f3c9a7e1b2d4f60"));
    }
}
