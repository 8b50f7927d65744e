//! What goes over the wire to DynamoDB, on its way to the engine: seen, counted, spoiled on purpose.
//!
//! The engine cannot show an eventually consistent read, a throttle or a lost answer. Here the first
//! is asserted on every request, and the others are made. An [`Interleaving`] orders the requests of several wires.

mod interleaving;

pub use interleaving::Interleaving;

use serde_json::Value;
use std::{
    collections::BTreeSet,
    pin::pin,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
};

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It goes through.
    Pass,
    /// It never reaches the engine; this is the answer.
    Answer(u16, String),
    /// It never reaches the engine, and no answer comes.
    BlackHole,
    /// It never reaches the engine; the connection is cut.
    CutBefore,
    /// It reaches the engine; the connection is cut instead of an answer.
    CutAfter,
    /// It reaches the engine; this is the answer instead of the engine's.
    AnswerAfter(u16, String),
}

/// What may happen to the last request of a process that dies.
pub static DEATHS: [Fate; 2] = [Fate::CutBefore, Fate::CutAfter];

/// DynamoDB's error of a code, as a fate's answer.
pub fn error(code: &str) -> String {
    format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"canary-message"}}"#)
}

/// Polls a call until one of its requests is held, and then both it and another. Panics when the call ends before.
pub async fn beside_held<C: Future, O: Future>(call: C, held: &Notify, other: O) -> (C::Output, O::Output) {
    let mut call = pin!(call);
    tokio::select! {
        biased;
        () = held.notified() => {}
        _ = &mut call => panic!("the call ended before one of its requests was held"),
    }
    tokio::join!(call, other)
}

/// A request that went by.
#[derive(Debug, Clone)]
pub struct Seen {
    /// `GetItem`, `Query`, …
    pub operation: String,
    /// Its body.
    pub body: Value,
    wave: usize,
}

impl Seen {
    /// A request as it would go by now.
    pub fn of(operation: &str, body: Value) -> Self {
        Self { operation: operation.to_owned(), body, wave: 0 }
    }

    /// Whether it changes the table.
    pub fn writes(&self) -> bool {
        matches!(&*self.operation, "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" | "TransactWriteItems")
    }

    fn is_allowed(&self) -> bool {
        let consistent = |request: &Value| request["ConsistentRead"] == Value::Bool(true);
        let is_metered = self.body["ReturnConsumedCapacity"] == "TOTAL";
        is_metered
            && match &*self.operation {
                "GetItem" | "Query" => consistent(&self.body),
                "BatchGetItem" => self.body["RequestItems"].as_object().is_some_and(|all| all.values().all(consistent)),
                "Scan" | "TransactGetItems" | "ExecuteStatement" => false,
                _ => true,
            }
    }
}

type Rule = Box<dyn FnMut(&Seen) -> Fate + Send>;

/// Requests that were sent side by side: none of them waited for the answer of another.
struct Wave {
    number: usize,
    quiet: Duration,
    /// When their answers are let go, unless another one comes before.
    until: Instant,
}

impl Wave {
    /// Counts a request to this wave, or to the next one when the answers of this one are out.
    fn join(&mut self) -> usize {
        let now = Instant::now();
        if now >= self.until {
            self.number += 1;
        }
        self.until = now + self.quiet;
        self.number
    }

    /// How long the answers of a wave are still held.
    fn left(&self, number: usize) -> Option<Duration> {
        let left = self.until.checked_duration_since(Instant::now())?;
        (number == self.number && !left.is_zero()).then_some(left)
    }
}

struct State {
    upstream: String,
    seen: Mutex<Vec<Seen>>,
    rule: Mutex<Rule>,
    wave: Mutex<Wave>,
    turns: Mutex<Option<(Arc<Interleaving>, usize)>>,
    units: Mutex<f64>,
    on_the_way: watch::Sender<usize>,
}

/// A request between its fate and the engine's answer.
struct OnTheWay<'a>(&'a State);

