//! The recorder for `reqwest`, with the provider of the kits' tests, and the real handlers for a service.

use crate::{
    backend::{Backend, chat_of},
    canned::{CannedServer, answer},
    kits::{golden_turns, normal_turn},
};
use api::{
    ids::ChatId,
    run::{CreateRun, RunDetail},
    status::Status,
    step::{Attempt, AttemptStatus},
};
use client::recorder::{Counters, Recorder, Turn};
use flate2::read::MultiGzDecoder;
use local::issuer::TokenRole;
use reqwest::{Client, Response};
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tests::world::World;

const SECRET: &str = "the-secret-of-a-test-0123456789";
/// One that only the header tells of which it is the value.
const SHAPELESS: &str = "8f3c9a7e1b2d4f60";
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// The model's provider on loopback. It ends with its standard input.
pub(crate) struct Provider {
    url: String,
    _program: Child,
}

impl Provider {
    fn start() -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("kits/provider.py");
        let mut command = Command::new("python3");
        let mut program = command.arg(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(program.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { url: url.trim().to_owned(), _program: program }
    }

    /// Where a scenario's chat completions are, in a session of their own.
    pub(crate) fn at(&self, scenario: &str) -> String {
        format!("{}/{}/{scenario}/v1/chat/completions", self.url, fastrand::u64(..))
    }
}

/// What the tests of a recorder need: a service, a provider, and a client as the chat has one.
pub(crate) struct Scene {
    pub backend: Backend,
    pub provider: Provider,
    pub debug: Recorder,
    pub http: Client,
}

impl Scene {
    /// Where alice is recorded.
    pub(crate) async fn new() -> Self {
        Self::of(Backend::new().await)
    }

    fn of(backend: Backend) -> Self {
        let debug = Recorder::new(&backend.server.origin, &backend.token(TokenRole::Recorder));
        Self { backend, provider: Provider::start(), debug, http: http() }
    }

    pub(crate) fn turn(&self) -> Turn {
        self.debug.turn("conversation-7", "alice")
    }

    /// The chat that these turns are of.
    pub(crate) fn chat() -> ChatId {
        chat_of("conversation-7")
    }

    /// A request of a scenario, in a session of its own.
    pub(crate) async fn ask(&self, turn: &Turn, scenario: &str, stream: bool) -> Response {
        turn.send(self.http.post(self.provider.at(scenario)).body(question(stream))).await.unwrap()
    }

    /// The turns that were posted.
    async fn posted(&self) -> Vec<CreateRun> {
        assert!(self.debug.flush(SOON).await, "{:?}", self.debug.counters());
        let posts = self.backend.asked().into_iter().filter(|asked| asked.method == "POST");
        posts.map(|asked| serde_json::from_slice(&unpacked(&asked.body.unwrap())).unwrap()).collect()
    }

    /// The one turn that was posted.
    async fn run(&self) -> CreateRun {
        let mut runs = self.posted().await;
        assert_eq!((runs.len(), self.debug.counters().recorded), (1, 1), "{:?}", self.backend.lines());
        runs.remove(0)
    }
}

/// Where a call is answered so far, and no further.
pub(crate) fn hanging_after(said: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/chat/completions", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _some = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(said.as_bytes()).unwrap();
        // Until whoever called leaves.
        let _left = std::io::copy(&mut stream, &mut std::io::sink());
    });
    url
}

/// As a chat product makes one; nothing here needs TLS, but a client without it cannot be made.
pub(crate) fn http() -> Client {
    let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into());
    let tls = tls.with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

pub(crate) fn question(stream: bool) -> String {
    json!({"model": "gpt-test", "stream": stream, "messages": [{"role": "user", "content": "Hi"}]}).to_string()
}

fn unpacked(body: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    match MultiGzDecoder::new(body).read_to_end(&mut unpacked) {
        Ok(_) => unpacked,
        Err(_) => body.to_vec(),
    }
}

