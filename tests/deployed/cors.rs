//! Which web pages may call: those of the stack's own origins.

use crate::stage::{fresh, on_stage};
use api::routes::{LIST_DEBUG_RUNS, ROUTES, fill};
use tests::world::run_id;

const ALLOWED: &str = "access-control-allow-origin";

#[test]
fn a_page_of_the_allowed_origin_may_call_and_a_foreign_one_may_not() {
    on_stage(async |stage| {
        let Some(origin) = stage.web_origin("CORS, which needs WEB_ORIGIN") else { return };
        for route in ROUTES {
            let path = fill(route, &[&fresh(), &run_id(1), "1", "request"]);
            let preflight = async |origin: &str| {
                let asking = stage.nobody().with("origin", origin);
                let asking = asking.with("access-control-request-method", route.method.as_str());
                asking
                    .with("access-control-request-headers", "authorization,content-type,if-none-match")
                    .send("OPTIONS", &path, None)
                    .await
            };
            let allowed = preflight(origin).await;
            assert_eq!(allowed.header(ALLOWED), Some(origin), "{}: {allowed:?}", route.operation);
            let holds = |header: &str, wanted: &str| {
                let given = allowed.header(header).unwrap_or_default().to_lowercase();
                given.split(',').any(|given| given.trim() == wanted.to_lowercase())
            };
            assert!(holds("access-control-allow-methods", route.method.as_str()), "{}: {allowed:?}", route.operation);
            for header in ["authorization", "content-encoding", "content-type", "if-none-match", "if-range", "range"] {
                assert!(holds("access-control-allow-headers", header), "{header}: {allowed:?}");
            }
            assert_eq!(allowed.header("access-control-allow-credentials"), None, "tokens are no cookies");
            for foreign in ["https://evil.example.com", "null", &format!("{origin}.evil.example.com")] {
                let refused = preflight(foreign).await;
                assert_eq!(refused.header(ALLOWED), None, "{foreign}: {refused:?}");
            }
        }
        let read = async |origin: &str| {
            let page = stage.user("user-1").with("origin", origin);
            page.call(&LIST_DEBUG_RUNS, &[&fresh()], None).await.expect(404)
        };
        let allowed = read(origin).await;
        assert_eq!(allowed.header(ALLOWED), Some(origin));
        let exposed = allowed.header("access-control-expose-headers").unwrap_or_default().to_lowercase();
        for header in ["content-disposition", "content-range", "etag", "link", "x-request-id"] {
            assert!(exposed.split(',').any(|it| it.trim() == header), "a page cannot read {header}: {exposed}");
        }
        assert_eq!(read("https://evil.example.com").await.header(ALLOWED), None);
    });
}
