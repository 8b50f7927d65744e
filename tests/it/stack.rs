//! The local stack, as `make run` puts it together: whatever a function does, its caller has an answer in time.

use api::{
    problem::{MAX_GZIP_BYTES, ProblemBody},
    routes::{BASE, GET_DEBUG_LOGGING, GET_USER_DEBUG_LOGGING, GZIPPED_JSON, PUT_CHAT},
};
use local::{
    binaries::Profile,
    child::Group,
    http_api,
    issuer::TokenRole,
    lambda::{Functions, Limits, MAX_PAYLOAD},
};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
    process,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tests::{runtime::variables, world::*};
use tokio::{net::TcpListener, process::Command, task::JoinSet, time::sleep};

static STACKS: AtomicUsize = AtomicUsize::new(0);

/// A stack behind a port of its own, and its log.
struct Stack {
    client: Client,
    origin: String,
    log: PathBuf,
    /// Goes before what serves: nobody is started any more.
    _group: Group,
    _serving: JoinSet<()>,
}

impl Stack {
    async fn of(limits: Limits, launch: impl Fn(&'static str) -> Command + Send + Sync + 'static) -> Self {
        let file = format!("stack-{}-{}.log", process::id(), STACKS.fetch_add(1, Relaxed));
        let log = std::env::temp_dir().join(file);
        let group = Group::new().unwrap();
        let id = group.id();
        let functions = Functions::new(File::create(&log).unwrap(), limits, move |operation| {
            let mut command = launch(operation);
            command.process_group(id);
            Ok(command)
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let mut serving = JoinSet::new();
        serving.spawn(http_api::serve(listener, Arc::new(functions)));
        // The client wants one, and uses none.
        let _is_first = rustls::crypto::ring::default_provider().install_default();
        Self { client: Client::builder().no_proxy().build().unwrap(), origin, log, _group: group, _serving: serving }
    }

    async fn of_stand_ins(limits: Limits) -> Self {
        Self::of(limits, |_| Command::new(env!("CARGO_BIN_EXE_stand-in"))).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.origin)).timeout(Duration::from_secs(20))
    }

    /// Asks a stand-in to do something.
    async fn ask(&self, what: &str) -> Response {
        self.request(Method::GET, &format!("{}?{what}", GET_DEBUG_LOGGING.path)).send().await.unwrap()
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.log);
    }
}

/// Fails unless it is a refusal of the gateway.
async fn refused(response: Response, status: u16, message: &str) {
    assert_eq!(
        (response.status().as_u16(), response.headers()["content-type"].as_bytes()),
        (status, &b"application/json"[..])
    );
    assert_eq!(response.json::<Value>().await.unwrap(), json!({"message": message}));
}

fn process_of(response: &Response) -> String {
    response.headers()["x-process"].to_str().unwrap().to_owned()
}

/// Whether a thread of it runs: its parent hears of its end when the last has ended.
fn is_running(process: &str) -> bool {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    threads
        .map(|thread| fs::read_to_string(thread.path().join("stat")).unwrap_or_default())
        .any(|stat| stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['Z', 'X'])))
}

async fn gone(process: &str) {
    while is_running(process) {
        sleep(Duration::from_millis(5)).await;
    }
}

async fn kill(process: &str) {
    assert!(Command::new("kill").args(["-KILL", process]).status().await.unwrap().success());
}

