//! Reads a step: the view is made of its attempts' bodies, and of the product's own form where they have nothing.

use crate::{
    answer::Answer,
    at::{At, Room},
    body::{self, Fault, Packed, Reading},
    dialects, failure, flat,
    json::{Json, Node},
    provider,
    request::Request,
    unpack::Budget,
};
use api::{
    content::{ContentName, Side},
    json::Object,
    status::Status,
    step::{Attempt, AttemptStatus, Count, Operation, Step, StepInput, Usage},
    view::{AttemptView, Content, Failure, Origin, Outcome, Source, StepView, Tokens, Unread},
};
use std::collections::HashMap;

/// A step as it was recorded.
#[derive(Debug, Clone, Copy, Default)]
pub struct Recorded<'a> {
    /// The request in the chat product's own form.
    pub normalized_request: Option<&'a Object>,
    /// The answer in the chat product's own form.
    pub normalized_response: Option<&'a Object>,
    /// The HTTP attempts, in order.
    pub attempts: &'a [Attempt],
    /// How the model was called.
    pub operation: Option<Operation>,
    /// The status.
    pub status: Option<Status>,
    /// Token counts.
    pub usage: Option<&'a Usage>,
    /// What went wrong.
    pub error: Option<&'a Object>,
}

impl<'a> From<&'a Step> for Recorded<'a> {
    fn from(step: &'a Step) -> Self {
        Self {
            normalized_request: Some(&step.normalized_request),
            normalized_response: step.normalized_response.as_ref(),
            attempts: &step.attempts,
            operation: Some(step.operation),
            status: Some(step.status),
            usage: step.usage.as_ref(),
            error: step.error.as_ref(),
        }
    }
}

impl<'a> From<&'a StepInput> for Recorded<'a> {
    fn from(step: &'a StepInput) -> Self {
        Self {
            normalized_request: Some(&step.normalized_request),
            normalized_response: step.normalized_response.as_ref(),
            attempts: &step.attempts,
            operation: Some(step.operation),
            status: Some(step.status),
            usage: step.usage.as_ref(),
            error: step.error.as_ref(),
        }
    }
}

impl Recorded<'_> {
    /// What a person reads of it.
    pub fn view(self) -> StepView {
        self.view_within(&mut Budget::default())
    }

    /// The same, unpacked on a budget of the caller's, who can tell from it how much that was.
    pub fn view_within(self, budget: &mut Budget) -> StepView {
        let mut view = StepView { is_stream: self.operation == Some(Operation::Stream), ..StepView::default() };
        let (request, answer, counted) = read_attempts(self.attempts, &mut view, budget);
        let request = or_own_request(request, self.normalized_request, &mut view);
        let answer = or_normalized(answer, self.normalized_response, &mut view);
        let own = || answer.counts.usage().map(|usage| (usage, Some(NORMALIZED)));
        let counted = self.usage.map(|usage| (usage.clone(), None)).or(counted).or_else(own);
        let url = self.attempts.iter().rev().find_map(|attempt| attempt.url.as_deref().or(attempt.path.as_deref()));
        let url = url.unwrap_or_default();
        view.provider = provider::provider(url, answer.dialect);
        view.model_asked = provider::model(url).or(request.model);
        view.model_answered.clone_from(&answer.model);
        view.answer_id.clone_from(&answer.id);
        let came = view.attempts.last().and_then(|attempt| attempt.response.as_ref());
        let came_as_stream = came.is_some_and(|body| body.framing.is_stream()) && !answer.is_batch;
        view.is_stream |= request.is_stream || came_as_stream || provider::is_stream(url);
        view.parameters = request.parameters;
        view.tools = request.tools;
        view.messages = request.messages;
        if let Some((usage, from)) = counted {
            view.tokens = Some(Tokens::of(&usage));
            view.tokens_include = Some(usage.counts().include());
            view.tokens_from = from;
        }
        let first_byte_ms = view.attempts.last().filter(|_| came_as_stream).and_then(|attempt| attempt.first_byte_ms);
        view.first_token_ms = answer.first_token_ms.or(first_byte_ms);
        view.answer = answer.into_choices();
        name_results(&mut view);
        add_recorders_word(self, &mut view);
        view
    }
}

/// A request, and what of it could not be read.
type Asked = (Request, Vec<Unread>);

/// Token counts, and the content that says them.
type Counted = (Usage, Option<ContentName>);

/// The product's own form of the answer.
const NORMALIZED: ContentName = ContentName { attempt: None, side: Side::Response };