fn only(run: &CreateRun) -> &Attempt {
    let attempts: Vec<_> = run.steps.iter().flat_map(|step| &step.attempts).collect();
    assert_eq!((run.steps.len(), attempts.len()), (1, 1));
    attempts[0]
}

fn text(body: Option<&api::step::Body>) -> &str {
    std::str::from_utf8(&body.unwrap().0).unwrap()
}

#[tokio::test]
async fn the_turns_are_the_golden_ones() {
    let scene = Scene::new().await;
    for (name, conversation, expected) in golden_turns() {
        let (_, scenario) = name.rsplit_once('-').unwrap();
        let session = format!("{}/{name}/{scenario}", scene.provider.url);
        let turn = scene.turn().first_message(expected["first_message"].as_str().unwrap());
        for call in &conversation.calls {
            let url = call.url.replace("http://provider.test", &session);
            let mut request = scene.http.post(url).body(call.request_body.clone().unwrap().0);
            for (name, value) in &call.request_headers.0 {
                request = request.header(name, value);
            }
            // Not each SDK takes packed answers.
            let is_packed = call.response_headers.0.iter().any(|(name, _)| name == "content-encoding");
            let packed = if is_packed { "gzip" } else { "identity" };
            let response = turn.send(request.header("accept-encoding", packed)).await.unwrap();
            let read = response.bytes().await;
            let came = &call.response_body.as_ref().unwrap().0;
            assert_eq!(read.is_err(), scenario == "cut", "{name}");
            assert!(read.is_ok_and(|read| read == *came) || scenario == "cut", "{name}");
        }
        let id = turn.id();
        drop(turn);
        let runs = scene.posted().await;
        let run = runs.iter().find(|run| run.id == Some(id)).unwrap();
        assert_eq!(normal_turn(run), expected, "{name}");
    }
    let counters = scene.debug.counters();
    assert_eq!(counters, Counters { recorded: counters.recorded, ..Counters::default() });
}

#[tokio::test]
async fn a_turn_is_what_its_owner_reads() {
    let scene = Scene::new().await;
    let turn = scene.turn().first_message("Hello!").saying(|run| run.trigger_message_id = Some(7.into()));
    scene.ask(&turn, "plain", false).await.bytes().await.unwrap();
    let id = turn.id();
    drop(turn);
    scene.run().await;
    let chat = "conversation-7".parse::<api::external::ChatName>().unwrap().id(&crate::backend::alice());
    let RunDetail { run, steps, .. } = scene.backend.alice().get_debug_run(chat, id).await.unwrap().body;
    assert_eq!(
        (run.status, run.model.as_deref(), run.provider.as_deref()),
        (Status::Completed, Some("gpt-test"), Some("openai"))
    );
    assert_eq!(run.summary.first_message.as_deref(), Some("Hello!"));
    assert_eq!(steps[0].usage.as_ref().unwrap().counts().input_tokens.unwrap().get(), 14);
    assert!(steps[0].metadata.get().contains("chat-debug-rust/"), "{}", steps[0].metadata.get());
}

#[tokio::test]
async fn an_answer_is_as_without_a_recorder() {
    let scene = Scene::new().await;
    let (turn, url) = (scene.turn(), scene.provider.at("plain"));
    let plain = scene.http.post(&url).body(question(false)).send().await.unwrap();
    let recorded = turn.send(scene.http.post(&url).body(question(false))).await.unwrap();
    for response in [&plain, &recorded] {
        assert_eq!((response.url().as_str(), response.status().as_u16()), (&*url, 200));
        assert_eq!(
            (response.version(), response.headers()["content-type"].as_bytes()),
            (plain.version(), &b"application/json"[..])
        );
        assert_eq!((response.remote_addr(), response.content_length()), (plain.remote_addr(), plain.content_length()));
    }
    assert!(plain.content_length().is_some());
    assert_eq!(recorded.bytes().await.unwrap(), plain.bytes().await.unwrap());

    let begun = hanging_after("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{");
    let slow = scene.http.post(begun).timeout(Duration::from_secs(1));
    let error = turn.send(slow).await.unwrap().bytes().await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    let error = turn.send(scene.http.post("http://127.0.0.1:9/")).await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    assert!(turn.send(scene.http.post("no address")).await.unwrap_err().is_builder());
    drop(turn);

    let run = scene.run().await;
    let statuses: Vec<_> = run.steps.iter().map(|step| step.status).collect();
    assert_eq!(statuses, [Status::Completed, Status::Interrupted, Status::Error]);
    assert!(run.steps[2].attempts[0].error.as_ref().unwrap().contains("refused"));
}

