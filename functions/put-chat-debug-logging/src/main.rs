#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::PUT_CHAT_DEBUG_LOGGING, put_chat_debug_logging::handle).await
}
