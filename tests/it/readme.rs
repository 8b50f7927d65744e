//! What README.md shows, run as it stands there.

use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};
use tests::{server::WorldServer, world::*};
use tokio::process::Command;

const OWNER: &str = "user-1";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The blocks of a language below "Record your first turn".
fn shown(language: &str) -> Vec<String> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let section = readme.split("\n## Record your first turn\n").nth(1).and_then(|rest| rest.split("\n## ").next());
    let section = section.unwrap_or_else(|| panic!("README.md has no section \"Record your first turn\""));
    let fence = format!("\n```{language}\n");
    let blocks = section.split(&*fence).skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

/// A folder that is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn of(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("chat-debug-readme-{name}-{}", std::process::id()));
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
    command.args(arguments).envs(environment.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
    // A proxy of this machine's does not know this machine's ports.
    for proxy in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env_remove(proxy);
    }
    let output = command.output().await;
    let output = output.unwrap_or_else(|error| panic!("{program} is missing, which README.md needs: {error}"));
    let [printed, complained] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{program} {arguments:?}: {}\n{printed}{complained}", output.status);
    printed
}

/// Runs what is shown against the real handlers. One turn has to stand then, its owner's own, and the program has
/// to say so.
async fn records_a_turn(program: &str, arguments: &[&str]) {
    let world = World::new().await;
    world.consent(OWNER).await;
    let server = WorldServer::of(&world).await;
    let token = world.token("recorder-1", local::issuer::TokenRole::Recorder);
    let environment = [("CHAT_DEBUG_URL", &*server.origin), ("CHAT_DEBUG_TOKEN", &*token)];
    let printed = run(program, arguments, &environment).await;
    let printed: Value = serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
    assert_eq!(printed["recorded"], true, "{printed}");

    let asked = server.asked();
    let [asked] = asked.as_slice() else { panic!("{asked:?}") };
    let listed = world.user(OWNER).get(&asked.path).await.expect(200).json();
    let listed = listed.as_array().unwrap();
    let [run] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!(run, &printed["run"]);
    let run =
        world.user(OWNER).get(&format!("{}/{}", asked.path, run["id"].as_str().unwrap())).await.expect(200).json();
    assert_eq!(run["steps"][0]["normalized_request"]["messages"][0]["content"], "Hello!");
}

#[tokio::test]
async fn the_first_turn_is_recorded_with_curl() {
    let blocks = shown("sh");
    let [setting, curl] = blocks.as_slice() else { panic!("README.md shows {} blocks of sh", blocks.len()) };
    assert!(setting.contains("CHAT_DEBUG_URL=http") && setting.contains("CHAT_DEBUG_TOKEN=$(make"), "{setting}");
    assert!(curl.starts_with("curl "), "{curl}");
    records_a_turn("bash", &["-euo", "pipefail", "-c", curl]).await;
}

#[tokio::test]
async fn the_first_turn_is_recorded_with_python() {
    let blocks = shown("python");
    let [program] = blocks.as_slice() else { panic!("README.md shows {} blocks of python", blocks.len()) };
    // Isolated: what is installed beside the standard library does not count.
    records_a_turn("python3", &["-I", "-c", program]).await;
}

#[tokio::test]
async fn the_first_turn_is_recorded_with_typescript() {
    let blocks = shown("ts");
    let [program] = blocks.as_slice() else { panic!("README.md shows {} blocks of ts", blocks.len()) };
    let compiler = root().join(".local/openapi/node_modules/typescript/bin/tsc");
    assert!(compiler.exists(), "{} is missing: `make test` installs it.", compiler.display());
    let folder = Folder::of("typescript");
    let file = folder.file("turn.mts", program);
    let node = folder.file("node.d.ts", "declare const process: { env: Record<string, string | undefined> };");
    let checks = ["--strict", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom"];
    run("node", &[&[compiler.to_str().unwrap()][..], &checks, &[&node, &file]].concat(), &[]).await;
    records_a_turn("node", &[&file.replace(".mts", ".mjs")]).await;
}

const DOCUMENTS: [&str; 7] = [
    "README.md",
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