#[tokio::test]
async fn whatever_a_function_does_wrong_is_an_answer_and_the_next_call_works() {
    let stack = Stack::of_stand_ins(Limits { event: Duration::from_secs(2), ..Limits::HERE }).await;
    for (what, status, message, noted) in [
        ("never", 503, "Service Unavailable", "it took longer than 2 s, and is killed"),
        ("other", 503, "Service Unavailable", "it took longer than 2 s, and is killed"),
        ("exit", 500, "Internal Server Error", "its process ended: exit status: 3"),
        ("abort", 500, "Internal Server Error", "its process ended: signal: 6"),
        ("half", 500, "Internal Server Error", "its process ended: exit status: 0"),
        ("again", 500, "Internal Server Error", "it asked for another event before it answered"),
        ("error", 500, "Internal Server Error", r#"it failed: {"errorType":"Wrong"}"#),
        ("large", 500, "Internal Server Error", "its answer has 6291557 bytes, and Lambda gives 6291556"),
        ("garbage", 500, "Internal Server Error", "it answered what is no response: it is no JSON"),
        ("status", 500, "Internal Server Error", "it answered what is no response: its status is none"),
        ("header", 500, "Internal Server Error", r#"it answered what is no response: "a b" names no header"#),
        ("base64", 500, "Internal Server Error", "it answered what is no response: its body is no base64"),
    ] {
        refused(stack.ask(what).await, status, message).await;
        let log = stack.log();
        let last = log.lines().rfind(|line| line.starts_with("lambda: ")).unwrap();
        assert!(last.starts_with(&format!("lambda: get-debug-logging: {noted}")), "{what}: {log}");
        assert_eq!(stack.ask("").await.status(), 201, "after {what}");
    }
}

#[tokio::test]
async fn a_function_that_does_not_start_is_an_answer() {
    let limits = Limits { start: Duration::from_millis(300), ..Limits::HERE };
    let scripts = [("exit 3", 500, "Internal Server Error"), ("sleep 60 & wait", 503, "Service Unavailable")];
    for (script, status, message) in scripts {
        let stack = Stack::of(limits, move |_| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        });
        refused(stack.await.ask("").await, status, message).await;
    }
    let stack = Stack::of(limits, |operation| Command::new(format!("/nowhere/{operation}"))).await;
    refused(stack.ask("").await, 500, "Internal Server Error").await;
    assert!(stack.log().contains("/nowhere/get-debug-logging cannot be started"), "{}", stack.log());
}

#[tokio::test]
async fn a_process_serves_many_requests_and_one_that_died_is_replaced() {
    let stack = Stack::of_stand_ins(Limits::HERE).await;
    let first = process_of(&stack.ask("").await);
    assert_eq!(process_of(&stack.ask("").await), first);
    kill(&first).await;
    gone(&first).await;
    let second = process_of(&stack.ask("").await);
    assert_ne!(second, first);
    assert!(stack.log().contains("its process ended while it waited: signal: 9"), "{}", stack.log());
    // As above, by a process that ends of its own accord.
    assert_eq!(process_of(&stack.ask("last").await), second);
    gone(&second).await;
    assert_ne!(process_of(&stack.ask("").await), second);
}

#[tokio::test]
async fn a_process_that_dies_fails_its_event_alone() {
    let stack = Stack::of_stand_ins(Limits::HERE).await;
    for _ in 0..20 {
        let waits = process_of(&stack.ask("").await);
        kill(&waits).await;
        // Whether it was dead already when it was given this one, nobody knows.
        let answer = stack.ask("").await;
        if answer.status() == 201 {
            assert_ne!(process_of(&answer), waits, "{}", stack.log());
        } else {
            refused(answer, 500, "Internal Server Error").await;
        }
    }
    let works = process_of(&stack.ask("").await);
    let path = format!("{}?slow", GET_DEBUG_LOGGING.path);
    let (answer, ()) = tokio::join!(stack.request(Method::GET, &path).send(), async {
        sleep(Duration::from_millis(500)).await;
        kill(&works).await;
    });
    refused(answer.unwrap(), 500, "Internal Server Error").await;
    assert_ne!(process_of(&stack.ask("").await), works);
}

#[tokio::test]
async fn requests_that_come_together_are_all_answered_by_a_few_processes() {
    let stack = Stack::of_stand_ins(Limits::HERE).await;
    let mut asked = JoinSet::new();
    for _ in 0..12 {
        let request = stack.request(Method::GET, &format!("{}?slow", GET_DEBUG_LOGGING.path));
        asked.spawn(async move { process_of(&request.send().await.unwrap()) });
    }
    let processes: BTreeSet<_> = asked.join_all().await.into_iter().collect();
    assert!((2..=4).contains(&processes.len()), "{processes:?}");
}

#[tokio::test]
async fn who_waits_for_a_process_in_vain_has_an_answer_too() {
    let [event, request] = [400, 600].map(Duration::from_millis);
    let limits = Limits { event, request, ..Limits::HERE };
    let stack = Stack::of_stand_ins(limits).await;
    let mut answers = JoinSet::new();
    for _ in 0..20 {
        let request = stack.request(Method::GET, &format!("{}?never", GET_DEBUG_LOGGING.path));
        answers.spawn(async move { refused(request.send().await.unwrap(), 503, "Service Unavailable").await });
    }
    answers.join_all().await;
}

#[tokio::test]
async fn a_caller_who_leaves_does_not_end_the_function() {
    let stack = Stack::of_stand_ins(Limits::HERE).await;
    let first = process_of(&stack.ask("").await);
    let path = format!("{}?slow", GET_DEBUG_LOGGING.path);
    let left = stack.request(Method::GET, &path).timeout(Duration::from_millis(300)).send().await;
    assert!(left.unwrap_err().is_timeout());
    // Others answer meanwhile, once each.
    assert_ne!(process_of(&stack.ask("last").await), first);
    while process_of(&stack.ask("last").await) != first {
        assert!(is_running(&first), "{}", stack.log());
    }
}

#[tokio::test]
async fn no_process_is_left_when_the_stack_ends() {
    let stack = Stack::of_stand_ins(Limits::HERE).await;
    let idle = process_of(&stack.ask("").await);
    let other = stack.request(Method::GET, GET_USER_DEBUG_LOGGING.path).send().await.unwrap();
    let other = process_of(&other);
    assert!(is_running(&idle) && is_running(&other));
    drop(stack);
    gone(&idle).await;
    gone(&other).await;
}

#[tokio::test]
async fn an_event_is_what_the_gateway_would_make_of_the_request() {
    let stack = Stack::of_stand_ins(Limits::HERE).await;
    let sent = stack.request(Method::PUT, &format!("{BASE}/%61%2Fb%20c?q=%61+b&q=2"));
    let sent = sent.header("X-Twice", "1").header("x-twice", "2").header("cookie", "a=1; b=2");
    let answer = sent.header("content-type", "text/plain").body("text \"quoted\"").send().await.unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers().get_all("set-cookie").iter().collect::<Vec<_>>(), ["a=1", "b=2"]);
    let event: Value = answer.json().await.unwrap();
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], format!("PUT {}", PUT_CHAT.path));
    assert_eq!(event["pathParameters"], json!({"chat": "a/b c"}));
    assert_eq!(event["rawPath"], format!("{BASE}/a/b c"));
    assert_eq!(event["rawQueryString"], "q=%61+b&q=2");
    assert_eq!(event["headers"]["x-twice"], "1,2");
    assert_eq!((&event["headers"]["cookie"], &event["cookies"]), (&Value::Null, &json!(["a=1", "b=2"])));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("text \"quoted\""), &json!(false)));

    let bytes = stack.request(Method::PUT, &format!("{BASE}/c")).body(vec![0, 255]).send().await.unwrap();
    let event: Value = bytes.json().await.unwrap();
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("AP8="), &json!(true)));
    let none: Value = stack.ask("").await.json().await.unwrap();
    assert_eq!((&none["body"], &none["isBase64Encoded"]), (&Value::Null, &json!(false)));

    assert_eq!(*stack.ask("bytes").await.bytes().await.unwrap(), [0, 255]);
    let bare = stack.ask("bare").await;
    assert_eq!(bare.status(), 200);
    assert_eq!(bare.json::<Value>().await.unwrap(), json!({"bare": true}));
}

