//! Names of credentials: of headers, of parameters and of what texts assign.
//!
//! A name is folded to its letters and digits in lower case and compared by its end, never by what it
//! contains: `author`, `max_tokens`, `token_type` and counters of tokens are no credentials.
//!
//! Which table a name belongs to:
//!
//! - everywhere: `ENDS`, `WHOLE`
//! - headers and URLs: `SENT_ENDS`, `SENT_WORDS`
//! - headers only: `HEADERS`
//! - URLs only: `PARAMETER_ENDS`, `PARAMETERS`
//! - not a credential after all: `NOT_CREDENTIALS`
//! - a credential if its value looks like one: `vague`

pub(super) mod vague;

use super::{
    rules::{OWN_NAME, Rules},
    tables::{Table, length},
    units::Units,
    words::Words,
};

/// The rule of each end of names that are credentials wherever they are met, and the end.
const ENDS: [&str; 115] = [
    "password password",
    "password passwd",
    "password passphrase",
    "password passcode",
    "password passwords",
    "password passwort",
    "password kennwort",
    "password wachtwoord",
    "password depasse",
    "password contrasena",
    "password senha",
    "password mnemonic",
    "password seedphrase",
    "password recoveryphrase",
    "password storepass",
    "password keypass",
    "password bindpass",
    "password rootpass",
    "password userpass",
    "password requirepass",
    "secret secret",
    "secret secretstring",
    "api-key apikey",
    "access-key accesskey",
    "secret-key secretkey",
    "private-key privatekey",
    "signing-key signingkey",
    "encryption-key encryptionkey",
    "master-key masterkey",
    "auth-key authkey",
    "account-key accountkey",
    "subscription-key subscriptionkey",
    "api-key openaikey",
    "api-key anthropickey",
    "api-key azurekey",
    "api-key geminikey",
    "api-key googlekey",
    "api-key mistralkey",
    "api-key coherekey",
    "api-key groqkey",
    "api-key deepseekkey",
    "api-key perplexitykey",
    "api-key openrouterkey",
    "api-key togetherkey",
    "api-key huggingfacekey",
    "api-key replicatekey",
    "api-key pineconekey",
    "api-key elevenlabskey",
    "api-key deepgramkey",
    "api-key xaikey",
    "api-key serpkey",
    "api-key tavilykey",
    "api-key stripekey",
    "api-key twiliokey",
    "secret-key sendgridkey",
    "secret-key storagekey",
    "secret-key servicekey",
    "secret-key servicerolekey",
    "secret-key sharedkey",
    "secret-key hmackey",
    "secret-key jwtkey",
    "secret-key cryptokey",
    "secret-key sshkey",
    "secret-key secretkeybase",
    "functions-key functionskey",
    "license-key licensekey",
    "access-token accesstoken",
    "auth-token authtoken",
    "refresh-token refreshtoken",
    "session-token sessiontoken",
    "security-token securitytoken",
    "id-token idtoken",
    "api-token apitoken",
    "bearer-token bearertoken",
    "vault-token vaulttoken",
    "bot-token bottoken",
    "user-token usertoken",
    "deploy-token deploytoken",
    "personal-token personaltoken",
    "session-id sessionid",
    "session-id sessid",
    "session-id connectsid",
    "api-key apikeys",
    "access-key accesskeys",
    "secret-key secretkeys",
    "access-token accesstokens",
    "refresh-token refreshtokens",
    "bearer-token oauth2bearer",
    "cookie cookies",
    "authorization authorization",
    "authorization auth",
    "cookie cookie",
    "token token",
    "token credentials",
    "recovery-code recoverycode",
    "recovery-code recoverycodes",
    "recovery-code backupcode",
    "recovery-code backupcodes",
    "recovery-code scratchcode",
    "recovery-code scratchcodes",
    "secret pepper",
    "salt authsalt",
    "salt noncesalt",
    "salt loggedinsalt",
    "salt noncekey",
    "salt loggedinkey",
    "secret appcertificate",
    "macaroon macaroon",
    "deploy-key deploykey",
    "password palavrapasse",
    "password passwrd",
    "password pswd",
    "secret-id secretid",
    "api-token apitokens",
    "auth-token authtokens",
];
static TABLE: Table<{ ENDS.len() }, { length(&ENDS) }> = Table::of(&ENDS);

