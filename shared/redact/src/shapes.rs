//! Credentials that are known by what they look like.
//!
//! One line of [`SHAPES`] is a rule: its name, how it begins, which characters follow and how many. Case counts. The
//! prefixes are facts that their issuers document, and that public rule sets list: gitleaks (MIT), `TruffleHog` (only
//! looked at), GitHub's list of supported patterns (CC BY 4.0). There are no regular expressions: to compile them costs a
//! function's start more than all else.
//!
//! A shape has edges: no letter, digit, `_`, `+` or `-` before it, and none of its own characters behind it. A key of
//! fewer than six different characters is a placeholder.

use super::{
    mask::{Hits, Rule},
    personal,
    rules::Rules,
    scheme::list_end,
    values::{JUDGED, can_be_credential, is_varied},
};
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use std::{fmt, ops::Range};

/// A set of ASCII characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Class(u128);

impl Class {
    /// Letters, digits and these.
    const fn alphanumeric(more: &str) -> Self {
        Self::of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ").and(more)
    }

    const fn of(characters: &str) -> Self {
        Self(0).and(characters)
    }

    const fn and(self, characters: &str) -> Self {
        let (mut bytes, mut set) = (characters.as_bytes(), self.0);
        while let [first, rest @ ..] = bytes {
            set |= 1 << *first;
            bytes = rest;
        }
        Self(set)
    }

    /// Characters and ranges of them, as `A-Za-z0-9_-`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (mut bytes, mut set) = (text.as_bytes(), 0);
        while let [first, rest @ ..] = bytes {
            let (last, behind) = match rest {
                [b'-', last, behind @ ..] => (last, behind),
                _ => (first, rest),
            };
            if first > last || !first.is_ascii_graphic() || !last.is_ascii_graphic() {
                return None;
            }
            (*first..=*last).for_each(|byte| set |= 1 << byte);
            bytes = behind;
        }
        (set != 0).then_some(Self(set))
    }

    fn has(self, byte: u8) -> bool {
        byte < 128 && self.0 >> byte & 1 == 1
    }

    /// How many of the first `most` bytes are of it, one after the other.
    fn run(self, bytes: &[u8], most: usize) -> usize {
        bytes.iter().take(most).take_while(|byte| self.has(**byte)).count()
    }
}

const ALPHANUMERIC: Class = Class::alphanumeric("");
const KEY: Class = Class::alphanumeric("_-");
const UNDERSCORE: Class = Class::alphanumeric("_");
const DOTTED: Class = Class::alphanumeric("_-.");
const BASE64: Class = Class::alphanumeric("+/=");
const HEX: Class = Class::of("0123456789abcdef");
const UPPER: Class = Class::of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
const UUID: Class = Class::of("0123456789abcdef-");
const AZURE: Class = Class::alphanumeric("_~.-");
const PATH: Class = Class::alphanumeric("_-./@%");

/// Any length from the shortest on.
const OPEN: usize = usize::MAX;

/// The longest path of a webhook, in bytes.
const LONGEST_PATH: usize = 512;

/// How a shape is read behind its prefix.
#[derive(Clone, Copy)]
enum Form {
    /// So many of a class, from and to.
    Key(Class, usize, usize),
    /// So many or more, also joined to a word before it by `_` or `-`: nothing else has the prefix.
    Joined(Class, usize),
    /// As a key, of letters and digits both: the prefix is short, and begins words too.
    Mixed(Class, usize, usize),
    /// A path with a segment of so many of a class, of which the prefix stays. It may stand within a word.
    Behind(Class, usize),
    /// So many characters of a class before the prefix, and so many behind.
    Around(Class, usize, usize, usize),
    /// The digits of a Telegram bot before the prefix, and so many behind.
    Telegram(usize),
    /// A JSON web token.
    Jwt,
    /// A private key in PEM.
    Pem,
    /// The word of a scheme in any case, and a value of at least so many bytes.
    Scheme(usize),
    /// The word of a scheme, and a list of parameters that the prefix begins.
    List(usize),
    /// A value in quotes, of which the prefix has the first.
    Quoted,
    /// A user and a password, up to an `@`.
    User,
    /// A password behind the user of the same line.
    Login,
    /// What Go says of a URL whose password holds a delimiter.
    InvalidPort,
}

use Form::{Around, Behind, InvalidPort, Joined, Jwt, Key, List, Login, Mixed, Pem, Quoted, Scheme, Telegram, User};