#[tokio::test]
async fn a_stream_is_handed_on_as_it_comes_and_outlives_its_handler() {
    let scene = Scene::new().await;
    let turn = scene.turn();
    let mut response = scene.ask(&turn, "slow", true).await;
    drop(turn);
    let mut pieces = 0;
    while response.chunk().await.unwrap().is_some() {
        pieces += 1;
    }
    assert!(pieces > 3, "{pieces}");
    drop(response);
    let run = scene.run().await;
    let attempt = only(&run);
    assert_eq!((run.status, attempt.status), (Status::Completed, AttemptStatus::Completed));
    // A pause of 30 ms before the headers, and one before each event.
    let (first, all) = (attempt.first_byte_ms.unwrap().get(), attempt.duration_ms.unwrap().get());
    assert!((60..all).contains(&first), "{first} of {all}");
}

#[tokio::test]
async fn who_leaves_interrupts_unless_the_last_event_came() {
    for is_whole in [false, true] {
        let scene = Scene::new().await;
        let turn = scene.turn();
        let mut response = scene.ask(&turn, "slow", true).await;
        let mut read = Vec::new();
        while let Some(piece) = response.chunk().await.unwrap() {
            read.extend_from_slice(&piece);
            if !is_whole || read.ends_with(b"[DONE]\n\n") {
                break;
            }
        }
        drop((turn, response));
        let run = scene.run().await;
        let expected = if is_whole {
            (Status::Completed, AttemptStatus::Completed)
        } else {
            (Status::Interrupted, AttemptStatus::Failed)
        };
        assert_eq!((run.status, only(&run).status), expected);
        assert_eq!(only(&run).error.is_some(), !is_whole);
        assert!(text(only(&run).response_body.as_ref()).starts_with("data: {"));
    }
}

#[tokio::test]
async fn a_call_that_is_given_up_is_there() {
    let scene = Scene::new().await;
    let turn = scene.turn();
    let call = turn.send(scene.http.post(hanging_after("")).body(question(false)));
    assert!(tokio::time::timeout(Duration::from_millis(100), call).await.is_err());
    drop(turn);
    let run = scene.run().await;
    assert_eq!((run.status, only(&run).response_status), (Status::Interrupted, None));
}

#[tokio::test]
async fn a_refusal_that_nobody_reads_is_read_and_tried_again_in_its_step() {
    let scene = Scene::new().await;
    let (turn, url) = (scene.turn(), scene.provider.at("retry"));
    for status in [429, 200, 200] {
        let response = turn.send(scene.http.post(&url).body(question(false))).await.unwrap();
        assert_eq!(response.status().as_u16(), status);
        if status == 200 {
            response.bytes().await.unwrap();
        }
    }
    drop(turn);
    let run = scene.run().await;
    let attempts: Vec<_> = run.steps.iter().map(|step| step.attempts.len()).collect();
    assert_eq!(attempts, [2, 1], "an answered request sent again is a step of its own");
    let refused = &run.steps[0].attempts[0];
    assert!(text(refused.response_body.as_ref()).contains("rate_limit_exceeded"));
    assert_eq!(
        (refused.status, refused.retry_classification.as_deref()),
        (AttemptStatus::Completed, Some("status 429"))
    );
    assert!(refused.retry_delay_ms.is_some());
}

