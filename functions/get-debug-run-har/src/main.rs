#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::GET_DEBUG_RUN_HAR, get_debug_run_har::handle).await
}