/// The table, in the order of the first bytes.
const SHAPES: [(&str, &str, Form); 173] = [
    ("private-key", "-----BEGIN ", Pem),
    ("mailchimp-key", "-us", Around(HEX, 32, 1, 2)),
    ("hashicorp-token", ".atlasv1.", Around(KEY, 14, 60, 80)),
    ("webhook", ".office.com/webhookb2/", Behind(PATH, 16)),
    ("webhook", "/api/webhooks/", Behind(PATH, 16)),
    ("google-token", "1//0", Key(KEY, 36, OPEN)),
    ("telegram-token", ":AA", Telegram(33)),
    ("aws-key-id", "ABIA", Key(UPPER, 16, 16)),
    ("bedrock-key", "ABSK", Key(BASE64, 100, OPEN)),
    ("aws-key-id", "ACCA", Key(UPPER, 16, 16)),
    ("age-key", "AGE-SECRET-KEY-1", Key(UPPER, 50, 70)),
    ("google-key", "AIza", Key(KEY, 35, 35)),
    ("aws-key-id", "AKIA", Key(UPPER, 16, 16)),
    ("tencent-key", "AKID", Mixed(ALPHANUMERIC, 28, 40)),
    ("google-key", "AQ.Ab8R", Key(KEY, 30, OPEN)),
    ("aws-key-id", "ASIA", Key(UPPER, 16, 16)),
    ("atlassian-token", "ATATT3", Key(Class::alphanumeric("_-="), 100, OPEN)),
    ("atlassian-token", "ATCTT3", Key(Class::alphanumeric("_-="), 100, OPEN)),
    ("basic", "BASIC ", Scheme(16)),
    ("bearer", "BEARER ", Scheme(12)),
    ("basic", "Basic ", Scheme(16)),
    ("bearer", "Bearer ", Scheme(12)),
    ("contentful-token", "CFPAT-", Key(KEY, 40, 60)),
    ("digest", "Digest username=", List(7)),
    ("facebook-token", "EAA", Mixed(ALPHANUMERIC, 100, 400)),
    ("aws-session", "FwoGZXIvYXdz", Key(BASE64, 100, OPEN)),
    ("google-secret", "GOCSPX-", Key(KEY, 20, 60)),
    ("heroku-key", "HRKU-", Key(KEY, 36, 80)),
    ("password", "IDENTIFIED BY '", Quoted),
    ("aws-session", "IQoJb3JpZ2lu", Key(BASE64, 100, OPEN)),
    ("alibaba-key", "LTAI", Mixed(ALPHANUMERIC, 17, 26)),
    ("newrelic-key", "NRAK-", Key(UPPER, 27, 27)),
    ("newrelic-key", "NRJS-", Key(HEX, 19, 19)),
    ("password", "PASSWORD '", Quoted),
    ("postman-key", "PMAK-", Key(UUID, 59, 59)),
    ("azure-secret", "Q~", Around(AZURE, 4, 31, 34)),
    ("sendgrid-key", "SG.", Key(DOTTED, 66, 66)),
    ("twilio-key", "SK", Key(HEX, 32, 32)),
    ("basic", "basic ", Scheme(16)),
    ("bearer", "bearer ", Scheme(12)),
    ("buildkite-token", "bkua_", Key(HEX, 40, 40)),
    ("baseten-key", "bstn_", Key(KEY, 20, 80)),
    ("chat-debug-key", "cdk_", Joined(KEY, 80)),
    ("cerebras-key", "csk-", Key(ALPHANUMERIC, 40, 60)),
    ("databricks-token", "dapi", Key(UUID, 32, 34)),
    ("docker-token", "dckr_oat_", Key(KEY, 27, 60)),
    ("docker-token", "dckr_pat_", Key(KEY, 27, 60)),
    ("digitalocean-token", "doo_v1_", Key(HEX, 64, 64)),
    ("digitalocean-token", "dop_v1_", Key(HEX, 64, 64)),
    ("digitalocean-token", "dor_v1_", Key(HEX, 64, 64)),
    ("doppler-token", "dp.ct.", Key(ALPHANUMERIC, 40, 50)),
    ("doppler-token", "dp.pt.", Key(ALPHANUMERIC, 40, 50)),
    ("doppler-token", "dp.sa.", Key(ALPHANUMERIC, 40, 50)),
    ("doppler-token", "dp.scim.", Key(ALPHANUMERIC, 40, 50)),
    ("doppler-token", "dp.st.", Key(DOTTED, 40, 100)),
    ("e2b-key", "e2b_", Key(HEX, 40, 40)),
    ("openai-key", "ek_", Key(HEX, 32, 40)),
    ("jwt", "eyJ", Jwt),
    ("firecrawl-key", "fc-", Key(HEX, 32, 32)),
    ("figma-token", "figd_", Key(KEY, 30, 80)),
    ("fly-token", "fm1r_", Key(BASE64, 100, OPEN)),
    ("fly-token", "fm2_", Key(BASE64, 100, OPEN)),
    ("fly-token", "fo1_", Key(KEY, 40, 60)),
    ("fireworks-key", "fw_", Key(ALPHANUMERIC, 22, 60)),
    ("github-token", "gho_", Key(ALPHANUMERIC, 30, 255)),
    ("github-token", "ghp_", Key(ALPHANUMERIC, 30, 255)),
    ("github-token", "ghr_", Key(ALPHANUMERIC, 30, 255)),
    ("github-token", "ghs_", Key(UNDERSCORE, 30, 600)),
    ("github-token", "ghu_", Key(ALPHANUMERIC, 30, 255)),
    ("github-token", "github_pat_", Key(UNDERSCORE, 40, 255)),
    ("gitlab-token", "glagent-", Key(KEY, 20, 255)),
    ("grafana-token", "glc_", Key(BASE64, 32, 400)),
    ("gitlab-token", "glcbt-", Key(KEY, 20, 255)),
    ("gitlab-token", "gldt-", Key(KEY, 20, 255)),
    ("gitlab-token", "glft-", Key(KEY, 20, 255)),
    ("gitlab-token", "glimt-", Key(KEY, 20, 255)),
    ("gitlab-token", "gloas-", Key(KEY, 20, 255)),
    ("gitlab-token", "glpat-", Key(DOTTED, 20, 400)),
    ("gitlab-token", "glptt-", Key(KEY, 20, 255)),
    ("gitlab-token", "glrt-", Key(DOTTED, 20, 400)),
    ("grafana-token", "glsa_", Key(UNDERSCORE, 32, 60)),
    ("gitlab-token", "glsoat-", Key(KEY, 20, 255)),
    ("groq-key", "gsk_", Key(ALPHANUMERIC, 40, 80)),
    ("huggingface-token", "hf_", Key(ALPHANUMERIC, 30, 60)),
    ("webhook", "hooks.slack.com/", Behind(PATH, 16)),
    ("vault-token", "hvb.", Key(KEY, 24, OPEN)),
    ("vault-token", "hvs.", Key(KEY, 24, OPEN)),
    ("password", "identified by '", Quoted),
    ("user-info", "invalid port ", InvalidPort),
    ("user-info", "jdbc:oracle:thin:", User),
    ("jina-key", "jina_", Key(KEY, 40, 80)),
    ("mailgun-key", "key-", Key(HEX, 32, 32)),
    ("langfuse-key", "lf_sk_", Key(KEY, 20, 80)),
    ("linear-key", "lin_api_", Key(ALPHANUMERIC, 32, 60)),
    ("langsmith-key", "lsv2_", Key(UNDERSCORE, 40, 80)),
    ("neon-key", "napi_", Key(ALPHANUMERIC, 60, 70)),
    ("netlify-token", "nfp_", Key(ALPHANUMERIC, 36, 60)),
    ("npm-token", "npm_", Key(ALPHANUMERIC, 36, 36)),
    ("notion-token", "ntn_", Key(ALPHANUMERIC, 40, 60)),
    ("nvidia-key", "nvapi-", Key(KEY, 40, 100)),
    ("voyage-key", "pa-", Mixed(KEY, 43, 43)),
    ("password", "password ", Login),
    ("password", "password '", Quoted),
    ("airtable-token", "pat", Key(DOTTED, 79, 79)),
    ("pinecone-key", "pcsk_", Key(UNDERSCORE, 40, 100)),
    ("posthog-key", "phx_", Key(ALPHANUMERIC, 40, 60)),
    ("prefect-key", "pnu_", Key(ALPHANUMERIC, 36, 36)),
    ("perplexity-key", "pplx-", Key(ALPHANUMERIC, 40, 64)),
    ("planetscale-token", "pscale_oauth_", Key(DOTTED, 32, 64)),
    ("planetscale-token", "pscale_pw_", Key(DOTTED, 32, 64)),
    ("planetscale-token", "pscale_tkn_", Key(DOTTED, 32, 64)),
    ("pulumi-token", "pul-", Key(HEX, 40, 40)),
    ("pypi-token", "pypi-AgE", Key(KEY, 50, OPEN)),
    ("replicate-token", "r8_", Key(ALPHANUMERIC, 30, 60)),
    ("readme-key", "rdme_", Key(ALPHANUMERIC, 60, 80)),
    ("resend-key", "re_", Mixed(UNDERSCORE, 33, 33)),
    ("stripe-key", "rk_live_", Key(ALPHANUMERIC, 10, 255)),
    ("stripe-key", "rk_test_", Key(ALPHANUMERIC, 10, 255)),
    ("rubygems-key", "rubygems_", Key(HEX, 48, 48)),
    ("supabase-key", "sb_secret_", Key(KEY, 22, 80)),
    ("supabase-key", "sbp_", Key(HEX, 40, 40)),
    ("notion-token", "secret_", Key(ALPHANUMERIC, 43, 43)),
    ("openai-key", "sess-", Key(ALPHANUMERIC, 40, 60)),
    ("shippo-token", "shippo_live_", Key(HEX, 40, 40)),
    ("shopify-token", "shpat_", Key(Class::of("0123456789abcdefABCDEF"), 32, 32)),
    ("shopify-token", "shpca_", Key(Class::of("0123456789abcdefABCDEF"), 32, 32)),
    ("shopify-token", "shppa_", Key(Class::of("0123456789abcdefABCDEF"), 32, 32)),
    ("shopify-token", "shpss_", Key(Class::of("0123456789abcdefABCDEF"), 32, 32)),
    ("openai-key", "sk-", Key(ALPHANUMERIC, 40, 60)),
    ("deepseek-key", "sk-", Key(HEX, 32, 32)),
    ("openai-key", "sk-None-", Key(KEY, 20, 300)),
    ("openai-key", "sk-admin-", Key(KEY, 20, 300)),
    ("anthropic-key", "sk-ant-", Key(KEY, 20, 300)),
    ("langfuse-key", "sk-lf-", Key(UUID, 36, 36)),
    ("litellm-key", "sk-litellm-", Key(KEY, 16, 80)),
    ("openrouter-key", "sk-or-v1-", Key(HEX, 64, 64)),
    ("openai-key", "sk-proj-", Key(KEY, 20, 300)),
    ("openai-key", "sk-service-", Key(KEY, 20, 300)),
    ("openai-key", "sk-svcacct-", Key(KEY, 20, 300)),
    ("elevenlabs-key", "sk_", Key(HEX, 48, 48)),
    ("stripe-key", "sk_live_", Key(ALPHANUMERIC, 10, 255)),
    ("stripe-key", "sk_test_", Key(ALPHANUMERIC, 10, 255)),
    ("dropbox-token", "sl.", Mixed(DOTTED, 100, OPEN)),
    ("sentry-token", "sntrys_", Key(BASE64, 40, OPEN)),
    ("sentry-token", "sntryu_", Key(HEX, 64, 64)),
    ("square-token", "sq0atp-", Key(KEY, 22, 60)),
    ("square-token", "sq0csp-", Key(KEY, 40, 60)),
    ("sonar-token", "sqp_", Key(HEX, 40, 40)),
    ("sonar-token", "squ_", Key(HEX, 40, 40)),
    ("typeform-token", "tfp_", Key(KEY, 40, 80)),
    ("together-key", "tgp_v1_", Key(KEY, 40, 60)),
    ("tailscale-key", "tskey-api-", Key(KEY, 20, 100)),
    ("tailscale-key", "tskey-auth-", Key(KEY, 20, 100)),
    ("tailscale-key", "tskey-client-", Key(KEY, 20, 100)),
    ("tavily-key", "tvly-", Key(KEY, 20, 60)),
    ("vercel-token", "vcp_", Key(ALPHANUMERIC, 40, 80)),
    ("vercel-token", "vercel_blob_rw_", Key(UNDERSCORE, 30, 80)),
    ("stripe-webhook", "whsec_", Key(BASE64, 32, 100)),
    ("xai-key", "xai-", Key(ALPHANUMERIC, 60, 120)),
    ("slack-app", "xapp-", Key(KEY, 20, 200)),
    ("brevo-key", "xkeysib-", Key(KEY, 60, 120)),
    ("slack-token", "xoxa-", Key(KEY, 10, 250)),
    ("slack-token", "xoxb-", Key(KEY, 10, 250)),
    ("slack-token", "xoxc-", Key(KEY, 10, 250)),
    ("slack-token", "xoxd-", Key(Class::alphanumeric("_-+/=%"), 10, 500)),
    ("slack-token", "xoxe-", Key(KEY, 10, 250)),
    ("slack-token", "xoxe.xox", Key(KEY, 20, 250)),
    ("slack-token", "xoxo-", Key(KEY, 10, 250)),
    ("slack-token", "xoxp-", Key(KEY, 10, 250)),
    ("slack-token", "xoxr-", Key(KEY, 10, 250)),
    ("slack-token", "xoxs-", Key(KEY, 10, 250)),
    ("brevo-key", "xsmtpsib-", Key(KEY, 60, 120)),
    ("google-token", "ya29.", Key(DOTTED, 20, OPEN)),
];

