//! What one takes away is real: files hold what was recorded, a HAR is replayed, a curl line is run.

use super::reader::{LOADED, OWNER, SAMPLE, click, has, open_as_owner, scene, token};
use axum::{
    Router,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderMap, header::HeaderName},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use local::{binaries::Profile, issuer::TokenRole};
use serde_json::{Value, json};
use std::{
    fs,
    process::{Output, Stdio},
    sync::{Arc, Mutex},
};
use tests::{site::Site, world::*};
use tokio::{net::TcpListener, process::Command};

/// The path of the run at a place of the page.
fn path_of(place: &str) -> String {
    format!("{}/{}", runs(1), place.rsplit_once('/').unwrap().1)
}

#[tokio::test]
async fn a_run_its_traffic_and_each_body_are_saved_as_they_were_recorded() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    let owner = world.user(OWNER);
    open_as_owner(&mut browser, &site, &format!("{place}/s/1/wire/1")).await;
    browser.until(&has("run-head")).await;
    for (button, end, path) in
        [("download-json", ".json", path_of(&place)), ("download-har", ".har", path_of(&place) + "/har")]
    {
        click(&mut browser, "download").await;
        click(&mut browser, button).await;
        let (name, saved) = browser.downloaded().await;
        assert!(name.starts_with("run-") && name.ends_with(end), "{name}");
        assert_eq!(serde_json::from_slice::<Value>(&saved).unwrap(), owner.get(&path).await.expect(200).json());
    }
    let sample: Value = serde_json::from_str(SAMPLE).unwrap();
    let recorded = &sample["steps"][0]["attempts"][0];
    for (button, side) in [("download-request", "request"), ("download-response", "response")] {
        click(&mut browser, button).await;
        let (name, saved) = browser.downloaded().await;
        assert!(name.starts_with(&format!("step-1-attempt-1-{side}")), "{name}");
        assert_eq!(STANDARD.encode(saved), recorded[format!("{side}_body")].as_str().unwrap());
    }
    assert_eq!(browser.complaints(), <[String; 0]>::default());
    browser.close().await;
}

