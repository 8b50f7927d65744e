//! The same query as `bare-query` makes, written as the SDK's guide begins: everything by default.

#[path = "../../query.rs"]
mod query;

use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::{Client, config::SharedHttpClient};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use lambda_http::{Error, Request, run, service_fn, tracing};
use query::answer;
use std::{env, fs};

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