#[tokio::test]
async fn parallel_calls_are_steps_and_tasks_share_a_turn() {
    let scene = Scene::new().await;
    let turn = scene.turn();
    let calls = (0..8).map(|_| {
        let (turn, request) = (turn.clone(), scene.http.post(scene.provider.at("plain")).body(question(false)));
        tokio::spawn(async move { turn.send(request).await.unwrap().bytes().await.unwrap() })
    });
    let calls: Vec<_> = calls.collect();
    drop(turn);
    for call in calls {
        call.await.unwrap();
    }
    let run = scene.run().await;
    let numbers: Vec<_> = run.steps.iter().map(|step| step.step_number.unwrap().get()).collect();
    assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
    assert!(run.steps.iter().all(|step| step.status == Status::Completed && step.attempts.len() == 1));
}

#[tokio::test]
async fn nothing_of_a_refused_chat_leaves() {
    // Alice has not opted in.
    let scene = Scene::of(Backend::of(World::new().await).await);
    for _ in 0..2 {
        let turn = scene.turn().first_message(SECRET);
        let request = scene.http.post(scene.provider.at("plain")).body(question(false).replace("Hi", SECRET));
        turn.send(request).await.unwrap().bytes().await.unwrap();
        drop(turn);
        assert!(scene.debug.flush(SOON).await);
    }
    let asked = scene.backend.asked();
    assert_eq!(asked.iter().map(|asked| asked.method).collect::<Vec<_>>(), ["GET"], "a no is believed for a while");
    assert!(!format!("{asked:?}").contains(SECRET));
    assert_eq!(scene.debug.counters(), Counters { not_recorded: 2, ..Counters::default() });
}

#[tokio::test]
async fn credentials_are_gone_before_they_are_sent_and_a_product_may_take_out_more() {
    let backend = Backend::new().await;
    let debug = Recorder::new(&backend.server.origin, &backend.token(TokenRole::Recorder));
    let debug = debug.redacting(|attempt| attempt.request_body = None);
    let scene = Scene { debug, ..Scene::of(backend) };
    let turn = scene.turn();
    let url = format!("{}?key={SECRET}", scene.provider.at("plain"));
    let request = scene.http.post(url).bearer_auth(SECRET).header("X-Goog-Api-Key", SECRET);
    let request = request.header("X-Api-Key", SHAPELESS).header("X-Trace", SHAPELESS).body(question(false));
    turn.send(request).await.unwrap().bytes().await.unwrap();
    drop(turn);
    let run = scene.run().await;
    let bodies: Vec<_> = scene.backend.asked().into_iter().filter_map(|asked| asked.body).collect();
    for key in [SECRET, SHAPELESS] {
        assert!(bodies.iter().all(|body| !String::from_utf8_lossy(&unpacked(body)).contains(key)), "{key}");
    }
    let headers = &only(&run).request_headers.as_ref().unwrap().0;
    assert!(headers.contains(&("x-goog-api-key".into(), "[REDACTED]".into())), "{headers:?}");
    assert_eq!(only(&run).request_body, None);
    assert!(!run.steps[0].normalized_request.get().contains("Hi"), "no copy is made of what was taken out");
}

#[tokio::test]
async fn what_cannot_be_looked_through_is_not_sent() {
    let backend = Backend::new().await;
    let debug = Recorder::new(&backend.server.origin, &backend.token(TokenRole::Recorder));
    let scene = Scene { debug: debug.redacting(|_| panic!("a fault of the product's")), ..Scene::of(backend) };
    let turn = scene.turn();
    scene.ask(&turn, "plain", false).await.bytes().await.unwrap();
    drop(turn);
    assert!(scene.posted().await.is_empty());
    assert_eq!(scene.debug.counters(), Counters { failed: 1, ..Counters::default() });
}

