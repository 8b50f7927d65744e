#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::DELETE_RECORDER_KEY, delete_recorder_key::handle).await
}
