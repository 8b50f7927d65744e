//! One test per way that a token can be wrong.
//!
//! Every fault meets the same refusal: one status, one challenge, one body to the byte, and the table
//! is not asked.

use api::problem::Problem;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use local::issuer::{ADMIN_CLAIM, ADMIN_VALUE, AUDIENCE, ISSUER, Issuer, RECORDER_SCOPE, Role, claims};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents},
};
use serde_json::{Value, json};
use service::identity::{KeySource, Keys};
use std::{fmt::Display, time::Duration};
use tests::world::*;
use tokio::net::TcpListener;

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
    claims("alice", Role::User, world.now())
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

async fn authorization(world: &World, value: &str) -> Answer {
    let mut sent = world.nobody().request("GET", &opt_in(), None);
    sent.headers.push(("authorization".to_owned(), value.to_owned()));
    world.nobody().send(sent).await
}

fn assert_refused(world: &World, case: &str, answer: &Answer) {
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

#[tokio::test]
async fn without_a_bearer_token_nobody_gets_in() {
    let world = World::new().await;
    assert_refused(&world, "no header", &world.nobody().get(&opt_in()).await);
    let token = world.token("alice", Role::User);
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Basic YWxpY2U6c2VjcmV0",
        &token,
        &format!("Basic {token}"),
        &format!("Token {token}"),
        &format!("Bearer\t{token}"),
        &format!("Bearer:{token}"),
        &format!(" Bearer {token}"),
        &format!("\u{feff}Bearer {token}"),
        &format!("Bearer\u{a0}{token}"),
    ] {
        assert_refused(&world, value, &authorization(&world, value).await);
    }
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let world = World::new().await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        authorization(&world, &format!("{scheme} {}", world.token("alice", Role::User))).await.expect(200);
    }
}

#[tokio::test]
async fn two_tokens_are_none_even_when_both_are_good() {
    let world = World::new().await;
    let (alice, bob) = (world.token("alice", Role::User), world.token("bob", Role::User));
    for value in [
        // The gateway joins headers of one name by a comma.
        format!("Bearer {alice},Bearer {bob}"),
        format!("Bearer {alice}, Bearer {bob}"),
        format!("Bearer {alice},{alice}"),
        format!("Bearer {alice}, Basic YTpi"),
        format!("Bearer {alice} {bob}"),
    ] {
        assert_refused(&world, &value, &authorization(&world, &value).await);
    }
}

#[tokio::test]
async fn an_unsigned_token_is_refused_however_it_spells_none() {
    let world = World::new().await;
    let good = good(&world);
    let (_, signature) = split(&signed(&world, &good));
    for alg in [r#""none""#, r#""None""#, r#""nOnE""#, r#""NONE""#, r#""""#, "null", "0", ""] {
        let header = with(&world.issuer.header(), "alg", alg);
        let unsigned = unsigned(&header, &good);
        refused(&world, alg, format!("{unsigned}.")).await;
        refused(&world, alg, &unsigned).await;
        refused(&world, alg, joined(&unsigned, &signature)).await;
        refused(&world, alg, world.issuer.sign(&header, &good).unwrap()).await;
    }
    refused(&world, "empty", format!("{}.", unsigned(world.issuer.header(), &good))).await;
}

#[tokio::test]
async fn a_public_key_is_no_secret() {
    let (rsa, ec) = (Rsa::new(), Issuer::generate().unwrap());
    let set = key_set(&[rsa.jwk(), key_of(&ec)]);
    let world = World::with(&[("JWKS", &set)]).await;
    let ec_key = key_of(&ec);
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(ec_key[name].as_str().unwrap()).unwrap();
    let pem_lines: String = Rsa::PUBLIC_PEM.lines().filter(|line| !line.starts_with('-')).collect();
    let secrets = [
        Rsa::PUBLIC_PEM.as_bytes().to_vec(),
        Rsa::PUBLIC_PEM.trim_end().as_bytes().to_vec(),
        STANDARD.decode(pem_lines).unwrap(),
        rsa.0.public().as_ref().to_vec(),
        rsa.modulus(),
        rsa.jwk().to_string().into_bytes(),
        set.clone().into_bytes(),
        [vec![4], coordinate("x"), coordinate("y")].concat(),
        ec_key.to_string().into_bytes(),
        Vec::new(),
    ];
    for secret in secrets {
        for kid in [&json!("rsa"), &ec_key["kid"]] {
            let signed = unsigned(json!({"alg": "HS256", "kid": kid, "typ": "JWT"}), good(&world));
            let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), signed.as_bytes());
            refused(&world, "HS256", joined(&signed, tag.as_ref())).await;
        }
    }
}