/// Bytes behind which a value may be, or that say how a text is to be read, whatever follows them.
const SIGNS: &[u8] = b":=>@%\\&|";
/// Pairs that do the same: a comma behind a quote, an option, short options of users, passwords and cookies.
const SIGN_PAIRS: [&[u8; 2]; 8] = [b"\",", b"',", b"--", b"-a", b"-b", b"-p", b"-u", b"-w"];

/// How shapes begin.
#[cfg(test)]
pub(super) fn prefixes() -> impl Iterator<Item = &'static str> {
    SHAPES.iter().map(|(_, prefix, _)| *prefix)
}

/// Which pairs of bytes something begins with: one bit each.
#[derive(Clone)]
pub(super) struct Pairs(Box<[u8; 8_192]>);

impl fmt::Debug for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pairs")
    }
}

impl Pairs {
    /// Those of the table and of these prefixes, and of what is personal.
    pub(super) fn with<'p>(prefixes: impl Iterator<Item = &'p str>, has_cards: bool, has_ibans: bool) -> Self {
        let mut pairs = Self(Box::new(PAIRS));
        for prefix in prefixes {
            if let [one, two, ..] = prefix.as_bytes() {
                pairs.add(*one, *two);
            }
        }
        for one in (b'2'..=b'6').filter(|_| has_cards) {
            (b'0'..=b'9').for_each(|two| pairs.add(one, two));
        }
        for one in (b'A'..=b'Z').filter(|_| has_ibans) {
            (b'A'..=b'Z').for_each(|two| pairs.add(one, two));
        }
        pairs
    }

    fn add(&mut self, one: u8, two: u8) {
        let pair = usize::from(one) << 8 | usize::from(two);
        if let Some(bits) = self.0.get_mut(pair >> 3) {
            *bits |= 1 << (pair & 7);
        }
    }
}

