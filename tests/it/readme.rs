//! What README.md shows, run as it stands there.

use crate::kits::typescript;
use api::{
    ids::ChatId,
    routes::{CREATE_DEBUG_RUN, fill},
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};
use tests::{server::WorldServer, world::*};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

const OWNER: &str = "user-1";
const FIRST_TURN: &str = "Record your first turn";
/// What the chat product calls the chat.
const WORD: &str = "conversation-7";
/// What whoever follows README.md has to set.
const OF_READER: [&str; 3] = ["CHAT_DEBUG_URL", "CHAT_DEBUG_KEY", "OPENAI_API_KEY"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The blocks of a language below a heading.
fn shown(heading: &str, language: &str) -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split(&format!("\n## {heading}\n")).nth(1).and_then(|rest| rest.split("\n## ").next());
    let section = section.unwrap_or_else(|| panic!("README.md has no section \"{heading}\""));
    let fence = format!("\n```{language}\n");
    let blocks = section.split(&*fence).skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// A folder that is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(folder: PathBuf) -> Self {
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path.into_os_string().into_string().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// What a program prints; it has to be there and to end well.
async fn run(program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(program);
    // A proxy of this machine's does not know this machine's ports.
    for own in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].iter().chain(&OF_READER) {
        command.env_remove(own);
    }
    command.args(arguments).envs(environment.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await;
    let output = output.unwrap_or_else(|error| panic!("{program} is missing, which README.md needs: {error}"));
    let [printed, complained] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{program} {arguments:?}: {}\n{printed}{complained}", output.status);
    printed
}

/// The model's provider of the kits' tests, which ends with this.
struct Provider {
    origin: String,
    _program: Child,
}

impl Provider {
    async fn start() -> Self {
        let program = root().join("shared/kits/provider.py");
        let mut program = Command::new("python3")
            .arg(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
        Self { origin: line.trim().to_owned(), _program: program }
    }
}

/// Runs what is shown against the real handlers, with what README.md tells to set, and returns what it printed. A turn
/// has to stand then, its owner's own, in the one chat.
async fn records_a_turn(program: &str, arguments: &[&str]) -> String {
    let world = World::recording(OWNER).await;
    let server = WorldServer::of(&world).await;
    let model = Provider::start().await;
    let key = world.token("recorder-1", local::issuer::TokenRole::Recorder);
    let kit = root().join("shared/kits/python/src");
    let provider = format!("{}/readme/plain/v1", model.origin);
    let mut environment =
        vec![("OPENAI_BASE_URL", &*provider), ("PYTHONPATH", kit.to_str().unwrap()), ("PYTHONDONTWRITEBYTECODE", "1")];
    let told = shown(FIRST_TURN, "sh").remove(0);
    let of_reader = OF_READER.into_iter().zip([&*server.origin, &*key, "the-provider-checks-none"]);
    environment.extend(of_reader.filter(|(name, _)| told.contains(&format!(" {name}="))));
    let printed = run(program, arguments, &environment).await;

    let asked = server.asked();
    let posted = asked.iter().rfind(|asked| asked.method == "POST").unwrap_or_else(|| panic!("{asked:?}"));
    let chat = ChatId::named(&OWNER.parse().unwrap(), &WORD.parse().unwrap()).to_string();
    assert_eq!(posted.path, fill(&CREATE_DEBUG_RUN, &[&chat]));
    let listed = world.user(OWNER).get(&posted.path).await.expect(200).json();
    let listed = listed.as_array().unwrap();
    let [run] = listed.as_slice() else { panic!("{listed:?}") };
    let run = format!("{}/{}", posted.path, run["id"].as_str().unwrap());
    let run = world.user(OWNER).get(&run).await.expect(200).json();
    assert_eq!(run["steps"][0]["normalized_request"]["messages"][0]["content"], "Hello!", "{run}");
    printed
}

#[tokio::test]
async fn the_first_turn_is_recorded_with_curl() {
    let blocks = shown(FIRST_TURN, "sh");
    let [_, curl] = blocks.as_slice() else { panic!("README.md shows {} blocks of sh", blocks.len()) };
    assert!(curl.starts_with("curl "), "{curl}");
    let printed = records_a_turn("bash", &["-euo", "pipefail", "-c", curl]).await;
    let printed: Value = serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
    assert_eq!(printed["recorded"], true, "{printed}");
}

/// A Python that has the kit's SDKs.
fn python() -> PathBuf {
    let python = root().join(".local/kit-python/bin/python");
    assert!(python.exists(), "{} is missing: `make test` installs it.", python.display());
    python
}

#[tokio::test]
async fn the_first_turn_is_recorded_with_python() {
    let blocks = shown(FIRST_TURN, "python");
    let [program] = blocks.as_slice() else { panic!("README.md shows {} blocks of python", blocks.len()) };
    records_a_turn(python().to_str().unwrap(), &["-c", program]).await;
}

#[tokio::test]
async fn what_make_run_prints_of_the_kit_records_a_turn() {
    let place = format!("cd '{}'; PATH='{}':$PATH", root().display(), python().parent().unwrap().display());
    let lines = local::kit::lines("$CHAT_DEBUG_URL", "$CHAT_DEBUG_KEY");
    let printed = records_a_turn("bash", &["-euo", "pipefail", "-c", &format!("{place}\n{lines}")]).await;
    assert!(printed.contains("ok ") && !printed.contains("MISSING"), "{printed}");
}

#[tokio::test]
async fn the_first_turn_is_recorded_with_typescript() {
    let blocks = shown(FIRST_TURN, "ts");
    let [program] = blocks.as_slice() else { panic!("README.md shows {} blocks of ts", blocks.len()) };
    let kit = typescript::kit().await;
    let compiler = kit.join("node_modules/typescript/bin/tsc");
    assert!(compiler.exists(), "{} is missing: `make test` installs it.", compiler.display());
    // Beside the kit's tests, where the kit and the SDK are installed.
    let folder = Folder::new(kit.join("tests").join(format!("readme-{}", std::process::id())));
    let file = folder.file("turn.mts", program);
    let types = kit.join("node_modules/@types");
    let checks = ["--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--typeRoots"];
    let compile = [&[compiler.to_str().unwrap()][..], &checks, &[types.to_str().unwrap(), &file]].concat();
    run("node", &compile, &[]).await;
    records_a_turn("node", &[&file.replace(".mts", ".mjs")]).await;
}

#[test]
fn the_terminal_shows_the_chat_that_was_recorded() {
    let [block]: [String; 1] = shown("Look at it", "sh").try_into().unwrap();
    assert!(block.contains(&format!(" CHAT_DEBUG_OWNER={OWNER}\n")), "{block}");
    let lines = block.lines().filter_map(|line| line.strip_prefix("chat-debug "));
    let chats: Vec<_> = lines.filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(chats, [WORD; 3], "{block}");
}

const DOCUMENTS: [&str; 9] = [
    "README.md",
    "shared/kits/python/README.md",
    "shared/kits/typescript/README.md",
    "shared/api/CONTRACT.md",
    "infra/README.md",
    "infra/deploy.md",
    "infra/costs.md",
    "infra/runbook.md",
    "tests/README.md",
];

/// A heading's anchor, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept =
        heading.to_lowercase().chars().filter(|it| it.is_alphanumeric() || " -_".contains(*it)).collect::<String>();
    kept.replace(' ', "-")
}

#[test]
fn links_between_the_documents_lead_somewhere() {
    let mut broken = Vec::new();
    for document in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (path, wanted) = link.split_once('#').unwrap_or((link, ""));
            let folder = root().join(document).parent().unwrap().to_owned();
            let target = if path.is_empty() { root().join(document) } else { folder.join(path) };
            let mut headings = fs::read_to_string(&target).unwrap_or_default();
            headings.insert(0, '\n');
            let leads = headings.split("\n#").skip(1).filter_map(|it| it.lines().next()?.split_once(' '));
            let has_anchor = wanted.is_empty() || leads.map(|(_, heading)| anchor(heading)).any(|it| it == wanted);
            let is_good = link.starts_with("https://") || (target.exists() && has_anchor);
            if !is_good {
                broken.push(format!("{document}: {link} leads nowhere."));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}
