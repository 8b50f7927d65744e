//! All of `infra/template.yaml` on this machine: deployed to an emulator of AWS, and called through its gateway.
//!
//! The functions are the real binaries, each under the rights of its own role; the gateway checks tokens
//! before they run. The template is deployed unchanged. What the emulator does not support is configured
//! separately or skipped.
//!
//! - `emulator`: the process that stands in for AWS
//! - `control`: calls at its AWS API
//! - `package`: what `sam package` does, and no more
//! - `proxy`: one plain URL, as a deployed stage has

mod control;
mod emulator;
mod package;
mod proxy;

use crate::{
    binaries::Profile,
    issuer::{AUDIENCE, Issuer},
};
use anyhow::{Context, Result, anyhow, bail};
pub use control::{Control, REGION};
use emulator::Emulator;
pub use emulator::LOG;
use serde_json::{Value, json};
use std::{fs, path::Path, process::ExitStatus, time::Duration};
use tokio::{net::TcpListener, task::JoinSet};

/// The stack's name.
pub const STACK: &str = "chat-debug";
/// The one web origin that may call the API here.
pub const ORIGIN: &str = "https://chat.example.com";
/// Where packages lie.
const BUCKET: &str = "packages";

/// What to deploy, and with what.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// The virtual environment of `infra/emulator/requirements.txt`.
    pub tools: &'a Path,
    /// Which binaries.
    pub profile: Profile,
    /// Takes the emulator's log and, while it runs, its files.
    pub folder: &'a Path,
    /// Whose tokens are good. It has to be served before the first call.
    pub issuer: &'a str,
}

/// A deployed stack. Dropping it ends everything that it is made of.
pub struct Gateway {
    /// The AWS API, with the rights of the account's root.
    pub control: Control,
    /// The stack's outputs by name.
    pub outputs: Value,
    url: String,
    _proxy: JoinSet<()>,
    // The last to go: the others talk to it.
    emulator: Emulator,
}

impl Gateway {
    /// Deploys the template, to be reached at `listener`.
    pub async fn deploy(plan: &Plan<'_>, listener: TcpListener) -> Result<Self> {
        let emulator = Emulator::start(plan.tools, plan.folder).await?;
        let control = Control::start(plan.tools, emulator.endpoint())?;
        let deployed = deploy(plan, &emulator, &control).await;
        let outputs = deployed.map_err(|error| anyhow!("The stack was not deployed: {error:#} {}", emulator.log()))?;
        let api = outputs.get("ApiId").and_then(Value::as_str).context("The stack has no output ApiId.")?;
        let url = format!("http://{}", listener.local_addr()?);
        let proxy = proxy::serve(listener, emulator.endpoint(), api);
        Ok(Self { control, outputs, url, _proxy: proxy, emulator })
    }

    /// Waits until the emulator ends of its own accord, which it should not.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        self.emulator.ended().await
    }

    /// Where the AWS API answers.
    pub fn endpoint(&self) -> &str {
        self.emulator.endpoint()
    }

    /// What the paths of the API are appended to, as to the URL of a deployed stage.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Creates the stack; gives its outputs by name.
async fn deploy(plan: &Plan<'_>, emulator: &Emulator, control: &Control) -> Result<Value> {
    let folder = emulator.scratch().join(BUCKET);
    let template = package::package(&folder, BUCKET, plan.profile)?;
    upload(&folder, control).await?;
    let [client, authorize, token] = Issuer::viewer(plan.issuer).map(|(_, value)| value);
    let parameters = [
        ("Issuer", plan.issuer),
        ("Audiences", AUDIENCE),
        ("AllowedOrigins", ORIGIN),
        ("Architecture", if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }),
        ("ViewerClientId", &client),
        ("ViewerAuthorizeUrl", &authorize),
        ("ViewerTokenUrl", &token),
    ];
    let parameters = parameters.map(|(name, value)| json!({"ParameterKey": name, "ParameterValue": value}));
    let stack = json!({
        "StackName": STACK,
        "TemplateURL": format!("{}/{BUCKET}/{template}", emulator.endpoint()),
        "Parameters": parameters,
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    });
    control.call("cloudformation", "create_stack", stack).await?;
    let outputs = created(control).await?;
    allow_origin(control, &outputs).await?;
    Ok(outputs)
}

/// Moves the packages into their bucket.
async fn upload(folder: &Path, control: &Control) -> Result<()> {
    control.call("s3", "create_bucket", json!({"Bucket": BUCKET})).await?;
    for file in fs::read_dir(folder)? {
        let file = file?;
        let object = json!({"Filename": file.path(), "Bucket": BUCKET, "Key": file.file_name().to_string_lossy()});
        control.call("s3", "upload_file", object).await?;
    }
    Ok(fs::remove_dir_all(folder)?)
}

/// Waits until the stack is complete; gives its outputs by name.
async fn created(control: &Control) -> Result<Value> {
    loop {
        let name = json!({"StackName": STACK});
        let answer = control.call("cloudformation", "describe_stacks", name.clone()).await?;
        let stack = answer.pointer("/Stacks/0").context("The stack is gone.")?;
        let text = |value: &Value, member: &str| value.get(member).and_then(Value::as_str).unwrap_or("").to_owned();
        match &*text(stack, "StackStatus") {
            "CREATE_COMPLETE" => {
                let outputs = stack.get("Outputs").and_then(Value::as_array).cloned().unwrap_or_default();
                let output = |it: &Value| (text(it, "OutputKey"), Value::String(text(it, "OutputValue")));
                return Ok(outputs.iter().map(output).collect());
            }
            "CREATE_IN_PROGRESS" => tokio::time::sleep(Duration::from_millis(100)).await,
            status => {
                let events = control.call("cloudformation", "describe_stack_events", name).await?;
                let events = events.get("StackEvents").and_then(Value::as_array).cloned().unwrap_or_default();
                let failed = events.iter().filter(|event| text(event, "ResourceStatus").ends_with("FAILED"));
                let reason =
                    |it: &Value| format!("{}: {}", text(it, "LogicalResourceId"), text(it, "ResourceStatusReason"));
                let reasons: Vec<_> = failed.map(reason).collect();
                bail!("It ended as {status}. {}", reasons.join("; "));
            }
        }
    }
}

/// The emulator drops the CORS of a template, so it is told the template's own once more.
async fn allow_origin(control: &Control, outputs: &Value) -> Result<()> {
    let cors = package::cors(ORIGIN)?;
    let api = json!({"ApiId": outputs.get("ApiId"), "CorsConfiguration": cors});
    control.call("apigatewayv2", "update_api", api).await?;
    Ok(())
}
