//! What a sentence, a command or a page says of a name: `the password is x`, `ENV KEY x`, a value in the line below.

use super::{
    assigned::{opens, rule_of},
    before::{LONGEST_NAME, begins_line, name_before, phrase},
    behind::{is_code, is_joined, is_number},
    extents::{certain, opening, run, with_exclamation, word_run},
    nameless::is_of_user,
    near::{JUDGED, clipped, line_before, line_rest, near, near_before},
    search::Search,
};
use crate::{
    mask::{Hits, Rule},
    names::{Name, PASS, PASSWORD, TOKEN, VAGUE, is_other_name},
    tables::words::{Words, is_one},
    values::{
        LONGEST_PASSWORD, SHORTEST_NUMBER, can_be_credential, can_be_password, has_sign, is_base64, is_chosen,
        is_hex_key, is_id_of_kind, is_long, is_of_fours, is_random, is_short_token, is_signed, is_uuid, is_vague_key,
        named::fits,
        placeholders::{begins_with_placeholder, has_term, is_of_words, is_placeholder},
    },
};
use std::ops::Range;

/// What a sentence puts between a name and its value.
const LINKS: [&str; 21] = [
    "is", "as", "was", "are", "be", "to", "equals", "ist", "lautet", "heißt", "est", "es", "é", "è", "là", "=>", "->",
    "→", "—", "–", "-",
];
/// The shortest key that follows its name with nothing between them, in bytes.
const SHORTEST_BARE: usize = 16;

/// How long four times four letters are with spaces between.
const FOURS: usize = 19;

/// What asks a server that is behind `_pass`.
static ASKED: Words = Words::of("fastcgi grpc memcached proxy scgi uwsgi");

