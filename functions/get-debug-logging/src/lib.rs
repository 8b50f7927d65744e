//! `GET config/debug-logging`: the deployment's gate, for admins.

use api::settings::DeploymentSettings;
use service::{
    access::proof::Admin,
    app::App,
    failure::Failure,
    http::{Call, Reply},
};

/// Answers with the stored gate, also while forced.
pub async fn handle(app: &'static App, _: Call<Admin>) -> Result<Reply, Failure> {
    let allow_users = app.store.gate().await?;
    Reply::json(&DeploymentSettings { allow_users, forced_by_deployment: app.access.is_forced() })
}
