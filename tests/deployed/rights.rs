//! No role can do more than its function needs: every right is taken away once, and somebody has to miss it.

use crate::stage::{Here, Stage, alone_on_stage, fresh};
use api::routes::{CREATE_DEBUG_RUN, CREATE_RECORDER_KEY, Callers, Method, PUT_DEBUG_STEP, ROUTES, Route};
use futures_util::future::join_all;
use local::gateway::STACK;
use serde_json::{Value, json};
use std::{collections::BTreeSet, fmt};
use tests::{
    cases::{valid_body, valid_query},
    world::{TestResponse, noise, open_run, run_id, step_body, turn},
};

/// A function's role and what it may do.
struct IamRole {
    name: String,
    policies: Vec<(String, Value)>,
}

impl IamRole {
    async fn of(here: &Here, operation: &str) -> Self {
        let call = async |service: &str, call: &str, parameters| {
            here.gateway.control.call(service, call, parameters).await.unwrap()
        };
        let function = json!({"FunctionName": format!("{STACK}-{operation}")});
        let function = call("lambda", "get_function_configuration", function).await;
        let name = function["Role"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let attached = call("iam", "list_attached_role_policies", json!({"RoleName": name})).await;
        assert_eq!(attached["AttachedPolicies"], json!([]), "{operation} has rights that are not its own");
        let mut policies = Vec::new();
        let listed = call("iam", "list_role_policies", json!({"RoleName": name})).await;
        for policy in listed["PolicyNames"].as_array().unwrap() {
            let policy = json!({"RoleName": name, "PolicyName": policy});
            let policy = call("iam", "get_role_policy", policy).await;
            policies.push((policy["PolicyName"].as_str().unwrap().to_owned(), policy["PolicyDocument"].clone()));
        }
        Self { name, policies }
    }

    /// What it may do to the table.
    fn rights(&self) -> BTreeSet<String> {
        let statements = self.policies.iter().flat_map(|(_, policy)| policy["Statement"].as_array().unwrap());
        let actions = statements.flat_map(|statement| statement["Action"].as_array().unwrap());
        let names = actions.map(|action| action.as_str().unwrap().to_owned());
        names.filter(|action| action.starts_with("dynamodb:")).collect()
    }

    /// Puts every policy as it was, but for one right.
    async fn put_without(&self, here: &Here, right: &str) {
        for (name, policy) in &self.policies {
            let mut policy = policy.clone();
            let statements = policy["Statement"].as_array_mut().unwrap();
            for statement in statements.iter_mut() {
                statement["Action"].as_array_mut().unwrap().retain(|action| action != right);
            }
            statements.retain(|statement| statement["Action"] != json!([]));
            let put = json!({"RoleName": self.name, "PolicyName": name, "PolicyDocument": policy.to_string()});
            here.gateway.control.call("iam", "put_role_policy", put).await.unwrap();
        }
    }

    async fn put_back(&self, here: &Here) {
        self.put_without(here, "nothing").await;
    }
}

/// How an operation misses a right.
enum Broken {
    /// A call of it was answered with a 503.
    Unavailable,
    /// A deletion says that it left something behind.
    Incomplete,
    /// It answered something else, or other than it did, which no missing right explains.
    Otherwise(String),
}

/// Something to do for every operation: chats with small and large steps, in each of the states.
struct Scene<'s> {
    stage: &'s Stage,
    here: &'s Here,
    owner: &'s str,
    /// Run 1 is final, run 2 is open, run 3 is there to be deleted.
    chat: String,
    /// A chat that is there to be deleted.
    doomed: String,
    /// A user with a recorder key.
    holder: String,
    /// A user with a recorder key that is there to be revoked, and its id.
    leaver: (String, String),
}

/// A step whose content is stored in an item of its own.
fn large(number: Option<u32>) -> Value {
    let mut step = step_body(number);
    step["metadata"] = json!({"text": noise(1, 10_000)});
    step
}

