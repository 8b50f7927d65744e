//! What a retry helps against, what it does not, and how long anybody waits.

use super::*;
use futures_util::future::join_all;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// The first tries of every request meet this fate.
fn first_tries(count: usize, fate: Fate) -> impl FnMut(&Seen) -> Fate + Send {
    let mut seen_before = HashMap::new();
    move |seen| {
        let times = seen_before.entry(format!("{} {}", seen.operation, seen.body)).or_insert(0);
        *times += 1;
        if *times <= count { fate.clone() } else { Fate::Pass }
    }
}

/// Codes that a retry helps against.
const PASSING: [(u16, &str); 5] = [
    (400, "ProvisionedThroughputExceededException"),
    (400, "ThrottlingException"),
    (400, "RequestLimitExceeded"),
    (500, "InternalServerError"),
    (503, "ServiceUnavailable"),
];

/// Codes that somebody has to look at.
const LASTING: [&str; 5] = [
    "AccessDeniedException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
    "ExpiredTokenException",
    "InvalidSignatureException",
];

#[tokio::test]
async fn what_passes_is_waited_for() {
    let mut fates: Vec<_> = PASSING.into_iter().map(|(status, code)| Fate::Answer(status, error(code))).collect();
    fates.extend([
        Fate::CutBefore,
        Fate::CutAfter,
        Fate::AnswerAfter(500, error("InternalServerError")),
        Fate::AnswerAfter(503, error("ServiceUnavailable")),
    ]);
    let calls = fates.into_iter().map(|fate| async move {
        let world = recorded().await;
        world.wire.rule(first_tries(2, fate.clone()));
        for sent in requests(&world) {
            let (answer, seen) = spoiled(&world, &sent).await;
            assert!(is_success(&sent, &answer), "{fate:?} on {} {}: {answer:?}", sent.method, sent.path);
            assert!(most_tries(&seen) <= 3, "{seen:?}");
            world.wire.quiet().await;
        }
    });
    join_all(calls).await;
}

#[tokio::test]
async fn what_does_not_pass_is_a_503_after_three_tries() {
    let mut fates: Vec<_> = PASSING.into_iter().map(|(status, code)| Fate::Answer(status, error(code))).collect();
    fates.push(Fate::CutBefore);
    let calls = fates.into_iter().map(|fate| async move {
        let world = recorded().await;
        for at in 0..tried().count() {
            let world = world.beside().await;
            let sent = &requests(&world)[at];
            let fate = fate.clone();
            world.wire.rule(move |_| fate.clone());
            let (answer, seen) = spoiled(&world, sent).await;
            answer.expect(503);
            assert_eq!(most_tries(&seen), 3, "{} {}: {seen:?}", sent.method, sent.path);
        }
    });
    join_all(calls).await;
}

