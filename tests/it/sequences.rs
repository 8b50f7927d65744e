//! Whatever the sequence of recording, reading and deleting: what was acknowledged reads back byte for byte until it is
//! deleted, and never again afterwards. The sequences are random; a failure prints the seed of its own.

use api::{
    run::{Run, RunDetail},
    step::{Step, StepInput},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use fastrand::Rng;
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};
use tests::{
    wire::{Fate, error},
    world::*,
};

const OWNER: &str = "alice";
const CHATS: u32 = 2;
const RUNS: u32 = 5;
const STEPS: u32 = 4;
const CALLS: u32 = 40;
const SEEDS: u64 = 3;
/// More than an item holds.
const LARGE: usize = 400_000;

/// What was acknowledged of a run.
enum Known {
    Recorded(Recorded),
    Deleted,
}

struct Recorded {
    /// Its post.
    posted: String,
    status: &'static str,
    /// The steps as they were put, by their numbers.
    steps: BTreeMap<u32, String>,
}

/// What was acknowledged of a chat.
#[derive(Default)]
struct Chat {
    is_registered: bool,
    is_deleted: bool,
    runs: BTreeMap<u32, Known>,
}

impl Chat {
    const fn is_there(&self) -> bool {
        self.is_registered && !self.is_deleted
    }

    /// A run that can be read.
    fn run(&self, n: u32) -> Option<&Recorded> {
        match self.runs.get(&n).filter(|_| self.is_there())? {
            Known::Recorded(run) => Some(run),
            Known::Deleted => None,
        }
    }

    /// The status of a write to a run, and the run when it takes the write.
    fn open_run(&mut self, n: u32) -> Result<&mut Recorded, u16> {
        match self.runs.get_mut(&n).filter(|_| self.is_registered && !self.is_deleted) {
            Some(Known::Recorded(run)) if run.status == "in_progress" => Ok(run),
            Some(Known::Recorded(_)) => Err(409),
            Some(Known::Deleted) | None => Err(404),
        }
    }
}

/// A sequence of calls.
struct Sequence {
    world: World,
    source: Source,
    chats: BTreeMap<u32, Chat>,
    read: usize,
}

/// What recorders send, by chance.
struct Source {
    rng: Rng,
    /// Text that cannot be made shorter.
    noise: String,
}

