//! Queries and cursors: other parameters, other spellings, and cursors that were changed or made up.

use super::*;
use api::ids::{RunId, StepNumber};
use service::cursor::List;

/// A text as a query carries it, whatever it is.
fn percent(text: impl AsRef<[u8]>) -> String {
    text.as_ref().iter().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02X}"))
}

async fn assert_bad_query(world: &World, path: &str, query: &str, field: &str) {
    let answer = world.user(OWNER).get(&format!("{path}?{query}")).await;
    let shown: String = query.chars().take(200).collect();
    assert_eq!(answer.status, 400, "{shown}: {answer:?}");
    assert_eq!(answer.problem("invalid-query").validations[0].field, field, "{shown}");
    assert!(answer.header("link").is_none());
}

#[tokio::test]
async fn a_list_takes_five_parameters_once_each() {
    let world = recorded().await;
    for query in [
        "limit=1",
        "limit=100",
        "trigger_message_id=14",
        "trigger_message_id=m%C3%A9%20%2F%F0%9F%98%80&kind=compaction",
        "status=completed",
        "kind=chat_turn",
        "status=error&kind=compaction&limit=5",
        "",
        "&&",
        "%6cimit=1",
        "limit=%31",
    ] {
        let answer = world.user(OWNER).get(&format!("{}?{query}", runs(1))).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
    }
    for limit in [
        "0",
        "01",
        "001",
        "00",
        "-1",
        "101",
        "1000000000",
        "18446744073709551617",
        "abc",
        "",
        "1.0",
        "1e1",
        "0x10",
        "+5",
        "%2B5",
        "%2010",
        "10%20",
        "10%00",
        "%D9%A1",
        "%EF%BC%91",
        "10,20",
        "10%26limit=20",
        "null",
        "%0d%0aSet-Cookie:a=b",
    ] {
        assert_bad_query(&world, &runs(1), &format!("limit={limit}"), "limit").await;
    }
    for name in ["status", "kind"] {
        for value in [
            "",
            "nope",
            "Completed",
            "CHAT_TURN",
            "completed,error",
            "completed%00",
            "%20completed",
            "chat-turn",
            "*",
            "%0d%0aSet-Cookie:a=b",
            "%ff",
            "in_progress%23",
        ] {
            assert_bad_query(&world, &runs(1), &format!("{name}={value}"), name).await;
        }
    }
    for id in ["", "%20", "%20a", "a%20", "a%00", "a%0d%0aSet-Cookie:a=b", "a%09b", &"x".repeat(129)] {
        assert_bad_query(&world, &runs(1), &format!("trigger_message_id={id}"), "trigger_message_id").await;
    }
    for (query, field) in [
        ("trigger_message_id=1&trigger_message_id=1", "trigger_message_id"),
        ("limit", "limit"),
        ("limit=10&limit=20", "limit"),
        ("limit=10&limit=10", "limit"),
        ("limit=10&%6Cimit=10", "limit"),
        ("status=error&status=error", "status"),
        ("kind=chat_turn&limit=1&kind=quickgen", "kind"),
        ("nope=1", "nope"),
        ("limit=1&nope", "nope"),
        ("Limit=1", "Limit"),
        ("limit%5B%5D=1", "limit[]"),
        ("limit%00=1", "limit\0"),
        ("%20limit=1", " limit"),
        ("offset=0", "offset"),
        ("_method=DELETE", "_method"),
        ("__proto__=1", "__proto__"),
        ("=1", ""),
        ("%ff=1", "\u{fffd}"),
        ("%0d%0aSet-Cookie:%20a=b", "\r\nSet-Cookie: a"),
        ("limit=1;status=error", "limit"),
    ] {
        assert_bad_query(&world, &runs(1), query, field).await;
    }
    let steps = format!("{}/steps", run(1, 1));
    world.user(OWNER).get(&steps).await.expect(200);
    for query in ["limit=1", "status=completed", "nope=1"] {
        assert_bad_query(&world, &steps, query, query.split('=').next().unwrap()).await;
    }
}

#[tokio::test]
async fn a_parameter_without_a_name_is_called_that() {
    let world = recorded().await;
    for query in ["=", "=1", "limit=1&=1"] {
        let refused = world.user(OWNER).get(&format!("{}?{query}", runs(1))).await.expect(400).problem("invalid-query");
        let detail = "A parameter without a name: is no parameter of this route.";
        assert_eq!(refused.detail.as_deref(), Some(detail), "{query}");
    }
}

