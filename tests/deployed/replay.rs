//! Recorded traffic, replayed by the client through the gateway and read back byte for byte.

use crate::stage::{fresh, on_stage};
use api::{ids::ChatId, run::RunDetail, time::Timestamp};
use client::{
    Client, RunOutcome,
    replay::{ReplayedTurn, open, record},
};
use local::issuer::TokenRole;
use tests::corpus;

const FILE: &str = "langchain-anthropic-1.7.10.jsonl.gz";

#[test]
fn a_replayed_file_comes_back_byte_for_byte() {
    on_stage(async |stage| {
        let Some(corpus) = corpus::folder() else { return };
        let owner = stage.owner().await;
        let recorder = Client::new(stage.url(), &stage.token("recorder-1", TokenRole::Recorder)).unwrap();
        let reader = Client::new(stage.url(), &stage.token(&owner, TokenRole::User)).unwrap();
        let start: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let mut bytes = 0;
        for conversation in open(&corpus.join(FILE)).unwrap() {
            let conversation = conversation.unwrap();
            let chat: ChatId = fresh().parse().unwrap();
            let turn = ReplayedTurn::new(&conversation, &owner.parse().unwrap(), &chat.into(), start);
            let outcome = record(&recorder, &turn).await.unwrap();
            assert!(matches!(outcome, RunOutcome::Created(..)), "{}: {outcome:?}", conversation.source);
            let page = reader.get_debug_run(chat, turn.run.id.unwrap()).await.unwrap();
            assert!(page.next.is_none(), "{} fits an answer", conversation.source);
            bytes += compare(&turn, &page.body);
        }
        assert!(bytes > 100_000, "the file was not read");
    });
}

/// Fails unless everything is as it was given; gives the number of recorded bytes.
fn compare(turn: &ReplayedTurn, read: &RunDetail) -> usize {
    let mut bytes = 0;
    assert_eq!(read.steps.len(), turn.run.steps.len());
    for (given, step) in turn.run.steps.iter().zip(&read.steps) {
        assert_eq!(Some(step.step_number), given.step_number);
        assert_eq!(step.normalized_request, given.normalized_request);
        assert_eq!(step.normalized_response, given.normalized_response);
        assert_eq!((&step.usage, &step.error, &step.metadata), (&given.usage, &given.error, &given.metadata));
        assert_eq!(step.attempts.len(), given.attempts.len());
        for (given, attempt) in given.attempts.iter().zip(&step.attempts) {
            assert_eq!(attempt.request_body, given.request_body);
            assert_eq!(attempt.response_body, given.response_body);
            assert_eq!((attempt.response_status, &attempt.url), (given.response_status, &given.url));
            bytes +=
                [&given.request_body, &given.response_body].into_iter().flatten().map(|it| it.0.len()).sum::<usize>();
        }
    }
    bytes
}