/// Finds what a sentence or a command says after a name, the last word of which ends at a place: `the password is x`,
/// `ENV API_KEY x`, `the api key for acme is "x"`.
pub(super) fn at_word(search: &mut Search<'_>, end: usize) -> Option<usize> {
    let Search { text, folded, hits, .. } = search;
    let bytes = text.as_bytes();
    let rest = bytes.get(end..)?;
    let signs = rest.iter().take(3).take_while(|byte| b"`\"'*".contains(byte)).count();
    let gap = end + if rest.starts_with(b"s are ") { 1 } else { signs };
    let name = name_before(bytes, end);
    if let Some((range, rule)) = value_before(text, &name, folded) {
        hits.push(range, Rule::Name(rule));
        return Some(end);
    }
    let (lead, start) = lead(text, &name, gap)?;
    // What is behind a shell's variable is the next word of its command.
    let is_variable_of_shell =
        || ["$", "env:"].iter().any(|sign| text.get(..name.start).is_some_and(|before| before.ends_with(sign)));
    if matches!(lead, Lead::Bare) && is_variable_of_shell() {
        return None;
    }
    let rule = rule_of(text, &name, folded);
    if rule.is_none() && !folded.is_vague() {
        return None;
    }
    let is_opening = rule == Some(TOKEN) && opens(text, &name, folded);
    let (at, quote) = opening(text, start);
    let at = at + usize::from(quote.is_none() && bytes.get(at) == Some(&b'('));
    let closed = quote.and_then(|quote| quote.close(text, at));
    // As services draw them for applications: `my app password is abcd efgh ijkl mnop`.
    let is_fours = lead.is_linked() && text.get(at..at + FOURS).is_some_and(is_of_fours);
    let fours = is_fours.then_some(at + FOURS);
    let judged = closed.or(fours).map_or_else(|| word_run(text, at), |end| at..end);
    let value = text.get(judged.clone())?;
    let rest = line_rest(text, judged.end, LONGEST_PASSWORD);
    let is_last = rest.trim_matches(['=', ' ', '\t', '!', '.']).is_empty();
    let is_below = matches!(lead, Lead::Below { .. });
    if is_below && (!is_last || value.contains("://")) {
        return None;
    }
    let is_pass = rule == Some(PASS);
    let rule = if is_pass { Some(PASSWORD) } else { rule };
    let whose = text.get(..start).filter(|_| matches!(lead, Lead::Far)).unwrap_or_default();
    // Another one may follow, for something else.
    let ends = || is_last || rest.starts_with(", for ");
    if lead.is_far() && !(ends() && can_be_far(text, &judged, rule, whose)) {
        return None;
    }
    if is_pass && !is_sent_or_said(text, &name, gap, &judged, is_last) {
        return None;
    }
    let written = text.get(name.clone())?;
    let before = line_before(text, name.start, LONGEST_NAME);
    // Where a server sends what it is asked: `fastcgi_pass app1:9000;`
    let begins = || matches!(before.trim_end().bytes().last(), None | Some(b'{' | b';'));
    let is_asked = || written.strip_suffix("_pass").is_some_and(|by| ASKED.has_exactly(by)) && is_of_words(value);
    if closed.is_none() && is_asked() && text.as_bytes().get(judged.end) == Some(&b';') && begins() {
        return None;
    }
    let is_login = || {
        let is_alone = is_last && begins_line(text, first_word(bytes, &name));
        is_alone || before.contains("login ") || before.contains("anmelden ")
    };
    let said = Said {
        value,
        is_quoted: closed.is_some(),
        is_linked: lead.is_linked() || (rule == Some(PASSWORD) && certain(text, start).is_some()),
        is_marked: is_below && (has_mark(text, &judged) || is_random(value)),
        is_used: is_used(before),
        is_last,
        is_opening,
        is_command: !is_below && (is_variable(written) || (rule == Some(PASSWORD) && is_login())),
    };
    let is_taken = said.is_credential(rule)
        && rule.is_none_or(|rule| fits(folded, rule, said.value))
        && !begins_with_placeholder(text.get(at..)?)
        && !quote.is_some_and(|quote| is_joined(text, &name, quote, value))
        && !(closed.is_some() && matches!(lead, Lead::Bare) && is_called(text, &name, &judged, rule))
        && !(closed.is_none() && before.trim_start().starts_with("#define ") && is_number(value))
        && (closed.is_some() || !is_code(text, judged.end, said.value, folded))
        && !is_other_name(said.value, folded.rules());
    is_taken.then(|| {
        let end = closed.unwrap_or_else(|| run(text, at, usize::MAX).end.max(judged.end));
        let is_whole = is_below || (rule == Some(PASSWORD) && closed.is_none());
        let end = if is_whole { with_exclamation(text, end) } else { end };
        let rule = Rule::Name(rule.unwrap_or(VAGUE));
        let second = second(text, at..end);
        let end = hits.push(at..end, rule);
        second.map_or(end, |second| hits.push(second, rule))
    })
}

/// What a sentence says of another one behind the value of the first: `the password is x and the new one is y`,
/// `from x to y`, `for a: x, for b: y`.
fn second(text: &str, first: Range<usize>) -> Option<Range<usize>> {
    const FAR: usize = 48;
    const LINKS: [(&str, &str); 8] = [
        (" and the ", " one is "),
        (", the ", " one is "),
        (" not the ", " one "),
        (", for ", ": "),
        (", for ", " is "),
        (", for ", " it's "),
        (" and for ", " is "),
        (" and for ", " it's "),
    ];
    const OTHER: &str = " or | and | oder | und | o | y | ou | et | e ";
    let is_quote = |one: char| "\"'`*".contains(one);
    let near = near(text, first.end, FAR);
    let said = near.trim_start_matches(is_quote);
    let is_changed = || text.get(..first.start).is_some_and(|head| head.trim_end_matches(is_quote).ends_with(" from "));
    let linked = LINKS.iter().find_map(|(begin, link)| {
        let (whose, _) = said.strip_prefix(begin)?.split_once(link)?;
        whose
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || b" -".contains(&byte))
            .then_some(begin.len() + whose.len() + link.len())
    });
    let linked = linked
        .or_else(|| OTHER.split('|').find(|other| said.starts_with(other)).map(str::len))
        .or_else(|| (said.starts_with(" to ") && is_changed()).then_some(" to ".len()))?;
    let second = certain(text, first.end + near.len() - said.len() + linked)?;
    Some(second.start..run(text, second.start, usize::MAX).end.max(second.end))
}

