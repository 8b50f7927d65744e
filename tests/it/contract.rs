//! `CONTRACT.md` held against the code: its examples are run, its tables compared. Either may be the one that is
//! wrong, so a difference names the line and both sides.

use api::{
    external::ExternalId,
    ids::{ChatId, MessageId, StepNumber, UserId},
    json::{MAX_DEPTH, StringEnum},
    problem::{
        MAX_BODY_BYTES, MAX_GZIP_BYTES, MAX_PART_BYTES, MAX_PREVIEW_BYTES, MAX_STEP_BYTES, MAX_STORED_BYTES,
        MAX_UNPACKED_BYTES, Problem,
    },
    recorder_keys::{KeyLabel, MAX_KEYS},
    routes::{self, BASE, ROUTES, Route},
    run::{MAX_NAME_BYTES, MAX_STEPS, RunKind},
    settings::{ChatOverride, DecidedBy},
    status::Status,
    step::{AttemptStatus, Operation},
};
use serde_json::{Value, json};
use service::policy::{Deployment, OptIn, resolve};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use tests::{openapi, world::*};

const CONTRACT: &str = "shared/api/CONTRACT.md";

/// A file of the repository.
fn file(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[derive(Clone)]
struct Contract(String);

/// A request of the contract, and what it says comes back.
#[derive(Debug, Default)]
struct Example {
    line: usize,
    caller: String,
    method: String,
    /// As it stands there, without what all paths begin with.
    path: String,
    body: String,
    status: u16,
    headers: Vec<(String, String)>,
    answer: String,
}

impl Contract {
    fn read() -> Self {
        Self(file(CONTRACT))
    }

    /// The rows of the table with this head, by cells.
    fn table(&self, head: &str) -> Vec<Vec<String>> {
        let rows = self.0.lines().skip_while(|line| *line != head).skip(2).take_while(|line| line.starts_with('|'));
        let cells = |row: &str| {
            let row = row.strip_prefix('|').and_then(|row| row.strip_suffix('|')).unwrap_or(row);
            row.split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        rows.map(cells).collect()
    }

    /// Everything that is not as the code says.
    fn differences(&self) -> Vec<String> {
        let tables = [Self::in_problems, Self::in_limits, Self::in_policy, Self::in_members, Self::in_words];
        tables
            .into_iter()
            .chain([Self::in_named_chats as fn(&Self) -> _, Self::in_routes])
            .flat_map(|read| read(self))
            .collect()
    }

    /// Compares a table that the code can write.
    fn written(&self, head: &str, expected: &[String]) -> Vec<String> {
        let given: Vec<_> =
            self.0.lines().skip_while(|line| *line != head).skip(2).take_while(|it| it.starts_with('|')).collect();
        let lacks = expected.iter().filter(|row| !given.contains(&&***row));
        let lacks = lacks.map(|row| format!("{CONTRACT} has no row for this, as the code has it: {row}"));
        let unknown = given.iter().filter(|row| !expected.iter().any(|it| it == *row));
        let unknown = unknown.map(|row| format!("{CONTRACT} has a row that the code has not: {row}"));
        let mut differences: Vec<_> = lacks.chain(unknown).collect();
        if differences.is_empty() && expected != given {
            differences.push(format!("{CONTRACT} has the rows under {head} in another order than the code."));
        }
        differences
    }

    fn in_problems(&self) -> Vec<String> {
        let row = |problem: &Problem| {
            let row = problem.row();
            format!("| {} | `{}` | {} |", row.status, row.slug, row.message)
        };
        self.written("| status | type | message |", &Problem::all().iter().map(row).collect::<Vec<_>>())
    }

    fn in_limits(&self) -> Vec<String> {
        let last = StepNumber::MAX as usize;
        let [plain, unpacked] = [MAX_BODY_BYTES, MAX_UNPACKED_BYTES].map(|bytes| (bytes / (1024 * 1024), bytes));
        let label = constant("shared/service/src/store/records/label.rs", "MAX_FIRST_MESSAGE");
        assert_eq!(
            label,
            constant("shared/service/src/store/records/label.rs", "MAX_LABEL"),
            "give each a row of its own"
        );
        let [page, looked_at] = [
            constant("shared/service/src/cursor.rs", "MAX_LIMIT"),
            constant("shared/service/src/store/read/runs.rs", "MAX_LOOKED_AT"),
        ];
        let longest = |fits: fn(&str) -> bool| (1..1_000).rev().find(|length| fits(&"x".repeat(*length))).unwrap();
        let user_id = longest(|id| id.parse::<UserId>().is_ok());
        let message_id = longest(|id| serde_json::from_value::<MessageId>(json!(id)).is_ok());
        assert_eq!(message_id, user_id, "give each a row of its own");
        let token = constant("shared/service/src/identity.rs", "MAX_TOKEN_BYTES");
        let limits = [
            format!("The body of a request | {} MiB ({} bytes) | 413 `body-too-large`", plain.0, plain.1),
            format!("A step whose redaction is previewed | 1 MiB ({MAX_PREVIEW_BYTES} bytes) | 413 `body-too-large`"),
            format!("A gzipped body, as it is sent | {MAX_GZIP_BYTES} bytes | 413 `body-too-large`"),
            format!("A gzipped body, unpacked | {} MiB ({} bytes) | 413 `body-too-large`", unpacked.0, unpacked.1),
            format!("A step as it is stored, compressed | {MAX_STORED_BYTES} bytes | 413 `step-too-large`"),
            format!("A turn as it is stored, compressed | {MAX_STORED_BYTES} bytes | 413 `turn-too-large`"),
            format!(
                "A step without its bodies and normalized forms, JSON-escaped once more | {MAX_STEP_BYTES} bytes | 413 \
                 `step-too-large`"
            ),
            format!(
                "A step as it is read back, JSON-escaped once more | {MAX_STEP_BYTES} bytes | its largest contents are \
                 `omitted`"
            ),
            format!("A content in one answer | {MAX_PART_BYTES} bytes | 413 `range-required`"),
            format!("The steps of one POST | {MAX_STEPS} | 400: put the others one by one"),
            format!("The number of a step | 1 to {last} | 400"),
            format!("`provider` and `model` | {MAX_NAME_BYTES} bytes of UTF-8 each | 400"),
            format!("`external_id` | {} bytes of UTF-8 | 400", ExternalId::MAX_BYTES),
            format!("Recorder keys of a user; general ones | {MAX_KEYS} each | 409 `too-many-keys`"),
            format!("The label of a recorder key | {} characters | 400", KeyLabel::MAX_CHARACTERS),
            format!("The depth of a free-form object, including itself | {MAX_DEPTH} | 400"),
            format!("A message id that is a text; an id of a user | {message_id} characters each | 400"),
            format!("`first_message` and `endpoint_label` | {label} characters each | cut, with `…` as the last"),
            format!("`limit` of a list | 1 to {page}, {page} without it | 400"),
            format!("Runs that a page looks at for a filter | {looked_at} | the page ends and announces the next"),
            format!("A token | {token} bytes | 401"),
        ];
        self.written("| what | limit | beyond it |", &limits.map(|limit| format!("| {limit} |")))
    }

    /// Every combination, by the first line that fits and by the policy.
    fn in_policy(&self) -> Vec<String> {
        let lines = self.table("| when | recorded | `decided_by` |");
        let mut differences = Vec::new();
        for (forced, allow_users) in [(true, true), (true, false), (false, true), (false, false)] {
            for chat in ChatOverride::ALL {
                for opted_in in [true, false] {
                    let fits = |line: &&Vec<String>| match &*line[0] {
                        "The deployment forces recording" => forced,
                        "The gate is closed, or was never opened" => !allow_users,
                        "The chat's override is `on`" => *chat == ChatOverride::On,
                        "The chat's override is `off`" => *chat == ChatOverride::Off,
                        "The owner opted in" => opted_in,
                        "Otherwise" => true,
                        unknown => panic!("{CONTRACT}: say in {} when {unknown:?} fits", file!()),
                    };
                    let decision = resolve(Deployment { forced, allow_users }, OptIn(opted_in), *chat);
                    let by = serde_json::to_value(decision.decided_by).unwrap();
                    let expected =
                        [if decision.enabled { "yes" } else { "no" }, &format!("`{}`", by.as_str().unwrap())];
                    let found = lines.iter().find(fits).map(|line| [&*line[1], &*line[2]]);
                    if found != Some(expected) {
                        let case = format!("forced {forced}, gate {allow_users}, chat {chat:?}, user {opted_in}");
                        differences.push(format!("{CONTRACT} decides {found:?}, the policy {expected:?}: {case}"));
                    }
                }
            }
        }
        differences
    }

    /// What is sent and read, by the schemas that every request and answer of the tests is held against.
    fn in_members(&self) -> Vec<String> {
        let run: [(&str, Column); 3] = [
            ("POST", |name| sent("CreateRun", name)),
            ("PATCH", |name| sent("UpdateRun", name)),
            ("read", |name| match (member("Run", name), member("RunDetail", name)) {
                (None, None) => "",
                (None, Some(false)) => "detail",
                (None, Some(true)) => "detail, always",
                (Some(true), _) => "always",
                (Some(false), _) => "yes",
            }),
        ];
        let step: [(&str, Column); 2] = [
            ("sent", |name| match sent("TurnStep", name) {
                "" => sent("StepInput", name),
                word => word,
            }),
            ("read", |name| member("Step", name).map_or("", |always| if always { "always" } else { "yes" })),
        ];
        let mut differences = self.members("run", &run, &["CreateRun", "UpdateRun", "RunDetail"]);
        differences.extend(self.members("step", &step, &["StepInput", "TurnStep", "Step"]));
        differences.extend(self.members("summary", &[], &["RunSummary", "RunSummaryInput"]));
        differences.extend(self.members("attempt", &[], &["Attempt", "AttemptInput"]));
        differences
    }

    fn members(&self, of: &str, columns: &[(&str, Column)], schemas: &[&str]) -> Vec<String> {
        let names = columns.iter().fold(String::new(), |names, (name, _)| names + name + " | ");
        let head = format!("| member of a {of} | {names}what |").replace("a attempt", "an attempt");
        let rows = self.table(&head);
        let (mut differences, mut listed) = (Vec::new(), BTreeSet::new());
        for row in &rows {
            for name in words(&row[0]) {
                for ((column, expected), given) in columns.iter().zip(&row[1..]) {
                    let expected = expected(&name);
                    if expected != given {
                        let says = format!("has {given:?} for {column} of {name}, openapi.json {expected:?}");
                        differences.push(format!("{CONTRACT}, members of a {of}: it {says}."));
                    }
                }
                listed.insert(name);
            }
        }
        let unknown = schemas.iter().filter(|schema| openapi::members(schema).is_empty());
        differences
            .extend(unknown.map(|schema| format!("openapi.json has no {schema}: say in {} what it is now.", file!())));
        let known = schemas.iter().flat_map(|schema| openapi::members(schema).into_keys());
        let known: BTreeSet<_> = known.map(str::to_owned).collect();
        let mut name = |names: Vec<&String>, says: &str| {
            differences.extend(names.iter().map(|name| format!("{CONTRACT}, members of a {of}: {name} {says}.")));
        };
        name(known.difference(&listed).collect(), "is missing");
        name(listed.difference(&known).collect(), "is in no schema of openapi.json");
        differences
    }

    /// The closed lists of words, wherever the contract names them.
    fn in_words(&self) -> Vec<String> {
        fn all<T: StringEnum>() -> Vec<&'static str> {
            T::ALL.iter().map(|word| word.as_str()).collect()
        }
        let run = self.table("| member of a run | POST | PATCH | read | what |");
        let step = self.table("| member of a step | sent | read | what |");
        let attempt = self.table("| member of an attempt | what |");
        let cell = |table: &[Vec<String>], name: &str| {
            let row = table.iter().find(|row| words(&row[0]).contains(&name.to_owned()));
            row.and_then(|row| row.last().cloned()).unwrap_or_default()
        };
        let override_ = self.0.split("**The override** ").nth(1).and_then(|rest| rest.split('.').next());
        let deciders: String =
            self.table("| when | recorded | `decided_by` |").iter().map(|row| row[2].as_str()).collect();
        [
            ("kind", cell(&run, "kind"), all::<RunKind>()),
            ("status", cell(&run, "status"), all::<Status>()),
            ("operation", cell(&step, "operation"), all::<Operation>()),
            ("an attempt's status", cell(&attempt, "status"), all::<AttemptStatus>()),
            ("override", override_.unwrap_or_default().to_owned(), all::<ChatOverride>()),
            ("decided_by", deciders, all::<DecidedBy>()),
        ]
        .into_iter()
        .filter(|(_, text, expected)| {
            let given: BTreeSet<_> = words(text).into_iter().collect();
            given != expected.iter().map(|word| (*word).to_owned()).collect()
        })
        .map(|(name, text, expected)| {
            format!("{CONTRACT} has {text:?} for the words of {name}, the code {expected:?}.")
        })
        .collect()
    }

    /// The vectors by which other programs make the ids of chats.
    fn in_named_chats(&self) -> Vec<String> {
        let rows = self.table("| owner | `external_id`, in JSON | the chat's id |");
        assert!(rows.len() >= 10, "{CONTRACT} has no vectors any more: say in {} where they are", file!());
        let differs = |row: Vec<String>| {
            let [owner, word, chat] = row.iter().flat_map(|cell| words(cell)).collect::<Vec<_>>().try_into().unwrap();
            let own = ChatId::named(&owner.parse().unwrap(), &serde_json::from_str(&word).unwrap());
            (own.to_string() != chat).then(|| format!("{CONTRACT} has {chat} for {owner} and {word}, the code {own}."))
        };
        rows.into_iter().filter_map(differs).collect()
    }

    fn in_routes(&self) -> Vec<String> {
        let examples = self.examples();
        let shown = |route: &&Route| {
            let mut of = examples.iter().filter(|it| it.route().is_some_and(|it| it.operation == route.operation));
            of.any(|it| route.success.contains(&it.status))
        };
        let lacks = ROUTES.into_iter().filter(|route| !shown(route));
        let lacks = lacks.map(|Route { method, path, operation, .. }| {
            format!("{CONTRACT} has no example of {operation}: show how {} {path} succeeds.", method.as_str())
        });
        let unknown = examples.iter().filter(|it| it.route().is_none());
        lacks.chain(unknown.map(Example::unknown)).collect()
    }

    /// What the names in braces stand for, and those of people.
    fn names(&self) -> Vec<(String, String)> {
        let rows = self.table("| in an example | is |");
        let ids = rows.iter().filter(|row| row[0].starts_with("`{"));
        ids.map(|row| (words(&row[0]).remove(0), words(&row[1]).remove(0))).collect()
    }

    fn filled(&self, text: &str) -> String {
        self.names().iter().fold(text.to_owned(), |text, (name, value)| text.replace(&**name, value))
    }

    /// Every example, in the order in which they stand.
    fn examples(&self) -> Vec<Example> {
        let (mut examples, mut is_inside, mut is_answer) = (Vec::new(), false, false);
        for (line, text) in (1..).zip(self.0.lines()) {
            if text.starts_with("```") {
                is_inside = text == "```text";
            } else if let Some((caller, request)) = text.split_once(" → ").filter(|_| is_inside) {
                let (method, path) = request.split_once(' ').unwrap_or((request, ""));
                let [caller, method, path] = [caller, method, path].map(str::to_owned);
                examples.push(Example { line, caller, method, path, ..Example::default() });
                is_answer = false;
            } else if let Some(example) = examples.last_mut().filter(|_| is_inside) {
                let header = text
                    .split_once(": ")
                    .filter(|(name, _)| name.chars().all(|it| it.is_ascii_alphabetic() || it == '-'));
                match (text.strip_prefix("← "), is_answer, header) {
                    (Some(status), ..) => {
                        let (status, answer) = status.split_once(' ').unwrap_or((status, ""));
                        example.status = status.parse().unwrap_or_else(|_| panic!("{CONTRACT}, line {line}: {text}"));
                        answer.clone_into(&mut example.answer);
                        is_answer = true;
                    }
                    (None, true, Some((name, value))) => example.headers.push((name.to_owned(), self.filled(value))),
                    (None, true, None) => example.answer += text,
                    (None, false, _) => example.body += text,
                }
            }
        }
        examples
    }
}

/// What a table of members says of one in a column.
type Column = fn(&str) -> &'static str;

impl Example {
    /// The route that takes it.
    fn route(&self) -> Option<&'static Route> {
        let path = self.path.split('?').next().unwrap_or_default();
        let path = format!("{BASE}{path}");
        routes::find(&self.method, &path).map(|(route, _)| route)
    }

    fn unknown(&self) -> String {
        format!("{CONTRACT}, line {}: {} {} is no route's.", self.line, self.method, self.path)
    }

    /// Sends it, and compares.
    async fn run(&self, world: &World, contract: &Contract) -> Vec<String> {
        let Some(route) = self.route() else { return vec![self.unknown()] };
        let caller = match &*self.caller {
            "anyone" => world.nobody(),
            "recorder" => world.recorder(),
            "admin" => world.admin(),
            user => world.user(user),
        };
        let mut path = format!("{BASE}{}", contract.filled(&self.path));
        if path.contains("{key}") {
            // The server made its id: it is the caller's newest.
            let keys = caller.get(&recorder_keys()).await.expect(200).json();
            path = path.replace("{key}", keys[0]["id"].as_str().unwrap());
        }
        let body = (!self.body.is_empty()).then(|| self.body.clone().into_bytes());
        let answer = caller.send(caller.request(route.method.as_str(), &path, body)).await;
        let Self { line, caller, method, path, .. } = self;
        let about = format!("{CONTRACT}, line {line}: {caller} → {method} {path}");
        if answer.status != self.status {
            return vec![format!("{about} is answered {}: {}", answer.status, answer.body)];
        }
        let mut differences = Vec::new();
        for (name, value) in &self.headers {
            let given = answer.header(name).unwrap_or_default();
            if !fits(value, given) {
                differences.push(format!("has {name}: {given:?}, not {value:?}"));
            }
        }
        match &*self.answer {
            "…" => {}
            "" if answer.body.is_empty() => {}
            "" => differences.push(format!("has a body: {}", answer.body)),
            expected => {
                let given = serde_json::from_str(&answer.body).unwrap_or_default();
                let expected = serde_json::from_str(expected);
                compare(
                    "",
                    &expected.unwrap_or_else(|error| panic!("{CONTRACT}, {self:?}: {error}")),
                    &given,
                    &mut differences,
                );
            }
        }
        if answer.header("link").is_some() && !self.headers.iter().any(|(name, _)| name == "Link") {
            differences.push("has a Link that is not shown".to_owned());
        }
        differences.iter().map(|difference| format!("{about} {difference}. Correct the one that is wrong.")).collect()
    }
}

