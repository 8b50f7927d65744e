//! Finds the credentials of [`shapes`](super) in a text.
//!
//! A shape has edges: no letter, digit, `_`, `+` or `-` of a word before it, and none of its own characters after it. A
//! key of fewer than six different characters is a placeholder.

use super::{
    ALL, AROUND_COLON, CUT, DOTTED,
    Form::{
        self, Around, Bare, Basic, Behind, Discord, Drawn, Given, Hash, Id, InvalidPort, Joined, Jwt, Key, Lines, List,
        Login, Mixed, Numbered, Pair, Pem, Said, Scheme, Telegram, Until,
    },
    KEY, LONGEST_PATH, OPEN, SALT,
    given::argument,
    index::shapes_of,
    pem, personal,
    said::said,
    segments::{discord, jwt},
};
use crate::{
    mask::{Hit, Hits, Rule},
    names::PASSWORD,
    rules::Rules,
    tables::class::Class,
    text::{
        codes,
        commands::user,
        nameless,
        near::{JUDGED, clipped},
    },
    values::{
        can_be_credential, can_be_password, is_drawn, is_link, is_varied,
        placeholders::is_of_words,
        scheme::{is_example, list_end},
        shows_itself,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use std::ops::Range;

/// Finds the shape that a text is from end to end.
pub(crate) fn whole(text: &str, rules: &Rules, hits: &mut Hits) -> bool {
    let before = hits.len();
    let is_one = Shapes::of(text, false, rules).at(0, hits) == Some(text.len());
    if !is_one {
        hits.truncate(before);
    }
    is_one
}

/// A text that shapes are looked for in.
pub(crate) struct Shapes<'t> {
    whole: &'t str,
    text: &'t [u8],
    /// Whether the text was cut, so that a key may be.
    is_cut: bool,
    /// The last unbroken run of base64 that was looked at.
    run: Range<usize>,
    rules: &'t Rules,
}

/// What base64 and names are made of.
const OF_DATA: Class = Class::alphanumeric("+/=_-");
/// A run of base64 that is longer, and more than twice as long as a shape in it, is data.
const DATA: usize = 200;

impl<'t> Shapes<'t> {
    pub(crate) fn of(text: &'t str, is_cut: bool, rules: &'t Rules) -> Self {
        Self { whole: text, text: text.as_bytes(), is_cut, run: 0..0, rules }
    }

    /// Finds the shape that begins at a place, and gives where it ends. Almost everywhere there is none.
    #[inline]
    pub(crate) fn at(&mut self, at: usize, hits: &mut Hits) -> Option<usize> {
        match self.text.get(at..)? {
            [one, two, three, ..] if self.rules.stops().may_be_word([*one, *two, *three, 0]) => self.shape(at, hits),
            _ => None,
        }
    }

    fn shape(&mut self, at: usize, hits: &mut Hits) -> Option<usize> {
        let rest = self.text.get(at..)?;
        for (name, prefix, form) in shapes_of(rest) {
            if let Some(range) = self.found(at, name, prefix, form) {
                // What follows a scheme has no shape of its own, and what chance drew may have a better name.
                let rule = match form {
                    Scheme(_) | Basic(_) | List(_) | Until(_) | Given(_) | Said(_) | Drawn(..) | Numbered | Login
                    | Pair => Rule::Name(name),
                    _ => Rule::Shape(name),
                };
                let end = hits.push(range, rule);
                if matches!(form, Id(..)) {
                    hits.extend(self.secret_behind(end).map(|range| Hit::new(range, Rule::Name("secret-key"))));
                }
                return Some(end);
            }
        }
        let (range, rule) = self.own(at, rest)?;
        Some(hits.push(range, Rule::Shape(rule)))
    }

    /// Finds the secret behind the key's id that a name found at a place.
    pub(crate) fn secret_of(&mut self, at: usize, hits: &mut Hits) {
        let before = hits.len();
        let end = self.at(at, hits);
        if end.is_none() || hits.len() < before + 2 {
            hits.truncate(before);
        }
    }

    /// The secret of a key's id that ends at a place: the first word near it that is as long as one.
    fn secret_behind(&self, end: usize) -> Option<Range<usize>> {
        const FAR: usize = 112;
        const LENGTH: usize = 40;
        let near = clipped(self.whole.get(end..)?, FAR);
        let is_of_other = |byte: char| !byte.is_ascii_alphanumeric() && !matches!(byte, '/' | '+');
        let secret = near.split(is_of_other).find(|word| word.len() == LENGTH && is_drawn(word))?;
        let start = end + near.find(secret)?;
        Some(start..start + LENGTH)
    }

    /// The operator's own shape that begins at a place.
    fn own(&mut self, at: usize, rest: &[u8]) -> Option<(Range<usize>, &'static str)> {
        for mask in &self.rules.masks {
            let Some(rest) = rest.strip_prefix(mask.prefix.as_bytes()).filter(|_| self.is_edge(at)) else { continue };
            let length = self.key(at, rest, (mask.class, mask.least, mask.most), |_| true);
            let range = length.and_then(|length| self.outside_data(at..at + mask.prefix.len() + length));
            if let Some(range) = range {
                return Some((range, mask.rule));
            }
        }
        let (end, rule) = match rest.first()? {
            b'2'..=b'6' if self.rules.has_cards => (at + personal::card(rest)?, "card"),
            b'A'..=b'Z' if self.rules.has_ibans => (at + personal::iban(rest)?, "iban"),
            _ => return None,
        };
        let range = self.is_edge(at).then_some(at..end)?;
        Some((self.outside_data(range)?, rule))
    }

    /// Finds the token of two parts that has a colon at a place.
    pub(crate) fn around_colon(&self, at: usize, hits: &mut Hits) -> Option<usize> {
        const LONGEST: usize = 80;
        let behind = self.text.get(at + 1..)?;
        for (name, sign, (class, least, most), (class_behind, count)) in AROUND_COLON {
            if class_behind.run(behind, count + 1) != count || !is_varied(behind.get(..count)?) {
                continue;
            }
            let before = self.text.get(at.saturating_sub(LONGEST)..at)?;
            let is_of_head = |byte: &&u8| DOTTED.has(**byte) || **byte == b'/';
            let start = before.len() - before.iter().rev().take_while(is_of_head).count();
            let head = before.get(start..)?;
            let last = head.rsplit(|byte| Some(*byte) == sign).next()?;
            let is_one = sign.is_none_or(|sign| matches!(head, [b'0'..=b'9', second, ..] if *second == sign))
                && (least..=most).contains(&last.len())
                && class.run(last, most) == last.len();
            if is_one {
                return Some(hits.push(at - head.len()..at + 1 + count, Rule::Shape(name)));
            }
        }
        None
    }

    fn found(&mut self, at: usize, name: &str, prefix: usize, form: Form) -> Option<Range<usize>> {
        let start = at + prefix;
        let rest = self.text.get(start..)?;
        match form {
            Key(class, least, most)
            | Joined(class, least, most)
            | Id(class, least, most)
            | Mixed(class, least, most)
            | Drawn(class, least, most) => {
                let may_begin = self.is_edge(at) || (matches!(form, Joined(..)) && self.is_joined(at));
                let judge: fn(&[u8]) -> bool = match form {
                    Mixed(..) => is_mixed,
                    Drawn(..) => |key| std::str::from_utf8(key).is_ok_and(is_drawn),
                    _ => |_| true,
                };
                let length = may_begin.then(|| self.key(at, rest, (class.class(), least, most), judge)).flatten()?;
                self.outside_data(at..start + length)
            }
            Hash(class, salt, least, most) => {
                let end = start + self.hash(rest, class.class(), salt.into(), least.into(), most.into())?;
                let is_one = self.is_edge(at) && is_varied(self.text.get(start..end)?);
                is_one.then(|| self.outside_data(at..end)).flatten()
            }
            Behind(class, least) => {
                let length = class.run(rest, LONGEST_PATH);
                let is_key = |segment: &[u8]| segment.len() >= usize::from(least) && is_varied(segment);
                let has_key = rest.get(..length)?.split(|byte| *byte == b'/').any(is_key);
                has_key.then(|| start..start + trimmed(rest, length))
            }
            Around(class, before, least, most) => {
                let (before, least, most) = (usize::from(before), usize::from(least), usize::from(most));
                let first = at.checked_sub(before)?;
                let is_head = class.run(self.text.get(first..at)?, before) == before;
                let length = class.run(rest, most + 1);
                let is_one = is_head && (least..=most).contains(&length) && self.is_edge(first);
                (is_one && is_varied(self.text.get(first..start + length)?)).then(|| first..start + length)
            }
            Telegram(least) => {
                let least = usize::from(least);
                let digits = self.text.get(at.saturating_sub(11)..at)?;
                let digits = digits.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
                let is_one = (8..=10).contains(&digits) && KEY.run(rest, least + 1) == least;
                (is_one && is_varied(rest.get(..least)?)).then(|| at - digits..start + least)
            }
            Jwt => self.is_edge(at).then(|| jwt(self.text, at, self.is_cut)).flatten(),
            Discord => self.is_edge(at).then(|| discord(self.text, at)).flatten(),
            Pem if self.text.get(at..start)?.starts_with(b"-----END") => pem::tail(self.whole, at, start),
            Pem => pem::key(self.whole, at, start),
            Bare(before) => {
                let start = at.checked_sub(before.into()).filter(|start| self.is_edge(*start))?;
                pem::bare_key(self.text.get(start..)?).map(|length| start..start + length)
            }
            Numbered => codes::numbered(self.whole, at),
            Lines => {
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let lines = rest.get(digits..)?;
                let is_first = [&b"\n"[..], b"\r\n", b"\\n"].iter().any(|end| lines.starts_with(end));
                let length = pem::lines_of_key(lines);
                (digits > 0 && is_first && length > 0).then(|| start + digits..start + digits + length)
            }
            Scheme(least) | Basic(least) => {
                let judge = if matches!(form, Basic(_)) { is_basic } else { is_mixed };
                let key = rest.get(..trimmed(rest, CREDENTIAL.run(rest, ALL)))?;
                let is_one = key.len() >= usize::from(least) && is_varied(key) && judge(key) && self.is_edge(at);
                let value = start..start + key.len();
                let is_other = |said: &str| is_link(said) || is_said(said);
                (is_one && !self.whole.get(value.clone()).is_some_and(is_other)).then_some(value)
            }
            List(word) => {
                let start = at + usize::from(word);
                let list = start..list_end(self.whole, start);
                (self.is_edge(at) && !is_example(self.whole.get(list.clone())?, "")).then_some(list)
            }
            Until(sign) => {
                let end = start + rest.iter().take(JUDGED).position(|byte| *byte == sign)?;
                can_be_credential(self.whole.get(start..end)?).then_some(start..end)
            }
            Given(which) => {
                // The first of them may begin in the prefix. Ruby has no bracket.
                let bracket = self.text.get(at..start)?.iter().rposition(|byte| b"( ".contains(byte))?;
                let given = argument(self.whole, at + bracket + 1, which)?;
                let can_be = if name == PASSWORD { can_be_password } else { can_be_credential };
                can_be(self.whole.get(given.clone())?).then_some(given)
            }
            Said(least) => said(self.whole, start, least.into()),
            Login => {
                let given = argument(self.whole, start, 0)?;
                let password = given.start + user(self.whole.get(given.clone())?)?..given.end;
                shows_itself(self.whole.get(password.clone())?).then_some(password)
            }
            Pair => nameless::pair(self.whole, at, start),
            InvalidPort => {
                let quote = rest.iter().take(4).position(|byte| *byte == b':')? + 1;
                let length = rest.get(quote..)?.iter().position(|byte| b"\"\\ \n".contains(byte))?;
                let port = rest.get(quote..quote + length)?;
                port.iter().any(|byte| !byte.is_ascii_digit()).then(|| start + quote..start + quote + length)
            }
        }
    }

    /// How long a key is after its prefix, if it is one.
    fn key(&self, at: usize, rest: &[u8], of: (Class, u16, u16), judge: fn(&[u8]) -> bool) -> Option<usize> {
        let (class, least) = (of.0, usize::from(of.1));
        let most = if of.2 == OPEN { ALL } else { of.2.into() };
        // Judged before its end is looked for: a text may hold a prefix as often as it has bytes.
        let length = class.run(rest, least.max(JUDGED));
        let is_end = || matches!(rest.get(length..), Some(b"" | b"..." | b"\xe2\x80\xa6"));
        let is_cut = self.is_cut && length < least && length >= CUT && is_end();
        let judged = rest.get(..length)?;
        if (length < least && !is_cut) || !is_varied(judged) || !judge(judged) || self.data_before(at) > DATA {
            return None;
        }
        let length = class.run(rest, most.saturating_add(1));
        let length = trimmed(rest, length);
        (length <= most && (length >= least || is_cut)).then_some(length)
    }

    /// How long the hash of a password is after its prefix: what follows it may be the next cell of a table.
    fn hash(&self, rest: &[u8], class: Class, salt: usize, least: usize, most: usize) -> Option<usize> {
        const MOST_SEGMENTS: usize = 4;
        // A comma is between parameters, each of which has a value.
        let is_parameter =
            |part: &[u8]| part.iter().position(|byte| *byte == b'=').is_some_and(|at| at + 1 < part.len());
        let is_salt = |salt: &[u8]| !salt.contains(&b',') || salt.split(|byte| *byte == b',').all(is_parameter);
        let mut at = 0;
        for _ in 0..MOST_SEGMENTS {
            let segment = rest.get(at..)?;
            let length = SALT.run(segment, salt);
            if segment.get(length) != Some(&b'$') || !is_salt(segment.get(..length)?) {
                break;
            }
            at += length + 1;
        }
        let digest = class.run(rest.get(at..)?, most);
        let end = if digest == most { at + digest } else { trimmed(rest, at + digest) };
        let is_cut = self.is_cut && at + digest == rest.len() && at + digest >= CUT;
        let is_whole = at > 0 && end >= at + least && !rest.get(end).is_some_and(u8::is_ascii_alphanumeric);
        (is_whole || is_cut).then_some(end)
    }

    /// Whether something may begin at a place: after no letter or digit, nor after a `_`, `+` or `-` within a word. An
    /// escape in front is none of them.
    fn is_edge(&self, at: usize) -> bool {
        let before = |by: usize| at.checked_sub(by).and_then(|at| self.text.get(at)).copied();
        match before(1) {
            Some(b'n' | b'r' | b't' | b'b' | b'f') => before(2) == Some(b'\\'),
            Some(byte) if byte.is_ascii_alphanumeric() => {
                let escaped = at.checked_sub(6).and_then(|start| self.text.get(start..at));
                escaped.is_some_and(|it| it.starts_with(b"\\u00") && it.iter().skip(4).all(u8::is_ascii_hexdigit))
            }
            // A sign that begins a word is of a list, of a change or of emphasis.
            Some(b'+') if self.is_in_query(at) => true,
            Some(b'_' | b'+' | b'-') => !before(2).is_some_and(|byte| OF_DATA.has(byte)),
            _ => true,
        }
    }

    /// Whether a place is in a URL's query, where a `+` is a space.
    fn is_in_query(&self, at: usize) -> bool {
        let before = self.text.get(..at).unwrap_or_default();
        let mut word = before.iter().rev().take(JUDGED).take_while(|byte| byte.is_ascii_graphic());
        word.any(|byte| b"?&".contains(byte))
    }

    /// Whether a `_` or `-` is before a place.
    fn is_joined(&self, at: usize) -> bool {
        matches!(self.text.get(..at), Some([.., b'_' | b'-']))
    }

    /// How much there is of an unbroken run of base64 before a place, as far as it matters.
    fn data_before(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        before.iter().rev().take(DATA + 1).take_while(|byte| OF_DATA.has(**byte)).count()
    }

    /// A hit, unless it is a small part of an unbroken run of base64: an image, a signature.
    fn outside_data(&mut self, hit: Range<usize>) -> Option<Range<usize>> {
        if !self.run.contains(&hit.start) {
            let before = self.text.get(..hit.start).unwrap_or_default();
            let behind = self.text.get(hit.start..).unwrap_or_default();
            let start = hit.start - before.iter().rev().take_while(|byte| OF_DATA.has(**byte)).count();
            self.run = start..hit.start + OF_DATA.run(behind, ALL);
        }
        let before = hit.start.saturating_sub(self.run.start);
        let is_within = self.run.len() > DATA && (self.run.len() > 2 * hit.len() || before > DATA);
        (!is_within).then_some(hit)
    }
}

/// What follows a scheme's word.
const CREDENTIAL: Class = Class::alphanumeric("._~+/=-%|:");

/// Without the full stops after it, which end a sentence.
fn trimmed(bytes: &[u8], length: usize) -> usize {
    let key = bytes.get(..length).unwrap_or_default();
    length - key.iter().rev().take_while(|byte| b".:%,".contains(byte)).count()
}

/// Whether words behind a scheme's are those of a parameter or a path: `bearer expires_in=3600`.
fn is_said(key: &str) -> bool {
    let is_parameter = || key.trim_end_matches('=').contains('=');
    (is_parameter() || (key.contains('/') && key.contains('.'))) && is_of_words(key)
}

/// Whether a key has letters and digits.
fn is_mixed(key: &[u8]) -> bool {
    key.iter().any(u8::is_ascii_alphabetic) && key.iter().any(u8::is_ascii_digit)
}

/// Whether it is a name and a password in base64.
fn is_basic(key: &[u8]) -> bool {
    let unpadded = key.len() - key.iter().rev().take_while(|byte| **byte == b'=').count();
    let decoded = key.get(..unpadded).and_then(|key| STANDARD_NO_PAD.decode(key).ok());
    decoded.is_some_and(|decoded| decoded.contains(&b':') && decoded.iter().all(|byte| !byte.is_ascii_control()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        mask::mask_at,
        reader::SHORTEST_WORD,
        shapes::index::SHAPES,
        tables::{class::Set, split},
    };

    /// The hits of a text, as it writes them.
    fn found(text: &str) -> Vec<(&'static str, &str)> {
        let mut hits = Hits::default();
        let rules = Rules::default();
        let mut shapes = Shapes::of(text, false, &rules);
        for at in 0..text.len() {
            shapes.at(at, &mut hits);
        }
        hits.merged(text).into_iter().map(|hit| (hit.rule.name(), &text[hit.range])).collect()
    }

    /// A key of a shape, made of what it may have.
    fn example(prefix: &str, class: Set, least: usize) -> String {
        let characters: Vec<char> = (0..128_u8).filter(|byte| class.has(*byte)).map(char::from).collect();
        let letters = characters.iter().filter(|one| one.is_alphanumeric()).cycle().step_by(5);
        prefix.to_owned() + &letters.take(least).collect::<String>()
    }

    #[test]
    fn masks_have_the_names_of_shapes() {
        let mask = |name: &str| format!("[REDACTED:{name}]");
        assert!(SHAPES.0.iter().map(|shape| mask(split(shape).0)).all(|mask| mask_at(&mask, 0) == Some(mask.len())));
    }

    #[test]
    fn no_shape_is_shorter_than_the_words_that_are_read() {
        for (shape, form) in SHAPES.0.into_iter().zip(SHAPES.1) {
            let (name, prefix) = split(shape);
            let behind = match form {
                Key(_, least, _)
                | Mixed(_, least, _)
                | Drawn(_, least, _)
                | Joined(_, least, _)
                | Id(_, least, _)
                | Hash(_, _, least, _) => least,
                Around(_, before, least, _) => before + least,
                _ => continue,
            };
            assert!(prefix.len() + usize::from(behind) >= SHORTEST_WORD, "{name}");
        }
    }

    #[test]
    fn every_key_is_found_between_its_edges_and_not_beside_them() {
        for (shape, form) in SHAPES.0.into_iter().zip(SHAPES.1) {
            let (name, prefix) = split(shape);
            let (Key(class, least, most) | Id(class, least, most)) = form else { continue };
            let least = usize::from(least);
            let key = example(prefix, class, least);
            for text in [
                key.clone(),
                format!("see {key}, please"),
                format!("\"{key}\""),
                format!("/v1/{key}"),
                format!("\\n{key}\\n"),
            ] {
                assert_eq!(found(&text), [(name, &*key)], "{text}");
            }
            for text in [format!("_{key}\n"), format!("a\n+{key}"), format!("(-{key})")] {
                assert_eq!(found(&text), [(name, &*key)], "{text}");
            }
            for text in [format!("x{key}"), format!("x_{key}"), format!("x-{key}"), format!("--{key}")] {
                assert_eq!(found(&text), [], "{text}");
            }
            assert_eq!(found(&format!("{prefix}{}", "x".repeat(least))), [], "{prefix}");
            if most < 400 {
                let long = example(prefix, class, usize::from(most) + 1);
                assert!(found(&long).iter().all(|(other, _)| *other != name), "{long}");
            }
            let data = format!("{}/{key}/{}", "Qm7xR2vKp9Lw4Zt8".repeat(60), "Yc3Nf6Hb1Jd5Gs0A".repeat(60));
            assert_eq!(found(&data), [], "{prefix}");
        }
    }

    #[test]
    fn a_recorder_key_is_found_with_what_is_joined_to_it() {
        let key = example("cdk_", KEY, 80);
        for (before, behind) in
            [("", ""), ("see ", ", please"), ("old_", ""), ("old-", "-older"), ("", "_2"), ("", "A")]
        {
            let text = format!("{before}{key}{behind}");
            let hits = found(&text);
            let end = behind.trim_end_matches(", please");
            assert_eq!(hits, [("chat-debug-key", &*format!("{key}{end}"))], "{text}");
        }
        for text in [key[..83].to_owned(), format!("x{key}"), format!("cdk_{}", "x".repeat(80))] {
            assert_eq!(found(&text), [], "{text}");
        }
        let data = format!("{}/{key}/{}", "Qm7xR2vKp9Lw4Zt8".repeat(60), "Yc3Nf6Hb1Jd5Gs0A".repeat(60));
        assert_eq!(found(&data), []);
    }

    #[test]
    fn what_has_a_form_of_its_own_is_found() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5";
        let line = "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0a";
        let lines = format!("{line}\n{line}\nR2vKp9==\n");
        let tail = format!("{lines}-----END EC PRIVATE KEY-----");
        let (escaped, bare) = (tail.replace('\n', "\\n"), format!("b3BlbnNzaC1rZXktdjE{line}{lines}"));
        for (text, name, key) in [
            (format!("a {token}."), "jwt", token),
            (
                "x abc8Q~Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0 y".to_owned(),
                "azure-secret",
                "abc8Q~Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0",
            ),
            (
                "bot123456789:AAQm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0Ae/x".to_owned(),
                "telegram-token",
                "123456789:AAQm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0Ae",
            ),
            (
                "https://hooks.slack.com/services/T0A1/B0C2/Qm7xR2vKp9Lw4Zt8 x".to_owned(),
                "webhook",
                "services/T0A1/B0C2/Qm7xR2vKp9Lw4Zt8",
            ),
            (
                "key sk-Ab3dEf7hIj1kLm9nOp5qRs2tUv8_yQ2yjWtoQ7lqnlii-5A5uz ok".to_owned(),
                "openai-key",
                "sk-Ab3dEf7hIj1kLm9nOp5qRs2tUv8_yQ2yjWtoQ7lqnlii-5A5uz",
            ),
            (
                "key sk-8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a ok".to_owned(),
                "api-key",
                "sk-8f3c9a7e-1b2d-4f60-8f3c-9a7e1b2d4f6a",
            ),
            (
                "sntrys_eyJpYXQiOjE3MDAwMDAwMDAuMSwidXJsIjoiaHR0cHM6Ly9oIn0=_hoaGjQDMnqCbg5KnaHwddNvsGKCU1uYBbBnng7bQKk4 x"
                    .to_owned(),
                "sentry-token",
                "sntrys_eyJpYXQiOjE3MDAwMDAwMDAuMSwidXJsIjoiaHR0cHM6Ly9oIn0=_hoaGjQDMnqCbg5KnaHwddNvsGKCU1uYBbBnng7bQKk4",
            ),
            ("Bearer Qm7xR2vKp9Lw. Then".to_owned(), "bearer", "Qm7xR2vKp9Lw"),
            ("BASIC YWRtaW46aHVudGVyMg==".to_owned(), "basic", "YWRtaW46aHVudGVyMg=="),
            ("bAsic YWRtaW46aHVudGVyMg==".to_owned(), "basic", "YWRtaW46aHVudGVyMg=="),
            ("BaSIc YWRtaW46aHVudGVyMg==".to_owned(), "basic", "YWRtaW46aHVudGVyMg=="),
            ("bEaReR Qm7xR2vKp9Lw".to_owned(), "bearer", "Qm7xR2vKp9Lw"),
            ("Bearer Qm7x/R2v+Kp9Lw==".to_owned(), "bearer", "Qm7x/R2v+Kp9Lw=="),
            ("Bearer tid=Qm7xR2vKp9Lw".to_owned(), "bearer", "tid=Qm7xR2vKp9Lw"),
            ("sSwS Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0".to_owned(), "okta-token", "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0"),
            (
                "a -----BEGIN PRIVATE KEY-----\nQm7xR2vKp9Lw4Zt8\n-----END PRIVATE KEY----- b".to_owned(),
                "private-key",
                "-----BEGIN PRIVATE KEY-----\nQm7xR2vKp9Lw4Zt8\n-----END PRIVATE KEY-----",
            ),
            (
                "a -----BEGIN EC PRIVATE KEY-----\nQm7xR2vKp9Lw4Zt8".to_owned(),
                "private-key",
                "-----BEGIN EC PRIVATE KEY-----\nQm7xR2vKp9Lw4Zt8",
            ),
            (
                "k=-----BEGIN+RSA+PRIVATE+KEY-----%0AQm7xR2vKp9Lw4Zt8%0A-----END+RSA+PRIVATE+KEY-----&a".to_owned(),
                "private-key",
                "-----BEGIN+RSA+PRIVATE+KEY-----%0AQm7xR2vKp9Lw4Zt8%0A-----END+RSA+PRIVATE+KEY-----",
            ),
            (format!("see:\n{tail}\nb"), "private-key", &tail),
            (format!("\"{escaped}\""), "private-key", &escaped),
            (format!("{bare} b"), "private-key", bare.trim_end()),
        ] {
            assert_eq!(found(&text), [(name, key)], "{text}");
        }
        for text in [
            "-----BEGIN PUBLIC KEY-----\nQm7x\n-----END PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE-----\nQm7x",
            &format!("{lines}-----END CERTIFICATE-----"),
            &format!("{lines}\n. -----END PRIVATE KEY-----"),
            "const BEGIN1 = '-----BEGIN CERTIFICATE-----', END1 = '-----END PRIVATE KEY-----'",
            "eyJhbGciOiJIUzI1NiJ9.Qm7x.Qm7x",
            "Bearer authentication-is-required",
            "token_type=bearer expires_in=3600 scope=read",
            "the bearer src/auth/bearer_token2.rs has",
            "basic understanding1of2things",
            "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
            "AKIAIOSFODNN7EXAMPLE",
            "sk-estimator-doc-link-8f3c sk-toggleable__label-arrow-2024-01",
            "if key.startswith('-----BEGIN RSA PRIVATE KEY-----'): return load(key, passphrase=None)",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
