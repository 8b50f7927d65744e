//! How credentials look that are known by it.
//!
//! One line of [`SHAPES`] is a rule: its name and how it begins, with a space between, which characters follow and how
//! many. Case counts. The prefixes are facts that their issuers document, and that public rule sets list: gitleaks
//! (MIT), `TruffleHog` (only looked at), GitHub's list of supported patterns (CC BY 4.0). There are no regular
//! expressions: to compile them costs a function's start more than all else.

use super::{
    class::Class,
    tables::{Table, length, split},
};

pub(super) const ALPHANUMERIC: Class = Class::alphanumeric("");
pub(super) const KEY: Class = Class::alphanumeric("_-");
pub(super) const UNDERSCORE: Class = Class::alphanumeric("_");
pub(super) const DOTTED: Class = Class::alphanumeric("_-.");
pub(super) const BASE64: Class = Class::alphanumeric("+/=");
pub(super) const HEX: Class = Class::of("0123456789abcdef");
pub(super) const UPPER: Class = Class::of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
pub(super) const UUID: Class = Class::of("0123456789abcdef-");
pub(super) const AZURE: Class = Class::alphanumeric("_~.-");
pub(super) const DIGITS: Class = Class::of("0123456789");
/// What hashes of passwords are written with: the oldest, all, and their parameters and salts.
const CRYPT: Class = Class::alphanumeric("./");
const HASHED: Class = Class::alphanumeric("./+=-_");
pub(super) const SALT: Class = Class::alphanumeric("./+=-_,:");
pub(super) const PATH: Class = Class::alphanumeric("_-./@%");

/// Any length from the shortest on.
pub(super) const OPEN: u16 = u16::MAX;

/// So many, or as many as there are.
pub(super) fn most(count: u16) -> usize {
    if count == OPEN { usize::MAX } else { count.into() }
}

/// The longest path of a webhook, in bytes.
pub(super) const LONGEST_PATH: usize = 512;

/// How a shape is read after its prefix.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// So many of a class, from and to.
    Key(Class, u16, u16),
    /// So many or more, also joined to a word before it by `_` or `-`: nothing else has the prefix.
    Joined(Class, u16),
    /// As a key, of letters and digits both: the prefix is short, and begins words too.
    Mixed(Class, u16, u16),
    /// The hash of a password: segments of salts and parameters, each of at most so many characters and with a `$`
    /// after it, and so many of a class, from and to.
    Hash(Class, u16, u16, u16),
    /// As a key, of letters and digits as chance has them: what begins so may be words as well.
    Drawn(Class, u16, u16),
    /// A path with a segment of so many of a class, of which the prefix stays. It may stand within a word.
    Behind(Class, u16),
    /// So many characters of a class before the prefix, and so many after it.
    Around(Class, u16, u16, u16),
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
    /// The word of a scheme in any case, and a value of at least so many bytes.
    Scheme(u16),
    /// The word of a scheme, and a list of parameters that the prefix begins.
    List(u16),
    /// A value in quotes, of which the prefix has the first.
    Quoted,
    /// What is said after a word of another language, of so many bytes at least.
    Said(u16),
    /// A user and a password, up to an `@`.
    User,
    /// What Go says of a URL whose password holds a delimiter.
    InvalidPort,
}

use Form::{
    Around, Behind, Discord, Drawn, Hash, InvalidPort, Joined, Jwt, Key, Lines, List, Mixed, Pem, Quoted, Said, Scheme,
    Telegram, User,
};

