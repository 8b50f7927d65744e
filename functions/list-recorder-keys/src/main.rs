#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::LIST_RECORDER_KEYS, list_recorder_keys::handle).await
}
