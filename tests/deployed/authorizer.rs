//! Who is let in, by the gateway and by the functions behind it.

use crate::stage::{Stage, StageCaller, fresh, is_of_function, now, on_stage};
use api::{
    ids::ChatId,
    routes::{
        CREATE_DEBUG_RUN, CREATE_RECORDER_KEY, Callers, DELETE_RECORDER_KEY, GET_DEBUG_RUN, LIST_DEBUG_RUNS, PUT_CHAT,
        PUT_DEBUG_STEP, ROUTES,
    },
    time::Timestamp,
};
use futures_util::future::join_all;
use local::issuer::{Issuer, TokenRole};
use serde_json::{Value, json};
use std::{fmt::Write, time::Duration};
use tests::{
    cases::{valid_body, valid_query},
    golden::assert_golden,
    world::{open_run, run_id, step_body},
};
use tokio::time::sleep;

const CALLERS: [&str; 5] = ["nobody", "stranger", "owner", "admin", "recorder"];

fn caller<'s>(stage: &'s Stage, name: &str, owner: &str) -> StageCaller<'s> {
    match name {
        "nobody" => stage.nobody(),
        "stranger" => stage.user("stranger-1"),
        "owner" => stage.user(owner),
        "admin" => stage.admin(),
        "recorder" => stage.recorder(),
        unknown => panic!("{unknown}"),
    }
}

#[test]
fn every_operation_meets_every_kind_of_caller() {
    on_stage(async |stage| {
        let owner = stage.owner().await;
        let mut printed = format!("{:<24}", "* the gateway itself");
        for name in CALLERS {
            write!(printed, " {name:<9}").unwrap();
        }
        printed = printed.trim_end().to_owned() + "\n";
        for route in ROUTES {
            let mut row = format!("{:<24}", route.operation);
            for name in CALLERS {
                // A chat of its own for each cell, with an open run in it.
                let chat = fresh();
                let posted = stage.recorder().call(&CREATE_DEBUG_RUN, &[&chat], Some(&open_run(&owner, 1))).await;
                posted.expect(201);
                // A step too, where one is read.
                let has_step = route.has_parameter("step_number") && !route.has_body();
                if has_step {
                    let put = [&*chat, &run_id(1), "1"];
                    stage.recorder().call(&PUT_DEBUG_STEP, &put, Some(&step_body(None))).await.expect(201);
                }
                let caller = caller(stage, name, &owner).asking(valid_query(route, &owner));
                let ids = [&*chat, &run_id(1), "1", "request"];
                let answer = caller.call(route, &ids, valid_body(route, &owner).as_ref()).await;
                let whose = if is_of_function(&answer) { "" } else { "*" };
                write!(row, " {:<9}", format!("{}{whose}", answer.status)).unwrap();
                if route.operation == CREATE_RECORDER_KEY.operation && answer.status == 201 {
                    let id = answer.json()["id"].as_str().unwrap().to_owned();
                    caller.call(&DELETE_RECORDER_KEY, &[&id], None).await.expect(204);
                }
                if answer.status >= 400 {
                    let run = stage.user(&owner).call(&GET_DEBUG_RUN, &[&chat, &run_id(1)], None).await.expect(200);
                    let steps = run.json()["steps"].as_array().map(Vec::len);
                    assert_eq!(steps, Some(usize::from(has_step)), "{name} changed something: {}", route.operation);
                }
            }
            writeln!(printed, "{}", row.trim_end()).unwrap();
        }
        assert_golden("gateway.txt", &printed);
    });
}

/// Who refuses a token.
#[derive(Debug, PartialEq, Eq)]
enum Wall {
    /// The gateway's authorizer.
    Gateway,
    /// The function behind it, which verifies every token again.
    Function,
}

#[test]
fn a_token_that_is_wrong_in_one_thing_is_refused_by_the_gateway_or_behind_it() {
    on_stage(async |stage| {
        let Some(here) = stage.here("forged tokens, which need the issuer's key") else { return };
        let issuer = &here.issuer;
        let good = || issuer.claims("user-1", TokenRole::User, now());
        let claims = |spoil: &dyn Fn(&mut Value)| {
            let mut claims = good();
            spoil(&mut claims);
            issuer.sign(issuer.header(), claims).unwrap()
        };
        let header = |spoil: &dyn Fn(&mut Value)| {
            let mut header = issuer.header();
            spoil(&mut header);
            issuer.sign(header, good()).unwrap()
        };
        let without = |name: &str| claims(&|it| drop(it.as_object_mut().unwrap().remove(name)));
        let set = |name: &str, value: Value| claims(&|it| it[name] = value.clone());
        let whole = issuer.sign(issuer.header(), good()).unwrap();
        let (signed, _) = whole.rsplit_once('.').unwrap();
        let stranger = Issuer::generate().unwrap().at(issuer.url().to_owned());

        stage.bearer(&whole).call(&LIST_DEBUG_RUNS, &[&fresh()], None).await.expect(404);
        let wrong = [
            ("no token at all", String::new(), Wall::Gateway),
            ("no JWT", "letmein".to_owned(), Wall::Gateway),
            ("no signature", format!("{signed}."), Wall::Gateway),
            ("a key that nobody published", stranger.sign(stranger.header(), good()).unwrap(), Wall::Gateway),
            ("an unknown key's name", header(&|it| it["kid"] = json!("other")), Wall::Gateway),
            ("another issuer", set("iss", json!("https://issuer.example.com")), Wall::Gateway),
            ("another audience", set("aud", json!("somebody-else")), Wall::Gateway),
            ("expired", set("exp", json!(now() - 3_600)), Wall::Gateway),
            ("not yet good", set("nbf", json!(now() + 3_600)), Wall::Gateway),
            ("no issuer", without("iss"), Wall::Gateway),
            ("no audience", without("aud"), Wall::Gateway),
            // The gateway lets these through.
            ("no end", without("exp"), Wall::Function),
            ("alg none on a good signature", header(&|it| it["alg"] = json!("none")), Wall::Function),
            ("an ID token", set("token_use", json!("id")), Wall::Function),
            ("nobody's", without("sub"), Wall::Function),
        ];
        for (name, token, wall) in wrong {
            let answer = stage.bearer(&token).call(&LIST_DEBUG_RUNS, &[&fresh()], None).await;
            assert_eq!(answer.status, 401, "{name}: {answer:?}");
            match wall {
                Wall::Gateway => assert!(!is_of_function(&answer), "the gateway lets a token through: {name}"),
                Wall::Function => drop(answer.problem("unauthenticated")),
            }
        }
    });
}

