//! Steps whose recorder counts nothing: they are counted by what the model answered.

use super::*;

/// A frame of Amazon's event streams.
fn frame(event: &str, payload: &str) -> Vec<u8> {
    let (name, value) = (":event-type", event);
    let header: Vec<u8> = [
        &[u8::try_from(name.len()).unwrap()],
        name.as_bytes(),
        &[7],
        &u16::try_from(value.len()).unwrap().to_be_bytes(),
        value.as_bytes(),
    ]
    .concat();
    let length = |bytes: usize| u32::try_from(bytes).unwrap().to_be_bytes();
    let whole = length(16 + header.len() + payload.len());
    [&whole, &length(header.len()), &[0; 4], &*header, payload.as_bytes(), &[0; 4]].concat()
}

fn answered(body: &[u8]) -> Value {
    json!({"number": 1, "status": "completed", "response_status": 200, "response_body": STANDARD.encode(body)})
}

/// A step without `usage`.
fn uncounted(number: Option<u32>, attempts: Value) -> Value {
    let mut step = step_body(number);
    step.as_object_mut().unwrap().remove("usage");
    step["attempts"] = attempts;
    step
}

const PLAIN: &str = r#"{"type":"message","content":[{"type":"text","text":"Hi"}],"usage":{"input_tokens":10,"cache_creation_input_tokens":20,"cache_read_input_tokens":300,"output_tokens":4}}"#;
const SSE: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}],\"usage\":null}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":330,\"completion_tokens\":4,\"prompt_tokens_details\":{\"cached_tokens\":300,\"cache_write_tokens\":20}}}\n\ndata: [DONE]\n\n";
const LINES: &str = "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"done\":false}\n{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"prompt_eval_count\":330,\"eval_count\":4}\n";

