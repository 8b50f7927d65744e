//! The issuer's keys, fetched, kept, rotated, unreachable.
//!
//! Time is moved, not waited for; only what has to run into the fetch's own limit waits for it, once.

use futures_util::future::join_all;
use local::issuer::{Issuer, TokenRole};
use serde_json::{Value, json};
use service::identity::{KeySet, KeySource};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tests::world::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const MINUTE: Duration = Duration::from_mins(1);
const SECOND: Duration = Duration::from_secs(1);

/// What the provider does with a fetch.
#[derive(Debug, Clone)]
enum Serving {
    /// Answers with a status and a body.
    Body(u16, String),
    /// Takes the request and hangs up.
    HangUp,
    /// Takes the request and says nothing, ever.
    Silence,
    /// Answers byte by byte, for ever.
    Drip,
    /// Answers without an end, as fast as it is read.
    Endless,
}

/// An identity provider's key set behind a port, with every request that came for it.
struct Provider {
    url: String,
    serving: Arc<Mutex<Serving>>,
    fetches: Arc<Mutex<Vec<String>>>,
}

impl Provider {
    async fn serving(first: Serving) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        let (serving, fetches) = (Arc::new(Mutex::new(first)), Arc::new(Mutex::new(Vec::new())));
        let (now, seen) = (Arc::clone(&serving), Arc::clone(&fetches));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (now, seen) = (Arc::clone(&now), Arc::clone(&seen));
                // A client that has enough hangs up.
                tokio::spawn(async move { drop(answer(stream, &now, &seen).await) });
            }
        });
        Self { url, serving, fetches }
    }

    fn switch(&self, to: Serving) {
        *self.serving.lock().unwrap() = to;
    }

    fn fetches(&self) -> usize {
        self.fetches.lock().unwrap().len()
    }

    async fn world(&self) -> World {
        World::with(&[("JWKS", ""), ("JWKS_URL", &self.url)]).await
    }
}