impl<'a> OnTheWay<'a> {
    fn new(state: &'a State) -> Self {
        state.on_the_way.send_modify(|count| *count += 1);
        Self(state)
    }
}

impl Drop for OnTheWay<'_> {
    fn drop(&mut self) {
        self.0.on_the_way.send_modify(|count| *count -= 1);
    }
}

/// A stretch of wire between the SDK and the engine.
pub struct Wire {
    endpoint: String,
    state: Arc<State>,
}

impl Wire {
    /// A wire to an engine at `http://…`; everything passes.
    pub async fn to(engine: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let upstream = engine.strip_prefix("http://").unwrap().to_owned();
        let state = Arc::new(State {
            upstream,
            seen: Mutex::default(),
            rule: Mutex::new(Box::new(|_| Fate::Pass)),
            wave: Mutex::new(Wave { number: 0, quiet: Duration::ZERO, until: Instant::now() }),
            turns: Mutex::default(),
            units: Mutex::default(),
            on_the_way: watch::Sender::new(0),
        });
        let accepting = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&accepting);
                // A connection that breaks is what the test wanted, or what it will notice.
                tokio::spawn(async move { drop(carry(stream, &state).await) });
            }
        });
        Self { endpoint, state }
    }

    /// Where the SDK reaches it.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Decides the fate of every request from now on.
    pub fn rule(&self, rule: impl FnMut(&Seen) -> Fate + Send + 'static) {
        *self.state.rule.lock().unwrap() = Box::new(rule);
    }

    /// Lets who sends die at its k-th request from now on: that one has the `death`, and no later one arrives. `kill` is
    /// called at each of them.
    pub fn die_at(&self, k: usize, death: &Fate, mut kill: impl FnMut() + Send + 'static) {
        let (death, mut arrived) = (death.clone(), 0);
        self.rule(move |_| {
            arrived += 1;
            if arrived < k {
                return Fate::Pass;
            }
            kill();
            if arrived == k { death.clone() } else { Fate::CutBefore }
        });
    }

    /// Throttles every write from when the engine has billed so many units more.
    pub fn throttle_after(&self, units: f64) {
        let state = Arc::downgrade(&self.state);
        let most = *self.state.units.lock().unwrap() + units;
        self.rule(move |seen| {
            let billed = state.upgrade().map_or(0.0, |state| *state.units.lock().unwrap());
            let is_throttled = seen.writes() && billed >= most;
            if is_throttled { Fate::Answer(400, error("ProvisionedThroughputExceededException")) } else { Fate::Pass }
        });
    }

    /// Holds every answer until no further request has come for so long: what comes after it has
    /// waited for it, and what was sent side by side is told apart from that.
    pub fn hold(&self, quiet: Duration) {
        self.state.wave.lock().unwrap().quiet = quiet;
    }

    /// Lets requests through only when it is this wire's turn.
    pub fn interleave(&self, turns: &Arc<Interleaving>, who: usize) {
        *self.state.turns.lock().unwrap() = Some((Arc::clone(turns), who));
    }

    /// Everything that went by since the last call, oldest first.
    pub fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.state.seen.lock().unwrap())
    }

    /// Everything that went by since there were `count`.
    pub(crate) fn since(&self, count: usize) -> Vec<Seen> {
        self.state.seen.lock().unwrap().get(count..).unwrap_or_default().to_vec()
    }

    /// How many there are to take.
    pub(crate) fn count(&self) -> usize {
        self.state.seen.lock().unwrap().len()
    }

    /// The units that the engine billed since the last call, whether or not anybody waited for its answers.
    pub async fn billed(&self) -> f64 {
        self.quiet().await;
        std::mem::take(&mut *self.state.units.lock().unwrap())
    }

    /// Waits until the engine has answered everything that it was sent, even to clients that are gone.
    pub async fn quiet(&self) {
        let mut on_the_way = self.state.on_the_way.subscribe();
        on_the_way.wait_for(|count| *count == 0).await.unwrap();
    }

    /// Fails on a read that is not strongly consistent, on any scan, and on what does not ask for its price.
    pub fn assert_allowed(&self) {
        for seen in self.state.seen.lock().unwrap().iter() {
            assert!(
                seen.is_allowed(),
                "not strongly consistent, a scan, or not metered: {} {}",
                seen.operation,
                seen.body
            );
        }
    }
}