/// The place of the attempt whose answer a step is counted by: the last one that was read to its end, if it was
/// answered.
pub(crate) fn counting(attempts: &[Attempt]) -> Option<usize> {
    let last = attempts.iter().rposition(|attempt| attempt.status == AttemptStatus::Completed)?;
    attempts.get(last).is_some_and(is_success).then_some(last)
}

/// What each attempt came to, the request of the last that has one with messages, the answer of the last, and the
/// counts of the one that counts, or else of the last.
fn read_attempts(
    attempts: &[Attempt],
    view: &mut StepView,
    budget: &mut Budget,
) -> (Option<Asked>, Answer, Option<Counted>) {
    let (mut asked, mut last, mut counted) = (None::<Asked>, Answer::default(), None);
    let counting = counting(attempts);
    // The last one says the most, and so has the budget first.
    for (index, attempt) in attempts.iter().enumerate().rev() {
        let (read, request, (answer, unread)) = read_attempt(index + 1, attempt, view.is_stream, budget);
        let is_last = index + 1 == attempts.len();
        // The last one is read first: what it says counts until the one that counts says more.
        if is_last || counting == Some(index) {
            let usage = answer.counts.usage();
            counted = usage.map(|usage| (usage, Some(ContentName::response(index)))).or(counted);
        }
        if is_last {
            view.outcome = read.outcome;
            view.error.clone_from(&read.error);
            last = answer;
            view.unread = unread;
        }
        view.attempts.push(read);
        let has_messages = |asked: &Asked| !asked.0.messages.is_empty();
        if !asked.as_ref().is_some_and(has_messages) {
            asked = request.filter(|request| asked.is_none() || has_messages(request)).or(asked);
        }
    }
    view.attempts.reverse();
    (asked, last, counted)
}

/// The request with messages that was sent, or else the product's own form of it.
fn or_own_request(asked: Option<Asked>, own: Option<&Object>, view: &mut StepView) -> Request {
    let is_sent = asked.as_ref().is_some_and(|(request, _)| !request.messages.is_empty());
    let json = own.filter(|_| !is_sent).map(|object| Json::read(object.get().as_bytes()));
    let limit = Room::default();
    let root = json.as_ref().and_then(Json::root).filter(|root| !root.is_empty());
    let own = root.map(|root| Request::read(root, At::new(Origin::NormalizedRequest, &limit)));
    view.unread.extend(more_things(Origin::NormalizedRequest, root, limit.beyond()));
    match (own, asked) {
        (Some(own), None) => own,
        (Some(own), Some((found, _))) if !own.messages.is_empty() => own.or(found),
        (_, Some((found, unread))) => {
            drop(view.unread.splice(..0, unread));
            found
        }
        (None, None) => Request::default(),
    }
}

fn read_attempt(
    number: usize,
    attempt: &Attempt,
    is_stream: bool,
    budget: &mut Budget,
) -> (AttemptView, Option<Asked>, (Answer, Vec<Unread>)) {
    let request = attempt.request_body.as_ref().map(|body| {
        let origin = Origin::Request { attempt: number };
        Packed { body, headers: attempt.request_headers.as_ref(), origin }.request(budget)
    });
    let is_stream = is_stream
        || request.as_ref().is_some_and(|request| request.found.is_stream)
        || attempt.url.as_deref().is_some_and(provider::is_stream);
    let is_incremental = request.as_ref().is_some_and(|request| request.found.is_incremental);
    let asked = body::Asked { is_stream, is_incremental };
    let reading = attempt.response_body.as_ref().map(|body| {
        let origin = Origin::Response { attempt: number };
        let packed = Packed { body, headers: attempt.response_headers.as_ref(), origin };
        if is_success(attempt) { packed.response(asked, budget) } else { packed.error(budget) }
    });
    let (mut answer, fault, response, unread) = match reading {
        Some(Reading { view, found: (answer, fault), unread }) => (answer, fault, Some(view), unread),
        None => (Answer::default(), None, None, Vec::new()),
    };
    let (outcome, error) = judged(attempt, &mut answer, fault);
    let (request, asked) = match request {
        Some(Reading { view, found, unread }) => (Some(view), Some((found, unread))),
        None => (None, None),
    };
    let view = AttemptView {
        attempt: number,
        status: attempt.response_status,
        outcome,
        error,
        retry_reason: attempt.retry_classification.clone(),
        retry_delay_ms: attempt.retry_delay_ms.map(Count::get),
        first_byte_ms: attempt.first_byte_ms.map(Count::get),
        request,
        response,
    };
    (view, asked, (answer, unread))
}

