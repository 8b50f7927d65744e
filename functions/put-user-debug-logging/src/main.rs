#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::PUT_USER_DEBUG_LOGGING, put_user_debug_logging::handle).await
}
