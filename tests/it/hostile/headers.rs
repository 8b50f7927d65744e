//! Headers that a function does not read, and those that it answers with.

use super::*;

#[tokio::test]
async fn headers_that_are_not_ours_change_nothing() {
    let world = recorded().await;
    let headers = [
        ("accept", "text/html"),
        ("accept", "application/xml, */*;q=0"),
        ("accept-charset", "utf-16"),
        ("accept-encoding", "br;q=1, *;q=0"),
        ("accept-language", "xx"),
        ("if-match", "\"x\""),
        ("if-match", "*"),
        ("if-none-match", "\"x\""),
        ("if-modified-since", "Fri, 02 Jan 2099 03:04:05 GMT"),
        ("if-unmodified-since", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("range", "bytes=0-1"),
        ("expect", "100-continue"),
        ("te", "trailers, deflate;q=0.5"),
        ("transfer-encoding", "chunked"),
        ("connection", "authorization, content-type"),
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-prefix", "/evil"),
        ("forwarded", "host=evil.example;proto=http"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("referer", "https://evil.example/"),
        ("x-http-method-override", "DELETE"),
        ("x-http-method", "DELETE"),
        ("x-method-override", "DELETE"),
        ("x-original-url", "/api/experimental/chats/config/debug-logging"),
        ("x-rewrite-url", "/api/experimental/chats/config/debug-logging"),
        ("x-request-id", "mine"),
        ("idempotency-key", "x"),
        ("cookie", "a=b"),
    ];
    let list = format!("{}?limit=1", runs(1));
    let plain = world.user(OWNER).get(&list).await.expect(200);
    assert!(plain.next().unwrap().starts_with("/api/"), "a path without a host");
    let before = world.items();
    for (name, value) in headers {
        let alice = world.user(OWNER);
        let mut sent = alice.request("GET", &list, None);
        sent.headers.push((name.into(), value.into()));
        let answer = alice.send(sent).await;
        assert_eq!(
            (answer.status, &answer.headers, &answer.body),
            (200, &plain.headers, &plain.body),
            "{name}: {value}"
        );
    }
    assert!(world.items() == before);
    for (name, value) in headers {
        for (route, body, status) in [
            (route("update-debug-run"), "{}".to_owned(), 200),
            (route("put-chat-debug-logging"), r#"{"override":"on"}"#.into(), 204),
            (route("put-chat"), full_body(route("put-chat")).unwrap().to_string(), 200),
        ] {
            let caller = caller(&world, route);
            let mut sent = caller.request(route.method.as_str(), &path_of(route), Some(body.into_bytes()));
            sent.headers.push((name.into(), value.into()));
            assert_eq!(caller.send(sent).await.status, status, "{} {name}: {value}", route.operation);
        }
    }
}

#[tokio::test]
async fn an_answer_has_these_headers_and_no_others() {
    let world = recorded().await;
    let known = ["cache-control", "content-type", "etag", "link", "vary", "x-content-type-options", "x-request-id"];
    let alice = world.user(OWNER);
    for answer in [
        alice.get(&format!("{}?limit=1", runs(1))).await,
        alice.get(&run(1, 1)).await,
        alice.get(&run(1, 99)).await,
        alice.put(&opt_in(), json!({"debug_logging_enabled": true})).await,
        world.recorder().post(&runs(1), open_run(OWNER, 60)).await,
        world.recorder().post(&runs(1), "{").await,
    ] {
        for (name, value) in &answer.headers {
            assert!(known.contains(&name.as_str()), "{name}");
            assert!(value.as_bytes().iter().all(|byte| (b' '..=b'~').contains(byte)), "{name}: {value:?}");
        }
    }
}

#[tokio::test]
async fn a_correlation_id_comes_back_when_it_is_plain() {
    let world = recorded().await;
    let longest = "x".repeat(64);
    let too_long = "x".repeat(65);
    let ask = async |caller: TestCaller<'_>, id: &str| {
        let mut sent = caller.request("GET", &runs(1), None);
        sent.headers.push(("x-correlation-id".into(), id.into()));
        caller.send(sent).await.header("x-correlation-id").map(str::to_owned)
    };
    for caller in [world.user(OWNER), world.user("mallory"), world.recorder(), world.nobody()] {
        for plain in ["a", "0", "-", "A-z-09", "0c000000-0000-4000-8000-0000000000ff", &longest] {
            assert_eq!(ask(caller.clone(), plain).await.as_deref(), Some(plain));
        }
        for other in [
            "",
            " ",
            "a b",
            "a,b",
            "a, b",
            "a_b",
            "a.b",
            "a;b",
            "a/b",
            "a\tb",
            "<b>",
            "${jndi:x}",
            "\"",
            "%0d%0a",
            "ä",
            &too_long,
        ] {
            assert_eq!(ask(caller.clone(), other).await, None, "{other}");
        }
    }
}
