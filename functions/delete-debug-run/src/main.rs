#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    service::http::serve(&api::routes::DELETE_DEBUG_RUN, delete_debug_run::handle).await
}
