//! Recordings in a table of their own, made and read back by the handlers.

use crate::exchange::{self, Exchange};
use anyhow::{Context, Result, ensure};
use api::{
    run::{CreateRun, RunDetail},
    step::{Step, StepInput},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::world::{TABLE, TestResponse, World};

pub(super) const OWNER: &str = "user-1";

/// A table, and what was recorded in it.
pub(super) struct Scene {
    world: World,
    /// What the table took before.
    before: Size,
    sent: usize,
    write_units: f64,
    /// What each run exchanged, by its path.
    runs: BTreeMap<String, Vec<Exchange>>,
}

/// What the recordings of a scene took.
pub(super) struct Recorded {
    pub(super) turns: u32,
    /// Bytes of JSON that were sent.
    pub(super) sent: usize,
    /// Bytes of the items that were stored.
    pub(super) stored: usize,
    pub(super) items: usize,
    /// What recording them took.
    pub(super) write_units: f64,
    /// What opening each of them took, with all of its steps.
    pub(super) read_units: f64,
}

/// The table's size, as DynamoDB counts it.
struct Size {
    bytes: usize,
    items: usize,
}

impl Scene {
    pub(super) async fn new() -> Result<Self> {
        let world = World::recording(OWNER).await;
        let before = Size::of(&world)?;
        Ok(Self { world, before, sent: 0, write_units: 0.0, runs: BTreeMap::new() })
    }

    /// The write units of what was sent so far.
    pub(super) const fn write_units(&self) -> f64 {
        self.write_units
    }

    /// Posts a run. Its chat is registered before, as a product does that records more than one turn of it: that is
    /// stored, but no write unit of the turn.
    pub(super) async fn post(&mut self, runs: &str, body: &str) -> Result<()> {
        let chat = runs.strip_suffix("/debug/runs").context("Runs are a chat's.")?;
        let registered = self.world.recorder().put(chat, json!({"owner_id": OWNER})).await;
        ensure!(matches!(registered.status, 200 | 201), "{chat}: {}", registered.body);
        let answer = self.world.recorder().post(runs, body).await.expect(201);
        let recorded = answer.json();
        let id = recorded.pointer("/run/id").and_then(Value::as_str).context("It was not recorded.")?;
        let turn: CreateRun = serde_json::from_str(body)?;
        self.runs.insert(format!("{runs}/{id}"), turn.steps.iter().map(exchange::sent).collect());
        self.count(body, &answer)
    }

    /// Puts a step, behind those that were put before it.
    pub(super) async fn put(&mut self, step: &str, body: &str) -> Result<()> {
        let (run, _) = step.split_once("/steps/").context("A step is a run's.")?;
        let answer = self.world.recorder().put(step, body).await.expect(201);
        let put: StepInput = serde_json::from_str(body)?;
        self.runs.entry(run.to_owned()).or_default().push(exchange::sent(&put));
        self.count(body, &answer)
    }

    /// Patches a run at its end.
    pub(super) async fn finish(&mut self, run: &str, body: &str) -> Result<()> {
        let answer = self.world.recorder().patch(run, body).await.expect(200);
        self.count(body, &answer)
    }

    fn count(&mut self, body: &str, answer: &TestResponse) -> Result<()> {
        self.sent += body.len();
        self.write_units += units(answer, "write_units")?;
        Ok(())
    }

    /// Opens each run to its end. Fails unless each step comes back.
    pub(super) async fn read_back(self) -> Result<Recorded> {
        let after = Size::of(&self.world)?;
        let mut read_units = 0.0;
        let user = self.world.user(OWNER);
        for (run, sent) in &self.runs {
            let answer = user.get(run).await.expect(200);
            read_units += units(&answer, "read_units")?;
            let detail: RunDetail = serde_json::from_str(&answer.body)?;
            let mut read: Vec<Exchange> = detail.steps.iter().map(exchange::read).collect();
            let mut next = answer.next();
            while let Some(path) = next {
                let answer = user.get(&path).await.expect(200);
                read_units += units(&answer, "read_units")?;
                let steps: Vec<Step> = serde_json::from_str(&answer.body)?;
                read.extend(steps.iter().map(exchange::read));
                next = answer.next();
            }
            ensure!(read == *sent, "{run} came back changed.");
        }
        Ok(Recorded {
            turns: self.runs.len().try_into()?,
            sent: self.sent,
            stored: after.bytes - self.before.bytes,
            items: after.items - self.before.items,
            write_units: self.write_units,
            read_units,
        })
    }
}

impl Recorded {
    /// The bytes that were stored, of those that were sent.
    #[expect(clippy::cast_precision_loss, reason = "sizes are shown in a few digits")]
    pub(super) fn ratio(&self) -> f64 {
        self.stored as f64 / self.sent as f64
    }
}

impl Size {
    fn of(world: &World) -> Result<Self> {
        let request = serde_json::from_value(json!({"TableName": TABLE}))?;
        let table = world.engine.database().describe_table(request)?.table;
        let (bytes, items) =
            table.table_size_bytes.zip(table.item_count).context("The engine counts bytes and items.")?;
        Ok(Self { bytes: bytes.try_into()?, items: items.try_into()? })
    }
}

/// What the log says that an answer took.
fn units(answer: &TestResponse, name: &str) -> Result<f64> {
    answer.line.get(name).and_then(Value::as_f64).context("The log says what was taken.")
}
