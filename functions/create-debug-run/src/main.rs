#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::CREATE_DEBUG_RUN, create_debug_run::handle).await
}