/// The pairs of the table.
static PAIRS: [u8; 8_192] = pairs();

/// Where the shapes begin that begin with a byte.
static FIRST: [u8; 257] = first();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn pairs() -> [u8; 8_192] {
    let mut pairs = [0; 8_192];
    let mut at = 0;
    while at < SHAPES.len() {
        let prefix = SHAPES[at].1.as_bytes();
        let pair = (prefix[0] as usize) << 8 | prefix[1] as usize;
        pairs[pair >> 3] |= 1 << (pair & 7);
        at += 1;
    }
    let mut at = 0;
    while at < SIGNS.len() {
        let first = (SIGNS[at] as usize) << 5;
        let mut byte = 0;
        while byte < 32 {
            pairs[first + byte] = 0xff;
            byte += 1;
        }
        at += 1;
    }
    let mut at = 0;
    while at < SIGN_PAIRS.len() {
        let pair = (SIGN_PAIRS[at][0] as usize) << 8 | SIGN_PAIRS[at][1] as usize;
        pairs[pair >> 3] |= 1 << (pair & 7);
        at += 1;
    }
    pairs
}

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "evaluated by the compiler")]
const fn first() -> [u8; 257] {
    let mut first = [0; 257];
    let (mut byte, mut at) = (0, 0);
    while byte < 257 {
        while at < SHAPES.len() && (SHAPES[at].1.as_bytes()[0] as usize) < byte {
            at += 1;
        }
        first[byte] = at as u8;
        byte += 1;
    }
    first
}

