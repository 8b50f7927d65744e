//! The tables of names, and what is found in them.
//!
//! Which one a name belongs to:
//!
//! - everywhere: `ENDS`, `WHOLE`, `LAST_WORDS`, `OWNERS`
//! - headers and URLs: `SENT_ENDS`, `SENT_WORDS`
//! - headers only: `HEADERS`
//! - URLs only: `PARAMETER_ENDS`, `PARAMETERS`
//! - not a credential after all: `NOT_CREDENTIALS`
//! - a credential if its value looks like one: `vague`

use crate::tables::{Table, length, split, words::Words};

/// The rule of what people choose, which may be short, of digits or of words.
pub(crate) const PASSWORD: &str = rule("password");
/// The rule of what is called as what passes is.
pub(crate) const PASS: &str = rule("pass");
/// The rule of tokens of no known kind, which have to look like keys: models have tokens too.
pub(crate) const TOKEN: &str = rule("token");
/// The rule of tokens of one person.
pub(crate) const PERSONAL_TOKEN: &str = rule("personal-token");
/// The rule of tokens that are signed, whose name algorithms have too.
pub(crate) const JWT: &str = rule("jwt");
/// The rule of what has a scheme before it, whose name policies have too.
pub(crate) const AUTHORIZATION: &str = rule("authorization");
/// The rule of keys that may have signs of all kinds, as salts have.
pub(crate) const AUTH_KEY: &str = rule("auth-key");
/// The rule of what is mixed into hashes, and has signs of all kinds.
pub(crate) const SALT: &str = rule("salt");
/// The rule of what signs, whose name its public half has too.
pub(crate) const SIGNING_KEY: &str = rule("signing-key");
/// The rule of what opens something together with a role, and is called by the names of what only has one.
pub(crate) const SECRET_ID: &str = rule("secret-id");
/// The rule of what a conversation may be known by as well.
pub(crate) const SESSION_ID: &str = rule("session-id");
/// The rule of codes that let in once each.
pub(crate) const CODE: &str = rule("recovery-code");
/// The rule of what keeps one logged in.
pub(crate) const COOKIE: &str = rule("cookie");
/// The rule of what is kept from others, and no more is said of.
pub(crate) const SECRET: &str = rule("secret");
/// The rule of what variables have that only begin with such a name, which has to look like a key too: of no row.
pub(crate) const VARIABLE: &str = "secret-variable";
/// The rule of what a name says that is called `key` and no more: of no row.
pub(crate) const VAGUE: &str = "key";