impl<'s> Scene<'s> {
    async fn new(stage: &'s Stage, here: &'s Here, owner: &'s str) -> Self {
        let made = async |user: &str| {
            let made = stage.user(user).call(&CREATE_RECORDER_KEY, &[], Some(&json!({}))).await.expect(201).json();
            made["id"].as_str().unwrap().to_owned()
        };
        let (holder, leaver) = (fresh(), fresh());
        made(&holder).await;
        let leaver = (leaver.clone(), made(&leaver).await);
        let scene = Self { stage, here, owner, chat: fresh(), doomed: fresh(), holder, leaver };
        let whole = |n| turn(owner, n, vec![large(Some(1)), step_body(Some(2))]);
        for (chat, body) in [
            (&scene.chat, whole(1)),
            (&scene.chat, open_run(owner, 2)),
            (&scene.chat, whole(3)),
            (&scene.doomed, whole(1)),
        ] {
            stage.recorder().call(&CREATE_DEBUG_RUN, &[chat], Some(&body)).await.expect(201);
        }
        let step = [&*scene.chat, &run_id(2), "1"];
        stage.recorder().call(&PUT_DEBUG_STEP, &step, Some(&large(None))).await.expect(201);
        scene
    }

    /// Does everything with an operation that needs a right of its own. It can be done again and again.
    async fn perform(&self, route: &Route) -> Result<(), Broken> {
        let caller = match route.callers {
            Callers::Anyone => self.stage.nobody(),
            Callers::Admin => self.stage.admin(),
            // Who makes one more has none.
            Callers::User if route.operation == "create-recorder-key" => self.stage.user(&fresh()),
            Callers::User if route.operation == "list-recorder-keys" => self.stage.user(&self.holder),
            Callers::User if route.operation == "delete-recorder-key" => self.stage.user(&self.leaver.0),
            Callers::User => self.stage.user(self.owner),
            Callers::Recorder | Callers::Authenticated => self.stage.recorder(),
        };
        let (chat, run) = match route.operation {
            "put-chat" | "create-debug-run" => (fresh(), 1),
            "delete-chat" => (self.doomed.clone(), 1),
            "update-debug-run" | "put-debug-step" => (self.chat.clone(), 2),
            "delete-debug-run" => (self.chat.clone(), 3),
            "delete-recorder-key" => (self.leaver.1.clone(), 1),
            _ => (self.chat.clone(), 1),
        };
        // Content beside a step's head needs rights of its own.
        let body = match route.operation {
            "create-debug-run" => Some(turn(self.owner, 1, vec![large(Some(1))])),
            "put-debug-step" => Some(large(None)),
            // It goes on, so that it can be done again.
            "update-debug-run" => Some(json!({})),
            _ => valid_body(route, self.owner),
        };
        let ids = [chat, run_id(run), "1".to_owned(), "request".to_owned()];
        let asking = caller.clone().asking(valid_query(route, self.owner));
        let mut calls = vec![(asking, ids.clone(), body, route.success)];
        // Steps of an open run are read otherwise than a turn, and a chat that is known is looked at.
        let also = match route.operation {
            "get-debug-run"
            | "get-debug-run-view"
            | "get-debug-run-har"
            | "get-debug-step"
            | "get-debug-step-content" => Some((run_id(2), None)),
            "create-debug-run" => Some((run_id(2), Some(turn(self.owner, 2, vec![large(Some(1))])))),
            _ => None,
        };
        if let Some((run, body)) = also {
            let [chat, _, number, content] = ids.clone();
            calls.push((caller.clone(), [chat, run, number, content], body, route.success));
        }
        // What is wrong with an id, a query or a body is only said after a look at the table.
        let [chat, _, number, content] = ids;
        if route.has_parameter("run") && route.method == Method::Get {
            calls.push((caller, [chat, "no-run".to_owned(), number, content], None, &[400]));
        } else if !valid_query(route, self.owner).is_empty() {
            calls.push((caller, [chat, run_id(run), number, content], None, &[400]));
        } else if valid_body(route, self.owner).is_some_and(|body| body != json!({})) && !route.has_parameter("run") {
            calls.push((caller, [chat, run_id(run), number, content], Some(json!({})), &[400]));
        }
        for (caller, ids, body, statuses) in calls {
            let ids: Vec<_> = ids.iter().map(String::as_str).collect();
            let answer = caller.call(route, &ids, body.as_ref()).await;
            judge(&answer, statuses)?;
        }
        let left = match route.operation {
            "delete-debug-run" => self.left(&self.chat, |sk| sk.contains(&run_id(3)) && !sk.starts_with("TURN#")).await,
            "delete-chat" => self.left(&self.doomed, |sk| sk != "CHAT").await,
            _ => 0,
        };
        if left == 0 { Ok(()) } else { Err(Broken::Otherwise(format!("that all is gone, and left {left} items"))) }
    }

