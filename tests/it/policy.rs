//! Every combination of the policy, on screen, in its explanation, and in what is recorded.

use api::settings::{ChatOverride, DecidedBy, Decision};
use serde_json::{Value, json};
use service::policy::{Deployment, OptIn, resolve};
use std::fmt::Write;
use tests::{golden::assert_golden, wire::Fate, world::*};

const OVERRIDES: [(ChatOverride, &str); 3] =
    [(ChatOverride::Inherit, "inherit"), (ChatOverride::On, "on"), (ChatOverride::Off, "off")];

fn decided_by(decision: Decision) -> &'static str {
    match decision.decided_by {
        DecidedBy::Deployment => "deployment",
        DecidedBy::Gate => "gate",
        DecidedBy::Chat => "chat",
        DecidedBy::User => "user",
    }
}

#[test]
fn the_whole_table_is_as_it_was() {
    let mut printed =
        format!("{:<7} {:<7} {:<9} {:<7} {:<9} decided by\n", "forced", "gate", "chat", "opt-in", "recorded");
    for forced in [true, false] {
        for allow_users in [true, false] {
            for (override_, chat) in OVERRIDES {
                for opt_in in [true, false] {
                    let decision = resolve(Deployment { forced, allow_users }, OptIn(opt_in), override_);
                    let word = |yes, a, b| if yes { a } else { b };
                    writeln!(
                        printed,
                        "{:<7} {:<7} {chat:<9} {:<7} {:<9} {}",
                        word(forced, "yes", "no"),
                        word(allow_users, "open", "closed"),
                        word(opt_in, "yes", "no"),
                        word(decision.enabled, "yes", "no"),
                        decided_by(decision),
                    )
                    .unwrap();
                }
            }
        }
    }
    assert_golden("policy.txt", &printed);
}

/// One chat with its owner for each combination of override and opt-in; absent is a state of its own.
struct PolicyCase {
    n: u32,
    override_: Option<(ChatOverride, &'static str)>,
    opt_in: Option<bool>,
}

impl PolicyCase {
    fn all() -> Vec<Self> {
        let overrides = OVERRIDES.map(Some).into_iter().chain([None]);
        let cases = overrides.flat_map(|override_| [Some(true), Some(false), None].map(|opt_in| (override_, opt_in)));
        (1..).zip(cases).map(|(n, (override_, opt_in))| Self { n, override_, opt_in }).collect()
    }

    fn owner(&self) -> String {
        format!("owner-{}", self.n)
    }

    async fn arrange(&self, world: &World) {
        world.recorder().put(&chat(self.n), json!({"owner_id": self.owner()})).await.expect(201);
        if let Some(opted_in) = self.opt_in {
            world.user(&self.owner()).put(&opt_in(), json!({"debug_logging_enabled": opted_in})).await.expect(204);
        }
        if let Some((_, name)) = self.override_ {
            world.user(&self.owner()).put(&chat_setting(self.n), json!({"override": name})).await.expect(204);
        }
    }