/// A list as the functions make it, to forge cursors with: their checksum is no secret.
fn list(path: String, filters: &str) -> List {
    List { path, filters: filters.to_owned() }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_list_and_unchanged_only() {
    let world = recorded().await;
    let next = world.user(OWNER).get(&format!("{}?limit=1", runs(1))).await.expect(200).next().unwrap();
    let cursor = next.split_once("cursor=").unwrap().1;
    world.user(OWNER).get(&next).await.expect(200);
    world.user(OWNER).get(&format!("{}?cursor={cursor}", runs(1))).await.expect(200);
    for at in 0..cursor.len() {
        for bit in 0..8 {
            let mut flipped = cursor.as_bytes().to_vec();
            flipped[at] ^= 1 << bit;
            assert_bad_query(&world, &runs(1), &format!("cursor={}", percent(flipped)), "cursor").await;
        }
    }
    for length in 0..cursor.len() {
        assert_bad_query(&world, &runs(1), &format!("cursor={}", &cursor[..length]), "cursor").await;
    }
    for bad in [
        "0",
        "AQ",
        "~",
        "null",
        "%00",
        "%0d%0aSet-Cookie:a=b",
        "..%2f..%2fetc%2fpasswd",
        "eyJwayI6IkNIQVQjMSJ9",
        &run_id(1),
        &format!("{cursor}="),
        &format!("{cursor}%20"),
        &format!("%20{cursor}"),
        &format!("{cursor}{cursor}"),
        &"A".repeat(8_000),
    ] {
        assert_bad_query(&world, &runs(1), &format!("cursor={bad}"), "cursor").await;
    }
    assert_bad_query(&world, &runs(1), &format!("cursor={cursor}&cursor={cursor}"), "cursor").await;
    for filter in ["status=completed", "kind=chat_turn", "status=in_progress&kind=chat_turn", "trigger_message_id=1"] {
        assert_bad_query(&world, &runs(1), &format!("{filter}&cursor={cursor}"), "cursor").await;
    }
    assert_bad_query(&world, &runs(2), &format!("cursor={cursor}"), "cursor").await;
    assert_bad_query(&world, &format!("{}/steps", run(1, 1)), &format!("cursor={cursor}"), "cursor").await;
    let with_cursor = |n: u32| format!("{}?cursor={cursor}", runs(n));
    world.user("bob").get(&with_cursor(3)).await.expect(400).problem("invalid-query");
    world.user("bob").get(&with_cursor(1)).await.expect(404);
}

#[tokio::test]
async fn a_cursor_of_one_run_is_no_cursor_of_another_nor_of_the_list() {
    let world = recorded().await;
    let first = StepNumber::try_from(1).unwrap();
    let steps = |chat, n| list(format!("{}/steps", run(chat, n)), "");
    let path = format!("{}/steps", run(1, 1));
    let good = world.user(OWNER).get(&format!("{path}?cursor={}", steps(1, 1).cursor(&first))).await.expect(200);
    assert_eq!(good.body, "[]", "nothing stands behind the only step");
    let position: RunId = run_id(1).parse().unwrap();
    for bad in [
        steps(1, 2).cursor(&first),
        steps(2, 1).cursor(&first),
        list(path.clone(), "/").cursor(&first),
        list(runs(1), "").cursor(&first),
        steps(1, 1).cursor(&position),
    ] {
        assert_bad_query(&world, &path, &format!("cursor={bad}"), "cursor").await;
    }
    assert_bad_query(&world, &runs(1), &format!("cursor={}", list(path, "/").cursor(&first)), "cursor").await;
}

#[tokio::test]
async fn a_forged_cursor_moves_inside_the_chat_of_the_path() {
    let world = recorded().await;
    for position in [run_id(4), run_id(99), UUID.into(), "ffffffff-ffff-ffff-ffff-ffffffffffff".into()] {
        let position: RunId = position.parse().unwrap();
        let cursor = list(runs(1), "/").cursor(&position);
        let listed = world.user(OWNER).get(&format!("{}?cursor={cursor}", runs(1))).await.expect(200).json();
        assert!(listed.as_array().unwrap().iter().all(|run| run["chat_id"] == *chat_id(1)), "{listed}");
    }
}
