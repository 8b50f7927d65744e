//! What the members and elements of JSON are worth by what is around them and beside them.

use super::{
    kinds::{assert_taken, kept, orders},
    names::kept_of,
};

const KEY: &str = "Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb";
const HEX: &str = "79c7a4a0a4c9d3e9b408e4efc150718c";
/// What may be between two that belong together.
const BETWEEN: [&str; 4] = ["\"x\":[]", "\"x\":[\"sign\",{\"y\":1}]", "\"x\":{\"y\":[{}]}", "\"x\":7"];

#[test]
fn what_is_in_an_object_parts_nothing_that_is_beside_it() {
    let value = format!("\"value\":\"{KEY}\"");
    for (one, other, secret) in [
        (&*format!("\"d\":\"{KEY}\""), "\"kty\":\"EC\"", KEY),
        (&format!("\"key\":\"{HEX}\""), "\"username\":\"bob\"", HEX),
        (&format!("\"data\":{{\"a\":{{}},\"b\":\"{KEY}\"}}"), "\"kind\":\"Secret\"", KEY),
        (&value, "\"httpOnly\":true", KEY),
        (&value, "\"name\":\"DB_PASSWORD\"", KEY),
        (&value, "\"type\":\"secret\"", KEY),
    ] {
        for between in BETWEEN {
            for members in orders(&[one, other, between]) {
                let members = members.join(",");
                assert_taken(&format!("{{\"id\":1,{members}}}"), secret);
                // What breaks off has as much.
                assert_taken(&format!("[{{\"id\":[{{{members}"), secret);
            }
        }
        // Of what is beside an object, or in it, nothing is known by that.
        for text in [format!("{{\"a\":{{{one}}},{other}}}"), format!("[{{{one}}},{{\"a\":{{}},{other}}}]")] {
            assert_eq!(kept(&text), text);
        }
    }
}

#[test]
fn a_container_goes_on_behind_what_is_in_it() {
    for text in [
        format!("{{\"secrets\":{{\"a\":\"see\",\"m\":{{}},\"b\":\"{KEY}\"}}}}"),
        format!("{{\"api_keys\":[{{\"id\":\"one\"}},\"{KEY}\"]}}"),
        format!("{{\"api_keys\":[{{\"id\":\"one\"}},{{\"x\":\"{KEY}\"}}]}}"),
        format!("{{\"cookies\":{{\"a\":{{}},\"b\":\"{KEY}\"}}}}"),
        format!("{{\"password\":[{{\"S\":\"see\"}},{{\"S\":\"{KEY}\"}}]}}"),
        format!("[[\"user\",\"password\"],[{{}},\"{KEY}\"]]"),
        format!("{{\"columns\":[\"id\",\"tags\",\"password\"],\"x\":[],\"rows\":[[1,[],\"{KEY}\"]]}}"),
    ] {
        assert_taken(&text, KEY);
    }
    for text in [
        format!("{{\"secrets\":{{\"a\":\"see\"}},\"b\":\"{KEY}\"}}"),
        format!("{{\"api_keys\":[{{}}],\"b\":[\"{KEY}\"]}}"),
        format!("{{\"x\":[\"--password\",[],\"{KEY}\"]}}"),
        format!("{{\"a\":{{\"columns\":[\"id\",\"tags\",\"password\"]}},\"rows\":[[1,[],\"{KEY}\"]]}}"),
    ] {
        assert_eq!(kept(&text), text);
    }
}

#[test]
fn settings_of_dotnet_are_credentials_by_where_they_are() {
    for (given, secret) in [
        (r#"{"Jwt":{"Issuer":"x","Key":"ThisIsMySecretKeyForJwt2024!"}}"#, "ThisIsMySecretKeyForJwt2024!"),
        (r#"{"JwtSettings":{"Key":"Sommer2024!ab"}}"#, "Sommer2024!ab"),
        (r#"<add key="ApiSecret" value="Sommer2024!"/>"#, "Sommer2024!"),
    ] {
        assert_taken(given, secret);
    }
    for text in [
        r#"{"Jwt":{"Key":"Name"},"Other":{"Key":"Sommer2024!ab"}}"#,
        r#"<add key="SecretName" value="db1"/>"#,
        r#"<add key="ApiSecret" value="YourSecretHere"/>"#,
        r#"<meta key="ApiSecret" value="Sommer2024!"/>"#,
    ] {
        assert_eq!(kept(text), text);
    }
}

#[test]
fn what_is_said_of_a_value_is_of_it_alone() {
    let state = |kind: &str| {
        format!("{{\"type\":\"{kind}\",\"name\":\"x\",\"instances\":[{{\"attributes\":{{\"result\":\"{KEY}\"}}}}]}}")
    };
    assert_taken(&state("random_password"), KEY);
    for text in [
        state("random_id"),
        format!("{{\"a\":[{{\"type\":\"random_password\"}},{{\"result\":\"{KEY}\"}}],\"result\":\"{KEY}\"}}"),
        format!("{{\"masked\":false,\"secret\":null,\"value\":\"{KEY}\",\"type\":\"text\",\"id\":\"/others/x\"}}"),
        format!("{{\"masked\":true,\"a\":{{\"value\":\"{KEY}\"}}}}"),
        "{\"type\":\"password\",\"value\":\"\",\"label\":\"Password\",\"masked\":true,\"default\":\"production\"}"
            .to_owned(),
    ] {
        assert_eq!(kept(&text), text);
    }
}

#[test]
fn a_name_is_known_however_deep() {
    for depth in [30, 31, 32, 33, 34, 40, 200] {
        for bracket in ["[", "{\"a\":"] {
            let around = bracket.repeat(depth);
            assert_taken(&format!("{around}{{\"x\":{{}},\"password\":\"{KEY}\"}}"), KEY);
            let close = if bracket == "[" { "]" } else { "}" }.repeat(depth);
            assert_taken(&format!("{{\"a\":{around}{close},\"name\":\"api_key\",\"x\":[],\"value\":\"{KEY}\"}}"), KEY);
        }
    }
}

#[test]
fn members_keep_names_that_are_words_and_no_two_become_one() {
    let tokens = ["a", "b"].map(|one| format!("\"ghp_{one}B3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY2zA4\":1")).join(",");
    assert_eq!(kept(&format!("{{{tokens}}}")), "{\"[REDACTED:github-token]\":1,\"[REDACTED:github-token] 2\":1}");
    for (name, is_word) in [("Base64Data", true), ("Sommerregen2024", true), (KEY, false), ("k8(Qz2vN5xR0wT#d", false)]
    {
        let texts =
            [format!("{{\"password\":\"{name}\"}}"), format!("{{\"x\":1,\"{name}\":\"{name}\",\"y\":\"see {name}\"}}")];
        let said = if is_word { name } else { "[REDACTED:repeated] 2" };
        let expected = format!("{{\"x\":1,\"{said}\":\"[REDACTED:repeated]\",\"y\":\"see [REDACTED:repeated]\"}}");
        assert_eq!(kept_of(&texts)[1], expected);
    }
    let texts = [
        "{\"password\":\"Base64Data\",\"secret\":\"Winterabend2024\"}",
        "see {\"Base64Data\":1,\"Winterabend2024\":2} there",
    ];
    let expected = "see {\"[REDACTED:repeated]\":1,\"[REDACTED:repeated] 2\":2} there";
    assert_eq!(kept_of(&texts.map(str::to_owned))[1], expected);
    let shape = "{\"Secret\":{\"shape\":\"XmlStringMaxLen256\"}}";
    assert_eq!(kept(shape), shape);
}
