//! `make deploy-local`: the template, deployed to an emulator of AWS and called through its gateway.

use crate::{
    folder::{Folder, KEY},
    functions, run, sample,
    stack_client::StackClient,
    welcome::Welcome,
};
use anyhow::{Context, Result, bail};
use local::{
    binaries::Profile,
    clock,
    gateway::{Gateway, LOG, Plan, REGION},
    issuer::{ISSUER, Issuer},
};
use serde_json::Value;
use std::{path::Path, process::Command, sync::Arc};
use tokio::{net::TcpListener, time::Instant};

/// Deploys, and goes on until it is stopped.
pub(crate) async fn stack(folder: &Folder, port: u16) -> Result<()> {
    let started = Instant::now();
    // The authorizer looks for the keys where the tokens say, so this address is no choice.
    let address = ISSUER.strip_prefix("http://").context("The issuer is not on this machine.")?;
    if address.ends_with(&format!(":{port}")) {
        bail!("PORT={port} is the issuer's. Choose another port.");
    }
    let stage = run::listen(port, "PORT").await?;
    let issuer_listener = TcpListener::bind(address).await.with_context(|| {
        format!(
            "The issuer of all tokens has to be at {address}, where something else listens. End that program: \
             `ss -ltnp` or `lsof -i` names it"
        )
    })?;
    let tools = folder.file("emulator");
    let issuer = Arc::new(issuer(folder, &tools)?);
    let client = StackClient::new(port);
    let origin = client.url("");
    let serving = Arc::clone(&issuer).serve(issuer_listener, &origin);

    let running = async {
        run::step("Building the functions");
        functions::build(folder, "release").await?;

        run::step("Deploying infra/template.yaml");
        let plan = Plan { tools: &tools, profile: Profile::Release, folder: &folder.file(""), issuer: ISSUER };
        let mut gateway = Gateway::deploy(&plan, stage).await?;

        run::step("Recording a sample conversation");
        let key = sample::key(&client, &issuer, clock::seconds()?).await?;
        let sample = sample::record(&client, &issuer, &key, clock::seconds()?).await?;
        let table = gateway.outputs.get("TableName").and_then(Value::as_str).unwrap_or_default();
        let aws = format!(
            "AWS_ENDPOINT_URL={} AWS_DEFAULT_REGION={REGION} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test",
            gateway.endpoint()
        );
        let welcome = Welcome {
            what: "The stack is deployed.",
            started,
            key_until: "this ends",
            issuer: ISSUER,
            others: vec![
                ("AWS API", aws),
                ("table", table.to_owned()),
                ("logs", format!("the functions' in its CloudWatch, under /aws/lambda; its own in .local/{LOG}")),
            ],
            end: "Ctrl-C ends it, and what was recorded is gone.",
        };
        welcome.print(&client, &key, &sample)?;
        bail!("The emulator ended ({}). Its log is .local/{LOG}.", gateway.ended().await?)
    };
    tokio::select! {
        ended = running => ended,
        ended = serving => ended.context("The development issuer ended"),
    }
}

/// The issuer of `make run`, with a key that the gateway takes: one of another kind is replaced.
fn issuer(folder: &Folder, tools: &Path) -> Result<Issuer> {
    let path = folder.file(KEY);
    if path.exists() {
        let issuer = folder.issuer()?;
        if issuer.is_rsa() {
            return Ok(issuer);
        }
    }
    let key = Command::new(tools.join("bin/python")).arg(folder.workspace.join("infra/emulator/rsa_key.py")).output();
    let key = key.context("The Python of `make deploy-local` cannot be started; start this with make")?;
    if !key.status.success() {
        bail!("The issuer's key was not made: {}", String::from_utf8_lossy(&key.stderr));
    }
    if path.exists() {
        println!(
            "• Replacing the issuer's key by one of the kind that the gateway takes; tokens made before no longer work"
        );
    }
    Issuer::replace(&path, &key.stdout)
}