impl Source {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let noise = (0..2 * LARGE).map(|_| rng.alphanumeric()).collect();
        Self { rng, noise }
    }

    /// A text of so many bytes, which may be shortened or not.
    fn text(&mut self, bytes: usize) -> String {
        let from = self.rng.usize(..=self.noise.len() - bytes);
        if self.rng.bool() { self.noise[from..][..bytes].to_owned() } else { "a word and ".repeat(bytes / 11) }
    }

    /// A step as it is put: small or large, with contents that come again or are new.
    fn step(&mut self) -> String {
        let sizes = [(0..4, 0), (4..12, 100), (12..26, 3_000), (26..39, 10_000), (39..40, LARGE)];
        let size = self.rng.u8(..40);
        let bytes = sizes.into_iter().find_map(|(of, bytes)| of.contains(&size).then_some(bytes)).unwrap();
        let (most, other) = if bytes == LARGE { (1, 0) } else { (3, bytes / 3) };
        let request = format!(r#"{{"z":1.0,"a":[1e2,"\ud83d\/"],"text":"{}"}}"#, self.text(bytes));
        let mut step = json!({
            "operation": "stream", "status": "completed", "started_at": started_at(0), "finished_at": started_at(1),
            "usage": {"input_tokens": self.rng.u16(..)}, "metadata": {"text": self.text(other)},
        });
        if self.rng.bool() {
            step["normalized_response"] = json!({"said": self.text(other)});
        }
        let mut body = || STANDARD.encode(if self.rng.bool() { request.clone() } else { self.text(other) });
        let bodies = [(); 3].map(|()| [body(), body()]);
        let attempts = (1..).zip(bodies).take(self.rng.usize(..=most)).map(|(number, [sent, received])| {
            json!({"number": number, "status": "completed", "request_body": sent, "response_body": received})
        });
        step["attempts"] = attempts.collect();
        // As text, since it comes back byte for byte.
        step.to_string().replacen('{', &format!(r#"{{"normalized_request":{request},"#), 1)
    }
}

impl Sequence {
    async fn new(seed: u64) -> Self {
        let world = World::recording(OWNER).await;
        Self { world, source: Source::new(seed), chats: (1..=CHATS).map(|n| (n, Chat::default())).collect(), read: 0 }
    }

    /// From now on a call of the table may be lost, or its answer.
    fn lose(&self, seed: u64) {
        let mut rng = Rng::with_seed(seed);
        self.world.wire.rule(move |_| match rng.u8(..40) {
            0 => Fate::CutBefore,
            1 => Fate::CutAfter,
            2 => Fate::Answer(500, error("InternalServerError")),
            3 => Fate::AnswerAfter(500, error("InternalServerError")),
            _ => Fate::Pass,
        });
    }

    /// Sends it until it is answered, and what is deleted until nothing is left.
    async fn send(&self, caller: TestCaller<'_>, method: &'static str, path: &str, body: Option<&str>) -> TestResponse {
        for _ in 0..20 {
            let request = caller.request(method, path, body.map(|body| body.as_bytes().to_vec()));
            let answer = caller.send(request).await;
            if !matches!(answer.status, 202 | 503) {
                return answer;
            }
        }
        panic!("{method} {path} is never answered");
    }

    async fn record(&self, method: &'static str, path: &str, body: &str) -> TestResponse {
        self.send(self.world.recorder(), method, path, Some(body)).await
    }

    async fn get(&self, path: &str) -> TestResponse {
        self.send(self.world.user(OWNER), "GET", path, None).await
    }

    /// Plays it; gives how many steps were read as they were put.
    #[expect(clippy::print_stdout, reason = "a failure shows what it printed: its seed")]
    async fn play(mut self, seed: u64) -> usize {
        println!("seed {seed}");
        for _ in 0..CALLS {
            self.call().await;
        }
        self.read
    }

    /// A random call, after which all of its chat is read.
    async fn call(&mut self) {
        let (chat, n) = (self.source.rng.u32(1..=CHATS), self.source.rng.u32(1..=RUNS));
        self.world.app.clock.advance(Duration::from_millis(self.source.rng.u64(..2_000)));
        match self.source.rng.u8(..100) {
            0..20 => self.post(chat, n, true).await,
            20..45 => self.post(chat, n, false).await,
            45..80 => self.put(chat, n).await,
            80..90 => self.patch(chat, n).await,
            90..99 => self.delete(chat, n).await,
            _ => self.delete_chat(chat).await,
        }
        self.read_list(chat).await;
        self.read_run(chat, n).await;
    }

    /// Posts a run: a new one, or what was posted before.
    async fn post(&mut self, chat: u32, n: u32, is_final: bool) {
        let steps: BTreeMap<u32, String> = match self.source.rng.u32(..=STEPS) {
            0 => BTreeMap::new(),
            count => (1..=count).map(|number| (number, self.source.step())).collect(),
        };
        let numbered =
            |(number, step): (&u32, &String)| step.replacen('{', &format!(r#"{{"step_number":{number},"#), 1);
        let numbered: Vec<String> = steps.iter().map(numbered).collect();
        let mut body = turn(OWNER, n, Vec::new());
        if !is_final {
            body = open_run(OWNER, n);
            body["steps"] = json!([]);
        }
        let new = body.to_string().replace(r#""steps":[]"#, &format!(r#""steps":[{}]"#, numbered.join(",")));
        let again = self.chats[&chat].run(n).map(|run| run.posted.clone()).filter(|_| self.source.rng.bool());
        let posted = again.unwrap_or(new);

        let answer = self.record("POST", &runs(chat), &posted).await;
        let known = self.chats.get_mut(&chat).unwrap();
        let expected: &[u16] = match known.runs.get(&n) {
            _ if known.is_deleted => &[404],
            Some(Known::Deleted) => &[404],
            Some(Known::Recorded(run)) if run.posted == posted => &[200],
            Some(Known::Recorded(_)) => &[409],
            None => &[201, 200],
        };
        assert!(expected.contains(&answer.status), "a post: {} {}", answer.status, answer.body);
        if expected[0] == 201 {
            known.is_registered = true;
            let status = if is_final { "completed" } else { "in_progress" };
            known.runs.insert(n, Known::Recorded(Recorded { posted, status, steps }));
        }
    }

    async fn put(&mut self, chat: u32, n: u32) {
        let (number, body) = (self.source.rng.u32(1..=STEPS), self.source.step());
        let answer = self.record("PUT", &step(chat, n, number), &body).await;
        match self.chats.get_mut(&chat).unwrap().open_run(n) {
            Ok(run) => {
                let is_new = run.steps.insert(number, body).is_none();
                assert!(answer.status == 200 || is_new && answer.status == 201, "a step: {}", answer.body);
            }
            Err(status) => drop(answer.expect(status)),
        }
    }

    /// Ends a run, or says that it goes on.
    async fn patch(&mut self, chat: u32, n: u32) {
        let status = *self.source.rng.choice(&["completed", "error", "in_progress"]).unwrap();
        let answer = self.record("PATCH", &run(chat, n), &json!({"status": status}).to_string()).await;
        let known = self.chats.get_mut(&chat).unwrap();
        let is_same = known.run(n).is_some_and(|run| run.status == status);
        match known.open_run(n) {
            Ok(run) => {
                run.status = status;
                answer.expect(200);
            }
            Err(409) if is_same => drop(answer.expect(200)),
            Err(status) => drop(answer.expect(status)),
        }
    }

    async fn delete(&mut self, chat: u32, n: u32) {
        let answer = self.send(self.world.user(OWNER), "DELETE", &run(chat, n), None).await;
        let known = self.chats.get_mut(&chat).unwrap();
        let is_known = known.is_there() && known.runs.contains_key(&n);
        answer.expect(if is_known { 204 } else { 404 });
        if is_known {
            known.runs.insert(n, Known::Deleted);
        }
    }

    async fn delete_chat(&mut self, chat: u32) {
        let answer = self.send(self.world.user(OWNER), "DELETE", &tests::world::chat(chat), None).await;
        let known = self.chats.get_mut(&chat).unwrap();
        answer.expect(if known.is_registered { 204 } else { 404 });
        known.is_deleted = known.is_registered;
    }

    async fn read_list(&self, chat: u32) {
        let answer = self.get(&runs(chat)).await;
        let known = &self.chats[&chat];
        if !known.is_there() {
            answer.expect(404);
            return;
        }
        let listed: Vec<Run> = serde_json::from_str(&answer.expect(200).body).unwrap();
        let listed: Vec<_> = listed.iter().map(|run| (run.id.to_string(), json!(run.status))).collect();
        let wanted = (1..=RUNS).rev().filter_map(|n| Some((run_id(n), json!(known.run(n)?.status))));
        assert_eq!(listed, wanted.collect::<Vec<_>>());
    }

    async fn read_run(&mut self, chat: u32, n: u32) {
        let (detail, steps) = (self.get(&run(chat, n)).await, self.get(&format!("{}/steps", run(chat, n))).await);
        let Some(known) = self.chats[&chat].run(n) else {
            detail.expect(404);
            steps.expect(404);
            return;
        };
        let read: RunDetail = serde_json::from_str(&detail.expect(200).body).unwrap();
        let page: Vec<Step> = serde_json::from_str(&steps.expect(200).body).unwrap();
        for read in [&read.steps, &page] {
            let numbers: Vec<u32> = read.iter().map(|step| step.step_number.get()).collect();
            assert_eq!(numbers, known.steps.keys().copied().collect::<Vec<_>>());
            for (step, put) in read.iter().zip(known.steps.values()) {
                assert_same(step, put);
                self.read += 1;
            }
        }
    }
}

/// Fails unless a step reads as it was put, byte for byte.
fn assert_same(step: &Step, put: &str) {
    let put: StepInput = serde_json::from_str(put).unwrap();
    let attempts = |attempts: &[api::step::Attempt]| json!(attempts);
    let is_same = step.normalized_request == put.normalized_request
        && step.normalized_response == put.normalized_response
        && step.usage == put.usage
        && step.metadata == put.metadata
        && attempts(&step.attempts) == attempts(&put.attempts);
    assert!(is_same, "step {} reads otherwise than it was put", step.step_number.get());
}

#[tokio::test]
async fn what_was_acknowledged_is_read_until_it_is_deleted_and_never_again() {
    let mut read = 0;
    for seed in 0..SEEDS {
        read += Sequence::new(seed).await.play(seed).await;
    }
    assert!(read > 100, "only {read} steps were read");
}

#[tokio::test]
async fn the_same_holds_on_a_table_that_loses_calls_and_answers() {
    let mut read = 0;
    for seed in SEEDS..2 * SEEDS {
        let sequence = Sequence::new(seed).await;
        sequence.lose(seed);
        read += sequence.play(seed).await;
    }
    assert!(read > 100, "only {read} steps were read");
}
