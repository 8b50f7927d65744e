//! A process that takes events, one at a time: a function of ours, or any program that speaks to Lambda's runtime API.

use super::runtime_api::{Invocation, RuntimeApi, RuntimeMessage};
use anyhow::{Context, Result};
use axum::body::Bytes;
use std::{
    fmt::{self, Display, Formatter},
    future::{Future, poll_fn},
    io,
    pin::pin,
    process::ExitStatus,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    process::{Child, ChildStderr, ChildStdout, Command},
    time::timeout,
};

/// How long after a process's end what it sent before may still arrive.
const GRACE: Duration = Duration::from_millis(100);

/// Why there is no answer.
#[derive(Debug)]
pub enum NoAnswer {
    /// The function said so, or broke the rules.
    Failed(String),
    /// Its process ended.
    Ended(String),
}

impl Display for NoAnswer {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(cause) => formatter.write_str(cause),
            Self::Ended(how) => write!(formatter, "its process ended: {how}"),
        }
    }
}

/// A running function. Dropping it kills it.
pub struct Function {
    child: Arc<Mutex<Child>>,
    api: RuntimeApi,
    /// When it asked for the event that it waits for now.
    asked: Option<Instant>,
}

impl Function {
    /// Starts a command as the function of this name. It gets Lambda's variables beside its own.
    pub async fn start(name: &str, mut command: Command) -> Result<Self> {
        let api = RuntimeApi::start().await?;
        command
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .kill_on_drop(true);
        let program = command.as_std().get_program().to_owned();
        let child = command.spawn().with_context(|| format!("{} cannot be started", program.display()))?;
        Ok(Self { child: Arc::new(Mutex::new(child)), api, asked: None })
    }

    /// What it prints, once, when its command says that it is piped.
    pub fn output(&self) -> Option<(ChildStdout, ChildStderr)> {
        let mut child = lock(&self.child);
        child.stdout.take().zip(child.stderr.take())
    }

    /// The process's id, while it runs.
    pub fn id(&self) -> Option<u32> {
        lock(&self.child).id()
    }

    /// Waits until it asks for an event; says when it did.
    pub async fn ready(&mut self) -> Result<Instant, NoAnswer> {
        if let Some(at) = self.asked {
            return Ok(at);
        }
        match self.next().await? {
            RuntimeMessage::Asked(at) => Ok(*self.asked.insert(at)),
            RuntimeMessage::Answered(..) => Err(NoAnswer::Failed("it answered before it was asked".to_owned())),
            RuntimeMessage::Failed(cause) => Err(NoAnswer::Failed(cause)),
        }
    }

    /// Has one event answered; says when it was.
    pub async fn invoke(&mut self, event: Invocation) -> Result<(Instant, Bytes), NoAnswer> {
        self.ready().await?;
        self.asked = None;
        // The runtime API lives as long as we do, and takes it.
        let _ = self.api.events.send(event);
        match self.next().await? {
            RuntimeMessage::Answered(at, answer) => Ok((at, answer)),
            RuntimeMessage::Asked(_) => {
                Err(NoAnswer::Failed("it asked for another event before it answered".to_owned()))
            }
            RuntimeMessage::Failed(cause) => Err(NoAnswer::Failed(cause)),
        }
    }

    /// Kills the process, from wherever it is called: no destructor runs, nothing is finished.
    pub fn killer(&self) -> impl Fn() + Send + 'static {
        let child = Arc::clone(&self.child);
        move || drop(lock(&child).start_kill())
    }

    /// How it ended, when it has.
    pub fn has_ended(&self) -> Option<String> {
        match lock(&self.child).try_wait() {
            Ok(status) => status.map(|status| status.to_string()),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Waits until it ends.
    pub async fn ended(&self) -> io::Result<ExitStatus> {
        ended(&self.child).await
    }

    async fn next(&mut self) -> Result<RuntimeMessage, NoAnswer> {
        // What it did before it ended counts.
        let how = tokio::select! {
            biased;
            Some(said) = self.api.said.recv() => return Ok(said),
            status = ended(&self.child) => status.map_or_else(|error| error.to_string(), |status| status.to_string()),
        };
        match timeout(GRACE, self.api.said.recv()).await {
            Ok(Some(said)) => Ok(said),
            _ => Err(NoAnswer::Ended(how)),
        }
    }
}

async fn ended(child: &Mutex<Child>) -> io::Result<ExitStatus> {
    poll_fn(|context| {
        let mut child = lock(child);
        pin!(child.wait()).poll(context)
    })
    .await
}

fn lock(child: &Mutex<Child>) -> MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}
