//! Reads one text for all that may be in it: JSON, base64, URLs, and those within each other.

use super::{
    assigned,
    clean::Clean,
    containers::{self, Manifest, is_id},
    encoded::{self, Said},
    extents::is_of_model,
    json::{Token, Tokens, decoded, encode, is_string, objects},
    learned::Learned,
    lines::Bare,
    mask::{Hit, Hits, Rule, is_masked},
    names::{Name, can_be_of_password, can_end},
    packed::{Format, MOST_OF_POST, unpacked},
    pairs::{Found, Pairs, is_wrapper},
    rows::Rows,
    rules::Rules,
    scanner::whole,
    text,
    units::readable,
    urls::{self, Kind},
    values::{LONGEST_PASSWORD, can_be_credential, is_key},
};

/// How deep texts are within each other: JSON in strings of JSON, base64 in them. What is deeper is read as plain text.
const DEEPEST: usize = 8;
/// The shortest text that can hold a credential, in bytes.
const SHORTEST: usize = 6;
/// The shortest that is one when it is a word of letters, digits and few signs. No shape of the tables is shorter.
pub(super) const SHORTEST_WORD: usize = 15;

/// What is packed and cannot be read.
const PACKED: Rule = Rule::Shape("packed");

/// What reads the texts of a post.
#[derive(Debug)]
pub(super) struct Reader<'r> {
    /// The operator's.
    pub(super) rules: &'r Rules,
    /// What they gave away.
    pub(super) learned: Learned,
    /// Whether that alone is looked for.
    pub(super) is_again: bool,
    /// How many bytes bodies may still unpack to.
    pub(super) room: usize,
    clean: Clean,
    name: Name<'r>,
}

impl<'r> Reader<'r> {
    /// It has read nothing.
    pub(super) fn under(rules: &'r Rules) -> Self {
        Self {
            rules,
            learned: Learned::default(),
            is_again: false,
            room: MOST_OF_POST,
            clean: Clean::default(),
            name: Name::under(rules),
        }
    }
}

/// Where a text is.
#[derive(Debug, Clone, Copy, Hash)]
pub(super) struct Within<'t> {
    /// The name of the member that it is the value of.
    member: Option<&'t str>,
    kind: Kind,
    /// Whether it goes on where it ends.
    is_cut: bool,
    depth: usize,
}

impl<'t> Within<'t> {
    /// The value of a member, or of a field.
    pub(super) const fn member(member: Option<&'t str>) -> Self {
        Self { member, kind: Kind::Text, is_cut: false, depth: 0 }
    }

    /// Within nothing else.
    pub(super) const fn nothing(kind: Kind) -> Self {
        Self { member: None, kind, is_cut: false, depth: 0 }
    }

    /// A text that goes on where it ends, or not.
    pub(super) const fn cut(is_cut: bool) -> Self {
        Self { member: None, kind: Kind::Text, is_cut, depth: 0 }
    }
}

