//! Signing in at issuers that behave as those for which [deploying](../../../infra/deploy.md) has a recipe: each with
//! its own tokens, parameters and rules of who may ask.

use super::reader::{click, has, says};
use axum::{
    Router,
    extract::{RawForm, RawQuery},
    http::HeaderMap,
    response::Redirect,
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::digest;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tests::{browser::Browser, site::Site, world::*};
use tokio::net::TcpListener;

type Parameters = BTreeMap<String, String>;

/// An issuer as its documentation describes it.
struct Kind {
    /// The `iss` of its tokens.
    issuer: &'static str,
    audiences: &'static str,
    scopes: &'static str,
    /// What its authorization endpoint is asked for besides.
    parameters: &'static str,
    /// Who is told the answers of its token endpoint: everybody, or the page alone.
    is_open: bool,
    /// The header and the claims of an access token, besides `iss`, `iat` and `exp`. None is one that is no JWT.
    token: fn(&Parameters) -> Option<[Value; 2]>,
    /// Its sign-out, and the parameter that says where to go from there.
    logout: [&'static str; 2],
}

const CLIENT: &str = "client-1";
const API: &str = "https://chat-debug.example.com";

/// Tokens without an audience, whose header has no type.
const COGNITO: Kind = Kind {
    issuer: "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_EXAMPLE",
    audiences: "the-backends-client,client-1",
    scopes: "openid",
    parameters: "",
    is_open: true,
    token: |asked| {
        let claims = json!({"sub": "0a1b2c3d-user", "client_id": CLIENT, "token_use": "access", "version": 2,
            "scope": asked["scope"], "username": "user-1", "cognito:groups": ["others"], "jti": "1"});
        Some([json!({}), claims])
    },
    logout: ["/logout", "logout_uri"],
};

/// An `iss` that ends with a slash, and tokens that are for others too, or for nobody else unless an audience is asked
/// for.
const AUTH0: Kind = Kind {
    issuer: "https://tenant.auth0.com/",
    audiences: API,
    scopes: "openid",
    parameters: "audience=https%3A%2F%2Fchat-debug.example.com",
    is_open: false,
    token: |asked| {
        let audience = asked.get("audience")?;
        let claims = json!({"sub": "auth0|user-1", "aud": [audience, "https://tenant.auth0.com/userinfo"],
            "azp": CLIENT, "scope": asked["scope"]});
        Some([json!({"typ": "JWT"}), claims])
    },
    logout: ["/v2/logout", "returnTo"],
};

/// Tokens without an audience, by RFC 9068's type.
const CLERK: Kind = Kind {
    issuer: "https://clerk.example.com",
    audiences: CLIENT,
    scopes: "openid profile",
    parameters: "",
    is_open: true,
    token: |asked| {
        let claims = json!({"sub": "user_2abc", "client_id": CLIENT, "scope": asked["scope"], "jti": "oat_1"});
        Some([json!({"typ": "at+jwt"}), claims])
    },
    logout: ["", ""],
};

/// A deployment with such an issuer, and what the page asked it for.
struct Scene {
    site: Site,
    issuer: String,
    asked: Arc<Mutex<Vec<Parameters>>>,
}

fn parameters(text: &[u8]) -> Parameters {
    // The page writes no other escapes than a URL does, and no value twice.
    let url = reqwest::Url::parse(&format!("http://x/?{}", str::from_utf8(text).unwrap())).unwrap();
    url.query_pairs().into_owned().collect()
}

impl Scene {
    async fn of(world: &World, kind: Kind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let page = |site: &str| format!("{site}/api/experimental/chats/view");
        let [logout, back] = kind.logout;
        let site = Site::with(world, |_| {
            let mut variables = vec![
                ("ISSUER", kind.issuer.to_owned()),
                ("AUDIENCES", kind.audiences.to_owned()),
                ("VIEWER_CLIENT_ID", CLIENT.to_owned()),
                ("VIEWER_AUTHORIZE_URL", format!("{issuer}/authorize")),
                ("VIEWER_TOKEN_URL", format!("{issuer}/token")),
                ("VIEWER_SCOPES", kind.scopes.to_owned()),
                ("VIEWER_AUTHORIZE_PARAMETERS", kind.parameters.to_owned()),
            ];
            let back = format!("{issuer}{logout}?client_id={CLIENT}&{back}=https://example.com/view");
            variables.extend((!logout.is_empty()).then_some(("VIEWER_LOGOUT_URL", back)));
            variables
        })
        .await;
        let asked = Arc::<Mutex<Vec<Parameters>>>::default();
        let allowed = if kind.is_open { "*".to_owned() } else { site.origin.clone() };
        let (authorized, redeemed, page) = (Arc::clone(&asked), Arc::clone(&asked), page(&site.origin));
        let signer = Arc::clone(&world.issuer);
        let now = world.now();
        let authorize = get(async move |RawQuery(query): RawQuery| {
            let asked = parameters(query.unwrap_or_default().as_bytes());
            let query = format!("?code=a-code&state={}", asked["state"]);
            // It returns to what was registered, to the letter.
            assert_eq!(
                (&asked["redirect_uri"], &*asked["response_type"], &*asked["client_id"]),
                (&page, "code", CLIENT)
            );
            authorized.lock().unwrap().push(asked);
            Redirect::to(&format!("{page}{query}"))
        });
        let token = post(async move |headers: HeaderMap, RawForm(form): RawForm| {
            let form = parameters(&form);
            let asked = redeemed.lock().unwrap().last().unwrap().clone();
            // A public client shows no secret, and proves that it is the one that asked.
            let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, form["code_verifier"].as_bytes()));
            assert_eq!((&*asked["code_challenge_method"], asked["code_challenge"].clone()), ("S256", challenge));
            assert_eq!(
                (&*form["grant_type"], &*form["code"], &*form["client_id"]),
                ("authorization_code", "a-code", CLIENT)
            );
            assert_eq!(form["redirect_uri"], asked["redirect_uri"]);
            assert!(!headers.contains_key("authorization") && !headers.contains_key("cookie"), "{headers:?}");
            let access =
                (kind.token)(&asked).map_or("a.token.that.nobody.reads".to_owned(), |[mut header, mut claims]| {
                    for (name, value) in signer.header().as_object().unwrap().iter().filter(|(name, _)| *name != "typ")
                    {
                        header[name] = value.clone();
                    }
                    (claims["iss"], claims["iat"], claims["exp"]) =
                        (json!(kind.issuer), json!(now), json!(now + 3_600));
                    signer.sign(header, claims).unwrap()
                });
            // What it was not asked for, some give all the same.
            let given = json!({"access_token": access, "token_type": "Bearer", "expires_in": 3_600,
                "id_token": "not.read.here", "refresh_token": "not-kept"});
            (
                [("access-control-allow-origin", allowed.clone()), ("content-type", "application/json".to_owned())],
                given.to_string(),
            )
        });
        let router =
            Router::new().route("/authorize", authorize).route("/token", token).fallback(get(async || "Signed out."));
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { site, issuer, asked }
    }

    /// Opens the page and signs in, which an issuer with a session does without a question.
    async fn sign_in(&self, browser: &mut Browser) {
        browser.open(&self.site.viewer("#/")).await;
        browser.until(&has("sign-in")).await;
        click(browser, "sign-in").await;
    }
}

