//! What the strings of a JSON text are worth by what they are members of: by the name of what is around them, and by
//! what stands beside them, before or after.

use super::{
    Found,
    pairs::{List, Pair, Shell, is_wrapper},
    rows::Row,
};
use crate::{
    names::{COOKIE, Name, PASSWORD, SECRET},
    rules::Rules,
    text::{
        columns::Columns,
        containers::{is_id, rule_of},
        extents::is_of_model,
        kubernetes,
    },
    values::{can_be_credential, can_be_password, is_hex_key, is_random},
};
use std::{borrow::Cow, mem, ops::Range, rc::Rc};

/// How deep it is known what is around a string. What is deeper is read as if nothing was.
const DEEPEST: usize = 32;

/// Where the reading of a JSON text has come to.
pub(crate) struct Members<'t, 'r> {
    text: &'t str,
    folded: Name<'r>,
    level: Level<'t>,
    /// What the level is in, from the outside.
    around: Vec<Level<'t>>,
    /// How many more are open than are known.
    deeper: usize,
}

/// An object or an array that is open.
#[derive(Default)]
struct Level<'t> {
    /// The member that it is the value of, or that an array around it is.
    name: Option<Cow<'t, str>>,
    /// Whether that, or another around it, has cookies.
    is_in_jar: bool,
    /// Whether Terraform drew it, or another around it, as a password.
    is_drawn: bool,
    /// What an array in it has said of the columns of others.
    columns: Option<Rc<Columns>>,
    inner: Inner<'t>,
}

enum Inner<'t> {
    Object(Object<'t>),
    Array(Row, List<'t>),
}

impl Default for Inner<'_> {
    fn default() -> Self {
        Self::Object(Object::default())
    }
}

#[derive(Default)]
struct Object<'t> {
    /// The member whose value is read.
    member: Option<Cow<'t, str>>,
    holds: Holds,
    pair: Pair<'t>,
    shell: Shell,
    waiting: Waiting,
}

/// What the members of an object are by its name.
#[derive(Default, Clone, Copy)]
enum Holds {
    #[default]
    Anything,
    /// Cookies, by their names.
    Cookies,
    /// The data of the manifest around it.
    Data,
    /// The same of what only secrets have.
    Secrets,
}

/// What an object may say that it is, which makes credentials of some of its values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A key in JSON, of which some numbers are private.
    Key,
    /// Kaggle's file.
    Account,
    Manifest,
    Cookie,
}

impl Kind {
    const fn rule(self) -> &'static str {
        match self {
            Self::Key => "private-key",
            Self::Account => "api-key",
            Self::Manifest => SECRET,
            Self::Cookie => COOKIE,
        }
    }
}

/// Values that are credentials if their object is of a kind, which it may say behind them.
#[derive(Default)]
struct Waiting {
    kinds: Vec<Kind>,
    values: Vec<(Kind, Found)>,
}

impl Waiting {
    fn value(&mut self, kind: Kind, literal: &Range<usize>, said: &str, found: &mut Vec<Found>) {
        let value = Found::whole(literal.clone(), said, kind.rule());
        if self.kinds.contains(&kind) {
            found.push(value);
        } else {
            self.values.push((kind, value));
        }
    }

    fn is(&mut self, kind: Kind, found: &mut Vec<Found>) {
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
            found.extend(self.values.extract_if(.., |(of, _)| *of == kind).map(|(_, value)| value));
        }
    }
}

impl Level<'_> {
    /// What begins in it.
    fn begin(&mut self, is_array: bool) -> Self {
        /// The longest name that the elements of an array have as well, in bytes.
        const LONGEST: usize = 256;
        match &mut self.inner {
            Inner::Array(row, list) => {
                let inner = if is_array {
                    Inner::Array(Row::within(row, self.columns.is_some()), List::default())
                } else {
                    Inner::default()
                };
                row.element(None);
                list.interrupt();
                let name = self.name.as_ref().filter(|name| name.len() <= LONGEST).cloned();
                Self { name, is_in_jar: self.is_in_jar, is_drawn: self.is_drawn, columns: None, inner }
            }
            Inner::Object(object) => {
                let name = object.member.take();
                let said = name.as_deref().unwrap_or_default();
                let has_cookies = said.eq_ignore_ascii_case("cookies");
                let is_in_jar = self.is_in_jar || has_cookies;
                if is_array {
                    let inner = Inner::Array(Row::of(said), List::default());
                    let columns = self.columns.clone();
                    return Self { name, is_in_jar, is_drawn: self.is_drawn, columns, inner };
                }
                let holds = match said {
                    _ if has_cookies => Holds::Cookies,
                    kubernetes::DATA => Holds::Data,
                    kubernetes::STRINGS => Holds::Secrets,
                    _ => Holds::Anything,
                };
                let inner = Inner::Object(Object { holds, pair: object.pair.inner(said), ..Object::default() });
                Self { name, is_in_jar, is_drawn: self.is_drawn, columns: None, inner }
            }
        }
    }
}

impl<'t, 'r> Members<'t, 'r> {
    /// Those of a text that is itself the value of a member, or of none.
    pub(crate) fn of(text: &'t str, member: Option<&'t str>, rules: &'r Rules) -> Self {
        let object = Object { member: member.map(Cow::Borrowed), ..Object::default() };
        let level = Level { inner: Inner::Object(object), ..Level::default() };
        Self { text, folded: Name::under(rules), level, around: Vec::new(), deeper: 0 }
    }

    /// An object or an array begins.
    pub(crate) fn open(&mut self, bracket: u8) {
        let level = self.level.begin(bracket == b'[');
        let around = mem::replace(&mut self.level, level);
        if self.around.len() < DEEPEST {
            self.around.push(around);
        } else {
            self.deeper += 1;
        }
    }