impl Reader<'_> {
    /// Finds credentials in a text, whatever it is.
    pub(super) fn text(&mut self, text: &str, within: Within<'_>, hits: &mut Hits) {
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
        if within.depth < DEEPEST {
            let begin = text.trim_ascii_start();
            let may_be_json = begin.starts_with(['{', '[']) || (begin.starts_with('"') && is_string(begin));
            if may_be_json && self.json(text, within, hits) {
                return true;
            }
            if within.kind == Kind::Text
                && let Some(bare) = Bare::of(text)
            {
                let mut found = Hits::default();
                self.inside(&bare.text, Within { depth: within.depth + 1, ..within }, &mut found);
                hits.extend(
                    found.merged(&bare.text).into_iter().map(|hit| Hit { range: bare.source(&hit.range), ..hit }),
                );
                return false;
            }
            if let Some(said) = encoded::decoded(text) {
                self.encoded(said, 0..text.len(), within, hits);
            }
        }
        let is_cut = within.is_cut || text.ends_with('…') || text.ends_with("...");
        let before = hits.len();
        let may_have_json = if self.is_again {
            self.learned.find(text, hits);
            true
        } else {
            let may_have_json = text::find(text, within.kind, is_cut, self.rules, hits);
            self.learn(text, before, hits);
            may_have_json
        };
        if within.depth < DEEPEST {
            for range in may_have_json.then(|| objects(text)).into_iter().flatten() {
                let before = hits.len();
                let inner = Within { member: None, depth: within.depth + 1, kind: Kind::Text, is_cut: false };
                self.json(text.get(range.clone()).unwrap_or_default(), inner, hits);
                hits.move_since(before, range.start);
            }
            for (range, said) in encoded::runs(text) {
                self.encoded(said, range, within, hits);
            }
        }
        false
    }

    /// Of what is in base64, all is taken; and so is what is packed in it and cannot be unpacked, unless that is kept.
    fn encoded(&mut self, said: Said, range: std::ops::Range<usize>, within: Within<'_>, hits: &mut Hits) {
        let said = match said {
            Said::Text(text) => text,
            Said::Packed(format, bytes) => match unpacked(format, &bytes, self.room) {
                Ok(text) => {
                    self.room = self.room.saturating_sub(text.len());
                    readable(text)
                }
                // Two bytes may be those of zlib by chance.
                Err(_) if format == Format::Zlib || self.rules.keeps_unreadable() => return,
                Err(_) => {
                    hits.push(range, PACKED);
                    return;
                }
            },
        };
        let mut found = Hits::default();
        self.text(&said, Within { depth: within.depth + 1, kind: Kind::Text, ..within }, &mut found);
        if let Some(hit) = found.merged(&said).first() {
            hits.push(range, hit.rule);
        }
    }

    /// Finds what the parameters of a form are worth by their names.
    pub(super) fn query(&mut self, text: &str, hits: &mut Hits) {
        if !self.is_again {
            let before = hits.len();
            urls::parameters(text, Kind::Url, self.rules, hits);
            self.learn(text, before, hits);
        }
    }

    /// What a member of this name is worth.
    pub(super) fn member(&mut self, text: &str, within: Within<'_>, hits: &mut Hits) {
        let Some(member) = within.member.filter(|_| !self.is_again) else { return };
        if !can_be_member(member, text, self.rules) {
            return;
        }
        self.name.read(member);
        if let Some((range, rule)) = assigned::member(&self.name, text) {
            hits.push(range, Rule::Name(rule));
            self.learn(text, hits.len() - 1, hits);
        }
    }

    /// Remembers what was found by its name or its place.
    pub(super) fn learn(&mut self, text: &str, before: usize, hits: &Hits) {
        let is_new = |hit: &&Hit| hit.rule.is_learned() && !is_masked(text, &hit.range);
        for hit in hits.since(before).iter().filter(is_new) {
            self.learned.learn(text.get(hit.range.clone()).unwrap_or_default(), hit.rule);
        }
    }

    /// Finds credentials in the strings of a JSON text, names of members included; `false` when it is none.
    pub(super) fn json(&mut self, text: &str, within: Within<'_>, hits: &mut Hits) -> bool {
        if self.is_again && within.depth == 0 && !self.learned.may_be_in(text) {
            return true;
        }
        let before = hits.len();
        let (mut pairs, mut rows) = (Pairs::default(), Rows::default());
        let mut member = within.member.map(std::borrow::Cow::Borrowed);
        // Of the object under way, the member that it is the value of, and whether that has cookies.
        let (mut owner, mut jar, mut manifest) = (None, Jar::default(), Manifest::default());
        // Whether the member's value is an array, whose elements are its own.
        let mut is_in_array = false;
        for token in Tokens::of(text) {
            match token {
                Token::Open(b'[') => {
                    jar.enter(member.as_deref(), true);
                    manifest.enter(None);
                    rows.enter(true, member.as_deref(), is_in_array);
                    is_in_array = true;
                    pairs.enter(None);
                }
                Token::Open(_) => {
                    jar.enter(member.as_deref(), false);
                    manifest.enter(member.as_deref());
                    rows.enter(false, None, false);
                    pairs.enter(member.as_deref());
                    owner = member.take();
                    is_in_array = false;
                }
                Token::Close => {
                    jar.leave();
                    manifest.leave();
                    for found in rows.leave(text, &mut self.name) {
                        if !self.is_again {
                            self.pair(text, found, hits);
                        }
                    }
                    pairs.enter(None);
                    (member, owner, is_in_array) = (None, None, false);
                }
                Token::Name(literal) => {
                    let said = decoded(text.get(literal.clone()).unwrap_or_default());
                    let inner = Within { member: None, depth: within.depth + 1, kind: Kind::Text, is_cut: false };
                    self.string(text, &literal, &said, inner, hits);
                    jar.name(&said);
                    member = Some(said);
                    is_in_array = false;
                }
                Token::String { literal, is_cut } => {
                    let said = decoded(text.get(literal.clone()).unwrap_or_default());
                    let known = owner.as_deref().filter(|_| member.as_deref().is_some_and(is_wrapper));
                    let is_masked = || self.rules.masks_name(b"token");
                    let is_text = member.as_deref() == Some("token") && is_of_model(text, &literal) && !is_masked();
                    let known = known.or(member.as_deref()).filter(|_| !is_text);
                    let inner = Within { member: known, depth: within.depth + 1, kind: Kind::Text, is_cut };
                    self.string(text, &literal, &said, inner, hits);
                    let mut found = match &member {
                        Some(member) if !is_in_array => pairs.member(member, &literal, &said, self.rules),
                        _ => {
                            rows.element(Some(&literal));
                            pairs.element(&literal, &said, self.rules).into_iter().collect()
                        }
                    };
                    let container = if is_in_array { member.as_deref() } else { owner.as_deref() };
                    if let Some(member) = member.as_deref().filter(|_| !is_in_array) {
                        found.extend(manifest.member(member, &literal, &said));
                    }
                    if let Some(container) = container.filter(|_| is_key(&said))
                        && (is_in_array || !member.as_deref().is_some_and(is_id))
                        && let Some(rule) = containers::rule_of(container, &said, &mut self.name)
                    {
                        found.push(Found { literal: literal.clone(), range: 0..said.len(), rule });
                    }
                    if jar.has(member.as_deref(), &said) {
                        found.push(Found { literal, range: 0..said.len(), rule: "cookie" });
                    }
                    if !self.is_again {
                        for found in found {
                            self.pair(text, found, hits);
                        }
                    }
                }
                Token::Scalar(_) => rows.element(None),
                Token::Other => {
                    hits.truncate(before);
                    return false;
                }
            }
        }
        true
    }

    fn string(
        &mut self,
        text: &str,
        literal: &std::ops::Range<usize>,
        said: &str,
        within: Within<'_>,
        hits: &mut Hits,
    ) {
        let mut found = Hits::default();
        self.text(said, within, &mut found);
        let mut found = found.merged(said);
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

/// Whether a JSON text is within a member that has cookies, as in HAR and in what browsers store.
#[derive(Default)]
struct Jar {
    depth: usize,
    /// How deep the member's value is, and whether that is a list.
    open: Option<(usize, bool)>,
    /// How deep the object is of which a member said that it is a cookie.
    cookie: Option<usize>,
}

impl Jar {
    fn enter(&mut self, member: Option<&str>, is_list: bool) {
        self.depth += 1;
        if self.open.is_none() && member.is_some_and(|member| member.eq_ignore_ascii_case("cookies")) {
            self.open = Some((self.depth, is_list));
        }
    }

    /// A member's name, which may be one that only cookies have.
    fn name(&mut self, member: &str) {
        if matches!(member, "hostOnly" | "httpOnly") {
            self.cookie = Some(self.depth);
        }
    }

    fn leave(&mut self) {
        self.cookie = self.cookie.filter(|depth| *depth < self.depth);
        self.open = self.open.filter(|(depth, _)| *depth < self.depth);
        self.depth = self.depth.saturating_sub(1);
    }

    /// Whether a member's value is a cookie's.
    fn has(&self, member: Option<&str>, value: &str) -> bool {
        const SHORTEST: usize = 12;
        let is_of_cookie = match self.open {
            Some((depth, false)) if depth == self.depth => member.is_some(),
            Some(_) => member == Some("value"),
            None => self.cookie == Some(self.depth) && member == Some("value"),
        };
        is_of_cookie && value.len() >= SHORTEST && can_be_credential(value)
    }
}

/// Whether a member of this name may be worth something, so that its name has to be read.
fn can_be_member(name: &str, value: &str, rules: &Rules) -> bool {
    let Some(last) = name.bytes().last() else { return false };
    can_end(last, rules)
        && match last.to_ascii_lowercase() {
            // A scheme may come before an authorization.
            b'h' | b'n' if value.contains(' ') => true,
            // Cookies are `name=value`.
            b'e' if value.contains('=') => true,
            // The operator knows what is one.
            _ if rules.can_end(last) => !value.is_empty(),
            // People choose passwords.
            _ => can_be_credential(value) || (value.len() <= LONGEST_PASSWORD && can_be_of_password(name)),
        }
}

/// Whether a member's value stays by its name and its looks together: one run of base64 from end to end, 64 bytes or
/// longer. A key under such a name is none, and a signature does not break because a part of it looks like a key.
fn is_exempt(name: &str, value: &str) -> bool {
    const EXEMPT: [&str; 10] = [
        "b64_json",
        "data",
        "encrypted_content",
        "encrypted_index",
        "encryptedContent",
        "redactedContent",
        "signature",
        "thought_signature",
        "thoughtSignature",
        "embedding",
    ];
    const SHORTEST: usize = 64;
    value.len() >= SHORTEST
        && EXEMPT.contains(&name)
        && value.trim_end_matches('=').bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte))
        && (name != "data" || encoded::decoded(value).is_none())
}
