//! Algorithms, keys and signatures.

use super::*;
use service::identity::{KeySet, KeySource};
use tokio::net::TcpListener;

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
        assert!(KeySet::new(KeySource::Given(key_set(std::slice::from_ref(&key)))).is_err(), "{case}");
        // Beside a good key it is left out: one key is left, so that a token need not name it.
        let world = World::with(&[("JWKS", &key_set(&[key, key_of(&good)]))]).await;
        let unnamed = with(&good.header(), "kid", "");
        accepted(&world, case, good.sign(unnamed, claims("alice", TokenRole::User, world.now())).unwrap()).await;
        refused(&world, case, rsa.sign(rs256(), claims("alice", TokenRole::User, world.now()))).await;
    }
    for set in [key_set(&[]), "{}".into(), "[]".into(), "null".into(), "no JSON".into()] {
        assert!(KeySet::new(KeySource::Given(set.clone())).is_err(), "{set}");
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
