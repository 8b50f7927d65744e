//! The sample conversation: a turn that a recorder posts and its owner reads, as any client does.

use crate::stack_client::{Answer, StackClient};
use anyhow::{Result, bail};
use api::{
    ids::ChatId,
    routes::{
        BASE, CREATE_DEBUG_RUN, CREATE_RECORDER_KEY, DELETE_RECORDER_KEY, GET_VIEWER, LIST_DEBUG_RUNS,
        LIST_RECORDER_KEYS, PUT_DEBUG_LOGGING, PUT_USER_DEBUG_LOGGING, Route, fill,
    },
};
use local::issuer::{Issuer, TokenRole};
use serde_json::{Value, json};

/// The sample's chat.
pub(crate) const CHAT: &str = "5a3e7c1e-0000-4000-8000-000000000001";
/// The sample's owner, as the sample says it.
pub(crate) const OWNER: &str = "user-1";

/// What the chat is called into which a pasted line records.
const WORD: &str = "my first chat";

/// The turn, exactly as a recorder posts it.
const TURN: &str = include_str!("../sample.json");

/// What the general key is called that each start makes anew.
const KEY_LABEL: &str = "make run";

/// What became of the sample.
pub(crate) enum Sample {
    /// The run can be opened.
    Readable { run: String },
    /// Somebody deleted the chat, and deleted it stays.
    Deleted,
}

impl Sample {
    /// Where the viewer shows it.
    pub(crate) fn link(&self, client: &StackClient) -> String {
        let viewer = client.url(GET_VIEWER.path);
        match self {
            Self::Readable { run } => format!("{viewer}#/c/{CHAT}/r/{run}"),
            Self::Deleted => viewer,
        }
    }
}

