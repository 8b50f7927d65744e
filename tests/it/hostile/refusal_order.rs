//! When several things are wrong with a request, they are said in one order.

use super::*;
use api::{
    problem::MAX_BODY_BYTES,
    routes::{
        GET_DEBUG_DECISION, LIST_CHATS, LIST_DEBUG_RUNS, LIST_DEBUG_STEPS, PUT_CHAT_DEBUG_LOGGING,
        PUT_USER_DEBUG_LOGGING,
    },
};
use tests::cases::valid_query;

/// What can be wrong with a request, in the order in which it is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Defect {
    Token,
    Role,
    Type,
    Size,
    ChatId,
    Chat,
    RunId,
    Run,
    Forced,
    Gate,
    Input,
}

impl Defect {
    const ALL: [Self; 11] = [
        Self::Token,
        Self::Role,
        Self::Type,
        Self::Size,
        Self::ChatId,
        Self::Chat,
        Self::RunId,
        Self::Run,
        Self::Forced,
        Self::Gate,
        Self::Input,
    ];

    fn can_be_of(self, route: &Route) -> bool {
        let is_one_of = |routes: &[&Route]| routes.contains(&route);
        match self {
            Self::Token => route.callers != Callers::Anyone,
            Self::Role => !matches!(route.callers, Callers::Anyone | Callers::Authenticated),
            Self::Type | Self::Size => route.has_body(),
            Self::ChatId | Self::Chat => route.has_parameter("chat"),
            Self::RunId | Self::Run => route.has_parameter("run"),
            Self::Forced | Self::Gate => is_one_of(&[&PUT_USER_DEBUG_LOGGING, &PUT_CHAT_DEBUG_LOGGING]),
            Self::Input => {
                route.has_body() || is_one_of(&[&LIST_CHATS, &LIST_DEBUG_RUNS, &LIST_DEBUG_STEPS, &GET_DEBUG_DECISION])
            }
        }
    }

    fn refusal(self, route: &Route) -> (u16, &'static str) {
        match self {
            Self::Token => (401, "unauthenticated"),
            Self::Role => match route.callers {
                Callers::Admin => (403, "admin-only"),
                Callers::Recorder => (403, "recorder-only"),
                Callers::User | Callers::Anyone | Callers::Authenticated => (403, "user-only"),
            },
            Self::Type => (415, "unsupported-media-type"),
            Self::Size => (413, "body-too-large"),
            Self::ChatId | Self::RunId => (400, "invalid-id"),
            Self::Chat | Self::Run => (404, "not-found"),
            Self::Forced => (409, "forced-by-deployment"),
            Self::Gate => (403, "gate-closed"),
            Self::Input if route.has_body() => (400, "invalid-body"),
            Self::Input => (400, "invalid-query"),
        }
    }
}

/// Sends a request with all of these defects at once.
async fn defective(world: &World, route: &Route, defects: &[Defect]) -> TestResponse {
    let has = |defect| defects.contains(&defect);
    if Defect::Gate.can_be_of(route) {
        world.admin().put(&gate(), json!({"allow_users": !has(Defect::Gate)})).await.expect(204);
    }
    let caller = match route.callers {
        _ if has(Defect::Token) => world.bearer("no.token.atall"),
        Callers::User if has(Defect::Role) => world.recorder(),
        Callers::Admin | Callers::Recorder if has(Defect::Role) => world.user(OWNER),
        _ => caller(world, route),
    };
    let chat = match () {
        () if has(Defect::ChatId) => named_chat_id().to_uppercase(),
        () if has(Defect::Chat) => chat_id(4),
        () => named_chat_id(),
    };
    let run = match () {
        () if has(Defect::RunId) => run_id(2).to_uppercase(),
        () if has(Defect::Run) => run_id(99),
        () => run_id(2),
    };
    let query = if has(Defect::Input) && !route.has_body() { "?nope=1".to_owned() } else { valid_query(route, OWNER) };
    let body = full_body(route).map(|good| match () {
        () if has(Defect::Size) => "{".repeat(MAX_BODY_BYTES + 1),
        () if has(Defect::Input) => "{".to_owned(),
        () => good.to_string(),
    });
    let mut ids = vec![chat, run, "7".to_owned(), "request".to_owned()];
    if route.has_parameter("key") {
        let made = world.user(OWNER).post(&recorder_keys(), json!({})).await.expect(201).json();
        ids = vec![made["id"].as_str().unwrap().to_owned()];
    }
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let path = format!("{}{query}", fill(route, &ids));
    let mut sent = caller.request(route.method.as_str(), &path, body.map(String::into_bytes));
    if has(Defect::Type) {
        sent.headers.retain(|(name, _)| name != "content-type");
    }
    caller.send(sent).await
}

#[tokio::test]
async fn every_route_says_what_is_wrong_in_one_order() {
    for route in ROUTES {
        let world = recorded().await;
        if route.has_parameter("step_number") && !route.has_body() {
            world.recorder().put(&format!("{}/steps/7", named_run(2)), step_body(None)).await.expect(201);
        }
        let defects: Vec<Defect> =
            Defect::ALL.into_iter().filter(|defect| *defect != Defect::Forced && defect.can_be_of(route)).collect();
        for first in 0..defects.len() {
            let mut rest = defects[first..].to_vec();
            // 5 MiB again and again take their time; one route has them in every place.
            rest.retain(|defect| {
                *defect != Defect::Size || defects[first] == Defect::Size || route.operation == "create-debug-run"
            });
            let answer = defective(&world, route, &rest).await;
            let (status, slug) = defects[first].refusal(route);
            assert_eq!(answer.status, status, "{} with {rest:?}: {answer:?}", route.operation);
            let problem = answer.problem(slug);
            if let Defect::ChatId | Defect::RunId = defects[first] {
                let expected = if defects[first] == Defect::ChatId { "chat" } else { "run" };
                assert_eq!(problem.validations[0].field, expected, "{}", route.operation);
            }
        }
        let answer = defective(&world, route, &[]).await;
        assert!(answer.status < 300, "{}: {answer:?}", route.operation);
    }
}

#[tokio::test]
async fn forced_comes_behind_the_chat_and_before_everything_that_could_be_changed() {
    for route in [&PUT_USER_DEBUG_LOGGING, &PUT_CHAT_DEBUG_LOGGING] {
        let world = World::forced().await;
        for (chat, owner) in [(named_chat(OWNER, NAME), OWNER), (chat(4), "bob")] {
            world.recorder().put(&chat, json!({"owner_id": owner})).await.expect(201);
        }
        let before_forced: Vec<Defect> = Defect::ALL
            .into_iter()
            .take_while(|defect| *defect != Defect::Forced)
            .filter(|defect| *defect != Defect::Size && defect.can_be_of(route))
            .collect();
        for first in 0..=before_forced.len() {
            let expected = before_forced.get(first).copied().unwrap_or(Defect::Forced);
            let (status, slug) = expected.refusal(route);
            for behind in [&[Defect::Gate, Defect::Input][..], &[Defect::Input], &[Defect::Gate], &[]] {
                let answer = defective(&world, route, &[&before_forced[first..], behind].concat()).await;
                assert_eq!(answer.status, status, "{} {expected:?}: {answer:?}", route.operation);
                answer.problem(slug);
            }
        }
    }
}