#[tokio::test]
async fn what_reaches_no_function_is_refused_as_the_gateway_does() {
    let stack = Stack::of_stand_ins(Limits::HERE).await;
    for (method, path) in [
        (Method::GET, "/"),
        (Method::GET, "/api/experimental/chats/config/debug-logging/"),
        (Method::POST, GET_DEBUG_LOGGING.path),
        (Method::HEAD, GET_DEBUG_LOGGING.path),
        (Method::OPTIONS, GET_DEBUG_LOGGING.path),
    ] {
        let answer = stack.request(method.clone(), path).send().await.unwrap();
        if method == Method::HEAD {
            assert_eq!(answer.status(), 404);
        } else {
            refused(answer, 404, "Not Found").await;
        }
    }
    let put = |content_type: &str, body: String| {
        let sent = stack.request(Method::PUT, &format!("{BASE}/c?bare")).header("content-type", content_type);
        sent.body(body).send()
    };
    // Smaller than Lambda takes, but not once it is quoted or in base64; and larger than the gateway takes.
    for (content_type, body) in [
        ("text/plain", "\"".repeat(MAX_PAYLOAD / 2)),
        (GZIPPED_JSON, "x".repeat(MAX_PAYLOAD / 4 * 3)),
        ("text/plain", "x".repeat(11_000_000)),
    ] {
        refused(put(content_type, body).await.unwrap(), 413, "Request Entity Too Large").await;
    }
    for (content_type, body) in
        [("text/plain", "x".repeat(MAX_PAYLOAD - 2_000)), (GZIPPED_JSON, "x".repeat(MAX_GZIP_BYTES))]
    {
        assert_eq!(put(content_type, body).await.unwrap().status(), 200, "{content_type}");
    }
}

