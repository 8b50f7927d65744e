#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::GET_DEBUG_LOGGING, get_debug_logging::handle).await
}
