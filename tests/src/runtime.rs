//! The real binaries behind a Lambda Runtime API.
//!
//! A binary gets an environment of its own, asks here for its next event and posts its answer back,
//! as it does in Lambda. What it prints is kept, and it can be killed at any moment.

use crate::{
    log,
    world::{Answer, REQUEST_ID, Sent, World, text},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, HeaderName, StatusCode},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use local::{binaries, environment};
use serde_json::Value;
use service::clock::Clock;
use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    io::ErrorKind,
    pin::pin,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    net::TcpListener,
    process::{Child, Command},
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        watch,
    },
    task::JoinHandle,
};

/// What Lambda takes and gives, in bytes.
const MAX_PAYLOAD: usize = 6_291_556;
/// A function's time limit, in milliseconds: longer than any route takes.
const TIME_LIMIT: u64 = 10_000;

/// An event on its way to the function, and the moment that the function has until.
struct Event {
    json: String,
    deadline: u64,
}

/// Why there is no answer: the function said so, or it ended.
pub type NoAnswer = String;

type Outcome = Result<Value, NoAnswer>;

/// A running binary. Dropping it kills it.
pub struct Function {
    child: Arc<Mutex<Child>>,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
    api: JoinHandle<()>,
    asked: watch::Receiver<bool>,
    events: UnboundedSender<Event>,
    outcomes: UnboundedReceiver<Outcome>,
}

/// What is left of a function that has ended.
#[derive(Debug)]
pub struct Remains {
    /// How it ended.
    pub status: ExitStatus,
    /// What Lambda would have put into its log.
    pub stdout: String,
    /// As above.
    pub stderr: String,
}

