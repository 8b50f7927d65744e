//! Reads one text for all that may be in it: JSON, base64, URLs, and those within each other.
//!
//! - `encoded`: what is in base64; `lines`: texts with numbers or signs before their lines; `parts`: those that stand in
//!   others line by line
//! - `learned`: what one place of a post gave away, to be looked for in the others by `needles`
//! - `clean`: what need not be read again

mod clean;
mod encoded;
mod learned;
mod lines;
mod needles;
mod parts;

use crate::{
    body::{
        channels::Channel,
        packed::{Format, MOST_OF_POST, unpacked},
    },
    json::{Found, Token, Tokens, decoded, encode, is_string, members::Members, objects},
    mask::{Hit, Hits, Rule, is_masked},
    names::{Name, can_end},
    rules::Rules,
    shapes::scanner::whole,
    tables::words::Words,
    text::{
        self,
        codes::are_codes,
        urls::{self, Kind},
    },
    units::readable,
    values::{LONGEST_PASSWORD, can_be_credential, can_be_password, is_identifier, is_salt, named},
};
use clean::Clean;
use encoded::Said;
use learned::Learned;
use lines::Bare;
use std::ops::Range;

/// How deep texts are within each other: JSON in strings of JSON, base64 in them. What is deeper is read as plain text.
const DEEPEST: usize = 8;
/// How often texts that stand in parts of others are within each other. Each level may double what is read.
const MOST_PARTS: usize = 3;
/// The shortest text that can hold a credential, in bytes.
const SHORTEST: usize = 6;
/// The shortest that is one when it is a word of letters, digits and few signs. No shape of the tables is shorter.
pub(crate) const SHORTEST_WORD: usize = 15;

/// What is packed and cannot be read.
const PACKED: Rule = Rule::Shape("packed");

/// What reads the texts of a post.
#[derive(Debug)]
pub(crate) struct Reader<'r> {
    /// The operator's.
    pub(crate) rules: &'r Rules,
    /// What places of the post gave away.
    pub(crate) learned: Learned,
    /// Whether that alone is looked for.
    pub(crate) is_again: bool,
    /// How many bytes bodies may still unpack to.
    pub(crate) room: usize,
    clean: Clean,
    folded: Name<'r>,
}

impl<'r> Reader<'r> {
    /// It has read nothing.
    pub(crate) fn under(rules: &'r Rules) -> Self {
        Self {
            rules,
            learned: Learned::default(),
            is_again: false,
            room: MOST_OF_POST,
            clean: Clean::default(),
            folded: Name::under(rules),
        }
    }
}

/// Where a text is.
#[derive(Debug, Clone, Copy, Hash)]
pub(crate) struct Within<'t> {
    /// The name of the member that it is the value of.
    member: Option<&'t str>,
    kind: Kind,
    /// Whether it goes on where it ends.
    is_cut: bool,
    depth: usize,
    /// How many of these texts stand in parts of the one around them.
    parts: usize,
}

impl<'t> Within<'t> {
    /// The value of a member, or of a field.
    pub(crate) const fn member(member: Option<&'t str>) -> Self {
        Self { member, kind: Kind::Text, is_cut: false, depth: 0, parts: 0 }
    }

    /// Within nothing else.
    pub(crate) const fn nothing(kind: Kind) -> Self {
        Self { member: None, kind, is_cut: false, depth: 0, parts: 0 }
    }

    /// A text in it, which is the value of a member or not, and goes on where it ends or not.
    const fn inner<'i>(&self, member: Option<&'i str>, is_cut: bool) -> Within<'i> {
        Within { member, kind: Kind::Text, is_cut, depth: self.depth + 1, parts: self.parts }
    }

    /// A text that goes on where it ends, or not.
    pub(crate) const fn cut(is_cut: bool) -> Self {
        Self { member: None, kind: Kind::Text, is_cut, depth: 0, parts: 0 }
    }
}

