//! The parts of infra/template.yaml that follow from the routes, the jobs and their rights.

use crate::rights::{Decided, Right, Rights};
use anyhow::Result;
use api::{
    jobs::JOBS,
    routes::{CREATE_RECORDER_KEY, Callers, GET_VIEWER, Method, ROUTES, Route},
};
use std::fmt::Write;

/// How wide a line of the template is.
const WIDTH: usize = 118;
/// How many metrics an alarm may look at, by `PutMetricAlarm`.
const METRICS_OF_ALARM: usize = 10;

/// A function with its role and its log.
const FUNCTION: &str = include_str!("function.yaml");
/// The route that leads to an operation's function.
const ROUTE: &str = include_str!("route.yaml");
/// The schedule that starts a job's function, and the alarm that rings when it does not.
const SCHEDULE: &str = include_str!("schedule.yaml");
/// What the page is told of its deployment.
const SITE: &str = include_str!("site.yaml");
const NO_ENVIRONMENT: &str = "      Environment: !Ref AWS::NoValue\n";
const ALARM: &str = include_str!("alarm.yaml");
const METRIC: &str = include_str!("metric.yaml");
const DASHBOARD: &str = include_str!("dashboard.yaml");

/// Every function, by its operation or job.
fn functions() -> Vec<&'static str> {
    ROUTES.into_iter().map(|route| route.operation).chain(JOBS.into_iter().map(|job| job.name)).collect()
}

/// What the names of a function's resources begin with.
fn name(function: &str) -> String {
    let capitalized =
        |word: &str| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect();
    function.split('-').map(capitalized).collect::<Vec<String>>().concat()
}

/// The routes whose throttle is tighter than that of what reads.
fn throttled() -> impl Iterator<Item = &'static Route> {
    let is_own = |route: &&Route| matches!(route.callers, Callers::Anyone | Callers::Recorder);
    ROUTES.into_iter().filter(move |route| route.method != Method::Get || is_own(route))
}

/// What the stage depends on: a route must exist before the stage can set its throttle.
pub(crate) fn throttled_routes() -> String {
    let line = |route: &Route| format!("      - {}Route\n", name(route.operation));
    throttled().map(line).collect()
}

/// The throttles of the routes that write, of those that record, and of the public ones, whose answers are paid for by
/// the byte.
pub(crate) fn throttles() -> String {
    let throttle = |route: &Route| match route.callers {
        Callers::Anyone => {
            format!("        {}: {{ThrottlingRateLimit: 1, ThrottlingBurstLimit: 20}}\n", route.key())
        }
        callers => {
            let kind = if callers == Callers::Recorder { "Record" } else { "Write" };
            let [rate, burst] = ["Rate", "Burst"].map(|limit| format!("!Ref {kind}Throttle{limit}"));
            format!(
                "        {}:\n          {{ThrottlingRateLimit: {rate}, ThrottlingBurstLimit: {burst}}}\n",
                route.key()
            )
        }
    };
    throttled().map(throttle).collect()
}

/// What the gateway may call: the functions of this stack, and no other that happens to be named like them.
pub(crate) fn functions_of_gateway() -> String {
    ROUTES.into_iter().map(|route| alias(route.operation)).collect()
}

/// What the scheduler may call.
pub(crate) fn functions_of_scheduler() -> String {
    JOBS.into_iter().map(|job| alias(job.name)).collect()
}

/// What a deployment may move. Not the aliases themselves: each waits for its deployment group, which names the role.
pub(crate) fn functions_of_deployment() -> String {
    let lines = |function: &str| {
        let name = name(function);
        format!("                  - !GetAtt {name}Function.Arn\n                  - !Sub ${{{name}Function.Arn}}:*\n")
    };
    functions().into_iter().map(lines).collect()
}

fn alias(function: &str) -> String {
    format!("                  - !Ref {}Function.Alias\n", name(function))
}

