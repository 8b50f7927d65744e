//! The claims of a token, each by itself.

use super::*;

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
async fn an_issuer_is_compared_to_the_byte() {
    let world = World::new().await;
    let issuer = json!(ISSUER).to_string();
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
    claim(&world, "iss", &[&issuer], &bad).await;
}

#[tokio::test]
async fn an_audience_counts_before_a_client() {
    let world = World::with(&[("AUDIENCES", "first, chat-debug")]).await;
    let audience = &*json!(AUDIENCE).to_string();
    let list = &*json!(["other", AUDIENCE]).to_string();
    for (audience, client, is_ours) in [
        (audience, "", true),
        (r#""first""#, "", true),
        (list, "", true),
        (audience, r#""other""#, true),
        ("", audience, true),
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
        (r#""other""#, audience, false),
        (r#""""#, audience, false),
        ("null", audience, false),
        ("[]", audience, false),
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
    let mut both = claims("alice", TokenRole::Admin, world.now());
    both["scope"] = json!(RECORDER_SCOPE);
    world.bearer(signed(&world, &both)).get(&gate()).await.expect(403);
    world.bearer(signed(&world, &both)).get(&runs(1)).await.expect(403);
    let nameless = signed(&world, with(&both, "sub", ""));
    world.bearer(nameless).put(&chat(1), json!({"owner_id": "alice"})).await.expect(200);
}
