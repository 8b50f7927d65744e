#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve(&api::routes::PREVIEW_REDACTION, preview_redaction::handle).await
}