/// Which pairs a shape or a sign may begin with.
pub(super) fn pairs_of(rules: &Rules) -> &[u8; 8_192] {
    rules.pairs().map_or(&PAIRS, |pairs| &pairs.0)
}

/// Whether a shape or a sign may begin with these two bytes.
#[inline]
pub(super) fn may_begin(pairs: &[u8; 8_192], one: u8, two: u8) -> bool {
    let pair = usize::from(one) << 8 | usize::from(two);
    pairs.get(pair >> 3).is_some_and(|bits| bits >> (pair & 7) & 1 == 1)
}

/// Finds the shape that a text is from end to end.
pub(super) fn whole(text: &str, rules: &Rules, hits: &mut Hits) -> bool {
    let before = hits.len();
    let is_one = Shapes::of(text, false, rules).at(0, hits) == Some(text.len());
    if !is_one {
        hits.truncate(before);
    }
    is_one
}

/// A text that shapes are looked for in.
pub(super) struct Shapes<'t> {
    whole: &'t str,
    text: &'t [u8],
    /// Whether the text was cut, so that a key may be.
    is_cut: bool,
    /// The last unbroken run of base64 that was looked at.
    run: Range<usize>,
    rules: &'t Rules,
}

/// How many characters of a key are enough at the end of a text that was cut.
const CUT: usize = 8;
/// A run of base64 that is longer, and more than twice as long as a shape in it, is data.
const DATA: usize = 200;

impl<'t> Shapes<'t> {
    pub(super) fn of(text: &'t str, is_cut: bool, rules: &'t Rules) -> Self {
        Self { whole: text, text: text.as_bytes(), is_cut, run: 0..0, rules }
    }

    /// Finds the shape that begins at a place, and gives where it ends.
    pub(super) fn at(&mut self, at: usize, hits: &mut Hits) -> Option<usize> {
        let byte = usize::from(*self.text.get(at)?);
        let shapes = usize::from(*FIRST.get(byte)?)..usize::from(*FIRST.get(byte + 1)?);
        let rest = self.text.get(at..)?;
        for (name, prefix, form) in SHAPES.get(shapes)? {
            if rest.starts_with(prefix.as_bytes())
                && let Some(range) = self.found(at, prefix.len(), *form)
            {
                let end = range.end;
                // What stands behind a scheme has no shape of its own.
                let rule = if matches!(form, Scheme(_) | List(_) | Quoted | User | Login) {
                    Rule::Name(name)
                } else {
                    Rule::Shape(name)
                };
                hits.push(range, rule);
                return Some(end);
            }
        }
        let (range, rule) = self.own(at, rest)?;
        let end = range.end;
        hits.push(range, Rule::Shape(rule));
        Some(end)
    }

    /// The operator's own shape that begins at a place.
    fn own(&mut self, at: usize, rest: &[u8]) -> Option<(Range<usize>, &'static str)> {
        for mask in self.rules.masks() {
            if rest.starts_with(mask.prefix.as_bytes())
                && let Some(range) = self.found(at, mask.prefix.len(), Key(mask.class, mask.least, mask.most))
            {
                return Some((range, mask.rule));
            }
        }
        let (end, rule) = match rest.first()? {
            b'2'..=b'6' if self.rules.has_cards() => (at + personal::card(rest)?, "card"),
            b'A'..=b'Z' if self.rules.has_ibans() => (at + personal::iban(rest)?, "iban"),
            _ => return None,
        };
        (self.is_edge(at) && !self.is_within_data(&(at..end))).then_some((at..end, rule))
    }

