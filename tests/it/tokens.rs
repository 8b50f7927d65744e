//! One test per way that a token can be wrong.
//!
//! Every fault meets the same refusal: one status, one challenge, one body to the byte, and the table
//! is not asked.

mod claims;
mod headers;
mod signatures;
mod transport;

use api::problem::Problem;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use local::issuer::{ADMIN_CLAIM, ADMIN_VALUE, AUDIENCE, ISSUER, Issuer, RECORDER_SCOPE, TokenRole, claims};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents},
};
use serde_json::{Value, json};
use std::{fmt::Display, time::Duration};
use tests::world::*;

/// An issuer with an RSA key, as most identity providers are. The local one signs with ES256 alone.
struct Rsa(RsaKeyPair);

impl Rsa {
    const PUBLIC_PEM: &str = include_str!("../keys/rsa-2048.test-only.pub.pem");

    fn new() -> Self {
        Self(RsaKeyPair::from_pkcs8(include_bytes!("../keys/rsa-2048.test-only.pk8")).unwrap())
    }

    fn modulus(&self) -> Vec<u8> {
        RsaPublicKeyComponents::from(self.0.public()).n
    }

    fn jwk(&self) -> Value {
        rsa_jwk(&self.modulus(), &[1, 0, 1])
    }

    fn sign(&self, header: impl Display, claims: impl Display) -> String {
        let signed = unsigned(header, claims);
        let mut signature = vec![0; self.0.public().modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        joined(&signed, &signature)
    }
}

fn rsa_jwk(modulus: &[u8], exponent: &[u8]) -> Value {
    let (n, e) = (URL_SAFE_NO_PAD.encode(modulus), URL_SAFE_NO_PAD.encode(exponent));
    json!({"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "rsa", "n": n, "e": e})
}

fn rs256() -> Value {
    json!({"alg": "RS256", "kid": "rsa", "typ": "JWT"})
}

/// Header and claims without a signature.
fn unsigned(header: impl Display, claims: impl Display) -> String {
    let part = |json: String| URL_SAFE_NO_PAD.encode(json);
    format!("{}.{}", part(header.to_string()), part(claims.to_string()))
}

fn joined(signed: &str, signature: &[u8]) -> String {
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// What was signed, and the signature's bytes.
fn split(token: &str) -> (&str, Vec<u8>) {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    (signed, URL_SAFE_NO_PAD.decode(signature).unwrap())
}

fn key_of(issuer: &Issuer) -> Value {
    serde_json::from_str::<Value>(issuer.jwks()).unwrap()["keys"][0].take()
}

fn key_set(keys: &[Value]) -> String {
    json!({"keys": keys}).to_string()
}

/// A user's good claims.
fn good(world: &World) -> Value {
    claims("alice", TokenRole::User, world.now())
}

/// An object with a member set to a text of JSON; an empty text removes it.
fn with(object: &Value, member: &str, json: &str) -> String {
    let mut others = object.clone();
    others.as_object_mut().unwrap().remove(member);
    if json.is_empty() { others.to_string() } else { and(&others, &format!("\"{member}\":{json}")) }
}

/// An object with a member more, whatever it has already.
fn and(object: &Value, member: &str) -> String {
    let text = object.to_string();
    format!("{},{member}}}", text.strip_suffix('}').unwrap())
}

/// A token with these claims, signed as the world's issuer does.
fn signed(world: &World, claims: impl Display) -> String {
    world.issuer.sign(world.issuer.header(), claims).unwrap()
}

async fn authorization(world: &World, value: &str) -> TestResponse {
    let mut sent = world.nobody().request("GET", &opt_in(), None);
    sent.headers.push(("authorization".to_owned(), value.to_owned()));
    world.nobody().send(sent).await
}

fn assert_refused(world: &World, case: &str, answer: &TestResponse) {
    assert_eq!(answer.status, 401, "{case}: {answer:?}");
    assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"invalid_token\""), "{case}");
    assert_eq!(answer.body, serde_json::to_string(&Problem::Unauthenticated.body()).unwrap(), "{case}");
    assert!(world.wire.take().is_empty(), "{case}: the table was asked");
}

async fn refused(world: &World, case: &str, token: impl Display) {
    world.wire.take();
    assert_refused(world, case, &world.bearer(token).get(&opt_in()).await);
}

async fn accepted(world: &World, case: &str, token: impl Display) {
    let answer = world.bearer(token).get(&opt_in()).await;
    assert_eq!(answer.status, 200, "{case}: {answer:?}");
}

/// Good claims but for one, whose values are texts of JSON; an empty one is its absence.
async fn claim(world: &World, name: &str, good_ones: &[&str], bad_ones: &[&str]) {
    for value in good_ones {
        accepted(world, &format!("{name}: {value}"), signed(world, with(&good(world), name, value))).await;
    }
    for value in bad_ones {
        refused(world, &format!("{name}: {value}"), signed(world, with(&good(world), name, value))).await;
    }
}