    /// How many items of a chat there are, of those whose sort key is meant.
    async fn left(&self, chat: &str, is_meant: impl Fn(&str) -> bool) -> usize {
        let query = json!({
            "TableName": self.here.gateway.outputs["TableName"],
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": format!("CHAT#{chat}")}},
            "ProjectionExpression": "sk",
        });
        let found = self.here.gateway.control.call("dynamodb", "query", query).await.unwrap();
        let items = found["Items"].as_array().unwrap();
        items.iter().filter(|item| is_meant(item["sk"]["S"].as_str().unwrap())).count()
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable => write!(f, "it is unavailable"),
            Self::Incomplete => write!(f, "it left something behind"),
            Self::Otherwise(answer) => write!(f, "it answered {answer}"),
        }
    }
}

fn judge(answer: &TestResponse, statuses: &[u16]) -> Result<(), Broken> {
    match answer.status {
        202 => Err(Broken::Incomplete),
        given if statuses.contains(&given) => Ok(()),
        503 => {
            answer.problem("unavailable");
            Err(Broken::Unavailable)
        }
        _ => Err(Broken::Otherwise(format!("{} {}", answer.status, answer.body))),
    }
}

#[test]
fn every_right_is_needed_by_its_own_operation_and_by_no_other() {
    alone_on_stage(async |stage| {
        let Some(here) = stage.here("the rights of each role, which need the account's") else { return };
        let owner = &stage.owner().await;
        let mut roles = BTreeSet::new();
        let mut faults = Vec::new();
        let mut taken = 0;
        for route in ROUTES {
            let role = IamRole::of(here, route.operation).await;
            assert!(roles.insert(role.name.clone()), "{} shares its role {}", route.operation, role.name);
            for right in role.rights() {
                taken += 1;
                // A request goes on without its note on a key's use.
                if route.operation == "get-debug-decision" && right == "dynamodb:UpdateItem" {
                    continue;
                }
                let scene = Scene::new(stage, here, owner).await;
                role.put_without(here, &right).await;
                match scene.perform(route).await {
                    Err(Broken::Unavailable | Broken::Incomplete) => {}
                    Err(other) => faults.push(format!("{} without {right}: {other}", route.operation)),
                    Ok(()) => {
                        faults.push(format!("{} does not need {right}: take it out of its role", route.operation));
                    }
                }
                let others = ROUTES.into_iter().filter(|other| other.operation != route.operation);
                let others = others.map(async |other| (other.operation, scene.perform(other).await));
                for (other, outcome) in join_all(others).await {
                    if let Err(broken) = outcome {
                        faults.push(format!("{other} misses {right} of {}: {broken}", route.operation));
                    }
                }
                role.put_back(here).await;
                if let Err(broken) = scene.perform(route).await {
                    faults.push(format!("{} has {right} back and still does not work: {broken}", route.operation));
                }
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        assert!(taken >= 30, "only {taken} rights were found");
    });
}