    fn found(&mut self, at: usize, prefix: usize, form: Form) -> Option<Range<usize>> {
        let start = at + prefix;
        let rest = self.text.get(start..)?;
        match form {
            Key(class, least, most) => {
                let length = self.key(at, rest, class, least, most)?;
                let end = start + length;
                (!self.is_within_data(&(at..end))).then_some(at..end)
            }
            Joined(class, least) => {
                let is_joined = at.checked_sub(1).and_then(|at| self.text.get(at)).is_some_and(|it| b"_-".contains(it));
                let length = self.run_of(rest, class, least, OPEN, || is_joined || self.is_edge(at))?;
                let end = start + length;
                (!self.is_within_data(&(at..end))).then_some(at..end)
            }
            Behind(class, least) => {
                let length = class.run(rest, LONGEST_PATH);
                let is_key = |segment: &[u8]| segment.len() >= least && is_varied(segment);
                let has_key = rest.get(..length)?.split(|byte| *byte == b'/').any(is_key);
                has_key.then(|| start..start + trimmed(rest, length))
            }
            Mixed(class, least, most) => {
                let length = self.key(at, rest, class, least, most)?;
                let end = start + length;
                (is_mixed(rest.get(..length)?) && !self.is_within_data(&(at..end))).then_some(at..end)
            }
            Around(class, before, least, most) => {
                let first = at.checked_sub(before)?;
                let is_head = class.run(self.text.get(first..at)?, before) == before;
                let length = class.run(rest, most + 1);
                let is_one = is_head && (least..=most).contains(&length) && self.is_edge(first);
                (is_one && is_varied(self.text.get(first..start + length)?)).then(|| first..start + length)
            }
            Telegram(least) => {
                let digits = self.text.get(at.saturating_sub(11)..at)?;
                let digits = digits.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
                let is_one = (8..=10).contains(&digits) && KEY.run(rest, least + 1) == least;
                (is_one && is_varied(rest.get(..least)?)).then(|| at - digits..start + least)
            }
            Jwt => self.is_edge(at).then(|| self.jwt(at)).flatten(),
            Pem => self.pem(at, rest),
            Scheme(least) => {
                let value = CREDENTIAL.run(rest, OPEN);
                let value = trimmed(rest, value);
                let key = rest.get(..value)?;
                let is_one =
                    value >= least && is_varied(key) && if prefix == 6 { is_basic(key) } else { is_mixed(key) };
                (is_one && self.is_edge(at)).then(|| start..start + value)
            }
            List(word) => {
                let start = at + word;
                self.is_edge(at).then(|| start..list_end(self.whole, start))
            }
            Quoted => {
                let end = start + rest.iter().take(JUDGED).position(|byte| *byte == b'\'')?;
                (self.is_edge(at) && can_be_credential(self.whole.get(start..end)?)).then_some(start..end)
            }
            User => {
                let end = start + rest.iter().take(JUDGED).position(|byte| *byte == b'@')?;
                can_be_credential(self.whole.get(start..end)?).then_some(start..end)
            }
            Login => {
                let before = self.text.get(at.saturating_sub(JUDGED)..at)?;
                let line = before.rsplit(|byte| *byte == b'\n').next()?;
                let is_login = line.windows(6).any(|word| word == b"login ");
                let end = start + CREDENTIAL.run(rest, JUDGED);
                (is_login && can_be_credential(self.whole.get(start..end)?)).then_some(start..end)
            }
            InvalidPort => {
                let quote = rest.iter().take(4).position(|byte| *byte == b':')? + 1;
                let length = rest.get(quote..)?.iter().position(|byte| b"\"\\ \n".contains(byte))?;
                let port = rest.get(quote..quote + length)?;
                port.iter().any(|byte| !byte.is_ascii_digit()).then(|| start + quote..start + quote + length)
            }
        }
    }

    /// How long a key is behind its prefix, if it is one.
    fn key(&self, at: usize, rest: &[u8], class: Class, least: usize, most: usize) -> Option<usize> {
        self.run_of(rest, class, least, most, || self.is_edge(at))
    }

    fn run_of(
        &self,
        rest: &[u8],
        class: Class,
        least: usize,
        most: usize,
        is_edge: impl Fn() -> bool,
    ) -> Option<usize> {
        // Judged before its end is looked for: a text may hold a prefix as often as it has bytes.
        let length = class.run(rest, least.max(JUDGED));
        let is_end = || matches!(rest.get(length..), Some(b"" | b"..." | b"\xe2\x80\xa6"));
        let is_cut = self.is_cut && length < least && length >= CUT && is_end();
        if (length < least && !is_cut) || !is_edge() || !is_varied(rest.get(..length)?) {
            return None;
        }
        let length = class.run(rest, most.saturating_add(1));
        let length = trimmed(rest, length);
        (length <= most && (length >= least || is_cut)).then_some(length)
    }

    /// Whether something may begin at a place: behind no letter, digit, `_`, `+` or `-`. An escape in front is none.
    fn is_edge(&self, at: usize) -> bool {
        let before = |by: usize| at.checked_sub(by).and_then(|at| self.text.get(at)).copied();
        match before(1) {
            None => true,
            Some(b'n' | b'r' | b't' | b'b' | b'f') => before(2) == Some(b'\\'),
            Some(byte) if byte.is_ascii_alphanumeric() => {
                let escaped = at.checked_sub(6).and_then(|start| self.text.get(start..at));
                escaped.is_some_and(|it| it.starts_with(b"\\u00") && it.iter().skip(4).all(u8::is_ascii_hexdigit))
            }
            Some(byte) => !matches!(byte, b'_' | b'+' | b'-'),
        }
    }

