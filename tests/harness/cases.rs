//! What every operation asks of DynamoDB, case by case: the scene that plays a case, and what the case costs.
//!
//! Each cost is exact, by the account of the embedded engine. `make budgets` holds the functions to it, and
//! infra/costs.md shows it with its price. The first case of an operation is a small one: memory is held to its
//! limit there, and its request is the valid one that other tests start from.

use crate::world::{
    TestRequest, World, chat, chat_id, debug_decision, noise, open_run, recorder_keys, run_id, runs, step, step_body,
    turn,
};
use Given::{Chat, Chats, Keys, Nothing, OpenRun, OpenSteps, Runs, Turn};
use api::routes::{self, Callers, Route, RouteFor};
use serde_json::{Value, json};

const OWNER: &str = "user-1";
const KB: usize = 1_000;
const MB: usize = 1_000_000;

/// A request in a situation, with its cost.
pub struct Case {
    /// The operation.
    pub route: &'static Route,
    /// Which of its cases this is, as the table of costs says it.
    pub name: &'static str,
    /// What it asks of DynamoDB.
    pub cost: Cost,
    given: Given,
    /// The query and the body, of a chat's owner.
    query: fn(&str) -> String,
    body: Option<fn(&str) -> Value>,
    /// Whether the caller has the answer already.
    is_had: bool,
    /// Whether the recorder has a key, and has used it today.
    by_key: Option<bool>,
}

/// What a request asks of DynamoDB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Requests to DynamoDB.
    pub calls: u32,
    /// How many of them wait for each other; those beside each other are waited for once.
    pub round_trips: u32,
    /// Read request units, which are whole because every read is strongly consistent.
    pub read_units: u32,
    /// Write request units.
    pub write_units: u32,
}

/// What is in the table, beside an open gate and the owner's opt-in.
#[derive(Clone, Copy)]
enum Given {
    Nothing,
    Chat,
    /// So many chats.
    Chats(u32),
    /// So many recorder keys of the owner's.
    Keys(u32),
    /// So many runs of 0.4 KB.
    Runs(u32),
    /// A finished run of so many steps, each stored in so many bytes.
    Turn(u32, usize),
    OpenRun,
    /// An open run with so many steps, each stored in so many bytes.
    OpenSteps(u32, usize),
}

