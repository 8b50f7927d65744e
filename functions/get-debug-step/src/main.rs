#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::GET_DEBUG_STEP, get_debug_step::handle).await
}
