mod bodies;
mod code;
mod columns;
mod kinds;
mod kits;
mod linear;
mod members;
mod names;
mod pages;
mod parts;
mod posts;
mod random;
mod rules;
mod said;
mod streams;
mod values;

use crate::{
    places::{At, Place},
    redactor::Redactor,
    rules::Rules,
    text::urls::Kind,
};
use api::{json::Object, step::Headers};
use std::fmt::Debug;

/// What is left once it is read. Nothing more is found in that.
#[track_caller]
fn read<T: Clone + Debug + PartialEq>(given: &T, place: impl Fn(&mut T) -> Place<'_>) -> T {
    let once = |mut value: T| {
        Redactor::under(&Rules::default()).place(At::default(), place(&mut value), false);
        value
    };
    let kept = once(given.clone());
    assert_eq!(once(kept.clone()), kept, "{given:?}");
    kept
}

/// A text without its credentials.
#[track_caller]
fn masked(text: &str, kind: Kind) -> String {
    read(&text.to_owned(), |text| match kind {
        Kind::Url => Place::Url(text),
        Kind::Path => Place::Path(text),
        Kind::Text => Place::Text(text),
    })
}

#[track_caller]
fn masked_json(json: &str) -> String {
    read(&Object::parse(json).expect("an object"), |object| Place::Json(object)).get().to_owned()
}

/// The value of a header without its credentials.
#[track_caller]
fn masked_header(name: &str, value: &str) -> String {
    let headers = Headers([(name.to_owned(), value.to_owned())].into_iter().collect());
    read(&headers, |headers| Place::Headers(headers)).0.into_iter().map(|(_, value)| value).collect()
}

#[test]
fn keys_leave_a_url_and_every_other_byte_stays() {
    for (given, kept) in [
        ("https://api.example.com/v1/messages?beta=true", "https://api.example.com/v1/messages?beta=true"),
        ("https://u:p@host/x?key=AIza&alt=sse#f", "https://[REDACTED]@host/x?key=[REDACTED]&alt=sse#f"),
        ("https://u@p@host", "https://[REDACTED]@host"),
        ("https://host/a@b?q=u@v", "https://host/a@b?q=u@v"),
        ("https://host/v1/models/claude@20240229:rawPredict", "https://host/v1/models/claude@20240229:rawPredict"),
        ("https://host?API%5FKEY=s&max_x=1", "https://host?API%5FKEY=[REDACTED]&max_x=1"),
        (
            "/v1?X-Amz-Signature=s&X-Amz-Credential=c&sig=a==&x",
            "/v1?X-Amz-Signature=[REDACTED]&X-Amz-Credential=[REDACTED]&sig=[REDACTED]&x",
        ),
        ("/cb#access_token=s&state=1", "/cb#access_token=[REDACTED]&state=1"),
        ("/v1?a=1&a=2;key=s;b", "/v1?a=1&a=2;key=[REDACTED]"),
        ("/v1?key=", "/v1?key="),
        ("/v1?key=a?b;c&x=1", "/v1?key=[REDACTED]&x=1"),
        ("/v1?next=/a?token=s&x=1", "/v1?next=/a?token=[REDACTED]&x=1"),
        ("/v1;jsessionid=s/x?y=1", "/v1;jsessionid=[REDACTED]/x?y=1"),
        ("/v1/key=s/x", "/v1/key=[REDACTED]/x"),
        ("u:p@host/v1", "[REDACTED]@host/v1"),
        ("https:u:p@host/v1", "[REDACTED]@host/v1"),
        ("//u:p@host", "//[REDACTED]@host"),
        ("", ""),
    ] {
        assert_eq!(masked(given, Kind::Url), kept, "{given}");
    }
}

