//! The process that stands in for AWS: `ministack`, of the virtual environment that the Makefile makes.

use super::control::REGION;
use crate::child::{Guarded, tail};
use anyhow::{Context, Result, bail};
use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time,
};

/// Its log, in the folder that it is given.
pub const LOG: &str = "gateway.log";

/// How long a start may take.
const DEADLINE: Duration = Duration::from_mins(1);

pub(super) struct Emulator {
    endpoint: String,
    log: PathBuf,
    scratch: PathBuf,
    process: Guarded,
}

impl Emulator {
    pub(super) async fn start(tools: &Path, folder: &Path) -> Result<Self> {
        let program = tools.join("bin/ministack");
        if !program.exists() {
            bail!("The emulator is not installed in {}. `make` installs it: start this with make.", tools.display());
        }
        let port = free_port().await?;
        let endpoint = format!("http://127.0.0.1:{port}");
        let log = folder.join(LOG);
        let scratch = folder.join(format!("gateway-{port}"));
        fs::create_dir_all(&scratch).with_context(|| format!("The folder {} cannot be made", scratch.display()))?;
        let output = File::create(&log).with_context(|| format!("The file {} cannot be written", log.display()))?;
        let mut ministack = Command::new(program);
        ministack
            // Its own environment reaches the functions: what somebody has set for an AWS account of
            // theirs has no business there.
            .env_clear()
            .envs(env::var_os("PATH").map(|path| ("PATH", path)))
            .env("TMPDIR", &scratch)
            .env("AUTH", "true")
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_REGION", REGION)
            .env("AWS_ENDPOINT_URL", &endpoint)
            .env("IOT_MTLS_ENABLED", "0")
            .current_dir(&scratch)
            .stdout(output.try_clone()?)
            .stderr(output);
        let process = Guarded::spawn_with_scratch(&mut ministack, &scratch)?;
        let mut emulator = Self { endpoint, log, scratch, process };
        emulator.answers(port).await?;
        Ok(emulator)
    }

    async fn answers(&mut self, port: u16) -> Result<()> {
        let listens = async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                time::sleep(Duration::from_millis(50)).await;
            }
        };
        let problem = tokio::select! {
            listens = time::timeout(DEADLINE, listens) => match listens {
                Ok(()) => return Ok(()),
                Err(_) => format!("The emulator does not listen after {} s.", DEADLINE.as_secs()),
            },
            status = self.process.ended() => format!("The emulator ended ({}).", status?),
        };
        bail!("{problem} {}", self.log())
    }

    /// Waits until it ends of its own accord.
    pub(super) async fn ended(&mut self) -> Result<ExitStatus> {
        self.process.ended().await
    }

    /// Where its AWS API answers.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// A folder that goes when it ends.
    pub(super) fn scratch(&self) -> &Path {
        &self.scratch
    }

    /// The end of its log, as a part of a message.
    pub(super) fn log(&self) -> String {
        format!("The end of {}:\n\n{}\n", self.log.display(), tail(&self.log))
    }
}

/// A port that was free a moment ago: the emulator cannot be handed a listener.
async fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("No port is free for the emulator")?;
    Ok(listener.local_addr()?.port())
}
