#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::http::Error> {
    service::http::serve_public(&api::routes::GET_VIEWER, get_viewer::handle).await
}