/// What leads from a name to its value.
#[derive(Clone, Copy)]
enum Lead {
    /// A space.
    Bare,
    /// A word as `is`.
    Link,
    /// A colon, after words about the name.
    Far,
    /// The end of the line.
    Below {
        /// Whether a colon or the page says that it does.
        is_linked: bool,
        /// Whether a sentence or a question ends there.
        is_far: bool,
    },
}

impl Lead {
    const fn is_far(self) -> bool {
        matches!(self, Self::Far | Self::Below { is_far: true, .. })
    }

    const fn is_linked(self) -> bool {
        matches!(self, Self::Link | Self::Far | Self::Below { is_linked: true, .. })
    }
}

/// What leads from a name, with its quotes up to a place, to its value, and where that is.
fn lead(text: &str, name: &Range<usize>, gap: usize) -> Option<(Lead, usize)> {
    const LONGEST_NUMBER: usize = 8;
    let bytes = text.as_bytes();
    let begins_line = || {
        let first = first_word(bytes, name);
        begins_line(text, first) || is_label(text, first)
    };
    // A page has a name above its value.
    let is_of_form = || line_before(text, name.start, LONGEST_NAME).ends_with("name=\"");
    let below = |at, is_linked, is_far| Some((Lead::Below { is_linked, is_far }, line_below(text, at)));
    if let Some(colon) = far_colon(text, gap) {
        return Some((Lead::Far, colon));
    }
    // What Redis answers: a setting, and in the next line its value.
    let answer = near(text, gap, LONGEST_NUMBER).strip_prefix('\n').and_then(|rest| rest.split_once(") \""));
    if let Some((number, _)) = answer.filter(|(number, _)| number.bytes().all(|byte| byte.is_ascii_digit())) {
        let at = gap + number.len() + 3;
        return certain(text, at)
            .filter(|_| line_before(text, name.start, LONGEST_NAME).ends_with(") \""))
            .map(|_| (Lead::Link, at));
    }
    match bytes.get(gap..)? {
        [b' ', ..] => below_sentence(text, gap).and_then(|at| below(at, true, true)).or_else(|| {
            let link = link(text, gap);
            Some(link.map_or((Lead::Bare, gap), |at| (Lead::Link, at)))
        }),
        [sign @ (b':' | b'?'), b'\n', ..] => below(gap + 2, true, *sign == b'?'),
        [b':', b'\r', b'\n', ..] => below(gap + 3, true, false),
        // `my password's x`
        [b's', b' ', ..] if text.get(name.end..gap) == Some("'") => {
            certain(text, gap + 1).map(|_| (Lead::Link, gap + 1))
        }
        [b'\n', ..] if begins_line() => below(gap + 1, false, false),
        [b'\n', ..] if is_sentence(text, name) => below(gap + 1, true, true),
        [b'\r', b'\n', ..] if is_of_form() => below(gap + 2, true, false),
        [b'\r', b'\n', ..] if begins_line() => below(gap + 2, false, false),
        _ => None,
    }
}

/// Whether a line begins with a few words and the name at a place, as a form's label: `Secret access key`.
fn is_label(text: &str, name: usize) -> bool {
    const MOST_WORDS: usize = 2;
    let before = line_before(text, name, LONGEST_NAME);
    let is_of_words = before.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ');
    is_of_words && before.split_ascii_whitespace().count() <= MOST_WORDS
}

/// Whether a line is a few words that end with the name at a place: `Here's the api key`.
fn is_sentence(text: &str, name: &Range<usize>) -> bool {
    let line = line_before(text, name.start, LONGEST_NAME);
    line.len() < LONGEST_NAME
        && line.starts_with(|first: char| first.is_ascii_uppercase())
        && line.bytes().all(|byte| byte.is_ascii_alphabetic() || b" ',".contains(&byte))
}

/// Where a name begins, with the word before it.
fn first_word(bytes: &[u8], name: &Range<usize>) -> usize {
    phrase(bytes, name).map_or(name.start, |phrase| phrase.start)
}

