//! A function's start, counted in instructions: the same on every run, however busy the machine is.

use anyhow::{Result, bail};
use local::binaries::Profile;
use tests::runtime::{Binary, Remains};
use tokio::process::Command;

/// How many instructions a function takes from its start to its first call of `next`, which is not answered.
pub(crate) async fn instructions(operation: &str, variables: &[(&'static str, String)]) -> Result<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(Profile::Release.binary(operation)?);
    let mut function = Binary::spawn_by(command, operation, variables).await;
    let ready = function.ready().await;
    // Asked to end, valgrind says what it has counted.
    let Remains { stderr, .. } = if ready.is_ok() { function.terminate().await } else { function.ended().await };
    let collected = stderr.lines().find_map(|line| line.split_once("Collected : ")?.1.parse().ok());
    match (ready, collected) {
        (Ok(()), Some(count)) => Ok(count),
        (ready, _) => bail!("Under valgrind, {operation} came to no count ({ready:?}):\n{stderr}"),
    }
}
