//! Tells a turn as the service takes it: whole, or the calls that are over. `llm` reads what the bodies say of their
//! calls.
//!
//! Credentials in headers and addresses are gone before anything is sent, by the service's own tables. What bodies hold
//! is for the service to find, or for the product's own function.

use crate::{
    recorder::{
        clock::Clock,
        exchange::{End, Exchange, body_of},
        recording::{Call, Recording},
    },
    replay::{ReplayedTurn, left_out::body_name, step::Facts},
};
use api::{
    ids::StepNumber,
    json::Object,
    run::CreateRun,
    status::Status,
    step::{Attempt, AttemptStatus, Body, Count, Headers, StepInput},
    view::Outcome,
};
use llm::{Recorded, provider};
use redact::{Redacted, Rules};
use reqwest::header::HeaderMap;
use serde_json::json;
use std::{mem, slice, sync::Arc, time::Instant};

/// Changes a try before it is sent.
pub(crate) type Redact = dyn Fn(&mut Attempt) + Send + Sync;

/// Tells a turn, call by call.
pub(crate) struct Teller {
    recording: Arc<Recording>,
    redact: Option<Arc<Redact>>,
    facts: Facts,
    /// How the last of the calls told so far ended.
    last: Option<(StepNumber, Status)>,
}

/// A call as the service takes it.
pub(crate) struct Told {
    pub step: StepInput,
    /// What is freed when the service has it.
    pub frees: usize,
}

impl Teller {
    pub(crate) fn new(recording: Arc<Recording>, redact: Option<Arc<Redact>>) -> Self {
        Self { recording, redact, facts: Facts::default(), last: None }
    }

    /// A turn that has ended, and of which nothing was told.
    pub(crate) fn whole(&mut self) -> ReplayedTurn {
        let steps: Vec<_> = std::iter::from_fn(|| self.next()).map(|told| told.step).collect();
        let chat = self.recording.chat.id(&self.recording.owner);
        ReplayedTurn { chat, run: CreateRun { steps, ..self.run() } }
    }

    /// The next call that is to be told, to be put alone.
    pub(crate) fn next(&mut self) -> Option<Told> {
        let Call { number, tries, frees } = self.recording.take()?;
        let step = self.step(tries, number);
        if self.last.is_none_or(|(last, _)| last <= number) {
            self.last = Some((number, step.status));
        }
        Some(Told { step, frees })
    }

    /// The run as it ends, or would end now, without its steps.
    pub(crate) fn run(&self) -> CreateRun {
        let said = self.recording.said();
        let last = self.last.map_or(Status::Completed, |(_, status)| status);
        let status = if said.status == Status::InProgress { last } else { said.status };
        let provider = said.provider.or_else(|| self.facts.provider.clone());
        let model = said.model.or_else(|| self.facts.model.clone());
        CreateRun { status, provider, model, ..said }
    }

    fn step(&mut self, tries: Vec<Exchange>, number: StepNumber) -> StepInput {
        let clock = &self.recording.clock;
        let mut left_out = Vec::new();
        let mut attempts: Vec<Attempt> = Vec::with_capacity(tries.len());
        let (mut started, mut finished, mut is_given_up) = (None, None, false);
        for (exchange, number) in tries.into_iter().zip(1_u32..) {
            let missing = [(exchange.is_request_unread, "request"), (exchange.is_body_left_out, "response")];
            let missing = missing.into_iter().filter(|(is_missing, _)| *is_missing);
            left_out.extend(missing.map(|(_, name)| body_name(number, name)));
            if let (Some(before), Some(finished)) = (attempts.last_mut(), finished) {
                before.retry_classification =
                    Some(before.response_status.map_or("transport".to_owned(), |status| format!("status {status}")));
                before.retry_delay_ms = Some(millis(finished, exchange.started));
            }
            started = started.or(Some(exchange.started));
            finished = exchange.end.as_ref().map(|(finished, _)| *finished);
            is_given_up = exchange.answer.is_none() && matches!(exchange.end, None | Some((_, End::Left)));
            attempts.push(attempt(exchange, number, clock));
        }
        if let Some(redact) = &self.redact {
            for attempt in &mut attempts {
                redact(attempt);
            }
        }
        let started_at = started.map_or(clock.started_at(), |started| clock.at(started));
        let recorder = concat!("chat-debug-rust/", env!("CARGO_PKG_VERSION"));
        let metadata = if left_out.is_empty() {
            json!({"recorder": recorder})
        } else {
            json!({"recorder": recorder, "left_out": left_out})
        };
        let metadata = Object::from_value(&metadata).unwrap_or_default();
        let mut step = without_credentials(self.facts.step(number, started_at, attempts, metadata));
        if is_given_up {
            step.status = Status::Interrupted;
        }
        step
    }
}