impl Reader<'_> {
    /// The credentials of a text, in order and apart.
    pub(crate) fn found(&mut self, text: &str, within: Within<'_>) -> Vec<Hit> {
        let mut hits = Hits::default();
        self.text(text, within, &mut hits);
        hits.merged(text)
    }

    /// Finds credentials in a text, whatever it is.
    pub(crate) fn text(&mut self, text: &str, within: Within<'_>, hits: &mut Hits) {
        let is_short = || text.len() < SHORTEST_WORD && !within.is_cut && !self.rules.has_shapes();
        if text.len() < SHORTEST || (!self.is_again && is_short() && encoded::is_word(text)) {
            return self.member(text, within, hits);
        }
        if self.is_again && within.depth == 0 && !self.learned.may_be_in(text) {
            return;
        }
        if within.member.is_some_and(|name| is_exempt(name, text)) {
            if !self.is_again && whole(text, self.rules, hits) {
                self.learn(text, hits.len() - 1, hits);
            }
            return;
        }
        // What is in nothing else is long, and what is in it is known.
        let key = if self.is_again || within.depth == 0 { None } else { self.clean.key(text, within) };
        let before = hits.len();
        let is_json = key.and_then(|key| self.clean.known(key)).unwrap_or_else(|| {
            let is_json = self.inside(text, within, hits);
            if let Some(key) = key.filter(|_| hits.len() == before) {
                self.clean.add(key, is_json);
            }
            is_json
        });
        if !is_json {
            self.member(text, within, hits);
        }
    }

    /// Finds credentials within a text; whether it is JSON.
    fn inside(&mut self, text: &str, within: Within<'_>, hits: &mut Hits) -> bool {
        if self.is_json(text, within, hits) {
            return true;
        }
        match (within.kind == Kind::Text).then(|| Bare::of(text)).flatten() {
            // A diff still announces its lines when their signs are left out: they are left out once.
            Some(bare) => {
                let mut found = Hits::default();
                if !self.is_json(&bare.text, within, &mut found) {
                    self.plain(&bare.text, within, &mut found);
                }
                let found = found.merged(&bare.text).into_iter();
                hits.extend(found.map(|hit| Hit { range: bare.source(&hit.range), ..hit }));
            }
            None => self.plain(text, within, hits),
        }
        false
    }

    /// Finds credentials in a text that is JSON, if it is.
    fn is_json(&mut self, text: &str, within: Within<'_>, hits: &mut Hits) -> bool {
        let begin = text.trim_ascii_start();
        let may_be_json = begin.starts_with(['{', '[']) || (begin.starts_with('"') && is_string(begin));
        may_be_json && within.depth < DEEPEST && self.json(text, within, false, hits)
    }

    /// Finds credentials in a text that is no JSON, and has some perhaps.
    fn plain(&mut self, text: &str, within: Within<'_>, hits: &mut Hits) {
        if within.depth < DEEPEST
            && let Some(said) = encoded::decoded(text)
        {
            self.encoded(said, 0..text.len(), within, hits);
        }
        let is_cut = within.is_cut || text.ends_with('…') || text.ends_with("...");
        let before = hits.len();
        let may_have_json = if self.is_again {
            self.learned.find(text, hits);
            true
        } else {
            let (may_have_json, names) = text::find(text, within.kind, is_cut, self.rules, hits);
            self.learn(text, before, hits);
            if within.kind == Kind::Text {
                for part in parts::parts(text, &names) {
                    self.part(text, &part, within, hits);
                }
            }
            may_have_json
        };
        if within.depth < DEEPEST {
            for range in may_have_json.then(|| objects(text)).into_iter().flatten() {
                let before = hits.len();
                self.json(text.get(range.clone()).unwrap_or_default(), within.inner(None, false), true, hits);
                hits.move_since(before, range.start);
            }
            for (range, said) in encoded::runs(text) {
                self.encoded(said, range, within, hits);
            }
        }
    }

    /// Reads what stands in parts of a text.
    fn part(&mut self, text: &str, part: &Channel, within: Within<'_>, hits: &mut Hits) {
        if within.depth == DEEPEST || within.parts == MOST_PARTS {
            return;
        }
        let inner = Within { parts: within.parts + 1, ..within.inner(None, false) };
        hits.extend(part.found(text, &self.found(&part.text, inner)));
    }

    /// Of what is in base64, all is taken; and so is what is packed in it and cannot be unpacked, unless that is kept.
    fn encoded(&mut self, said: Said, range: Range<usize>, within: Within<'_>, hits: &mut Hits) {
        let said = match said {
            Said::Text(text) => text,
            Said::Packed(format, bytes) => match unpacked(format, &bytes, self.room) {
                Ok(text) => {
                    self.room = self.room.saturating_sub(text.len());
                    readable(text)
                }
                // Two bytes may be those of zlib by chance.
                Err(_) if format == Format::Zlib || self.rules.keeps_unreadable => return,
                Err(_) => {
                    hits.push(range, PACKED);
                    return;
                }
            },
        };
        if let Some(hit) = self.found(&said, within.inner(within.member, within.is_cut)).first() {
            hits.push(range, hit.rule);
        }
    }

    /// Finds what the parameters of a form are worth by their names.
    pub(crate) fn query(&mut self, text: &str, hits: &mut Hits) {
        if !self.is_again {
            let before = hits.len();
            urls::parameters(text, Kind::Url, self.rules, hits);
            self.learn(text, before, hits);
        }
    }

    /// What a member of this name is worth.
    pub(crate) fn member(&mut self, text: &str, within: Within<'_>, hits: &mut Hits) {
        let Some(member) = within.member.filter(|_| !self.is_again) else { return };
        if !can_be_member(member, text, self.rules) {
            return;
        }
        self.folded.read(member);
        if let Some((range, rule)) = named::member(&self.folded, text) {
            hits.push(range, Rule::Name(rule));
            self.learn(text, hits.len() - 1, hits);
        }
    }

    /// Remembers what was found by its name or its place.
    pub(crate) fn learn(&mut self, text: &str, before: usize, hits: &Hits) {
        let is_new = |hit: &&Hit| hit.rule.is_learned() && !is_masked(text, &hit.range);
        for hit in hits.since(before).iter().filter(is_new) {
            self.learned.learn(text.get(hit.range.clone()).unwrap_or_default(), hit.rule);
        }
    }

    /// Finds credentials in the strings of a JSON text, names of members included; `false` when it is none. It may be
    /// part of a text, whose words are all alike.
    fn json(&mut self, text: &str, within: Within<'_>, is_part: bool, hits: &mut Hits) -> bool {
        let before = hits.len();
        let mut members = Members::of(text, within.member, self.rules);
        // How many each object had so far.
        let mut counts = Vec::new();
        // Strings of an array that are lines of one text.
        let mut lines: Vec<Range<usize>> = Vec::new();
        for token in Tokens::of(text) {
            let line = match &token {
                Token::String { literal, .. } => Some(literal.clone()),
                _ => None,
            };
            let goes_on = |last: &Range<usize>| text.get(last.clone()).is_some_and(|last| last.ends_with("\\n"));
            if line.is_none() || !lines.last().is_some_and(goes_on) {
                if lines.len() > 1 && !self.is_again {
                    self.part(text, &Channel::of_literals(text, &lines), within, hits);
                }
                // Most strings are alone: what holds them is kept.
                lines.clear();
            }
            lines.extend(line);
            let found = match token {
                Token::Open(bracket) => {
                    members.open(bracket);
                    counts.push(0);
                    continue;
                }
                Token::Close => {
                    counts.pop();
                    members.close()
                }
                Token::Name(literal) => {
                    let said = decoded(text.get(literal.clone()).unwrap_or_default());
                    let before = hits.len();
                    // What one place gave away may be a word, as members are called.
                    if is_part || !self.is_again || !is_identifier(&said) {
                        self.string(text, &literal, &said, within.inner(None, false), hits);
                    }
                    if let Some(count) = counts.last_mut() {
                        hits.number_since(before, *count);
                        *count += 1;
                    }
                    members.named(said)
                }
                Token::String { literal, is_cut } => {
                    let said = decoded(text.get(literal.clone()).unwrap_or_default());
                    self.string(text, &literal, &said, within.inner(members.name(&literal), is_cut), hits);
                    if self.is_again {
                        continue;
                    }
                    members.string(&literal, said)
                }
                Token::Scalar(literal) => members.scalar(&literal),
                Token::Other => {
                    hits.truncate(before);
                    return false;
                }
            };
            for found in found {
                self.pair(text, found, hits);
            }
        }
        true
    }

    fn string(&mut self, text: &str, literal: &Range<usize>, said: &str, within: Within<'_>, hits: &mut Hits) {
        let mut found = self.found(said, within);
        if found.is_empty() {
            return;
        }
        encode(text.get(literal.clone()).unwrap_or_default(), &mut found);
        hits.extend(found.into_iter().map(|hit| hit.moved(literal.start)));
    }

    fn pair(&mut self, text: &str, found: Found, hits: &mut Hits) {
        let literal = text.get(found.literal.clone()).unwrap_or_default();
        let said = decoded(literal);
        let rule = Rule::Name(found.rule);
        self.learned.learn(said.get(found.range.clone()).unwrap_or_default(), rule);
        let mut hit = [Hit::new(found.range, rule)];
        encode(literal, &mut hit);
        hits.extend(hit.into_iter().map(|hit| hit.moved(found.literal.start)));
    }
}

