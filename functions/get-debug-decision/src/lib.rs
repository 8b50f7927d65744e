//! `GET {chat}/debug/decision`: may this chat be recorded, and who decided; for a recorder, before it buffers.

use api::{
    external::ExternalId, ids::UserId, json::Violation, parse::Invalid, problem::Problem, settings::ChatSettings,
};
use service::{
    access::{NamesChat, Naming, Withheld, proof::Recorder},
    app::App,
    failure::Failure,
    http::{Call, Reply},
};
use std::str::FromStr;

/// Answers with what a post would be told now, also for a chat that is not known yet.
pub async fn handle(app: &'static App, call: Call<Recorder>) -> Result<Reply, Failure> {
    let (chat, asked) = app.access.named_chat(&call.caller, call.chat()?, asked(&call))?;
    let (chat, _) = app.access.unless_hidden(&chat, asked.and_then(|asked| chat.claimed(asked))).await?;
    let (_, snapshot) = app.access.recording(&chat, None).await?;
    let override_ = snapshot.override_();
    Reply::json(&ChatSettings::of(override_, app.access.decide(snapshot.settings, override_)))
}

/// Whose chat it is, or is to be, and its external id.
struct Asked {
    owner: Option<UserId>,
    external_id: Option<ExternalId>,
}

impl NamesChat for Asked {
    fn naming(&mut self) -> Naming<'_> {
        Naming { owner: &mut self.owner, external_id: self.external_id.as_ref() }
    }

    fn wrong(parameter: &str, detail: String) -> Problem {
        Problem::InvalidQuery(Violation::new(parameter, detail))
    }

    fn lacks_owner() -> Problem {
        Self::wrong("owner_id", "must be given".to_owned())
    }
}

fn asked(call: &Call<Recorder>) -> Withheld<Asked> {
    let parsed = |[owner, external_id]: [Option<String>; 2]| {
        Ok(Asked { owner: parsed("owner_id", owner)?, external_id: parsed("external_id", external_id)? })
    };
    call.query(["owner_id", "external_id"]).and_then(parsed)
}

fn parsed<T: FromStr<Err = Invalid>>(name: &str, given: Option<String>) -> Result<Option<T>, Problem> {
    given.map(|given| given.parse().map_err(|error: Invalid| Asked::wrong(name, error.to_string()))).transpose()
}
