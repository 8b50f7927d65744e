//! `PUT config/debug-logging`: opens or closes the deployment's gate, for admins.

use api::settings::PutDeploymentSettings;
use service::{
    access::proof::Admin,
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Stores the gate, also while forced.
pub async fn handle(app: &'static App, mut call: Call<Admin>) -> Result<Reply, Failure> {
    let body = call.take_body();
    let admin = &call.caller;
    let PutDeploymentSettings { allow_users } = body.map_err(|wrong| wrong.to_admin(admin))?;
    app.store.put_gate(admin, allow_users, app.clock.now()).await?;
    Ok(Reply::done())
}
