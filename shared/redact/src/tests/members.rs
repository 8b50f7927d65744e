//! What the members and elements of JSON are worth by what is around them and beside them.

use super::kinds::{assert_taken, kept, orders};

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