#[tokio::test]
async fn an_algorithm_is_bound_to_its_key() {
    let (rsa, ec) = (Rsa::new(), Issuer::generate().unwrap());
    let world = World::with(&[("JWKS", &key_set(&[rsa.jwk(), key_of(&ec)]))]).await;
    let good = good(&world);
    accepted(&world, "RS256", rsa.sign(rs256(), &good)).await;
    accepted(&world, "ES256", ec.sign(ec.header(), &good).unwrap()).await;
    for alg in ["HS256", "HS512", "RS384", "RS512", "PS256", "ES384", "ES256K", "EdDSA", "es256", "rs256", "RSA1_5"] {
        let alg = format!("\"{alg}\"");
        refused(&world, &alg, rsa.sign(with(&rs256(), "alg", &alg), &good)).await;
        refused(&world, &alg, ec.sign(with(&ec.header(), "alg", &alg), &good).unwrap()).await;
    }
    refused(&world, "the other's algorithm", rsa.sign(with(&rs256(), "alg", r#""ES256""#), &good)).await;
    refused(&world, "the other's name", ec.sign(with(&ec.header(), "kid", r#""rsa""#), &good).unwrap()).await;
    refused(&world, "the other's header", rsa.sign(ec.header(), &good)).await;
}

#[tokio::test]
async fn a_signature_of_nothing_is_refused() {
    let world = World::new().await;
    let token = signed(&world, good(&world));
    let (body, signature) = split(&token);
    let (r, s) = signature.split_at(32);
    for (case, bad) in [
        ("r = s = 0, CVE-2022-21449", vec![0; 64]),
        ("r = 0", [&[0; 32], s].concat()),
        ("s = 0", [r, &[0; 32]].concat()),
        ("r = s = n", [ORDER, ORDER].concat()),
        ("all ones", vec![255; 64]),
        ("cut", signature[..63].to_vec()),
        ("longer", [&*signature, &[0]].concat()),
        ("swapped", [s, r].concat()),
        ("twice", [&*signature, &signature].concat()),
    ] {
        refused(&world, case, joined(body, &bad)).await;
    }
}

#[tokio::test]
async fn a_signature_in_der_is_refused() {
    let world = World::new().await;
    let token = signed(&world, good(&world));
    let (body, signature) = split(&token);
    let integer = |bytes: &[u8]| {
        let digits: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
        let sign = vec![0; usize::from(digits[0] > 127)];
        [vec![2, u8::try_from(sign.len() + digits.len()).unwrap()], sign, digits].concat()
    };
    let (r, s) = signature.split_at(32);
    let both = [integer(r), integer(s)].concat();
    let der = [vec![0x30, u8::try_from(both.len()).unwrap()], both].concat();
    refused(&world, "DER", joined(body, &der)).await;
}

/// The order of P-256's group.
const ORDER: &[u8] = &[
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7,
    0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// RFC 7518 asks for no low `s` and real issuers send both: s and n - s say the same, and only the
/// signer can say either. Nothing of ours tells tokens apart by their bytes.
#[tokio::test]
async fn both_forms_of_s_are_accepted() {
    let world = World::new().await;
    let token = signed(&world, good(&world));
    let (body, mut signature) = split(&token);
    let mut borrow = 0;
    for (digit, order) in signature[32..].iter_mut().zip(ORDER).rev() {
        let difference = i16::from(*order) - i16::from(*digit) - borrow;
        borrow = i16::from(difference < 0);
        *digit = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    accepted(&world, "s", &token).await;
    accepted(&world, "n - s", joined(body, &signature)).await;
}

#[tokio::test]
async fn a_weak_or_foreign_key_never_loads() {
    let rsa = Rsa::new();
    let good = Issuer::generate().unwrap();
    let changed =
        |key: Value, member: &str, value: &str| -> Value { serde_json::from_str(&with(&key, member, value)).unwrap() };
    for (case, key) in [
        ("1024 bits", rsa_jwk(&rsa.modulus()[..128], &[1, 0, 1])),
        ("1024 bits behind zeros", rsa_jwk(&[&[0; 128], &rsa.modulus()[..128]].concat(), &[1, 0, 1])),
        ("e = 0", rsa_jwk(&rsa.modulus(), &[0])),
        ("e = 1", rsa_jwk(&rsa.modulus(), &[1])),
        ("e is even", rsa_jwk(&rsa.modulus(), &[1, 0, 0])),
        ("no modulus", changed(rsa.jwk(), "n", "")),
        ("no base64", changed(rsa.jwk(), "n", r#""***""#)),
        ("another algorithm's", changed(rsa.jwk(), "alg", r#""PS256""#)),
        ("encryption's algorithm", changed(rsa.jwk(), "alg", r#""RSA-OAEP""#)),
        ("for encryption", changed(rsa.jwk(), "use", r#""enc""#)),
        ("P-384", changed(key_of(&good), "crv", r#""P-384""#)),
        ("half a point", changed(key_of(&good), "y", r#""AA""#)),
        ("a secret", json!({"kty": "oct", "alg": "HS256", "kid": "rsa", "k": "c2VjcmV0"})),
        ("no key", json!("key")),
    ] {
        assert!(Keys::new(KeySource::Given(key_set(std::slice::from_ref(&key)))).is_err(), "{case}");
        // Beside a good key it is left out: one key is left, so that a token need not name it.
        let world = World::with(&[("JWKS", &key_set(&[key, key_of(&good)]))]).await;
        let unnamed = with(&good.header(), "kid", "");
        accepted(&world, case, good.sign(unnamed, claims("alice", Role::User, world.now())).unwrap()).await;
        refused(&world, case, rsa.sign(rs256(), claims("alice", Role::User, world.now()))).await;
    }
    for set in [key_set(&[]), "{}".into(), "[]".into(), "null".into(), "no JSON".into()] {
        assert!(Keys::new(KeySource::Given(set.clone())).is_err(), "{set}");
    }
}

#[tokio::test]
async fn a_key_id_is_a_name_and_leads_nowhere() {
    let world = World::new().await;
    let long = format!("\"{}\"", "k".repeat(5_000));
    for kid in [
        r#""unknown""#,
        r#""""#,
        r#""../../dev/null""#,
        r#""/etc/passwd""#,
        r#""' OR '1'='1""#,
        r#""http://169.254.169.254/""#,
        r#""\u0000""#,
        r#""USER#alice""#,
        "7",
        "[]",
        "{}",
        "true",
        &long,
    ] {
        refused(&world, kid, world.issuer.sign(with(&world.issuer.header(), "kid", kid), good(&world)).unwrap()).await;
    }
}

#[tokio::test]
async fn a_token_that_names_no_key_means_the_only_one() {
    let (one, other) = (Issuer::generate().unwrap(), Issuer::generate().unwrap());
    let unnamed = with(&one.header(), "kid", "");
    let alone = World::with(&[("JWKS", one.jwks())]).await;
    accepted(&alone, "one key", one.sign(&unnamed, good(&alone)).unwrap()).await;
    refused(&alone, "another's", other.sign(&unnamed, good(&alone)).unwrap()).await;
    let both = World::with(&[("JWKS", &key_set(&[key_of(&one), key_of(&other)]))]).await;
    refused(&both, "two keys", one.sign(&unnamed, good(&both)).unwrap()).await;
    accepted(&both, "by name", one.sign(one.header(), good(&both)).unwrap()).await;
    accepted(&both, "by name", other.sign(other.header(), good(&both)).unwrap()).await;
}

#[tokio::test]
async fn keys_that_a_token_brings_along_are_ignored() {
    let world = World::new().await;
    let mallory = Issuer::generate().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = json!(format!("http://{}/jwks.json", listener.local_addr().unwrap())).to_string();
    let (jwk, chain) = (key_of(&mallory).to_string(), json!([STANDARD.encode("a certificate")]).to_string());
    for (member, value) in [("jku", &url), ("x5u", &url), ("jwk", &jwk), ("x5c", &chain)] {
        let header = with(&world.issuer.header(), member, value);
        refused(&world, member, mallory.sign(&header, good(&world)).unwrap()).await;
        accepted(&world, member, world.issuer.sign(&header, good(&world)).unwrap()).await;
        let hers = with(&mallory.header(), member, value);
        refused(&world, member, mallory.sign(hers, good(&world)).unwrap()).await;
    }
    let called = tokio::time::timeout(Duration::from_millis(20), listener.accept()).await;
    assert!(called.is_err(), "nobody calls where a token says");
}

#[tokio::test]
async fn an_extension_that_must_be_understood_is_not() {
    let world = World::new().await;
    let header = world.issuer.header();
    for member in [
        r#""crit":["x"],"x":1"#,
        r#""crit":["exp"]"#,
        r#""crit":["b64"],"b64":false"#,
        r#""crit":["b64"],"b64":true"#,
        r#""crit":[]"#,
        r#""crit":"x""#,
        r#""crit":[1]"#,
    ] {
        refused(&world, member, world.issuer.sign(and(&header, member), good(&world)).unwrap()).await;
    }
    accepted(&world, "others", world.issuer.sign(and(&header, r#""x":[1]"#), good(&world)).unwrap()).await;
}

#[tokio::test]
async fn a_list_of_critical_extensions_that_is_null_is_no_absence() {
    let world = World::new().await;
    let header = and(&world.issuer.header(), r#""crit":null"#);
    refused(&world, "crit: null", world.issuer.sign(header, good(&world)).unwrap()).await;
}

#[tokio::test]
async fn a_payload_that_says_it_is_not_encoded_is_refused() {
    let world = World::new().await;
    let header = and(&world.issuer.header(), r#""b64":false"#);
    refused(&world, "b64: false", world.issuer.sign(header, good(&world)).unwrap()).await;
}

#[tokio::test]
async fn an_id_token_gives_no_access() {
    let world = World::new().await;
    let bad =
        [r#""id""#, r#""refresh""#, r#""Access""#, r#""access ""#, r#""""#, "null", "true", "1", r#"["access"]"#, "{}"];
    claim(&world, "token_use", &["", r#""access""#], &bad).await;
}

#[tokio::test]
async fn a_token_of_another_type_gives_no_access() {
    let world = World::new().await;
    let header = world.issuer.header();
    for typ in
        ["", r#""JWT""#, r#""jwt""#, r#""at+jwt""#, r#""AT+JWT""#, r#""application/at+jwt""#, r#""Application/JWT""#]
    {
        accepted(&world, typ, world.issuer.sign(with(&header, "typ", typ), good(&world)).unwrap()).await;
    }
    for typ in [
        r#""logout+jwt""#,
        r#""dpop+jwt""#,
        r#""secevent+jwt""#,
        r#""application/logout+jwt""#,
        r#""application/application/jwt""#,
        r#""text/jwt""#,
        r#""application/""#,
        r#""JWT ""#,
        r#""JWS""#,
        r#""at-jwt""#,
        r#""""#,
        "null",
        "1",
        "true",
        r#"["JWT"]"#,
        "{}",
    ] {
        refused(&world, typ, world.issuer.sign(with(&header, "typ", typ), good(&world)).unwrap()).await;
    }
}

#[tokio::test]
async fn an_end_is_a_whole_number_that_has_not_passed() {
    let world = World::new().await;
    let at = |seconds: i64| (world.now() + seconds).to_string();
    let bad = [
        &at(-61),
        "",
        "null",
        r#""never""#,
        r#""99999999999""#,
        "99999999999.5",
        "99999999999.0",
        "1e11",
        "1e400",
        "-1",
        "0",
        "true",
        "[99999999999]",
        "{}",
        "18446744073709551615",
        "18446744073709551616",
    ];
    claim(&world, "exp", &[&at(-55), "99999999999"], &bad).await;
}

#[tokio::test]
async fn a_token_ends_with_its_time() {
    let world = World::new().await;
    let token = signed(&world, with(&good(&world), "exp", &(world.now() + 600).to_string()));
    world.app.clock.advance(Duration::from_secs(600 + 50));
    accepted(&world, "within the leeway", &token).await;
    world.app.clock.advance(Duration::from_secs(11));
    refused(&world, "beyond it", &token).await;
}

#[tokio::test]
async fn a_beginning_is_a_whole_number_that_has_come() {
    let world = World::new().await;
    let at = |seconds: i64| (world.now() + seconds).to_string();
    for name in ["nbf", "iat"] {
        let bad = [&at(65), "null", r#""0""#, "1.5", "-1", "1e400", "true", "[0]", "18446744073709551615"];
        claim(&world, name, &["", "0", &at(60)], &bad).await;
    }
}

#[tokio::test]
async fn an_issuer_is_ours_to_the_byte() {
    let world = World::new().await;
    let ours = json!(ISSUER).to_string();
    let bad = [
        "",
        "null",
        "1",
        r#""""#,
        r#""https://issuer.example""#,
        &json!(format!("{ISSUER}/")).to_string(),
        &json!(format!("{ISSUER} ")).to_string(),
        &json!(ISSUER.to_uppercase()).to_string(),
        &json!(format!("{ISSUER}.example")).to_string(),
        &json!([ISSUER]).to_string(),
        &json!({"iss": ISSUER}).to_string(),
    ];
    claim(&world, "iss", &[&ours], &bad).await;
}

#[tokio::test]
async fn an_audience_counts_before_a_client() {
    let world = World::with(&[("AUDIENCES", "first, chat-debug")]).await;
    let ours = &*json!(AUDIENCE).to_string();
    let list = &*json!(["other", AUDIENCE]).to_string();
    for (audience, client, is_ours) in [
        (ours, "", true),
        (r#""first""#, "", true),
        (list, "", true),
        (ours, r#""other""#, true),
        ("", ours, true),
        (r#""other""#, "", false),
        (r#""Chat-Debug""#, "", false),
        (r#""chat-debug ""#, "", false),
        (r#""first, chat-debug""#, "", false),
        (r#""""#, "", false),
        ("null", "", false),
        ("[]", "", false),
        (r#"[["chat-debug"]]"#, "", false),
        (r#"{"chat-debug":true}"#, "", false),
        ("", "", false),
        ("", r#""other""#, false),
        ("", r#"["chat-debug"]"#, false),
        (r#""other""#, ours, false),
        (r#""""#, ours, false),
        ("null", ours, false),
        ("[]", ours, false),
    ] {
        let claims: Value = serde_json::from_str(&with(&good(&world), "aud", audience)).unwrap();
        let token = signed(&world, with(&claims, "client_id", client));
        let case = format!("aud {audience}, client_id {client}");
        if is_ours { accepted(&world, &case, token).await } else { refused(&world, &case, token).await }
    }
}

#[tokio::test]
async fn a_sub_is_an_id_that_cannot_reach_into_a_key() {
    let world = World::new().await;
    let quoted = |length: usize| format!("\"{}\"", "a".repeat(length));
    let bad = [
        "",
        "null",
        "7",
        "true",
        r#"["alice"]"#,
        r#""""#,
        r#""a b""#,
        r#"" alice""#,
        r#""a#RUN#""#,
        r##""#""##,
        r#""a\u0000""#,
        r#""a\n""#,
        r#""a\u007f""#,
        r#""\u00e9""#,
        r#""\ud800""#,
        &quoted(129),
        &quoted(5_000),
    ];
    claim(&world, "sub", &[r#""alice""#, r#""auth0|1:x/$""#, &quoted(128)], &bad).await;
}

#[tokio::test]
async fn what_is_said_twice_is_not_said() {
    let world = World::new().await;
    let good = good(&world);
    for member in
        [r#""sub":"bob""#, r#""sub":"alice""#, r#""exp":99999999999"#, r#""aud":"chat-debug""#, r#""x":1,"x":1"#]
    {
        refused(&world, member, signed(&world, and(&good, member))).await;
    }
    for member in [r#""alg":"ES256""#, r#""alg":"none""#, r#""typ":"JWT""#, r#""kid":"other""#] {
        let header = and(&world.issuer.header(), member);
        refused(&world, member, world.issuer.sign(header, &good).unwrap()).await;
    }
}

#[tokio::test]
async fn only_the_configured_claim_makes_an_admin() {
    let world = World::new().await;
    for (member, value, status) in [
        (ADMIN_CLAIM, json!([ADMIN_VALUE]), 200),
        (ADMIN_CLAIM, json!(["others", ADMIN_VALUE]), 200),
        (ADMIN_CLAIM, json!(ADMIN_VALUE), 200),
        (ADMIN_CLAIM, json!([]), 403),
        (ADMIN_CLAIM, json!(["Chat-Debug-Admins"]), 403),
        (ADMIN_CLAIM, json!("CHAT-DEBUG-ADMINS"), 403),
        (ADMIN_CLAIM, json!(format!("{ADMIN_VALUE} ")), 403),
        (ADMIN_CLAIM, json!(format!("[{ADMIN_VALUE} others]")), 403),
        (ADMIN_CLAIM, json!(format!("{ADMIN_VALUE},others")), 403),
        (ADMIN_CLAIM, json!([[ADMIN_VALUE]]), 403),
        (ADMIN_CLAIM, json!({ADMIN_VALUE: true}), 403),
        (ADMIN_CLAIM, json!(true), 403),
        (ADMIN_CLAIM, json!("admin"), 403),
        ("Cognito:Groups", json!([ADMIN_VALUE]), 403),
        ("groups", json!([ADMIN_VALUE]), 403),
        ("role", json!("admin"), 403),
        ("role", json!(ADMIN_VALUE), 403),
        ("roles", json!([ADMIN_VALUE]), 403),
        ("scope", json!(ADMIN_VALUE), 403),
        ("custom:role", json!(ADMIN_VALUE), 403),
    ] {
        let mut claims = good(&world);
        claims[member] = value;
        let caller = world.bearer(signed(&world, &claims));
        for answer in [caller.get(&gate()).await, caller.put(&gate(), json!({"allow_users": false})).await] {
            assert!(answer.status == status || answer.status == 204 && status == 200, "{claims}: {answer:?}");
        }
    }
    let other = World::with(&[("ADMIN_CLAIM", "role"), ("ADMIN_VALUE", "admin")]).await;
    other.admin().get(&gate()).await.expect(403);
    other.bearer(signed(&other, with(&good(&other), "role", r#""admin""#))).get(&gate()).await.expect(200);
}

#[tokio::test]
async fn only_the_scope_makes_a_recorder_and_then_nothing_else_counts() {
    let world = World::new().await;
    for (scope, status) in [
        (json!(RECORDER_SCOPE), 201),
        (json!(format!("openid {RECORDER_SCOPE} email")), 200),
        (json!([RECORDER_SCOPE]), 403),
        (json!("Chat-Debug/Record"), 403),
        (json!("chat-debug/recorder"), 403),
        (json!("x-chat-debug/record"), 403),
        (json!(format!("openid,{RECORDER_SCOPE}")), 403),
        (json!(""), 403),
    ] {
        let mut claims = good(&world);
        claims["scope"] = scope;
        let answer = world.bearer(signed(&world, &claims)).put(&chat(1), json!({"owner_id": "alice"})).await;
        assert_eq!(answer.status, status, "{claims}");
    }
    for member in ["scp", "scopes", "role", "client_id"] {
        let spoofed = signed(&world, with(&good(&world), member, &json!(RECORDER_SCOPE).to_string()));
        world.bearer(spoofed).put(&chat(1), json!({"owner_id": "alice"})).await.expect(403);
    }
    let mut both = claims("alice", Role::Admin, world.now());
    both["scope"] = json!(RECORDER_SCOPE);
    world.bearer(signed(&world, &both)).get(&gate()).await.expect(403);
    world.bearer(signed(&world, &both)).get(&runs(1)).await.expect(403);
    let nameless = signed(&world, with(&both, "sub", ""));
    world.bearer(nameless).put(&chat(1), json!({"owner_id": "alice"})).await.expect(200);
}

#[tokio::test]
async fn a_token_is_looked_at_up_to_8_kib() {
    let world = World::new().await;
    let padded = |length: usize| signed(&world, with(&good(&world), "x", &json!("x".repeat(length)).to_string()));
    let most = (5_000..6_200).rev().find(|length| padded(*length).len() <= 8 * 1024).unwrap();
    assert!(padded(most).len() > 8 * 1024 - 4);
    accepted(&world, "8 KiB", padded(most)).await;
    for length in [most + 1, 16_000, 1_000_000] {
        refused(&world, "more", padded(length)).await;
    }
}

#[tokio::test]
async fn a_token_is_three_parts_of_plain_base64url() {
    let world = World::new().await;
    // Until its signature has a character that the two alphabets spell differently.
    let token = loop {
        let token = signed(&world, good(&world));
        if token.contains(['-', '_']) {
            break token;
        }
    };
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("{token}") };
    accepted(&world, "good", &token).await;
    for bad in [
        "a".to_owned(),
        ".".into(),
        "..".into(),
        "....".into(),
        ".....".into(),
        header.into(),
        format!("{header}.{payload}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        format!("{header}.{signature}.{payload}.{signature}.{signature}"),
        format!("{header}..{payload}.{signature}"),
        format!("{header}.{payload}.{signature}=="),
        format!("{header}=.{payload}=.{signature}="),
        format!("{token} "),
        format!(" {token}"),
        format!("{header}. {payload}.{signature}"),
        format!("{token}\t"),
        format!("\u{feff}{token}"),
        format!("{token}\u{200b}"),
        token.replacen('e', "\u{435}", 1),
        format!("{token}%0a"),
        format!("\"{token}\""),
        format!("<{token}>"),
        token.replace('-', "+").replace('_', "/"),
        token.replace('.', "%2e"),
        token.to_lowercase(),
    ] {
        refused(&world, &bad, &bad).await;
    }
    let padded = |json: String| URL_SAFE.encode(format!("{json}{}", " ".repeat(4 - json.len() % 3)));
    let padded = format!("{}.{}", padded(world.issuer.header().to_string()), padded(good(&world).to_string()));
    assert!(padded.contains('='));
    refused(&world, "padded, as JSON Web Signatures never are", joined(&padded, &[1; 64])).await;
}

#[tokio::test]
async fn what_is_signed_is_one_object_of_json_each() {
    let world = World::new().await;
    let (header, good) = (world.issuer.header().to_string(), good(&world).to_string());
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(2_000), "]".repeat(2_000));
    for bad in ["", "null", "[]", "7", "\"x\"", "{", "{}", &deep] {
        refused(&world, bad, world.issuer.sign(&header, bad).unwrap()).await;
        refused(&world, bad, world.issuer.sign(bad, &good).unwrap()).await;
    }
    for spoil in [
        |json: &str| format!("\u{feff}{json}"),
        |json: &str| format!("{json} x"),
        |json: &str| format!("{json}{json}"),
        |json: &str| format!("[{json}]"),
        |json: &str| format!("/**/{json}"),
        |json: &str| format!("{json}\0"),
        |json: &str| json.replace('"', "'"),
        |json: &str| json.replace('}', ",}"),
    ] {
        refused(&world, &spoil(&good), world.issuer.sign(&header, spoil(&good)).unwrap()).await;
        refused(&world, &spoil(&header), world.issuer.sign(spoil(&header), &good).unwrap()).await;
    }
    refused(&world, "a list", world.issuer.sign(r#"["JWT","ES256"]"#, &good).unwrap()).await;
    let bytes = [header.as_bytes(), b"\xff"].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    refused(&world, "no UTF-8", joined(&bytes, &[1; 64])).await;
}

/// The property over a whole token: every character, every bit that leaves it a header's character.
#[tokio::test]
async fn no_flipped_bit_goes_unnoticed() {
    let world = World::new().await;
    let token = signed(&world, good(&world));
    accepted(&world, "unflipped", &token).await;
    world.wire.take();
    for at in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            if bytes[at].is_ascii_control() {
                continue;
            }
            let flipped = String::from_utf8(bytes).unwrap();
            assert_refused(&world, &flipped, &world.bearer(&flipped).get(&opt_in()).await);
        }
    }
}

#[tokio::test]
async fn a_token_elsewhere_than_in_its_header_is_ignored() {
    let world = World::new().await;
    let token = world.token("alice", Role::User);
    let queries = [
        format!("access_token={token}"),
        format!("token={token}"),
        format!("authorization=Bearer%20{token}"),
        format!("Authorization=Bearer+{token}"),
    ];
    for query in queries {
        let answer = world.nobody().get(&format!("{}?{query}", opt_in())).await;
        assert_refused(&world, &query, &answer);
        assert!(!answer.body.contains(&token));
    }
    for (name, value) in [
        ("cookie", format!("authorization=Bearer {token}; token={token}")),
        ("x-authorization", format!("Bearer {token}")),
        ("proxy-authorization", format!("Bearer {token}")),
        ("x-amz-security-token", token.clone()),
        ("x-access-token", token.clone()),
    ] {
        let mut sent = world.nobody().request("GET", &opt_in(), None);
        sent.headers.push((name.to_owned(), value));
        assert_refused(&world, name, &world.nobody().send(sent).await);
    }
}

#[tokio::test]
async fn headers_that_look_like_the_gateways_are_ignored() {
    let world = World::new().await;
    let spoofs = [
        ("x-user-id", "admin-1"),
        ("x-amzn-oidc-identity", "admin-1"),
        ("x-amzn-oidc-data", "e30.e30.e30"),
        ("x-amzn-oidc-accesstoken", "e30.e30.e30"),
        ("x-amzn-request-context", r#"{"authorizer":{"jwt":{"claims":{"cognito:groups":"chat-debug-admins"}}}}"#),
        ("x-apigateway-event", r#"{"requestContext":{"authorizer":{"principalId":"admin-1"}}}"#),
        ("x-forwarded-user", "admin-1"),
        ("x-remote-user", "admin-1"),
    ];
    let spoofed = |caller: &As<'_>| {
        let mut sent = caller.request("GET", &gate(), None);
        sent.headers.extend(spoofs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        sent
    };
    let nobody = world.nobody();
    assert_refused(&world, "nobody", &nobody.send(spoofed(&nobody)).await);
    let alice = world.user("alice");
    alice.send(spoofed(&alice)).await.expect(403).problem("admin-only");
}

#[tokio::test]
async fn a_thousand_bad_tokens_cost_no_call() {
    let world = World::new().await;
    let mallory = Issuer::generate().unwrap();
    for _ in 0..500 {
        for header in [mallory.header(), world.issuer.header()] {
            let token = mallory.sign(header, good(&world)).unwrap();
            assert_refused(&world, "forged", &world.bearer(token).get(&opt_in()).await);
        }
    }
}