/// The rule of tokens of no known kind, which have to look like keys: models have tokens too.
pub(super) const TOKEN: &str = "token";
/// The rule of what variables have that only begin with such a name, which has to look like a key too.
pub(super) const VARIABLE: &str = "secret-variable";
/// The rule of what opens something together with a role, and is called by the names of what only has one.
pub(super) const SECRET_ID: &str = "secret-id";
/// The rule of what a name says that is called `key` and no more.
pub(super) const VAGUE: &str = "key";
/// The rule of codes that let in once each.
pub(super) const CODE: &str = "recovery-code";
/// The rule of what keeps one logged in.
pub(super) const COOKIE: &str = "cookie";
/// The rule of what is mixed into hashes, and has signs of all kinds.
pub(super) const SALT: &str = "salt";
/// The rule of what people choose, which may be short, of digits or of words.
pub(super) const PASSWORD: &str = "password";

/// Names that are credentials as a whole, wherever they are met.
const WHOLE: [(&str, &str); 11] = [
    ("sig", "signature"),
    ("pwd", "password"),
    // What passes is called so too: what it names has to look like a key.
    ("pass", "pass"),
    ("pin", PASSWORD),
    ("pw", PASSWORD),
    ("mdp", PASSWORD),
    ("clave", PASSWORD),
    ("otp", "password"),
    ("psk", "password"),
    ("jwt", "jwt"),
    ("bearer", "bearer-token"),
];

/// Ends that are credentials where a value is sent along: in a header, or in a URL.
const SENT_ENDS: [&str; 17] = [
    "token",
    "bearer",
    "jwt",
    "assertion",
    "credential",
    "credentials",
    "cookies",
    "authentication",
    "csrf",
    "xsrf",
    "appkey",
    "authkey",
    "clientkey",
    "masterkey",
    "servicekey",
    "writekey",
    "sessid",
];

/// Last words of the same; `monkey` does not end in the word `key`.
const SENT_WORDS: [&str; 10] = ["key", "sas", "sig", "pwd", "otp", "totp", "pass", "passcode", "pw", "pat"];

/// Headers that are credentials as a whole.
const HEADERS: [&str; 8] = [
    "dpop",
    "xsession",
    "xamznoidcdata",
    "xfirebaseappcheck",
    "xhoneycombteam",
    "xjfrogartapi",
    "xoaiattestation",
    "xvercelprotectionbypass",
];

/// Words that may follow a header's name without changing what it is: `x-api-key-old`. So may a number.
const HEADER_QUALIFIERS: [&str; 8] = ["value", "old", "new", "primary", "secondary", "backup", "base64", "raw"];

/// Last words of variables about credentials.
static OF_VARIABLES: Words = Words::of(
    "\
    address algorithm alias alphabet arn audience backend bits bucket bytes characters chars charset class color \
    colour column contract count description digest endpoint engine env expiration expires expiry field file \
    filename fingerprint format hash hasher header hint host id ids issuer key kind label length limit manager max \
    message min mint mode model name namespace param path pattern placeholder policy prefix prompt provider \
    question ref regex region rule rules scope server service size store subject supply symbol text title ttl type \
    uri url user username uuid version",
);

/// Words that may follow a name that is written as one word: `API_KEY_PROD`, `passwordConfirmation`.
const QUALIFIERS: [&str; 21] = [
    "value",
    "old",
    "new",
    "primary",
    "secondary",
    "prod",
    "production",
    "dev",
    "development",
    "staging",
    "test",
    "live",
    "default",
    "confirmation",
    "repeat",
    "current",
    "again",
    "plain",
    "plaintext",
    "string",
    "text",
];

/// Ends that are credentials in URLs alone.
const PARAMETER_ENDS: [&str; 8] = [
    "signature",
    "authcode",
    "authorizationcode",
    "devicecode",
    "codeverifier",
    "idtokenhint",
    "protectionbypass",
    "samlresponse",
];

/// Names that are credentials as a whole in URLs alone.
const PARAMETERS: [&str; 1] = ["code"];