/// Every case; an operation's first is a small one.
static CASES: &[Case] = &[
    case(&routes::GET_DEBUG_LOGGING, "any", calls(1).in_turn(1).reads(1), Nothing),
    case(&routes::PUT_DEBUG_LOGGING, "any", calls(1).in_turn(1).writes(2), Nothing)
        .with(|_| json!({"allow_users": true})),
    case(&routes::GET_USER_DEBUG_LOGGING, "any", calls(1).in_turn(1).reads(2), Nothing),
    case(&routes::PUT_USER_DEBUG_LOGGING, "in", calls(1).in_turn(1).writes(4), Nothing)
        .with(|_| json!({"debug_logging_enabled": true})),
    case(&routes::PUT_USER_DEBUG_LOGGING, "out", calls(1).in_turn(1).writes(2), Nothing)
        .with(|_| json!({"debug_logging_enabled": false})),
    case(&routes::CREATE_RECORDER_KEY, "any", calls(1).in_turn(1).writes(6), Nothing).with(|_| json!({})),
    case(&routes::LIST_RECORDER_KEYS, "one key", calls(2).in_turn(2).reads(2), Keys(1)),
    case(&routes::LIST_RECORDER_KEYS, "20 keys", calls(2).in_turn(2).reads(21), Keys(20)),
    case(&routes::DELETE_RECORDER_KEY, "any", calls(2).in_turn(2).reads(1).writes(6), Keys(1)),
    case(&routes::GET_CHAT_DEBUG_LOGGING, "any", calls(2).in_turn(1).reads(3), Chat),
    case(&routes::PUT_CHAT_DEBUG_LOGGING, "`on`", calls(2).in_turn(2).reads(1).writes(4), Chat)
        .with(|_| json!({"override": "on"})),
    case(&routes::PUT_CHAT_DEBUG_LOGGING, "`off`", calls(2).in_turn(2).reads(1).writes(2), Chat)
        .with(|_| json!({"override": "off"})),
    case(&routes::LIST_CHATS, "100 chats", calls(1).in_turn(1).reads(2), Chats(100)),
    case(&routes::LIST_DEBUG_RUNS, "100 runs of 0.4 KB", calls(2).in_turn(1).reads(12), Runs(100)),
    case(&routes::LIST_DEBUG_RUNS, "100 runs of 0.4 KB, with `status`", calls(3).in_turn(2).reads(12), Runs(100))
        .asking(|_| "?status=error".to_owned()),
    case(&routes::GET_DEBUG_RUN, "a turn in 3 KB", calls(1).in_turn(1).reads(4), Turn(1, 3 * KB)),
    case(&routes::GET_DEBUG_RUN, "a turn in 300 KB", calls(1).in_turn(1).reads(77), Turn(5, 60 * KB)),
    case(&routes::GET_DEBUG_RUN, "a turn in 3 MB", calls(10).in_turn(3).reads(744), Turn(3, MB)),
    case(&routes::GET_DEBUG_RUN, "3 open steps in 3 KB each", calls(3).in_turn(2).reads(8), OpenSteps(3, 3 * KB)),
    case(&routes::GET_DEBUG_RUN, "3 open steps in 1 MB each", calls(6).in_turn(5).reads(741), OpenSteps(3, MB)),
    case(&routes::GET_DEBUG_RUN, "a turn in 3 MB that has not changed", calls(1).in_turn(1).reads(2), Turn(3, MB))
        .had(),
    case(&routes::LIST_DEBUG_STEPS, "a turn in 3 KB", calls(3).in_turn(1).reads(6), Turn(1, 3 * KB)),
    case(&routes::LIST_DEBUG_STEPS, "3 open steps in 3 KB each", calls(3).in_turn(1).reads(8), OpenSteps(3, 3 * KB)),
    case(&routes::LIST_DEBUG_STEPS, "5 open steps in 60 KB each", calls(4).in_turn(2).reads(80), OpenSteps(5, 60 * KB)),
    case(&routes::LIST_DEBUG_STEPS, "outlines of a turn of 5", calls(2).in_turn(1).reads(5), Turn(5, 60 * KB))
        .asking(|_| "?outline=true".to_owned()),
    case(&routes::LIST_DEBUG_STEPS, "outlines of a turn of 60", calls(2).in_turn(1).reads(5), Turn(60, KB))
        .asking(|_| "?outline=true".to_owned()),
    case(&routes::LIST_DEBUG_STEPS, "outlines of 60 open steps", calls(2).in_turn(1).reads(8), OpenSteps(60, KB))
        .asking(|_| "?outline=true".to_owned()),
    case(
        &routes::LIST_DEBUG_STEPS,
        "outlines of 60 open steps, after the 59th",
        calls(2).in_turn(1).reads(5),
        OpenSteps(60, KB),
    )
    .asking(|_| "?outline=true&after=59".to_owned()),
    case(&routes::GET_DEBUG_STEP, "of a turn in 3 KB", calls(1).in_turn(1).reads(4), Turn(1, 3 * KB)),
    case(&routes::GET_DEBUG_STEP, "an open one in 3 KB", calls(2).in_turn(2).reads(6), OpenSteps(3, 3 * KB)),
    case(&routes::GET_DEBUG_STEP_CONTENT, "of a turn in 3 KB", calls(1).in_turn(1).reads(4), Turn(1, 3 * KB)),
    case(
        &routes::GET_DEBUG_STEP_CONTENT,
        "of an open step in 3 KB",
        calls(2).in_turn(2).reads(6),
        OpenSteps(3, 3 * KB),
    ),
    case(&routes::GET_DEBUG_RUN_VIEW, "a turn in 3 KB", calls(1).in_turn(1).reads(4), Turn(1, 3 * KB)),
    case(&routes::GET_DEBUG_RUN_VIEW, "a turn in 300 KB", calls(1).in_turn(1).reads(77), Turn(5, 60 * KB)),
    case(&routes::GET_DEBUG_RUN_VIEW, "3 open steps in 3 KB each", calls(3).in_turn(2).reads(8), OpenSteps(3, 3 * KB)),
    case(&routes::GET_DEBUG_RUN_VIEW, "one of 3 open steps", calls(4).in_turn(3).reads(8), OpenSteps(3, 3 * KB))
        .asking(|_| "?step=2".to_owned()),
    case(&routes::GET_DEBUG_RUN_HAR, "of a turn in 3 KB", calls(1).in_turn(1).reads(4), Turn(1, 3 * KB)),
    case(&routes::DELETE_DEBUG_RUN, "a turn in 3 KB", calls(5).in_turn(4).reads(5).writes(12), Turn(1, 3 * KB)),
    case(
        &routes::DELETE_DEBUG_RUN,
        "3 open steps in 3 KB each",
        calls(7).in_turn(6).reads(7).writes(21),
        OpenSteps(3, 3 * KB),
    ),
    case(&routes::DELETE_CHAT, "a turn in 3 KB", calls(4).in_turn(4).reads(2).writes(9), Turn(1, 3 * KB)),
    case(&routes::GET_DEBUG_DECISION, "any", calls(1).in_turn(1).reads(3), Chat)
        .asking(|owner| format!("?owner_id={owner}")),
    case(&routes::GET_DEBUG_DECISION, "with a key", calls(2).in_turn(2).reads(4), Chat)
        .asking(|owner| format!("?owner_id={owner}"))
        .by_key(true),
    case(
        &routes::GET_DEBUG_DECISION,
        "with a key, its first use of a day",
        calls(3).in_turn(3).reads(4).writes(2),
        Chat,
    )
    .asking(|owner| format!("?owner_id={owner}"))
    .by_key(false),
    case(&routes::PUT_CHAT, "a new chat", calls(1).in_turn(1).writes(4), Nothing)
        .with(|owner| json!({"owner_id": owner})),
    case(&routes::CREATE_DEBUG_RUN, "a run without steps", calls(2).in_turn(2).reads(5).writes(6), Chat)
        .with(|owner| open_run(owner, 2)),
    case(
        &routes::CREATE_DEBUG_RUN,
        "a run without steps, of a new chat",
        calls(2).in_turn(2).reads(5).writes(8),
        Nothing,
    )
    .with(|owner| open_run(owner, 2)),
    case(&routes::CREATE_DEBUG_RUN, "a turn in 1 KB", calls(2).in_turn(2).reads(5).writes(8), Chat)
        .with(|owner| turn_of(owner, 1, KB)),
    case(&routes::CREATE_DEBUG_RUN, "a turn in 1 KB, with a key", calls(3).in_turn(3).reads(6).writes(8), Chat)
        .with(|owner| turn_of(owner, 1, KB))
        .by_key(true),
    case(&routes::CREATE_DEBUG_RUN, "a turn in 1 KB, without `id`", calls(2).in_turn(2).reads(3).writes(8), Chat)
        .with(|owner| without("id", turn_of(owner, 1, KB))),
    case(&routes::CREATE_DEBUG_RUN, "a turn in 4 KB", calls(2).in_turn(2).reads(5).writes(14), Chat)
        .with(|owner| turn_of(owner, 1, 4 * KB)),
    case(&routes::CREATE_DEBUG_RUN, "a turn in 60 KB", calls(4).in_turn(4).reads(5).writes(68), Chat)
        .with(|owner| turn_of(owner, 1, 60 * KB)),
    case(&routes::CREATE_DEBUG_RUN, "a turn in 3 MB", calls(12).in_turn(5).reads(5).writes(2950), Chat)
        .with(|owner| turn_of(owner, 3, MB)),
    case(&routes::CREATE_DEBUG_RUN, "46 open steps in 1 KB each", calls(5).in_turn(5).reads(7).writes(293), Chat)
        .with(|owner| open_turn_of(owner, 46, KB)),
    case(&routes::UPDATE_DEBUG_RUN, "with `owner_id`", calls(2).in_turn(2).reads(4).writes(4), OpenRun)
        .with(|owner| json!({"owner_id": owner})),
    case(&routes::UPDATE_DEBUG_RUN, "without `owner_id`", calls(3).in_turn(3).reads(4).writes(4), OpenRun)
        .with(|_| json!({})),
    case(&routes::UPDATE_DEBUG_RUN, "at its end", calls(2).in_turn(2).reads(4).writes(4), OpenRun)
        .with(|owner| json!({"owner_id": owner, "status": "completed"})),
    case(&routes::PUT_DEBUG_STEP, "in 1 KB", calls(2).in_turn(2).reads(5).writes(10), OpenRun)
        .with(|owner| step_of(owner, 1, KB)),
    case(&routes::PUT_DEBUG_STEP, "in 1 KB, without `owner_id`", calls(3).in_turn(3).reads(5).writes(10), OpenRun)
        .with(|owner| without("owner_id", step_of(owner, 1, KB))),
    case(&routes::PUT_DEBUG_STEP, "in 60 KB", calls(4).in_turn(4).reads(5).writes(69), OpenRun)
        .with(|owner| step_of(owner, 1, 60 * KB)),
    case(
        &routes::PUT_DEBUG_STEP,
        "in 60 KB in place of 60 KB",
        calls(6).in_turn(6).reads(5).writes(133),
        OpenSteps(1, 60 * KB),
    )
    .with(|owner| step_of(owner, 1, 60 * KB)),
    case(&routes::PREVIEW_REDACTION, "any", calls(0), Nothing).with(|owner| step_of(owner, 1, KB)),
    case(&routes::GET_OPENAPI, "any", calls(0), Nothing),
    case(&routes::GET_DOCS, "any", calls(0), Nothing),
    case(&routes::GET_VIEWER, "any", calls(0), Nothing),
];

