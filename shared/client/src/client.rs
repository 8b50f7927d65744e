//! One method per operation, named like it, built on its route.

use crate::{
    content::ContentPart,
    error::{Error, told},
    packing::Packed,
    page::{NextPage, Page, RunFilter, escaped},
    transport::{Request, Response, Transport},
};
use api::{
    chat::{ListedChat, PutChat, Registration},
    content::ContentName,
    external::ChatName,
    ids::{ChatId, KeyId, RunId, StepNumber, UserId},
    json::Object,
    preview::RedactionPreview,
    recorder_keys::{CreateRecorderKey, NewRecorderKey, RecorderKey},
    redaction::RedactionCounts,
    routes::{self, Method, Route, fill},
    run::{CreateRun, RecordingOutcome, Run, RunDetail, RunState, UpdateRun},
    settings::{
        ChatSettings, Decision, DeploymentSettings, PutChatSettings, PutDeploymentSettings, PutUserSettings,
        UserSettings,
    },
    step::{Step, StepInput},
    view::ViewedStep,
};
use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE, RANGE};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;

/// The most calls of a deletion, each of which may work for seconds.
const DELETE_CALLS: u32 = 100;

/// The ids in a path, in order.
type Ids<'a> = &'a [&'a (dyn fmt::Display + Sync)];

/// A caller of one chat-debug service. Cheap to clone; clones share their connections.
///
/// Each call can fail on its way, as [`Error`] tells, and with the problems `unauthenticated`, `unavailable` and
/// `internal`. The `# Errors` of a method name, by their [slugs](Error::slug), the other problems that it can meet.
#[derive(Clone)]
pub struct Client {
    transport: Transport,
}

/// What became of a run that was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunOutcome {
    /// It was stored, without what was taken out of it.
    Created(Box<Run>, Option<RedactionCounts>),
    /// It had been stored before; this is the answer to the first post, whatever happened to the run since.
    Repeated(Box<Run>, Option<RedactionCounts>),
    /// The resolver said no: nothing was stored.
    NotRecorded(Decision),
}

