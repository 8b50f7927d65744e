//! Names that do not say alone that what they name is a credential: the value has to look like one.

use super::{Name, OWN_NAME, without_digits};
use crate::tables::words::{Words, ends_in};

/// What comes before `key` in names of keys that are hexadecimal or a UUID, as ids are.
const KEYS: &str = "\
    abuseipdb admin aes alchemy algolia alphavantage anypoint app application assemblyai azuresearch blazemeter \
    brave bugsnag censys cerebras claude clearbit clickhouse client coinmarketcap consumer cosmos dashscope \
    datadog decryption deepgram deploy etherscan exa fal fernet finnhub fireworks fixer function giphy glm \
    greynoise grok helicone here heroku hmac hunter infura ingest ingestion insightly install integration ipinfo \
    ipstack jina kimi kontent kucoin langsmith loggly loginradius logzio mailgun mapbox minimax modal moonshot \
    moralis nasa newrelic news newsapi omdb onesignal openweathermap opsgenie pagerduty pexels pixabay polygon \
    postmark qdrant qwen rest riot rollbar root saucelabs scaleway sentry serper server session shodan \
    siliconflow snyk sparkpost squarespace stability steam tmdb tomtom unsplash urlscan validation virustotal \
    voyage weather weaviate youtube zai";

/// What comes before `key` in names of variables whose values are ids.
const IDS: &str = "\
    build cache checksum commit customer digest document event file gpg hash image index item job lookup message object \
    pgp project record request site task trace tx user";

/// What comes before `key` in names of rows, files and caches, and of places in a structure or on a screen.
static OF_DATA: Words = Words::of(
    "\
    account action actual after age agent aggregation alarm alert alias anchor answer apt archive artifact asset \
    attachment attribute audio avatar badge batch bench bind binding blob block blog board body book branch \
    bucket bucketing build bundle cache calendar card cart category cell channel checksum child chunk class \
    cloud cluster code collection color column combined commit compile compiler component composite compound \
    computed concept concurrency conf config content context conversation converted correlation counter country \
    cover coverage customer dag data dataset date day debounce dedup dedupe dep dependency deployment deps depth \
    derived dest detail dialog dict diff digest direction dirty dispatch doc docker document domain download \
    draft drep dst duplicate edge editor element employee empty entity entry enum env environment ephemeral epic \
    error etag event exception expected experiment export extra failure feature fiber field file filter \
    fingerprint first flag folder font form format full glossary gpg graph group grouping hash hashed header \
    history hit host hot i18n icon id identity image import incident index infinite input invoice issue item job \
    join journal json kafka kernel keyword kind label language last layer layout lease ledger level limiter line \
    link list locale locate location lock lockfile log logo lookup magic manifest map marker match matched \
    matching media member membership memo menu merge message meta metadata method metric migration minio model \
    module monitor month multi multipart mutation mutex name named namespace natural nav node note npm num \
    number object ops option order ordering org organization other output owner package page pair panel param \
    parameter parent part path pattern payment pdf peer pgp photo phrase pip pipeline place plan player plugin \
    policy pool position post prefix preview product profile project prop property pub query question queue quiz \
    r range rank react record redis ref reference region relation release repo report repository request \
    reservation resource response restore result reverse review role room route row rule run s sample scope \
    screen scroll search section segment selector sensor sequence serial series set setting shape sheet short \
    shortcut single sku slot snapshot sort source space span spec split src stack stage stake state status step \
    store story stream string style subject suffix sum suppression survey swr tab table tag tags tap taproot \
    target task team template tenant term text theme thread throttle throttling thumb thumbnail ticket tile time \
    timeseries title toast tool tooltip topic trace tracking transaction transcript transition translation tree \
    trigger tx type union unique unit upload url usage utxo value variable variant varnish vector vendor \
    verification verify verifying version video view virtual visitor voice volume warehouse week widget window \
    work worker workflow workspace zone",
);

/// Names of what a browser keeps for one who is logged in.
static SESSIONS: Words = Words::of("apisid clearance ct0 hsid liat psid psidcc psidts sapisid session sidcc spdc ssid");

/// What comes before `token` in names of those whose UUIDs are ids.
static OF_IDS: Words = Words::of(
    "\
    ack batch checkpoint conversation correlation cursor device event fencing its job lease list lock message operation \
    order page read request revision row scroll search sequence snapshot state task that the this trace transaction \
    version write",
);

/// Parameters of URLs that are words, numbers and short codes as well.
static WEAK: Words = Words::of("auth code key otp pin sig totp");

/// Parameters of URLs that are anything, and no credential but where they look like a key.
static PARAMETERS: Words = Words::of("ak appid hdnea hdnts hmac oauthverifier oobcode passkey sid sign st ticket tkn");