/// Runs the command line as somebody, and gives what it prints.
async fn chat_debug(site: &Site, token: &str, arguments: &[&str]) -> String {
    let mut program = Command::new(Profile::Dev.path("chat-debug").unwrap());
    program.args(arguments).env_clear().env("CHAT_DEBUG_URL", &site.origin).env("CHAT_DEBUG_TOKEN", token);
    let Output { status, stdout, stderr } = program.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
    let [printed, complained] = [stdout, stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(status.success(), "{arguments:?}: {printed}{complained}");
    printed
}

/// What each try of a run was, but for its headers and times.
fn tries(run: &Value) -> Vec<Vec<Value>> {
    let members = ["method", "url", "request_body", "response_status", "response_body"];
    let attempts = run["steps"].as_array().unwrap().iter().flat_map(|step| step["attempts"].as_array().unwrap());
    attempts.map(|attempt| members.map(|name| attempt[name].clone()).to_vec()).collect()
}

#[tokio::test]
async fn the_har_of_the_page_and_of_the_command_line_are_recorded_again_by_a_replay() {
    let (world, place, mut browser) = scene().await;
    let site = Site::of(&world).await;
    let owner = world.user(OWNER);
    let recorded = owner.get(&path_of(&place)).await.expect(200).json();
    open_as_owner(&mut browser, &site, &place).await;
    click(&mut browser, "download").await;
    click(&mut browser, "download-har").await;
    let (_, saved) = browser.downloaded().await;
    browser.close().await;

    let folder = std::env::temp_dir().join(format!("chat-debug-har-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let [of_page, of_command] = ["page.har", "command.har"].map(|name| folder.join(name).to_str().unwrap().to_owned());
    fs::write(&of_page, saved).unwrap();
    let run = recorded["id"].as_str().unwrap();
    chat_debug(&site, &token(&world), &["export", &chat_id(1), run, "--output", &of_command]).await;
    let token_of_recorder = world.token("recorder-1", TokenRole::Recorder);
    for har in [&of_page, &of_command] {
        let printed = chat_debug(&site, &token_of_recorder, &["replay", har, "--owner", OWNER]).await;
        let told: Vec<_> = printed.trim().split('\t').collect();
        let [chat, run, _] = told.as_slice() else { panic!("{printed}") };
        let again = owner.get(&format!("{}/{chat}/debug/runs/{run}", chats())).await.expect(200).json();
        assert_eq!(tries(&again), tries(&recorded), "{har}");
        assert_eq!(again["steps"].as_array().unwrap().len(), 2, "a try that was refused is one of its step's");
    }
    fs::remove_dir_all(&folder).unwrap();
}

/// A request as it came over the wire.
struct Came {
    method: String,
    target: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

type Heard = Arc<Mutex<Vec<Came>>>;

/// Somebody who keeps every request.
async fn listening() -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let heard = Heard::default();
    let router = Router::new().fallback(hear).with_state(Arc::clone(&heard));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (origin, heard)
}

async fn hear(State(heard): State<Heard>, request: Request) {
    let (asked, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let (method, target) = (asked.method.to_string(), asked.uri.to_string());
    heard.lock().unwrap().push(Came { method, target, headers: asked.headers, body });
}

#[tokio::test]
async fn a_shell_that_runs_the_curl_line_sends_the_same_bytes() {
    let (origin, heard) = listening().await;
    let world = World::recording(OWNER).await;
    let bodies: [&[u8]; 4] = [
        r#"{"text": "it's $HOME, `id`, \\ and \"quoted\": ä\n"}"#.as_bytes(),
        b"BODY\nBODY_\n\ttwo  blanks  \r\n",
        &[0, 0xff, 0xfe, b'\n', 0x80],
        b"",
    ];
    let headers = json!({"content-type": "application/octet-stream", "x-text": "it's \"odd\" $HOME \\", "x-api-key": "a-key-of-theirs"});
    let attempts = (1..).zip(bodies).map(|(number, body)| {
        let method = if body.is_empty() { "GET" } else { "POST" };
        let mut attempt = json!({
            "number": number, "status": "completed", "method": method,
            "url": format!("{origin}/v1/messages?n={number}&of[]=%27$x"), "request_headers": headers,
        });
        if !body.is_empty() {
            attempt["request_body"] = json!(STANDARD.encode(body));
        }
        attempt
    });
    let mut step = step_body(Some(1));
    step["attempts"] = attempts.collect();
    world.recorder().post(&runs(1), turn(OWNER, 2, vec![step])).await.expect(201);
    let site = Site::of(&world).await;
    let mut browser = tests::browser::Browser::start().await;
    let place = format!("#/c/{}/r/{}", chat_id(1), run_id(2));
    open_as_owner(&mut browser, &site, &place).await;
    for (number, body) in (1..).zip(bodies) {
        browser.open(&site.viewer(&format!("{place}/s/1/wire/{number}"))).await;
        let within =
            |testid: &str| format!("document.querySelector('[data-attempt=\"{number}\"] [data-testid=\"{testid}\"]')");
        // What is still being loaded would move the button away from under the mouse.
        browser.until(&format!("{} && {LOADED}", within("copy-curl"))).await;
        browser.click(&within("copy-curl")).await;
        browser.until(&within("curl")).await;
        let line = browser.value(&format!("{}.textContent", within("curl"))).await;
        for shell in ["sh", "bash"] {
            let mut program = Command::new(shell);
            program.args(["-c", line.as_str().unwrap()]).env("API_KEY", "a-key-of-mine").env("NO_PROXY", "127.0.0.1");
            let ran = program.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
            assert!(ran.status.success(), "{line}: {ran:?}");
            let came = heard.lock().unwrap().pop().unwrap();
            assert_eq!(came.body, body, "{shell}: {line}");
            assert_eq!(came.target, format!("/v1/messages?n={number}&of[]=%27$x"));
            assert_eq!(came.method, if body.is_empty() { "GET" } else { "POST" });
            assert_eq!(came.headers["x-text"], headers["x-text"].as_str().unwrap());
            assert_eq!(came.headers["x-api-key"], "a-key-of-mine");
            let own = ["host", "content-length", "content-type", "x-text", "x-api-key"];
            let others: Vec<_> =
                came.headers.keys().map(HeaderName::as_str).filter(|name| !own.contains(name)).collect();
            assert!(others.is_empty(), "curl sends its own {others:?}: {line}");
        }
    }
    browser.close().await;
}