/// Whether a sentence may lead to a value: it is no word, nor what the sentence is about.
fn can_be_far(text: &str, judged: &Range<usize>, rule: Option<&str>, whose: &str) -> bool {
    let value = text.get(judged.clone()).unwrap_or_default();
    let is_address = value.contains('@') && value.contains('.');
    let is_of_user = || {
        let whose = whose.trim_end_matches([':', ')', ']']);
        // Whose it is, and no question of who it is.
        let is_named = !whose.is_empty() && !["user", "name", "mail"].iter().any(|word| whose.ends_with(word));
        is_named && rule == Some(PASSWORD) && is_chosen(value) && can_be_password(value)
    };
    !is_address
        && (!value.contains('/') || is_base64(value))
        && (is_random(value) || has_mark(text, judged) || is_of_user())
}

/// Whether quotes hold how a credential is called, of which a tool says what was done to it, or that there is none:
/// `secret "db-creds-7f9c5d8b" deleted`, `Created API key 'ci-2025'`.
fn is_called(text: &str, name: &Range<usize>, value: &Range<usize>, rule: Option<&str>) -> bool {
    const DONE: &str = "already exists|annotated|configured|created|deleted|does not exist|edited|force deleted|\
        labeled|not found|patched|pruned|replaced|revoked|unchanged";
    const LONGEST: usize = 253;
    /// As long as what tells one from others of its name.
    const LONGEST_DRAWN: usize = 10;
    let is_of_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(is_of_part) && (part.len() <= LONGEST_DRAWN || is_of_words(part))
    };
    let is_name = |value: &str| {
        let parts = || value.split(['-', '_', '.']);
        let first = parts().next().unwrap_or_default();
        let drawn = parts().filter(|part| !is_of_words(part)).count();
        first.len() < value.len()
            && drawn <= 1
            && !is_one(first.as_bytes(), "key pk re sk tok")
            && value.len() <= LONGEST
            && first.bytes().all(|byte| byte.is_ascii_lowercase())
            && parts().all(is_part)
            && is_of_words(first)
            && !is_uuid(value)
    };
    let behind = near(text, value.end, JUDGED).trim_start_matches(['"', '\'', '`', '\\']);
    let behind = behind.strip_prefix(' ').unwrap_or_default();
    let behind = ["was ", "has been "].iter().find_map(|begin| behind.strip_prefix(begin)).unwrap_or(behind);
    let before = || {
        let mut words = line_before(text, first_word(text.as_bytes(), name), LONGEST_NAME).split_ascii_whitespace();
        words.rfind(|word| !["a", "an", "new", "the", "your"].contains(word)).unwrap_or_default()
    };
    let is_done = || ["created", "deleted", "revoked"].iter().any(|done| before().eq_ignore_ascii_case(done));
    rule != Some(PASSWORD)
        && text.get(value.clone()).is_some_and(is_name)
        && (DONE.split('|').any(|done| behind.starts_with(done)) || is_done())
}

/// Whether what is behind `pass` is a password, as what is sent after a user's name (`USER bob`, `PASS x`), or what a
/// sentence says and has a sign. What passes is called so too.
fn is_sent_or_said(text: &str, name: &Range<usize>, gap: usize, judged: &Range<usize>, is_last: bool) -> bool {
    let above = text.get(..name.start).and_then(|above| above.strip_suffix('\n')).unwrap_or_default();
    let is_sent =
        text.get(name.clone()) == Some("PASS") && line_before(above, above.len(), LONGEST_NAME).starts_with("USER ");
    let is_said = || {
        text.get(gap..).is_some_and(|rest| rest.starts_with(" is "))
            && text
                .get(judged.clone())
                .is_some_and(|said| is_random(said) || (has_mark(text, judged) && can_be_credential(said)))
    };
    if is_sent { is_last } else { is_said() }
}

