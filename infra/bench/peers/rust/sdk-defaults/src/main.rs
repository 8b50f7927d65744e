//! The same query as `bare-query` makes, written as the SDK's guide begins: everything by default.

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::{Client, config::SharedHttpClient, types::AttributeValue};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use lambda_http::{Error, Request, RequestExt, run, service_fn, tracing};
use std::{
    collections::{BTreeMap, HashMap},
    env, fs,
};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client()?).load().await;
    let client = &Client::new(&config);
    let table = &env::var("TABLE_NAME")?;
    run(service_fn(|request: Request| async move { answer(client, table, &request).await })).await
}

/// The client that is the default, with the system's roots as by default, and the benchmark's beside them.
fn http_client() -> Result<SharedHttpClient, Error> {
    let root = fs::read(env::var("BENCH_ROOT")?)?;
    let roots = TrustStore::default().with_native_roots(true).with_pem_certificate(root);
    let context = TlsContext::builder().with_trust_store(roots).build()?;
    Ok(Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(context).build_https())
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
