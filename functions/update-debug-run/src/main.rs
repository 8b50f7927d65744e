#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    service::http::serve(&api::routes::UPDATE_DEBUG_RUN, update_debug_run::handle).await
}