impl Function {
    /// Starts an operation's release binary with these variables, Lambda's own and no others.
    pub async fn spawn(operation: &str, variables: &[(&'static str, String)]) -> Self {
        let binary = binaries::of(operation).unwrap_or_else(|error| panic!("{error:#}"));
        Self::spawn_by(Command::new(binary), operation, variables).await
    }

    /// As above, by a command that starts the binary in its own way, as a profiler does.
    pub async fn spawn_by(mut command: Command, operation: &str, variables: &[(&'static str, String)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (events, wanted) = unbounded_channel();
        let (posted, outcomes) = unbounded_channel();
        let (asks, asked) = watch::channel(false);
        let api = runtime_api(wanted, posted, asks);
        let api = tokio::spawn(async move { axum::serve(listener, api).await.unwrap() });
        let mut child = command
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", operation)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdout = tokio::spawn(read(child.stdout.take().unwrap()));
        let stderr = tokio::spawn(read(child.stderr.take().unwrap()));
        Self { child: Arc::new(Mutex::new(child)), stdout, stderr, api, asked, events, outcomes }
    }

    /// Waits until the function asks for its first event.
    pub async fn ready(&mut self) -> Result<(), NoAnswer> {
        tokio::select! {
            asked = self.asked.wait_for(|asked| *asked) => {
                asked.unwrap();
                Ok(())
            }
            status = ended(&self.child) => Err(format!("the function ended: {status}")),
        }
    }

    /// The process's id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.lock().unwrap().id()
    }

    /// Has one event answered; the deadline is in milliseconds since 1970.
    pub async fn invoke(&mut self, event: &Value, deadline: u64) -> Outcome {
        let json = event.to_string();
        assert!(json.len() <= MAX_PAYLOAD, "Lambda takes no event of {} bytes", json.len());
        self.events.send(Event { json, deadline }).unwrap();
        tokio::select! {
            outcome = self.outcomes.recv() => outcome.unwrap(),
            status = ended(&self.child) => Err(format!("the function ended: {status}")),
        }
    }

    /// Sends a request, as the gateway would; one without a deadline has all of the function's time.
    pub async fn send(&mut self, sent: &Sent) -> Result<Answer, NoAnswer> {
        let (route, event) = sent.event();
        let now = u64::try_from(Clock::default().now().millis()).unwrap();
        let deadline = if sent.deadline == 0 { now + TIME_LIMIT } else { sent.deadline };
        let response = self.invoke(&event, deadline).await?;
        let headers: HeaderMap = response["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.as_str().unwrap().parse().unwrap()))
            .collect();
        let body = response["body"].as_str().unwrap_or_default();
        let body = if response["isBase64Encoded"] == true { STANDARD.decode(body).unwrap() } else { body.into() };
        let answer = Answer {
            status: response["statusCode"].as_u64().unwrap().try_into().unwrap(),
            body: text(&headers, &body),
            headers,
            line: Value::Null,
        };
        answer.check(route, sent);
        Ok(answer)
    }

    /// Kills the process, from wherever it is called: no destructor runs, nothing is finished.
    pub fn killer(&self) -> impl Fn() + Send + 'static {
        let child = Arc::clone(&self.child);
        move || drop(child.lock().unwrap().start_kill())
    }

    /// Kills the process, and waits until it is gone.
    pub async fn kill(self) -> Remains {
        self.killer()();
        self.ended().await
    }

    /// Asks the process to end, as a profiler has to be asked, and waits until it is gone.
    pub async fn terminate(self) -> Remains {
        if let Some(id) = self.id() {
            let kill =
                Command::new("sh").args(["-c", r#"kill -TERM "$1""#, "sh", &id.to_string()]).status().await.unwrap();
            assert!(kill.success(), "The process {id} could not be asked to end: {kill}");
        }
        self.ended().await
    }

    /// Waits until the process ends of its own accord.
    pub async fn ended(self) -> Remains {
        let status = ended(&self.child).await;
        self.api.abort();
        Remains { status, stdout: self.stdout.await.unwrap(), stderr: self.stderr.await.unwrap() }
    }
}

/// The variables of a world's functions, which reach its table at this endpoint: a wire's, or the engine's.
pub fn variables(world: &World, endpoint: &str) -> Vec<(&'static str, String)> {
    let mut variables = environment::of_functions(&world.engine, &world.issuer, false);
    variables.push(("AWS_ENDPOINT_URL", endpoint.to_owned()));
    variables
}

/// Says what to do when valgrind, which counts instructions, is not there.
pub async fn require_valgrind() -> Result<(), String> {
    match Command::new("valgrind").arg("--version").output().await {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err("valgrind is missing, which counts instructions. On Debian and Ubuntu: apt-get install valgrind".into())
        }
        Err(error) => Err(format!("valgrind cannot be started: {error}.")),
        Ok(tried) if tried.status.success() => Ok(()),
        Ok(tried) => Err(format!("valgrind does not work here: it ended with {}.", tried.status)),
    }
}

/// A world's binaries, each started at its first request, and the statuses that each answered.
pub struct Functions {
    variables: Vec<(&'static str, String)>,
    running: BTreeMap<&'static str, (Function, Vec<u16>)>,
}

impl Functions {
    /// On the world's table, over its wire.
    pub fn of(world: &World) -> Self {
        Self { variables: variables(world, world.wire.endpoint()), running: BTreeMap::new() }
    }

    /// Sends a request to the binary that the gateway would choose.
    pub async fn send(&mut self, sent: &Sent) -> Answer {
        let operation = sent.event().0.operation;
        if !self.running.contains_key(operation) {
            let function = Function::spawn(operation, &self.variables).await;
            self.running.insert(operation, (function, Vec::new()));
        }
        let (function, statuses) = self.running.get_mut(operation).unwrap();
        let answer = function.send(sent).await.unwrap();
        statuses.push(answer.status);
        answer
    }

    /// Ends them all, and gives what each has logged: one line of JSON a request, and nothing else.
    pub async fn logs(self) -> BTreeMap<&'static str, Vec<Value>> {
        let mut logs = BTreeMap::new();
        for (operation, (function, statuses)) in self.running {
            let Remains { stdout, stderr, .. } = function.kill().await;
            let lines: Vec<Value> = stdout.lines().map(log::check_line).collect();
            let logged: Vec<_> = lines.iter().map(|line| line["status"].clone()).collect();
            assert_eq!(logged, statuses, "{operation}: {stdout}");
            for line in &lines {
                assert_eq!((&line["operation"], &line["request_id"]), (&operation.into(), &REQUEST_ID.into()));
            }
            assert_eq!(stderr, "", "{operation}");
            logs.insert(operation, lines);
        }
        logs
    }
}

async fn read(mut pipe: impl AsyncRead + Unpin) -> String {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8(bytes).expect("a log of text")
}

async fn ended(child: &Mutex<Child>) -> ExitStatus {
    let status = poll_fn(|context| {
        let mut child = child.lock().unwrap();
        pin!(child.wait()).poll(context)
    });
    status.await.unwrap()
}

/// The four routes that a function speaks to.
fn runtime_api(
    events: UnboundedReceiver<Event>,
    outcomes: UnboundedSender<Outcome>,
    asked: watch::Sender<bool>,
) -> Router {
    let events = Arc::new(tokio::sync::Mutex::new(events));
    let next = async move || {
        asked.send_replace(true);
        let Event { json, deadline } = events.lock().await.recv().await.ok_or(StatusCode::GONE)?;
        let headers = [
            ("lambda-runtime-aws-request-id", REQUEST_ID.to_owned()),
            ("lambda-runtime-deadline-ms", deadline.to_string()),
            ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:1:function:f".to_owned()),
            ("lambda-runtime-trace-id", "Root=1-0-0".to_owned()),
        ];
        Ok::<_, StatusCode>((headers.map(|(name, value)| (HeaderName::from_static(name), value)), json))
    };
    let response = async |State(outcomes): State<UnboundedSender<Outcome>>, Path(id): Path<String>, body: String| {
        assert_eq!(id, REQUEST_ID);
        outcomes.send(Ok(serde_json::from_str(&body).expect("an answer of JSON"))).unwrap();
        StatusCode::ACCEPTED
    };
    let error = async |State(outcomes): State<UnboundedSender<Outcome>>, _: HeaderMap, body: String| {
        outcomes.send(Err(format!("the function failed: {body}"))).unwrap();
        StatusCode::ACCEPTED
    };
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(error))
        .layer(DefaultBodyLimit::max(MAX_PAYLOAD))
        .with_state(outcomes)
}
