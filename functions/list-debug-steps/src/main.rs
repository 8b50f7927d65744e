#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::LIST_DEBUG_STEPS, list_debug_steps::handle).await
}