/// A block for each operation.
pub(crate) fn operations(rights: &Rights) -> Result<String> {
    let mut text = String::new();
    for (at, route) in ROUTES.into_iter().enumerate() {
        let decided = rights.of(route.operation)?;
        let mut properties = String::new();
        if route.callers == Callers::Anyone {
            properties += if route.operation == GET_VIEWER.operation { SITE } else { NO_ENVIRONMENT };
        }
        // A wrong rule stops what redacts, and nothing else.
        if redacts(route) {
            properties += "      Environment: {Variables: {REDACTION_RULES: !Ref RedactionRules}}\n";
        }
        if let Some(memory) = decided.memory {
            writeln!(properties, "      MemorySize: {memory}")?;
        }
        if let Some(parameter) = concurrency(route) {
            writeln!(
                properties,
                "      ReservedConcurrentExecutions: !If [Has{parameter}, !Ref {parameter}, !Ref AWS::NoValue]"
            )?;
        }
        text += &function(route.operation, route.summary, callers(route), decided, &properties, at);
        text += &ROUTE
            .replace("{Name}", &name(route.operation))
            .replace("{key}", &route.key())
            .replace("{authorization}\n", authorization(route));
    }
    Ok(text + "\n")
}

/// Whether the handler of a route redacts; the template's check holds this against the handlers.
fn redacts(route: &Route) -> bool {
    let is_recording =
        matches!(route.callers, Callers::Recorder | Callers::Authenticated) && route.method != Method::Get;
    is_recording || route.operation == CREATE_RECORDER_KEY.operation
}

/// A block for each job.
pub(crate) fn jobs(rights: &Rights) -> Result<String> {
    let mut text = String::new();
    for (at, job) in (ROUTES.len()..).zip(JOBS) {
        let by = format!("every {} minutes", job.every);
        // A tick does what it has time for.
        let properties = "      Timeout: 60\n";
        text += &function(job.name, job.summary, &by, rights.of(job.name)?, properties, at);
        text += &SCHEDULE
            .replace("{Name}", &name(job.name))
            .replace("{job}", job.name)
            .replace("{summary}", job.summary)
            .replace("{every}", &job.every.to_string());
    }
    Ok(text + "\n")
}

/// A function, the n-th of all, with its role and its log.
fn function(function: &str, summary: &str, by: &str, decided: &Decided, properties: &str, at: usize) -> String {
    let statements: String = decided.may.iter().map(statement).collect();
    FUNCTION
        .replace("{dashes}", &"-".repeat(85_usize.saturating_sub(function.len())))
        .replace("{summary}", summary)
        .replace("{by}", by)
        .replace("{function}", function)
        .replace("{Name}", &name(function))
        .replace("{properties}", properties)
        .replace("{alarm}", &alarm(at))
        .replace("{statements}", &statements)
}

/// Who may call it.
pub(crate) fn callers(route: &Route) -> &'static str {
    match route.callers {
        Callers::Anyone => "anyone",
        Callers::Admin => "admin",
        Callers::User if route.has_parameter("chat") => "owner",
        Callers::User => "user",
        Callers::Recorder => "recorder",
        Callers::Authenticated => "any token",
    }
}

/// The parameter that reserves calls at once: there is one for what users read, and one for what recorders do.
pub(crate) fn concurrency(route: &Route) -> Option<&'static str> {
    match (route.callers, route.method) {
        (Callers::Recorder, _) => Some("RecordConcurrency"),
        (Callers::Admin | Callers::User, Method::Get) => Some("ReadConcurrency"),
        _ => None,
    }
}