/// Whether a text is what the contract says, where `…` is any.
fn fits(expected: &str, given: &str) -> bool {
    match expected.split_once('…') {
        Some((start, end)) => {
            given.strip_prefix(start).is_some_and(|rest| rest.len() > end.len() && rest.ends_with(end))
        }
        None => expected == given,
    }
}

/// Where two values differ. Bounded by the depth of what stands in the contract.
fn compare(at: &str, expected: &Value, given: &Value, differences: &mut Vec<String>) {
    match (expected, given) {
        (Value::Object(expected), Value::Object(given)) => {
            for name in expected.keys().chain(given.keys()).collect::<BTreeSet<_>>() {
                let of = |members: &serde_json::Map<_, _>| members.get(name).cloned().unwrap_or(json!("nothing"));
                compare(&format!("{at}/{name}"), &of(expected), &of(given), differences);
            }
        }
        (Value::Array(expected), Value::Array(given)) if expected.len() == given.len() => {
            for (index, (expected, given)) in expected.iter().zip(given).enumerate() {
                compare(&format!("{at}/{index}"), expected, given, differences);
            }
        }
        (Value::String(expected), Value::String(given)) if fits(expected, given) && given != "nothing" => {}
        _ if expected == given => {}
        _ => differences.push(format!("has {given} at {at:?}, not {expected}")),
    }
}

