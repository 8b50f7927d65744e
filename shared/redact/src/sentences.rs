//! What a sentence, a command or a page says of a name: `the password is x`, `ENV KEY x`, a value in the line below.

use super::{
    assigned::{is_code, opens},
    before::{LONGEST_NAME, begins_line, line_before, name_before, phrase},
    extents::{line_rest, opening, run, with_exclamation, word_end},
    mask::{Hits, Rule},
    names::{Name, PASSWORD, TOKEN, VAGUE},
    values::{
        JUDGED, begins_with_placeholder, can_be_credential, can_be_password, clipped, has_term, is_long, is_of_words,
        is_placeholder, is_uuid, is_vague_key,
    },
};
use std::ops::Range;

/// What a sentence puts between a name and its value.
const LINKS: [&str; 17] =
    ["is", "was", "are", "be", "to", "equals", "ist", "lautet", "est", "é", "è", "=>", "->", "→", "—", "–", "-"];
/// The shortest key that follows its name with nothing between them, in bytes.
const SHORTEST_BARE: usize = 16;

/// Finds what a sentence or a command says after a name, the last word of which ends at a place: `the password is x`,
/// `ENV API_KEY x`, `the api key for acme is "x"`.
pub(super) fn at_word(text: &str, end: usize, folded: &mut Name<'_>, hits: &mut Hits) -> Option<usize> {
    let bytes = text.as_bytes();
    let signs = bytes.get(end..)?.iter().take(3).take_while(|byte| b"`\"'*".contains(byte)).count();
    let gap = end + signs;
    let name = name_before(bytes, end);
    let first = phrase(bytes, &name).map_or(name.start, |phrase| phrase.start);
    // A page has a name above its value.
    let (below, has_colon) = match bytes.get(gap..)? {
        [b' ', ..] => (None, false),
        [b':', b'\n', ..] => (Some(line_below(text, gap + 2)), true),
        [b':', b'\r', b'\n', ..] => (Some(line_below(text, gap + 3)), true),
        [b'\n', ..] if begins_line(text, first) => (Some(line_below(text, gap + 1)), false),
        [b'\r', b'\n', ..] if begins_line(text, first) => (Some(line_below(text, gap + 2)), false),
        _ => return None,
    };
    let written = text.get(name.clone())?;
    folded.read(written);
    let rule = folded.assigned().or_else(|| {
        folded.read(text.get(phrase(bytes, &name)?)?);
        folded.assigned()
    });
    let is_opening = rule == Some(TOKEN) && opens(text, &name, folded);
    // What passes says so too.
    if (rule.is_none() && !folded.is_vague()) || rule == Some("pass") {
        return None;
    }
    let start = if below.is_some() { None } else { link(text, gap) };
    let (at, quote) = opening(text, start.or(below).unwrap_or(gap));
    let at = at + usize::from(quote.is_none() && bytes.get(at) == Some(&b'('));
    let closed = quote.and_then(|quote| quote.close(text, at));
    let judged = closed.map_or_else(|| at..word_end(text, run(text, at, JUDGED).end), |end| at..end);
    let is_last = line_rest(text, judged.end).trim_matches(['=', ' ', '\t']).is_empty();
    let is_alone = || is_last && begins_line(text, first);
    if below.is_some() && (!is_last || text.get(judged.clone())?.contains("://")) {
        return None;
    }
    let is_login = || {
        let before = line_before(text, name.start, LONGEST_NAME);
        is_alone() || before.contains("login ") || before.contains("anmelden ")
    };
    let said = Said {
        value: text.get(judged.clone())?,
        is_quoted: closed.is_some(),
        is_linked: start.is_some() || has_colon,
        is_opening,
        is_command: below.is_none() && (is_variable(written) || (rule == Some(PASSWORD) && is_login())),
    };
    let is_taken = said.is_credential(rule)
        && !begins_with_placeholder(text.get(at..)?)
        && !(closed.is_none() && is_code(text, judged.end, said.value, folded))
        && Name::of(said.value, folded.rules()).assigned().is_none();
    is_taken.then(|| {
        let end = closed.unwrap_or_else(|| run(text, at, usize::MAX).end.max(judged.end));
        let end = if rule == Some(PASSWORD) && closed.is_none() { with_exclamation(text, end) } else { end };
        hits.push(at..end, Rule::Name(rule.unwrap_or(VAGUE)));
        end
    })
}