fn attempt(mut exchange: Exchange, number: u32, clock: &Clock) -> Attempt {
    let (finished, end) = exchange.end.take().unwrap_or_else(|| (Instant::now(), End::Left));
    let (status, response_headers) = exchange.answer.take().unzip();
    // That nothing came is not the same as an empty answer.
    let is_empty = exchange.body.is_empty() && matches!(end, End::Broken(_));
    let is_kept = status.is_some() && !exchange.is_body_left_out && !is_empty;
    let url = exchange.request.url().as_str();
    let mut attempt = Attempt {
        number: Count::from(number),
        status: AttemptStatus::Completed,
        method: Some(exchange.request.method().as_str().to_owned()),
        url: Some(url.to_owned()),
        path: provider::path(url).map(str::to_owned),
        started_at: Some(clock.at(exchange.started)),
        finished_at: Some(clock.at(finished)),
        request_headers: Some(headers(exchange.request.headers())),
        request_body: body_of(&exchange.request).map(|bytes| Body(bytes.to_vec())),
        response_status: status,
        response_headers: response_headers.as_ref().map(headers),
        response_body: is_kept.then(|| Body(mem::take(&mut exchange.body))),
        error: None,
        duration_ms: Some(millis(exchange.started, finished)),
        first_byte_ms: exchange.first_byte.map(|first| millis(exchange.started, first)),
        retry_classification: None,
        retry_delay_ms: None,
    };
    attempt.error = match end {
        End::Read => None,
        End::Broken(why) => Some(why),
        End::Left if is_whole(&attempt) => None,
        End::Left => Some("The reader left before the end.".to_owned()),
    };
    if attempt.error.is_some() {
        attempt.status = AttemptStatus::Failed;
    }
    attempt
}

/// Whether an answer that was left had said all the same that it is over.
fn is_whole(attempt: &Attempt) -> bool {
    let view = Recorded { attempts: slice::from_ref(attempt), ..Recorded::default() }.view();
    match view.outcome {
        Outcome::Completed => !view.answer.is_empty() && view.answer.iter().all(|choice| choice.finish.is_some()),
        Outcome::Error => attempt.response_body.as_ref().is_some_and(|body| !body.0.is_empty()),
        Outcome::Interrupted => false,
    }
}

/// What a header gives away is found wherever else it stands. Bodies, and the copies that are made of them, are set
/// aside meanwhile.
fn without_credentials(mut step: StepInput) -> StepInput {
    let forms = (mem::take(&mut step.normalized_request), step.normalized_response.take());
    let bodies = step.attempts.iter_mut().map(|it| (it.request_body.take(), it.response_body.take()));
    let bodies: Vec<_> = bodies.collect();
    (step, _) = Redacted::of(step, &Rules::default()).into_parts();
    for (attempt, bodies) in step.attempts.iter_mut().zip(bodies) {
        (attempt.request_body, attempt.response_body) = bodies;
    }
    (step.normalized_request, step.normalized_response) = forms;
    step
}

/// Each name once; the values of one that came several times are joined.
fn headers(headers: &HeaderMap) -> Headers {
    let values = |name| {
        let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        values.collect::<Vec<_>>().join(", ")
    };
    Headers(headers.keys().map(|name| (name.as_str().to_owned(), values(name))).collect())
}

fn millis(from: Instant, to: Instant) -> Count {
    let passed = to.saturating_duration_since(from).as_millis();
    Count::clamped(i128::try_from(passed).unwrap_or(i128::MAX))
}
