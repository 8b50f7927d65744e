//! A turn as the trace that an `OpenInference` instrumentation would export: one span for the turn, and
//! below it one for each call of a model. The messages are not sent a second time beside the request, as
//! instrumentations have them, and the HTTP attempts do, so that both backends are sent the same.

use crate::exchange;
use anyhow::{Context, Result};
use api::{run::CreateRun, status::Status as Outcome, step::StepInput, time::Timestamp};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status, status::StatusCode},
};
use prost::Message;
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A turn's trace, encoded.
pub(super) struct Trace {
    pub(super) project: String,
    pub(super) id: String,
    /// The span of the turn, the last in the body.
    pub(super) root: String,
    pub(super) body: Vec<u8>,
}

static SPANS: AtomicU64 = AtomicU64::new(1);

pub(super) fn trace(project: &str, run: &CreateRun) -> Result<Trace> {
    let id = run.id.context("A recorded turn has an id.")?.uuid();
    let trace_id = id.into_bytes();
    let root = SPANS.fetch_add(1, Relaxed);
    let root_id = root.to_be_bytes();
    let mut spans: Vec<_> = run.steps.iter().map(|step| call(run, step, &trace_id, &root_id)).collect();
    spans.push(turn(run, &trace_id, &root_id));
    let request = ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(Resource {
                attributes: vec![text("openinference.project.name", project)],
                ..Resource::default()
            }),
            scope_spans: vec![ScopeSpans { spans, ..ScopeSpans::default() }],
            ..ResourceSpans::default()
        }],
    };
    Ok(Trace {
        project: project.to_owned(),
        id: id.simple().to_string(),
        root: format!("{root:016x}"),
        body: request.encode_to_vec(),
    })
}

fn turn(run: &CreateRun, trace_id: &[u8], id: &[u8]) -> Span {
    let mut attributes = vec![
        text("openinference.span.kind", "AGENT"),
        text("user.id", run.owner_id.as_ref().map_or("", |owner| owner.as_str())),
    ];
    let first_message = run.summary.as_ref().and_then(|summary| summary.first_message.as_deref());
    attributes.extend(first_message.map(|message| text("input.value", message)));
    Span {
        span_id: id.to_vec(),
        name: "turn".into(),
        ..span(trace_id, run.started_at, run.finished_at, run.status, attributes)
    }
}

/// The name ends with the step's number, by which it is found again.
fn call(run: &CreateRun, step: &StepInput, trace_id: &[u8], parent: &[u8]) -> Span {
    let (request, response) = exchange::sent(step);
    let mut attributes = vec![
        text("openinference.span.kind", "LLM"),
        text("input.value", &request),
        text("input.mime_type", "application/json"),
        text("output.value", &response),
        text("output.mime_type", "application/json"),
    ];
    if !step.attempts.is_empty() {
        attributes.push(text("metadata", &json!({"attempts": step.attempts}).to_string()));
    }
    attributes.extend(run.model.as_deref().map(|model| text("llm.model_name", model)));
    attributes.extend(run.provider.as_deref().map(|provider| text("llm.provider", provider)));
    if let Some(usage) = &step.usage {
        let counts = usage.counts();
        let count = |name, count: Option<api::step::Count>| count.map(|count| whole(name, count.get()));
        attributes.extend(count("llm.token_count.prompt", counts.input_tokens));
        attributes.extend(count("llm.token_count.completion", counts.output_tokens));
    }
    let number = step.step_number.map_or(0, api::ids::StepNumber::get);
    Span {
        span_id: SPANS.fetch_add(1, Relaxed).to_be_bytes().to_vec(),
        parent_span_id: parent.to_vec(),
        name: format!("call {number}"),
        ..span(trace_id, step.started_at, step.finished_at, step.status, attributes)
    }
}

fn span(
    trace_id: &[u8],
    start: Timestamp,
    end: Option<Timestamp>,
    outcome: Outcome,
    attributes: Vec<KeyValue>,
) -> Span {
    let nanos = |time: Timestamp| u64::try_from(time.micros()).unwrap_or_default() * 1_000;
    let code = if outcome == Outcome::Error { StatusCode::Error } else { StatusCode::Ok };
    Span {
        trace_id: trace_id.to_vec(),
        start_time_unix_nano: nanos(start),
        end_time_unix_nano: nanos(end.unwrap_or(start)),
        attributes,
        status: Some(Status { code: code.into(), ..Status::default() }),
        ..Span::default()
    }
}

fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, any_value::Value::StringValue(value.to_owned()))
}

fn whole(key: &str, value: u64) -> KeyValue {
    attribute(key, any_value::Value::IntValue(i64::try_from(value).unwrap_or(i64::MAX)))
}

fn attribute(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}