/// The value that a sentence has before its name: `use x as the password`, `x is my API key`.
fn value_before(text: &str, name: &Range<usize>, folded: &mut Name<'_>) -> Option<(Range<usize>, &'static str)> {
    const LINKS: &str = " as | as the | as my | is the | is my | is your | als | comme | comme mot | como | como a ";
    // What is told with these of other things too: `into the password field`, `use x for the password`.
    const INTO: [&str; 3] = [" in the ", " into the ", " for the "];
    const FIELDS: [&str; 3] = [" field", " box", " input"];
    const BEHIND: &str = " for | to | and | but | on | in | at ";
    const SIGNS: [char; 8] = ['"', '\'', '`', '*', '.', ',', ';', '!'];
    const FAR: usize = 256;
    let linked = |start: usize| {
        let before = text.get(..start).filter(|before| before.ends_with(' '))?;
        LINKS.split('|').chain(INTO).find(|link| before.ends_with(link)).map(|link| (start - link.len(), link))
    };
    let ((end, link), said) = linked(name.start).map(|end| (end, name.clone())).or_else(|| {
        let phrase = phrase(text.as_bytes(), name)?;
        Some((linked(phrase.start)?, phrase))
    })?;
    // What goes on is a password's hash, a token's type.
    let rest = near(text, name.end, SIGNS.len());
    let behind = rest.trim_start_matches(SIGNS);
    let is_last =
        behind.is_empty() || behind.starts_with(['\n', '\r', ')']) || (behind != rest && behind.starts_with(' '));
    let is_put = INTO.contains(&link);
    let is_said = match link {
        " for the " => is_last,
        _ if is_put => FIELDS.iter().any(|field| behind.starts_with(field)),
        _ => is_last || BEHIND.split('|').any(|word| behind.starts_with(word)),
    };
    if !is_said {
        return None;
    }
    let word = line_before(text, end, FAR).rsplit(' ').next().filter(|word| word.len() < FAR)?;
    let opened = word.trim_start_matches(SIGNS);
    let value = opened.trim_end_matches(SIGNS);
    let start = end - opened.len();
    let range = start..with_exclamation(text, start + value.len());
    let rule = folded.rule_of(text.get(said)?)?;
    let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
    let is_quoted = opened.len() < word.len() && value.len() < opened.len();
    let is_one = match rule {
        PASSWORD => is_random(value) || (has_digit && (has_mark(text, &range) || is_quoted) && can_be_password(value)),
        _ => is_random(value) && (is_quoted || value.len() >= SHORTEST_BARE) && !is_uuid(value),
    };
    if is_put && !(certain(text, start).is_some() && (link != " for the " || has_mark(text, &range))) {
        return None;
    }
    let is_path = value.contains('.') || (value.contains('/') && !is_base64(value));
    (is_one && !is_path && !has_term(value) && !is_other_name(value, folded.rules())).then_some((range, rule))
}

/// Finds the password after its user and a word as `login`, which is at a place: `the login is bob / x`. Gives where it
/// is, since what else the text says of it may be more. Titles and paths have slashes too.
pub(super) fn at_pair(text: &str, word: Range<usize>, hits: &mut Hits) -> Option<Range<usize>> {
    const WORDS: &str = "login credential credentials creds password passwort";
    const LONGEST_USER: usize = 64;
    let end = word.end;
    let rest = text.get(end..).filter(|_| text.get(word).is_some_and(|said| is_one(said.as_bytes(), WORDS)))?;
    let gap = end + rest.bytes().take(3).take_while(|byte| b"`\"'*".contains(byte)).count();
    if let Some(range) = below_user(text, gap) {
        hits.push(range.clone(), Rule::Name(PASSWORD));
        return Some(range);
    }
    let is_said = text.get(gap..).is_some_and(|rest| rest.starts_with([':', '=']));
    if !is_said && text.as_bytes().get(gap) != Some(&b' ') {
        return None;
    }
    let linked = if is_said { Some(gap + 1) } else { link(text, gap) };
    let (start, quote) = opening(text, linked.unwrap_or(gap));
    let rest = near(text, start, LONGEST_USER + JUDGED);
    let user = rest.bytes().take_while(|byte| is_of_user(*byte)).count();
    let (user, behind) = rest.split_at_checked(user).filter(|(user, _)| user.len() <= LONGEST_USER)?;
    let signs = behind.bytes().take_while(|byte| b" `*/:".contains(byte)).count();
    let sign = behind.get(..signs).unwrap_or_default();
    let is_spaced = sign.contains(" / ");
    let is_user = || quote.is_some() || user.bytes().any(|byte| byte.is_ascii_digit() || b"@.".contains(&byte));
    let start = start + user.len() + signs;
    let word = word_run(text, start);
    let password = text.get(word.clone()).unwrap_or_default();
    let is_hex = || password.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_pair = match (linked.is_some(), is_spaced) {
        (true, true) => true,
        (true, false) => matches!(sign, "/" | ":") && (is_signed(password) || !is_of_words(password)) && !is_hex(),
        (false, true) => is_user() && !is_hex(),
        (false, false) => false,
    };
    let is_number = || password.bytes().all(|byte| byte.is_ascii_digit());
    let is_one = is_pair
        && user.bytes().any(|byte| byte.is_ascii_alphabetic())
        && can_be_password(password)
        && !password.contains(['/', ':'])
        && !(is_number() && password.len() < SHORTEST_NUMBER)
        && text.as_bytes().get(word.end) != Some(&b'(');
    is_one.then(|| {
        let end = with_exclamation(text, run(text, start, usize::MAX).end.max(word.end));
        hits.push(start..end, Rule::Name(PASSWORD));
        start..end
    })
}

