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
    let PutDeploymentSettings { allow_users } = call.take_body().for_admin(&call.caller)?;
    app.store.put_gate(&call.caller, allow_users, app.clock.now()).await?;
    Ok(Reply::done())
}