async fn answer(mut stream: TcpStream, serving: &Mutex<Serving>, seen: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    seen.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
    let serving = serving.lock().unwrap().clone();
    let endless = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"keys\":[";
    match serving {
        Serving::Body(status, body) => {
            let length = body.len();
            let location = if status == 302 { "location: /jwks.json\r\n" } else { "" };
            let head =
                format!("HTTP/1.1 {status} So\r\n{location}connection: close\r\ncontent-length: {length}\r\n\r\n");
            stream.write_all(&[head, body].concat().into_bytes()).await
        }
        Serving::HangUp => Ok(()),
        Serving::Silence => std::future::pending().await,
        Serving::Drip => {
            stream.write_all(endless).await?;
            loop {
                stream.write_all(b" ").await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Serving::Endless => {
            stream.write_all(endless).await?;
            loop {
                stream.write_all(&[b' '; 16 * 1024]).await?;
            }
        }
    }
}

/// The keys of issuers, as their provider publishes them.
fn set(issuers: &[&Issuer]) -> Serving {
    let keys = issuers.iter().map(|issuer| serde_json::from_str::<Value>(issuer.jwks()).unwrap()["keys"][0].take());
    Serving::Body(200, json!({"keys": keys.collect::<Vec<_>>()}).to_string())
}

/// Everything that is no key set.
fn faults() -> Vec<Serving> {
    let good = Issuer::generate().unwrap().jwks().to_owned();
    let huge = good.replacen('{', &format!("{{{}", " ".repeat(300 * 1024)), 1);
    let weak = json!({"keys": [{"kty": "RSA", "alg": "RS256", "kid": "weak", "n": "AQAB", "e": "AQAB"}]}).to_string();
    vec![
        Serving::Body(500, good.clone()),
        Serving::Body(404, good.clone()),
        Serving::Body(302, good.clone()),
        Serving::Body(200, String::new()),
        Serving::Body(200, "<html>".into()),
        Serving::Body(200, good[..good.len() / 2].into()),
        Serving::Body(200, r#"{"keys":[]}"#.into()),
        Serving::Body(200, r#"{"keys":{}}"#.into()),
        Serving::Body(200, r#"{"keys":[null,7,{}]}"#.into()),
        Serving::Body(200, weak),
        Serving::Body(200, huge),
        Serving::Endless,
        Serving::HangUp,
    ]
}

async fn ask(world: &World, issuer: &Issuer) -> TestResponse {
    world.bearer(issuer.token("alice", TokenRole::User, world.now()).unwrap()).get(&opt_in()).await
}

/// Neither refused nor let in: the answer is that nobody can tell, and the table was not asked.
async fn assert_untold(world: &World, issuer: &Issuer, case: &str) {
    world.wire.take();
    let answer = ask(world, issuer).await;
    assert_eq!(answer.status, 503, "{case}: {answer:?}");
    answer.problem("unavailable");
    assert!(world.wire.take().is_empty(), "{case}");
}

#[tokio::test]
async fn nothing_is_fetched_until_a_token_asks_for_a_key() {
    let issuer = Issuer::generate().unwrap();
    let provider = Provider::serving(set(&[&issuer])).await;
    let world = provider.world().await;
    world.nobody().get(&opt_in()).await.expect(401);
    for no_token in ["", "x", "a.b.c", "e30.e30.e30", &"a".repeat(9_000)] {
        world.bearer(no_token).get(&opt_in()).await.expect(401);
    }
    assert_eq!(provider.fetches(), 0);
    ask(&world, &issuer).await.expect(200);
    assert_eq!(provider.fetches(), 1);
    let request = provider.fetches.lock().unwrap()[0].to_lowercase();
    assert!(request.starts_with("get /jwks.json http/1.1\r\n"), "{request}");
    assert!(!request.contains("authorization") && !request.contains("bearer"), "{request}");
}

#[tokio::test]
async fn a_given_set_is_never_fetched() {
    let provider = Provider::serving(Serving::HangUp).await;
    let world = World::with(&[("JWKS_URL", &provider.url)]).await;
    world.user("alice").get(&opt_in()).await.expect(200);
    ask(&world, &Issuer::generate().unwrap()).await.expect(401);
    assert_eq!(provider.fetches(), 0);
}

#[tokio::test]
async fn a_set_is_kept_for_ten_minutes() {
    let issuer = Issuer::generate().unwrap();
    let provider = Provider::serving(set(&[&issuer])).await;
    let world = provider.world().await;
    ask(&world, &issuer).await.expect(200);
    world.app.clock.advance(9 * MINUTE + 50 * SECOND);
    ask(&world, &issuer).await.expect(200);
    assert_eq!(provider.fetches(), 1);
    world.app.clock.advance(10 * SECOND);
    ask(&world, &issuer).await.expect(200);
    ask(&world, &issuer).await.expect(200);
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test]
async fn requests_that_come_together_wait_for_one_fetch() {
    let issuer = Issuer::generate().unwrap();
    let provider = Provider::serving(set(&[&issuer])).await;
    let world = provider.world().await;
    for answer in join_all((0..20).map(|_| ask(&world, &issuer))).await {
        answer.expect(200);
    }
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_once_a_minute() {
    let (issuer, unknown) = (Issuer::generate().unwrap(), Issuer::generate().unwrap());
    let provider = Provider::serving(set(&[&issuer])).await;
    let world = provider.world().await;
    for minute in 1..=3 {
        for _ in 0..20 {
            ask(&world, &unknown).await.expect(401);
        }
        assert_eq!(provider.fetches(), minute);
        world.app.clock.advance(50 * SECOND);
        ask(&world, &unknown).await.expect(401);
        assert_eq!(provider.fetches(), minute, "not a minute later");
        world.app.clock.advance(10 * SECOND);
    }
    assert!(world.wire.take().is_empty());
    ask(&world, &issuer).await.expect(200);
}

#[tokio::test]
async fn a_new_key_is_known_after_a_minute_and_the_removed_one_is_gone_with_it() {
    let (old, new) = (Issuer::generate().unwrap(), Issuer::generate().unwrap());
    let provider = Provider::serving(set(&[&old])).await;
    let world = provider.world().await;
    ask(&world, &old).await.expect(200);
    provider.switch(set(&[&new]));
    world.app.clock.advance(MINUTE);
    ask(&world, &old).await.expect(200);
    ask(&world, &new).await.expect(200);
    ask(&world, &old).await.expect(401);
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test]
async fn a_removed_key_is_gone_when_the_set_grows_old() {
    let (old, new) = (Issuer::generate().unwrap(), Issuer::generate().unwrap());
    let provider = Provider::serving(set(&[&old, &new])).await;
    let world = provider.world().await;
    ask(&world, &old).await.expect(200);
    ask(&world, &new).await.expect(200);
    provider.switch(set(&[&new]));
    world.app.clock.advance(10 * MINUTE);
    ask(&world, &old).await.expect(401);
    ask(&world, &new).await.expect(200);
    assert_eq!(provider.fetches(), 2);
}

#[tokio::test]
async fn while_the_issuer_is_away_its_keys_are_good_for_an_hour() {
    for fault in faults() {
        let (issuer, forger) = (Issuer::generate().unwrap(), Issuer::generate().unwrap());
        let provider = Provider::serving(set(&[&issuer])).await;
        let world = provider.world().await;
        ask(&world, &issuer).await.expect(200);
        provider.switch(fault.clone());
        for minutes in [10, 49] {
            world.app.clock.advance(minutes * MINUTE);
            for _ in 0..5 {
                ask(&world, &issuer).await.expect(200);
                ask(&world, &forger).await.expect(401);
            }
        }
        assert_eq!(provider.fetches(), 3, "once a minute at most: {fault:?}");
        world.app.clock.advance(MINUTE);
        assert_untold(&world, &issuer, &format!("{fault:?}")).await;
        assert_untold(&world, &forger, &format!("{fault:?}")).await;
        assert_eq!(provider.fetches(), 4, "once a second at most: {fault:?}");
        provider.switch(set(&[&issuer]));
        world.app.clock.advance(SECOND);
        ask(&world, &issuer).await.expect(200);
        ask(&world, &forger).await.expect(401);
    }
}

#[tokio::test]
async fn without_any_key_nobody_is_refused_and_nobody_let_in() {
    for fault in faults() {
        let issuer = Issuer::generate().unwrap();
        let provider = Provider::serving(fault.clone()).await;
        let world = provider.world().await;
        for _ in 0..5 {
            assert_untold(&world, &issuer, &format!("{fault:?}")).await;
        }
        assert_eq!(provider.fetches(), 1, "once a second at most: {fault:?}");
        provider.switch(set(&[&issuer]));
        world.app.clock.advance(SECOND);
        ask(&world, &issuer).await.expect(200);
    }
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_is_not_waited_for() {
    let issuer = Issuer::generate().unwrap();
    let cold = async |serving: Serving| {
        let provider = Provider::serving(serving.clone()).await;
        assert_untold(&provider.world().await, &issuer, &format!("{serving:?}")).await;
    };
    let warm = async |serving: Serving| {
        let provider = Provider::serving(set(&[&issuer])).await;
        let world = provider.world().await;
        ask(&world, &issuer).await.expect(200);
        provider.switch(serving);
        world.app.clock.advance(10 * MINUTE);
        ask(&world, &issuer).await.expect(200);
        let fetches = provider.fetches();
        ask(&world, &issuer).await.expect(200);
        assert_eq!(provider.fetches(), fetches, "waited for once");
    };
    tokio::join!(cold(Serving::Silence), cold(Serving::Drip), warm(Serving::Silence), warm(Serving::Drip));
}

#[test]
fn a_url_is_https_or_on_this_machine() {
    let keys = |url: &str| KeySet::new(KeySource::Url(url.to_owned()));
    for good in [
        "https://issuer.example/.well-known/jwks.json",
        "https://127.0.0.1:9001/jwks.json",
        "http://127.0.0.1:9001/jwks.json",
        "http://localhost:9001/jwks.json",
        "http://[::1]:9001/jwks.json",
    ] {
        assert!(keys(good).is_ok(), "{good}");
    }
    for bad in [
        "http://issuer.example/jwks.json",
        "http://127.0.0.1.issuer.example/jwks.json",
        "http://localhost.issuer.example/jwks.json",
        "http://127.0.0.1@issuer.example/jwks.json",
        "http://localhost:9001@issuer.example/jwks.json",
        "http://10.0.0.1/jwks.json",
        "http://169.254.169.254/latest/meta-data/",
        "ftp://127.0.0.1/jwks.json",
        "file:///etc/passwd",
        "//127.0.0.1/jwks.json",
        "127.0.0.1/jwks.json",
        "/jwks.json",
        "https://",
        "",
    ] {
        assert!(keys(bad).is_err(), "{bad}");
    }
}
