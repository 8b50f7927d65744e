//! What a post costs grows as it does, whatever it holds.

use crate::{
    body::{About, body},
    mask::{Hits, Rule},
    reader::{Reader, Within},
    rules::Rules,
    shapes::{
        Form::{self, Hash, Joined, Key, Mixed},
        OPEN,
        index::SHAPES,
    },
    tables::split,
    text::urls::Kind,
};
use std::hint::black_box;

/// What readers stop at, over and over.
const STOPS: [&str; 124] = [
    "a=;",
    "?a=",
    "k=&",
    "[",
    "{",
    "\"",
    "\\",
    "]",
    "}",
    "?key=",
    "https://u:",
    "%25",
    "api_key:",
    "\"auth\":\"",
    "token=@",
    "%2522key=",
    "auth: digest $",
    "token=token=",
    "password: ",
    "://",
    "@",
    "//u:p",
    "\n",
    "\r\n",
    "data:",
    "data: {}\n",
    "data: {\"delta\":{\"text\":\"a\"}}\n\n",
    "{\"text\":\"a\"}\n",
    "{\"a\":[",
    "[{\"delta\":\"a\"},",
    "\\u0026",
    "'",
    ",",
    "\"a\",",
    "--b\r\n",
    "--b\r\nContent-Type: a\r\n\r\n\r\n",
    "a.b.",
    "eyJhbGciOiJIUzI1NiJ9.",
    "aHVudGVyMjog",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----END ",
    "\0\0\0\u{10}\0\0\0\0\0\0\0\0\0\0\0\0",
    "{\"name\":\"cookie\",\"value\":\"a=b\"}",
    "sk-proj-Qm7xR2vKp9Lw4Zt8Yc3N ",
    "INSERT INTO t (password) VALUES ('",
    "INSERT INTO t (password, password) VALUES ((",
    "password, ",
    "a,password\n\n",
    "token\ta\tb\n",
    "\"a,password\n",
    "a  password\n-  --------\n",
    "COPY t (password) FROM stdin;\n",
    "recovery codes:\n12345678\n",
    "login: a / ",
    "secret set A=b -b ",
    "echo a | sudo -S ",
    "htpasswd -b a ",
    "<input value=",
    "password: {\n  default: ",
    "0.1:",
    "$2b$12$",
    "password is a for b:\n",
    "secrets:\n  a: b\n",
    "kind: Secret\ndata:\n  a: b\n",
    "data:\n  a: b\nkind: Secret\n",
    " kind: Secret\n  kind: Secret\n",
    "u:p@tcp(",
    "a@b.c:d1",
    "password(\"a\", ",
    "$ cat secret\na",
    "{\"command\":\"printenv TOKEN\",\"stdout\":\"a\"}",
    "getByLabel('password').fill(",
    "- textbox \"password\" [a]:\n - /a: b\n",
    "- text: key\n- code: a\n",
    "stringData:\n a: b\n",
    "a1 as the password ",
    "[\"mysql\",\"-pa\",",
    "{password: a1&",
    "password from a1b2c3d4x5 to ",
    "password for a@b.c: a1b2c3d4x5, for b: ",
    "a1b2c3d4x5 in the password field ",
    "token created: a1b2c3d4x5 ",
    "password (value a1b2c3d4x5",
    "\n1) \"password",
    "\nresult = ",
    "password = \"a\" -> \"b\"",
    "value = 'a' WHERE name = 'password'",
    " crypt('",
    "пароль от a ",
    "password { get; set; } = ",
    "'password', with: '",
    "basic_auth(Some(",
    "{\n  \"a\": [ {\t",
    "[ ",
    "1→",
    "1→\n",
    "@@ -",
    "@@ -\n+",
    "[[\"a\",\"token\"],",
    "{\"value\":[\"value\",",
    "{\"kind\":\"Secret\",\"data\":{\"d\":\"8f3c9a7e1b2d4f608f3c9a7e1b2d4f60\",",
    "{'",
    "\"{\\\"",
    "\"[{\\n\",",
    "# password\n",
    "# password\na",
    "1: password\n",
    "password\\n\", \"",
    "'password\\n",
    ",\"a\"\"password",
    ",\"\"a",
    "CREATE TABLE t (password int); INSERT INTO t VALUES ('a'), ",
    "INSERT INTO t (password) VALUES (?) param(",
    "AB0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n-----END PRIVATE KEY-----\n",
    "token:@",
    "x_token=ab1-cd:2ef3",
    "name=cookie value=a=b ",
    "Server=a;Password=",
    "token：",
    "hasło do ",
    "\"token\\n\" ",
    "kind: Secret\n",
    "12:00:00 token\n",
    "app_key=0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0",
];

