//! The members of a token's header beside its algorithm and its key.

use super::*;

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