/// The process that was started last, as its own shell has noted.
fn noted(file: &Path) -> String {
    fs::read_to_string(file).unwrap().lines().last().unwrap().to_owned()
}

/// On threads, since the table's engine is one of those that take their time here.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_run_is_opened_every_time_and_by_a_new_process_when_the_last_was_killed() {
    let world = World::recording("alice").await;
    let recorder = world.recorder();
    recorder.post(&runs(1), open_run("alice", 1)).await.expect(201);
    for number in 1..=500 {
        let mut body = step_body(None);
        body["metadata"] = json!({"text": "x".repeat(60_000), "number": number});
        recorder.put(&step(1, 1, number), body).await.expect(201);
    }

    let processes = std::env::temp_dir().join(format!("stack-{}.processes", process::id()));
    let (variables, file) = (variables(&world, world.engine.endpoint()), processes.clone());
    let stack = Stack::of(Limits::HERE, move |operation| {
        let mut command = Command::new("sh");
        command
            .args(["-c", r#"echo $$ >> "$1"; exec "$2""#, "sh"])
            .arg(&file)
            .arg(Profile::of_tests().binary(operation).unwrap());
        command.env_clear().envs(variables.iter().map(|(name, value)| (name, value)));
        command
    });
    let stack = stack.await;
    let token = world.token("alice", TokenRole::User);
    let open = async || {
        for _ in 0..20 {
            let answer = stack.request(Method::GET, &run(1, 1)).bearer_auth(&token).send().await.unwrap();
            let (status, body) = (answer.status().as_u16(), answer.bytes().await.unwrap());
            // A busy machine may keep a function from its answer: then it says so itself, and is to be asked again.
            if status != 503 || serde_json::from_slice::<ProblemBody>(&body).is_err() {
                return (status, body);
            }
        }
        panic!("asked again and again: {}", stack.log());
    };

    let (status, first) = open().await;
    assert_eq!(status, 200, "{}", stack.log());
    assert!(first.len() > 5_500_000, "{} bytes are no large answer", first.len());
    for n in 1..20 {
        let (status, body) = open().await;
        assert_eq!((status, body == first), (200, true), "the answer {n}: {}", stack.log());
    }

    for _ in 0..5 {
        kill(&noted(&processes)).await;
        gone(&noted(&processes)).await;
        let (status, body) = open().await;
        assert_eq!((status, body == first), (200, true), "{}", stack.log());
    }
    fs::remove_file(&processes).unwrap();
}
