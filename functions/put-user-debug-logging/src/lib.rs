//! `PUT config/user-debug-logging`: the caller opts in or out.

use api::{problem::Problem, settings::PutUserSettings};
use service::{
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Stores the opt-in. Forced and a closed gate are said before anything about the body, but for a
/// withdrawal, which always passes the gate.
pub async fn handle(app: &'static App, mut call: Call) -> Result<Reply, Failure> {
    let body = call.take_body();
    let user = call.user()?;
    if app.access.is_forced() {
        return Err(Problem::Forced.into());
    }
    match body {
        Ok(PutUserSettings { debug_logging_enabled }) => {
            app.store.put_opt_in(user, debug_logging_enabled, app.clock.now()).await?;
            Ok(Reply::done())
        }
        Err(problem) if app.store.gate().await? => Err(problem.into()),
        Err(_) => Err(Problem::GateClosed.into()),
    }
}
