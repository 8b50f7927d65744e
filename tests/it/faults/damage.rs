//! Items and settings that cannot be read, and what the log says of it.

use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use tests::runtime::Binaries;

#[tokio::test]
async fn settings_that_cannot_be_read_store_nothing() {
    let faults: [Fault; 5] = [
        |_| Fate::Answer(500, error("InternalServerError")),
        |_| Fate::Answer(400, error("ThrottlingException")),
        |_| Fate::Answer(200, "<html>canary-message</html>".to_owned()),
        |_| Fate::CutAfter,
        |_| Fate::BlackHole,
    ];
    for fault in faults {
        let world = recorded().await;
        let before = world.items();
        world.wire.take();
        world.wire.rule(move |seen| if seen.writes() { Fate::Pass } else { fault(seen) });
        let calls =
            ["create-debug-run", "put-debug-step", "update-debug-run"].map(|operation| {
                let (world, sent) = (&world, request(&world, operation));
                async move {
                    world.nobody().send(TestRequest { deadline: now_millis(world) + 1_500, ..sent }).await.expect(503)
                }
            });
        for answer in join_all(calls).await {
            assert!(!answer.body.contains("recorded") && !answer.body.contains("canary"), "{answer:?}");
        }
        assert!(!world.wire.take().iter().any(Seen::writes));
        assert_eq!(world.items(), before);
    }
}

/// Changes an item of the table behind everybody's back, and gives the item as it was. `null` takes
/// the attribute away.
fn spoil(world: &World, pk: &str, sk: &str, name: &str, value: &Value) -> Value {
    let mut items = world.items().into_iter();
    let found = items.find(|item| item["pk"]["S"] == *pk && item["sk"]["S"].as_str().unwrap().starts_with(sk));
    let item = found.unwrap_or_else(|| panic!("no item {pk} {sk}"));
    let mut spoiled = item.clone();
    spoiled.as_object_mut().unwrap().remove(name);
    if !value.is_null() {
        spoiled[name] = value.clone();
    }
    world.put_item(&spoiled);
    item
}