    /// Everything that anybody is told or that happens says the same as the policy.
    async fn check(&self, world: &World, deployment: Deployment, run: u32) {
        let (override_, name) = self.override_.unwrap_or(OVERRIDES[0]);
        let opted_in = OptIn(self.opt_in.unwrap_or(false));
        let decision = resolve(deployment, opted_in, override_);
        let owner = world.user(&self.owner());

        let screen = owner.get(&opt_in()).await.expect(200).json();
        let plain = resolve(deployment, opted_in, ChatOverride::Inherit);
        assert_eq!(
            screen,
            json!({
                "debug_logging_enabled": plain.enabled,
                "user_toggle_allowed": deployment.allow_users && !deployment.forced,
                "forced_by_deployment": deployment.forced,
            })
        );
        let explained = owner.get(&chat_setting(self.n)).await.expect(200).json();
        let expected = json!({"override": name, "effective": decision.enabled, "decided_by": decided_by(decision)});
        assert_eq!(explained, expected);
        let told = async |n| world.recorder().get(&debug_decision(n, &self.owner())).await.expect(200).json();
        assert_eq!(told(self.n).await, expected);
        // A chat that is not known yet says nothing: gate and opt-in decide.
        let unknown = json!({"override": "inherit", "effective": plain.enabled, "decided_by": decided_by(plain)});
        assert_eq!(told(1_000 + self.n).await, unknown);

        let before = owner.get(&runs(self.n)).await.expect(200).json().as_array().unwrap().len();
        let posted = world.recorder().post(&runs(self.n), open_run(&self.owner(), run)).await;
        let after = owner.get(&runs(self.n)).await.expect(200).json().as_array().unwrap().len();
        let expected = if decision.enabled {
            (201, Value::Null, before + 1)
        } else {
            (200, json!({"enabled": false, "decided_by": decided_by(decision)}), before)
        };
        let body = posted.json();
        assert_eq!(
            (posted.status, body["decision"].clone(), after),
            expected,
            "{deployment:?} {name} {:?}",
            self.opt_in
        );
        assert_eq!(body["recorded"], json!(decision.enabled));
    }
}

#[tokio::test]
async fn screens_explanation_and_recording_agree_in_every_combination() {
    let world = World::new().await;
    let untouched = PolicyCase { n: 99, override_: None, opt_in: None };
    untouched.arrange(&world).await;
    untouched.check(&world, Deployment { forced: false, allow_users: false }, 1).await;

    let cases = PolicyCase::all();
    world.admin().put(&gate(), json!({"allow_users": true})).await.expect(204);
    for case in &cases {
        case.arrange(&world).await;
    }
    for case in &cases {
        case.check(&world, Deployment { forced: false, allow_users: true }, 2).await;
    }
    world.admin().put(&gate(), json!({"allow_users": false})).await.expect(204);
    for case in &cases {
        case.check(&world, Deployment { forced: false, allow_users: false }, 3).await;
    }
    let World { engine, issuer, .. } = world;
    let forced = World::on(engine, issuer, &[("FORCE_DEBUG_LOGGING", "true")]).await;
    for case in &cases {
        case.check(&forced, Deployment { forced: true, allow_users: false }, 4).await;
    }
    forced.admin().put(&gate(), json!({"allow_users": true})).await.expect(204);
    for case in &cases {
        case.check(&forced, Deployment { forced: true, allow_users: true }, 5).await;
    }
}

/// Closes the gate at the very moment when a setting's write reaches the table.
fn close_gate_in_flight(world: &World) {
    let database = world.engine.database().clone();
    world.wire.rule(move |seen| {
        if seen.operation == "TransactWriteItems" {
            let closed = json!({"TableName": TABLE, "Item": {
                "pk": {"S": "SETTINGS"}, "sk": {"S": "DEPLOYMENT"}, "allow_users": {"BOOL": false},
            }});
            database.put_item(serde_json::from_value(closed).unwrap()).unwrap();
        }
        Fate::Pass
    });
}

#[tokio::test]
async fn a_gate_closed_while_an_opt_in_is_in_flight_wins() {
    let world = World::new().await;
    world.admin().put(&gate(), json!({"allow_users": true})).await.expect(204);
    close_gate_in_flight(&world);
    let answer = world.user("alice").put(&opt_in(), json!({"debug_logging_enabled": true})).await;
    answer.expect(403).problem("gate-closed");
    world.wire.rule(|_| Fate::Pass);
    world.admin().put(&gate(), json!({"allow_users": true})).await.expect(204);
    let screen = world.user("alice").get(&opt_in()).await.json();
    assert_eq!(screen["debug_logging_enabled"], json!(false), "nothing was stored");
}

#[tokio::test]
async fn a_gate_closed_while_an_override_is_in_flight_wins() {
    let world = World::recording("alice").await;
    world.recorder().put(&chat(1), json!({"owner_id": "alice"})).await.expect(201);
    close_gate_in_flight(&world);
    world.user("alice").put(&chat_setting(1), json!({"override": "on"})).await.expect(403).problem("gate-closed");
    let explained = world.user("alice").get(&chat_setting(1)).await.json();
    assert_eq!(explained["override"], json!("inherit"));
}

#[tokio::test]
async fn a_recorder_that_asks_before_it_buffers_leaves_nothing_behind() {
    let world = World::recording("alice").await;
    world.recorder().put(&chat(1), json!({"owner_id": "alice"})).await.expect(201);
    let before = world.items();
    world.wire.take();
    for (n, owner) in [(1, "alice"), (2, "alice"), (2, "bob")] {
        world.recorder().get(&debug_decision(n, owner)).await.expect(200);
        assert_eq!(world.wire.take().len(), 1, "one round trip");
    }
    assert_eq!(world.items(), before);
}

#[tokio::test]
async fn a_decision_is_the_recorders_and_about_its_own_owner() {
    let world = World::recording("alice").await;
    for n in [1, 2] {
        world.recorder().put(&chat(n), json!({"owner_id": "alice"})).await.expect(201);
    }
    world.user("alice").delete(&chat(2)).await.expect(204);
    for caller in [world.user("alice"), world.admin()] {
        caller.get(&debug_decision(1, "alice")).await.expect(403).problem("recorder-only");
    }
    // What an owner sees is no recorder's to see.
    world.recorder().get(&chat_setting(1)).await.expect(403).problem("user-only");

    let ask = async |path: String| world.recorder().get(&path).await;
    ask(debug_decision(1, "bob")).await.expect(409).problem("other-owner");
    for owner in ["alice", "bob", "", "no%20owner"] {
        ask(debug_decision(2, owner)).await.expect(404).problem("not-found");
    }
    ask(debug_decision(2, "alice") + "&mine=1").await.expect(404).problem("not-found");
    ask(debug_decision(1, "alice").replace(&chat_id(1), "no-chat")).await.expect(400).problem("invalid-id");
    for query in ["", "?", "?owner_id", "?owner_id=", "?owner_id=a%20b", "?owner_id=a%23b", "?owner=alice"] {
        let answer = ask(format!("{}/debug/decision{query}", chat(1))).await;
        answer.expect(400).problem("invalid-query");
    }
    for twice in ["&owner_id=alice", "&limit=1"] {
        ask(debug_decision(1, "alice") + twice).await.expect(400).problem("invalid-query");
    }
    // An owner's name may hold what a query quotes.
    world.recorder().put(&chat(3), json!({"owner_id": "a&b=c+d%e"})).await.expect(201);
    ask(debug_decision(3, "a%26b%3Dc%2Bd%25e")).await.expect(200);
    ask(debug_decision(3, "a%26b%3Dc+d%25e")).await.expect(400).problem("invalid-query");
}
