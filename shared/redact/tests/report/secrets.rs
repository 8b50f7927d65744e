//! Credentials of every kind, made up anew each time.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use fastrand::Rng;

/// A kind of credential.
#[derive(Clone, Copy)]
pub(crate) struct Secret {
    pub(crate) name: &'static str,
    make: fn(&mut Rng) -> Made,
}

/// One that was made.
#[derive(Clone)]
pub(crate) struct Made {
    /// The name that gives it away; empty when it is known by itself.
    pub(crate) name: &'static str,
    /// What stands around it and stays.
    pub(crate) before: String,
    /// What has to go.
    pub(crate) secret: String,
    /// What stands behind it and stays.
    pub(crate) after: String,
}

impl Secret {
    pub(crate) fn make(&self, rng: &mut Rng) -> Made {
        (self.make)(rng)
    }
}

impl Made {
    /// As a text has it.
    pub(crate) fn written(&self) -> String {
        format!("{}{}{}", self.before, self.secret, self.after)
    }

    /// Pieces of which none may be left, however it is cut.
    pub(crate) fn fragments(&self) -> Vec<String> {
        let characters: Vec<char> = self.secret.chars().collect();
        let length = characters.len().min(12);
        characters.windows(length).step_by(4).map(|window| window.iter().collect()).collect()
    }
}

fn shaped(secret: String) -> Made {
    around("", secret, "")
}

fn around(before: &str, secret: String, after: &str) -> Made {
    Made { name: "", before: before.to_owned(), secret, after: after.to_owned() }
}

fn named(name: &'static str, secret: String) -> Made {
    Made { name, before: String::new(), secret, after: String::new() }
}

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const HEX: &str = "0123456789abcdef";
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const KEY: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn drawn(rng: &mut Rng, of: &str, length: usize) -> String {
    (0..length).map(|_| char::from(of.as_bytes()[rng.usize(..of.len())])).collect()
}

/// Of letters and digits, both.
fn mixed(rng: &mut Rng, length: usize) -> String {
    loop {
        let text = drawn(rng, ALPHANUMERIC, length);
        if text.bytes().any(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
            return text;
        }
    }
}

/// Of capitals, small letters and digits as chance has them.
fn drawn_key(rng: &mut Rng, length: usize) -> String {
    (0..length / 4)
        .map(|_| drawn(rng, "ABCDEF", 1) + &drawn(rng, "0123456789", 1) + &drawn(rng, "abcdefgh", 2))
        .collect()
}

/// Ends in a letter, so that where it ends is no question.
fn key(rng: &mut Rng, prefix: &str, of: &str, length: usize) -> String {
    format!("{prefix}{}{}", drawn(rng, of, length - 1), drawn(rng, "ABCDEF", 1))
}

fn json_web_token(rng: &mut Rng) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"sub":"{}","exp":1767225600}}"#, drawn(rng, HEX, 12)));
    format!("{header}.{claims}.{}", key(rng, "", KEY, 43))
}

fn uuid(rng: &mut Rng) -> String {
    [8, 4, 4, 4, 12].map(|length| drawn(rng, HEX, length)).join("-")
}

const fn kind(name: &'static str, make: fn(&mut Rng) -> Made) -> Secret {
    Secret { name, make }
}

