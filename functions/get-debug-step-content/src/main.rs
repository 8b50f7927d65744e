#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::GET_DEBUG_STEP_CONTENT, get_debug_step_content::handle).await
}
