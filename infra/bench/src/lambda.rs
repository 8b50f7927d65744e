//! A function's release process, called as the gateway calls it and watched from outside.

use crate::process;
use anyhow::{Context, Result, anyhow};
use local::binaries::Profile;
use serde_json::Value;
use service::clock::Clock;
use std::time::Duration;
use tests::{runtime::Function, world::Sent};
use tokio::process::Command;

/// Longer than any call here takes: a function gives up when Lambda's deadline is near.
pub(crate) const TIME_LIMIT_MILLIS: u64 = 60_000;

/// A running function.
pub(crate) struct Lambda {
    function: Function,
    id: u32,
}

/// What the gateway would send on.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Lambda {
    /// Starts an operation with these variables, and waits until it asks for its first event.
    pub(crate) async fn start(operation: &str, variables: &[(&'static str, String)]) -> Result<Self> {
        let binary = Command::new(Profile::Release.binary(operation)?);
        let mut function = Function::spawn_by(binary, operation, variables).await;
        function.ready().await.map_err(|cause| anyhow!("{operation} did not start: {cause}"))?;
        let id = function.id().context("A function that asks is running.")?;
        Ok(Self { function, id })
    }

    /// Has a request answered.
    pub(crate) async fn call(&mut self, sent: &Sent) -> Result<Answer> {
        let (route, event) = sent.event();
        let deadline = u64::try_from(Clock::default().now().millis())? + TIME_LIMIT_MILLIS;
        let answer = self.function.invoke(&event, deadline).await;
        let mut answer = answer.map_err(|cause| anyhow!("{} gave no answer: {cause}", route.operation))?;
        let status = answer.get("statusCode").and_then(Value::as_u64).context("An answer has a status.")?;
        let headers = answer.get("headers").and_then(Value::as_object).into_iter().flatten();
        let headers = headers.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
        let body = match answer.get_mut("body").map(Value::take) {
            Some(Value::String(body)) => body,
            _ => String::new(),
        };
        Ok(Answer { status: u16::try_from(status)?, headers, body })
    }

    /// The CPU time that the process has had.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        process::cpu(self.id)
    }

    /// The most memory that the process has had, in bytes.
    pub(crate) fn peak(&self) -> Result<u64> {
        process::peak(self.id)
    }
}