#[test]
fn the_first_parameter_is_read_like_any_other() {
    for name in ["sig", "code", "pwd", "jwt", "sas", "key", "token", "Sig", "s%69g", "k%65y", "ke\ty", "user_key"] {
        for separator in ["?", "#", "?x=1&", "?x=1;", "?a=b?", "?&"] {
            let given = format!("https://host/v1{separator}{name}=s&alt=sse");
            assert_eq!(masked(&given, Kind::Url), given.replace("=s&", "=[REDACTED]&"), "{given}");
        }
    }
}

#[test]
fn what_only_contains_the_word_stays() {
    for name in [
        "author",
        "authority",
        "keyword",
        "max_tokens",
        "total_tokens",
        "token_type",
        "tokenizer",
        "stop_token",
        "prompt_cache_key",
        "idempotency-key",
        "primary_key",
        "pagination_key",
        "progressToken",
        "next_page_token",
        "pageToken",
        "monkey",
        "zipcode",
        "country_code",
        "sigma",
        "key_id",
        "secretary",
        "x-ratelimit-remaining-tokens",
        "passage",
    ] {
        for given in [format!("https://host/v1?{name}=a1b2c3d4&x=1"), format!("https://host/v1?x=1&{name}=a1b2c3d4")] {
            assert_eq!(masked(&given, Kind::Url), given);
            assert_eq!(masked(&given, Kind::Text), given);
        }
        let given = format!("failed: {name}=a1b2c3d4, \"{name}\": \"a1b2c3d4\"");
        assert_eq!(masked(&given, Kind::Text), given);
    }
}

#[test]
fn user_info_is_found_in_odd_forms() {
    for form in [
        r"https:\\u:p@h/x",
        "https:/u:p@h/x",
        "https:///u:p@h",
        r"https:/\u:p@h",
        "//u:p@h/x",
        "ht\ntps://u:p@h",
        "https:/\t/u:p@h",
        "https://u:p\n@h/x",
        "postgres://u:p@h/db",
        "/proxy/https://u:p@h/x",
        "/a?b=https://u:p@h",
        "/a?b=https%3A%2F%2Fu%3Ap%40h%2Fx&c=1",
        "/a?b=https%253A%252F%252Fu%253Ap%2540h",
        " https://u:p@h",
        "WSS:u:p@h",
    ] {
        for kind in [Kind::Url, Kind::Path] {
            let kept = masked(form, kind);
            let host = form.find("@h").map(|at| &form[at..]).or(form.find("%40h").map(|at| &form[at..]));
            let host = host.or(form.find("%2540h").map(|at| &form[at..])).unwrap();
            assert!(kept.ends_with(&format!("[REDACTED]{host}")), "{form}: {kept}");
            assert!(!kept.contains('p') || !kept.replace("https", "").replace("http", "").contains(":p"), "{kept}");
        }
    }
    for plain in ["/v1//models@2024/x", "/v1/models/claude@2024:rawPredict", "/a@b", "https://host:80/a:b@c"] {
        assert_eq!(masked(plain, Kind::Path), plain);
    }
}

