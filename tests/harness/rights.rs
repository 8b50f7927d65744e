//! What a function's role lets it ask of the table, as `infra/template.yaml` says: which call on which
//! partitions, and which attributes an update may name. The emulator of AWS enforces the calls; partitions
//! and attributes are held here, on every call that any test causes.

use crate::wire::Seen;
use serde_json::Value;
use serde_yaml_ng::Value as Yaml;
use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

/// A statement's actions on the table, the patterns of the partitions that it names, and the attributes.
struct Right {
    actions: Vec<String>,
    partitions: Vec<String>,
    attributes: Vec<String>,
}

/// An action that a call needs.
struct NeededRight {
    action: String,
    partitions: Vec<String>,
    /// What an update names, its keys and its condition included. Other actions are not kept to attributes.
    attributes: BTreeSet<String>,
}

/// Every role's rights, by the name of its policy, which is the operation or the job.
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
        attributes: texts(&statement["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"]),
    };
    policy["Statement"].as_sequence().unwrap().iter().map(right).collect()
}

fn texts(list: &Yaml) -> Vec<String> {
    list.as_sequence().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Fails if one of these calls is not for the role of the operation or job that made it.
pub(crate) fn check(function: &str, seen: &[Seen]) {
    let rights = RIGHTS.get(function).unwrap_or_else(|| panic!("{function} has no role"));
    for NeededRight { action, partitions, attributes } in seen.iter().flat_map(asked) {
        let is_allowed = rights.iter().any(|right| {
            right.actions.iter().any(|allowed| allowed.strip_prefix("dynamodb:") == Some(&action))
                && partitions.iter().all(|partition| right.partitions.iter().any(|like| is_like(partition, like)))
                && attributes.iter().all(|name| right.attributes.contains(name))
        });
        assert!(
            is_allowed,
            "infra/template.yaml does not let {function} do {action} on {partitions:?} with {attributes:?}: add it to its \
             role, or do without"
        );
    }
}

fn is_like(partition: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').map_or(partition == pattern, |prefix| partition.starts_with(prefix))
}

/// The actions that a call needs. A transaction needs those of its items.
fn asked(seen: &Seen) -> Vec<NeededRight> {
    let body = &seen.body;
    let one = |partitions| vec![plain(&seen.operation, partitions)];
    match &*seen.operation {
        "TransactWriteItems" => items(&body["TransactItems"]).filter_map(of_item).collect(),
        "BatchGetItem" => one(tables(body).flat_map(|table| items(&table["Keys"])).map(pk).collect()),
        "BatchWriteItem" => one(tables(body).flat_map(items).map(of_write).collect()),
        "Query" => one(vec![text(&body["ExpressionAttributeValues"][":pk"])]),
        "PutItem" => one(vec![pk(&body["Item"])]),
        "UpdateItem" => vec![of_update(body)],
        _ => one(vec![pk(&body["Key"])]),
    }
}

fn plain(action: &str, partitions: Vec<String>) -> NeededRight {
    NeededRight { action: action.to_owned(), partitions, attributes: BTreeSet::new() }
}

fn of_item(item: &Value) -> Option<NeededRight> {
    if let Some(update) = item.get("Update") {
        return Some(of_update(update));
    }
    let mut actions =
        [("Put", "PutItem"), ("Delete", "DeleteItem"), ("ConditionCheck", "ConditionCheckItem")].into_iter();
    actions.find_map(|(member, action)| {
        let it = item.get(member)?;
        Some(plain(action, vec![pk(it.get("Item").unwrap_or(&it["Key"]))]))
    })
}

/// An update with every attribute that it names: IAM does not tell those that are written from those that a
/// condition looks at.
fn of_update(update: &Value) -> NeededRight {
    let mut attributes: BTreeSet<_> =
        update["Key"].as_object().into_iter().flat_map(|key| key.keys().cloned()).collect();
    for expression in ["UpdateExpression", "ConditionExpression"] {
        let expression = update[expression].as_str().unwrap_or_default();
        let is_of_word = |next: char| next.is_ascii_alphanumeric() || matches!(next, '_' | '#' | ':');
        for word in expression.split(|next| !is_of_word(next)) {
            let name = match word.as_bytes().first() {
                Some(b'#') => update["ExpressionAttributeNames"][word].as_str().unwrap(),
                Some(first) if first.is_ascii_alphabetic() && !GRAMMAR.contains(&word) => word,
                _ => continue,
            };
            attributes.insert(name.to_owned());
        }
    }
    NeededRight { attributes, ..plain("UpdateItem", vec![pk(&update["Key"])]) }
}

/// The words of expressions that name no attribute.
const GRAMMAR: [&str; 16] = [
    "SET",
    "ADD",
    "REMOVE",
    "DELETE",
    "AND",
    "OR",
    "NOT",
    "IN",
    "BETWEEN",
    "attribute_exists",
    "attribute_not_exists",
    "attribute_type",
    "begins_with",
    "contains",
    "size",
    "if_not_exists",
];

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
    use api::routes::{LIST_DEBUG_RUNS, PUT_CHAT, PUT_CHAT_DEBUG_LOGGING, PUT_USER_DEBUG_LOGGING, Route};
    use serde_json::json;

    fn may(route: &Route, operation: &str, body: Value) -> bool {
        let seen = Seen::of(operation, body);
        std::panic::catch_unwind(|| check(route.operation, &[seen])).is_ok()
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

    #[test]
    fn an_update_that_names_an_attribute_of_another_operation_is_refused() {
        let update = |expression: &str, condition: &str| {
            let names = json!({"#owner": "owner", "#deleted": "deleted", "#override": "override"});
            json!({
                "Key": {"pk": {"S": "CHAT#1"}, "sk": {"S": "CHAT"}}, "UpdateExpression": expression,
                "ConditionExpression": condition, "ExpressionAttributeNames": names,
            })
        };
        let is_new = "attribute_not_exists(pk)";
        assert!(may(&PUT_CHAT, "UpdateItem", update("SET #owner = :owner", is_new)));
        for (expression, condition) in [
            ("SET #owner = :owner, #override = :on", is_new),
            ("SET #owner = :owner REMOVE #deleted", is_new),
            ("REMOVE deleted", is_new),
            ("SET #owner = :owner", "attribute_exists(#deleted) OR attribute_not_exists(pk)"),
        ] {
            let update = update(expression, condition);
            assert!(!may(&PUT_CHAT, "UpdateItem", update.clone()), "{expression} if {condition}");
            let within = json!({"TransactItems": [{"Update": update}]});
            assert!(!may(&PUT_CHAT, "TransactWriteItems", within), "{expression} if {condition}");
        }
        let overrides = update("SET #override = :on", "#owner = :owner AND attribute_not_exists(#deleted)");
        let within = json!({"TransactItems": [{"Update": overrides}]});
        assert!(may(&PUT_CHAT_DEBUG_LOGGING, "TransactWriteItems", within));
    }
}
