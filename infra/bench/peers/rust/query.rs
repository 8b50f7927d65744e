//! One query whose items are answered as they stand, for `bare-query` and `sdk-defaults` alike.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use lambda_http::{Error, Request, RequestExt};
use std::collections::{BTreeMap, HashMap};

/// What the list of runs asks for.
const LISTED: &str = "sk kind status sa fa ca ua provider model fm el steps errors it ot rt cct crt";

pub async fn answer(client: &Client, table: &str, request: &Request) -> Result<String, Error> {
    let parameters = request.path_parameters();
    let chat = parameters.first("chat").ok_or("no chat is named")?;
    let names: HashMap<_, _> = LISTED.split(' ').map(|name| (format!("#{name}"), name.to_owned())).collect();
    let query = client.query().table_name(table).key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to");
    let query = query
        .expression_attribute_values(":pk", AttributeValue::S(format!("CHAT#{chat}")))
        .expression_attribute_values(":from", AttributeValue::S("RUN#".to_owned()))
        .expression_attribute_values(":to", AttributeValue::S("RUN#~".to_owned()))
        .projection_expression(format!("#{}", LISTED.replace(' ', ", #")))
        .set_expression_attribute_names(Some(names))
        .scan_index_forward(false)
        .limit(100)
        .consistent_read(true);
    let answer = query.send().await?;
    let runs: Vec<_> = answer.items().iter().map(plain).collect();
    Ok(serde_json::to_string(&runs)?)
}

/// The attributes that are texts or numbers, without their types.
fn plain(item: &HashMap<String, AttributeValue>) -> BTreeMap<&str, &str> {
    let text = item.iter().filter_map(|(name, value)| match value {
        AttributeValue::S(text) | AttributeValue::N(text) => Some((name.as_str(), text.as_str())),
        _ => None,
    });
    text.collect()
}
