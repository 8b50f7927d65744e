//! A chat that our own handlers recorded, what DynamoDB answers when it is read, and a server that
//! answers just that: over TLS and HTTP/1.1, connections kept, with the headers that AWS sends.
//!
//! A read is known by its operation and the sort key that it begins at. A query must call that lower bound
//! `:from`; beyond this, any client may spell its request as it likes. Every other request is refused,
//! loudly: whoever asks for more is not what is measured.

use super::trust::{RSA_KEY, Trust};
use anyhow::{Context, Result, anyhow};
use flate2::Crc;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use local::{engine::Engine, issuer::Issuer};
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tests::{
    runtime,
    wire::Seen,
    world::{TABLE, World, chat, run, runs, step_body, turn},
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_rustls::TlsAcceptor;

const OWNER: &str = "user-1";
const CHAT: u32 = 1;
/// The runs of a full page.
pub(super) const RUNS: u32 = 100;
/// The steps of the newest one, which is opened.
pub(super) const STEPS: u32 = 5;

/// How long an answer takes, which is about what DynamoDB takes. Without this wait, Go's client would at
/// times be answered before it has finished sending, and break the connection.
pub(super) const LATENCY: Duration = Duration::from_millis(2);

/// What is said to a request that is not among those that were recorded.
const REFUSAL: &str = r#"{
    "__type": "ValidationException",
    "message": "Nothing is recorded for this read. A query must call the sort key that it begins at `:from`."
}"#;

/// The operation, and the sort key that a read begins at.
type Asked = (String, String);

/// What a function is given, and what it must answer.
pub(super) struct Recording {
    /// The environment of a function, but for where DynamoDB is.
    pub(super) variables: Vec<(&'static str, String)>,
    /// The gateway's event that lists the runs, and the answer's body.
    pub(super) list: (Value, Value),
    /// The same for the newest run.
    pub(super) detail: (Value, Value),
    /// The texts and numbers of the runs' items, as a bare query answers them.
    pub(super) items: Value,
    answers: HashMap<Asked, Bytes>,
}

impl Recording {
    /// Records a chat on an embedded DynamoDB and reads it back, keeping what went over the wire.
    pub(super) async fn new() -> Result<Self> {
        let engine = Engine::memory().await?;
        engine.create_table(TABLE)?;
        let world = World::on(engine, Issuer::from_pkcs8(RSA_KEY)?, &[]).await;
        record(&world).await;
        let mut answers = HashMap::new();
        let list = read(&world, &runs(CHAT), &mut answers).await?;
        let items = texts(answers.iter().find(|((operation, _), _)| operation == "Query").map(|(_, body)| body))?;
        let detail = read(&world, &run(CHAT, RUNS - 1), &mut answers).await?;
        Ok(Self { variables: runtime::variables(&world, ""), list, detail, items, answers })
    }

    /// Answers at the endpoint that it gives, until the process ends.
    pub(super) async fn serve(&self, trust: &Trust) -> Result<String> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let endpoint = format!("https://localhost:{}", listener.local_addr()?.port());
        let (answers, acceptor) = (Arc::new(self.answers.clone()), TlsAcceptor::from(Arc::clone(&trust.server)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, acceptor) = (Arc::clone(&answers), acceptor.clone());
                // A connection ends when its function is killed, in the middle of anything.
                tokio::spawn(async move { drop(carry(stream, &acceptor, &answers).await) });
            }
        });
        Ok(endpoint)
    }
}

/// An item's attributes that are texts or numbers, without their types.
fn texts(query: Option<&Bytes>) -> Result<Value> {
    let answer: Value = serde_json::from_slice(query.context("A list makes a query.")?)?;
    let items = answer.get("Items").and_then(Value::as_array).context("A query answers items.")?;
    let plain = |item: &Value| -> Value {
        let attributes = item.as_object().into_iter().flatten();
        let text = |value: &Value| value.get("S").or_else(|| value.get("N")).cloned();
        attributes.filter_map(|(name, value)| Some((name.clone(), text(value)?))).collect()
    };
    Ok(items.iter().take(RUNS as usize).map(plain).collect())
}