#[tokio::test]
async fn an_item_that_does_not_decode_is_an_answer_and_a_line_of_the_log_and_stores_nothing() {
    let world = recorded().await;
    let mut large = step_body(None);
    large["metadata"] = json!({"text": noise(1, 6_000)});
    world.recorder().put(&step(1, 1, 3), large).await.expect(201);

    let chat_key = format!("CHAT#{}", chat_id(1));
    let sk = |prefix: &str, rest: &str| (&*chat_key, format!("{prefix}#{}{rest}", run_id(1)));
    let gate = || ("SETTINGS", "DEPLOYMENT".to_owned());
    let opt_in = || ("USER#alice", "SETTINGS".to_owned());
    let chat = || (&*chat_key, "CHAT".to_owned());
    let (run, step, large) = (|| sk("RUN", ""), || sk("STEP", "#00001"), || sk("STEP", "#00003"));
    let (content, chunk) = (|| sk("CHUNK", "#00001"), || sk("CHUNK", "#PART#00003"));
    let (text, yes) = (|| json!({"S": "canary-stored"}), || json!({"BOOL": true}));
    let number = |number: &str| json!({"N": number});
    let bytes = |base64: &str| json!({"B": base64});

    let of_gate = "get-debug-logging get-user-debug-logging get-chat-debug-logging get-debug-decision \
                   create-debug-run put-debug-step update-debug-run";
    let of_opt_in = "get-user-debug-logging get-chat-debug-logging get-debug-decision create-debug-run put-debug-step \
                     update-debug-run";
    let of_chat = "get-chat-debug-logging get-debug-decision list-debug-runs get-debug-run list-debug-steps \
                   get-debug-step get-debug-step-content create-debug-run put-debug-step update-debug-run";
    let of_run = "list-debug-runs get-debug-run list-debug-steps get-debug-step get-debug-step-content create-debug-run \
                  put-debug-step update-debug-run";
    // A list reads what it shows.
    let of_whole_run = "get-debug-run list-debug-steps get-debug-step get-debug-step-content create-debug-run \
                        put-debug-step update-debug-run";
    let of_step = "get-debug-run list-debug-steps get-debug-step get-debug-step-content put-debug-step";
    let of_content = "get-debug-run list-debug-steps get-debug-step get-debug-step-content";
    // Of another step than the one that is asked for alone.
    let of_large = "get-debug-run list-debug-steps";
    let spoiled = [
        (gate(), "allow_users", text(), 503, of_gate),
        (gate(), "allow_users", number("1"), 503, of_gate),
        (opt_in(), "opt_in", text(), 503, of_opt_in),
        (chat(), "owner", Value::Null, 503, of_chat),
        (chat(), "owner", number("1"), 503, of_chat),
        (chat(), "owner", json!({"S": "canary#stored"}), 503, of_chat),
        (chat(), "override", text(), 503, of_chat),
        (chat(), "override", yes(), 503, of_chat),
        (chat(), "deleted", text(), 503, of_chat),
        // Registering a chat reads no setting.
        (chat(), "owner", Value::Null, 500, "put-chat"),
        (run(), "kind", text(), 500, of_run),
        (run(), "kind", Value::Null, 500, of_run),
        (run(), "status", yes(), 500, of_run),
        (run(), "sa", text(), 500, of_run),
        (run(), "sa", number("1.5"), 500, of_run),
        (run(), "ua", number("99999999999999999999"), 500, of_run),
        (run(), "ca", Value::Null, 500, of_run),
        (run(), "digest", text(), 500, of_whole_run),
        (run(), "model", number("1"), 500, of_run),
        (run(), "rci", text(), 500, of_whole_run),
        (run(), "steps", text(), 500, of_run),
        (run(), "fs", text(), 500, of_whole_run),
        (run(), "revision", text(), 500, of_whole_run),
        (run(), "posted", text(), 500, of_whole_run),
        (step(), "operation", text(), 500, of_step),
        (step(), "status", Value::Null, 500, of_step),
        (step(), "write", number("1"), 500, of_step),
        (step(), "turn", yes(), 500, of_step),
        (step(), "it", number("1e100"), 500, of_step),
        (content(), "content", text(), 500, of_content),
        (content(), "write", number("1"), 500, of_content),
        // Of this version, and no frame; a frame that was cut.
        (content(), "content", bytes("AQ=="), 500, of_content),
        (content(), "content", bytes("ASi1L/0="), 500, of_content),
        (large(), "chunks", text(), 500, of_large),
        (large(), "chunks", number("1000000000000"), 500, of_large),
        (chunk(), "content", text(), 500, of_large),
        (chunk(), "content", bytes("AXt9"), 500, of_large),
        // These may be a write that is not over yet, or of a newer version, so they are worth another try.
        (large(), "chunks", number("9"), 503, of_large),
        (large(), "write", json!({"S": "another"}), 503, of_large),
        (content(), "content", Value::Null, 503, of_content),
        (content(), "content", bytes("/w=="), 503, of_content),
        (content(), "write", json!({"S": "another"}), 503, of_content),
        (chunk(), "content", Value::Null, 503, of_large),
        (chunk(), "content", bytes("/w=="), 503, of_large),
    ];
    let mut functions = Binaries::of(&world);
    let requests = about_run_1(&world);
    for ((pk, sk), name, value, status, operations) in spoiled {
        let was = spoil(&world, pk, &sk, name, &value);
        let before = world.items();
        for operation in operations.split_whitespace() {
            let answer = functions.send(&requests[operation]).await;
            assert_eq!(answer.status, status, "{name} = {value}: {operation}: {}", answer.body);
            assert!(!answer.body.contains("canary"), "{name} = {value}: {operation}: {}", answer.body);
        }
        assert_eq!(world.items(), before, "{name} = {value}");
        world.put_item(&was);
    }
    for line in functions.logs().await.into_values().flatten() {
        assert_eq!(line["level"], "error", "{line}");
        assert!(!line["cause"].is_null() && line["cause"] != "panic", "{line}");
        assert!(!line.to_string().contains("canary"), "{line}");
    }
}

#[tokio::test]
async fn a_turn_that_does_not_decode_is_an_answer() {
    let world = recorded().await;
    world.recorder().post(&runs(1), turn("alice", 3, vec![step_body(Some(1))])).await.expect(201);
    let mut large = step_body(Some(1));
    large["metadata"] = json!({"text": noise(1, 400_000)});
    world.recorder().post(&runs(1), turn("alice", 4, vec![large.clone()])).await.expect(201);
    large["metadata"] = json!({"text": noise(1, 6_000)});
    world.recorder().post(&runs(1), turn("alice", 5, vec![large])).await.expect(201);
    let (text, bytes) = (|| json!({"S": "canary-stored"}), |base64: &str| json!({"B": base64}));
    let spoiled = [
        (5, "TURN#", "write", Value::Null, 500),
        (5, "TURN#", "frames", Value::Null, 500),
        (5, "TURN#", "frames", text(), 500),
        (5, "TURN#", "frames", json!({"S": "[[1,1,4000000000]]"}), 500),
        (3, "TURN#", "content", text(), 500),
        (3, "TURN#", "content", Value::Null, 500),
        (5, "CHUNK#", "content", Value::Null, 500),
        (5, "CHUNK#", "write", Value::Null, 500),
        (5, "CHUNK#", "content", bytes("AXt9"), 500),
        (3, "TURN#", "content", bytes("AXt9"), 500),
        (4, "TURN#", "chunks", json!({"N": "1000000"}), 500),
        (4, "CHUNK#", "content", Value::Null, 500),
    ];
    for (n, kind, name, value, status) in spoiled {
        let was = spoil(&world, &format!("CHAT#{}", chat_id(1)), &format!("{kind}{}", run_id(n)), name, &value);
        for path in [run(1, n), format!("{}/steps", run(1, n))] {
            let answer = world.user("alice").get(&path).await;
            assert_eq!(answer.status, status, "{kind} {name} = {value}: {answer:?}");
            assert!(!format!("{answer:?}").contains("canary"), "{kind} {name} = {value}: {answer:?}");
            world.user("mallory").get(&path).await.expect(404);
        }
        world.put_item(&was);
        world.user("alice").get(&run(1, n)).await.expect(200);
    }
    // What a newer version wrote is worth another try.
    for (n, kind) in [(3, "TURN#"), (4, "CHUNK#")] {
        let (pk, sk) = (format!("CHAT#{}", chat_id(1)), format!("{kind}{}", run_id(n)));
        let was = spoil(&world, &pk, &sk, "content", &Value::Null);
        let mut content = STANDARD.decode(was["content"]["B"].as_str().unwrap()).unwrap();
        content[0] = 9;
        spoil(&world, &pk, &sk, "content", &json!({"B": STANDARD.encode(content)}));
        let answer = world.user("alice").get(&run(1, n)).await.expect(503);
        assert_eq!(answer.line["cause"], "content of unknown version 9");
        world.user("mallory").get(&run(1, n)).await.expect(404);
    }
}

