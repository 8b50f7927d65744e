//! What every operation asks of DynamoDB, case by case: the scene that plays a case, and what the case costs.
//!
//! Each cost is exact, by the account of the embedded engine. `make budgets` holds the functions to it, and
//! infra/costs.md shows it with its price. The first case of an operation is a small one: memory is held to its
//! limit there, and its request is the valid one that other tests start from.

use crate::world::{Sent, World, chat, chat_id, open_run, run_id, runs, step, step_body, turn};
use api::routes::{self, *};
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
}

/// What a request asks of DynamoDB.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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
    /// So many runs of 0.5 KB.
    Runs(u32),
    /// A finished run of so many steps of so many bytes.
    Turn(u32, usize),
    OpenRun,
    /// An open run with a step of so many bytes.
    OpenStep(usize),
}

/// The cases of an operation, a small one first.
pub fn of(route: &Route) -> Vec<Case> {
    let mut cases = all();
    cases.retain(|case| case.route == route);
    assert!(!cases.is_empty(), "tests/budgets/cases.rs has no case of {}. Add one.", route.operation);
    cases
}

fn all() -> Vec<Case> {
    use Given::{Chat, Nothing, OpenRun, OpenStep, Runs, Turn};
    vec![
        case(&GET_DEBUG_LOGGING, "any", Nothing).calls(1).round_trips(1).reads(1),
        case(&PUT_DEBUG_LOGGING, "any", Nothing)
            .with(|_| json!({"allow_users": true}))
            .calls(1)
            .round_trips(1)
            .writes(2),
        case(&GET_USER_DEBUG_LOGGING, "any", Nothing).calls(1).round_trips(1).reads(2),
        case(&PUT_USER_DEBUG_LOGGING, "in", Nothing)
            .with(|_| json!({"debug_logging_enabled": true}))
            .calls(1)
            .round_trips(1)
            .writes(4),
        case(&PUT_USER_DEBUG_LOGGING, "out", Nothing)
            .with(|_| json!({"debug_logging_enabled": false}))
            .calls(1)
            .round_trips(1)
            .writes(2),
        case(&GET_CHAT_DEBUG_LOGGING, "any", Chat).calls(2).round_trips(1).reads(3),
        case(&PUT_CHAT_DEBUG_LOGGING, "`on`", Chat)
            .with(|_| json!({"override": "on"}))
            .calls(1)
            .round_trips(1)
            .writes(4),
        case(&PUT_CHAT_DEBUG_LOGGING, "`off`", Chat)
            .with(|_| json!({"override": "off"}))
            .calls(1)
            .round_trips(1)
            .writes(2),
        case(&LIST_DEBUG_RUNS, "100 runs of 0.5 KB", Runs(100)).calls(2).round_trips(1).reads(14),
        case(&LIST_DEBUG_RUNS, "100 runs of 0.5 KB, with `status`", Runs(100))
            .asking(|_| "?status=error".to_owned())
            .calls(3)
            .round_trips(2)
            .reads(15),
        case(&GET_DEBUG_RUN, "3 steps of 3 KB", Turn(3, 3 * KB)).calls(3).round_trips(1).reads(6),
        case(&GET_DEBUG_RUN, "5 steps of 60 KB", Turn(5, 60 * KB)).calls(4).round_trips(2).reads(77),
        case(&GET_DEBUG_RUN, "3 steps of 1 MB", Turn(3, MB)).calls(6).round_trips(4).reads(739),
        case(&LIST_DEBUG_STEPS, "3 steps of 3 KB", Turn(3, 3 * KB)).calls(3).round_trips(1).reads(6),
        case(&LIST_DEBUG_STEPS, "5 steps of 60 KB", Turn(5, 60 * KB)).calls(4).round_trips(2).reads(77),
        case(&DELETE_DEBUG_RUN, "3 steps of 3 KB", Turn(3, 3 * KB)).calls(6).round_trips(5).reads(7).writes(18),
        case(&DELETE_DEBUG_RUN, "5 steps of 60 KB", Turn(5, 60 * KB)).calls(7).round_trips(6).reads(78).writes(306),
        case(&DELETE_CHAT, "a run of 3 steps of 3 KB", Turn(3, 3 * KB)).calls(3).round_trips(3).reads(3).writes(14),
        case(&GET_DEBUG_DECISION, "any", Chat)
            .asking(|owner| format!("?owner_id={owner}"))
            .calls(1)
            .round_trips(1)
            .reads(3),
        case(&PUT_CHAT, "a new chat", Nothing)
            .with(|owner| json!({"owner_id": owner}))
            .calls(1)
            .round_trips(1)
            .writes(1),
        case(&CREATE_DEBUG_RUN, "a run without steps", Chat)
            .with(|owner| open_run(owner, 2))
            .calls(2)
            .round_trips(2)
            .reads(5)
            .writes(6),
        case(&CREATE_DEBUG_RUN, "1 step of 3 KB", Chat)
            .with(|owner| turn_of(owner, 1, 3 * KB))
            .calls(2)
            .round_trips(2)
            .reads(5)
            .writes(14),
        case(&CREATE_DEBUG_RUN, "1 step of 3 KB, without `id`", Chat)
            .with(|owner| without("id", turn_of(owner, 1, 3 * KB)))
            .calls(2)
            .round_trips(2)
            .reads(3)
            .writes(14),
        case(&CREATE_DEBUG_RUN, "1 step of 60 KB", Chat)
            .with(|owner| turn_of(owner, 1, 60 * KB))
            .calls(3)
            .round_trips(3)
            .reads(5)
            .writes(67),
        case(&CREATE_DEBUG_RUN, "5 steps of 60 KB", Chat)
            .with(|owner| turn_of(owner, 5, 60 * KB))
            .calls(7)
            .round_trips(3)
            .reads(5)
            .writes(311),
        case(&CREATE_DEBUG_RUN, "91 steps of 3 KB", Chat)
            .with(|owner| turn_of(owner, 91, 3 * KB))
            .calls(3)
            .round_trips(3)
            .reads(5)
            .writes(740),
        case(&CREATE_DEBUG_RUN, "3 steps of 1 MB", Chat)
            .with(|owner| turn_of(owner, 3, MB))
            .calls(11)
            .round_trips(4)
            .reads(5)
            .writes(2949),
        case(&UPDATE_DEBUG_RUN, "with `owner_id`", OpenRun)
            .with(|owner| json!({"owner_id": owner}))
            .calls(2)
            .round_trips(2)
            .reads(5)
            .writes(4),
        case(&UPDATE_DEBUG_RUN, "without `owner_id`", OpenRun)
            .with(|_| json!({}))
            .calls(3)
            .round_trips(3)
            .reads(5)
            .writes(4),
        case(&UPDATE_DEBUG_RUN, "at its end", OpenRun)
            .with(|owner| json!({"owner_id": owner, "status": "completed"}))
            .calls(2)
            .round_trips(2)
            .reads(5)
            .writes(4),
        case(&PUT_DEBUG_STEP, "3 KB", OpenRun)
            .with(|owner| step_of(owner, 3 * KB))
            .calls(2)
            .round_trips(2)
            .reads(6)
            .writes(12),
        case(&PUT_DEBUG_STEP, "3 KB, without `owner_id`", OpenRun)
            .with(|owner| without("owner_id", step_of(owner, 3 * KB)))
            .calls(3)
            .round_trips(3)
            .reads(6)
            .writes(12),
        case(&PUT_DEBUG_STEP, "60 KB", OpenRun)
            .with(|owner| step_of(owner, 60 * KB))
            .calls(3)
            .round_trips(3)
            .reads(6)
            .writes(65),
        case(&PUT_DEBUG_STEP, "60 KB in place of 60 KB", OpenStep(60 * KB))
            .with(|owner| step_of(owner, 60 * KB))
            .calls(4)
            .round_trips(4)
            .reads(6)
            .writes(124),
        case(&GET_OPENAPI, "any", Nothing),
        case(&GET_DOCS, "any", Nothing),
    ]
}

