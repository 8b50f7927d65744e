//! Child processes that never outlive us, however we end.
//!
//! A child has a process group of its own, so Ctrl-C at the terminal reaches us alone and we end it
//! in order. Beside it waits a guard, a shell that holds the other end of a pipe: when our end closes,
//! even because we were killed, the guard asks the child's group to terminate. Children that come and go
//! by the dozen and need no farewell share a [`Group`], which the guard itself belongs to.

#![expect(clippy::print_stderr, reason = "what may be left behind is said to the person at the terminal")]

use anyhow::{Context, Result};
use std::{
    ffi::OsStr,
    fs, io,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// How long the child may take to end before it is killed.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often an ending is looked for.
const TICK: Duration = Duration::from_millis(50);

/// How much of a log an error shows, in lines.
const TAIL: usize = 25;

/// Ends the group `$1`, and then removes the folder `$2` if there is one.
const GUARD: &str = r#"
read -r _
kill -TERM "-$1"
[ -n "$2" ] || exit 0
tries=0
while kill -0 "-$1" 2>/dev/null && [ "$tries" -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
rm -rf "$2"
"#;

/// Kills its own group.
const GROUP_GUARD: &str = "read -r _; kill -s KILL 0";

/// A running child. Dropping it ends it, and returns when it has ended.
pub struct Guarded {
    child: Child,
    guard: Child,
}

impl Guarded {
    /// Starts the command.
    pub fn spawn(command: &mut Command) -> Result<Self> {
        Self::start(command, "")
    }

    /// Starts the command with a folder that is removed when it has ended.
    pub(crate) fn spawn_with_scratch(command: &mut Command, scratch: &Path) -> Result<Self> {
        Self::start(command, scratch)
    }

    fn start(command: &mut Command, scratch: impl AsRef<OsStr>) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .with_context(|| format!("The program {name} cannot be started"))?;
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard", &child.id().to_string()])
            .arg(scratch)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        match guard {
            Ok(guard) => Ok(Self { child, guard }),
            Err(error) => {
                child.kill()?;
                Err(error).context("The program sh cannot be started")
            }
        }
    }

    /// The child's process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the child ends of its own accord.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            tokio::time::sleep(TICK).await;
        }
    }

    fn stop(&mut self) -> io::Result<()> {
        if self.child.try_wait()?.is_none() {
            drop(self.guard.stdin.take());
            let asked = Instant::now();
            while self.child.try_wait()?.is_none() {
                if asked.elapsed() > PATIENCE {
                    self.child.kill()?;
                }
                sleep(TICK);
            }
        } else {
            // Nothing is left to end, and the child's number may soon be somebody else's.
            self.guard.kill()?;
        }
        self.guard.wait().map(drop)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("Process {} may still be running: {error}", self.child.id());
        }
    }
}

/// A process group for children to be started in. Dropping it kills whoever is left in it.
pub struct Group {
    guard: Child,
    id: i32,
}

impl Group {
    /// A group of nobody but its guard.
    pub fn new() -> Result<Self> {
        let guard = Command::new("sh")
            .args(["-c", GROUP_GUARD])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("The program sh cannot be started")?;
        let id = i32::try_from(guard.id())?;
        Ok(Self { guard, id })
    }

    /// What a command's `process_group` takes.
    pub fn id(&self) -> i32 {
        self.id
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        if let Err(error) = self.guard.wait() {
            eprintln!("Processes of the group {} may still be running: {error}", self.id);
        }
    }
}

/// The last lines of a child's log, for an error to show.
pub fn tail(log: &Path) -> String {
    let log = fs::read(log).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let skipped = log.lines().count().saturating_sub(TAIL);
    log.lines().skip(skipped).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_child_that_ends_is_seen_to_end() {
        let mut child = Guarded::spawn(Command::new("sh").args(["-c", "exit 3"])).unwrap();
        assert_eq!(child.ended().await.unwrap().code(), Some(3));
    }

    #[test]
    fn its_scratch_goes_with_it() {
        let scratch = std::env::temp_dir().join(format!("scratch-{}", std::process::id()));
        std::fs::create_dir_all(scratch.join("folder")).unwrap();
        let mut sleep = Command::new("sh");
        let child = Guarded::spawn_with_scratch(sleep.args(["-c", "sleep 60 & wait"]), &scratch).unwrap();
        assert!(scratch.exists());
        drop(child);
        assert!(!scratch.exists());
    }

    /// How many processes of a group are alive.
    fn alive(group: u32) -> usize {
        let listed = Command::new("ps").args(["-A", "-o", "pgid=,stat="]).output().unwrap().stdout;
        let alive = |line: &&str| line.trim().starts_with(&format!("{group} ")) && !line.contains('Z');
        String::from_utf8_lossy(&listed).lines().filter(alive).count()
    }

    #[test]
    fn dropping_it_ends_the_child_and_its_group() {
        let child = Guarded::spawn(Command::new("sh").args(["-c", "sleep 60 & wait"])).unwrap();
        let group = child.child.id();
        drop(child);
        assert_eq!(alive(group), 0);
    }

    #[test]
    fn dropping_a_group_kills_all_that_joined_it_with_their_children() {
        let group = Group::new().unwrap();
        let deaf = r#"trap "" TERM INT; sleep 60 & wait"#;
        let start = || Command::new("sh").args(["-c", deaf]).process_group(group.id()).spawn().unwrap();
        let mut children = [start(), start()];
        let id = group.guard.id();
        assert!(alive(id) >= 3);
        drop(group);
        for child in &mut children {
            assert!(!child.wait().unwrap().success());
        }
        assert_eq!(alive(id), 0);
    }
}