/// What became of a step that was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepOutcome {
    /// It was stored, without what was taken out of it.
    Created(Option<RedactionCounts>),
    /// It was stored in the place of an earlier one.
    Replaced(Option<RedactionCounts>),
    /// The resolver said no: nothing was stored.
    NotRecorded(Decision),
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.transport.base()).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the service at `base_url` (as `http://127.0.0.1:9000`), acting by `token`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidBaseUrl`], [`Error::InvalidToken`], or [`Error::Tls`] when the system allows no TLS.
    pub fn new(base_url: &str, token: &str) -> Result<Self, Error> {
        Ok(Self { transport: Transport::new(base_url, token)? })
    }

    /// Whether users may record; for admins.
    ///
    /// # Errors
    ///
    /// `admin-only`.
    pub async fn get_debug_logging(&self) -> Result<DeploymentSettings, Error> {
        self.get(&routes::GET_DEBUG_LOGGING, &[]).await
    }

    /// Allows or forbids users to record; for admins.
    ///
    /// # Errors
    ///
    /// `admin-only`.
    pub async fn put_debug_logging(&self, settings: &PutDeploymentSettings) -> Result<(), Error> {
        self.send(&routes::PUT_DEBUG_LOGGING, &[], Some(settings)).await.map(drop)
    }

    /// Makes a recorder key, which nobody can read again; for users, a general one for admins.
    ///
    /// # Errors
    ///
    /// `user-only`, `invalid-body`, `admin-only`, `too-many-keys`, `recorder-keys-off`.
    pub async fn create_recorder_key(&self, body: &CreateRecorderKey) -> Result<NewRecorderKey, Error> {
        let route = &routes::CREATE_RECORDER_KEY;
        read(route, &self.send(route, &[], Some(body)).await?)
    }

    /// The caller's recorder keys, newest first, and an admin's general ones.
    ///
    /// # Errors
    ///
    /// `user-only`.
    pub async fn list_recorder_keys(&self) -> Result<Vec<RecorderKey>, Error> {
        self.get(&routes::LIST_RECORDER_KEYS, &[]).await
    }

    /// Revokes a recorder key of the caller's, or an admin a general one. One that is gone when the request is repeated
    /// was revoked by the attempt whose answer was lost.
    ///
    /// # Errors
    ///
    /// `user-only`, `not-found`.
    pub async fn delete_recorder_key(&self, key: KeyId) -> Result<(), Error> {
        let route = &routes::DELETE_RECORDER_KEY;
        let request = Request { idempotent: true, gone_is_done: true, ..Request::to(route, path(route, &[&key])) };
        self.transport.send(request).await.map(drop)
    }

    /// Whether the caller's chats are recorded.
    ///
    /// # Errors
    ///
    /// `user-only`.
    pub async fn get_user_debug_logging(&self) -> Result<UserSettings, Error> {
        self.get(&routes::GET_USER_DEBUG_LOGGING, &[]).await
    }

    /// Opts the caller in or out.
    ///
    /// # Errors
    ///
    /// `user-only`, `forced-by-deployment`; for opting in `gate-closed`.
    pub async fn put_user_debug_logging(&self, settings: &PutUserSettings) -> Result<(), Error> {
        self.send(&routes::PUT_USER_DEBUG_LOGGING, &[], Some(settings)).await.map(drop)
    }

    /// Whether a chat is recorded, and who decided; for its owner.
    ///
    /// # Errors
    ///
    /// `user-only`, `not-found`.
    pub async fn get_chat_debug_logging(&self, chat: ChatId) -> Result<ChatSettings, Error> {
        self.get(&routes::GET_CHAT_DEBUG_LOGGING, &[&chat]).await
    }

    /// Overrides the caller's opt-in for one of its chats.
    ///
    /// # Errors
    ///
    /// `user-only`, `not-found`, `forced-by-deployment`; for all but `off` `gate-closed`.
    pub async fn put_chat_debug_logging(&self, chat: ChatId, settings: &PutChatSettings) -> Result<(), Error> {
        self.send(&routes::PUT_CHAT_DEBUG_LOGGING, &[&chat], Some(settings)).await.map(drop)
    }

    /// One page of the caller's chats, newest registration first, of 1 to 100, or of 100; see [`Client::chats`] for all
    /// of them.
    ///
    /// # Errors
    ///
    /// `user-only`, `invalid-query`.
    pub async fn list_chats(&self, limit: Option<u8>, page: Option<&NextPage>) -> Result<Page<Vec<ListedChat>>, Error> {
        let query = limit.map_or_else(String::new, |limit| format!("?limit={limit}"));
        self.get_page(&routes::LIST_CHATS, &[], &query, page).await
    }

    /// One page of a chat's runs, newest first; see [`Client::runs`] for all of them.
    ///
    /// # Errors
    ///
    /// `user-only`, `not-found`, `invalid-query`.
    pub async fn list_debug_runs(
        &self,
        chat: ChatId,
        filter: &RunFilter,
        page: Option<&NextPage>,
    ) -> Result<Page<Vec<Run>>, Error> {
        self.get_page(&routes::LIST_DEBUG_RUNS, &[&chat], &filter.query(), page).await
    }

    /// A run with its first steps, all of them unless `steps_complete` is `false`; see [`Client::read_run`].
    ///
    /// # Errors
    ///
    /// `user-only`, `not-found`.
    pub async fn get_debug_run(&self, chat: ChatId, run: RunId) -> Result<Page<RunDetail>, Error> {
        self.get_page(&routes::GET_DEBUG_RUN, &[&chat, &run], "", None).await
    }

    /// One page of a run's steps by number; see [`Client::steps`] for all of them.
    ///
    /// # Errors
    ///
    /// `user-only`, `not-found`, `invalid-query`.
    pub async fn list_debug_steps(
        &self,
        chat: ChatId,
        run: RunId,
        page: Option<&NextPage>,
    ) -> Result<Page<Vec<Step>>, Error> {
        self.get_page(&routes::LIST_DEBUG_STEPS, &[&chat, &run], "", page).await
    }

    /// A step. What it has no room for is [omitted](Step::omitted).
    ///
    /// # Errors
    ///
    /// `user-only`, `not-found`.
    pub async fn get_debug_step(&self, chat: ChatId, run: RunId, number: StepNumber) -> Result<Step, Error> {
        self.get(&routes::GET_DEBUG_STEP, &[&chat, &run, &number]).await
    }

    /// One page of a run's steps as a person reads them by number; see [`Client::views`] for all of them.
    ///
    /// # Errors
    ///
    /// `user-only`, `not-found`, `invalid-query`.
    pub async fn get_debug_run_view(
        &self,
        chat: ChatId,
        run: RunId,
        page: Option<&NextPage>,
    ) -> Result<Page<Vec<ViewedStep>>, Error> {
        self.get_page(&routes::GET_DEBUG_RUN_VIEW, &[&chat, &run], "", page).await
    }

    /// A content of a step: all of it, or as much as an answer holds from a byte on. With an entity tag, that is a part
    /// of the content of this tag, and all of another one. See [`Client::read_content`].
    ///
    /// # Errors
    ///
    /// `user-only`, `not-found`; `range-not-satisfiable` behind the content's end, `range-required` for one that no
    /// answer holds.
    pub async fn get_debug_step_content(
        &self,
        chat: ChatId,
        run: RunId,
        number: StepNumber,
        content: ContentName,
        from: Option<(usize, Option<&str>)>,
    ) -> Result<ContentPart, Error> {
        let route = &routes::GET_DEBUG_STEP_CONTENT;
        let unreadable = |detail: &str| Error::Unreadable { operation: route.operation, detail: detail.to_owned() };
        let mut headers = HeaderMap::new();
        if let Some((from, tag)) = from {
            headers.insert(RANGE, HeaderValue::try_from(format!("bytes={from}-")).map_err(|_| unreadable("no range"))?);
            if let Some(tag) = tag {
                headers.insert(IF_RANGE, HeaderValue::try_from(tag).map_err(|_| unreadable("its ETag is none"))?);
            }
        }
        let target = path(route, &[&chat, &run, &number, &content]);
        let response = self.transport.send(Request { headers, idempotent: true, ..Request::to(route, target) }).await?;
        let (range, tag) = (response.header(&CONTENT_RANGE), response.header(&ETAG));
        ContentPart::new(response.body.clone(), range, tag).ok_or_else(|| unreadable("its Content-Range is none of it"))
    }

    /// Whether a chat of this owner may be recorded, and who decided; for recorders, also of a chat that is not
    /// known yet.
    ///
    /// # Errors
    ///
    /// `recorder-only`, `not-found`, `other-owner`.
    pub async fn get_debug_decision(&self, chat: &ChatName, owner: &UserId) -> Result<ChatSettings, Error> {
        let external_id = chat.external_id();
        let external_id = external_id.map_or_else(String::new, |id| format!("&external_id={}", escaped(id.as_str())));
        let query = format!("?owner_id={}{external_id}", escaped(owner.as_str()));
        Ok(self.get_page(&routes::GET_DEBUG_DECISION, &[&chat.id(owner)], &query, None).await?.body)
    }

    /// Registers a chat with its owner; for recorders. Whether it is new.
    ///
    /// # Errors
    ///
    /// `recorder-only`, `not-found`, `other-owner`.
    pub async fn put_chat(&self, chat: ChatId, body: &PutChat) -> Result<bool, Error> {
        let route = &routes::PUT_CHAT;
        let response = self.send(route, &[&chat], Some(body)).await?;
        Ok(read::<Registration>(route, &response)?.created)
    }

    /// Records a run, or a whole turn with its steps; for recorders.
    ///
    /// # Errors
    ///
    /// `recorder-only`, `invalid-body`, `body-too-large`, `step-too-large`, `turn-too-large`, `not-found`,
    /// `other-owner`, `other-content`.
    pub async fn create_debug_run(&self, chat: ChatId, body: &CreateRun) -> Result<RunOutcome, Error> {
        let route = &routes::CREATE_DEBUG_RUN;
        // Without an id, a run that is posted twice becomes two runs.
        let response = self.send_as(route, &[&chat], Some(body), body.id.is_some()).await?;
        match read::<RecordingOutcome>(route, &response)? {
            RecordingOutcome::Run(run, redaction) if response.status == 201 => Ok(RunOutcome::Created(run, redaction)),
            RecordingOutcome::Run(run, redaction) => Ok(RunOutcome::Repeated(run, redaction)),
            RecordingOutcome::Refused(decision) => Ok(RunOutcome::NotRecorded(decision)),
            RecordingOutcome::Step(_) => Err(contradiction(route)),
        }
    }

    /// What would be stored of a step, and what was taken out of it; for whoever has a token. Nothing is stored.
    ///
    /// # Errors
    ///
    /// `invalid-body`, `body-too-large`, `step-too-large`.
    pub async fn preview_redaction(&self, step: &StepInput) -> Result<RedactionPreview, Error> {
        let route = &routes::PREVIEW_REDACTION;
        read(route, &self.send_as(route, &[], Some(step), true).await?)
    }

    /// Finishes or changes a run; for recorders.
    ///
    /// # Errors
    ///
    /// `recorder-only`, `invalid-body`, `not-found`, `other-owner`, `run-final`.
    pub async fn update_debug_run(&self, chat: ChatId, run: RunId, body: &UpdateRun) -> Result<RunState, Error> {
        let route = &routes::UPDATE_DEBUG_RUN;
        read(route, &self.send(route, &[&chat, &run], Some(body)).await?)
    }

    /// Records or replaces a step of an open run; for recorders.
    ///
    /// # Errors
    ///
    /// `recorder-only`, `invalid-body`, `body-too-large`, `step-too-large`, `not-found`, `other-owner`, `run-final`.
    pub async fn put_debug_step(
        &self,
        chat: ChatId,
        run: RunId,
        number: StepNumber,
        body: &StepInput,
    ) -> Result<StepOutcome, Error> {
        let route = &routes::PUT_DEBUG_STEP;
        let response = self.send(route, &[&chat, &run, &number], Some(body)).await?;
        match read::<RecordingOutcome>(route, &response)? {
            RecordingOutcome::Step(redaction) if response.status == 201 => Ok(StepOutcome::Created(redaction)),
            RecordingOutcome::Step(redaction) => Ok(StepOutcome::Replaced(redaction)),
            RecordingOutcome::Refused(decision) => Ok(StepOutcome::NotRecorded(decision)),
            RecordingOutcome::Run(..) => Err(contradiction(route)),
        }
    }

    /// A run's HTTP exchanges as HAR 1.2.
    ///
    /// # Errors
    ///
    /// `user-only`, `not-found`, `har-too-large`.
    pub async fn get_debug_run_har(&self, chat: ChatId, run: RunId) -> Result<Object, Error> {
        self.get(&routes::GET_DEBUG_RUN_HAR, &[&chat, &run]).await
    }

    /// Deletes a run of one of the caller's chats, for ever. A large one takes several calls: after each call that left
    /// something, `on_rest` gets the number of calls so far.
    ///
    /// # Errors
    ///
    /// `user-only`, `not-found`; [`Error::Undeleted`] when something is left after 100 calls.
    pub async fn delete_debug_run(&self, chat: ChatId, run: RunId, on_rest: impl FnMut(u32)) -> Result<(), Error> {
        self.delete(&routes::DELETE_DEBUG_RUN, &[&chat, &run], on_rest).await
    }

    /// Deletes everything that was recorded of one of the caller's chats, for ever; in several calls, as above.
    ///
    /// # Errors
    ///
    /// `user-only`, `not-found`; [`Error::Undeleted`] when something is left after 100 calls.
    pub async fn delete_chat(&self, chat: ChatId, on_rest: impl FnMut(u32)) -> Result<(), Error> {
        self.delete(&routes::DELETE_CHAT, &[&chat], on_rest).await
    }

    /// Calls until nothing is left. A call removes what it has time for, so that there is no need to wait between
    /// calls.
    async fn delete(&self, route: &'static Route, ids: Ids<'_>, mut on_rest: impl FnMut(u32)) -> Result<(), Error> {
        for call in 1..=DELETE_CALLS {
            if self.send(route, ids, None::<&()>).await?.status != 202 {
                return Ok(());
            }
            on_rest(call);
        }
        Err(Error::Undeleted { operation: route.operation, calls: DELETE_CALLS })
    }

    async fn get<T: DeserializeOwned>(&self, route: &'static Route, ids: Ids<'_>) -> Result<T, Error> {
        read(route, &self.send(route, ids, None::<&()>).await?)
    }

    async fn get_page<T: DeserializeOwned>(
        &self,
        route: &'static Route,
        ids: Ids<'_>,
        query: &str,
        page: Option<&NextPage>,
    ) -> Result<Page<T>, Error> {
        let target = match page {
            Some(page) => page.target().to_owned(),
            None => path(route, ids) + query,
        };
        let response = self.transport.send(Request { idempotent: true, ..Request::to(route, target) }).await?;
        Ok(Page { body: read(route, &response)?, next: response.next })
    }

    async fn send(
        &self,
        route: &'static Route,
        ids: Ids<'_>,
        body: Option<&impl Serialize>,
    ) -> Result<Response, Error> {
        self.send_as(route, ids, body, !matches!(route.method, Method::Post)).await
    }

    async fn send_as(
        &self,
        route: &'static Route,
        ids: Ids<'_>,
        body: Option<&impl Serialize>,
        idempotent: bool,
    ) -> Result<Response, Error> {
        let body = body.map(serde_json::to_vec).transpose().map_err(Error::Unwritable)?;
        let body = body.map(|json| Packed::of(route, json)).transpose()?;
        self.transport.send(Request { body, idempotent, ..Request::to(route, path(route, ids)) }).await
    }
}

fn path(route: &Route, ids: Ids<'_>) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    fill(route, &ids)
}

fn read<T: DeserializeOwned>(route: &Route, response: &Response) -> Result<T, Error> {
    serde_json::from_slice(&response.body)
        .map_err(|error| Error::Unreadable { operation: route.operation, detail: told(&error) })
}

fn contradiction(route: &Route) -> Error {
    let detail = "it says neither what was recorded nor why nothing was".to_owned();
    Error::Unreadable { operation: route.operation, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_does_not_show_its_token() {
        let client = Client::new("http://127.0.0.1:9000", "s3cret").expect("a client");
        let shown = format!("{client:?}");
        assert!(shown.contains("http://127.0.0.1:9000") && !shown.contains("s3cret"), "{shown}");
    }
}
