//! How every case of `ROUTES` comes about: what stands in the table, and the request that is sent then.

use anyhow::{Context, Result, bail};
use api::routes::{self, Callers, Cost, Route};
use serde_json::{Value, json};
use tests::world::{Sent, World, chat, chat_id, open_run, run_id, runs, step, step_body, turn};

const OWNER: &str = "user-1";
const KB: usize = 1_000;
const MB: usize = 1_000_000;

/// A case, brought about.
pub(crate) struct Scene {
    route: &'static Route,
    case: &'static str,
    given: Given,
    query: &'static str,
    body: Option<Value>,
}

/// What stands in the table, beside an open gate and the owner's opt-in.
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

fn all() -> Vec<Scene> {
    use Given::{Chat, Nothing, OpenRun, OpenStep, Runs, Turn};
    vec![
        scene(&routes::GET_DEBUG_LOGGING, "any", Nothing),
        scene(&routes::PUT_DEBUG_LOGGING, "any", Nothing).with(json!({"allow_users": true})),
        scene(&routes::GET_USER_DEBUG_LOGGING, "any", Nothing),
        scene(&routes::PUT_USER_DEBUG_LOGGING, "in", Nothing).with(json!({"debug_logging_enabled": true})),
        scene(&routes::PUT_USER_DEBUG_LOGGING, "out", Nothing).with(json!({"debug_logging_enabled": false})),
        scene(&routes::GET_CHAT_DEBUG_LOGGING, "any", Chat),
        scene(&routes::PUT_CHAT_DEBUG_LOGGING, "`on`", Chat).with(json!({"override": "on"})),
        scene(&routes::PUT_CHAT_DEBUG_LOGGING, "`off`", Chat).with(json!({"override": "off"})),
        scene(&routes::LIST_DEBUG_RUNS, "100 runs of 0.5 KB", Runs(100)),
        scene(&routes::LIST_DEBUG_RUNS, "100 runs of 0.5 KB, with `status`", Runs(100)).asking("?status=error"),
        scene(&routes::GET_DEBUG_RUN, "3 steps of 3 KB", Turn(3, 3 * KB)),
        scene(&routes::GET_DEBUG_RUN, "5 steps of 60 KB", Turn(5, 60 * KB)),
        scene(&routes::GET_DEBUG_RUN, "3 steps of 1 MB", Turn(3, MB)),
        scene(&routes::LIST_DEBUG_STEPS, "3 steps of 3 KB", Turn(3, 3 * KB)),
        scene(&routes::LIST_DEBUG_STEPS, "5 steps of 60 KB", Turn(5, 60 * KB)),
        scene(&routes::DELETE_DEBUG_RUN, "3 steps of 3 KB", Turn(3, 3 * KB)),
        scene(&routes::DELETE_DEBUG_RUN, "5 steps of 60 KB", Turn(5, 60 * KB)),
        scene(&routes::DELETE_CHAT, "a run of 3 steps of 3 KB", Turn(3, 3 * KB)),
        scene(&routes::GET_DEBUG_DECISION, "any", Chat).asking("?owner_id=user-1"),
        scene(&routes::PUT_CHAT, "a new chat", Nothing).with(json!({"owner_id": OWNER})),
        scene(&routes::CREATE_DEBUG_RUN, "a run without steps", Chat).with(open_run(OWNER, 1)),
        scene(&routes::CREATE_DEBUG_RUN, "1 step of 3 KB", Chat).with(turn_of(1, 3 * KB)),
        scene(&routes::CREATE_DEBUG_RUN, "1 step of 3 KB, without `id`", Chat).with(without("id", turn_of(1, 3 * KB))),
        scene(&routes::CREATE_DEBUG_RUN, "1 step of 60 KB", Chat).with(turn_of(1, 60 * KB)),
        scene(&routes::CREATE_DEBUG_RUN, "5 steps of 60 KB", Chat).with(turn_of(5, 60 * KB)),
        scene(&routes::CREATE_DEBUG_RUN, "91 steps of 3 KB", Chat).with(turn_of(91, 3 * KB)),
        scene(&routes::CREATE_DEBUG_RUN, "3 steps of 1 MB", Chat).with(turn_of(3, MB)),
        scene(&routes::UPDATE_DEBUG_RUN, "with `owner_id`", OpenRun).with(json!({"owner_id": OWNER})),
        scene(&routes::UPDATE_DEBUG_RUN, "without `owner_id`", OpenRun).with(json!({})),
        scene(&routes::UPDATE_DEBUG_RUN, "at its end", OpenRun).with(json!({"owner_id": OWNER, "status": "completed"})),
        scene(&routes::PUT_DEBUG_STEP, "3 KB", OpenRun).with(step_of(3 * KB)),
        scene(&routes::PUT_DEBUG_STEP, "3 KB, without `owner_id`", OpenRun).with(without("owner_id", step_of(3 * KB))),
        scene(&routes::PUT_DEBUG_STEP, "60 KB", OpenRun).with(step_of(60 * KB)),
        scene(&routes::PUT_DEBUG_STEP, "60 KB in place of 60 KB", OpenStep(60 * KB)).with(step_of(60 * KB)),
        scene(&routes::GET_OPENAPI, "any", Nothing),
        scene(&routes::GET_DOCS, "any", Nothing),
    ]
}