/// Finds the password after its user and a word as `login`, which is at a place: `the login is bob / x`. What else the
/// text says of it may be more. Titles and paths have slashes too.
pub(super) fn at_pair(text: &str, word: Range<usize>, hits: &mut Hits) {
    const WORDS: [&str; 6] = ["login", "credential", "credentials", "creds", "password", "passwort"];
    const SHORTEST_NUMBER: usize = 6;
    const LONGEST_USER: usize = 64;
    let end = word.end;
    let is_one = |said: &str| WORDS.iter().any(|word| word.eq_ignore_ascii_case(said));
    let Some(rest) = text.get(end..).filter(|_| text.get(word).is_some_and(is_one)) else { return };
    let gap = end + rest.bytes().take(3).take_while(|byte| b"`\"'*".contains(byte)).count();
    let is_said = text.get(gap..).is_some_and(|rest| rest.starts_with([':', '=']));
    if !is_said && text.as_bytes().get(gap) != Some(&b' ') {
        return;
    }
    let linked = if is_said { Some(gap + 1) } else { link(text, gap) };
    let (start, quote) = opening(text, linked.unwrap_or(gap));
    let rest = clipped(text.get(start..).unwrap_or_default(), LONGEST_USER + JUDGED);
    let user = rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"._@+-\\".contains(byte)).count();
    let Some((user, behind)) = rest.split_at_checked(user).filter(|(user, _)| user.len() <= LONGEST_USER) else {
        return;
    };
    let signs = behind.bytes().take_while(|byte| b" `*/:".contains(byte)).count();
    let sign = behind.get(..signs).unwrap_or_default();
    let is_spaced = sign.contains(" / ");
    let is_user = || quote.is_some() || user.bytes().any(|byte| byte.is_ascii_digit() || b"@.".contains(&byte));
    let start = start + user.len() + signs;
    let word = run(text, start, JUDGED);
    let password = text.get(word.clone()).unwrap_or_default();
    let is_hex = || password.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_pair = match (linked.is_some(), is_spaced) {
        (true, true) => true,
        (true, false) => matches!(sign, "/" | ":") && !is_of_words(password) && !is_hex(),
        (false, true) => is_user() && !is_hex(),
        (false, false) => false,
    };
    let is_number = || password.bytes().all(|byte| byte.is_ascii_digit());
    if is_pair
        && user.bytes().any(|byte| byte.is_ascii_alphabetic())
        && can_be_password(password)
        && !password.contains(['/', ':'])
        && !(is_number() && password.len() < SHORTEST_NUMBER)
        && text.as_bytes().get(word.end) != Some(&b'(')
    {
        let end = with_exclamation(text, run(text, start, usize::MAX).end);
        hits.push(start..end, Rule::Name(PASSWORD));
    }
}

/// What is said of a name.
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
struct Said<'t> {
    value: &'t str,
    is_quoted: bool,
    /// Whether a word as `is` stands before it.
    is_linked: bool,
    /// Whether it is a token's that may be a UUID.
    is_opening: bool,
    /// Whether its name is a variable's, or a password has its line to itself.
    is_command: bool,
}

impl Said<'_> {
    /// Whether it is what a name of this rule says: prose goes on after such names, and has numbers too.
    fn is_credential(&self, rule: Option<&str>) -> bool {
        let Self { value, is_quoted, is_linked, is_opening, is_command } = *self;
        let is_credential = || can_be_credential(value);
        match rule {
            _ if is_placeholder(value) || has_term(value) => false,
            None => is_linked && is_vague_key(value),
            Some(PASSWORD) if is_quoted || is_linked || is_command => can_be_password(value),
            Some(TOKEN) if is_opening && is_uuid(value) => is_linked || is_command,
            Some(TOKEN) => is_credential() && is_long(value) && !is_of_words(value),
            Some(_) if is_quoted || is_command => is_credential(),
            Some(_) => is_credential() && !is_of_words(value) && (is_linked || value.len() >= SHORTEST_BARE),
        }
    }
}

/// Where the text begins that is in the lines below a name: after empty ones, and what begins a block of code.
fn line_below(text: &str, at: usize) -> usize {
    const MOST_LINES: usize = 3;
    const LONGEST: usize = 24;
    let mut at = at;
    for _ in 0..MOST_LINES {
        let near = clipped(text.get(at..).unwrap_or_default(), LONGEST);
        let Some((line, _)) = near.split_once('\n') else { break };
        if !line.trim().is_empty() && !line.starts_with("```") {
            break;
        }
        at += line.len() + 1;
    }
    let near = clipped(text.get(at..).unwrap_or_default(), LONGEST);
    at + near.len() - near.trim_start_matches([' ', '\t']).len()
}

/// Where a value begins that a sentence links to the name before a place: after `is`, also in
/// `for the staging server is`.
fn link(text: &str, at: usize) -> Option<usize> {
    const MOST_WORDS: usize = 6;
    const LONGEST_WORD: usize = 20;
    // What these say is of something else.
    const OTHERS: [&str; 16] = [
        "hash",
        "id",
        "fingerprint",
        "name",
        "digest",
        "length",
        "count",
        "prefix",
        "checksum",
        "type",
        "path",
        "file",
        "version",
        "limit",
        "and",
        "or",
    ];
    let mut at = at;
    for _ in 0..MOST_WORDS {
        let rest = text.get(at..)?.strip_prefix(' ')?;
        at += 1;
        let word = clipped(rest, LONGEST_WORD).split([' ', '\n']).next()?;
        at += word.len();
        if LINKS.contains(&word) {
            // `should be set to x`
            let is_set = text.get(at..).is_some_and(|rest| rest.starts_with(" set to "));
            return Some(if is_set { at + 7 } else { at });
        }
        // `wurde auf x gesetzt`
        if word == "wurde" && text.get(at..).is_some_and(|rest| rest.starts_with(" auf ")) {
            return Some(at + 4);
        }
        if word.is_empty() || !word.chars().all(char::is_alphabetic) || OTHERS.contains(&word) {
            return None;
        }
    }
    None
}

/// Whether a name is written as variables and options are.
fn is_variable(name: &str) -> bool {
    let mut letters = name.bytes().filter(u8::is_ascii_alphabetic);
    let is_upper = name.len() > 3 && letters.clone().all(|byte| byte.is_ascii_uppercase());
    letters.next();
    name.contains('_') || name.starts_with('-') || is_upper || letters.any(|byte| byte.is_ascii_uppercase())
}