/// Ends of names that look like a credential's and are not: pagination tokens, keys of rows and caches, a model's
/// tokens.
const NOT_CREDENTIALS: &str = "\
    allowcredentials includecredentials withcredentials cachekey dedupkey deduplicationkey endkey evaluatedkey \
    foreignkey groupkey hashkey idempotencykey lastkey objectkey orderkey partitionkey primarykey publickey \
    publishablekey ratelimitkey rowkey shardkey sortkey startkey surrogatekey websocketkey bostoken cachedtoken \
    canceltoken cancellationtoken changetoken clientrequesttoken clienttoken deltatoken idempotencytoken \
    skiptoken starttoken completiontoken continuationtoken cursortoken eostoken firsttoken inputtoken lasttoken \
    limittoken maxtoken nexttoken outputtoken padtoken pagetoken paginationtoken pagingtoken pertoken \
    prompttoken ratelimittoken reasoningtoken resumetoken stoptoken synctoken totaltoken validtoken invalidtoken \
    checksumsecret checksumcredentials paginationkey progresstoken";

/// Tokens of those that open something: as a variable of an environment, or wherever they are met.
const CONSTANT: &[u8] = b"clienttoken";
const OPENING: &str = "ddclienttoken datadogclienttoken akamaiclienttoken facebookpagetoken fbpagetoken developertoken";

/// What a byte of a name is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letter {
    Small,
    Capital,
    Digit,
    /// Neither letter nor digit.
    None,
}

/// A folded name. One is used for many names, since a text may hold millions.
#[derive(Debug)]
pub(super) struct Name<'r> {
    rules: &'r Rules,
    folded: Vec<u8>,
    last_word: usize,
    /// Where its words begin: a bit for each of the first letters.
    words: u128,
    /// Whether it is of several words, as prose has them.
    is_phrase: bool,
    /// Whether it has no small letter.
    is_upper: bool,
    /// Whether it is written as variables of an environment are: `API_TOKEN`.
    is_constant: bool,
}

impl<'r> Name<'r> {
    /// No name yet, to be judged by the operator's rules as well.
    pub(super) const fn under(rules: &'r Rules) -> Self {
        Self {
            rules,
            folded: Vec::new(),
            last_word: 0,
            words: 0,
            is_phrase: false,
            is_upper: false,
            is_constant: false,
        }
    }