/// The table, in the order of the first two bytes. A binary has it as [`TABLE`] and [`FORMS`].
pub(super) const SHAPES: [(&str, Form); 328] = [
    ("password-hash $1$", Hash(CRYPT, 8, 22, 22)),
    ("password-hash $2a$", Hash(CRYPT, 2, 53, 53)),
    ("password-hash $2b$", Hash(CRYPT, 2, 53, 53)),
    ("password-hash $2x$", Hash(CRYPT, 2, 53, 53)),
    ("password-hash $2y$", Hash(CRYPT, 2, 53, 53)),
    ("password-hash $5$", Hash(CRYPT, 32, 40, 60)),
    ("password-hash $6$", Hash(CRYPT, 32, 60, 100)),
    ("password-hash $7$", Hash(CRYPT, 64, 40, 60)),
    ("password-hash $apr1$", Hash(CRYPT, 8, 22, 22)),
    ("password-hash $argon2", Hash(HASHED, 64, 16, 200)),
    ("password-hash $gy$", Hash(CRYPT, 64, 40, 60)),
    ("password-hash $pbkdf2", Hash(HASHED, 64, 20, 200)),
    ("password-hash $scrypt$", Hash(HASHED, 64, 20, 200)),
    ("password-hash $y$", Hash(CRYPT, 64, 40, 60)),
    ("azure-key +ABa", Around(BASE64, 76, 8, 8)),
    ("azure-key +AEh", Around(BASE64, 33, 7, 7)),
    ("azure-key +ASb", Around(BASE64, 33, 7, 7)),
    ("azure-key +ASt", Around(BASE64, 76, 8, 8)),
    ("private-key -----BEGIN ", Pem),
    ("mailchimp-key -us", Around(HEX, 32, 1, 2)),
    ("hashicorp-token .atlasv1.", Around(KEY, 14, 60, 80)),
    ("webhook .office.com/webhookb2/", Behind(PATH, 16)),
    ("webhook /api/webhooks/", Behind(PATH, 16)),
    ("webhook /v10/webhooks/", Behind(PATH, 16)),
    ("webhook /v9/webhooks/", Behind(PATH, 16)),
    ("google-token 1//0", Key(KEY, 36, OPEN)),
    ("telegram-token :AA", Telegram(33)),
    ("onepassword-key A3-", Key(UPPER.and("-"), 33, 38)),
    ("twitter-token AAAAAAAAAAAAAAAAAAAAA", Key(Class::alphanumeric("%"), 60, 200)),
    ("aws-key-id ABIA", Key(UPPER, 16, 16)),
    ("bedrock-key ABSK", Key(BASE64, 100, OPEN)),
    ("aws-key-id ACCA", Key(UPPER, 16, 16)),
    ("azure-key ACDb", Around(BASE64, 76, 8, 8)),
    ("age-key AGE-SECRET-KEY-1", Key(UPPER, 50, 70)),
    ("azure-key AIoT", Around(BASE64, 33, 7, 7)),
    ("google-key AIza", Key(KEY, 35, 35)),
    ("jfrog-key AKCp", Key(ALPHANUMERIC, 69, 69)),
    ("aws-key-id AKIA", Key(UPPER, 16, 16)),
    ("tencent-key AKID", Mixed(ALPHANUMERIC, 28, 40)),
    ("octopus-key API-", Key(UPPER, 26, 26)),
    ("google-key AQ.Ab8R", Key(KEY, 30, OPEN)),
    ("yandex-key AQVN", Mixed(KEY, 35, 38)),
    ("aws-key-id ASIA", Key(UPPER, 16, 16)),
    ("atlassian-token ATATT3", Key(Class::alphanumeric("_-="), 100, OPEN)),
    ("bitbucket-token ATBB", Mixed(ALPHANUMERIC, 32, 32)),
    ("atlassian-token ATCTT3", Key(Class::alphanumeric("_-="), 100, OPEN)),
    ("trello-token ATTA", Mixed(ALPHANUMERIC, 72, 72)),
    ("aiven-password AVNS_", Key(KEY, 19, 24)),
    ("azure-key AZDO", Around(ALPHANUMERIC, 76, 4, 4)),
    ("azure-key AzFu", Around(Class::alphanumeric("_-="), 44, 8, 8)),
    ("azure-key AzSe", Around(ALPHANUMERIC, 42, 6, 6)),
    ("basic BASIC ", Scheme(8)),
    ("bearer BEARER ", Scheme(12)),
    ("brave-key BSA", Drawn(KEY, 28, 28)),
    ("basic Basic ", Scheme(8)),
    ("bearer Bearer ", Scheme(12)),
    ("circleci-token CCIPAT_", Key(UNDERSCORE, 40, 80)),
    ("circleci-token CCIPRJ_", Key(UNDERSCORE, 40, 80)),
    ("cockroach-key CCDB1_", Key(UNDERSCORE, 50, 80)),
    ("contentful-token CFPAT-", Key(KEY, 40, 60)),
    ("clojars-token CLOJARS_", Key(ALPHANUMERIC, 60, 60)),
    ("digest Digest username=", List(7)),
    ("facebook-token EAA", Mixed(ALPHANUMERIC, 100, 400)),
    ("square-token EAAA", Mixed(KEY, 60, 60)),
    ("easypost-key EZAK", Key(ALPHANUMERIC, 54, 54)),
    ("easypost-key EZTK", Key(ALPHANUMERIC, 54, 54)),
    ("flutterwave-key FLWSECK-", Key(KEY, 32, 40)),
    ("flutterwave-key FLWSECK_TEST-", Key(KEY, 12, 40)),
    ("aws-session FwoGZXIvYXdz", Key(BASE64, 100, OPEN)),
    ("google-secret GOCSPX-", Key(KEY, 20, 60)),
    ("gitlab-token GR1348941", Key(KEY, 20, 40)),
    ("heroku-key HRKU-", Key(KEY, 36, 80)),
    ("password IDENTIFIED BY '", Quoted),
    ("instagram-token IGAA", Mixed(ALPHANUMERIC, 100, 400)),
    ("instagram-token IGQV", Mixed(KEY, 100, 400)),
    ("aws-session IQoJb3JpZ2lu", Key(BASE64, 100, OPEN)),
    ("azure-key JQQJ9", Around(ALPHANUMERIC, 52, 27, 27)),
    ("alibaba-key LTAI", Mixed(ALPHANUMERIC, 17, 26)),
    ("discord-token MT", Discord),
    ("discord-token Mj", Discord),
    ("discord-token Mz", Discord),
    ("discord-token ND", Discord),
    ("newrelic-key NRAK-", Key(UPPER, 27, 27)),
    ("newrelic-key NRJS-", Key(HEX, 19, 19)),
    ("discord-token NT", Discord),
    ("discord-token Nj", Discord),
    ("discord-token Nz", Discord),
    ("discord-token OD", Discord),
    ("discord-token OT", Discord),
    ("postman-key PMAK-", Key(UUID, 59, 59)),
    ("password Password：", Said(4)),
    ("private-key Private-Lines: ", Lines),
    ("azure-secret Q~", Around(AZURE, 4, 31, 34)),
    ("password-hash SCRAM-SHA-256$", Hash(HASHED.and(":"), 64, 60, 120)),
    ("sendgrid-key SG.", Key(DOTTED, 66, 66)),
    ("twilio-key SK", Key(HEX, 32, 32)),
    ("linkedin-token WPL_AP1.", Key(Class::alphanumeric(".="), 20, 80)),
    ("plaid-token access-development-", Key(UUID, 36, 36)),
    ("plaid-token access-production-", Key(UUID, 36, 36)),
    ("plaid-token access-sandbox-", Key(UUID, 36, 36)),
    ("braintree-token access_token$", Key(Class::alphanumeric("$"), 40, 80)),
    ("huggingface-token api_org_", Key(ALPHANUMERIC, 30, 60)),
    ("apify-token apify_api_", Key(ALPHANUMERIC, 30, 50)),
    ("dify-key app-", Drawn(ALPHANUMERIC, 24, 24)),
    ("password-hash argon2$argon2", Hash(HASHED, 64, 16, 200)),
    ("modal-token as-", Drawn(ALPHANUMERIC, 22, 22)),
    ("basic basic ", Scheme(8)),
    ("browserbase-key bb_live_", Key(KEY, 20, 60)),
    ("baidu-key bce-v3/ALTAK-", Key(Class::alphanumeric("/-"), 40, 120)),
    ("bearer bearer ", Scheme(12)),
    ("bedrock-key bedrock-api-key-", Key(BASE64, 100, OPEN)),
    ("buildkite-token bkua_", Key(HEX, 40, 40)),
    ("baseten-key bstn_", Key(KEY, 20, 80)),
    ("browseruse-key bu_", Drawn(KEY, 43, 43)),
    ("calcom-key cal_live_", Key(HEX, 32, 32)),
    ("chat-debug-key cdk_", Joined(KEY, 80)),
    ("cloudflare-token cfat_", Key(KEY, 40, 60)),
    ("cloudflare-token cfk_", Key(KEY, 40, 60)),
    ("cloudflare-token cfut_", Key(KEY, 40, 60)),
    ("crates-token cio", Drawn(ALPHANUMERIC, 32, 32)),
    ("jfrog-token cmVmdGtu", Key(ALPHANUMERIC, 50, 64)),
    ("cerebras-key csk-", Key(ALPHANUMERIC, 40, 60)),
    ("intercom-token dG9rOj", Mixed(BASE64, 30, 120)),
    ("databricks-token dapi", Key(UUID, 32, 34)),
    ("docker-token dckr_oat_", Key(KEY, 27, 60)),
    ("docker-token dckr_pat_", Key(KEY, 27, 60)),
    ("digitalocean-token doo_v1_", Key(HEX, 64, 64)),
    ("digitalocean-token dop_v1_", Key(HEX, 64, 64)),
    ("digitalocean-token dor_v1_", Key(HEX, 64, 64)),
    ("databricks-token dose", Key(HEX, 32, 32)),
    ("doppler-token dp.ct.", Key(ALPHANUMERIC, 40, 50)),
    ("doppler-token dp.pt.", Key(ALPHANUMERIC, 40, 50)),
    ("doppler-token dp.sa.", Key(ALPHANUMERIC, 40, 50)),
    ("doppler-token dp.scim.", Key(ALPHANUMERIC, 40, 50)),
    ("doppler-token dp.st.", Key(DOTTED, 40, 100)),
    ("dynatrace-token dt0c01.", Key(DOTTED, 80, 100)),
    ("daytona-key dtn_", Key(HEX, 64, 64)),
    ("duffel-token duffel_live_", Key(Class::alphanumeric("_-="), 43, 43)),
    ("duffel-token duffel_test_", Key(Class::alphanumeric("_-="), 43, 43)),
    ("e2b-key e2b_", Key(HEX, 40, 40)),
    ("openai-key ek_", Key(HEX, 32, 40)),
    ("password ennwort", Said(4)),
    ("jwt eyJ", Jwt),
    ("grafana-token eyJrIjoi", Key(BASE64, 40, 400)),
    ("firecrawl-key fc-", Key(HEX, 32, 32)),
    ("figma-token figd_", Key(KEY, 30, 80)),
    ("frameio-token fio-u-", Key(Class::alphanumeric("_-="), 64, 64)),
    ("fly-token fm1a_", Key(BASE64, 100, OPEN)),
    ("fly-token fm1r_", Key(BASE64, 100, OPEN)),
    ("fly-token fm2_", Key(BASE64, 100, OPEN)),
    ("fly-token fo1_", Key(KEY, 40, 60)),
    ("fireworks-key fw_", Key(ALPHANUMERIC, 22, 60)),
    ("github-token gho_", Key(ALPHANUMERIC, 30, 255)),
    ("github-token ghp_", Key(ALPHANUMERIC, 30, 255)),
    ("github-token ghr_", Key(ALPHANUMERIC, 30, 255)),
    ("github-token ghs_", Key(DOTTED, 30, 1_200)),
    ("github-token ghu_", Key(ALPHANUMERIC, 30, 255)),
    ("github-token github_pat_", Key(UNDERSCORE, 40, 255)),
    ("gitlab-token glagent-", Key(KEY, 20, 255)),
    ("grafana-token glc_", Key(BASE64, 32, 400)),
    ("gitlab-token glcbt-", Key(KEY, 20, 255)),
    ("gitlab-token gldt-", Key(KEY, 20, 255)),
    ("gitlab-token glffct-", Key(KEY, 20, 255)),
    ("gitlab-token glft-", Key(KEY, 20, 255)),
    ("gitlab-token glimt-", Key(KEY, 20, 255)),
    ("gitlab-token gloas-", Key(KEY, 20, 255)),
    ("gitlab-token glpat-", Key(DOTTED, 20, 400)),
    ("gitlab-token glptt-", Key(KEY, 20, 255)),
    ("gitlab-token glrt-", Key(DOTTED, 20, 400)),
    ("grafana-token glsa_", Key(UNDERSCORE, 32, 60)),
    ("gitlab-token glsoat-", Key(KEY, 20, 255)),
    ("groq-key gsk_", Key(ALPHANUMERIC, 40, 80)),
    ("honeycomb-key hcaik_", Key(UNDERSCORE, 50, 80)),
    ("huggingface-token hf_", Key(ALPHANUMERIC, 30, 60)),
    ("webhook hooks.slack.com/", Behind(PATH, 16)),
    ("webhook hooks.zapier.com/hooks/catch/", Behind(PATH, 6)),
    ("vault-token hvb.", Key(KEY, 24, OPEN)),
    ("vault-token hvr.", Key(KEY, 24, OPEN)),
    ("vault-token hvs.", Key(KEY, 24, OPEN)),
    ("infracost-key ico-", Key(ALPHANUMERIC, 32, 32)),
    ("password identified by '", Quoted),
    ("user-info invalid port ", InvalidPort),
    ("user-info jdbc:oracle:thin:", User),
    ("jina-key jina_", Key(KEY, 40, 80)),
    ("mailgun-key key-", Key(HEX, 32, 32)),
    ("runway-key key_", Key(HEX, 128, 128)),
    ("langfuse-key lf_sk_", Key(KEY, 20, 80)),
    ("linear-key lin_api_", Key(ALPHANUMERIC, 32, 60)),
    ("llamacloud-key llx-", Key(ALPHANUMERIC, 40, 60)),
    ("langsmith-key lsv2_", Key(UNDERSCORE, 40, 80)),
    ("luma-key luma-", Drawn(KEY, 36, 100)),
    ("atlas-secret mdb_sa_sk_", Key(KEY, 30, 60)),
    ("neon-key napi_", Key(ALPHANUMERIC, 60, 70)),
    ("netlify-token nfp_", Key(ALPHANUMERIC, 36, 60)),
    ("nomic-key nk-", Drawn(KEY, 43, 43)),
    ("npm-token npm_", Key(ALPHANUMERIC, 36, 36)),
    ("notion-token ntn_", Key(ALPHANUMERIC, 40, 60)),
    ("nvidia-key nvapi-", Key(KEY, 40, 100)),
    ("onepassword-token ops_eyJ", Key(BASE64, 100, OPEN)),
    ("ory-token ory_at_", Key(DOTTED, 40, 120)),
    ("ory-token ory_pat_", Key(DOTTED, 30, 120)),
    ("ory-token ory_rt_", Key(DOTTED, 40, 120)),
    ("onesignal-key os_v2_app_", Key(ALPHANUMERIC, 60, 140)),
    ("nuget-key oy2", Mixed(ALPHANUMERIC, 43, 43)),
    ("adobe-token p8e-", Key(ALPHANUMERIC, 32, 32)),
    ("voyage-key pa-", Mixed(KEY, 43, 43)),
    ("airtable-token pat", Key(DOTTED, 79, 79)),
    ("hubspot-token pat-eu1-", Key(UUID, 36, 36)),
    ("hubspot-token pat-na1-", Key(UUID, 36, 36)),
    ("hubspot-token pat-na2-", Key(UUID, 36, 36)),
    ("harness-token pat.", Mixed(DOTTED, 68, 68)),
    ("coze-token pat_", Mixed(ALPHANUMERIC, 64, 64)),
    ("password password：", Said(4)),
    ("password-hash pbkdf2:sha", Hash(HASHED, 64, 40, 200)),
    ("password-hash pbkdf2_sha", Hash(HASHED, 64, 27, 200)),
    ("pinecone-key pcsk_", Key(UNDERSCORE, 40, 100)),
    ("posthog-key phs_", Key(ALPHANUMERIC, 40, 60)),
    ("posthog-key phx_", Key(ALPHANUMERIC, 40, 60)),
    ("klaviyo-key pk_", Key(HEX, 34, 34)),
    ("clickup-token pk_", Mixed(UPPER.and("_"), 38, 43)),
    ("prefect-key pnu_", Key(ALPHANUMERIC, 36, 36)),
    ("perplexity-key pplx-", Key(ALPHANUMERIC, 40, 64)),
    ("planetscale-token pscale_oauth_", Key(DOTTED, 32, 64)),
    ("planetscale-token pscale_pw_", Key(DOTTED, 32, 64)),
    ("planetscale-token pscale_tkn_", Key(DOTTED, 32, 64)),
    ("pulumi-token pul-", Key(HEX, 40, 40)),
    ("logfire-token pylf_v", Key(UNDERSCORE, 30, 80)),
    ("pypi-token pypi-AgE", Key(KEY, 50, OPEN)),
    ("replicate-token r8_", Key(ALPHANUMERIC, 30, 60)),
    ("password raseña", Said(4)),
    ("readme-key rdme_", Key(ALPHANUMERIC, 60, 80)),
    ("resend-key re_", Mixed(UNDERSCORE, 33, 33)),
    ("stripe-key rk_live_", Key(ALPHANUMERIC, 10, 255)),
    ("stripe-key rk_prod_", Key(ALPHANUMERIC, 10, 255)),
    ("stripe-key rk_test_", Key(ALPHANUMERIC, 10, 255)),
    ("render-key rnd_", Drawn(ALPHANUMERIC, 28, 40)),
    ("runpod-key rpa_", Key(UPPER, 40, 60)),
    ("rubygems-key rubygems_", Key(HEX, 48, 48)),
    ("harness-token sat.", Mixed(DOTTED, 68, 68)),
    ("supabase-key sb_secret_", Key(KEY, 22, 80)),
    ("supabase-key sbp_", Key(HEX, 40, 40)),
    ("password-hash scrypt:32768:8:1$", Hash(HASHED, 64, 40, 200)),
    ("notion-token secret_", Key(ALPHANUMERIC, 43, 43)),
    ("openai-key sess-", Key(ALPHANUMERIC, 40, 60)),
    ("api-key secret-token:", Key(DOTTED, 16, 200)),
    ("sourcegraph-token sgp_", Key(UNDERSCORE, 40, 60)),
    ("openshift-token sha256~", Key(KEY, 43, 43)),
    ("shippo-token shippo_live_", Key(HEX, 40, 40)),
    ("shopify-token shpat_", Key(Class::of("0123456789abcdefABCDEF"), 32, 32)),
    ("shopify-token shpca_", Key(Class::of("0123456789abcdefABCDEF"), 32, 32)),
    ("shopify-token shppa_", Key(Class::of("0123456789abcdefABCDEF"), 32, 32)),
    ("shopify-token shpss_", Key(Class::of("0123456789abcdefABCDEF"), 32, 32)),
    ("shopify-token shptka_", Key(Class::of("0123456789abcdefABCDEF"), 32, 32)),
    ("shopify-token shpua_", Key(Class::of("0123456789abcdefABCDEF"), 32, 32)),
    ("inngest-key signkey-prod-", Key(HEX, 64, 64)),
    ("openai-key sk-", Key(ALPHANUMERIC, 40, 60)),
    ("deepseek-key sk-", Key(HEX, 32, 32)),
    ("openai-key sk-None-", Key(KEY, 20, 300)),
    ("openai-key sk-admin-", Key(KEY, 20, 300)),
    ("anthropic-key sk-ant-", Key(KEY, 20, 300)),
    ("helicone-key sk-helicone-", Key(KEY, 20, 80)),
    ("langfuse-key sk-lf-", Key(UUID, 36, 36)),
    ("litellm-key sk-litellm-", Key(KEY, 16, 80)),
    ("openrouter-key sk-or-v1-", Key(HEX, 64, 64)),
    ("openai-key sk-proj-", Key(KEY, 20, 300)),
    ("openai-key sk-service-", Key(KEY, 20, 300)),
    ("openai-key sk-svcacct-", Key(KEY, 20, 300)),
    ("mapbox-token sk.eyJ", Key(DOTTED, 60, OPEN)),
    ("elevenlabs-key sk_", Key(HEX, 48, 48)),
    ("stripe-key sk_live_", Key(ALPHANUMERIC, 10, 255)),
    ("stripe-key sk_org_", Key(UNDERSCORE, 20, 255)),
    ("stripe-key sk_prod_", Key(ALPHANUMERIC, 10, 255)),
    ("stripe-key sk_test_", Key(ALPHANUMERIC, 10, 255)),
    ("api-key sk-", Mixed(ALPHANUMERIC, 20, 60)),
    ("api-key sk-", Drawn(KEY, 18, 200)),
    ("heygen-key sk_V2_", Key(UNDERSCORE, 30, 80)),
    ("cartesia-key sk_car_", Key(ALPHANUMERIC, 20, 60)),
    ("dropbox-token sl.", Mixed(DOTTED, 100, OPEN)),
    ("sentry-token sntrys_", Key(BASE64, 40, OPEN)),
    ("sentry-token sntryu_", Key(HEX, 64, 64)),
    ("square-token sq0atp-", Key(KEY, 22, 60)),
    ("square-token sq0csp-", Key(KEY, 40, 60)),
    ("sonar-token sqp_", Key(HEX, 40, 40)),
    ("sonar-token squ_", Key(HEX, 40, 40)),
    ("yandex-token t1.", Mixed(DOTTED, 100, OPEN)),
    ("typeform-token tfp_", Key(KEY, 40, 80)),
    ("together-key tgp_v1_", Key(KEY, 40, 60)),
    ("trigger-key tr_dev_", Drawn(ALPHANUMERIC, 20, 24)),
    ("trigger-key tr_prod_", Drawn(ALPHANUMERIC, 20, 24)),
    ("tailscale-key tskey-api-", Key(KEY, 20, 100)),
    ("tailscale-key tskey-auth-", Key(KEY, 20, 100)),
    ("tailscale-key tskey-client-", Key(KEY, 20, 100)),
    ("tavily-key tvly-", Key(KEY, 20, 60)),
    ("upstage-key up_", Drawn(ALPHANUMERIC, 28, 28)),
    ("vercel-token vca_", Key(ALPHANUMERIC, 40, 80)),
    ("vercel-token vci_", Key(ALPHANUMERIC, 40, 80)),
    ("vercel-token vck_", Key(ALPHANUMERIC, 40, 80)),
    ("vercel-token vcp_", Key(ALPHANUMERIC, 40, 80)),
    ("vercel-token vcr_", Key(ALPHANUMERIC, 40, 80)),
    ("vercel-token vercel_blob_rw_", Key(UNDERSCORE, 30, 80)),
    ("vk-token vk1.a.", Key(KEY, 80, OPEN)),
    ("wandb-key wandb_v1_", Key(KEY, 40, 120)),
    ("stripe-webhook whsec_", Key(BASE64, 32, 100)),
    ("xai-key xai-", Key(ALPHANUMERIC, 60, 120)),
    ("slack-app xapp-", Key(KEY, 20, 200)),
    ("brevo-key xkeysib-", Key(KEY, 60, 120)),
    ("slack-token xoxa-", Key(KEY, 10, 250)),
    ("slack-token xoxb-", Key(KEY, 10, 250)),
    ("slack-token xoxc-", Key(KEY, 10, 250)),
    ("slack-token xoxd-", Key(Class::alphanumeric("_-+/=%"), 10, 500)),
    ("slack-token xoxe-", Key(KEY, 10, 250)),
    ("slack-token xoxe.xox", Key(KEY, 20, 250)),
    ("slack-token xoxo-", Key(KEY, 10, 250)),
    ("slack-token xoxp-", Key(KEY, 10, 250)),
    ("slack-token xoxr-", Key(KEY, 10, 250)),
    ("slack-token xoxs-", Key(KEY, 10, 250)),
    ("bitcoin-key xprv", Key(ALPHANUMERIC, 107, 108)),
    ("brevo-key xsmtpsib-", Key(KEY, 60, 120)),
    ("slack-token xwfp-", Key(KEY, 10, 250)),
    ("yandex-token y0_", Mixed(KEY, 50, 64)),
    ("google-token ya29.", Key(DOTTED, 20, OPEN)),
    ("password-hash {SSHA", Key(BASE64.and("}"), 30, OPEN)),
    ("password ароль", Said(4)),
    ("password パスワード", Said(4)),
    ("password 密码", Said(4)),
    ("password 密碼", Said(4)),
    ("api-key 密钥", Said(16)),
    ("password 비밀번호", Said(4)),
];

