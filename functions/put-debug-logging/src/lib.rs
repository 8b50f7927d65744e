//! `PUT config/debug-logging`: opens or closes the deployment's gate, for admins.

use api::settings::PutDeploymentSettings;
use service::{
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Stores the gate, also while forced.
pub async fn handle(app: &'static App, call: Call) -> Result<Reply, Failure> {
    let admin = call.admin()?;
    let PutDeploymentSettings { allow_users } = call.body()?;
    app.store.put_gate(admin, allow_users, app.clock.now()).await?;
    Ok(Reply::done())
}