#[test]
fn the_recorders_routes_are_guarded_by_their_functions_which_ask_for_its_scope() {
    on_stage(async |stage| {
        for route in ROUTES.into_iter().filter(|route| route.callers == Callers::Recorder) {
            let ids = [&*fresh(), &run_id(1), "1"];
            for (caller, status) in [(stage.user("user-1"), 403), (stage.admin(), 403), (stage.nobody(), 401)] {
                let refused = caller.call(route, &ids, valid_body(route, "user-1").as_ref()).await.expect(status);
                assert!(is_of_function(&refused), "{}: deploy it with RecorderKeys=on", route.operation);
            }
        }
        // A scope's name is a whole word.
        let Some(here) = stage.here("a scope that only begins like the recorder's") else { return };
        let mut claims = here.issuer.claims("user-1", TokenRole::Recorder, now());
        claims["scope"] = json!(format!("{}-not", claims["scope"].as_str().unwrap()));
        let token = here.issuer.sign(here.issuer.header(), claims).unwrap();
        stage.bearer(&token).call(&PUT_CHAT, &[&fresh()], Some(&json!({"owner_id": "user-1"}))).await.expect(403);
    });
}

/// A key of a person's, and its id.
async fn key(person: &StageCaller<'_>, asked: Value) -> (String, String) {
    let made = person.call(&CREATE_RECORDER_KEY, &[], Some(&asked)).await.expect(201).json();
    (made["key"].as_str().unwrap().to_owned(), made["id"].as_str().unwrap().to_owned())
}

#[test]
fn a_key_records_until_it_is_revoked_or_expires_and_does_nothing_else() {
    on_stage(async |stage| {
        let owner = stage.owner().await;
        let (admin, user) = (stage.admin(), stage.user(&owner));
        let soon = Timestamp::from_micros((now() + 3) * 1_000_000).unwrap();
        let (general, general_id) = key(&admin, json!({"general": true})).await;
        let (expiring, expiring_id) = key(&admin, json!({"general": true, "expires_at": soon})).await;
        let (bound, bound_id) = key(&user, json!({})).await;
        let record = async |key: &str, chat: &str, word: Option<&str>| {
            let mut run = open_run(&owner, 1);
            if let Some(word) = word {
                run["external_id"] = json!(word);
            }
            stage.bearer(key).call(&CREATE_DEBUG_RUN, &[chat], Some(&run)).await
        };
        let word = fresh();
        let named = ChatId::named(&owner.parse().unwrap(), &word.parse().unwrap()).to_string();
        record(&general, &fresh(), None).await.expect(201);
        record(&expiring, &fresh(), None).await.expect(201);
        record(&bound, &named, Some(&word)).await.expect(201);
        user.call(&GET_DEBUG_RUN, &[&named, &run_id(1)], None).await.expect(200);
        for chat in [&fresh(), &word] {
            record(&bound, chat, Some(&word)).await.expect(404).problem("not-found");
        }
        for route in ROUTES.into_iter().filter(|route| matches!(route.callers, Callers::Admin | Callers::User)) {
            for key in [&general, &bound] {
                let ids = [&*named, &run_id(1), "1", "request"];
                let refused = stage.bearer(key).call(route, &ids, valid_body(route, &owner).as_ref()).await;
                assert_eq!(refused.status, 401, "{}", route.operation);
            }
        }
        let elsewhere = stage.nobody().with("x-api-key", &general);
        elsewhere.call(&CREATE_DEBUG_RUN, &[&fresh()], Some(&open_run(&owner, 1))).await.expect(401);
        let twice = stage.bearer(&general).with("authorization", &format!("Bearer {bound}"));
        twice.call(&CREATE_DEBUG_RUN, &[&fresh()], Some(&open_run(&owner, 1))).await.expect(401);

        let wrong = |n: u32| format!("{}{n:04}{}", &general[..41], &general[45..]);
        let mut wrong = (0..1_000).map(wrong).filter(|key| *key != general).peekable();
        while wrong.peek().is_some() {
            // The throttle lets no more through at once than a burst.
            let calls = wrong.by_ref().take(20).map(async |key| record(&key, &fresh(), None).await.status);
            assert!(join_all(calls).await.into_iter().all(|status| matches!(status, 401 | 429)));
        }
        record(&general, &fresh(), None).await.expect(201);

        while now() <= soon.millis() / 1_000 {
            sleep(Duration::from_millis(200)).await;
        }
        record(&expiring, &fresh(), None).await.expect(401);
        for (person, id) in [(&admin, &general_id), (&admin, &expiring_id), (&user, &bound_id)] {
            person.call(&DELETE_RECORDER_KEY, &[id], None).await.expect(204);
        }
        record(&general, &fresh(), None).await.expect(401);
        record(&bound, &named, Some(&word)).await.expect(401);
    });
}
