//! That everything is there, and what anyone may read of it.

use crate::stage::{fresh, on_stage};
use api::routes::{Callers, GET_DOCS, GET_OPENAPI, GET_VIEWER, LIST_DEBUG_RUNS, ROUTES};
use local::gateway::STACK;
use serde_json::json;
use tests::{openapi, world::run_id};

#[test]
fn the_functions_are_there_and_answer_themselves() {
    on_stage(async |stage| {
        // A function whose code is missing answers 200 there, and says something of its own.
        let answer = stage.user("user-1").call(&LIST_DEBUG_RUNS, &[&fresh()], None).await.expect(404);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(answer.header("x-request-id").is_some());

        let Some(here) = stage.here("the size of each function's code") else { return };
        for route in ROUTES {
            let name = json!({"FunctionName": format!("{STACK}-{}:live", route.operation)});
            let function = here.gateway.control.call("lambda", "get_function_configuration", name).await.unwrap();
            assert!(function["CodeSize"].as_u64() > Some(1_000_000), "{}: {function}", route.operation);
        }
    });
}

#[test]
fn anyone_may_read_what_the_api_says_of_itself_and_nothing_else() {
    on_stage(async |stage| {
        let document = stage.nobody().call(&GET_OPENAPI, &[], None).await.expect(200);

        let committed = document.json() == *openapi::DOCUMENT;
        assert!(committed, "the document that is served is not the one that is committed: build the functions again");
        let docs = stage.nobody().call(&GET_DOCS, &[], None).await.expect(200);
        assert!(docs.header("content-type").is_some_and(|it| it.starts_with("text/html")), "{:?}", docs.headers);
        let viewer = stage.nobody().call(&GET_VIEWER, &[], None).await.expect(200);
        let policy = viewer.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("trusted-types 'none'"), "{policy}");
        if let Some(here) = stage.here("that the viewer signs in at the issuer of the parameters") {
            assert!(policy.contains(&format!("connect-src 'self' {};", here.issuer.url())), "{policy}");
        }
        for route in ROUTES.into_iter().filter(|route| route.callers != Callers::Anyone) {
            let refused = stage.nobody().call(route, &[&fresh(), &run_id(1), "1"], None).await;
            assert_eq!(refused.status, 401, "{}", route.operation);
        }
        let unknown = stage.user("user-1").send("GET", "/api/experimental/chats/config/unknown", None).await;
        assert_eq!(unknown.status, 404, "a path that is no route: {unknown:?}");
    });
}