/// The cases of an operation.
pub fn of(route: &Route) -> impl Iterator<Item = &'static Case> {
    CASES.iter().filter(move |case| case.route == route)
}

fn first(route: &Route) -> &'static Case {
    of(route).next().unwrap_or_else(|| panic!("tests/harness/cases.rs has no case of {}. Add one.", route.operation))
}

/// A valid request of a route about chat 1, run 1 and step 1, by who may make it of this owner's.
pub fn valid_request(world: &World, route: &Route, owner: &str) -> TestRequest {
    first(route).request(world, owner)
}

/// A body that a route takes from an owner, when it takes one.
pub fn valid_body(route: &Route, owner: &str) -> Option<Value> {
    first(route).body.map(|body| body(owner))
}

/// The query that a route cannot do without, if there is one.
pub fn valid_query(route: &Route, owner: &str) -> String {
    (first(route).query)(owner)
}

const fn case<C>(route: &'static RouteFor<C>, name: &'static str, cost: Cost, given: Given) -> Case {
    Case { route: &route.route, name, cost, given, query: |_| String::new(), body: None, is_had: false, by_key: None }
}

/// A cost of so many calls, which take no units unless they say so.
const fn calls(calls: u32) -> Cost {
    Cost { calls, round_trips: 0, read_units: 0, write_units: 0 }
}

