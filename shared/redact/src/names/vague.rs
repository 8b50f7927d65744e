//! Names that do not say alone that what they name is a credential: the value has to look like one.

use super::{Name, OWN_NAME};
use crate::tables::words::{Words, ends_in};

/// What comes before `key` in names of keys that are hexadecimal or a UUID, as ids are.
const KEYS: &str = "\
    abuseipdb admin aes alchemy algolia alphavantage app application assemblyai brave censys cerebras claude \
    clearbit clickhouse client coinmarketcap consumer dashscope datadog decryption deepgram deploy etherscan exa \
    fal finnhub fireworks fixer giphy glm greynoise grok helicone here hmac hunter infura ingest ingestion \
    install integration ipinfo ipstack jina kimi langsmith loggly mailgun mapbox minimax modal moonshot moralis \
    nasa newrelic news newsapi omdb openweathermap pagerduty pexels pixabay polygon postmark qdrant qwen rest \
    riot rollbar root routing sentry serper server session shodan siliconflow sparkpost stability steam tmdb \
    tomtom unsplash urlscan validation virustotal voyage weather weaviate youtube zai";

/// What comes before `key` in names of variables whose values are ids.
const IDS: &str = "\
    build commit customer document event file image index item job lookup message object project record request site \
    task trace user";

/// Names of what a browser keeps for one who is logged in.
static SESSIONS: Words = Words::of("apisid clearance ct0 hsid liat psid psidcc psidts sapisid session sidcc spdc ssid");

/// What comes before `token` in names of those that are UUIDs.
const ISSUERS: &str = "\
    access account agent api auth bearer circleci codecov consul expo figma hec heroku logentries nomad npm project \
    railway rollbar secret server service snyk sonar xsrf";

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
        self.is_key_of() || (self.last_word > 0 && self.is_key() && self.is_constant && !self.is_after(IDS))
    }

    /// Whether the word before its last is one of those of keys, or it is a header's: `X-Acme-Key`.
    pub(crate) fn is_key_of(&self) -> bool {
        let is_of_header = || self.folded.starts_with(b"x") && self.words >> 1 & 1 == 1;
        (self.is_key() && (self.is_after(KEYS) || is_of_header())) || self.is_short()
    }

    /// Whether what it is the token of is known to draw UUIDs.
    pub(crate) fn is_of_issuer(&self) -> bool {
        let words = self.folded.strip_suffix(b"token").filter(|_| !self.is_none(&self.folded)).unwrap_or_default();
        ends_in(words, ISSUERS)
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
    format!("{KEYS}{IDS}{ISSUERS}{SESSIONS:?}{WEAK:?}{PARAMETERS:?}")
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