/// The name of a rule, which the compiler refuses unless a row has it.
const fn rule(name: &'static str) -> &'static str {
    assert!(has_rule(&ENDS, name) || has_rule(&WHOLE, name) || has_rule(&LAST_WORDS, name), "no row has this rule");
    name
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn has_rule(rows: &[&str], rule: &str) -> bool {
    let mut at = 0;
    while at < rows.len() {
        let (of, mut same) = (split(rows[at]).0.as_bytes(), 0);
        while same < of.len() && same < rule.len() && of[same] == rule.as_bytes()[same] {
            same += 1;
        }
        if same == of.len() && same == rule.len() {
            return true;
        }
        at += 1;
    }
    false
}

/// The rule of each end of names that are credentials wherever they are met, and the end.
const ENDS: [&str; 125] = [
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
    "password psswd",
    "password heslo",
    "password haslo",
    "password sifre",
    "password salasana",
    "password passord",
    "password adgangskode",
    "password katasandi",
    "password losenord",
    "password jelszo",
    "secret secret",
    "secret secretstring",
    "api-key apikey",
    "access-key accesskey",
    "secret-key secretkey",
    "private-key privatekey",
    "signing-key signingkey",
    "encryption-key encryptionkey",
    "master-key masterkey",
    "master-key unsealkey",
    "master-key unsealkeys",
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
    "api-key zhipukey",
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
    "token creds",
    "recovery-code recoverykey",
    "recovery-code recoverykeys",
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

/// Names that are credentials as a whole, wherever they are met.
const WHOLE: [&str; 16] = [
    "signature sig",
    "password pwd",
    // What passes is called so too: what it names has to look like a key.
    "pass pass",
    "password pin",
    "password pw",
    "password psw",
    "password mdp",
    "password clave",
    "password otp",
    "password psk",
    "jwt jwt",
    "bearer-token bearer",
    "token credential",
    "token cred",
    "personal-token pat",
    "password totp",
];

/// Last words of those of several words: `DB_PASS`, and no compass.
const LAST_WORDS: [&str; 7] = [
    "password pass",
    "password pwd",
    "password pw",
    "password psw",
    "password psk",
    "personal-token pat",
    "token cred",
];

/// Ends of what `pass`, `pwd` or `pw` may be joined to as one word: `dbpass`, and no compass.
pub(super) const OWNERS: &str = "\
    admin auth bind client db email ftp imap key ldap login mail master mongo mqtt pg postgres proxy redis require \
    root server smtp sql ssh ssl store sudo sys user vnc vpn wifi";

/// Ends that are credentials where a value is sent along: in a header, or in a URL.
pub(super) const SENT_ENDS: &str = "bearer jwt assertion credential authentication csrf xsrf appkey clientkey writekey";

/// Last words of the same; `monkey` does not end in the word `key`.
pub(super) const SENT_WORDS: &str = "key sas sig pwd otp totp pass pw pat";

/// Headers that are credentials as a whole.
pub(super) const HEADERS: &str = "\
    dpop xsession xamznoidcdata xfirebaseappcheck xhoneycombteam xjfrogartapi xoaiattestation xvercelprotectionbypass";

/// Words that may follow a header's name without changing what it is: `x-api-key-old`. So may a number.
pub(super) const HEADER_QUALIFIERS: &str = "value old new primary secondary backup base64 raw";

/// Last words of names that are about credentials: what follows theirs is none of what they open.
pub(super) static OF_VARIABLES: Words = Words::of(
    "\
    address after age algo algorithm alias alphabet arn at audience backend before bits bucket by bytes change changed \
    character characters chars charset checksum class color colour column complexity contract count crc created \
    date days description digest domain email enabled endpoint engine env error expiration expired expires expiry \
    field file filename fingerprint form format hash hashed hasher header hidden hint history host id ids index \
    input issued issuer json key kind label last length limit link list login manager masked max md message min \
    mint mode model modified name namespace nonce number on owner page param path pattern placeholder policy \
    prefix preview prompt provider question reason ref regex region required requirements reset revision rotated \
    rotation rule rules salt scheme scope server service sha sharing size source state status store strength \
    subject suffix supply symbol tag text time timestamp title ttl type updated uri url usage used user username \
    uuid valid validator version",
);

/// Words that may follow a name that is written as one word: `API_KEY_PROD`, `passwordConfirmation`.
pub(super) static QUALIFIERS: Words = Words::of(
    "\
    again b64 base64 confirmation current default dev development hex live new old plain plaintext primary prod \
    production repeat secondary staging string test text value",
);

/// Ends that are credentials in URLs alone.
pub(super) const PARAMETER_ENDS: &str = "\
    signature authcode authorizationcode devicecode codeverifier idtokenhint protectionbypass samlresponse";

/// Names that are credentials as a whole in URLs alone.
pub(super) const PARAMETERS: &str = "code";

/// Ends of names that look like a credential's and are not: pagination tokens, keys of rows and caches, a model's
/// tokens.
pub(super) const NOT_CREDENTIALS: &str = "\
    allowcredentials includecredentials withcredentials cachekey dedupkey deduplicationkey endkey evaluatedkey \
    foreignkey groupkey hashkey idempotencykey lastkey objectkey orderkey partitionkey primarykey publickey \
    publishablekey ratelimitkey rowkey shardkey sortkey startkey surrogatekey websocketkey bostoken cachedtoken \
    canceltoken cancellationtoken changetoken clientrequesttoken clienttoken deltatoken idempotencytoken \
    skiptoken starttoken completiontoken continuationtoken cursortoken eostoken firsttoken inputtoken lasttoken \
    limittoken maxtoken nexttoken outputtoken padtoken pagetoken paginationtoken pagingtoken pertoken \
    prompttoken ratelimittoken reasoningtoken resumetoken stoptoken synctoken totaltoken validtoken invalidtoken \
    checksumsecret checksumcredentials paginationkey progresstoken startingtoken existingsecret hashofsigningkey \
    publickeytoken continuetoken nextforwardtoken nextbackwardtoken deduplicationtoken idempotenttoken \
    concurrencytoken workdonetoken partialresulttoken";

/// Tokens of those that open something: as a variable of an environment, or wherever they are met.
pub(super) const CONSTANT: &str = "clienttoken";
pub(super) const OPENING: &str =
    "ddclienttoken datadogclienttoken akamaiclienttoken facebookpagetoken fbpagetoken developertoken";

static BY_END: Table<{ ENDS.len() }, { length(&ENDS) }> = Table::of(&ENDS);
static BY_WHOLE: Table<{ WHOLE.len() }, { length(&WHOLE) }> = Table::of(&WHOLE);
static BY_LAST_WORD: Table<{ LAST_WORDS.len() }, { length(&LAST_WORDS) }> = Table::of(&LAST_WORDS);

/// The rule of a name that is a credential by its end.
pub(super) fn rule_of_end(name: &[u8]) -> Option<&'static str> {
    let has = |at: &usize| BY_END.word(*at).is_some_and(|end| name.ends_with(end));
    ends_of(name).find(has).and_then(|at| BY_END.rule(at))
}

/// The rule of a name that is a credential as a whole.
pub(super) fn rule_of_whole(name: &[u8]) -> Option<&'static str> {
    BY_WHOLE.rule_of(name)
}

/// The rule of a name that is a credential by the last of its words.
pub(super) fn rule_of_last_word(word: &[u8]) -> Option<&'static str> {
    BY_LAST_WORD.rule_of(word)
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

/// The tables by their names.
#[cfg(test)]
pub(crate) fn all() -> Vec<(&'static str, Vec<&'static str>)> {
    let words = |text: &'static str| text.split_ascii_whitespace().collect();
    vec![
        ("ENDS", ENDS.to_vec()),
        ("WHOLE", WHOLE.to_vec()),
        ("LAST_WORDS", LAST_WORDS.to_vec()),
        ("OWNERS", words(OWNERS)),
        ("QUALIFIERS", QUALIFIERS.all().collect()),
        ("SENT_ENDS", words(SENT_ENDS)),
        ("SENT_WORDS", words(SENT_WORDS)),
        ("HEADERS", words(HEADERS)),
        ("HEADER_QUALIFIERS", words(HEADER_QUALIFIERS)),
        ("PARAMETER_ENDS", words(PARAMETER_ENDS)),
        ("PARAMETERS", words(PARAMETERS)),
        ("NOT_CREDENTIALS", words(NOT_CREDENTIALS)),
        ("CONSTANT", words(CONSTANT)),
        ("OPENING", words(OPENING)),
    ]
}

/// What the tables have.
#[cfg(test)]
pub(crate) fn printed() -> String {
    format!("{:?}{OF_VARIABLES:?}", all())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether what ends so has a rule by another row than the one of this number.
    fn is_known(name: &str, row: Option<usize>) -> bool {
        let is_other = |(at, end): (usize, &&str)| {
            let is_found = row.is_none_or(|row| at < row || (at > row && split(end).0 == split(ENDS[row]).0));
            is_found && name.ends_with(split(end).1)
        };
        ENDS.iter().enumerate().any(is_other)
    }

    #[test]
    fn no_row_does_what_another_does() {
        let twice = ENDS.iter().enumerate().find(|(row, end)| is_known(split(end).1, Some(*row)));
        assert_eq!(twice, None);
        let sent = [SENT_ENDS, SENT_WORDS, HEADERS, PARAMETER_ENDS, PARAMETERS].into_iter();
        assert_eq!(sent.flat_map(str::split_ascii_whitespace).find(|name| is_known(name, None)), None);
    }
}