/// The password in the second line below a colon, the first of which is a user: `my credentials:\nbob\nx`.
fn below_user(text: &str, at: usize) -> Option<Range<usize>> {
    const LONGEST: usize = 64;
    let near = near(text, at, 2 * LONGEST);
    let lines = near.strip_prefix(":\n").or_else(|| near.strip_prefix(":\r\n"))?;
    let (user, below) = lines.split_once('\n').map(|(user, below)| (user.trim_end(), below))?;
    let is_user = (1..LONGEST).contains(&user.len()) && user.bytes().all(is_of_user);
    let range = certain(text, at + near.len() - below.len()).filter(|_| is_user)?;
    line_rest(text, range.end, LONGEST).trim().is_empty().then_some(range)
}

/// Finds the password behind an address, the `@` of which is at a place: `bob@example.com / x`, `bob@example.com:x`;
/// and the one before it that Go's drivers are given: `root:x@tcp(db:3306)`, `root:x@/shop`.
pub(super) fn at_address(text: &str, at: usize, hits: &mut Hits) -> Option<usize> {
    const FAR: usize = 64;
    let behind = near(text, at + 1, FAR);
    if ["tcp(", "unix(", "/"].iter().any(|begin| behind.starts_with(begin)) {
        let before = near_before(text, at, FAR);
        let password = before.rsplit([' ', '"', '\'', '\n', '`']).next()?.split_once(':')?.1;
        // A path may be there as well.
        let is_one = !behind.starts_with('/') || is_random(password) || has_sign(password);
        return (is_one && can_be_password(password)).then(|| hits.push(at - password.len()..at, Rule::Name(PASSWORD)));
    }
    let host = behind.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b".-".contains(byte)).count();
    let rest = behind.get(host..)?;
    // In a table its columns say what they are.
    let is_first = || !line_before(text, at, FAR).contains([' ', '|']);
    let sign = [" / ", " | ", ":"].into_iter().find(|sign| rest.starts_with(sign) && (*sign != " | " || is_first()))?;
    let start = at + 1 + host + sign.len();
    let word = word_run(text, start);
    let value = text.get(word.clone())?;
    let has = |what: fn(&u8) -> bool| value.as_bytes().iter().any(what);
    let is_one = behind.get(..host)?.contains('.')
        && can_be_credential(value)
        && !(sign == " | " && is_id_of_kind(value))
        && has(u8::is_ascii_digit)
        && !value.contains(['/', ':', '.'])
        && (!value.contains('@') || is_signed(value))
        && (is_random(value) || has_mark(text, &word));
    is_one.then(|| hits.push(word.start..with_exclamation(text, word.end), Rule::Name(PASSWORD)))
}

/// What is said of a name.
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
struct Said<'t> {
    value: &'t str,
    is_quoted: bool,
    /// Whether a word as `is` stands before it.
    is_linked: bool,
    /// Whether it has its line to itself, and is no word or has a sign that words have not.
    is_marked: bool,
    /// Whether it is used, as in `use password x`.
    is_used: bool,
    /// Whether its line ends with it.
    is_last: bool,
    /// Whether it is a token's that may be a UUID.
    is_opening: bool,
    /// Whether its name is a variable's, or a password has its line to itself.
    is_command: bool,
}