#[test]
fn credentials_leave_a_text_and_every_other_byte_stays() {
    for (given, kept) in [
        (
            "error for url 'https://h/v1?key=AIza-1': timed out",
            "error for url 'https://h/v1?key=[REDACTED]': timed out",
        ),
        ("Post \"https://u:p@h/x?sig=Sx\": EOF", "Post \"https://[REDACTED]@h/x?sig=[REDACTED]\": EOF"),
        ("see (https://h/?token=s).", "see (https://h/?token=[REDACTED])."),
        (
            r#"{"url":"https:\/\/u:p@h\/?a=1\u0026key=s3cr3t"}"#,
            r#"{"url":"https:\/\/[REDACTED]@h\/?a=1\u0026key=[REDACTED]"}"#,
        ),
        ("next=https%3A%2F%2Fh%3Ftoken%3Ds%26x=1", "next=https%3A%2F%2Fh%3Ftoken%3D[REDACTED]%26x=1"),
        ("Authorization: Bearer x\nHost: h", "Authorization: Bearer [REDACTED:authorization]\nHost: h"),
        ("{'authorization': 'Bearer x y', 'a': 1}", "{'authorization': 'Bearer [REDACTED:authorization]', 'a': 1}"),
        ("[(b'Authorization', b'Bearer x')]", "[(b'Authorization', b'Bearer [REDACTED:authorization]')]"),
        (
            "map[Authorization:[Bearer sk-1] Accept:[*/*]]",
            "map[Authorization:[Bearer [REDACTED:authorization]] Accept:[*/*]]",
        ),
        (
            "authorization: AWS4-HMAC-SHA256 Credential=a, Signature=b\nx",
            "authorization: AWS4-HMAC-SHA256 [REDACTED:authorization]\nx",
        ),
        ("sent Bearer abc123DEF456, got 401", "sent Bearer [REDACTED:bearer], got 401"),
        ("api_key=abcd-1234, retries=3", "api_key=[REDACTED:api-key], retries=3"),
        ("OPENAI_API_KEY = 'abcd-1234' ok", "OPENAI_API_KEY = '[REDACTED:api-key]' ok"),
        (r#"{"api_key": "abcd-1234", "n": 1}"#, r#"{"api_key": "[REDACTED:api-key]", "n": 1}"#),
        (r#"{\"api_key\": \"abcd-1234\", \"n\": 1}"#, r#"{\"api_key\": \"[REDACTED:api-key]\", \"n\": 1}"#),
        (r#"{\\\"apiKey\\\":\\\"abcd-1234\\\"}"#, r#"{\\\"apiKey\\\":\\\"[REDACTED:api-key]\\\"}"#),
        ("invalid api key: abcd-1234.", "invalid api key: [REDACTED:api-key]."),
        ("Cookie: a=b; c=d\r\nHost: h", "Cookie: [REDACTED:cookie]\r\nHost: h"),
        ("-H \"x-api-key: abcd-1234\"", "-H \"x-api-key: [REDACTED:api-key]\""),
        ("https:u:p@h", "https:[REDACTED]@h"),
        ("sent 'code=a1b2c3d4&state=1'", "sent 'code=[REDACTED]&state=1'"),
        ("/cb?code=4/0AX4XfWh-b3dE5fG7h&state=1", "/cb?code=[REDACTED]&state=1"),
        ("/cb?pwd=/hunter22&key=PqbSET+3E+ke&key=aB/c1%407d", "/cb?pwd=[REDACTED]&key=[REDACTED]&key=[REDACTED]"),
        ("https://h/x?key=nA%3B%3DQ%7B0W1hS%26%28%3EQ%7C and", "https://h/x?key=[REDACTED] and"),
        ("see https://x/?key=Qm/Zt+Kv and", "see https://x/?key=[REDACTED] and"),
        ("see https://h/p?token=abc123def456#section-2", "see https://h/p?token=[REDACTED]#section-2"),
        ("a=1&code=Qm7x9,R2vK=p9Lw&user.token=x1Qm7xR2v==&b=2", "a=1&code=[REDACTED]&user.token=[REDACTED]&b=2"),
        ("http://bob:1234@h/x and http://bob:p[w@h/x", "http://[REDACTED]@h/x and http://[REDACTED]@h/x"),
    ] {
        assert_eq!(masked(given, Kind::Text), kept, "{given}");
    }
    for plain in [
        "Invalid password: must be at least 8 characters",
        "error=\"invalid_token\", error_description=\"The token expired\"",
        "invalid_api_key: Incorrect API key provided",
        "mail bob@example.com, see // and C:\\Users\\bob@x, to:\\nbob@example.com",
        "api_key=$OPENAI_API_KEY and password: ${PASSWORD_1234}, secret=<your-secret-1>",
        "Bearer authentication is required",
        "https://play.rust-lang.org/?code=fn+main()+%7B%0A++println!(1)%3B%7D and /?code=%23!%5Ballow(a)%5D",
        "GET /cb?token=null&code=Invalid+identifier+or+password, /cb?token=TOKEN&api_key=undefined",
        "/cb?key=templates/main-2.yaml&pwd=/home/user",
        "xpath(\"//w:p[@w:rsidR='00A1']\"), re.sub(r\"//[^:]+:[^@]+@\", \"//\", url), HTTP::Request::Common::POST(@a)",
        "sed -i \"s@APP_URL=.*@APP_URL=http://localhost:8000@g\" .env",
        "the author: a1b2c3d4e5f6; max_tokens: 4096",
        "confirmPassword: confirmPassword",
        "the key=5 and code=12 & more",
        "b&&(e.key===o.Z?v=g:e.key===o.C&&(v=j)), c&&x?.key===r1.Z&&d, 1||t.getToken()===86104?e&t:1",
        "x?1:0;this.secret=e,this.isHmac=!!e,this.hash=this.createHash();a&&b; awk '{a;key=$1,val=$2}'",
        "unexpected token '}' at key 'a': 12345678ab",
    ] {
        assert_eq!(masked(plain, Kind::Text), plain);
    }
}

#[test]
fn of_an_object_only_the_literal_that_changed_is_new() {
    for (given, kept) in [
        (
            r#"{"a" : 1.0, "url":"https://h?key=AIza" ,"n":[1e999,"\ud800"]}"#,
            r#"{"a" : 1.0, "url":"https://h?key=[REDACTED]" ,"n":[1e999,"\ud800"]}"#,
        ),
        (
            r#"{"m":"\ud83d\ude00 \udc00 \u00e9 \"https:\/\/u:p@h\/?a=1\u0026key=s3cr3t\" \n"}"#,
            r#"{"m":"\ud83d\ude00 \udc00 \u00e9 \"https:\/\/[REDACTED]@h\/?a=1\u0026key=[REDACTED]\" \n"}"#,
        ),
        (
            r#"{"h":{"authorization":"Bearer x","x-api-key":"abcd-1234"}}"#,
            r#"{"h":{"authorization":"Bearer [REDACTED:authorization]","x-api-key":"[REDACTED:api-key]"}}"#,
        ),
        (
            r#"{"h":{"Authorization":["Bearer x"]},"b":["y"]}"#,
            r#"{"h":{"Authorization":["Bearer [REDACTED:authorization]"]},"b":["y"]}"#,
        ),
        (
            r#"{"content":[{"token":"iVBORw0KGgoAAAANSUhEUgAA","logprob":-0.1},{"token":"sk_live_Qm7xR2vKp9Lw4Zt8","logprob":-1}]}"#,
            r#"{"content":[{"token":"iVBORw0KGgoAAAANSUhEUgAA","logprob":-0.1},{"token":"[REDACTED:stripe-key]","logprob":-1}]}"#,
        ),
        (
            r#"{"a":"see {\"token\": \"iVBORw0KGgoAAAANSUhEUgAA\", \"logprob\": -0.1}","logprobs":true,"token":"Qm7xR2vKp9Lw4Zt8Yc3Nf6Hb"}"#,
            r#"{"a":"see {\"token\": \"iVBORw0KGgoAAAANSUhEUgAA\", \"logprob\": -0.1}","logprobs":true,"token":"[REDACTED:token]"}"#,
        ),
        (r#"{"api\u005fkey":"abcd-1234"}"#, r#"{"api\u005fkey":"[REDACTED:api-key]"}"#),
        (
            r#"{"password":{"type":"string"},"api_key":12345678}"#,
            r#"{"password":{"type":"string"},"api_key":12345678}"#,
        ),
        (r#"{"password":"is required","token":"a1b2c3d4e5"}"#, r#"{"password":"is required","token":"a1b2c3d4e5"}"#),
        (r#"{"https://h?key=s3cr3t" : "timed out"}"#, r#"{"https://h?key=[REDACTED]" : "timed out"}"#),
        (r#"{"inner":"{\"api_key\":\"abcd-1234\"}"}"#, r#"{"inner":"{\"api_key\":\"[REDACTED:api-key]\"}"}"#),
    ] {
        assert_eq!(masked_json(given), kept);
    }
}

#[test]
fn of_protocols_only_the_key_is_taken() {
    for (given, kept) in [
        ("realtime, openai-insecure-api-key.sk-S.1, x.y", "realtime, openai-insecure-api-key.[REDACTED], x.y"),
        ("base64url.bearer.authorization.k8s.io.abc", "base64url.bearer.[REDACTED]"),
        ("graphql-ws, openai-beta.realtime-v1", "graphql-ws, openai-beta.realtime-v1"),
        ("access_token,abc , chat", "access_token,[REDACTED] , chat"),
        ("chat, eyJhbGciOiJIUzI1NiJ9x", "chat, [REDACTED]"),
    ] {
        assert_eq!(masked_header("Sec-WebSocket-Protocol", given), kept);
    }
}

#[test]
fn a_placeholder_is_one_as_a_whole() {
    for stays in [
        "password=$PASSWORD x",
        "password=${PASSWORD}",
        "api_key=<your-key>",
        "token: {{ token }}",
        "secret=***",
        "pwd=%PWD%",
        "{\"Authorization\": f\"Bearer {self.tokens['v2']!r}\"}, \"Authorization: Bearer {}\".format(t)",
        "curl -H \"Authorization: Bearer $(gcloud auth print-access-token)\"",
        "Authorization: Bearer https://a.b/c1d2\nAuthorization: Bearer eyJ...\nAuthorization: Bearer eyJhbGciOi…",
        "Authorization: Digest username=\"%s\", realm=\"%s\"",
        "f\"mysql://{user}:{pw}@{host}/{db}\", \"postgresql://{}:{}@{}\"",
    ] {
        assert_eq!(masked(stays, Kind::Text), stays);
    }
    for (given, kept) in [
        ("password=$3cret!pass9", "password=[REDACTED:password]"),
        ("password=***real1", "password=[REDACTED:password]"),
        (r#"{"api_key": "$2b$12$abcDEF9"}"#, r#"{"api_key": "[REDACTED:api-key]"}"#),
        ("'Authorization': 'Bearer {Qm7xR2vKp9Lw4Zt8}'", "'Authorization': 'Bearer [REDACTED:authorization]'"),
        ("Authorization: Basic Ym9iOmh1bnRlcjI=", "Authorization: Basic [REDACTED:authorization]"),
        ("Authorization: Bearer hunter2x...", "Authorization: Bearer [REDACTED:authorization]..."),
        (
            "Authorization: Bearer https://a.b/8f3c9a7e1b2d4f608f3c9a7e",
            "Authorization: Bearer [REDACTED:authorization]",
        ),
        ("mysql://bob:{hunter2}x@h, mysql://bob:{Qm7xR2vKp9@h", "mysql://[REDACTED]@h, mysql://[REDACTED]@h"),
        ("Authorization: Bearer $3cret!pass9 x", "Authorization: Bearer [REDACTED:authorization] x"),
    ] {
        assert_eq!(masked(given, Kind::Text), kept, "{given}");
    }
}

#[test]
fn any_scheme_of_an_authorization_is_one() {
    for scheme in ["Api-Key", "SSWS", "GenieKey", "Splunk", "Client-ID"] {
        let kept = format!("Authorization: {scheme} [REDACTED:authorization] x");
        assert_eq!(masked(&format!("Authorization: {scheme} Zq8xW3vRt6Ym2Kp9 x"), Kind::Text), kept);
    }
    let prose = "authorization: the request was refused";
    assert_eq!(masked(prose, Kind::Text), prose);
}
