//! Where a token may be, how long it may be, and how its three parts are written.

use super::*;

#[tokio::test]
async fn without_a_bearer_token_nobody_gets_in() {
    let world = World::new().await;
    assert_refused(&world, "no header", &world.nobody().get(&opt_in()).await);
    let token = world.token("alice", TokenRole::User);
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
        authorization(&world, &format!("{scheme} {}", world.token("alice", TokenRole::User))).await.expect(200);
    }
}

#[tokio::test]
async fn two_tokens_are_none_even_when_both_are_good() {
    let world = World::new().await;
    let (alice, bob) = (world.token("alice", TokenRole::User), world.token("bob", TokenRole::User));
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
    let token = world.token("alice", TokenRole::User);
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
    let spoofed = |caller: &TestCaller<'_>| {
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