#[tokio::test]
async fn the_chat_runs_without_a_service_that_answers() {
    let hung = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let provider = Provider::start();
    for service in [hung.local_addr().unwrap(), dead] {
        let debug = Recorder::new(&format!("http://{service}"), "k");
        for _ in 0..20 {
            let turn = debug.turn("conversation-7", "alice");
            let response = turn.send(http().post(provider.at("plain")).body(question(false))).await.unwrap();
            assert!(response.text().await.unwrap().contains("Paris"));
        }
        assert!(!debug.flush(Duration::from_millis(100)).await);
        assert_eq!(debug.counters(), Counters::default(), "it is tried again for a while");
    }
}

#[tokio::test]
async fn a_service_that_comes_back_gets_what_waited() {
    let decision = r#"{"override":"inherit","effective":true,"decided_by":"user"}"#;
    let recorded =
        json!({"recorded": true, "run": serde_json::from_str::<serde_json::Value>(&crate::canned::run("Hi")).unwrap()});
    let down = || answer(503, "", "{}");
    let answers =
        [down(), down(), down(), down(), answer(200, "", decision), down(), answer(201, "", &recorded.to_string())];
    let service = CannedServer::answering(answers);
    let debug = Recorder::new(&service.url, "k");
    drop(debug.turn("conversation-7", "alice"));
    assert!(debug.flush(SOON).await);
    assert_eq!(debug.counters(), Counters { recorded: 1, ..Counters::default() });
}

#[tokio::test]
async fn what_has_no_room_is_dropped_and_what_is_freed_makes_room() {
    // Alice has not opted in.
    let scene = Scene::of(Backend::of(World::new().await).await);
    let dead = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let debug = Recorder::new(&format!("http://{dead}"), "k");
    let body = "x".repeat(12_000_000);
    for (debug, wait) in [(&debug, Duration::ZERO), (&scene.debug, SOON)] {
        for chat in ["a", "b", "c", "d"] {
            let turn = debug.turn(chat, "alice");
            let url = format!("{}/s/plain/v1/none", scene.provider.url);
            turn.send(scene.http.post(url).body(body.clone())).await.unwrap();
            drop(turn);
            debug.flush(wait).await;
        }
    }
    assert_eq!(scene.debug.counters(), Counters { not_recorded: 4, ..Counters::default() });
    assert_eq!(debug.counters(), Counters { dropped: 2, ..Counters::default() });
}

#[tokio::test]
async fn without_a_service_it_does_nothing() {
    let provider = Provider::start();
    for debug in [Recorder::new("no address", "k"), Recorder::new("http://127.0.0.1:9", "two words")] {
        let turn = debug.turn("conversation-7", "alice").first_message("Hi");
        let response = turn.send(http().post(provider.at("plain")).body(question(false))).await.unwrap();
        assert!(response.text().await.unwrap().contains("Paris"));
        turn.fail();
        assert!(debug.flush(Duration::ZERO).await);
        assert_eq!(debug.counters(), Counters::default());
    }
}

#[tokio::test]
async fn a_turn_that_cannot_be_named_is_refused_and_one_that_failed_says_so() {
    let scene = Scene::new().await;
    for (chat, owner) in [("", "alice"), ("c", "no owner"), ("c", "")] {
        let turn = scene.debug.turn(chat, owner);
        scene.ask(&turn, "plain", false).await.bytes().await.unwrap();
    }
    assert_eq!(scene.debug.counters(), Counters { refused: 3, ..Counters::default() });
    let turn = scene.turn();
    scene.ask(&turn, "plain", false).await.bytes().await.unwrap();
    turn.fail();
    let run = &scene.posted().await[0];
    assert_eq!((run.status, run.steps[0].status), (Status::Error, Status::Completed));
}

/// The recorder has a thread of its own, so that it does not matter which runtime calls it, or how long that lives.
#[test]
fn runtimes_come_and_go() {
    let outer = tokio::runtime::Runtime::new().unwrap();
    let scene = outer.block_on(Scene::new());
    for _ in 0..2 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let turn = scene.turn();
            let request = http().post(scene.provider.at("plain")).body(question(false));
            turn.send(request).await.unwrap().bytes().await.unwrap();
        });
    }
    assert_eq!(outer.block_on(scene.posted()).len(), 2);
}