/// The answers of a turn's steps, and whether each says what was cached.
fn answers() -> Vec<(Vec<u8>, bool)> {
    let usage =
        r#"{"usage":{"inputTokens":10,"cacheWriteInputTokens":20,"cacheReadInputTokens":300,"outputTokens":4}}"#;
    let frames = [frame("messageStart", r#"{"role":"assistant"}"#), frame("metadata", usage)].concat();
    let bodies = [PLAIN.into(), SSE.into(), gzip(SSE), frames];
    let mut answers: Vec<_> = bodies.into_iter().map(|body: Vec<u8>| (body, true)).collect();
    answers.push((LINES.into(), false));
    answers
}

#[tokio::test]
async fn a_step_without_usage_is_counted_by_its_answer_however_it_was_recorded() {
    let world = World::recording("alice").await;
    let answers = answers();
    let steps = (1..).zip(&answers).map(|(number, (body, _))| (number, json!([answered(body)])));
    let posted = steps.clone().map(|(number, attempts)| uncounted(Some(number), attempts)).collect::<Vec<_>>();
    world.recorder().post(&runs(1), turn("alice", 1, posted.clone())).await.expect(201);
    world.recorder().post(&runs(1), open_turn("alice", 2, posted)).await.expect(201);
    world.recorder().post(&runs(1), open_run("alice", 3)).await.expect(201);
    for (number, attempts) in steps {
        world.recorder().put(&step(1, 3, number), uncounted(None, attempts)).await.expect(201);
    }
    for n in [2, 3] {
        world.recorder().patch(&run(1, n), json!({"status": "completed"})).await.expect(200);
    }
    let summary = json!({
        "step_count": 5, "total_input_tokens": 1650, "total_output_tokens": 20, "total_cache_creation_tokens": 80,
        "total_cache_read_tokens": 1200,
    });
    for n in [1, 2, 3] {
        let read = detail(&world, n).await;
        assert_eq!(read["summary"], summary, "run {n}");
        let outlines = world.user("alice").get(&format!("{}/steps?outline=true", run(1, n))).await.expect(200).json();
        let views = world.user("alice").get(&format!("{}/view", run(1, n))).await.expect(200).json();
        for (index, (_, is_cached)) in answers.iter().enumerate() {
            let mut counted = json!({
                "from": "attempts/1/response", "tokens": {"input_tokens": 330, "output_tokens": 4},
                "include": {"input": [], "output": []},
            });
            if *is_cached {
                counted["tokens"]["cache_creation_tokens"] = json!(20);
                counted["tokens"]["cache_read_tokens"] = json!(300);
                counted["include"]["input"] = json!(["cache_creation", "cache_read"]);
            }
            let step = &read["steps"][index];
            assert_eq!((&step["counted"], step.get("usage")), (&counted, None), "run {n}, step {index}");
            let names = ["input_tokens", "output_tokens", "cache_creation_tokens", "cache_read_tokens"];
            assert_eq!(names.map(|name| &outlines[index][name]), names.map(|name| &counted["tokens"][name]), "run {n}");
            let view = &views[index];
            let names = ["input", "output", "cache_creation", "cache_read"];
            let shown = names.map(|name| &view["tokens"][name]);
            assert_eq!(shown, names.map(|name| &counted["tokens"][format!("{name}_tokens")]), "run {n}, step {index}");
            assert_eq!((&view["tokens_from"], &view["tokens_include"]), (&counted["from"], &counted["include"]));
        }
    }
}

#[tokio::test]
async fn what_a_recorder_counts_and_what_no_model_answered_is_not_counted_again() {
    let world = World::recording("alice").await;
    let failed = |body: &str| {
        let mut attempt = answered(body.as_bytes());
        attempt["status"] = json!("failed");
        attempt
    };
    let mut counted = uncounted(Some(1), json!([answered(PLAIN.as_bytes())]));
    counted["usage"] = json!({"input_tokens": 1});
    let mut refused = answered(PLAIN.as_bytes());
    refused["response_status"] = json!(429);
    let steps = vec![
        counted,
        uncounted(Some(2), json!([failed(PLAIN)])),
        uncounted(Some(3), json!([answered(PLAIN.as_bytes()), refused])),
        uncounted(Some(4), json!([answered(b"<html>")])),
        uncounted(Some(5), json!([answered(SSE.as_bytes()), failed("")])),
    ];
    let posted = world.recorder().post(&runs(1), turn("alice", 1, steps)).await.expect(201).json();
    assert_eq!(posted["run"]["summary"]["total_input_tokens"], json!(331), "of the first and the last");
    let read = detail(&world, 1).await;
    let of = |index: usize| read["steps"][index].get("counted").map(|counted| &counted["from"]);
    assert_eq!([0, 1, 2, 3, 4].map(of), [None, None, None, None, Some(&json!("attempts/1/response"))]);
    assert_eq!(read["steps"][0]["usage"], json!({"input_tokens": 1}));
}

#[tokio::test]
async fn the_same_post_again_is_the_same_answer_also_when_it_was_counted() {
    let world = World::recording("alice").await;
    for body in [
        turn("alice", 1, vec![uncounted(Some(1), json!([answered(PLAIN.as_bytes())]))]),
        open_turn("alice", 2, vec![uncounted(Some(1), json!([answered(SSE.as_bytes())]))]),
    ] {
        let first = world.recorder().post(&runs(1), &body).await.expect(201);
        assert_eq!(world.recorder().post(&runs(1), &body).await.expect(200).body, first.body);
    }
    world.recorder().patch(&run(1, 2), json!({"status": "completed"})).await.expect(200);
    // Nothing of what is counted was posted, so it cannot be posted either.
    let mut step = uncounted(Some(1), json!([]));
    step["counted"] = detail(&world, 1).await["steps"][0]["counted"].clone();
    world.recorder().post(&runs(1), turn("alice", 3, vec![step])).await.expect(400);
}

#[tokio::test]
async fn a_step_that_is_replaced_is_counted_anew() {
    let world = World::recording("alice").await;
    world.recorder().post(&runs(1), open_run("alice", 1)).await.expect(201);
    for (attempts, status) in [
        (json!([answered(PLAIN.as_bytes())]), 201),
        (json!([]), 200),
        (json!([answered(SSE.as_bytes())]), 200),
        (json!([answered(LINES.as_bytes())]), 200),
    ] {
        world.recorder().put(&step(1, 1, 1), uncounted(None, attempts)).await.expect(status);
    }
    world.recorder().patch(&run(1, 1), json!({"status": "completed"})).await.expect(200);
    let summary = json!({"step_count": 1, "total_input_tokens": 330, "total_output_tokens": 4});
    assert_eq!(detail(&world, 1).await["summary"], summary);
}

#[tokio::test]
async fn what_is_counted_is_what_is_stored() {
    let world = World::recording("alice").await;
    let key = "sk-ant-api03-0123456789abcdefghijklmnop";
    let body = PLAIN.replace("Hi", key);
    let step = uncounted(Some(1), json!([answered(body.as_bytes())]));
    let posted = world.recorder().post(&runs(1), turn("alice", 1, vec![step])).await.expect(201).json();
    assert_eq!(posted["run"]["summary"]["total_input_tokens"], json!(330));
    // A body that cannot be read counts nothing.
    let withheld = uncounted(
        Some(1),
        json!([{
            "number": 1, "status": "completed", "response_status": 200, "response_headers": {"content-encoding": "br"},
            "response_body": STANDARD.encode(b"\x1b\xff\x80\x00"),
        }]),
    );
    let posted = world.recorder().post(&runs(1), turn("alice", 2, vec![withheld])).await.expect(201).json();
    assert_eq!(posted["run"]["summary"]["total_input_tokens"], json!(0));
}
