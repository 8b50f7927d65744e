//! Calls at the emulator's AWS API, by way of boto3: `infra/emulator/control.py` says each as one line of JSON.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::{path::Path, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    sync::Mutex,
};

/// The program that makes the calls.
const PROGRAM: &str = include_str!("../../../emulator/control.py");

/// Where everything is here.
pub const REGION: &str = "us-east-1";
/// The name and the secret of the account's root, as the emulator has them.
const ROOT: &str = "test";

/// A line to the AWS API. Calls are made one after the other.
pub struct Control {
    pipe: Mutex<Pipe>,
}

struct Pipe {
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// Ends when its input does, so it never outlives us.
    _child: Child,
}

impl Control {
    pub(super) fn start(tools: &Path, endpoint: &str) -> Result<Self> {
        let mut child = Command::new(tools.join("bin/python"))
            .args(["-c", PROGRAM])
            .env_clear()
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_REGION", REGION)
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", ROOT)
            .env("AWS_SECRET_ACCESS_KEY", ROOT)
            // What somebody has set for an AWS account of theirs has no business here.
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C at the terminal is for us; its input ends when we do.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("Python cannot be started")?;
        let input = child.stdin.take().context("Python has no input.")?;
        let output = child.stdout.take().context("Python has no output.")?;
        Ok(Self { pipe: Mutex::new(Pipe { input, output: BufReader::new(output).lines(), _child: child }) })
    }

    /// One call, by boto3's names; the answer as boto3 gives it.
    pub async fn call(&self, service: &str, operation: &str, parameters: Value) -> Result<Value> {
        let line = json!({"service": service, "operation": operation, "parameters": parameters});
        let mut pipe = self.pipe.lock().await;
        pipe.input.write_all(format!("{line}\n").as_bytes()).await?;
        let answer = pipe.output.next_line().await?.context("The program that calls the AWS API has ended.")?;
        drop(pipe);
        let mut answer: Value = serde_json::from_str(&answer)?;
        match answer.get("error") {
            Some(error) => bail!("{service} {operation}: {error}"),
            None => Ok(answer.get_mut("answer").map(Value::take).unwrap_or_default()),
        }
    }
}
