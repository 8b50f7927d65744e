#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::UPDATE_DEBUG_RUN, update_debug_run::handle).await
}
