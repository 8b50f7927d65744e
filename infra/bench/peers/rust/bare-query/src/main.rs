//! The floor of a read: `lambda_http`, our client, and one query whose items are answered as they stand.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use lambda_http::{Error, Request, RequestExt, run, service_fn};
use service::store::{Endpoint, connect};
use std::{
    collections::{BTreeMap, HashMap},
    env,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = &connect(Endpoint {
        region: env::var("AWS_REGION")?,
        url: env::var("AWS_ENDPOINT_URL").ok(),
        access_key_id: env::var("AWS_ACCESS_KEY_ID")?,
        secret_access_key: env::var("AWS_SECRET_ACCESS_KEY")?,
        session_token: env::var("AWS_SESSION_TOKEN").ok(),
    });
    let table = &env::var("TABLE_NAME")?;
    run(service_fn(async |request: Request| answer(client, table, &request).await)).await
}

async fn answer(client: &Client, table: &str, request: &Request) -> Result<String, Error> {
    let parameters = request.path_parameters();
    let chat = parameters.first("chat").ok_or("no chat is named")?;
    let query = client.query().table_name(table).key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to");
    let query = query
        .expression_attribute_values(":pk", AttributeValue::S(format!("CHAT#{chat}")))
        .expression_attribute_values(":from", AttributeValue::S("RUN#".to_owned()))
        .expression_attribute_values(":to", AttributeValue::S("RUN#~".to_owned()))
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