fn authorization(route: &Route) -> &'static str {
    match route.callers {
        Callers::Anyone => "      AuthorizationType: NONE\n",
        Callers::Admin | Callers::User | Callers::Authenticated => {
            "      AuthorizationType: JWT\n      AuthorizerId: !Ref Authorizer\n"
        }
        // The authorizer knows no keys: where there are some, the function decides alone.
        Callers::Recorder => {
            "      AuthorizationType: !If [HasRecorderKeys, NONE, JWT]\n      \
             AuthorizerId: !If [HasRecorderKeys, !Ref AWS::NoValue, !Ref Authorizer]\n      \
             AuthorizationScopes: !If [HasRecorderKeys, !Ref AWS::NoValue, [!Ref RecorderScope]]\n"
        }
    }
}

/// A statement of a role.
fn statement(right: &Right) -> String {
    let (actions, on) = match right {
        Right::Calls(call) => (call.call.iter().map(|it| format!("dynamodb:{it:?}")).collect::<Vec<_>>(), &call.on),
        Right::Update(update) => (vec!["dynamodb:UpdateItem".to_owned()], &update.on),
    };
    let keys: Vec<_> =
        on.iter().map(|key| if key.contains('#') { format!("\"{key}\"") } else { key.clone() }).collect();
    let keys = format!("\"ForAllValues:StringLike\": {{dynamodb:LeadingKeys: [{}]}}", keys.join(", "));
    let condition = match right {
        Right::Calls(_) => format!("                Condition: {{{keys}}}\n"),
        Right::Update(update) => {
            let attributes = ["pk", "sk"].into_iter().chain(update.update.iter().map(String::as_str));
            let attributes = list("                    dynamodb:Attributes: ", &attributes.collect::<Vec<_>>());
            format!(
                "                Condition:\n                  {keys}\n                  \"ForAllValues:StringEquals\":\n{attributes}"
            )
        }
    };
    let actions: Vec<_> = actions.iter().map(String::as_str).collect();
    let actions = list("                Action: ", &actions);
    format!("              - Effect: Allow\n{actions}                Resource: !GetAtt Table.Arn\n{condition}")
}

/// A list in one line, or in as many as it needs.
fn list(member: &str, items: &[&str]) -> String {
    let whole = items.join(", ");
    if member.len() + whole.len() + 2 <= WIDTH {
        return format!("{member}[{whole}]\n");
    }
    let indent = " ".repeat(member.len() - member.trim_start().len());
    let mut lines = vec![format!("{indent} ")];
    for word in whole.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= WIDTH => line.extend([" ", word]),
            _ => lines.push(format!("{indent}  {word}")),
        }
    }
    format!("{member}[\n{}\n{indent}]\n", lines.join("\n"))
}

/// The alarm over the errors of a function, by its place in the list.
fn alarm(at: usize) -> String {
    format!("FunctionErrors{}", at / METRICS_OF_ALARM + 1)
}

/// As many alarms as it takes to look at every function's errors.
pub(crate) fn alarms() -> String {
    let group = |(at, group): (usize, &[&str])| {
        let metric =
            |function: &&str| METRIC.replace("{id}", &function.replace('-', "_")).replace("{Name}", &name(function));
        let metrics: String = group.iter().map(metric).collect();
        ALARM.replace("{Alarm}", &alarm(at * METRICS_OF_ALARM)).replace("{metrics}", &metrics)
    };
    functions().chunks(METRICS_OF_ALARM).enumerate().map(group).collect::<String>() + "\n"
}

/// The dashboard, which draws every function.
pub(crate) fn dashboard() -> String {
    let mut text = DASHBOARD.to_owned();
    for metric in ["Duration", "Errors", "Throttles"] {
        let line = |(at, function): (usize, &&str)| {
            let beginning =
                if at == 0 { format!("\"AWS/Lambda\", \"{metric}\", \"FunctionName\"") } else { "\"...\"".to_owned() };
            format!("              [{beginning}, \"${{{}Function}}\"]", name(function))
        };
        let lines: Vec<_> = functions().iter().enumerate().map(line).collect();
        text = text.replace(&format!("{{{metric}}}"), &lines.join(",\n"));
    }
    text
}
