//! The real handlers behind a port, for each test its own, with those who call them.

use api::ids::{ChatId, UserId};
use client::{
    Client,
    replay::{self, Conversation, ModelCall, ReplayedTurn},
};
use local::issuer::TokenRole;
use std::{
    collections::BTreeSet,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};
use tests::{
    server::WorldServer,
    world::{TestCaller, TestRequest, World},
};

/// The real handlers behind a port.
pub(crate) struct Backend {
    pub world: World,
    pub server: WorldServer,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Backend {
    /// Where alice is recorded.
    pub(crate) async fn new() -> Self {
        Self::of(World::recording("alice").await).await
    }

    pub(crate) async fn of(world: World) -> Self {
        let server = WorldServer::of(&world).await;
        Self { world, server }
    }

    /// What has been asked through the port.
    pub(crate) fn asked(&self) -> Vec<TestRequest> {
        self.server.asked()
    }

    /// The same as methods and paths.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().iter().map(|sent| format!("{} {}", sent.method, sent.path)).collect()
    }

    /// Returns once so much has been asked.
    pub(crate) async fn until_asked(&self, count: usize) {
        while self.asked().len() < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    pub(crate) fn token(&self, role: TokenRole) -> String {
        let sub = if matches!(role, TokenRole::Recorder) { "recorder-1" } else { "alice" };
        self.world.token(sub, role)
    }

    pub(crate) fn client(&self, token: &str) -> Client {
        Client::new(&self.server.origin, token).unwrap()
    }

    pub(crate) fn recorder(&self) -> Client {
        self.client(&self.token(TokenRole::Recorder))
    }

    pub(crate) fn alice(&self) -> Client {
        self.client(&self.token(TokenRole::User))
    }

    /// Alice, past the client.
    pub(crate) fn alice_herself(&self) -> TestCaller<'_> {
        self.world.user("alice")
    }

    /// The command line, called by somebody.
    pub(crate) fn command(&self, role: TokenRole, arguments: &[&str]) -> Command {
        let mut command = chat_debug(&self.server.origin, &self.token(role));
        command.args(arguments);
        command
    }

    pub(crate) async fn ran(&self, role: TokenRole, arguments: &[&str]) -> Ran {
        ran(self.command(role, arguments)).await
    }

    /// What a command of alice's prints.
    pub(crate) async fn printed(&self, arguments: &[&str]) -> String {
        let ran = self.ran(TokenRole::User, arguments).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.out
    }

    /// Replays a file for alice.
    pub(crate) async fn replayed(&self, file: &str, more: &[&str]) -> Ran {
        self.ran(TokenRole::Recorder, &[&["replay", file, "--owner", "alice"], more].concat()).await
    }
}

/// The command line with nothing but this in its environment.
pub(crate) fn chat_debug(url: &str, token: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chat-debug"));
    command.env_clear().env("CHAT_DEBUG_URL", url).env("CHAT_DEBUG_TOKEN", token);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Waits for a command beside the server, which lives on the test's own thread.
pub(crate) async fn ran(mut command: Command) -> Ran {
    let token = command.get_envs().find(|(name, _)| *name == "CHAT_DEBUG_TOKEN").and_then(|(_, token)| token);
    let token = token.map(|token| token.to_owned().into_string().unwrap());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(token.is_none_or(|token| !format!("{out}{err}").contains(&token)), "the token is nowhere to be seen");
    Ran { code: output.status.code(), out, err }
}

/// A file of conversations, in a folder that cargo keeps for tests.
pub(crate) fn file(name: &str, text: &str) -> String {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.jsonl"));
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// Turns and conversations that somebody reported.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/cases");

/// A small conversation, or what keeps one from being read.
pub(crate) fn fixture(name: &str) -> String {
    std::fs::read_to_string(format!("{CASES}/{name}")).unwrap()
}

/// The names of all conversations.
pub(crate) fn fixtures_of_calls() -> BTreeSet<String> {
    let names = std::fs::read_dir(CASES).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| Some(name.strip_suffix(".jsonl")?.to_owned())).collect()
}

pub(crate) fn alice() -> UserId {
    "alice".parse().unwrap()
}

/// The chat of a source that is replayed for alice.
pub(crate) fn chat_of(source: &str) -> ChatId {
    replay::chat_of(source).id(&alice())
}

/// A turn of alice's whose calls send these texts.
pub(crate) fn turn(source: &str, texts: &[&str]) -> ReplayedTurn {
    let call = |text: &&str| ModelCall {
        method: "POST".into(),
        url: "https://api.example.com/v1/messages".into(),
        request_headers: api::step::Headers::default(),
        request_body: Some(api::step::Body(format!(r#"{{"prompt":"{text}"}}"#).into())),
        status: Some(200),
        response_headers: api::step::Headers::default(),
        response_body: Some(api::step::Body(b"{}".to_vec())),
        error: None,
        duration_ms: None,
        first_byte_ms: None,
        left_out: Vec::new(),
    };
    let calls = texts.iter().map(call).collect();
    let conversation = Conversation { source: source.into(), licence: None, calls };
    ReplayedTurn::new(&conversation, &alice(), &replay::chat_of(source), "2026-01-02T03:04:05Z".parse().unwrap())
}

/// The steps of a large turn.
pub(crate) const LARGE: usize = 14;

/// A turn that no single request takes, not even gzipped, and no single answer.
pub(crate) fn large_turn(source: &str) -> ReplayedTurn {
    let texts = [(); LARGE].map(|()| dense_text(250_000));
    turn(source, &texts.each_ref().map(|text| &**text))
}

/// A text that gzip takes little off.
pub(crate) fn dense_text(length: usize) -> String {
    std::iter::repeat_with(fastrand::alphanumeric).take(length).collect()
}