    /// Whether a hit is a small part of an unbroken run of base64: an image, a signature.
    fn is_within_data(&mut self, hit: &Range<usize>) -> bool {
        if !self.run.contains(&hit.start) {
            const OF_DATA: Class = Class::alphanumeric("+/=_-");
            let before = self.text.get(..hit.start).unwrap_or_default();
            let behind = self.text.get(hit.start..).unwrap_or_default();
            let start = hit.start - before.iter().rev().take_while(|byte| OF_DATA.has(**byte)).count();
            self.run = start..hit.start + OF_DATA.run(behind, OPEN);
        }
        let before = hit.start.saturating_sub(self.run.start);
        self.run.len() > DATA && (self.run.len() > 2 * hit.len() || before > DATA)
    }

    /// Three segments of which two are JSON, or the five of an encrypted one. Each is looked at once.
    fn jwt(&self, at: usize) -> Option<Range<usize>> {
        let (mut end, mut dots, mut is_signed) = (at, 0, false);
        loop {
            let rest = self.text.get(end..)?;
            let segment = KEY.run(rest, OPEN);
            end += segment;
            match dots {
                0 if segment < 12 => return None,
                1 => is_signed = rest.starts_with(b"eyJ"),
                2 if is_signed && segment >= 20 => return Some(at..end),
                4 => return (segment >= 16).then_some(at..end),
                _ => {}
            }
            if self.is_cut && end == self.text.len() && end >= at + 3 + CUT {
                return Some(at..end);
            }
            if self.text.get(end) != Some(&b'.') {
                return None;
            }
            (dots, end) = (dots + 1, end + 1);
        }
    }

    /// From the first line to the last, or to the end of the text.
    fn pem(&self, at: usize, rest: &[u8]) -> Option<Range<usize>> {
        const KIND: usize = 48;
        let kind = rest.get(..rest.len().min(KIND))?;
        let kind =
            kind.windows(5).position(|dashes| dashes == PEM_DASHES.as_bytes()).and_then(|end| kind.get(..end))?;
        let is_private = kind.ends_with(b"PRIVATE KEY") || kind.ends_with(b"PRIVATE KEY BLOCK");
        if !is_private {
            return None;
        }
        let start = at + PEM.len() + kind.len() + PEM_DASHES.len();
        let behind = self.text.get(start..)?;
        // Code and prose name a key's first line too.
        let begin = behind.get(..behind.len().min(PEM_HEAD))?;
        let has_key = begin.split(|byte| !BASE64.has(*byte)).any(|line| line.len() >= PEM_LINE);
        if !has_key {
            return None;
        }
        let text = self.whole.get(start..)?;
        let near = text.get(..text.floor_char_boundary(PEM_LONGEST))?;
        let end = near.find("-----END ").map(|end| {
            let last = text.get(end + 9..).unwrap_or_default();
            last.find(PEM_DASHES).filter(|at| *at <= KIND).map_or(text.len(), |at| end + 9 + at + PEM_DASHES.len())
        });
        // Without its last line it goes as far as it looks like one.
        Some(at..start + end.unwrap_or_else(|| OF_PEM.run(behind, OPEN)))
    }
}

/// How a key in PEM begins, and how its first line and its last end.
const PEM: &str = "-----BEGIN ";
const PEM_DASHES: &str = "-----";
/// Where a key's first line of base64 is, in bytes behind the first line.
const PEM_HEAD: usize = 400;
/// The shortest of these lines.
const PEM_LINE: usize = 16;
/// The longest key.
const PEM_LONGEST: usize = 16 * 1024;
/// What a key in PEM is made of, in strings of code too.
const OF_PEM: Class = Class::alphanumeric("+/=-:,_\\\"' \r\n\t");

/// What stands behind a scheme's word.
const CREDENTIAL: Class = Class::alphanumeric("._~+/=-%|:");

/// Without the full stops behind it, which end a sentence.
fn trimmed(bytes: &[u8], length: usize) -> usize {
    let key = bytes.get(..length).unwrap_or_default();
    length - key.iter().rev().take_while(|byte| b".:%".contains(byte)).count()
}

/// Whether a key has letters and digits.
fn is_mixed(key: &[u8]) -> bool {
    key.iter().any(u8::is_ascii_alphabetic) && key.iter().any(u8::is_ascii_digit)
}

