#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::CREATE_RECORDER_KEY, create_recorder_key::handle).await
}
