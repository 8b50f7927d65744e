//! `POST redaction/preview`: what would be stored of a step, and what not.

use api::{preview::RedactionPreview, step::StepInput};
use service::{
    access::Caller,
    app::App,
    failure::Failure,
    http::{Call, Reply},
    redaction::Redacted,
};
use std::future::{Ready, ready};

/// Shows the step without what is never stored. Nothing is stored, counted or logged of it.
pub fn handle(app: &'static App, call: Call<Caller>) -> Ready<Result<Reply, Failure>> {
    ready(preview(app, call))
}

fn preview(app: &App, mut call: Call<Caller>) -> Result<Reply, Failure> {
    let mut step: StepInput = call.take_body().for_caller(&call.caller)?;
    step.settle();
    let (step, receipt) = Redacted::of(step, &app.rules).into_parts();
    Reply::step(&RedactionPreview { step, redaction: receipt.of_rest() })
}
