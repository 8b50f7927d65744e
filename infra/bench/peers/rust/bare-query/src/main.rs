//! The floor of a read: `lambda_http`, our client, and one query whose items are answered as they stand.

#[path = "../../query.rs"]
mod query;

use lambda_http::{Error, Request, run, service_fn};
use query::answer;
use service::store::{Endpoint, connect};
use std::env;

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