/// A hundred finished turns of one step, the newest of five.
async fn record(world: &World) {
    world.consent(OWNER).await;
    world.recorder().put(&chat(CHAT), json!({"owner_id": OWNER})).await.expect(201);
    for n in 0..RUNS {
        let steps = if n == RUNS - 1 { STEPS } else { 1 };
        let mut turn = turn(OWNER, n, (1..=steps).map(step).collect());
        if let Some(turn) = turn.as_object_mut() {
            turn.insert("provider".to_owned(), json!("anthropic"));
            turn.insert("model".to_owned(), json!("claude-sonnet-4-5"));
            let first_message = format!("What is the capital of the country number {n} on the list I sent you?");
            turn.insert("summary".to_owned(), json!({"first_message": first_message}));
        }
        world.recorder().post(&runs(CHAT), turn).await.expect(201);
    }
}

fn step(number: u32) -> Value {
    let mut step = step_body(Some(number));
    if let Some(step) = step.as_object_mut() {
        let attempt = json!({"number": 1, "status": "completed", "method": "POST", "path": "/v1/messages", "response_status": 200});
        step.insert("attempts".to_owned(), json!([attempt]));
    }
    step
}

/// Has the owner read a path. Gives the event and the answer, and keeps what the engine says to each call.
async fn read(world: &World, path: &str, answers: &mut HashMap<Asked, Bytes>) -> Result<(Value, Value)> {
    let owner = world.user(OWNER);
    let (_, event) = owner.request("GET", path, None).event();
    world.wire.take();
    let answer = owner.get(path).await.expect(200).json();
    for Seen { operation, body, .. } in world.wire.take() {
        let asked = asked(&operation, &body).with_context(|| format!("A read of another kind: {operation}"))?;
        let database = world.engine.database();
        let body = match &*operation {
            "GetItem" => serde_json::to_vec(&database.get_item(serde_json::from_value(body)?)?)?,
            "BatchGetItem" => serde_json::to_vec(&database.batch_get_item(serde_json::from_value(body)?)?)?,
            "Query" => serde_json::to_vec(&database.query(serde_json::from_value(body)?)?)?,
            _ => {
                return Err(anyhow!(
                    "There is no answer to {operation} yet: teach infra/bench/src/functions/canned.rs"
                ));
            }
        };
        answers.insert(asked, body.into());
    }
    Ok((event, answer))
}

fn asked(operation: &str, body: &Value) -> Option<Asked> {
    let batch = format!("/RequestItems/{TABLE}/Keys/0/sk/S");
    let places = ["/Key/sk/S", &batch, "/ExpressionAttributeValues/:from/S"];
    let from = places.into_iter().find_map(|place| body.pointer(place))?;
    Some((operation.to_owned(), from.as_str()?.to_owned()))
}

async fn carry(stream: TcpStream, acceptor: &TlsAcceptor, answers: &HashMap<Asked, Bytes>) -> Result<()> {
    stream.set_nodelay(true)?;
    let stream = acceptor.accept(stream).await?;
    let service = service_fn(async |request| answer(request, answers).await);
    Ok(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await?)
}

async fn answer(request: Request<Incoming>, answers: &HashMap<Asked, Bytes>) -> Result<Response<Full<Bytes>>> {
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let body = serde_json::from_slice(&request.into_body().collect().await?.to_bytes())?;
    let found = asked(&operation, &body).and_then(|asked| answers.get(&asked));
    let (status, body) = match found {
        Some(body) => (200, body.clone()),
        None => (400, REFUSAL.into()),
    };
    sleep(LATENCY).await;
    let mut checksum = Crc::new();
    checksum.update(&body);
    Ok(Response::builder()
        .status(status)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-crc32", checksum.sum())
        .header("x-amzn-requestid", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEF")
        .body(Full::new(body))?)
}