/// A body that a route takes from an owner, when it takes one.
pub fn valid_body(route: &Route, owner: &str) -> Option<Value> {
    of(route)[0].body.map(|body| body(owner))
}

/// The query that a route cannot do without, if there is one.
pub fn valid_query(route: &Route, owner: &str) -> String {
    (of(route)[0].query)(owner)
}

/// A case that costs nothing, unless it says so.
fn case(route: &'static Route, name: &'static str, given: Given) -> Case {
    Case { route, name, cost: Cost::default(), given, query: |_| String::new(), body: None }
}

impl Case {
    fn with(self, body: fn(&str) -> Value) -> Self {
        Self { body: Some(body), ..self }
    }

    fn asking(self, query: fn(&str) -> String) -> Self {
        Self { query, ..self }
    }

    fn calls(mut self, calls: u32) -> Self {
        self.cost.calls = calls;
        self
    }

    fn round_trips(mut self, round_trips: u32) -> Self {
        self.cost.round_trips = round_trips;
        self
    }

    fn reads(mut self, units: u32) -> Self {
        self.cost.read_units = units;
        self
    }

    fn writes(mut self, units: u32) -> Self {
        self.cost.write_units = units;
        self
    }

    /// Brings the situation about in a world of its own; gives the request.
    pub async fn prepare(&self, world: &World) -> Sent {
        let recorder = world.recorder();
        world.consent(OWNER).await;
        if !matches!(self.given, Given::Nothing) {
            recorder.put(&chat(1), json!({"owner_id": OWNER})).await.expect(201);
        }
        match self.given {
            Given::Nothing | Given::Chat => {}
            Given::Runs(count) => {
                for n in 1..=count {
                    recorder.post(&runs(1), half_a_kb(n)).await.expect(201);
                }
            }
            Given::Turn(steps, bytes) => drop(recorder.post(&runs(1), turn_of(OWNER, steps, bytes)).await.expect(201)),
            Given::OpenRun => drop(recorder.post(&runs(1), open_run(OWNER, 1)).await.expect(201)),
            Given::OpenStep(bytes) => {
                recorder.post(&runs(1), open_run(OWNER, 1)).await.expect(201);
                recorder.put(&step(1, 1, 1), step_of(OWNER, bytes)).await.expect(201);
            }
        }
        let caller = match self.route.callers {
            Callers::Anyone => world.nobody(),
            Callers::Admin => world.admin(),
            Callers::User => world.user(OWNER),
            Callers::Recorder => recorder,
        };
        let path = routes::fill(self.route, &[&chat_id(1), &run_id(1), "1"]) + &(self.query)(OWNER);
        let body = self.body.map(|body| body(OWNER).to_string().into_bytes());
        caller.request(self.route.method.as_str(), &path, body)
    }
}

/// A step with so many bytes of content, as a recorder puts it that names the owner.
fn step_of(owner: &str, bytes: usize) -> Value {
    let mut step = step_body(None);
    let empty = json!({"messages": [{"role": "user", "content": ""}]});
    let content = "x".repeat(bytes - empty.to_string().len());
    step["normalized_request"] = json!({"messages": [{"role": "user", "content": content}]});
    step["owner_id"] = json!(owner);
    step
}

/// The first run as a whole turn of such steps.
fn turn_of(owner: &str, steps: u32, bytes: usize) -> Value {
    let numbered = |number| {
        let mut step = without("owner_id", step_of(owner, bytes));
        step["step_number"] = json!(number);
        step
    };
    turn(owner, 1, (1..=steps).map(numbered).collect())
}

/// A run whose item has 0.5 KB.
fn half_a_kb(n: u32) -> Value {
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