/// Whether it is a name and a password in base64.
fn is_basic(key: &[u8]) -> bool {
    let unpadded = key.len() - key.iter().rev().take_while(|byte| **byte == b'=').count();
    let decoded = key.get(..unpadded).and_then(|key| STANDARD_NO_PAD.decode(key).ok());
    decoded.is_some_and(|decoded| decoded.contains(&b':') && decoded.iter().all(|byte| !byte.is_ascii_control()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hits of a text, as it writes them.
    fn found(text: &str) -> Vec<(&'static str, &str)> {
        let mut hits = Hits::default();
        let rules = Rules::default();
        let mut shapes = Shapes::of(text, false, &rules);
        for at in 0..text.len() {
            shapes.at(at, &mut hits);
        }
        hits.merged(text).into_iter().map(|hit| (hit.rule.name(), &text[hit.range])).collect()
    }

    /// A key of a shape, made of what it may have.
    fn example(prefix: &str, class: Class, least: usize) -> String {
        let characters: Vec<char> = (0..128_u8).filter(|byte| class.has(*byte)).map(char::from).collect();
        let letters = characters.iter().filter(|one| one.is_alphanumeric()).cycle().step_by(5);
        prefix.to_owned() + &letters.take(least).collect::<String>()
    }

    #[test]
    fn shapes_are_in_the_order_of_their_first_bytes() {
        assert!(SHAPES.is_sorted_by_key(|(_, prefix, _)| prefix.as_bytes()[0]));
        assert!(SHAPES.iter().all(|(name, prefix, _)| prefix.len() >= 2 && name.len() <= 32));
    }

    #[test]
    fn every_key_is_found_between_its_edges_and_not_beside_them() {
        for (name, prefix, form) in SHAPES {
            let Key(class, least, most) = form else { continue };
            let key = example(prefix, class, least);
            for text in [
                key.clone(),
                format!("see {key}, please"),
                format!("\"{key}\""),
                format!("/v1/{key}"),
                format!("\\n{key}\\n"),
            ] {
                assert_eq!(found(&text), [(name, &*key)], "{text}");
            }
            for text in [format!("x{key}"), format!("_{key}"), format!("-{key}")] {
                assert_eq!(found(&text), [], "{text}");
            }
            assert_eq!(found(&format!("{prefix}{}", "x".repeat(least))), [], "{prefix}");
            if most < 400 {
                let long = example(prefix, class, most + 1);
                assert!(found(&long).iter().all(|(other, _)| *other != name), "{long}");
            }
            let data = format!("{}/{key}/{}", "Qm7xR2vKp9Lw4Zt8".repeat(60), "Yc3Nf6Hb1Jd5Gs0A".repeat(60));
            assert_eq!(found(&data), [], "{prefix}");
        }
    }

    #[test]
    fn a_recorder_key_is_found_with_what_is_joined_to_it() {
        let key = example("cdk_", KEY, 80);
        for (before, behind) in
            [("", ""), ("see ", ", please"), ("old_", ""), ("old-", "-older"), ("", "_2"), ("", "A")]
        {
            let text = format!("{before}{key}{behind}");
            let hits = found(&text);
            let end = behind.trim_end_matches(", please");
            assert_eq!(hits, [("chat-debug-key", &*format!("{key}{end}"))], "{text}");
        }
        for text in [key[..83].to_owned(), format!("x{key}"), format!("cdk_{}", "x".repeat(80))] {
            assert_eq!(found(&text), [], "{text}");
        }
        let data = format!("{}/{key}/{}", "Qm7xR2vKp9Lw4Zt8".repeat(60), "Yc3Nf6Hb1Jd5Gs0A".repeat(60));
        assert_eq!(found(&data), []);
    }

    #[test]
    fn what_has_a_form_of_its_own_is_found() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5";
        for (text, name, key) in [
            (format!("a {token}."), "jwt", token),
            (
                "x abc8Q~Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0 y".to_owned(),
                "azure-secret",
                "abc8Q~Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0",
            ),
            (
                "bot123456789:AAQm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0Ae/x".to_owned(),
                "telegram-token",
                "123456789:AAQm7xR2vKp9Lw4Zt8Yc3Nf6Hb1Jd5Gs0Ae",
            ),
            (
                "https://hooks.slack.com/services/T0A1/B0C2/Qm7xR2vKp9Lw4Zt8 x".to_owned(),
                "webhook",
                "services/T0A1/B0C2/Qm7xR2vKp9Lw4Zt8",
            ),
            ("Bearer Qm7xR2vKp9Lw. Then".to_owned(), "bearer", "Qm7xR2vKp9Lw"),
            ("BASIC YWRtaW46aHVudGVyMg==".to_owned(), "basic", "YWRtaW46aHVudGVyMg=="),
            (
                "a -----BEGIN PRIVATE KEY-----\nQm7xR2vKp9Lw4Zt8\n-----END PRIVATE KEY----- b".to_owned(),
                "private-key",
                "-----BEGIN PRIVATE KEY-----\nQm7xR2vKp9Lw4Zt8\n-----END PRIVATE KEY-----",
            ),
            (
                "a -----BEGIN EC PRIVATE KEY-----\nQm7xR2vKp9Lw4Zt8".to_owned(),
                "private-key",
                "-----BEGIN EC PRIVATE KEY-----\nQm7xR2vKp9Lw4Zt8",
            ),
        ] {
            assert_eq!(found(&text), [(name, key)], "{text}");
        }
        for text in [
            "-----BEGIN PUBLIC KEY-----\nQm7x\n-----END PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE-----\nQm7x",
            "eyJhbGciOiJIUzI1NiJ9.Qm7x.Qm7x",
            "Bearer authentication-is-required",
            "basic understanding1of2things",
            "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
            "AKIAIOSFODNN7EXAMPLE",
            "if key.startswith('-----BEGIN RSA PRIVATE KEY-----'): return load(key, passphrase=None)",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
