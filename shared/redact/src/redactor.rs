//! One post's redactor: it takes credentials out of each place until none is found, and then what one place gave away
//! out of all others.

use crate::{
    body::{About, Outcome, body, packed::MOST_OF_POST},
    mask::{Hits, REDACTED, Rule, mask_text},
    names::headers::{self, Reading},
    places::{At, Place, Places},
    reader::{Reader, Within},
    receipt::Receipt,
    rules::Rules,
    text::urls::Kind,
};
use api::{json::Object, recorder_keys::KeyLabel, run::MAX_NAME_BYTES, step::Usage};

/// How often a place is read at most. A mask may bring out what it stands next to, as a quote that it took does; so
/// what was masked is read again, and to redact twice is to redact once. What changes even then is not kept.
const MOST_READINGS: usize = 8;

/// Of what is not kept.
const UNSETTLED: Rule = Rule::Shape("unsettled");

/// A header's whole value.
const HEADER: Rule = Rule::Place("header");

/// What reads a post, and what it took out so far.
pub(crate) struct Redactor<'r> {
    reader: Reader<'r>,
    receipt: Receipt,
}

impl<'r> Redactor<'r> {
    pub(crate) fn under(rules: &'r Rules) -> Self {
        Self { reader: Reader::under(rules), receipt: Receipt::default() }
    }

    /// Takes credentials out of a post, and says what it took.
    pub(crate) fn redact(post: &mut impl Places, rules: &'r Rules) -> Receipt {
        let mut redactor = Self::under(rules);
        post.places(&mut |at, place| redactor.place(at, place, false));
        if !redactor.reader.learned.is_empty() {
            redactor.reader.room = MOST_OF_POST;
            post.places(&mut |at, place| redactor.place(at, place, true));
        }
        redactor.receipt
    }

    /// Takes out of a place what is a credential by itself, or what other places gave away, and then whatever that
    /// brings out.
    pub(crate) fn place(&mut self, at: At, mut place: Place<'_>, is_again: bool) {
        self.reader.is_again = is_again;
        let room = self.reader.room;
        for _ in 0..MOST_READINGS {
            self.reader.room = room;
            if !self.read(at, &mut place) {
                return;
            }
            self.reader.is_again = false;
        }
        self.receipt.add(at, UNSETTLED);
        place.cover();
    }

    /// Reads a place once; whether it changed.
    fn read(&mut self, at: At, place: &mut Place<'_>) -> bool {
        match place {
            Place::Headers(headers) => {
                headers.0.iter_mut().fold(false, |is_changed, (name, value)| self.header(at, name, value) || is_changed)
            }
            Place::Body { body: bytes, content_type, content_encoding, is_cut } => {
                match body(&mut self.reader, &bytes.0, About::of(content_type, content_encoding, *is_cut)) {
                    Outcome::Same => false,
                    Outcome::Changed(changed, rules) => {
                        bytes.0 = changed;
                        for rule in rules {
                            self.receipt.add(at, rule);
                        }
                        true
                    }
                    Outcome::Withheld(why) => {
                        self.receipt.withhold(at, why, bytes.0.len());
                        bytes.0 = format!("[WITHHELD: {why}]").into_bytes();
                        true
                    }
                }
            }
            Place::Url(text) => self.text(at, text, Kind::Url),
            Place::Path(text) => self.text(at, text, Kind::Path),
            Place::Text(text) => self.text(at, text, Kind::Text),
            Place::Name(name) => {
                let is_changed = self.text(at, name, Kind::Text);
                // A mask may be longer than what it covers.
                if name.len() > MAX_NAME_BYTES {
                    REDACTED.clone_into(name);
                }
                is_changed
            }
            Place::Label(label) => {
                let mut name = label.to_string();
                let is_changed = self.text(at, &mut name, Kind::Text);
                if is_changed {
                    **label = KeyLabel::cut(&name);
                }
                is_changed
            }
            Place::Json(object) => self.object(at, object),
            Place::Usage(usage) => {
                let mut object = usage.sent().clone();
                let is_changed = self.object(at, &mut object);
                if is_changed {
                    **usage = Usage::from(object);
                }
                is_changed
            }
        }
    }

    fn header(&mut self, at: At, name: &str, value: &mut String) -> bool {
        let whole = |text: &str, hits: &mut Hits| {
            hits.push(0..text.len(), HEADER);
        };
        let rules = self.reader.rules;
        match headers::reading_of(name, rules) {
            _ if self.reader.is_again => self.text(at, value, Kind::Text),
            Reading::Credential => self.take_and_learn(at, value, &whole),
            Reading::Cookies => {
                let are_set = name.to_ascii_lowercase().starts_with("set");
                self.reader.learned.learn_cookies(value, are_set);
                self.take(at, value, &mut |_, text, hits| whole(text, hits))
            }
            Reading::Protocols => self.take_and_learn(at, value, &|list, hits| headers::protocols(list, rules, hits)),
            Reading::Content(kind) => self.text(at, value, kind),
        }
    }

    fn text(&mut self, at: At, text: &mut String, kind: Kind) -> bool {
        self.take(at, text, &mut |reader, text, hits| reader.text(text, Within::nothing(kind), hits))
    }

    fn take_and_learn(&mut self, at: At, text: &mut String, find: &dyn Fn(&str, &mut Hits)) -> bool {
        self.take(at, text, &mut |reader, text, hits| {
            find(text, hits);
            reader.learn(text, 0, hits);
        })
    }

    /// Masks what is found in a text; whether anything was.
    fn take(&mut self, at: At, text: &mut String, find: &mut dyn FnMut(&mut Reader<'_>, &str, &mut Hits)) -> bool {
        let mut hits = Hits::default();
        find(&mut self.reader, text, &mut hits);
        let hits = hits.merged(text);
        for hit in &hits {
            self.receipt.add(at, hit.rule);
        }
        if !hits.is_empty() {
            *text = mask_text(text, &hits);
        }
        !hits.is_empty()
    }

    fn object(&mut self, at: At, object: &mut Object) -> bool {
        let mut text = object.get().to_owned();
        let is_changed = self.text(at, &mut text, Kind::Text);
        if is_changed {
            // What was valid stays valid; if it did not, nothing of it would be stored.
            *object = Object::parse(&text).unwrap_or_default();
        }
        is_changed
    }
}