    /// By which it is judged.
    pub(super) const fn rules(&self) -> &'r Rules {
        self.rules
    }

    /// The name that a text is.
    pub(super) fn of(text: &str, rules: &'r Rules) -> Self {
        let mut name = Self::under(rules);
        name.read(text);
        name
    }

    /// Becomes the name that a text is, percent-encoded or not.
    pub(super) fn read(&mut self, text: &str) {
        self.folded.clear();
        self.folded.reserve(text.len());
        (self.last_word, self.words) = (0, 0);
        let (mut has_line, mut has_small, mut is_encoded) = (false, false, false);
        self.is_phrase = false;
        for byte in text.bytes() {
            match byte {
                b' ' => self.is_phrase = true,
                b'_' => has_line = true,
                b'%' | b'\\' => is_encoded = true,
                _ => has_small |= byte.is_ascii_lowercase(),
            }
        }
        self.is_upper = !has_small;
        self.is_constant = has_line && !has_small;
        if is_encoded {
            self.fold(Units::of(text).map(|unit| unit.byte));
        } else {
            self.fold(text.bytes());
        }
    }

    fn fold(&mut self, bytes: impl Iterator<Item = u8>) {
        let (mut before, mut last) = (Letter::None, Letter::None);
        for byte in bytes {
            let letter = match byte {
                b'a'..=b'z' => Letter::Small,
                b'A'..=b'Z' => Letter::Capital,
                b'0'..=b'9' => Letter::Digit,
                // As URLs are parsed.
                b'\t' | b'\r' | b'\n' => continue,
                _ => Letter::None,
            };
            if letter != Letter::None {
                // A word begins after what is neither letter nor digit, and where the case says so: `appKey`, `APPKey`.
                if last == Letter::None || (last != Letter::Capital && letter == Letter::Capital) {
                    self.begin(self.folded.len());
                } else if (before, last, letter) == (Letter::Capital, Letter::Capital, Letter::Small) {
                    self.begin(self.folded.len() - 1);
                }
                self.folded.push(byte.to_ascii_lowercase());
            }
            (before, last) = (last, letter);
        }
    }

    fn begin(&mut self, at: usize) {
        self.last_word = at;
        self.words |= u32::try_from(at).ok().and_then(|at| 1_u128.checked_shl(at)).unwrap_or_default();
    }

    /// The rule of a text that assigns something to it, if that is a credential.
    pub(super) fn assigned(&self) -> Option<&'static str> {
        if self.rules.keeps_name(&self.folded) {
            return None;
        }
        if self.rules.masks_name(&self.folded) {
            return Some(OWN_NAME);
        }
        self.known().or_else(|| self.is_variable_of().then_some(VARIABLE))
    }

    /// Whether it is a variable's that begins as others end: `PASSWORD_DB`, and no `TOKEN_TTL`.
    fn is_variable_of(&self) -> bool {
        const MOST: u32 = 2;
        let more = ["password", "passwd", "secret", "token", "apikey"]
            .into_iter()
            .find(|begin| self.is_constant && self.folded.starts_with(begin.as_bytes()))
            .and_then(|begin| self.words.checked_shr(u32::try_from(begin.len()).ok()?));
        let last = without_digits(self.last_word());
        more.is_some_and(|more| more & 1 == 1 && more.count_ones() <= MOST) && !OF_VARIABLES.has(last)
    }

    /// The same by the tables alone.
    fn known(&self) -> Option<&'static str> {
        let is_qualified = || QUALIFIERS.iter().any(|word| word.as_bytes() == without_digits(self.last_word()));
        let unqualified = || self.folded.get(..self.last_word).filter(|_| !self.is_phrase && is_qualified());
        self.rule_of(&self.folded).or_else(|| self.rule_of(unqualified()?))
    }

    fn rule_of(&self, name: &[u8]) -> Option<&'static str> {
        let name = without_digits(name);
        let whole = || WHOLE.iter().find(|(whole, _)| whole.as_bytes() == name);
        // `DB_PASS`, and neither a compass nor what passes.
        let pass = || match name.get(self.word_before(name.len())?..)? {
            _ if self.is_phrase => None,
            // What passes is counted.
            b"pass" if name.len() < self.folded.len() && !self.is_constant => Some(&("pass", "pass")),
            b"pass" | b"pwd" | b"pw" | b"psk" => Some(&("pass", PASSWORD)),
            b"pat" => Some(&("pat", "personal-token")),
            _ => None,
        };
        let known = ends_of(name).find(|at| TABLE.word(*at).is_some_and(|end| name.ends_with(end)));
        let rule = known.and_then(|at| TABLE.rule(at)).or_else(|| Some(pass().or_else(whole)?.1))?;
        (!self.is_none(name)).then_some(rule)
    }

    /// Where the last word before a place begins, if it is not the first.
    fn word_before(&self, end: usize) -> Option<usize> {
        let far = Some(self.last_word).filter(|word| *word < end);
        let near = || {
            let before = self.words & (1_u128.checked_shl(u32::try_from(end).ok()?)?.wrapping_sub(1));
            before.checked_ilog2().map(|word| word as usize)
        };
        far.or_else(near).filter(|word| *word > 0)
    }

    /// Whether a name that looks like a credential's is none: an end is of whole words, or all within the last.
    fn is_none(&self, name: &[u8]) -> bool {
        let begins = |at: usize| {
            at == 0 || at >= self.last_word || u32::try_from(at).is_ok_and(|at| at > 127 || self.words >> at & 1 == 1)
        };
        let mut ends = NOT_CREDENTIALS.as_bytes().split(|byte| *byte == b' ').filter(|end| ends_with(name, end));
        ends.any(|end| {
            begins(name.len() - end.len()) && !(self.is_constant && end == CONSTANT && name.len() > end.len())
        }) && !OPENING.split_ascii_whitespace().any(|end| ends_with(name, end.as_bytes()))
    }

    /// Whether its value is a credential in a URL.
    pub(super) fn is_parameter(&self) -> bool {
        let is_known =
            || self.is_sent() || self.is(&PARAMETERS) || self.ends(&PARAMETER_ENDS) || self.is_vague_parameter();
        !self.rules.keeps_name(&self.folded) && (self.rules.masks_name(&self.folded) || is_known())
    }

    /// Whether a header of it carries a credential, which no rule of the operator's makes it keep.
    pub(super) fn is_credential(&self) -> bool {
        self.is_sent() || self.is(&HEADERS) || self.rules.masks_name(&self.folded)
    }

    /// Whether a scheme may come before its value.
    pub(super) fn is_authorization(&self) -> bool {
        self.ends(&["authorization", "auth"])
    }

    /// Whether any word before its value is a scheme.
    pub(super) fn is_whole_authorization(&self) -> bool {
        self.ends(&["authorization"])
    }

    /// Whether its value is a list of `name=value`.
    pub(super) fn is_cookie(&self) -> bool {
        self.ends(&["cookie", "cookies"])
    }

    /// Whether its value is one URL, or the beginning of one.
    pub(super) fn is_url(&self) -> bool {
        self.ends(&["location", "referer", "referrer", "origin", "url", "uri", "path", "host", "authority"])
    }

    /// Whether a conversation may be known by its value, so that a UUID stays.
    pub(super) fn is_session(&self) -> bool {
        self.ends(&["sessionid"])
    }

    /// Whether it is a variable's of an environment.
    pub(super) const fn is_constant(&self) -> bool {
        self.is_constant
    }

    /// Whether it is that of a shell's working directory.
    pub(super) fn is_of_directory(&self) -> bool {
        self.is_upper && self.is_named("pwd")
    }

    /// Whether it is this one.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.folded == name.as_bytes()
    }

    fn is_sent(&self) -> bool {
        let sent = self.ends(&SENT_ENDS) || SENT_WORDS.iter().any(|word| self.last_word() == word.as_bytes());
        self.known().is_some() || (sent && !self.is_none(&self.folded))
    }

    fn is(&self, names: &[&str]) -> bool {
        names.iter().any(|name| name.as_bytes() == self.folded)
    }

    fn ends(&self, ends: &[&str]) -> bool {
        ends.iter().any(|end| ends_with(&self.folded, end.as_bytes()))
    }

    fn last_word(&self) -> &[u8] {
        self.folded.get(self.last_word..).unwrap_or_default()
    }
}

