//! What a value is: a credential, or what documentation, code and prose have in its place.

use super::kinds::{assert_taken, kept};

#[track_caller]
fn assert_stays(text: &str) {
    assert_eq!(kept(text), text);
}

#[test]
fn what_ends_other_values_may_be_in_one() {
    for (given, secret) in [
        ("db:\n  password: Xk;9mQ2pLr7Vt\n", "Xk;9mQ2pLr7Vt"),
        ("DB_PASSWORD=Xk\"9mQ2pLr7Vt\n", "Xk\"9mQ2pLr7Vt"),
        ("DB_PASSWORD=Xk`9mQ2pLr7Vt\n", "Xk`9mQ2pLr7Vt"),
        ("[db]\npassword = Xk\\9mQ2pLr7Vt", "Xk\\9mQ2pLr7Vt"),
        ("acme login --token=7|Qwb8DwkNhFdnXsiVpzz63Ffk", "7|Qwb8DwkNhFdnXsiVpzz63Ffk"),
        (
            "-H 'Authorization: Bearer tid=02ea68ef786e4d3c;exp=17646;rt=1:3cf575dcad6ba2b0' https://h",
            "tid=02ea68ef786e4d3c;exp=17646;rt=1:3cf575dcad6ba2b0",
        ),
    ] {
        assert_taken(given, secret);
    }
    let url = kept("see https://h/me?access_token=12345678|WGYnkjiq-E5YBW2PL6jt");
    assert_eq!(url, "see https://h/me?access_token=[REDACTED]");
    assert_taken(
        "AccountKey=8f3c9a7e1b2d4f60aB3dE5fG7w==;EndpointSuffix=core.windows.net",
        "8f3c9a7e1b2d4f60aB3dE5fG7w==",
    );
    for text in ["password: ab;c\n", "type A = {\n  token: a | Qm7xR2vKp9Lw4Zt8;\n"] {
        assert_stays(text);
    }
}