pub(crate) const SECRETS: &[Secret] = &[
    kind("openai", |rng| shaped(key(rng, "sk-proj-", KEY, 120))),
    kind("openai, old", |rng| shaped(key(rng, "sk-", ALPHANUMERIC, 48))),
    kind("openai, service", |rng| shaped(key(rng, "sk-svcacct-", KEY, 60))),
    kind("openai, admin", |rng| shaped(key(rng, "sk-admin-", KEY, 60))),
    kind("anthropic", |rng| shaped(key(rng, "sk-ant-api03-", KEY, 90))),
    kind("google key", |rng| shaped(key(rng, "AIza", KEY, 35))),
    kind("google token", |rng| shaped(key(rng, "ya29.", KEY, 60))),
    kind("aws key id", |rng| shaped(format!("AKIA{}", drawn(rng, UPPER, 16)))),
    kind("aws session key id", |rng| shaped(format!("ASIA{}", drawn(rng, UPPER, 16)))),
    kind("aws session token", |rng| shaped(key(rng, "IQoJb3JpZ2lu", BASE64, 300))),
    kind("aws secret key", |rng| named("aws_secret_access_key", key(rng, "", BASE64, 40))),
    kind("azure secret", |rng| shaped(format!("{}8Q~{}", drawn(rng, ALPHANUMERIC, 3), mixed(rng, 34)))),
    kind("azure storage", |rng| {
        let key = STANDARD.encode(drawn(rng, ALPHANUMERIC, 64));
        let before = "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=";
        around(before, key, ";EndpointSuffix=core.windows.net")
    }),
    kind("github", |rng| shaped(key(rng, "ghp_", ALPHANUMERIC, 36))),
    kind("github, server", |rng| shaped(key(rng, "ghs_", ALPHANUMERIC, 36))),
    kind("github, fine", |rng| shaped(format!("github_pat_{}_{}", mixed(rng, 22), mixed(rng, 59)))),
    kind("gitlab", |rng| shaped(key(rng, "glpat-", KEY, 20))),
    kind("slack", |rng| {
        shaped(format!("xoxb-{}-{}-{}", drawn(rng, "123456789", 12), drawn(rng, "123456789", 12), mixed(rng, 24)))
    }),
    kind("slack app", |rng| {
        shaped(format!("xapp-1-A{}-{}-{}", drawn(rng, UPPER, 10), drawn(rng, "123456789", 13), drawn(rng, HEX, 64)))
    }),
    kind("stripe", |rng| shaped(key(rng, "sk_live_", ALPHANUMERIC, 24))),
    kind("stripe, restricted", |rng| shaped(key(rng, "rk_test_", ALPHANUMERIC, 99))),
    kind("stripe webhook", |rng| shaped(key(rng, "whsec_", ALPHANUMERIC, 32))),
    kind("twilio", |rng| shaped(format!("SK{}", drawn(rng, HEX, 32)))),
    kind("sendgrid", |rng| shaped(format!("SG.{}.{}", drawn(rng, KEY, 22), key(rng, "", KEY, 43)))),
    kind("huggingface", |rng| shaped(key(rng, "hf_", LETTERS, 34))),
    kind("npm", |rng| shaped(key(rng, "npm_", ALPHANUMERIC, 36))),
    kind("pypi", |rng| shaped(key(rng, "pypi-AgEIcHlwaS5vcmc", KEY, 150))),
    kind("groq", |rng| shaped(key(rng, "gsk_", ALPHANUMERIC, 52))),
    kind("xai", |rng| shaped(key(rng, "xai-", ALPHANUMERIC, 80))),
    kind("openrouter", |rng| shaped(format!("sk-or-v1-{}", drawn(rng, HEX, 64)))),
    kind("perplexity", |rng| shaped(key(rng, "pplx-", ALPHANUMERIC, 48))),
    kind("replicate", |rng| shaped(key(rng, "r8_", ALPHANUMERIC, 37))),
    kind("langfuse", |rng| shaped(format!("sk-lf-{}", uuid(rng)))),
    kind("langsmith", |rng| shaped(format!("lsv2_pt_{}_{}", drawn(rng, HEX, 32), drawn(rng, HEX, 10)))),
    kind("vault", |rng| shaped(key(rng, "hvs.CAES", KEY, 90))),
    kind("databricks", |rng| shaped(format!("dapi{}", drawn(rng, HEX, 32)))),
    kind("digitalocean", |rng| shaped(format!("dop_v1_{}", drawn(rng, HEX, 64)))),
    kind("shopify", |rng| shaped(format!("shpat_{}", drawn(rng, HEX, 32)))),
    kind("linear", |rng| shaped(key(rng, "lin_api_", ALPHANUMERIC, 40))),
    kind("notion", |rng| shaped(key(rng, "ntn_", ALPHANUMERIC, 46))),
    kind("telegram", |rng| shaped(format!("{}:AA{}", rng.u32(100_000_000..999_999_999), key(rng, "", KEY, 33)))),
    kind("jwt", |rng| shaped(json_web_token(rng))),
    kind("private key", |rng| {
        let lines: Vec<_> = (0..12).map(|_| drawn(rng, BASE64, 64)).collect();
        shaped(format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----", lines.join("\n")))
    }),
    kind("private key of ssh", |rng| {
        let lines: Vec<_> = (0..5).map(|_| drawn(rng, BASE64, 70)).collect();
        shaped(format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----", lines.join("\n")))
    }),
    kind("slack webhook", |rng| {
        let path = format!("T{}/B{}/{}", drawn(rng, UPPER, 10), drawn(rng, UPPER, 10), mixed(rng, 24));
        around("https://hooks.slack.com/", format!("services/{path}"), "")
    }),
    kind("discord webhook", |rng| {
        let path = format!("{}/{}", drawn(rng, "123456789", 18), key(rng, "", KEY, 68));
        around("https://discord.com/api/webhooks/", path, "")
    }),
    kind("bearer", |rng| around("Bearer ", mixed(rng, 40), "")),
    kind("basic", |rng| around("Basic ", STANDARD.encode(format!("admin:{}", mixed(rng, 18))), "")),
    kind("postgres", |rng| around("postgres://", format!("app:{}", mixed(rng, 18)), "@db.internal:5432/app")),
    kind("amqp", |rng| around("amqps://", format!("user:{}", mixed(rng, 24)), "@mq.example.com/vhost")),
    kind("password", |rng| named("password", mixed(rng, 14))),
    kind("password with signs", |rng| {
        named("DB_PASSWORD", format!("{}!{}#{}", mixed(rng, 5), drawn(rng, LETTERS, 4), mixed(rng, 4)))
    }),
    kind("password of letters", |rng| {
        let pairs: Vec<_> = (0..8)
            .map(|_| drawn(rng, "abcdefghijklmnopqrstuvwxyz", 1) + &drawn(rng, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1))
            .collect();
        named("passwd", pairs.concat())
    }),
    kind("api key of hex", |rng| named("api_key", drawn(rng, HEX, 32))),
    kind("api key, a uuid", |rng| named("x-api-key", uuid(rng))),
    kind("client secret", |rng| named("clientSecret", key(rng, "", KEY, 40))),
    kind("refresh token", |rng| named("refresh_token", key(rng, "", KEY, 64))),
    kind("private key by name", |rng| named("privateKey", drawn(rng, HEX, 64))),
    kind("cohere, by name", |rng| named("COHERE_API_KEY", mixed(rng, 40))),
    kind("mistral, by name", |rng| named("MISTRAL_API_KEY", mixed(rng, 32))),
    kind("deepgram, by name", |rng| named("deepgram-api-key", drawn(rng, HEX, 40))),
    kind("azure openai, by name", |rng| named("AZURE_OPENAI_KEY", drawn(rng, HEX, 32))),
    kind("datadog, by name", |rng| named("DD_API_KEY", drawn(rng, HEX, 32))),
    kind("deepseek", |rng| shaped(key(rng, "sk-", HEX, 32).to_lowercase())),
    kind("anthropic admin", |rng| shaped(key(rng, "sk-ant-admin01-", KEY, 86))),
    kind("openrouter", |rng| shaped(format!("sk-or-v1-{}", drawn(rng, HEX, 64)))),
    kind("nvidia", |rng| shaped(key(rng, "nvapi-", KEY, 64))),
    kind("tavily", |rng| shaped(key(rng, "tvly-dev-", ALPHANUMERIC, 32))),
    kind("pinecone", |rng| shaped(format!("pcsk_{}_{}", mixed(rng, 5), mixed(rng, 63)))),
    kind("cerebras", |rng| shaped(key(rng, "csk-", "abcdefghijklmnopqrstuvwxyz0123456789", 48).to_lowercase())),
    kind("fireworks", |rng| shaped(key(rng, "fw_", ALPHANUMERIC, 24))),
    kind("together", |rng| shaped(key(rng, "tgp_v1_", KEY, 43))),
    kind("elevenlabs", |rng| shaped(format!("sk_{}", drawn(rng, HEX, 48)))),
    kind("supabase", |rng| shaped(format!("sb_secret_{}_{}", mixed(rng, 22), mixed(rng, 8)))),
    kind("atlassian", |rng| shaped(key(rng, "ATATT3xFfGF0", KEY, 180))),
    kind("grafana", |rng| shaped(format!("glsa_{}_{}", mixed(rng, 32), drawn(rng, HEX, 8)))),
    kind("gitlab runner", |rng| shaped(key(rng, "glrt-", KEY, 20))),
    kind("docker", |rng| shaped(key(rng, "dckr_pat_", KEY, 27))),
    kind("google client secret", |rng| shaped(key(rng, "GOCSPX-", KEY, 28))),
    kind("google refresh token", |rng| shaped(key(rng, "1//0", KEY, 100))),
    kind("age", |rng| shaped(format!("AGE-SECRET-KEY-1{}", drawn(rng, UPPER, 58)))),
    kind("airtable", |rng| shaped(format!("pat{}.{}", mixed(rng, 14), drawn(rng, HEX, 64)))),
    kind("figma", |rng| shaped(key(rng, "figd_", KEY, 40))),
    kind("postman", |rng| shaped(format!("PMAK-{}-{}", drawn(rng, HEX, 24), drawn(rng, HEX, 34)))),
    kind("sentry", |rng| shaped(format!("sntryu_{}", drawn(rng, HEX, 64)))),
    kind("square", |rng| shaped(key(rng, "sq0atp-", KEY, 22))),
    kind("hashicorp", |rng| shaped(format!("{}.atlasv1.{}", mixed(rng, 14), key(rng, "", KEY, 67)))),
    kind("flyio", |rng| around("FlyV1 ", key(rng, "fm2_", BASE64, 200), "")),
    kind("heroku", |rng| shaped(key(rng, "HRKU-AA", KEY, 58))),
    kind("planetscale", |rng| shaped(key(rng, "pscale_tkn_", KEY, 43))),
    kind("neon", |rng| shaped(key(rng, "napi_", "abcdefghijklmnopqrstuvwxyz0123456789", 64).to_lowercase())),
    kind("netlify", |rng| shaped(key(rng, "nfp_", ALPHANUMERIC, 40))),
    kind("vercel blob", |rng| shaped(format!("vercel_blob_rw_{}_{}", mixed(rng, 16), mixed(rng, 30)))),
    kind("dropbox", |rng| shaped(key(rng, "sl.u.", KEY, 140))),
    kind("facebook", |rng| shaped(key(rng, "EAA", ALPHANUMERIC, 180))),
    kind("sendinblue", |rng| shaped(format!("xkeysib-{}-{}", drawn(rng, HEX, 64), mixed(rng, 16)))),
    kind("resend", |rng| shaped(format!("re_{}_{}", mixed(rng, 8), mixed(rng, 24)))),
    kind("mailchimp", |rng| shaped(format!("{}-us{}", drawn(rng, HEX, 32), rng.u32(1..22)))),
    kind("doppler", |rng| shaped(key(rng, "dp.st.prd.", ALPHANUMERIC, 40))),
    kind("cloudflare", |rng| named("CLOUDFLARE_API_TOKEN", key(rng, "", KEY, 40))),
    kind("openai session", |rng| shaped(key(rng, "sess-", ALPHANUMERIC, 40))),
    kind("openai ephemeral", |rng| shaped(format!("ek_{}", drawn(rng, HEX, 32)))),
    kind("discord bot", |rng| {
        named("DISCORD_TOKEN", format!("{}.{}.{}", mixed(rng, 26), mixed(rng, 6), key(rng, "", KEY, 38)))
    }),
    kind("mongo", |rng| around("mongodb+srv://", format!("app:{}", mixed(rng, 16)), "@cluster0.ab1cd.mongodb.net/db")),
    kind("redis", |rng| around("rediss://", format!("default:{}", mixed(rng, 32)), "@eu1-x.upstash.io:6379")),
    kind("jdbc", |rng| {
        let before = "jdbc:postgresql://db.internal:5432/app?user=app&password=";
        around(before, mixed(rng, 16), "&ssl=true")
    }),
    kind("adodb", |rng| {
        around(
            "Server=tcp:db,1433;User ID=sa;Password=",
            format!("{}!{}", mixed(rng, 8), mixed(rng, 6)),
            ";Encrypt=True",
        )
    }),
    kind("sentry dsn", |rng| around("https://", drawn(rng, HEX, 32), "@o123456.ingest.sentry.io/7654321")),
    kind("sas", |rng| {
        let signature =
            STANDARD.encode(drawn(rng, ALPHANUMERIC, 32)).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        around("https://acme.blob.core.windows.net/c/f.txt?sv=2022-11-02&sp=r&sig=", signature, "")
    }),
    kind("signed url of aws", |rng| {
        let before = "https://b.s3.amazonaws.com/k?X-Amz-Expires=900&X-Amz-Signature=";
        around(before, drawn(rng, HEX, 64), "&X-Amz-SignedHeaders=host")
    }),
    kind("wrapped private key", |rng| {
        let lines: Vec<_> = (0..8).map(|_| drawn(rng, BASE64, 64)).collect();
        shaped(format!("-----BEGIN EC PRIVATE KEY-----\\n{}\\n-----END EC PRIVATE KEY-----", lines.join("\\n")))
    }),
    kind("password of digits", |rng| named("password", drawn(rng, "123456789", 9))),
    kind("short password", |rng| named("password", format!("{}{}", drawn(rng, "abcdefghkmnp", 5), rng.u32(10..99)))),
    kind("api key of a stage", |rng| named("API_KEY_PROD", mixed(rng, 32))),
    kind("password, once more", |rng| named("passwordConfirmation", mixed(rng, 14))),
    kind("litellm", |rng| shaped(key(rng, "sk-", ALPHANUMERIC, 22))),
    kind("mapbox", |rng| shaped(format!("sk.eyJ{}.{}", mixed(rng, 60), mixed(rng, 22)))),
    kind("plaid", |rng| shaped(format!("access-production-{}", uuid(rng)))),
    kind("hubspot", |rng| shaped(format!("pat-na1-{}", uuid(rng)))),
    kind("cloudflare", |rng| shaped(format!("cfut_{}{}", mixed(rng, 40), drawn(rng, HEX, 8)))),
    kind("azure, of its services", |rng| shaped(format!("{}JQQJ99{}", mixed(rng, 52), mixed(rng, 26)))),
    kind("azure search", |rng| shaped(format!("{}AzSe{}", mixed(rng, 42), mixed(rng, 6)))),
    kind("dynatrace", |rng| shaped(format!("dt0c01.{}.{}", drawn(rng, UPPER, 24), drawn(rng, UPPER, 64)))),
    kind("duffel", |rng| shaped(key(rng, "duffel_live_", ALPHANUMERIC, 43))),
    kind("easypost", |rng| shaped(key(rng, "EZAK", ALPHANUMERIC, 54))),
    kind("onepassword", |rng| shaped(key(rng, "ops_eyJ", ALPHANUMERIC, 300))),
    kind("openshift", |rng| shaped(key(rng, "sha256~", ALPHANUMERIC, 43))),
    kind("github, of an installation", |rng| shaped(format!("ghs_{}", json_web_token(rng)))),
    kind("discord bot, by itself", |rng| {
        let id = STANDARD.encode(drawn(rng, "123456789", 18));
        shaped(format!("{id}.G{}.{}", mixed(rng, 5), key(rng, "", KEY, 38)))
    }),
    kind("odbc", |rng| around("Driver={ODBC Driver 18};Server=db;Uid=sa;Pwd=", mixed(rng, 14), ";Encrypt=yes")),
    kind("a key that a sentence says", |rng| around("my api key is ", mixed(rng, 24), "")),
    kind("a key that says no more", |rng| around("the key: ", drawn_key(rng, 32), "")),
    kind("a password that a sentence says", |rng| around("the password is \"", mixed(rng, 10), "\"")),
    kind("a user of curl", |rng| around("curl -u bob:", mixed(rng, 12), "")),
    kind("a key cut off", |rng| {
        let lines: Vec<_> = (0..6).map(|_| drawn(rng, BASE64, 64)).collect();
        shaped(format!("-----BEGIN RSA PRIVATE KEY-----\n{}", lines.join("\n")))
    }),
    kind("putty", |rng| named("vault_token", format!("s.{}", mixed(rng, 24)))),
    kind("llamacloud", |rng| shaped(key(rng, "llx-", ALPHANUMERIC, 48))),
    kind("apify", |rng| shaped(key(rng, "apify_api_", ALPHANUMERIC, 36))),
    kind("aiven", |rng| shaped(key(rng, "AVNS_", KEY, 19))),
    kind("runpod", |rng| shaped(key(rng, "rpa_", UPPER, 46))),
    kind("atlas", |rng| shaped(key(rng, "mdb_sa_sk_", KEY, 40))),
    kind("cockroach", |rng| shaped(format!("CCDB1_{}_{}", mixed(rng, 22), key(rng, "", ALPHANUMERIC, 40)))),
    kind("dify", |rng| shaped(format!("app-{}", drawn_key(rng, 24)))),
    kind("clickup", |rng| shaped(format!("pk_{}_{}", rng.u32(10_000_000..99_999_999), key(rng, "", UPPER, 32)))),
    kind("a token as its scheme says", |rng| shaped(key(rng, "secret-token:", ALPHANUMERIC, 30))),
    kind("license key", |rng| named("LICENSE_KEY", [0; 5].map(|_| drawn(rng, UPPER, 4) + "A").join("-"))),
    kind("a secret of AWS", |rng| named("SecretString", mixed(rng, 24))),
    kind("password of nodemailer", |rng| named("smtp_pass", mixed(rng, 16))),
    kind("session token", |rng| named("SESSION_TOKEN", key(rng, "", BASE64, 80))),
];
