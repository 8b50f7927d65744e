//! `make run`: the engine, the issuer and the functions, in order, until somebody says stop.

use crate::{
    folder::{DATABASE, Folder, LOG},
    functions, sample,
    stack_client::StackClient,
    welcome::Welcome,
};
use anyhow::{Context, Result, bail};
use clap::ArgAction;
use local::{
    child::Group,
    clock,
    engine::Engine,
    environment::{self, Own, TABLE},
    http_api,
    issuer::Issuer,
};
use std::{
    future,
    io::{ErrorKind, Write, stdout},
    os::unix::process::parent_id,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    time::{self, Instant},
};

/// Runs a stack until Ctrl-C, a signal, or the end of whoever started us. Whichever it is, the
/// stack's value is dropped, and with it every process that it started.
pub(crate) async fn until_stopped(stack: impl Future<Output = Result<()>>, farewell: &str) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    tokio::select! {
        ended = stack => return ended,
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
        () = orphaned() => {}
    }
    // The terminal may be what went away.
    let _ = writeln!(stdout(), "\nEverything is stopped. {farewell}");
    Ok(())
}

/// Returns when the process that started us is gone, killed without a word to us.
async fn orphaned() {
    let parent = parent_id();
    while parent_id() == parent {
        time::sleep(Duration::from_secs(1)).await;
    }
}

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where the functions answer.
    #[arg(long, env = "PORT", default_value = "9000")]
    port: u16,
    /// Where the development issuer publishes its key; the next port when absent.
    #[arg(long, env = "ISSUER_PORT")]
    issuer_port: Option<u16>,
    /// Records every chat, whatever its owner chose.
    #[arg(long, env = "FORCE_DEBUG_LOGGING", default_value = "false", action = ArgAction::Set)]
    force_debug_logging: bool,
    /// What is never stored, beside what never is anywhere: a rule a line, by infra/deploy.md.
    #[arg(long, env = "REDACTION_RULES", default_value = "", hide_default_value = true)]
    redaction_rules: String,
}

/// `make run`.
pub(crate) async fn stack(folder: &Folder, options: &Options) -> Result<()> {
    let started = Instant::now();
    let Options { port, issuer_port, force_debug_logging, ref redaction_rules } = *options;
    let issuer_port = issuer_port.unwrap_or(port.wrapping_add(1));
    if port == issuer_port {
        bail!("PORT and ISSUER_PORT are both {port}. Give one of them another number.");
    }
    let listener = listen(port, "PORT").await?;
    let issuer = Arc::new(folder.issuer()?);
    let issuer_listener = listen(issuer_port, "ISSUER_PORT").await?;

    step("Building the functions");
    functions::build(folder, "dev").await?;

    step("Starting the embedded DynamoDB and the development issuer");
    let engine = Engine::file(&folder.file(DATABASE)).await?;
    engine.create_table(TABLE)?;
    let own = Own { force_debug_logging, redaction_rules: redaction_rules.clone() };
    let mut environment = environment::of_functions(&engine, &issuer, &own);
    environment.extend(Issuer::viewer(&format!("http://127.0.0.1:{issuer_port}")));

    step("Starting the functions");
    let client = StackClient::new(port);
    let origin = client.url("");
    let group = Group::new()?;
    let functions = functions::of(folder, &group, environment)?;
    let running = async {
        functions::answer(folder, &client).await?;
        step("Recording a sample conversation");
        let key = sample::key(&client, &issuer, clock::seconds()?).await?;
        let sample = sample::record(&client, &issuer, &key, clock::seconds()?).await?;
        let welcome = Welcome {
            what: "Chat debug is running.",
            started,
            key_until: "the next start",
            issuer: &format!("http://127.0.0.1:{issuer_port}"),
            others: vec![
                ("logs", format!(".local/{LOG}")),
                ("data", format!(".local/{DATABASE}, kept; `make reset` clears it")),
            ],
            end: "Ctrl-C ends it. Changed code runs after the next `make run`.",
        };
        welcome.print(&client, &key, &sample)?;
        future::pending().await
    };
    tokio::select! {
        ended = running => ended,
        ended = Arc::clone(&issuer).serve(issuer_listener, &origin) => ended.context("The development issuer ended"),
        () = http_api::serve(listener, Arc::new(functions)) => bail!("The server at port {port} ended."),
    }
}

pub(crate) async fn listen(port: u16, name: &str) -> Result<TcpListener> {
    match TcpListener::bind(("127.0.0.1", port)).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "Port {port} is in use. End the program that listens there (`lsof -i :{port}` or `ss -ltnp` names it), \
             or choose another port with {name}={}.",
            port.checked_add(100).unwrap_or(9100)
        ),
        bound => bound.with_context(|| format!("Port {port} cannot be opened. Choose another with {name}=…")),
    }
}

pub(crate) fn step(what: &str) {
    println!("• {what}");
}