#[tokio::test]
async fn one_signs_in_and_out_at_issuers_as_cognito_auth0_and_clerk_are() {
    for (kind, owner) in [(COGNITO, "0a1b2c3d-user"), (AUTH0, "auth0|user-1"), (CLERK, "user_2abc")] {
        let ([logout, _], scopes) = (kind.logout, kind.scopes);
        let world = World::new().await;
        world.consent(owner).await;
        world.recorder().post(&runs(1), turn(owner, 1, vec![step_body(Some(1))])).await.expect(201);
        let scene = Scene::of(&world, kind).await;
        let mut browser = Browser::start().await;
        scene.sign_in(&mut browser).await;
        browser.until(&has("chat-row")).await;
        assert_eq!(scene.asked.lock().unwrap().last().unwrap()["scope"], scopes);
        let stored = browser.value("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])").await;
        assert!(!stored.as_str().unwrap().contains("not-kept"), "{stored}");
        // A link to a run comes back to it.
        let run = format!("#/c/{}/r/{}", chat_id(1), run_id(1));
        browser.open("about:blank").await;
        browser.open(&scene.site.viewer(&run)).await;
        browser.until(&format!("location.hash === '{run}' && {}", has("run-head"))).await;

        click(&mut browser, "who").await;
        click(&mut browser, "sign-out").await;
        if logout.is_empty() {
            // This tab alone forgets.
            browser.until(&format!("{} && !{}", has("sign-in"), has("who"))).await;
        } else {
            browser.until("document.body?.textContent === 'Signed out.'").await;
            let left = browser.value("location.href").await;
            let left = left.as_str().unwrap();
            assert!(left.starts_with(&format!("{}{logout}?client_id={CLIENT}&", scene.issuer)), "{left}");
        }
        assert_eq!(browser.complaints(), <[String; 0]>::default());
        browser.close().await;
    }
}

#[tokio::test]
async fn a_token_that_the_service_cannot_read_or_does_not_take_is_said_to_be_that() {
    let world = World::new().await;
    // Nobody asks Auth0 for an audience.
    let scene = Scene::of(&world, Kind { parameters: "", ..AUTH0 }).await;
    let mut browser = Browser::start().await;
    scene.sign_in(&mut browser).await;
    browser.until("document.querySelector('[role=\"alert\"]')?.textContent.includes('it alone can read')").await;
    assert!(!scene.asked.lock().unwrap().last().unwrap().contains_key("audience"));
    assert_eq!(browser.complaints(), <[String; 0]>::default());

    // The viewer's client is not among the audiences.
    let scene = Scene::of(&world, Kind { audiences: "the-backends-client", ..COGNITO }).await;
    scene.sign_in(&mut browser).await;
    browser.until(&says("signed-out-bar", "does not take your sign-in")).await;
    browser.close().await;
}