/// Of each last letter, which of the table's ends have it, and which letters come before it in those: a bit for each.
static BY_LAST: [(u128, u32); 26] = by_last();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn by_last() -> [(u128, u32); 26] {
    let (mut by_last, mut at) = ([(0, 0); 26], 0);
    while at < ENDS.len() {
        let end = ENDS[at].as_bytes();
        let (ends, letters) = &mut by_last[(end[end.len() - 1] - b'a') as usize];
        *ends |= 1 << at;
        *letters |= 1 << (end[end.len() - 2] - b'a');
        at += 1;
    }
    by_last
}

/// The table's ends that a name may have by its last two letters, in the table's order.
fn ends_of(name: &[u8]) -> impl Iterator<Item = usize> {
    let letter = |byte: &u8| byte.checked_sub(b'a').filter(|letter| *letter < 26);
    let mut left = match name {
        [.., before, last] => letter(last).zip(letter(before)).map_or(0, |(last, before)| {
            let (ends, letters) = BY_LAST.get(usize::from(last)).copied().unwrap_or_default();
            if letters >> before & 1 == 1 { ends } else { 0 }
        }),
        _ => 0,
    };
    std::iter::from_fn(move || {
        let end = (left != 0).then(|| left.trailing_zeros() as usize);
        left &= left.saturating_sub(1);
        end
    })
}

fn without_digits(name: &[u8]) -> &[u8] {
    let digits = name.iter().rev().take_while(|last| last.is_ascii_digit()).count();
    name.get(..name.len() - digits).unwrap_or_default()
}

/// Most names are told from others by their last byte.
#[inline]
fn ends_with(name: &[u8], end: &[u8]) -> bool {
    name.last() == end.last() && name.ends_with(end)
}