fn scene(route: &'static Route, case: &'static str, given: Given) -> Scene {
    Scene { route, case, given, query: "", body: None }
}

/// Every declared case of a route with its scene. What has one and not the other is named.
pub(crate) fn of(route: &Route) -> Result<Vec<(&'static Cost, Scene)>> {
    let mut scenes = all();
    scenes.retain(|scene| scene.route == route);
    let mut cases = Vec::new();
    for cost in route.costs {
        let at = scenes.iter().position(|scene| scene.case == cost.case);
        let at =
            at.with_context(|| format!("tests/gates/scenes.rs has no scene for the case {:?}. Add it.", cost.case))?;
        cases.push((cost, scenes.swap_remove(at)));
    }
    if let Some(left) = scenes.first() {
        bail!(
            "tests/gates/scenes.rs has a scene for {:?}, which api::routes does not declare. Add it there.",
            left.case
        );
    }
    Ok(cases)
}

impl Scene {
    fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    fn asking(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    /// Brings it about in a world of its own; gives the request.
    pub(crate) async fn set(&self, world: &World) -> Sent {
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
            Given::Turn(steps, bytes) => drop(recorder.post(&runs(1), turn_of(steps, bytes)).await.expect(201)),
            Given::OpenRun => drop(recorder.post(&runs(1), open_run(OWNER, 1)).await.expect(201)),
            Given::OpenStep(bytes) => {
                recorder.post(&runs(1), open_run(OWNER, 1)).await.expect(201);
                recorder.put(&step(1, 1, 1), step_of(bytes)).await.expect(201);
            }
        }
        let caller = match self.route.callers {
            Callers::Anyone => world.nobody(),
            Callers::Admin => world.admin(),
            Callers::User => world.user(OWNER),
            Callers::Recorder => recorder,
        };
        let path = routes::fill(self.route, &[&chat_id(1), &run_id(1), "1"]) + self.query;
        let body = self.body.as_ref().map(|body| body.to_string().into_bytes());
        caller.request(self.route.method.as_str(), &path, body)
    }
}

/// A step with so many bytes of content, as an owner's recorder puts it.
fn step_of(bytes: usize) -> Value {
    let mut step = step_body(None);
    let empty = json!({"messages": [{"role": "user", "content": ""}]});
    let content = "x".repeat(bytes - empty.to_string().len());
    step["normalized_request"] = json!({"messages": [{"role": "user", "content": content}]});
    step["owner_id"] = json!(OWNER);
    step
}

/// The first run as a whole turn of such steps.
fn turn_of(steps: u32, bytes: usize) -> Value {
    let numbered = |number| {
        let mut step = without("owner_id", step_of(bytes));
        step["step_number"] = json!(number);
        step
    };
    turn(OWNER, 1, (1..=steps).map(numbered).collect())
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
