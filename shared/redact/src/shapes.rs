//! How credentials look that are known by it.
//!
//! One line of a table is a rule, mostly of [`issuers`]: its name and how it begins, with a space between, which
//! characters follow and how many. Case counts. The prefixes are facts that their issuers document, and that public
//! rule sets list: gitleaks (MIT), Kingfisher and Nosey Parker (Apache 2.0), `TruffleHog` (only looked at), GitHub's
//! list of supported patterns (CC BY 4.0). There are no regular expressions: to compile them costs a function's start
//! more than all else.
//!
//! - `issuers`: the table of keys; `said`: of words for a password; `given`: of calls; `index` packs the three
//! - `scanner`: finds them in a text, with `segments`, `pem` and, if the operator wishes it, `personal`
//! - `stops`: where a text is looked at more closely

pub(crate) mod given;
pub(crate) mod index;
mod issuers;
mod pem;
mod personal;
mod said;
pub(crate) mod scanner;
mod segments;
pub(crate) mod stops;

use crate::tables::class::{Class, Set};

const ALPHANUMERIC: Set = Set::alphanumeric("");
const KEY: Set = Set::alphanumeric("_-");
const UNDERSCORE: Set = Set::alphanumeric("_");
const DOTTED: Set = Set::alphanumeric("_-.");
const BASE64: Set = Set::alphanumeric("+/=");
const HEX: Set = Set::of("0123456789abcdef");
const UPPER: Set = Set::of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
const LOWER: Set = Set::of("0123456789abcdefghijklmnopqrstuvwxyz");
const UUID: Set = Set::of("0123456789abcdef-");
const AZURE: Set = Set::alphanumeric("_~.-");
const DIGITS: Set = Set::of("0123456789");
/// What hashes of passwords are written with: the oldest, all, and their parameters and salts.
const CRYPT: Set = Set::alphanumeric("./");
const HASHED: Set = Set::alphanumeric("./+=-_");
const SALT: Class = Class::alphanumeric("./+=-_,:");
/// Hashes of what Kerberos encrypts by a password, and of what Windows keeps of one.
const KERBEROS: Set = Set::alphanumeric("$*#@._-/:");
const PATH: Set = Set::alphanumeric("_-./@%");

/// Any length from the shortest on.
pub(crate) const OPEN: u16 = u16::MAX;

/// As many as there are.
const ALL: usize = usize::MAX;

/// How many characters of a key are enough at the end of a text that was cut.
const CUT: usize = 8;

/// The longest path of a webhook, in bytes.
const LONGEST_PATH: usize = 512;

/// How a shape is read after its prefix.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// So many of a class, from and to.
    Key(Set, u16, u16),
    /// As a key, also joined to a word before it by `_` or `-`: nothing else has the prefix.
    Joined(Set, u16, u16),
    /// As a key, which is the id of a secret that may stand behind it.
    Id(Set, u16, u16),
    /// As a key, of letters and digits both: the prefix is short, and begins words too.
    Mixed(Set, u16, u16),
    /// The hash of a password: segments of salts and parameters, each of at most so many characters and with a `$`
    /// after it, and so many of a class, from and to.
    Hash(Set, u16, u16, u16),
    /// As a key, of letters and digits as chance has them: what begins so may be words as well.
    Drawn(Set, u16, u16),
    /// A path with a segment of so many of a class, of which the prefix stays. It may stand within a word.
    Behind(Set, u16),
    /// So many characters of a class before the prefix, and so many after it.
    Around(Set, u16, u16, u16),
    /// The digits of a Telegram bot before the prefix, and so many after it.
    Telegram(u16),
    /// A JSON web token.
    Jwt,
    /// The token of a Discord bot: its id, which the prefix begins, a time and a key, with full stops between.
    Discord,
    /// A private key in PEM.
    Pem,
    /// The lines of a private key after their number.
    Lines,
    /// A private key in base64 alone, which begins so many characters before the prefix.
    Bare(u8),
    /// The words of a wallet, each with its number, of which the prefix has the first.
    Numbered,
    /// The word of a scheme in any case, and letters and digits of at least so many bytes.
    Scheme(u16),
    /// The word of a scheme in any case, and a name and a password in base64, of at least so many bytes.
    Basic(u16),
    /// The word of a scheme, and a list of parameters that the prefix begins.
    List(u16),
    /// A credential, up to a sign.
    Until(u8),
    /// A call's argument in quotes, by its place.
    Given(u8),
    /// What is said after a word of another language, of so many bytes at least.
    Said(u16),
    /// A call's first argument in quotes, in which a password is behind its user and a colon.
    Login,
    /// A password behind its user, with a slash, a hyphen or a colon between.
    Pair,
    /// What Go says of a URL whose password holds a delimiter.
    InvalidPort,
}

impl Form {
    /// Whether its prefix may be in any case.
    const fn is_in_any_case(self) -> bool {
        matches!(self, Self::Scheme(_) | Self::Basic(_))
    }
}

type AroundColon = (&'static str, Option<u8>, (Set, usize, usize), (Set, usize));

/// Tokens of two parts with a colon between: what ends with so many of a class, from and to, and so many of a class.
/// With a sign, they begin with a digit and it, and what ends so is behind the last.
pub(crate) const AROUND_COLON: [AroundColon; 3] = [
    ("asana-token", Some(b'/'), (DIGITS, 13, 20), (HEX, 32)),
    ("bitwarden-token", Some(b'.'), (ALPHANUMERIC, 30, 30), (BASE64, 24)),
    ("ghost-key", None, (HEX, 24, 24), (HEX, 64)),
];