/// Whether a name that ends in this byte can be one that [`Name::assigned`] knows: most cannot.
pub(super) fn can_end(byte: u8, rules: &Rules) -> bool {
    rules.can_end(byte)
        || matches!(
            byte.to_ascii_lowercase(),
            b'a' | b'c'
                | b'd'
                | b'e'
                | b'g'
                | b'h'
                | b'k'
                | b'n'
                | b'p'
                | b'r'
                | b's'
                | b't'
                | b'v'
                | b'w'
                | b'y'
                | b'0'..=b'9'
        )
        // Variables may end in any word.
        || byte.is_ascii_uppercase()
}

/// Whether a value is the name of another credential, and no password that ends as names do: `DB_PASSWORD_2`,
/// `pass1234`.
pub(super) fn is_other_name(value: &str, rules: &Rules) -> bool {
    let is_of_words = value.ends_with(|last: char| last.is_ascii_alphabetic());
    let is_of_code = || value.contains(['_', '.']) || !value.bytes().any(|byte| byte.is_ascii_lowercase());
    (is_of_words || is_of_code()) && Name::of(value, rules).assigned().is_some()
}

/// Whether a name ends as those of passwords do.
pub(super) fn can_be_of_password(name: &str) -> bool {
    const ENDS: [&str; 17] = [
        "psk", "word", "words", "pass", "passe", "pwd", "wd", "pw", "wort", "phrase", "mnemonic", "senha", "code",
        "codes", "pin", "otp", "woord",
    ];
    let name = name.trim_end_matches(|last: char| last.is_ascii_digit()).as_bytes();
    let ends = |end: &[u8]| name.len().checked_sub(end.len()).and_then(|at| name.get(at..));
    ENDS.iter().any(|end| ends(end.as_bytes()).is_some_and(|it| it.eq_ignore_ascii_case(end.as_bytes())))
}

/// What the tables have.
#[cfg(test)]
pub(super) fn tables() -> String {
    let names = [&SENT_ENDS[..], &SENT_WORDS, &HEADERS, &HEADER_QUALIFIERS, &QUALIFIERS, &PARAMETER_ENDS, &PARAMETERS];
    format!("{ENDS:?}{WHOLE:?}{names:?}{NOT_CREDENTIALS}{CONSTANT:?}{OPENING}{OF_VARIABLES:?}")
}

/// Whether a header of this name carries a credential.
pub(super) fn is_header(name: &str, rules: &Rules) -> bool {
    header(name, rules).is_credential()
}

/// The name of a header, without what may follow it.
pub(super) fn header<'r>(name: &str, rules: &'r Rules) -> Name<'r> {
    let mut name = name.trim_end();
    while let Some((rest, last)) = name.rsplit_once(['-', '_']) {
        let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number && !HEADER_QUALIFIERS.iter().any(|word| last.eq_ignore_ascii_case(word)) {
            break;
        }
        name = rest;
    }
    Name::of(name.trim_end_matches(|last: char| last.is_ascii_digit()), rules)
}

#[cfg(test)]
mod tests {
    use super::{super::tables::split, *};
    use std::collections::HashMap;

    #[test]
    fn every_name_can_end_as_it_does() {
        let names = ENDS.iter().map(|end| split(end).1).chain(WHOLE.iter().map(|(name, _)| *name));
        let rules = Rules::default();
        assert!(names.into_iter().all(|name| can_end(name.as_bytes()[name.len() - 1], &rules)));
        assert_eq!(Name::of("DB_PASSWORD_2", &rules).assigned(), Some("password"));
        assert_eq!(Name::of("idempotency-key", &rules).assigned(), None);
    }

    #[test]
    fn headers_that_carry_credentials_are_told_by_the_end_of_their_name() {
        // The kits tell headers by them too, before they queue anything.
        let vectors = include_str!("../../kits/golden/headers.json");
        let vectors: HashMap<String, Vec<String>> = serde_json::from_str(vectors).unwrap();
        let is_header = |name: &str| is_header(name, &Rules::default());
        for name in &vectors["taken"] {
            assert!(is_header(name), "{name}");
        }
        assert!(is_header("Cookie ") && !is_header(""));
        for name in &vectors["kept"] {
            assert!(!is_header(name), "{name}");
        }
    }
}
