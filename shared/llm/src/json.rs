//! JSON as models, their clients and proxies write it, read without recursion and in one pass.
//!
//! A [`Json`] is a flat list of where each value begins and ends in the bytes, so that numbers stay as they were
//! written, a part of a view can say where it came from, and depth costs no stack. What strict readers refuse is read:
//! half a surrogate pair (as U+FFFD), `NaN` and `Infinity`, bytes that are no UTF-8, names that come twice (the last
//! counts), a text that was cut, and whatever follows a value. [`Json::stop`] says where and why reading ended early.
//!
//! It refuses to guess: a number that the end of the bytes may have cut is left out.

mod parser;
mod text;

pub use parser::Stop;
pub(crate) use text::top_text;

use parser::{Kind, Parsed, Span, parse};
use std::{borrow::Cow, iter, ops::Range};
use text::{decoded, is_name};

/// A text that was read: its values, in the order in which they begin.
#[derive(Debug)]
pub struct Json<'a> {
    text: &'a [u8],
    values: Vec<Span>,
    end: usize,
    stop: Option<Stop>,
    /// The index of the root's last member when that was cut: of its name, or of the item of an array.
    cut_member: Option<u32>,
}

/// A value of a [`Json`].
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    json: &'a Json<'a>,
    index: u32,
}

impl<'a> Json<'a> {
    /// Reads one value; white space and a byte order mark may stand before it.
    pub fn read(text: &'a [u8]) -> Self {
        Self::parsed(text, false)
    }

    /// As [`Self::read`], but of a list of numbers, as vectors are, only the first is kept.
    pub(crate) fn sketch(text: &'a [u8]) -> Self {
        Self::parsed(text, true)
    }

    fn parsed(text: &'a [u8], is_sketch: bool) -> Self {
        let readable = text.get(..u32::MAX as usize).unwrap_or(text);
        let Parsed { values, end, stop, cut_member } = parse(readable, is_sketch);
        Self { text: readable, values, end, stop, cut_member }
    }

    /// Reads one value of many, as an event of a stream. Of one that was cut, the member that the cut went through is
    /// left out: what stands behind it may say what it means. A text that was cut is left out whole.
    pub(crate) fn read_event(text: &'a [u8]) -> Self {
        let mut json = Self::read(text);
        if let Some(member) = json.cut_member {
            json.values.truncate(member as usize);
            if let Some(root) = json.values.first_mut() {
                root.next = member;
            }
        }
        if json.stop == Some(Stop::Cut) && json.values.first().is_some_and(|root| root.kind == Kind::Text) {
            json.values.clear();
        }
        json
    }

    /// Keeps no more than the beginning of each text, for those who look at the short ones alone.
    pub(crate) fn shorten(&mut self, longest: u32) {
        for value in self.values.iter_mut().filter(|value| value.kind == Kind::Text) {
            value.end = value.end.min(value.start.saturating_add(longest));
        }
    }

    /// The value; `None` when nothing of one was there.
    pub fn root(&'a self) -> Option<Node<'a>> {
        (!self.values.is_empty()).then_some(Node { json: self, index: 0 })
    }

    /// Why reading ended before the value did.
    pub fn stop(&self) -> Option<Stop> {
        self.stop
    }

    /// Whether the text is one whole value and nothing else.
    pub fn is_whole(&self) -> bool {
        self.stop.is_none() && self.rest().iter().all(u8::is_ascii_whitespace)
    }

    /// What follows the value.
    pub fn rest(&self) -> &'a [u8] {
        self.text.get(self.end..).unwrap_or_default()
    }
}

impl<'a> Node<'a> {
    fn span(self) -> Option<Span> {
        self.json.values.get(self.index as usize).copied()
    }

    fn kind(self) -> Option<Kind> {
        self.span().map(|span| span.kind)
    }

    /// Where it stands in the text.
    pub fn range(self) -> Range<usize> {
        self.span().map_or(0..0, |span| span.start as usize..span.end as usize)
    }