/// The product's own form of the answer, where the bodies hold none.
fn or_normalized(answer: Answer, normalized: Option<&Object>, view: &mut StepView) -> Answer {
    let Some(object) = normalized.filter(|_| !answer.has_parts()) else { return answer };
    let json = Json::read(object.get().as_bytes());
    let Some(root) = json.root().filter(|root| !root.is_empty()) else { return answer };
    let (mut own, limit) = (Answer::default(), Room::default());
    let at = At::new(Origin::NormalizedResponse, &limit);
    flat::opened(root, at, |root, at| dialects::whole(root, at, &mut own));
    view.unread.extend(more_things(Origin::NormalizedResponse, Some(root), limit.beyond() + own.beyond()));
    if view.attempts.is_empty()
        && let Some(failure) = own.failure.take()
    {
        view.outcome = Outcome::Error;
        view.error = Some(failure);
    }
    own.model = answer.model.or(own.model);
    own.id = answer.id.or(own.id);
    own.dialect = answer.dialect.or(own.dialect);
    own
}

/// What of a product's own form was not read.
fn more_things(origin: Origin, root: Option<Node<'_>>, beyond: usize) -> Option<Unread> {
    let place = root.map(Node::range).unwrap_or_default().into();
    (beyond > 0).then(|| Unread { source: Source { origin, place }, what: body::more_than_read(beyond, "part") })
}

/// Results name the tool of the call that has their id.
fn name_results(view: &mut StepView) {
    let mut names = HashMap::new();
    let lists = view.messages.iter_mut().map(|message| &mut message.parts);
    let lists = lists.chain(view.answer.iter_mut().map(|choice| &mut choice.parts));
    for part in lists.flatten() {
        match &mut part.content {
            Content::ToolCall { id: Some(id), name, .. } => {
                names.insert(id.clone(), name.clone());
            }
            Content::ToolResult { id: Some(id), name: name @ None, .. } => *name = names.get(id).cloned(),
            _ => {}
        }
    }
}

/// What the recorder says of the end counts too, when it is worse.
fn add_recorders_word(step: Recorded<'_>, view: &mut StepView) {
    let said = match step.status {
        Some(Status::Error) => Outcome::Error,
        Some(Status::Interrupted) => Outcome::Interrupted,
        _ => Outcome::Completed,
    };
    view.outcome = view.outcome.max(said);
    if view.error.is_none()
        && let Some(error) = step.error
    {
        let json = Json::read(error.get().as_bytes());
        view.error = json.root().map(failure::in_answer);
    }
}

/// Whether the HTTP status, if there is one, announces an answer. A websocket begins with 101.
fn is_success(attempt: &Attempt) -> bool {
    attempt.response_status.is_none_or(|status| matches!(status, 101 | 200..=299))
}

/// How an attempt ended, and why.
fn judged(attempt: &Attempt, answer: &mut Answer, fault: Option<Fault>) -> (Outcome, Option<Failure>) {
    let transport = attempt.error.as_ref().map(|error| failure::of(error.clone()));
    let Some(status) = attempt.response_status else {
        return (Outcome::Error, Some(transport.unwrap_or_else(|| failure::of("No answer was recorded."))));
    };
    if !is_success(attempt) {
        let failure = answer.failure.take().or(transport);
        let failure = failure.unwrap_or_else(|| failure::of(format!("HTTP status {status}.")));
        return (Outcome::Error, Some(failure));
    }
    if let Some(failure) = answer.failure.take() {
        return (Outcome::Error, Some(failure));
    }
    if attempt.status == AttemptStatus::Failed {
        let outcome = if attempt.response_body.is_some() { Outcome::Interrupted } else { Outcome::Error };
        let failure = transport.or(fault.map(|(_, failure)| failure));
        return (outcome, Some(failure.unwrap_or_else(|| failure::of("The transport failed."))));
    }
    if let Some(said) = answer.failed_choice() {
        return (Outcome::Error, Some(failure::of(format!("The model stopped: {said}."))));
    }
    match fault {
        // A websocket's bodies are whatever its recorder kept, and 204 and 205 have none.
        Some(_) if matches!(status, 101 | 204 | 205) && !answer.has_parts() => (Outcome::Completed, None),
        Some((outcome, failure)) => (outcome, Some(failure)),
        None => (Outcome::Completed, None),
    }
}