/// What stands in backticks.
fn words(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// A number that a module keeps to itself.
fn constant(path: &str, name: &str) -> usize {
    let source = file(path);
    let value = source.split(&format!("const {name}: usize = ")).nth(1).and_then(|rest| rest.split(';').next());
    let value = value.unwrap_or_else(|| panic!("{path} has no {name}: say in {} where it is now", file!()));
    value.split(" * ").map(|factor| factor.replace('_', "").parse::<usize>().unwrap()).product()
}

/// Whether a schema has a member, and requires it.
fn member(schema: &str, name: &str) -> Option<bool> {
    openapi::members(schema).get(name).copied()
}

fn sent(schema: &str, name: &str) -> &'static str {
    member(schema, name).map_or("", |is_required| if is_required { "must" } else { "yes" })
}

#[tokio::test]
async fn every_example_of_the_contract_is_answered_as_it_says() {
    let (contract, world) = (Contract::read(), World::new().await);
    let mut differences = Vec::new();
    for example in contract.examples() {
        differences.extend(example.run(&world, &contract).await);
    }
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
}

#[test]
fn the_contract_says_the_same_as_the_code() {
    let differences = Contract::read().differences();
    assert!(differences.is_empty(), "\n{}\n", differences.join("\n"));
}

/// Counts of a step under the names of each line, added up as the line says.
#[tokio::test]
async fn token_counts_are_totalled_as_the_contract_says() {
    let (contract, world) = (Contract::read(), World::new().await);
    world.consent("alice").await;
    let lines = contract.table("| names | input | output | reasoning | cache creation | cache read |");
    assert!(lines.len() >= 4, "the table of token counts is not found");
    for (n, line) in (0..).zip(&lines) {
        let names: BTreeSet<_> = line[1..].iter().flat_map(|cell| words(cell)).collect();
        let counts: BTreeMap<_, _> = names.into_iter().zip((0..).map(|place| 10_u64.pow(place))).collect();
        let mut step = step_body(Some(1));
        step["usage"] = json!({});
        for (name, count) in &counts {
            match name.split_once('.') {
                Some((details, name)) => step["usage"][details][name] = json!(count),
                None => step["usage"][name] = json!(count),
            }
        }
        let expected = [1, 2, 3, 4, 5].map(|column| words(&line[column]).iter().map(|name| counts[name]).sum::<u64>());
        let posted = world.recorder().post(&runs(1), turn("alice", n, vec![step])).await.expect(201).json();
        let summary = &posted["run"]["summary"];
        let totals = ["input", "output", "reasoning", "cache_creation", "cache_read"];
        let totals = totals.map(|name| summary[format!("total_{name}_tokens")].as_u64().unwrap_or_default());
        assert_eq!(totals, expected, "{} of {counts:?}", line[0]);
    }
}

