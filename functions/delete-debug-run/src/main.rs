#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::DELETE_DEBUG_RUN, delete_debug_run::handle).await
}
