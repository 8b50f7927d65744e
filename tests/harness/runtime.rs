//! The real binaries behind a Lambda Runtime API.
//!
//! A binary gets an environment of its own, asks for its next event and posts its answer back, as it does
//! in Lambda. What it prints is kept, and it can be killed at any moment.

use crate::{
    exchange::{REQUEST_ID, TestRequest, TestResponse, text},
    log,
    world::World,
};
use axum::http::{HeaderMap, HeaderName};
use base64::{Engine as _, engine::general_purpose::STANDARD};
pub use local::lambda::function::NoAnswer;
use local::{
    binaries::Profile,
    environment,
    lambda::{self, Invocation, MAX_PAYLOAD, TIME_LIMIT},
};
use serde_json::Value;
use service::clock::Clock;
use std::{
    collections::BTreeMap,
    io::ErrorKind,
    process::{ExitStatus, Stdio},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
    task::JoinHandle,
};

type Outcome = Result<Value, NoAnswer>;

/// A running binary. Dropping it kills it.
pub struct Binary {
    process: lambda::function::Function,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
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

impl Binary {
    /// Starts an operation's binary of the tests' profile with these variables, Lambda's own and no others.
    pub async fn spawn(operation: &str, variables: &[(&'static str, String)]) -> Self {
        let binary = Profile::of_tests().binary(operation).unwrap_or_else(|error| panic!("{error:#}"));
        Self::spawn_by(Command::new(binary), operation, variables).await
    }

    /// As above, by a command that starts the binary in its own way, as a profiler does.
    pub async fn spawn_by(mut command: Command, operation: &str, variables: &[(&'static str, String)]) -> Self {
        command
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let process = lambda::function::Function::start(operation, command).await.unwrap();
        let (stdout, stderr) = process.output().unwrap();
        Self { process, stdout: tokio::spawn(read(stdout)), stderr: tokio::spawn(read(stderr)) }
    }

    /// Waits until the function asks for its first event.
    pub async fn ready(&mut self) -> Result<(), NoAnswer> {
        self.process.ready().await.map(drop)
    }

    /// The process's id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.process.id()
    }

    /// Has one event answered; the deadline is in milliseconds since 1970.
    pub async fn invoke(&mut self, event: &Value, deadline: u64) -> Outcome {
        let json = event.to_string();
        assert!(json.len() <= MAX_PAYLOAD, "Lambda takes no event of {} bytes", json.len());
        let (_, answer) =
            self.process.invoke(Invocation { id: REQUEST_ID.to_owned(), json: json.into(), deadline }).await?;
        Ok(serde_json::from_slice(&answer).expect("an answer of JSON"))
    }

    /// Sends a request, as the gateway would; one without a deadline has all of the function's time.
    pub async fn send(&mut self, sent: &TestRequest) -> Result<TestResponse, NoAnswer> {
        let (route, event) = sent.event();
        let until = Clock::default().now().millis() + i64::try_from(TIME_LIMIT.as_millis()).unwrap();
        let deadline = if sent.deadline == 0 { u64::try_from(until).unwrap() } else { sent.deadline };
        let response = self.invoke(&event, deadline).await?;
        let headers: HeaderMap = response["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.as_str().unwrap().parse().unwrap()))
            .collect();
        let body = response["body"].as_str().unwrap_or_default();
        let body = if response["isBase64Encoded"] == true { STANDARD.decode(body).unwrap() } else { body.into() };
        let answer = TestResponse {
            status: response["statusCode"].as_u64().unwrap().try_into().unwrap(),
            body: text(&headers, &body),
            headers,
            bytes: body,
            line: Value::Null,
        };
        answer.check(route, sent);
        Ok(answer)
    }

    /// Kills the process, from wherever it is called: no destructor runs, nothing is finished.
    pub fn killer(&self) -> impl Fn() + Send + 'static {
        self.process.killer()
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
        let status = self.process.ended().await.unwrap();
        Remains { status, stdout: self.stdout.await.unwrap(), stderr: self.stderr.await.unwrap() }
    }
}

/// The variables of a world's functions, which reach its table at this endpoint: a wire's, or the engine's.
pub fn variables(world: &World, endpoint: &str) -> Vec<(&'static str, String)> {
    let mut variables = environment::of_functions(&world.engine, &world.issuer, &environment::Own::default());
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
pub struct Binaries {
    variables: Vec<(&'static str, String)>,
    running: BTreeMap<&'static str, (Binary, Vec<u16>)>,
}

impl Binaries {
    /// On the world's table, over its wire.
    pub fn of(world: &World) -> Self {
        Self { variables: variables(world, world.wire.endpoint()), running: BTreeMap::new() }
    }

    /// Sends a request to the binary that the gateway would choose.
    pub async fn send(&mut self, sent: &TestRequest) -> TestResponse {
        let operation = sent.event().0.operation;
        if !self.running.contains_key(operation) {
            let function = Binary::spawn(operation, &self.variables).await;
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