impl Said<'_> {
    /// Whether it is what a name of this rule says: prose goes on after such names, and has numbers too.
    fn is_credential(&self, rule: Option<&str>) -> bool {
        let Self { value, is_quoted, is_linked, is_marked, is_used, is_last, is_opening, is_command } = *self;
        let digits = || value.bytes().filter(u8::is_ascii_digit).count();
        let is_credential = || can_be_credential(value);
        match rule {
            _ if is_placeholder(value) || has_term(value) => false,
            None => {
                ((is_linked || is_used) && is_vague_key(value)) || (is_used && is_hex_key(value) && !is_uuid(value))
            }
            Some(PASSWORD) if is_quoted || is_linked || is_command => can_be_password(value),
            // A version's number ends words too.
            Some(PASSWORD) if is_marked && digits() > 1 => is_credential(),
            Some(PASSWORD) if is_used && is_chosen(value) => is_credential() || (is_last && can_be_password(value)),
            Some(TOKEN) if is_opening && is_uuid(value) => is_linked || is_command,
            Some(TOKEN) => {
                (is_credential() && is_long(value) && !is_of_words(value)) || (is_linked && is_short_token(value))
            }
            Some(_) if is_quoted || is_command => is_credential(),
            Some(_) => is_credential() && !is_of_words(value) && (is_linked || value.len() >= SHORTEST_BARE),
        }
    }
}

/// Whether a sentence goes on with a name and its value: `use password x`, `user bob and password x`, `my key x`.
fn is_used(before: &str) -> bool {
    const LAST: &str = "use using and with mit dem my api";
    let last = before.strip_suffix(' ').and_then(|before| before.rsplit([' ', '\n']).next());
    last.is_some_and(|last| is_one(last.as_bytes(), LAST))
        || before.contains('@')
        || (before.ends_with(", ") && before.contains("username "))
}

/// Whether a value has a sign that words have not, or has one behind it.
fn has_mark(text: &str, value: &Range<usize>) -> bool {
    text.get(value.start..value.end + 1)
        .or(text.get(value.clone()))
        .is_some_and(|said| has_sign(said) || is_signed(said))
}

/// Where the value of a name is that something stands behind before its colon: what says for whom it is, the end of
/// emphasis, a leader. `API key (prod): x`, `<b>Password</b>: x`.
fn far_colon(text: &str, at: usize) -> Option<usize> {
    const BEGINS: &str = " (| [| for | from | of | on | to | von | vom | für | de | del | di | do | da | van | is | 1| 2| 3| \
                          4| 5|</|*|_|&nbsp;";
    const FAR: usize = 48;
    let near = near(text, at, FAR);
    if let Some(end) = addressed(near) {
        return Some(at + end);
    }
    let leader = near.trim_start_matches([' ', '.']);
    let is_led = leader.starts_with(':') && near.starts_with(" ..");
    if !is_led && !BEGINS.split('|').any(|begin| near.starts_with(begin)) {
        return None;
    }
    let colon = near.find([':', '\n', '"', '\'', '='])?;
    let is_one = near.get(colon..)?.starts_with(": ") && !names_other(near.get(..colon)?);
    is_one.then_some(at + colon + 1)
}

/// Where the colon ends of a prompt that says for what a password is, with a sign: `Password for 'bob': `,
/// `Enter passphrase for key '/root/.ssh/id_rsa': `.
fn addressed(near: &str) -> Option<usize> {
    let whose = near.strip_prefix(" for ")?;
    let (whose, rest) = whose.strip_prefix("key ").unwrap_or(whose).split_once(": ")?;
    let is_quoted = || matches!(whose.as_bytes(), [b'\'', .., b'\''] | [b'"', .., b'"']);
    let is_one = !whose.contains([' ', '\n', '=']) && (is_quoted() || whose.contains('@'));
    is_one.then_some(near.len() - rest.len() - 1)
}

/// Where the line is that a sentence leads to, which ends with a colon: `the password for the server is:`.
fn below_sentence(text: &str, at: usize) -> Option<usize> {
    const FAR: usize = 80;
    let line = near(text, at, FAR).split_once('\n')?.0;
    let said = line.trim_end_matches('\r').strip_suffix(':')?;
    let is_one = !said.contains([':', '"', '\'', '=', '(']) && !names_other(said);
    is_one.then_some(at + line.len() + 1)
}