#[tokio::test]
async fn what_a_retry_does_not_help_against_is_tried_once() {
    let world = recorded().await;
    let faults = LASTING.map(|code| (code, 503)).into_iter().chain([
        ("ValidationException", 500),
        ("ItemCollectionSizeLimitExceededException", 500),
        ("IdempotentParameterMismatchException", 500),
    ]);
    for (code, status) in faults {
        world.wire.rule(move |_| Fate::Answer(400, error(code)));
        for sent in requests(&world) {
            let (answer, seen) = spoiled(&world, &sent).await;
            assert_eq!(answer.status, status, "{code} on {} {}: {}", sent.method, sent.path, answer.body);
            assert_eq!(most_tries(&seen), 1, "{code} on {} {}: {seen:?}", sent.method, sent.path);
        }
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_a_503() {
    let answers = [
        (200, r#"{"Item":{"pk":{"S":"canary-message"#),
        (200, "<html>canary-message</html>"),
        (200, r#"["canary-message"]"#),
        (200, r#"{"Item":"canary-message"} trailing"#),
        (200, "\u{0}\u{1}canary-message"),
        (400, "<html>canary-message</html>"),
        (400, ""),
        (403, "canary-message"),
        (500, "<html>canary-message</html>"),
        (302, "canary-message"),
    ];
    for (status, body) in answers {
        let world = recorded().await;
        world.wire.rule(move |_| Fate::Answer(status, body.to_owned()));
        for sent in requests(&world) {
            let (answer, seen) = spoiled(&world, &sent).await;
            assert_eq!(answer.status, 503, "{status} {body} on {} {}: {}", sent.method, sent.path, answer.body);
            assert!(most_tries(&seen) <= 3, "{seen:?}");
        }
    }
}

#[tokio::test]
async fn a_page_that_cannot_be_read_is_a_503_and_never_a_short_one() {
    let world = recorded().await;
    let pages = [
        "",
        "{}",
        "<html>canary-message</html>",
        r#"{"Items":"canary-message"}"#,
        r#"{"Items":["canary-message"]}"#,
        r#"{"Items":[{"sk":{"S":1}}]}"#,
        r#"{"Items":[{"sk":{"B":"canary-message"}}]}"#,
        r#"{"Items":[{"sk":{"S":"\ud800"}}]}"#,
        r#"{"Items":[{"sk":{"S":"canary-message"}"#,
    ];
    for page in pages {
        for operation in ["list-debug-runs", "get-debug-run", "list-debug-steps"] {
            let sent = request(&world, operation);
            let is_page = |seen: &Seen| seen.operation == "Query";
            world.wire.rule(move |seen| if is_page(seen) { Fate::Answer(200, page.to_owned()) } else { Fate::Pass });
            let (answer, _) = spoiled(&world, &sent).await;
            assert_eq!(answer.status, 503, "{page} on {operation}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_black_hole_is_a_503_after_a_few_tries() {
    let worlds = join_all(tried().map(|_| recorded())).await;
    let calls = worlds.iter().enumerate().map(|(at, world)| async move {
        world.wire.rule(|_| Fate::BlackHole);
        let (answer, seen) = spoiled(world, &requests(world)[at]).await;
        answer.expect(503);
        assert!((2..=3).contains(&most_tries(&seen)), "tried again on another connection: {seen:?}");
    });
    join_all(calls).await;
}

#[tokio::test]
async fn lambdas_deadline_is_kept_when_it_is_nearer() {
    let worlds = join_all(tried().map(|_| recorded())).await;
    let calls = worlds.iter().enumerate().map(|(at, world)| async move {
        world.wire.rule(|_| Fate::BlackHole);
        let sent = requests(world).remove(at);
        let deadline = now_millis(world) + 1_300;
        let (answer, _) = spoiled(world, &TestRequest { deadline, ..sent }).await;
        answer.expect(503);
        assert!(now_millis(world) < deadline, "an answer that came too late");
    });
    join_all(calls).await;
}

#[tokio::test]
async fn a_request_that_comes_too_late_is_not_begun() {
    let world = recorded().await;
    for left in [50, 300, 340] {
        for sent in requests(&world) {
            let (answer, seen) = spoiled(&world, &TestRequest { deadline: now_millis(&world) + left, ..sent }).await;
            answer.expect(503);
            assert!(seen.is_empty(), "{seen:?}");
        }
    }
}

#[tokio::test]
async fn a_deadline_in_the_past_is_unknown() {
    let world = recorded().await;
    for deadline in [1, now_millis(&world) - 1] {
        let sent = TestRequest { deadline, ..world.admin().request("GET", &gate(), None) };
        spoiled(&world, &sent).await.0.expect(200);
    }
}

#[tokio::test]
async fn a_table_that_nobody_can_be_reached_at_is_a_503() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let world = World::with(&[("AWS_ENDPOINT_URL", &format!("http://{closed}"))]).await;
    for sent in requests(&world) {
        spoiled(&world, &sent).await.0.expect(503);
    }
}

#[tokio::test]
async fn an_answer_that_drips_or_breaks_off_is_a_503() {
    for drips in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let _asked = stream.read(&mut [0; 16 * 1024]).await;
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"Item\":").await;
                    while drips && stream.write_all(b" ").await.is_ok() {
                        tokio::time::sleep(Duration::from_millis(200)).await;
                    }
                });
            }
        });
        let world = World::with(&[("AWS_ENDPOINT_URL", &endpoint)]).await;
        spoiled(&world, &world.admin().request("GET", &gate(), None)).await.0.expect(503);
    }
}

#[tokio::test]
async fn a_storm_of_failures_is_no_storm_of_retries() {
    const CALLS: usize = 200;
    let world = World::new().await;
    world.wire.rule(|_| Fate::Answer(500, error("InternalServerError")));
    let admin = world.admin();
    let (path, _) = (gate(), world.wire.take());
    let answers = join_all((0..CALLS).map(|_| admin.get(&path))).await;
    assert!(answers.iter().all(|answer| answer.status == 503));
    let retries = world.wire.take().len() - CALLS;
    assert!(retries <= 100, "the SDK's retries are rationed: {retries}");
}