/// Fails when four times the input costs more than six times the CPU.
#[track_caller]
fn assert_linear(name: &str, read: impl Fn(&str), text: impl Fn(usize) -> String) {
    cpu::assert_linear(name, 8 * 1024, text, |text| read(text));
}

#[test]
fn four_times_the_input_costs_at_most_six_times_the_work() {
    let read =
        |text: &str| drop(black_box(body(&mut Reader::under(&Rules::default()), text.as_bytes(), About::default())));
    let prefixes = SHAPES.0.iter().map(|shape| split(shape).1);
    for stop in STOPS.into_iter().chain(prefixes) {
        assert_linear(stop, read, |bytes| stop.repeat(bytes / stop.len()));
    }
    // Longer than what is judged, and without an end.
    let drawn = "aB3dE5fG7hJ9kL1mN2pQ".repeat(7);
    for name in ["x_key:", "login:bob/"] {
        assert_linear(name, read, |bytes| [name, &drawn].concat().repeat(bytes / (name.len() + drawn.len())));
    }
    // Behind data, none of them is taken.
    let is_open = |form: &Form| matches!(form, Key(_, _, OPEN) | Mixed(_, _, OPEN) | Joined(..) | Hash(..));
    let (data, filler) = ("A".repeat(201), "bcdefghijklmnopqrstuvwxyz".repeat(5));
    for (shape, _) in SHAPES.0.iter().zip(&SHAPES.1).filter(|(_, form)| is_open(form)) {
        let (_, prefix) = split(shape);
        for one in [format!("{data}/{prefix}{filler}01"), format!("-.{prefix}{filler}")] {
            assert_linear(&one, read, |bytes| one.repeat(bytes / one.len()));
        }
    }
    // One name of many elements, which is copied quickly.
    assert_linear("elements", read, |bytes| {
        format!("{{\"\\u0061{}\":[{}", "a".repeat(bytes * 8), "[],".repeat(bytes * 2))
    });
    // One value and many labels.
    for label in ["\"name\":\"weather_key\",", "\"name\":\"Cookie\",\"type\":\"secret\","] {
        assert_linear(label, read, |bytes| {
            format!("{{\"value\":\"{}\",{}", "Qm7xR2vKp9Lw4Zt8".repeat(bytes / 32), label.repeat(bytes / 32))
        });
    }
    for stop in STOPS {
        assert_linear(stop, read, |bytes| format!("{{\"password\":{:?}}}", stop.repeat(bytes / stop.len())));
        let url = |text: &str| {
            let mut hits = Hits::default();
            Reader::under(&Rules::default()).text(text, Within::nothing(Kind::Url), &mut hits);
            drop(black_box(hits.merged(text)));
        };
        assert_linear(stop, url, |bytes| stop.repeat(bytes / stop.len()));
    }
}

#[test]
fn what_was_learned_is_looked_for_in_the_time_of_the_text() {
    let read = |text: &str| {
        let rules = Rules::default();
        let mut reader = Reader::under(&rules);
        reader.is_again = true;
        reader.learned.learn(&format!("{}bcdefg", "a".repeat(text.len() / 4)), Rule::Name("key"));
        let mut hits = Hits::default();
        reader.text(text, Within::nothing(Kind::Text), &mut hits);
        drop(black_box(hits.merged(text)));
    };
    assert_linear("learned", read, |bytes| "a".repeat(bytes));
}
