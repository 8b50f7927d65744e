//! Real traffic, stored and read back byte for byte.

use api::{
    problem::MAX_BODY_BYTES,
    run::{CreateRun, Run, RunDetail},
    time::Timestamp,
};
use client::replay::{ReplayedTurn, chat_of, open};
use std::path::Path;
use tests::{corpus, world::*};

const FILES: [&str; 2] = ["langchain-anthropic-1.7.10.jsonl.gz", "otel-openai-v2-2.4b0.jsonl.gz"];

fn turns(file: &Path) -> Vec<ReplayedTurn> {
    let conversations = open(file).unwrap();
    let owner = "alice".parse().unwrap();
    let start: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
    let turn = |conversation: Result<client::replay::Conversation, _>| {
        let conversation = conversation.unwrap();
        let turn = ReplayedTurn::new(&conversation, &owner, &chat_of(&conversation.source), start);
        assert_eq!(attempts(&turn.run), conversation.calls.len(), "every call of {}", conversation.source);
        turn
    };
    conversations.map(turn).collect()
}

fn attempts(run: &CreateRun) -> usize {
    run.steps.iter().map(|step| step.attempts.len()).sum()
}

#[tokio::test]
async fn every_conversation_comes_back_byte_for_byte() {
    let Some(corpus) = corpus::folder() else { return };
    let world = World::recording("alice").await;
    let mut bytes = 0;
    for turn in FILES.into_iter().flat_map(|file| turns(&corpus.join(file))) {
        let runs = format!("{}/{}/debug/runs", api::routes::BASE, turn.chat);
        let body = serde_json::to_string(&turn.run).unwrap();
        assert!(body.len() <= MAX_BODY_BYTES);
        world.recorder().post(&runs, &body).await.expect(201);

        let id = turn.run.id.unwrap();
        let read = world.user("alice").get(&format!("{runs}/{id}")).await.expect(200);
        assert_eq!(read.next(), None);
        let detail: RunDetail = serde_json::from_str(&read.body).unwrap();
        assert_eq!(detail.steps.len(), turn.run.steps.len());
        for (given, step) in turn.run.steps.iter().zip(&detail.steps) {
            assert_eq!(Some(step.step_number), given.step_number);
            assert_eq!(step.normalized_request, given.normalized_request);
            assert_eq!(step.normalized_response, given.normalized_response);
            assert_eq!((&step.usage, &step.error, &step.metadata), (&given.usage, &given.error, &given.metadata));
            for (given, attempt) in given.attempts.iter().zip(&step.attempts) {
                assert_eq!(attempt.request_body, given.request_body);
                assert_eq!(attempt.response_body, given.response_body);
                assert_eq!((attempt.response_status, &attempt.url), (given.response_status, &given.url));
                bytes += attempt.request_body.as_ref().map_or(0, |body| body.0.len());
            }
        }
        let listed: Vec<Run> = serde_json::from_str(&world.user("alice").get(&runs).await.body).unwrap();
        assert_eq!(listed, [detail.run]);
    }
    assert!(bytes > 100_000, "the corpus was not read");
    let stored: String = world.items().iter().map(serde_json::Value::to_string).collect();
    assert!(!stored.contains("test_openai_api_key"), "the recorded keys are redacted");
}
