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
    kind("session token", |rng| named("SESSION_TOKEN", key(rng, "", BASE64, 80))),
];