impl Cost {
    const fn in_turn(self, round_trips: u32) -> Self {
        Self { round_trips, ..self }
    }

    const fn reads(self, read_units: u32) -> Self {
        Self { read_units, ..self }
    }

    const fn writes(self, write_units: u32) -> Self {
        Self { write_units, ..self }
    }
}

impl Case {
    const fn with(self, body: fn(&str) -> Value) -> Self {
        Self { body: Some(body), ..self }
    }

    const fn by_key(self, is_used: bool) -> Self {
        Self { by_key: Some(is_used), ..self }
    }

    const fn had(self) -> Self {
        Self { is_had: true, ..self }
    }

    const fn asking(self, query: fn(&str) -> String) -> Self {
        Self { query, ..self }
    }

    /// Brings the situation about in a world of its own; gives the request.
    pub async fn prepare(&self, world: &World) -> TestRequest {
        let recorder = world.recorder();
        world.consent(OWNER).await;
        if !matches!(self.given, Nothing | Keys(_)) {
            recorder.put(&chat(1), json!({"owner_id": OWNER})).await.expect(201);
        }
        match self.given {
            Given::Nothing | Given::Chat | Keys(_) => {}
            Chats(count) => {
                for n in 2..=count {
                    recorder.put(&chat(n), json!({"owner_id": OWNER})).await.expect(201);
                }
            }
            Runs(count) => {
                for n in 1..=count {
                    recorder.post(&runs(1), ordinary_run(n)).await.expect(201);
                }
            }
            Turn(steps, bytes) => drop(recorder.post(&runs(1), turn_of(OWNER, steps, bytes)).await.expect(201)),
            Given::OpenRun => drop(recorder.post(&runs(1), open_run(OWNER, 1)).await.expect(201)),
            OpenSteps(count, bytes) => {
                recorder.post(&runs(1), open_run(OWNER, 1)).await.expect(201);
                for number in 1..=count {
                    recorder.put(&step(1, 1, number), step_of(OWNER, number, bytes)).await.expect(201);
                }
            }
        }
        let mut request = self.request(world, OWNER);
        if let Keys(count) = self.given {
            for _ in 0..count {
                let made = world.user(OWNER).post(&recorder_keys(), json!({})).await.expect(201).json();
                if self.route.has_parameter("key") {
                    let key = made["id"].as_str().unwrap();
                    request.path = routes::fill(self.route, &[key]);
                }
            }
        }
        if let Some(is_used) = self.by_key {
            let key = world.key(None).await;
            if is_used {
                world.bearer(&key).get(&debug_decision(1, OWNER)).await.expect(200);
            }
            request.headers.retain(|(name, _)| name != "authorization");
            request.headers.push(("authorization".to_owned(), format!("Bearer {key}")));
        }
        request
    }