/// Whether a word of a text says that it is of something else.
fn names_other(text: &str) -> bool {
    text.split(|one: char| !one.is_ascii_alphabetic()).any(|word| OTHERS.has_exactly(word))
}

/// What these say is of something else.
static OTHERS: Words = Words::of(
    "\
    and checksum count digest file fingerprint hash id length limit manager name or path prefix type version",
);

/// Where the text begins that is in the lines below a name: after empty ones, and what begins a block of code.
fn line_below(text: &str, at: usize) -> usize {
    const MOST_LINES: usize = 3;
    const LONGEST: usize = 24;
    let mut at = at;
    for _ in 0..MOST_LINES {
        let Some((line, _)) = near(text, at, LONGEST).split_once('\n') else { break };
        if !line.trim().is_empty() && !line.starts_with("```") {
            break;
        }
        at += line.len() + 1;
    }
    let near = near(text, at, LONGEST);
    let line = near.trim_start_matches([' ', '\t']);
    // The answer to a question.
    at + near.len() - line.strip_prefix("A: ").unwrap_or(line).len()
}

/// Where a value begins that a sentence links to the name before a place: after `is`, also in
/// `for the staging server is`.
fn link(text: &str, at: usize) -> Option<usize> {
    const MOST_WORDS: usize = 12;
    const LONGEST_WORD: usize = 40;
    /// How many words there are before a value has to look like one.
    const NEAR: usize = 6;
    const MORE: &str = " set to | changed to | reset to | still | now | just | actually | currently | definitely | \
        probably | either | jetzt | noch | : ";
    // What one tells an agent to store.
    let given = [" with value ", " with the value ", " (value ", " … ", " › "]
        .into_iter()
        .find(|given| near(text, at, JUDGED).starts_with(given));
    // What goes on says `…` as well.
    let asks = || ["nter ", "our "].iter().any(|asks| line_before(text, at, JUDGED).contains(asks));
    let given = given.filter(|given| *given != " … " || asks());
    if let Some(given) = given.map(|given| at + given.len() - 1) {
        return certain(text, given).map(|_| given);
    }
    let mut at = at;
    let mut is_addressed = false;
    for count in 1..=MOST_WORDS {
        let rest = text.get(at..)?.strip_prefix(' ')?;
        at += 1;
        let word = clipped(rest, LONGEST_WORD).split([' ', '\n']).next()?;
        at += word.len();
        if LINKS.contains(&word) {
            // `should be set to x`
            let more = MORE.split('|').find(|more| text.get(at..).is_some_and(|rest| rest.starts_with(more)));
            let at = more.map_or(at, |more| at + more.len() - 1);
            return (!is_addressed || certain(text, at).is_some()).then_some(at);
        }
        // `wurde auf x gesetzt`
        if word == "wurde" && text.get(at..).is_some_and(|rest| rest.starts_with(" auf ")) {
            return Some(at + 4);
        }
        // `das Passwort auf x geändert`
        if word == "auf"
            && let [_, value, verb, ..] = *near(text, at, JUDGED).splitn(4, ' ').collect::<Vec<_>>()
            && is_random(value)
            && ["geändert", "gesetzt"].iter().any(|done| verb.starts_with(done))
        {
            return Some(at);
        }
        // `changed the password from x to y`
        if word == "from" {
            let first = certain(text, at)?;
            let is_hex = text.get(first.clone())?.bytes().all(|byte| byte.is_ascii_hexdigit());
            let behind = near(text, first.end, JUDGED).trim_start_matches(['"', '\'', '`']);
            return (!is_hex && behind.starts_with(" to ")).then_some(at);
        }
        // A host, a remark: what is said then is no word.
        is_addressed |= count >= NEAR || !word.chars().all(char::is_alphabetic);
        let is_word = word.chars().all(|one| one.is_alphanumeric() || "@.-_,()'".contains(one));
        if word.is_empty() || !is_word || word.ends_with('.') || OTHERS.has_exactly(word) {
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