#[tokio::test]
async fn a_run_that_does_not_decode_is_nothing_to_others() {
    let world = recorded().await;
    let path = run(1, 1);
    spoil(&world, &format!("CHAT#{}", chat_id(1)), &format!("RUN#{}", run_id(1)), "digest", &json!({"S": "text"}));
    for path in [format!("{path}/steps"), path] {
        world.user("alice").get(&path).await.expect(500);
        world.user("mallory").get(&path).await.expect(404).problem("not-found");
    }
}

#[tokio::test]
async fn a_gate_that_cannot_be_read_is_not_a_closed_gate() {
    let world = recorded().await;
    spoil(&world, "SETTINGS", "DEPLOYMENT", "allow_users", &json!({"S": "true"}));
    let before = world.items();
    for operation in ["put-user-debug-logging", "put-chat-debug-logging"] {
        let (answer, _) = spoiled(&world, &about_run_1(&world)[operation]).await;
        assert_eq!(answer.status, 503, "{operation}: {}", answer.body);
        assert_eq!(world.items(), before, "{operation}");
    }
    // What closes it or opens it anew, and what withdraws consent, needs no old value.
    world.user("alice").put(&opt_in(), json!({"debug_logging_enabled": false})).await.expect(204);
    world.user("alice").put(&chat_setting(1), json!({"override": "off"})).await.expect(204);
    world.admin().put(&gate(), json!({"allow_users": false})).await.expect(204);
    world.admin().get(&gate()).await.expect(200);
}

#[tokio::test]
async fn the_log_names_a_fault_by_its_code_and_quotes_nothing() {
    let world = recorded().await;
    let faults = [
        (Fate::Answer(400, error("AccessDeniedException")), 503, "AccessDeniedException"),
        (Fate::Answer(400, error("ResourceNotFoundException")), 503, "ResourceNotFoundException"),
        (Fate::Answer(500, error("InternalServerError")), 503, "InternalServerError"),
        (Fate::Answer(400, error("ValidationException")), 500, "ValidationException"),
        (Fate::Answer(400, "canary-message".to_owned()), 503, "error without code"),
        (Fate::Answer(200, "canary-message".to_owned()), 503, "unreadable answer"),
        (Fate::CutBefore, 503, "no connection"),
    ];
    let mut functions = Binaries::of(&world);
    for (fate, status, _) in faults.clone() {
        world.wire.rule(move |_| fate.clone());
        for sent in requests(&world) {
            let answer = functions.send(&sent).await.expect(status);
            assert!(!answer.body.contains("canary"), "{answer:?}");
        }
    }
    for (operation, lines) in functions.logs().await {
        for (line, (.., code)) in lines.iter().zip(&faults) {
            assert_eq!(line["level"], "error");
            let cause = line["cause"].as_str().unwrap();
            // Of an answer whose items we read ourselves, or the SDK does.
            let is_unreadable = *code == "unreadable answer" && cause.ends_with(": error without code");
            assert!(is_unreadable || cause.ends_with(&format!(": {code}")), "{operation}, {code}: {line}");
            assert!(!line.to_string().contains("canary"), "{operation}: {line}");
        }
    }
}

#[tokio::test]
async fn the_log_of_a_cancelled_transaction_quotes_nothing() {
    let world = recorded().await;
    let put = request(&world, "put-debug-step");
    let mut functions = Binaries::of(&world);
    for (code, status) in
        [("TransactionConflict", 503), ("ValidationError", 500), ("ItemCollectionSizeLimitExceeded", 500)]
    {
        world.wire.rule(move |seen| match &*seen.operation {
            "TransactWriteItems" => busy(seen, code),
            _ => Fate::Pass,
        });
        functions.send(&put).await.expect(status);
    }
    for line in functions.logs().await.into_values().flatten() {
        assert!(!line["cause"].is_null() && !line.to_string().contains("canary"), "{line}");
    }
}
