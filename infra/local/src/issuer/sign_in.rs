//! Signing in at the development issuer: an authorization code with PKCE (RFC 6749, RFC 7636), for one page.
//!
//! Whoever comes says who they are, and is believed. A code is good once, for a minute, with the verifier of the page
//! that asked for it. Refused: another client, another address to come back to, and a request without a challenge.

use super::role::{LIFETIME, TokenRole};
use crate::clock;
use anyhow::Result;
use api::{ids::UserId, routes::GET_VIEWER};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{RawQuery, State},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, VARY},
    },
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    digest,
    rand::{SecureRandom, SystemRandom},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The viewer as this issuer knows it.
pub(super) const CLIENT: &str = "chat-debug-viewer";

pub(super) const AUTHORIZE: &str = "/authorize";
pub(super) const TOKEN: &str = "/token";

/// How long a code is good.
const CODE_LIFETIME: Duration = Duration::from_mins(1);
/// More than any form here holds.
const MAX_FORM: usize = 64 * 1024;
/// What the form carries on from the request that led to it.
const CARRIED: [&str; 6] =
    ["client_id", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method"];

/// Signs a token for somebody, good from a time in seconds since 1970.
pub(super) type Sign = Box<dyn Fn(&str, TokenRole, i64) -> Result<String> + Send + Sync>;

type Parameters = BTreeMap<String, String>;

struct Provider {
    sign: Sign,
    /// The page's origin, and its address, the only one that anybody is sent back to.
    origin: HeaderValue,
    page: String,
    codes: Mutex<BTreeMap<String, Code>>,
}

/// What a code stands for.
struct Code {
    challenge: String,
    sub: UserId,
    role: TokenRole,
    until: Instant,
}

/// What the endpoints are, and what the viewer at `origin` needs of them.
pub(super) fn router(sign: Sign, origin: &str) -> Result<Router> {
    let provider = Provider {
        sign,
        origin: HeaderValue::try_from(origin)?,
        page: format!("{origin}{}", GET_VIEWER.path),
        codes: Mutex::default(),
    };
    let endpoints = Router::new()
        .route(AUTHORIZE, get(ask).post(admit))
        .route(TOKEN, post(exchange))
        .with_state(Arc::new(provider));
    Ok(endpoints)
}

/// The form on which somebody says who they are.
async fn ask(State(provider): State<Arc<Provider>>, RawQuery(query): RawQuery) -> Response {
    let parameters = parameters(query.unwrap_or_default().as_bytes());
    match provider.challenge(&parameters) {
        Ok(_) => form(&parameters, ""),
        Err(refused) => *refused,
    }
}

/// Sends whom the form names back to the page, with a code.
async fn admit(State(provider): State<Arc<Provider>>, body: Body) -> Response {
    let parameters = read(body).await;
    let challenge = match provider.challenge(&parameters) {
        Ok(challenge) => challenge.to_owned(),
        Err(refused) => return *refused,
    };
    let Ok(sub) = given(&parameters, "sub").parse::<UserId>() else {
        return form(&parameters, "A name is 1 to 128 visible ASCII characters without #.");
    };
    let role = if given(&parameters, "role") == "admin" { TokenRole::Admin } else { TokenRole::User };
    let Ok(code) = random() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let until = Instant::now() + CODE_LIFETIME;
    let mut codes = provider.codes.lock().unwrap_or_else(PoisonError::into_inner);
    codes.retain(|_, code| Instant::now() < code.until);
    codes.insert(code.clone(), Code { challenge, sub, role, until });
    provider.back(&parameters, &[("code", &code)])
}

/// A token for a code.
async fn exchange(State(provider): State<Arc<Provider>>, body: Body) -> Response {
    let parameters = read(body).await;
    let (status, answer) = match provider.token(&parameters) {
        Ok(answer) => (StatusCode::OK, answer),
        Err((error, why)) => (StatusCode::BAD_REQUEST, json!({"error": error, "error_description": why})),
    };
    let mut response = (status, answer.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, provider.origin.clone());
    response
}

impl Provider {
    /// The challenge of a request that is as it has to be; otherwise, what it is answered.
    fn challenge<'a>(&self, parameters: &'a Parameters) -> Result<&'a str, Box<Response>> {
        // Nobody is sent to an address that is not known.
        if given(parameters, "client_id") != CLIENT || given(parameters, "redirect_uri") != self.page {
            let why = format!("This issuer knows one client, {CLIENT}, and returns to {} alone.\n", self.page);
            return Err(Box::new((StatusCode::BAD_REQUEST, why).into_response()));
        }
        let back = |error, why| Box::new(self.back(parameters, &[("error", error), ("error_description", why)]));
        if given(parameters, "response_type") != "code" {
            return Err(back("unsupported_response_type", "Ask for response_type=code."));
        }
        let challenge = given(parameters, "code_challenge");
        let is_digest = URL_SAFE_NO_PAD.decode(challenge).is_ok_and(|digest| digest.len() == digest::SHA256_OUTPUT_LEN);
        if given(parameters, "code_challenge_method") != "S256" || !is_digest {
            return Err(back("invalid_request", "Send a code_challenge by S256."));
        }
        Ok(challenge)
    }

    /// Back to the page.
    fn back(&self, parameters: &Parameters, with: &[(&str, &str)]) -> Response {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(with);
        query.extend_pairs(parameters.get("state").map(|state| ("state", state)));
        (StatusCode::SEE_OTHER, [(LOCATION, format!("{}?{}", self.page, query.finish()))]).into_response()
    }

    /// The answer to who brings a code, or the error and why. Whatever comes of it, the code is used up.
    fn token(&self, parameters: &Parameters) -> Result<Value, (&'static str, &'static str)> {
        if given(parameters, "grant_type") != "authorization_code" {
            return Err(("unsupported_grant_type", "Send grant_type=authorization_code."));
        }
        let code = self.codes.lock().unwrap_or_else(PoisonError::into_inner).remove(given(parameters, "code"));
        let code = code.filter(|code| Instant::now() < code.until);
        let code = code.ok_or(("invalid_grant", "The code is unknown, used or older than a minute."))?;
        if given(parameters, "client_id") != CLIENT || given(parameters, "redirect_uri") != self.page {
            return Err(("invalid_grant", "The code was given to another client or address."));
        }
        let verifier = digest::digest(&digest::SHA256, given(parameters, "code_verifier").as_bytes());
        if URL_SAFE_NO_PAD.encode(verifier) != code.challenge {
            return Err(("invalid_grant", "The code_verifier is not that of the code_challenge."));
        }
        let token = clock::seconds().and_then(|now| (self.sign)(code.sub.as_str(), code.role, now));
        let token = token.map_err(|_| ("server_error", "The token cannot be signed."))?;
        Ok(json!({"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME}))
    }
}

/// The form, with what was wrong about it.
fn form(parameters: &Parameters, wrong: &str) -> Response {
    let carried = CARRIED.iter().filter_map(|name| Some((*name, parameters.get(*name)?)));
    let carried = carried
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n", escaped(value)))
        .collect::<Vec<_>>()
        .concat();
    let sub = ["sub", "login_hint"].iter().find_map(|name| parameters.get(*name)).map_or("user-1", String::as_str);
    let page = include_str!("sign_in.html")
        .replace("{carried}", &carried)
        .replace("{sub}", &escaped(sub))
        .replace("{wrong}", &escaped(wrong));
    let headers: [(HeaderName, &str); 3] = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ];
    (headers, page).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

async fn read(body: Body) -> Parameters {
    // What is too long or breaks off lacks what is asked for, and is refused for that.
    parameters(&to_bytes(body, MAX_FORM).await.unwrap_or_default())
}

fn parameters(form: &[u8]) -> Parameters {
    form_urlencoded::parse(form).into_owned().collect()
}

fn given<'a>(parameters: &'a Parameters, name: &str) -> &'a str {
    parameters.get(name).map(String::as_str).unwrap_or_default()
}