    fn bytes(self) -> &'a [u8] {
        self.json.text.get(self.range()).unwrap_or_default()
    }

    /// Whether reading stopped within it, or right behind it.
    pub(crate) fn is_last_read(self) -> bool {
        self.json.stop.is_some() && self.range().end >= self.json.end
    }

    /// Its text as it was written; bytes that are no UTF-8 as U+FFFD.
    pub fn raw(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.bytes())
    }

    /// The string, decoded; `None` when it is something else.
    pub fn text(self) -> Option<Cow<'a, str>> {
        (self.kind() == Some(Kind::Text)).then(|| decoded(self.bytes()))
    }

    /// A string decoded, anything else as it was written.
    pub fn plain(self) -> Cow<'a, str> {
        self.text().unwrap_or_else(|| self.raw())
    }

    /// Whether it is this string.
    pub fn is(self, text: &str) -> bool {
        self.text().is_some_and(|own| own == text)
    }

    /// Whether it is `true`.
    pub(crate) fn is_true(self) -> bool {
        self.kind() == Some(Kind::True)
    }

    /// Whether it is `false`.
    pub(crate) fn is_false(self) -> bool {
        self.kind() == Some(Kind::False)
    }

    /// Whether it is a string.
    pub fn is_text(self) -> bool {
        self.kind() == Some(Kind::Text)
    }

    /// Whether it is an array.
    pub fn is_array(self) -> bool {
        self.kind() == Some(Kind::Array)
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.kind() == Some(Kind::Object)
    }

    /// Whether it is `null`.
    pub fn is_null(self) -> bool {
        self.kind() == Some(Kind::Null)
    }

    /// Whether it is a number; `NaN` and the infinities are.
    pub fn is_number(self) -> bool {
        self.kind() == Some(Kind::Number)
    }

    /// Whether it says nothing: `null`, `""`, `[]` or `{}`.
    pub fn is_empty(self) -> bool {
        match self.kind() {
            None | Some(Kind::Null) => true,
            Some(Kind::Text) => matches!(self.bytes(), b"\"\"" | b"\""),
            Some(Kind::Array | Kind::Object) => self.span().is_some_and(|span| span.next == self.index + 1),
            _ => false,
        }
    }

    /// A whole number that is not below 0, also one that is written `14.0`.
    pub fn number(self) -> Option<u64> {
        if !self.is_number() {
            return None;
        }
        let text = std::str::from_utf8(self.bytes()).ok()?;
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        fraction.bytes().all(|digit| digit == b'0').then(|| whole.parse().ok()).flatten()
    }

    /// The items of an array; nothing for anything else.
    pub fn items(self) -> impl Iterator<Item = Self> + use<'a> {
        let inner = if self.is_array() { self.inner() } else { 0..0 };
        self.values_in(inner)
    }

    /// The names and values of an object; nothing for anything else.
    pub fn members(self) -> impl Iterator<Item = (Cow<'a, str>, Self)> + use<'a> {
        let inner = if self.is_object() { self.inner() } else { 0..0 };
        let mut values = self.values_in(inner);
        iter::from_fn(move || {
            let name = values.next()?;
            Some((decoded(name.bytes()), values.next()?))
        })
    }

    /// The member of this name, unless it is `null`.
    pub fn get(self, name: &str) -> Option<Self> {
        let inner = if self.is_object() { self.inner() } else { 0..0 };
        let mut values = self.values_in(inner);
        let mut found = None;
        while let (Some(key), Some(value)) = (values.next(), values.next()) {
            if is_name(key.bytes(), name) {
                found = Some(value);
            }
        }
        found.filter(|value| value.kind() != Some(Kind::Null))
    }

    /// The first of these members that is there and not `null`.
    pub fn first(self, names: &[&str]) -> Option<Self> {
        names.iter().find_map(|name| self.get(name))
    }

    /// The member that a path leads to, unless it is `null`.
    pub fn path(self, names: &[&str]) -> Option<Self> {
        names.iter().try_fold(self, |node, name| node.get(name))
    }

    /// The decoded string of a member.
    pub fn text_of(self, name: &str) -> Option<Cow<'a, str>> {
        self.get(name)?.text()
    }

    /// The `type` of an object, or nothing.
    pub(crate) fn type_name(self) -> Cow<'a, str> {
        self.text_of("type").unwrap_or_default()
    }

    fn inner(self) -> Range<u32> {
        self.span().map_or(0..0, |span| self.index + 1..span.next)
    }

    fn values_in(self, mut range: Range<u32>) -> impl Iterator<Item = Self> + use<'a> {
        let json = self.json;
        iter::from_fn(move || {
            let node = Node { json, index: range.start };
            (range.start < range.end).then(|| range.start = node.span().map_or(range.end, |span| span.next))?;
            Some(node)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{parser::MAX_VALUES, *};

    fn text_of(json: &str) -> String {
        Json::read(json.as_bytes()).root().unwrap().text().unwrap().into_owned()
    }

    #[test]
    fn values_are_found_by_name_and_keep_their_text() {
        let text = "\u{feff} {\"a\": [1, 1e999, -0.10, NaN, -Infinity], \"b\": {\"c\": \"x\"}, \"n\": null, \"b\": 2} ";
        let json = Json::read(text.as_bytes());
        let root = json.root().unwrap();
        assert!(json.is_whole());
        let numbers: Vec<_> = root.get("a").unwrap().items().map(Node::raw).collect();
        assert_eq!(numbers, ["1", "1e999", "-0.10", "NaN", "-Infinity"]);
        assert_eq!(root.get("b").unwrap().number(), Some(2), "the last counts");
        assert!(root.get("n").is_none() && root.get("z").is_none());
        let names: Vec<_> = root.members().map(|(name, value)| (name, value.is_empty())).collect();
        assert_eq!(names, [("a".into(), false), ("b".into(), false), ("n".into(), true), ("b".into(), false)]);
        assert_eq!(&text[root.get("a").unwrap().range()], "[1, 1e999, -0.10, NaN, -Infinity]");
    }

    #[test]
    fn half_a_pair_is_the_replacement_character() {
        for (json, read) in [
            (r#""\ud83d""#, "\u{fffd}"),
            (r#""cut \uD83D and on""#, "cut \u{fffd} and on"),
            (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
            (r#""\ud83d\n""#, "\u{fffd}\n"),
            (r#""\ud83d\\ude00""#, "\u{fffd}\\ude00"),
            (r#""\\ud83d \"\/\b\f\t\r""#, "\\ud83d \"/\u{8}\u{c}\t\r"),
            (r#""\x \u12 é""#, "\\x \\u12 é"),
            (r#""\"""#, "\""),
        ] {
            assert_eq!(text_of(json), read, "{json}");
        }
        let json = Json::read(br#"{"\ud83d": 1, "\u0061": 2}"#);
        let root = json.root().unwrap();
        assert_eq!((root.get("\u{fffd}").unwrap().number(), root.get("a").unwrap().number()), (Some(1), Some(2)));
    }

    #[test]
    fn what_was_cut_is_read_as_far_as_it_came() {
        let whole = r#"{"a": [{"t": "He\u006clo"}, true], "n": 12}"#;
        for end in 0..whole.len() {
            let json = Json::read(&whole.as_bytes()[..end]);
            assert_eq!(json.stop(), Some(Stop::Cut), "{end}");
            let text = json.root().and_then(|root| root.get("a")?.items().next()?.get("t")?.text());
            assert!("Hello".starts_with(&*text.unwrap_or_default()), "{end}");
            assert!(json.root().and_then(|root| root.get("n")).is_none(), "a part of a number is another number");
        }
        let json = Json::read(br#"{"a":1,"b""#);
        assert_eq!(json.root().unwrap().members().count(), 1);
    }

    #[test]
    fn a_cut_event_keeps_only_members_that_came_whole() {
        for (text, kept) in [
            (r#"{"a": [1], "b": {"c": 2"#, r#"{"a": [1]"#),
            (r#"{"a": [1], "b": "x"#, r#"{"a": [1]"#),
            (r#"{"a": [1], "b"#, r#"{"a": [1]"#),
            (r#"{"a": [1], "b": true"#, r#"{"a": [1], "b": true"#),
            (r#"{"a": [1"#, "{"),
        ] {
            assert!(Json::read_event(b"\"half a te").root().is_none());
            let json = Json::read_event(text.as_bytes());
            let names: Vec<_> = json.root().unwrap().members().map(|(name, value)| (name, value.raw())).collect();
            let kept = Json::read(kept.as_bytes());
            let expected: Vec<_> = kept.root().unwrap().members().map(|(name, value)| (name, value.raw())).collect();
            assert_eq!(names, expected, "{text}");
        }
    }

    #[test]
    fn where_json_ends_is_said() {
        for (text, stop) in [
            ("<html>", Some(Stop::Invalid(0))),
            ("{\"a\":1,}", Some(Stop::Invalid(7))),
            ("[1 2]", Some(Stop::Invalid(3))),
            ("[1}", Some(Stop::Invalid(2))),
            ("{'a':1}", Some(Stop::Invalid(1))),
            ("", Some(Stop::Cut)),
            ("[1] [2]", None),
        ] {
            assert_eq!(Json::read(text.as_bytes()).stop(), stop, "{text}");
        }
        assert_eq!(Json::read(b"[1] [2]").rest(), b" [2]");
        assert!(!Json::read(b"[1] [2]").is_whole() && Json::read(b"[1] \n").is_whole());
    }

    #[test]
    fn a_sketch_has_all_but_lists_of_numbers() {
        for (text, expected) in [
            (r#"{"a":[-0.5,1,2],"b":[[1,2],[3]],"c":[1,"]",2],"n":7}"#, ["[-0.5]", "[[1],[3]]", r#"[1,"]",2]"#, "7"]),
            (r#"{"a":[],"b":[1,[2,3]],"c":[1,{},2],"n":{"x":1,"y":2}}"#, ["[]", "[1,[2]]", "[1]", r#"{"x":1,"y":2}"#]),
        ] {
            let json = Json::sketch(text.as_bytes());
            assert!(json.is_whole(), "{text}");
            for ((_, value), expected) in json.root().unwrap().members().zip(expected) {
                assert_eq!(shown(value), expected, "{text}");
            }
        }
        assert_eq!(Json::sketch(b"[1, 2").stop(), Some(Stop::Cut));
    }

    fn shown(value: Node<'_>) -> String {
        if value.is_array() {
            return format!("[{}]", value.items().map(shown).collect::<Vec<_>>().join(","));
        }
        value.raw().into_owned()
    }

    #[test]
    fn depth_and_size_cost_no_stack() {
        let deep = "[{\"a\":".repeat(200_000);
        let json = Json::read(deep.as_bytes());
        assert_eq!((json.stop(), json.root().unwrap().items().count()), (Some(Stop::Cut), 1));
        let wide = "[".to_owned() + &"1,".repeat(MAX_VALUES);
        let Some(Stop::TooLarge(at)) = Json::read(wide.as_bytes()).stop() else { panic!("all was read") };
        assert!(at > MAX_VALUES);
    }
}
