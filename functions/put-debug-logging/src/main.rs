#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::PUT_DEBUG_LOGGING, put_debug_logging::handle).await
}
