//! What the strings of a JSON text are worth by what they are members of: by the name of the object around them, and by
//! what stands beside them.

use super::{
    containers::{is_id, rule_of},
    extents::is_of_model,
    json::Found,
    kubernetes::Manifest,
    names::{COOKIE, Name},
    pairs::{Pairs, is_wrapper},
    rows::Rows,
    rules::Rules,
    values::{can_be_credential, is_key},
};
use std::{borrow::Cow, ops::Range};

/// Where the reading of a JSON text has come to.
pub(super) struct Members<'t, 'r> {
    text: &'t str,
    name: Name<'r>,
    pairs: Pairs,
    rows: Rows,
    jar: Jar,
    manifest: Manifest,
    /// The member whose value is read.
    member: Option<Cow<'t, str>>,
    /// Of the object under way, the member that it is the value of.
    owner: Option<Cow<'t, str>>,
    /// Whether the member's value is an array, whose elements are its own.
    is_in_array: bool,
}

impl<'t, 'r> Members<'t, 'r> {
    /// Those of a text that is itself the value of a member, or of none.
    pub(super) fn of(text: &'t str, member: Option<&'t str>, rules: &'r Rules) -> Self {
        Self {
            text,
            name: Name::under(rules),
            pairs: Pairs::default(),
            rows: Rows::default(),
            jar: Jar::default(),
            manifest: Manifest::default(),
            member: member.map(Cow::Borrowed),
            owner: None,
            is_in_array: false,
        }
    }

    /// An object or an array begins.
    pub(super) fn open(&mut self, bracket: u8) {
        let is_array = bracket == b'[';
        let member = self.member.as_deref();
        self.jar.enter(member, is_array);
        self.manifest.enter(member.filter(|_| !is_array));
        self.rows.enter(is_array, member, is_array && self.is_in_array);
        self.pairs.enter(member.filter(|_| !is_array));
        self.is_in_array = is_array;
        if !is_array {
            self.owner = self.member.take();
        }
    }

    /// An object or an array ends. Gives the credentials that are known by it.
    pub(super) fn close(&mut self) -> Vec<Found> {
        self.jar.leave();
        self.manifest.leave();
        self.pairs.enter(None);
        (self.member, self.owner, self.is_in_array) = (None, None, false);
        self.rows.leave(self.text, &mut self.name)
    }

    /// A member begins.
    pub(super) fn named(&mut self, said: Cow<'t, str>) {
        self.jar.name(&said);
        self.member = Some(said);
        self.is_in_array = false;
    }

    /// A value that is no string.
    pub(super) fn scalar(&mut self) {
        self.rows.element(None);
    }

    /// The name that says what a string is worth.
    pub(super) fn name(&self, literal: &Range<usize>) -> Option<&str> {
        let member = self.member.as_deref();
        let is_masked = || self.name.rules().masks_name(b"token");
        if member == Some("token") && is_of_model(self.text, literal) && !is_masked() {
            return None;
        }
        self.owner.as_deref().filter(|_| member.is_some_and(is_wrapper)).or(member)
    }

    /// Reads a string. Gives the credentials that are known by it, itself or others.
    pub(super) fn string(&mut self, literal: Range<usize>, said: &str) -> Vec<Found> {
        let member = self.member.as_deref().filter(|_| !self.is_in_array);
        let mut found = if let Some(member) = member {
            let mut found = self.pairs.member(member, &literal, said, self.name.rules());
            found.extend(self.manifest.member(member, &literal, said));
            found
        } else {
            self.rows.element(Some(&literal));
            self.pairs.element(&literal, said, self.name.rules()).into_iter().collect()
        };
        let container = if self.is_in_array { self.member.as_deref() } else { self.owner.as_deref() };
        if let Some(container) = container.filter(|_| is_key(said))
            && !member.is_some_and(is_id)
            && let Some(rule) = rule_of(container, said, &mut self.name)
        {
            found.push(Found::whole(literal.clone(), said, rule));
        }
        if self.jar.has(self.member.as_deref(), said) {
            found.push(Found::whole(literal, said, COOKIE));
        }
        found
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