/// Records the sample, unless it was recorded at an earlier start.
pub(crate) async fn record(client: &StackClient, issuer: &Issuer, key: &str, now: i64) -> Result<Sample> {
    let user = issuer.token(OWNER, TokenRole::User, now)?;
    let admin = issuer.token("admin-1", TokenRole::Admin, now)?;
    let call = async |route: &Route, token: &str, body: Option<&str>| {
        client.call(route.method.as_str(), &fill(route, &[CHAT]), Some(token), body).await
    };

    let list = call(&LIST_DEBUG_RUNS, &user, None).await?;
    if let Some(run) = list.body.pointer("/0/id").and_then(Value::as_str) {
        println!("  it was recorded at an earlier start");
        return Ok(Sample::Readable { run: run.to_owned() });
    }

    expect(&PUT_DEBUG_LOGGING, call(&PUT_DEBUG_LOGGING, &admin, Some(r#"{"allow_users":true}"#)).await?, &[204])?;
    println!("  admin-1 allows users to record");
    let opt_in = call(&PUT_USER_DEBUG_LOGGING, &user, Some(r#"{"debug_logging_enabled":true}"#)).await?;
    let opt_in = expect(&PUT_USER_DEBUG_LOGGING, opt_in, &[204, 409])?;
    let how = if opt_in.status == 409 { "is not asked, the deployment forces recording" } else { "opts in" };
    println!("  {OWNER} {how}");
    let posted = call(&CREATE_DEBUG_RUN, key, Some(TURN)).await?;
    if posted.status == 404 {
        println!("  the sample chat was deleted, and deleted it stays; `make reset` starts afresh");
        return Ok(Sample::Deleted);
    }
    let posted = expect(&CREATE_DEBUG_RUN, posted, CREATE_DEBUG_RUN.success)?;
    let Some(run) = posted.body.pointer("/run/id").and_then(Value::as_str) else {
        bail!("The sample was not recorded: {}", posted.body);
    };
    println!("  the recorder posts a turn of two steps, with its key");
    Ok(Sample::Readable { run: run.to_owned() })
}

/// A general recorder key for whoever reads the terminal. It takes the place of an earlier start's, whose terminal is
/// gone.
pub(crate) async fn key(client: &StackClient, issuer: &Issuer, now: i64) -> Result<String> {
    let admin = issuer.token("admin-1", TokenRole::Admin, now)?;
    let call = async |route: &Route, ids: &[&str], body: Option<&str>| {
        let answer = client.call(route.method.as_str(), &fill(route, ids), Some(&admin), body).await?;
        expect(route, answer, route.success)
    };
    let keys = call(&LIST_RECORDER_KEYS, &[], None).await?.body;
    for former in keys.as_array().into_iter().flatten().filter(|key| key["label"] == KEY_LABEL) {
        call(&DELETE_RECORDER_KEY, &[former["id"].as_str().unwrap_or_default()], None).await?;
    }
    let asked = json!({"general": true, "label": KEY_LABEL}).to_string();
    let made = call(&CREATE_RECORDER_KEY, &[], Some(&asked)).await?.body;
    let Some(key) = made.get("key").and_then(serde_json::Value::as_str) else { bail!("No recorder key was made.") };
    Ok(key.to_owned())
}

fn expect(route: &Route, answer: Answer, statuses: &[u16]) -> Result<Answer> {
    if !statuses.contains(&answer.status) {
        bail!("{} answered {} to the sample: {}", route.operation, answer.status, answer.body);
    }
    Ok(answer)
}

/// A few lines to paste, each with what it shows.
pub(crate) fn lines(client: &StackClient, key: &str, sample: &Sample) -> Result<Vec<(&'static str, String)>> {
    let curl = |path: &str, who: &str| {
        let url = client.url(path);
        format!(r#"curl -s -H "Authorization: Bearer $(make -s token {who})" {url} | python3 -m json.tool"#)
    };
    let chat = format!("{BASE}/{CHAT}");
    let user = format!("SUB={OWNER}");
    let named = fill(&CREATE_DEBUG_RUN, &[&ChatId::named(&OWNER.parse()?, &WORD.parse()?).to_string()]);
    let turn = json!({
        "owner_id": OWNER, "external_id": WORD, "kind": "chat_turn", "status": "completed",
        "started_at": "2026-01-02T03:04:05Z",
    });
    let record = format!(
        r#"curl -s -H "Authorization: Bearer {key}" -H "Content-Type: application/json" -d '{turn}' {}"#,
        client.url(&named)
    );
    let mut lines = vec![("an empty turn, recorded with the key", format!("{record} | python3 -m json.tool"))];
    if let Sample::Readable { run } = sample {
        lines.push(("the runs of the sample chat", curl(&format!("{chat}/debug/runs"), &user)));
        lines.push(("its turn, with every attempt", curl(&format!("{chat}/debug/runs/{run}"), &user)));
    } else {
        lines.push(("the deployment's gate", curl(&format!("{BASE}/config/debug-logging"), "SUB=admin-1 ROLE=admin")));
        lines.push(("what a chat that is gone says", curl(&format!("{chat}/debug/runs"), &user)));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{ids::UserId, run::CreateRun, time::Timestamp};

    #[test]
    fn the_sample_is_a_valid_turn_of_its_owner() {
        let mut turn: CreateRun = serde_json::from_str(TURN).unwrap();
        let written = "2026-09-02T00:00:00Z".parse::<Timestamp>().unwrap();
        turn.check(written).unwrap();
        assert_eq!((turn.owner_id.as_ref().map(UserId::as_str), turn.steps.len()), (Some(OWNER), 2));
        assert!(turn.id.is_none(), "so that a deleted run can be posted again");
        assert!(CHAT.parse::<ChatId>().is_ok());
        let statuses = turn.steps[0].attempts.iter().map(|attempt| attempt.response_status);
        assert_eq!(statuses.collect::<Vec<_>>(), [Some(529), Some(200)], "one attempt was tried again");
    }

    #[test]
    fn there_are_three_lines_to_paste_whatever_became_of_the_sample() {
        let client = StackClient::new(9000);
        for sample in [Sample::Readable { run: "r".to_owned() }, Sample::Deleted] {
            let lines = lines(&client, "cdk_x", &sample).unwrap();
            assert!(lines.len() == 3 && lines[0].1.contains("Bearer cdk_x"), "{lines:?}");
        }
    }
}