#[tokio::test]
async fn whatever_is_wrong_in_the_contract_is_named() {
    let contract = Contract::read();
    let spoiled = |from: &str, to: &str| {
        assert!(contract.0.contains(from), "{from} does not stand in {CONTRACT}: spoil something else");
        Contract(contract.0.replacen(from, to, 1))
    };
    let named = |from: &str, to: &str, expected: &str| {
        let differences = spoiled(from, to).differences().join("\n");
        assert!(differences.contains(expected), "{expected}\nis not said among\n{differences}");
    };
    for problem in Problem::all() {
        let slug = problem.row().slug;
        named(&format!("| `{slug}` |"), "| `mine` |", &format!("| `{slug}` |"));
    }
    for route in ROUTES {
        let method = route.method.as_str();
        let examples = contract.examples();
        let of: Vec<_> = examples.iter().filter(|it| it.route() == Some(route)).collect();
        let text = of
            .iter()
            .fold(contract.0.clone(), |text, it| text.replace(&format!("→ {method} {}\n", it.path), "→ GET /mine\n"));
        let differences = Contract(text).differences().join("\n");
        let expected = format!("no example of {}", route.operation);
        assert!(differences.contains(&expected), "{expected}\nis not said among\n{differences}");
        assert!(differences.contains("/mine is no route's"), "{differences}");
    }
    named("| 1000 | 400", "| 999 | 400", "The steps of one POST | 1000");
    named("opened | no |", "opened | yes |", "the policy [\"no\", \"`gate`\"]");
    named("`quickgen`", "`quick`", "for the words of kind");
    named("| `endpoint_label` |", "| `label` |", "endpoint_label is missing");
    named("| `operation` | must |", "| `operation` | yes |", "for sent of operation, openapi.json \"must\"");

    let world = World::new().await;
    let wrong = spoiled("{\"allow_users\": true, \"forced_by_deployment\": false}", "{\"allow_users\": false}");
    let mut differences = Vec::new();
    let of_gate = |example: &&Example| example.path == "/config/debug-logging";
    for example in wrong.examples().iter().filter(of_gate).take(2) {
        differences.extend(example.run(&world, &wrong).await);
    }
    let differences = differences.join("\n");
    assert!(differences.contains("has true at \"/allow_users\", not false"), "{differences}");
    assert!(differences.contains("has false at \"/forced_by_deployment\", not \"nothing\""), "{differences}");
}
