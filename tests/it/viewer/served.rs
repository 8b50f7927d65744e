//! How the page is served: whole in either coding, with what its deployment says, under a policy that lets nothing else
//! in.

use api::routes::GET_VIEWER;
use serde_json::{Value, json};
use service::{http::answer_public, site::Site};
use tests::world::*;

/// What the page may have as it travels.
const MOST_BYTES: usize = 90_000;

/// The page of a deployment, as it is answered to who accepts this encoding.
async fn page(variables: &[(&str, &str)], accepts: &str) -> TestResponse {
    let world = World::new().await;
    let site = Site::from_variables(|name| {
        variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    });
    let mut sent = world.nobody().request("GET", GET_VIEWER.path, None);
    sent.headers.push(("accept-encoding".to_owned(), accepts.to_owned()));
    let (route, event) = sent.event();
    let event = invocation(&event.to_string(), 0);
    let (parts, body) = answer_public(&GET_VIEWER, &site.unwrap(), get_viewer::handle, event).response.into_parts();
    let answer = TestResponse::new(parts, &body, Value::Null);
    answer.check(route, &sent);
    answer.expect(200)
}

const CLIENT: [(&str, &str); 5] = [
    ("VIEWER_CLIENT_ID", "</script><script>alert(1)</script>"),
    ("VIEWER_AUTHORIZE_URL", "https://issuer.example/authorize"),
    ("VIEWER_TOKEN_URL", "https://issuer.example/oauth/token"),
    ("VIEWER_AUTHORIZE_PARAMETERS", "audience=https%3A%2F%2Fapi.example"),
    ("VIEWER_FRAME_ANCESTORS", "https://app.example,https://other.example"),
];

fn config(page: &TestResponse) -> Value {
    let (_, config) = page.body.split_once("<script type=\"application/json\" id=\"config\">").unwrap();
    serde_json::from_str(config.split_once("</script>").unwrap().0).unwrap()
}

#[tokio::test]
async fn the_page_is_small_and_the_same_with_gzip_and_without() {
    for variables in [&[][..], &CLIENT] {
        let (plain, gzipped) = (page(variables, "identity").await, page(variables, "gzip, br, zstd").await);
        assert_eq!((plain.header("content-encoding"), gzipped.header("content-encoding")), (None, Some("gzip")));
        assert!(plain.body.starts_with("<!doctype html>") && plain.body.ends_with("</html>\n"));
        assert!(plain.body == gzipped.body);
        assert!(gzipped.bytes.len() <= MOST_BYTES, "{} bytes", gzipped.bytes.len());
    }
}

#[tokio::test]
async fn the_page_is_told_how_to_sign_in_and_cannot_be_spoiled_by_it() {
    assert_eq!(config(&page(&[], "gzip").await), json!({}));
    let sign_in = json!({
        "client_id": "</script><script>alert(1)</script>", "scopes": "openid",
        "authorize_url": "https://issuer.example/authorize", "token_url": "https://issuer.example/oauth/token",
        "authorize_parameters": {"audience": "https://api.example"},
    });
    let page = page(&CLIENT, "gzip").await;
    assert_eq!(config(&page), json!({"sign_in": sign_in}));
    assert_eq!(page.body.matches("alert(1)").count(), 1);
    assert!(!page.body.contains("<script>"));
}

#[tokio::test]
async fn the_policy_lets_the_page_itself_run_and_ask_its_service_and_issuer_and_nobody_else() {
    let (open, closed) = (page(&CLIENT, "gzip").await, page(&[], "gzip").await);
    let policy = |page: &TestResponse| page.header("content-security-policy").unwrap().to_owned();
    for directive in [
        "default-src 'none'",
        "img-src blob:",
        "media-src blob:",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ] {
        assert!(policy(&open).split("; ").any(|it| it == directive), "{directive} in {}", policy(&open));
    }
    assert!(policy(&open).contains("connect-src 'self' https://issuer.example; "));
    assert!(policy(&open).contains("frame-ancestors https://app.example https://other.example; "));
    assert!(policy(&closed).contains("connect-src 'self'; ") && policy(&closed).contains("frame-ancestors 'none'; "));
    assert!(!policy(&closed).contains("unsafe") && !policy(&closed).contains("http") && !policy(&closed).contains('*'));
    for (name, value) in [("referrer-policy", "no-referrer"), ("cross-origin-opener-policy", "same-origin")] {
        assert_eq!(open.header(name), Some(value));
    }
}