/// How many times somebody waited for the table: requests that are sent side by side are waited for
/// once. Let the wire hold its answers first, or each request is waited for by itself.
pub fn round_trips(seen: &[Seen]) -> usize {
    seen.iter().map(|seen| seen.wave).collect::<BTreeSet<_>>().len()
}

async fn carry(mut client: TcpStream, state: &State) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut engine: Option<TcpStream> = None;
    while let Some((head, body)) = message(&mut client).await? {
        let target = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("x-amz-target").then(|| value.trim().to_owned())
        });
        let target = target.unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default();
        let mut seen = Seen::of(operation, serde_json::from_slice(&body).unwrap_or_default());
        let on_the_way = OnTheWay::new(state);
        let fate = (state.rule.lock().unwrap())(&seen);
        seen.wave = state.wave.lock().unwrap().join();
        let wave = seen.wave;
        state.seen.lock().unwrap().push(seen);
        held(state, wave).await;
        let turns = state.turns.lock().unwrap().clone();
        let turn = match &turns {
            Some((turns, who)) => Some(turns.wait(*who).await),
            None => None,
        };
        let answer = match &fate {
            Fate::BlackHole => {
                drop(on_the_way);
                tokio::time::sleep(Duration::from_mins(1)).await;
                return Ok(());
            }
            Fate::CutBefore => return Ok(()),
            Fate::Answer(status, body) => canned(*status, body),
            Fate::Pass | Fate::CutAfter | Fate::AnswerAfter(..) => {
                let mut stream = match engine.take() {
                    Some(stream) => stream,
                    None => TcpStream::connect(&state.upstream).await?,
                };
                stream.set_nodelay(true)?;
                stream.write_all(&[head.as_bytes(), &body].concat()).await?;
                let Some((head, body)) = message(&mut stream).await? else { return Ok(()) };
                engine = Some(stream);
                *state.units.lock().unwrap() += units(&String::from_utf8_lossy(&body));
                [head.into_bytes(), body].concat()
            }
        };
        drop((on_the_way, turn));
        match fate {
            Fate::CutAfter => return Ok(()),
            Fate::AnswerAfter(status, body) => client.write_all(&canned(status, &body)).await?,
            _ => client.write_all(&answer).await?,
        }
    }
    Ok(())
}

/// What an answer says that it cost. Recorded text cannot say it: its quotation marks are escaped.
fn units(answer: &str) -> f64 {
    let said = answer.split("\"CapacityUnits\":").skip(1);
    said.filter_map(|rest| rest.split([',', '}']).next()?.trim().parse::<f64>().ok()).sum()
}

/// Waits until the answers of a wave are let go.
async fn held(state: &State, wave: usize) {
    loop {
        let left = state.wave.lock().unwrap().left(wave);
        let Some(left) = left else { return };
        tokio::time::sleep(left).await;
    }
}

fn canned(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Canned\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// One HTTP/1.1 message with a length: its head, blank line included, and its body.
async fn message(stream: &mut TcpStream) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            let head = String::from_utf8_lossy(&bytes).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
            });
            return rest(stream, head, body, length.unwrap_or(0)).await.map(Some);
        }
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&buffer[..read]);
    }
}

async fn rest(
    stream: &mut TcpStream,
    head: String,
    mut body: Vec<u8>,
    length: usize,
) -> std::io::Result<(String, Vec<u8>)> {
    let have = body.len();
    body.resize(length.max(have), 0);
    stream.read_exact(&mut body[have..]).await?;
    Ok((head, body))
}
