//! `PUT config/debug-logging`: opens or closes the deployment's gate, for admins.

use api::settings::PutDeploymentSettings;
use service::{
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Stores the gate, also while forced.
pub async fn handle(app: &'static App, mut call: Call) -> Result<Reply, Failure> {
    let body = call.take_body();
    let admin = call.admin()?;
    let PutDeploymentSettings { allow_users } = body?;
    app.store.put_gate(admin, allow_users, app.clock.now()).await?;
    Ok(Reply::done())
}
