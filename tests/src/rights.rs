//! What a function's role lets it ask of the table, as `infra/template.yaml` says: which call on which
//! partitions. The emulator of AWS enforces the calls; the partitions are held here, on every call that
//! any test causes.

use crate::wire::Seen;
use api::routes::Route;
use serde_json::Value;
use serde_yaml_ng::Value as Yaml;
use std::{collections::HashMap, sync::LazyLock};

/// A statement's actions on the table, and the patterns of the partitions that it names.
struct Right {
    actions: Vec<String>,
    partitions: Vec<String>,
}

/// Every role's rights, by the name of its policy, which is the operation.
static RIGHTS: LazyLock<HashMap<String, Vec<Right>>> = LazyLock::new(|| {
    let template: Yaml = serde_yaml_ng::from_str(include_str!("../../infra/template.yaml")).unwrap();
    let resources = template["Resources"].as_mapping().unwrap().values();
    let roles = resources.filter(|resource| resource["Type"].as_str() == Some("AWS::IAM::Role"));
    let policies = roles.flat_map(|role| role["Properties"]["Policies"].as_sequence().unwrap());
    let named = |policy: &Yaml| (policy["PolicyName"].as_str().unwrap().to_owned(), rights(&policy["PolicyDocument"]));
    policies.map(named).collect()
});

fn rights(policy: &Yaml) -> Vec<Right> {
    let right = |statement: &Yaml| Right {
        actions: texts(&statement["Action"]),
        partitions: texts(&statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]),
    };
    policy["Statement"].as_sequence().unwrap().iter().map(right).collect()
}

fn texts(list: &Yaml) -> Vec<String> {
    list.as_sequence().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Fails if one of these calls is not for the role of the operation that made it.
pub(crate) fn check(route: &Route, seen: &[Seen]) {
    let rights = RIGHTS.get(route.operation).unwrap_or_else(|| panic!("{} has no role", route.operation));
    for (action, partitions) in seen.iter().flat_map(asked) {
        let is_allowed = rights.iter().any(|right| {
            right.actions.iter().any(|allowed| allowed.strip_prefix("dynamodb:") == Some(action))
                && partitions.iter().all(|partition| right.partitions.iter().any(|like| is_like(partition, like)))
        });
        assert!(
            is_allowed,
            "infra/template.yaml does not let {} do {action} on {partitions:?}: add it to its role, or do without",
            route.operation
        );
    }
}

fn is_like(partition: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').map_or(partition == pattern, |prefix| partition.starts_with(prefix))
}

/// The actions that a call needs, each with its partitions. A transaction needs those of its items.
fn asked(seen: &Seen) -> Vec<(&str, Vec<String>)> {
    let body = &seen.body;
    match &*seen.operation {
        "TransactWriteItems" => items(&body["TransactItems"]).filter_map(of_item).collect(),
        "BatchGetItem" => {
            vec![("BatchGetItem", tables(body).flat_map(|table| items(&table["Keys"])).map(pk).collect())]
        }
        "BatchWriteItem" => vec![("BatchWriteItem", tables(body).flat_map(items).map(of_write).collect())],
        "Query" => vec![("Query", vec![text(&body["ExpressionAttributeValues"][":pk"])])],
        "PutItem" => vec![("PutItem", vec![pk(&body["Item"])])],
        other => vec![(other, vec![pk(&body["Key"])])],
    }
}

fn of_item(item: &Value) -> Option<(&'static str, Vec<String>)> {
    let actions = [("Put", "PutItem"), ("Update", "UpdateItem"), ("Delete", "DeleteItem")];
    let mut actions = actions.into_iter().chain([("ConditionCheck", "ConditionCheckItem")]);
    actions.find_map(|(member, action)| {
        let it = item.get(member)?;
        Some((action, vec![pk(it.get("Item").unwrap_or(&it["Key"]))]))
    })
}

fn of_write(request: &Value) -> String {
    request.get("PutRequest").map_or_else(|| pk(&request["DeleteRequest"]["Key"]), |put| pk(&put["Item"]))
}

fn tables(body: &Value) -> impl Iterator<Item = &Value> {
    body["RequestItems"].as_object().into_iter().flat_map(|tables| tables.values())
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn pk(item: &Value) -> String {
    text(&item["pk"])
}

fn text(attribute: &Value) -> String {
    attribute["S"].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::routes::{LIST_DEBUG_RUNS, PUT_USER_DEBUG_LOGGING};
    use serde_json::json;

    fn may(route: &Route, operation: &str, body: Value) -> bool {
        let seen = Seen::of(operation, body);
        std::panic::catch_unwind(|| check(route, &[seen])).is_ok()
    }

    #[test]
    fn a_call_or_a_partition_of_another_operation_is_refused() {
        let key = |pk: &str| json!({"Key": {"pk": {"S": pk}, "sk": {"S": "CHAT"}}});
        assert!(may(&LIST_DEBUG_RUNS, "GetItem", key("CHAT#1")));
        assert!(!may(&LIST_DEBUG_RUNS, "GetItem", key("USER#1")));
        assert!(!may(&LIST_DEBUG_RUNS, "UpdateItem", key("CHAT#1")));
        let puts = |pk: &str| json!({"TransactItems": [{"Put": {"Item": {"pk": {"S": pk}}}}]});
        assert!(may(&PUT_USER_DEBUG_LOGGING, "TransactWriteItems", puts("USER#1")));
        assert!(!may(&PUT_USER_DEBUG_LOGGING, "TransactWriteItems", puts("SETTINGS")));
    }
}