/// Whether a member of this name may be worth something, so that its name has to be read.
fn can_be_member(name: &str, value: &str, rules: &Rules) -> bool {
    let Some(last) = name.bytes().last() else { return false };
    can_end(last, rules)
        && match last.to_ascii_lowercase() {
            // A scheme may come before an authorization, or before what is called `auth`.
            b'h' | b'n' if value.contains(' ') => true,
            // Cookies are `name=value`.
            b'e' | b's' if value.contains('=') => true,
            // The operator knows what is one.
            _ if rules.can_end(last) => !value.is_empty(),
            _ if value.len() > LONGEST_PASSWORD => can_be_credential(value) || are_codes(value),
            _ => can_be_password(value) || are_codes(value) || is_salt(value),
        }
}

/// Whether a member's value stays by its name and its looks together: one run of base64 from end to end, 64 bytes or
/// longer. A key under such a name is none, and a signature does not break because a part of it looks like a key.
fn is_exempt(name: &str, value: &str) -> bool {
    static EXEMPT: Words = Words::of(
        "\
        b64_json data embedding encrypted_content encrypted_index encryptedContent redactedContent signature \
        thought_signature thoughtSignature",
    );
    const SHORTEST: usize = 64;
    value.len() >= SHORTEST
        && EXEMPT.has_exactly(name)
        && value.trim_end_matches('=').bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte))
        && (name != "data" || encoded::decoded(value).is_none())
}
