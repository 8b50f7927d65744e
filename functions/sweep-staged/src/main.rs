#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), service::job::Error> {
    service::job::serve(&api::jobs::SWEEP_STAGED, sweep_staged::handle).await
}