    /// An object or an array ends. Gives the credentials of a row.
    pub(crate) fn close(&mut self) -> Vec<Found> {
        if self.deeper > 0 {
            self.deeper -= 1;
            self.level = Level::default();
            return Vec::new();
        }
        let level = mem::replace(&mut self.level, self.around.pop().unwrap_or_default());
        let Inner::Array(row, _) = &level.inner else { return Vec::new() };
        if !row.is_read() {
            return Vec::new();
        }
        if let Level { columns: Some(columns), inner: Inner::Array(..), .. } = &self.level {
            return row.found(columns, self.text);
        }
        self.level.columns = row.columns(self.text, &mut self.folded).map(Rc::new);
        Vec::new()
    }

    /// A member begins. Gives the credentials that are known by its name.
    pub(crate) fn named(&mut self, said: Cow<'t, str>) -> Vec<Found> {
        let mut found = Vec::new();
        if let Inner::Object(object) = &mut self.level.inner {
            if matches!(&*said, "hostOnly" | "httpOnly") {
                object.waiting.is(Kind::Cookie, &mut found);
            }
            object.member = Some(said);
        }
        found
    }

    /// A value that is no string. Gives the credentials that are known by it.
    pub(crate) fn scalar(&mut self, literal: &Range<usize>) -> Vec<Found> {
        let mut found = Vec::new();
        match &mut self.level.inner {
            Inner::Array(row, _) => row.element(None),
            Inner::Object(Object { member: Some(member), pair, .. })
                if matches!(self.text.get(literal.clone()), Some("true" | "True")) =>
            {
                pair.flag(member, &mut self.folded, &mut found);
            }
            Inner::Object(_) => {}
        }
        found
    }

    /// The name that a string has.
    pub(crate) fn name(&self, literal: &Range<usize>) -> Option<&str> {
        let member = match &self.level.inner {
            Inner::Array(..) => self.level.name.as_deref()?,
            Inner::Object(object) => object.member.as_deref()?,
        };
        if member == "token" && is_of_model(self.text, literal) && !self.folded.rules().masks_name(b"token") {
            return None;
        }
        let levels = || self.around.iter().chain([&self.level]).rev();
        let owner = || levels().find(|level| matches!(level.inner, Inner::Object(_)))?.name.as_deref();
        // As .NET calls what it signs with.
        if member == "Key" && owner().and_then(|owner| owner.get(..3)).is_some_and(|it| it.eq_ignore_ascii_case("jwt"))
        {
            return Some("JwtKey");
        }
        is_wrapper(member).then(owner).flatten().or(Some(member))
    }

    /// Reads a string. Gives the credentials that are known by it, itself or others.
    pub(crate) fn string(&mut self, literal: &Range<usize>, said: Cow<'t, str>) -> Vec<Found> {
        let mut found = Vec::new();
        let member = match &self.level.inner {
            Inner::Array(..) => None,
            Inner::Object(object) => object.member.as_deref(),
        };
        if let Some(container) = self.level.name.as_deref()
            && is_random(&said)
            && !member.is_some_and(is_id)
            && let Some(rule) = rule_of(container, &said, &mut self.folded)
        {
            found.push(Found::whole(literal.clone(), &said, rule));
        }
        match &mut self.level.inner {
            Inner::Array(row, list) => {
                row.element(Some(literal));
                found.extend(list.element(literal, said, &mut self.folded));
            }
            Inner::Object(_) => self.member(literal, said, &mut found),
        }
        found
    }

    /// Reads a string that is a member of an object.
    fn member(&mut self, literal: &Range<usize>, said: Cow<'t, str>, found: &mut Vec<Found>) {
        let is_in_jar = self.level.is_in_jar;
        let Inner::Object(Object { member: Some(member), holds, pair, shell, waiting }) = &mut self.level.inner else {
            return;
        };
        match &**member {
            "kty" => waiting.is(Kind::Key, found),
            "d" | "dp" | "dq" | "k" | "p" | "q" | "qi" if is_number(&said) => {
                waiting.value(Kind::Key, literal, &said, found);
            }
            "type" if said == "random_password" => self.level.is_drawn = true,
            "result" if self.level.is_drawn && can_be_password(&said) => {
                found.push(Found::whole(literal.clone(), &said, PASSWORD));
            }
            "username" => waiting.is(Kind::Account, found),
            "key" if is_hex_key(&said) => waiting.value(Kind::Account, literal, &said, found),
            "kind" if said == kubernetes::KIND => waiting.is(Kind::Manifest, found),
            "value" if is_cookie(&said) => {
                if is_in_jar {
                    waiting.is(Kind::Cookie, found);
                }
                waiting.value(Kind::Cookie, literal, &said, found);
            }
            _ => {}
        }
        match holds {
            Holds::Cookies if is_cookie(&said) => found.push(Found::whole(literal.clone(), &said, COOKIE)),
            Holds::Secrets if can_be_credential(&said) => found.push(Found::whole(literal.clone(), &said, SECRET)),
            Holds::Data if can_be_credential(&said) => {
                if let Some(Level { inner: Inner::Object(parent), .. }) = self.around.last_mut() {
                    parent.waiting.value(Kind::Manifest, literal, &said, found);
                }
            }
            _ => {}
        }
        found.extend(shell.member(member, literal, &said));
        pair.member(member, literal, said, &mut self.folded, found);
    }
}

/// Whether a value is that of a cookie that keeps one logged in.
fn is_cookie(value: &str) -> bool {
    const SHORTEST: usize = 12;
    value.len() >= SHORTEST && can_be_credential(value)
}

/// Whether a value is a number of a key in JSON.
fn is_number(value: &str) -> bool {
    const SHORTEST: usize = 16;
    value.len() >= SHORTEST && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte))
}
