//! Lambda on one machine: an operation's events, answered by processes of its binary.
//!
//! A process is started when an event finds none idle, takes one event at a time, and is kept for
//! the next. One that ended is replaced, one that outlasts its time is killed: every event comes to an
//! answer or to a [`FunctionFailure`], in time, whatever a function does. What went wrong is in the log. As on AWS,
//! no event is given to a second process: one that dies fails the event that it was given, read or not.
//!
//! - [`function`]: a process, and what it is asked
//! - `runtime_api`: where it asks and answers
//!
//! Not here: rights, memory limits, and more than four processes of an operation, where AWS starts hundreds.

pub mod function;
mod runtime_api;

use crate::clock;
use anyhow::Result;
use api::routes::ROUTES;
use axum::body::Bytes;
use function::Function;
pub use runtime_api::{Invocation, MAX_PAYLOAD};
use std::{
    collections::BTreeMap,
    fmt::Display,
    fs::File,
    io::Write,
    process::Stdio,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{process::Command, sync::Semaphore, time::timeout};

/// A function's time for an event, as infra/template.yaml has it.
pub const TIME_LIMIT: Duration = Duration::from_secs(6);
/// How many processes an operation has at most; further events wait for one of them.
const MAX_PROCESSES: usize = 4;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A process, until it asks for an event.
    pub start: Duration,
    /// A process, for an event.
    pub event: Duration,
    /// All of it and the wait for a process, until the gateway gives up.
    pub request: Duration,
}

impl Limits {
    /// Lambda's, the template's, and the most that a gateway waits: a machine that starts all functions at once is
    /// slow.
    pub const HERE: Self = Self { start: Duration::from_secs(10), event: TIME_LIMIT, request: Duration::from_secs(30) };
}

/// Why an event has no answer.
#[derive(Debug, PartialEq, Eq)]
pub enum FunctionFailure {
    /// The event is larger than Lambda takes.
    TooLarge,
    /// The function did not start, ended, said that it failed, or gave no answer that Lambda takes.
    Failed,
    /// It was not done in time.
    Late,
}

/// Makes the command that starts an operation's process.
type Launch = Box<dyn Fn(&'static str) -> Result<Command> + Send + Sync>;

/// Every operation's processes. Dropping it kills them.
pub struct Functions {
    launch: Launch,
    log: File,
    pub(crate) limits: Limits,
    operations: BTreeMap<&'static str, Processes>,
    events: AtomicU64,
}

/// One operation's.
struct Processes {
    slots: Semaphore,
    idle: Mutex<Vec<Function>>,
}

impl Functions {
    /// Functions that `launch` gives a command for. What they print goes to the log.
    pub fn new(
        log: File,
        limits: Limits,
        launch: impl Fn(&'static str) -> Result<Command> + Send + Sync + 'static,
    ) -> Self {
        let none = || Processes { slots: Semaphore::new(MAX_PROCESSES), idle: Mutex::default() };
        let operations = ROUTES.iter().map(|route| (route.operation, none())).collect();
        Self { launch: Box::new(launch), log, limits, operations, events: AtomicU64::new(0) }
    }

    /// Has an event answered. Dropped before its end, it kills the process that is at work.
    pub async fn invoke(&self, operation: &'static str, json: String) -> Result<Bytes, FunctionFailure> {
        if json.len() > MAX_PAYLOAD {
            return Err(FunctionFailure::TooLarge);
        }
        let failed = |cause: &dyn Display| {
            self.note(operation, cause);
            FunctionFailure::Failed
        };
        let late = |limit: Duration| {
            self.note(operation, &format_args!("it took longer than {} s, and is killed", limit.as_secs_f32()));
            FunctionFailure::Late
        };
        let Some(processes) = self.operations.get(operation) else {
            return Err(failed(&"there is no such operation"));
        };
        let Ok(_slot) = processes.slots.acquire().await else { return Err(FunctionFailure::Failed) };
        let mut function = loop {
            let idle = self.idle(operation, processes);
            let is_new = idle.is_none();
            let mut function = match idle {
                Some(function) => function,
                None => self.start(operation).await.map_err(|cause| failed(&format_args!("{cause:#}")))?,
            };
            let ready = timeout(self.limits.start, function.ready()).await;
            match ready.map_err(|_| late(self.limits.start))? {
                Ok(_) => break function,
                Err(cause) if !is_new => self.note(operation, &cause),
                Err(cause) => return Err(failed(&cause)),
            }
        };
        let event = self.event(json.into()).map_err(|cause| failed(&cause))?;
        let answer = timeout(self.limits.event, function.invoke(event)).await;
        let (_, answer) = answer.map_err(|_| late(self.limits.event))?.map_err(|cause| failed(&cause))?;
        processes.idle.lock().unwrap_or_else(PoisonError::into_inner).push(function);
        Ok(answer)
    }

    fn event(&self, json: Bytes) -> Result<Invocation> {
        let id = format!("00000000-0000-4000-8000-{:012x}", self.events.fetch_add(1, Relaxed));
        let limit = u64::try_from(self.limits.event.as_millis())?;
        Ok(Invocation { id, json, deadline: clock::millis()?.saturating_add(limit) })
    }

    /// A process that waits for work, and has not ended meanwhile.
    fn idle(&self, operation: &str, processes: &Processes) -> Option<Function> {
        loop {
            let function = processes.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            match function.has_ended() {
                None => return Some(function),
                Some(how) => self.note(operation, &format_args!("its process ended while it waited: {how}")),
            }
        }
    }

    /// The ids of the processes of an operation that wait for an event.
    pub fn waiting(&self, operation: &str) -> Vec<u32> {
        let Some(processes) = self.operations.get(operation) else { return Vec::new() };
        let idle = processes.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.iter().filter_map(Function::id).collect()
    }

    async fn start(&self, operation: &'static str) -> Result<Function> {
        let mut command = (self.launch)(operation)?;
        command.stdin(Stdio::null()).stdout(self.log.try_clone()?).stderr(self.log.try_clone()?);
        Function::start(operation, command).await
    }

    /// Says in the log what Lambda would say there.
    pub(crate) fn note(&self, operation: &str, what: &dyn Display) {
        // A disk that is full shall not keep anyone from an answer.
        let _ = (&self.log).write_all(format!("lambda: {operation}: {what}\n").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::TEMPLATE;

    #[test]
    fn a_function_has_the_time_that_it_has_where_it_is_deployed() {
        assert!(TEMPLATE.contains(&format!("\n    Timeout: {}\n", TIME_LIMIT.as_secs())));
    }
}