/// A text that nobody guesses.
fn random() -> Result<String, ring::error::Unspecified> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::{super::Issuer, *};

    const ORIGIN: &str = "http://127.0.0.1:9000";
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    /// The example of RFC 7636.
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn provider() -> Arc<Provider> {
        let issuer = Issuer::generate().unwrap();
        Arc::new(Provider {
            sign: Box::new(move |sub, role, now| issuer.token(sub, role, now)),
            origin: HeaderValue::from_static(ORIGIN),
            page: page(),
            codes: Mutex::default(),
        })
    }

    fn page() -> String {
        format!("{ORIGIN}{}", GET_VIEWER.path)
    }

    fn query(changes: &[(&str, &str)]) -> String {
        let page = page();
        let asked = [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", &page),
            ("state", "<\"&"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        // The last of a name counts.
        form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).extend_pairs(changes).finish()
    }

    fn location(response: &Response) -> Parameters {
        let location = response.headers()[LOCATION].to_str().unwrap();
        parameters(location.strip_prefix(&format!("{}?", page())).unwrap().as_bytes())
    }

    async fn code(provider: &Arc<Provider>, changes: &[(&str, &str)]) -> String {
        let admitted = admit(State(Arc::clone(provider)), Body::from(query(changes))).await;
        assert_eq!((admitted.status(), &*location(&admitted)["state"]), (StatusCode::SEE_OTHER, "<\"&"));
        location(&admitted)["code"].clone()
    }

    async fn exchanged(provider: &Arc<Provider>, code: &str, changes: &[(&str, &str)]) -> (u16, Value) {
        let page = page();
        let sent = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", CLIENT),
            ("redirect_uri", &page),
            ("code_verifier", VERIFIER),
        ];
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(sent).extend_pairs(changes).finish();
        let response = exchange(State(Arc::clone(provider)), Body::from(form)).await;
        assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_ORIGIN], ORIGIN);
        let status = response.status().as_u16();
        (status, serde_json::from_slice(&to_bytes(response.into_body(), MAX_FORM).await.unwrap()).unwrap())
    }

    #[tokio::test]
    async fn a_code_is_a_token_once_for_who_was_named() {
        let provider = provider();
        let code = code(&provider, &[("sub", "alice"), ("role", "admin")]).await;
        let (status, answer) = exchanged(&provider, &code, &[]).await;
        assert_eq!((status, &answer["token_type"], &answer["expires_in"]), (200, &json!("Bearer"), &json!(LIFETIME)));
        let claims = answer["access_token"].as_str().unwrap().split('.').nth(1).unwrap();
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
        assert_eq!((&claims["sub"], &claims["cognito:groups"]), (&json!("alice"), &json!(["chat-debug-admins"])));
        assert_eq!(exchanged(&provider, &code, &[]).await.1["error"], "invalid_grant", "a second time");
    }

    #[tokio::test]
    async fn a_code_is_for_its_page_its_verifier_and_a_minute() {
        let provider = provider();
        for change in [("code_verifier", "another"), ("client_id", "another"), ("redirect_uri", ORIGIN)] {
            let code = code(&provider, &[("sub", "alice")]).await;
            assert_eq!(exchanged(&provider, &code, &[change]).await.1["error"], "invalid_grant", "{change:?}");
            assert_eq!(exchanged(&provider, &code, &[]).await.0, 400, "it is used up: {change:?}");
        }
        let code = code(&provider, &[("sub", "alice")]).await;
        let refused = exchanged(&provider, &code, &[("grant_type", "password")]).await.1;
        assert_eq!(refused["error"], "unsupported_grant_type");
        let code = self::code(&provider, &[("sub", "alice")]).await;
        provider.codes.lock().unwrap().values_mut().for_each(|code| code.until -= CODE_LIFETIME);
        assert_eq!(exchanged(&provider, &code, &[]).await.1["error"], "invalid_grant", "a minute later");
    }

    #[tokio::test]
    async fn nobody_is_sent_elsewhere_and_a_page_is_told_what_is_wrong() {
        let provider = provider();
        let asked =
            async |changes: &[(&str, &str)]| ask(State(Arc::clone(&provider)), RawQuery(Some(query(changes)))).await;
        for change in [("client_id", "another"), ("redirect_uri", "https://elsewhere.example/")] {
            let response = asked(&[change]).await;
            assert_eq!((response.status(), response.headers().get(LOCATION)), (StatusCode::BAD_REQUEST, None));
        }
        for change in [("response_type", "token"), ("code_challenge", "short"), ("code_challenge_method", "plain")] {
            let told = location(&asked(&[change]).await);
            assert!(told.contains_key("error") && told["state"] == "<\"&", "{told:?}");
        }
        let form = asked(&[("login_hint", "\"><script>")]).await;
        let form = String::from_utf8(to_bytes(form.into_body(), MAX_FORM).await.unwrap().to_vec()).unwrap();
        assert!(form.contains("value=\"&lt;&quot;&amp;\"") && form.contains("&quot;>&lt;script>"), "{form}");
        assert!(!form.contains("<script"), "{form}");
        let unnamed = admit(State(Arc::clone(&provider)), Body::from(query(&[("sub", "a#b")]))).await;
        assert_eq!((unnamed.status(), unnamed.headers().get(LOCATION)), (StatusCode::OK, None));
    }
}