type AroundColon = (&'static str, u8, (Class, usize, usize), (Class, usize));

/// Tokens of two parts with a colon between: what ends with so many of a class after a sign, from and to, and so many
/// of a class. They begin with a digit and the sign.
pub(super) const AROUND_COLON: [AroundColon; 2] = [
    ("asana-token", b'/', (DIGITS, 13, 20), (HEX, 32)),
    ("bitwarden-token", b'.', (ALPHANUMERIC, 30, 30), (BASE64, 24)),
];

const COUNT: usize = SHAPES.len();
const TEXTS: [&str; COUNT] = texts();
/// What shapes are called and begin with, and how they go on.
static TABLE: Table<COUNT, { length(&TEXTS) }> = Table::of(&TEXTS);
static FORMS: [Form; COUNT] = forms();

/// How shapes begin.
pub(super) fn prefixes() -> impl Iterator<Item = &'static [u8]> {
    (0..COUNT).filter_map(|at| TABLE.word(at))
}

/// Where the shapes begin that begin with a byte.
static FIRST: [u16; 257] = first();

/// The shapes whose prefixes a text begins with: the name of each, how long its prefix is, and its form.
pub(super) fn shapes_of(text: &[u8]) -> impl Iterator<Item = (&'static str, usize, Form)> {
    let bound = |byte: usize| FIRST.get(byte).copied().map_or(0, usize::from);
    let first = text.first().map_or(256, |byte| usize::from(*byte));
    let second = |at: usize| TABLE.word(at)?.get(1).copied();
    // Of the same first byte, those with the text's second are together.
    let (mut start, mut end) = (bound(first), bound(first + 1));
    let (all, wanted) = (end, text.get(1).copied());
    while start < end {
        let middle = start.midpoint(end);
        if second(middle) < wanted {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    let of_both = (start..all).take_while(move |at| second(*at) == wanted);
    of_both.filter_map(|at| {
        let prefix = TABLE.word(at).filter(|prefix| text.starts_with(prefix))?;
        Some((TABLE.rule(at)?, prefix.len(), *FORMS.get(at)?))
    })
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn texts() -> [&'static str; COUNT] {
    let (mut texts, mut at) = ([""; COUNT], 0);
    while at < COUNT {
        texts[at] = SHAPES[at].0;
        at += 1;
    }
    texts
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn forms() -> [Form; COUNT] {
    let (mut forms, mut at) = ([Pem; COUNT], 0);
    while at < COUNT {
        forms[at] = SHAPES[at].1;
        at += 1;
    }
    forms
}

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "evaluated by the compiler")]
const fn first() -> [u16; 257] {
    let mut first = [0; 257];
    let (mut byte, mut at) = (0, 0);
    while byte < 257 {
        while at < COUNT && (split(TEXTS[at]).1.as_bytes()[0] as usize) < byte {
            at += 1;
        }
        first[byte] = at as u16;
        byte += 1;
    }
    first
}