impl Name<'_> {
    /// Whether it may be that of a credential, which alone it does not say: `key`, but no primary key.
    pub(crate) fn is_vague(&self) -> bool {
        // Consul's key for all that its servers say.
        self.is_key() || self.is_short() || self.is_session_cookie() || (self.is_named("encrypt") && !self.is_kept())
    }

    /// Whether the operator has said that it is none.
    fn is_kept(&self) -> bool {
        self.rules.keeps_name(&self.folded)
    }

    fn is_key(&self) -> bool {
        self.last_word() == b"key" && !self.is_none(&self.folded) && !self.is_kept()
    }

    /// Whether it is a key's that does not say `key`: of pairs as Chinese clouds have them, and of Telegram's clients.
    fn is_short(&self) -> bool {
        // Keys of rows are called `SK`.
        let is_pair = matches!(&*self.folded, b"ak" | b"sk") && !self.is_upper;
        (is_pair || self.folded.ends_with(b"apihash")) && !self.is_kept()
    }

    /// What its words before the last end in is one of a list.
    fn is_after(&self, list: &str) -> bool {
        let words = self.folded.get(..self.last_word).unwrap_or_default();
        ends_in(words, list)
    }

    /// Whether what it names lets one in who is logged in.
    pub(crate) fn is_session_cookie(&self) -> bool {
        let last = self.last_word();
        !self.is_phrase && (SESSIONS.has(last) || SESSIONS.has(&self.folded)) && !self.is_kept()
    }

    /// The same of what only browsers call so, and no conversation is known by.
    pub(crate) fn is_of_browser(&self) -> bool {
        self.is_session_cookie() && self.last_word() != b"session"
    }

    /// Whether it may be that of a key which is hexadecimal or a UUID.
    pub(crate) fn is_of_hex(&self) -> bool {
        self.is_key_of() || (self.is_constant && self.is_of_unknown())
    }

    /// Whether it may be the key of someone who gives keys: of nothing that has keys of its own.
    pub(crate) fn is_of_unknown(&self) -> bool {
        // Of what is found in a cache, or is not: `cacheHitKey`.
        let is_of_data = || {
            let start = self.word_before(self.last_word).unwrap_or_default();
            let is_cached = self.folded.get(..start).is_some_and(|words| words.ends_with(b"cache"));
            is_cached || self.folded.get(start..self.last_word).is_some_and(|word| OF_DATA.has(without_digits(word)))
        };
        self.last_word > 0
            && !self.is_phrase
            && self.is_key()
            && !(if self.is_constant { self.is_after(IDS) } else { is_of_data() })
    }

    /// Whether the word before its last is one of those of keys, or it is a header's: `X-Acme-Key`.
    pub(crate) fn is_key_of(&self) -> bool {
        let is_of_header = || self.folded.starts_with(b"x") && self.words >> 1 & 1 == 1;
        (self.is_key() && (self.is_after(KEYS) || is_of_header())) || self.is_short()
    }

    /// Whether it is the token of something, of which a UUID may be one.
    pub(crate) fn is_of_issuer(&self) -> bool {
        let start = self.word_before(self.last_word).unwrap_or_default();
        let before = self.folded.strip_suffix(b"token").filter(|_| !self.is_none(&self.folded)).unwrap_or_default();
        !before.is_empty() && !before.get(start..).is_some_and(|word| OF_IDS.has(word))
    }

    /// Whether other things are called so in URLs as well.
    pub(crate) fn is_weak_parameter(&self) -> bool {
        self.assigned() != Some(OWN_NAME) && (WEAK.has(&self.folded) || (self.known().is_none() && self.is_key()))
    }

    /// Whether only what looks like a key is a credential that it names in a URL.
    pub(crate) fn is_vague_parameter(&self) -> bool {
        PARAMETERS.has(&self.folded) && !self.rules.masks_name(&self.folded)
    }
}

/// What the tables have.
#[cfg(test)]
pub(crate) fn tables() -> String {
    format!("{KEYS}{IDS}{OF_IDS:?}{OF_DATA:?}{SESSIONS:?}{WEAK:?}{PARAMETERS:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{names::can_end, rules::Rules};

    #[test]
    fn a_vague_name_can_end_as_it_does() {
        let rules = Rules::default();
        for name in SESSIONS.all().chain(["key", "encrypt"]) {
            assert!(Name::of(name, &rules).is_vague(), "{name}");
            assert!(can_end(name.as_bytes()[name.len() - 1], &rules), "{name}");
        }
        assert!(!can_end(b'_', &rules) && !can_end(b' ', &rules));
    }
}