    fn request(&self, world: &World, owner: &str) -> TestRequest {
        let caller = match self.route.callers {
            Callers::Anyone => world.nobody(),
            Callers::Admin => world.admin(),
            Callers::User => world.user(owner),
            Callers::Recorder | Callers::Authenticated => world.recorder(),
        };
        let path = routes::fill(self.route, &[&chat_id(1), &run_id(1), "1", "request"]) + &(self.query)(owner);
        let body = self.body.map(|body| body(owner).to_string().into_bytes());
        let mut request = caller.request(self.route.method.as_str(), &path, body);
        request.headers.extend(self.is_had.then(|| ("if-none-match".to_owned(), "*".to_owned())));
        request
    }
}

/// A step that is stored in so many bytes, as a recorder puts it that names the owner.
fn step_of(owner: &str, number: u32, bytes: usize) -> Value {
    let mut step = step_body(None);
    // The rest is about 200 bytes.
    let content = noise(number.into(), bytes - 200);
    step["normalized_request"] = json!({"messages": [{"role": "user", "content": content}]});
    step["owner_id"] = json!(owner);
    step
}

/// The first run, which goes on, with such steps.
fn open_turn_of(owner: &str, steps: u32, bytes: usize) -> Value {
    let mut turn = without("finished_at", turn_of(owner, steps, bytes));
    turn["status"] = json!("in_progress");
    turn
}

/// The first run as a whole turn of such steps.
fn turn_of(owner: &str, steps: u32, bytes: usize) -> Value {
    let numbered = |number| {
        let mut step = without("owner_id", step_of(owner, number, bytes));
        step["step_number"] = json!(number);
        step
    };
    turn(owner, 1, (1..=steps).map(numbered).collect())
}

/// A run whose item has 0.4 KB.
fn ordinary_run(n: u32) -> Value {
    let mut run = turn(OWNER, n, Vec::new());
    run["provider"] = json!("anthropic");
    run["model"] = json!("claude-sonnet-4-5");
    run["trigger_message_id"] = json!(n);
    run["history_tip_message_id"] = json!(n);
    run["summary"] = json!({"first_message": "What is the capital of France? ".repeat(7)});
    run
}

fn without(member: &str, mut body: Value) -> Value {
    body.as_object_mut().unwrap().remove(member);
    body
}
