//! Lists that are longer than a page, read to their end.

use crate::{
    client::Client,
    error::Error,
    page::{NextPage, Page, RunFilter},
};
use api::{
    chat::ListedChat,
    ids::{ChatId, RunId},
    routes,
    run::{Run, RunDetail},
    step::Step,
    view::ViewedStep,
};
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};

/// How far a list is read.
enum Position {
    First,
    Next(NextPage),
    Done,
}

impl Position {
    /// The position after a page. A page that names itself as the next one would be read for ever.
    fn after(self, next: Option<NextPage>, operation: &'static str) -> Result<Self, Error> {
        match (self, next) {
            (Self::Next(same), Some(next)) if same == next => {
                Err(Error::Unreadable { operation, detail: "a page announces itself as the next one".into() })
            }
            (_, Some(next)) => Ok(Self::Next(next)),
            (_, None) => Ok(Self::Done),
        }
    }
}

impl Client {
    /// The caller's chats, newest registration first, page by page to the last.
    pub fn chats(&self) -> BoxStream<'static, Result<ListedChat, Error>> {
        let client = self.clone();
        read_pages(routes::LIST_CHATS.operation, move |next| {
            let client = client.clone();
            async move { client.list_chats(None, next.as_ref()).await }
        })
    }

    /// The newest `wanted` chats of the caller, and whether there are more; `limit` is a page's.
    ///
    /// # Errors
    ///
    /// Those of [`Client::list_chats`].
    pub async fn newest_chats(&self, limit: Option<u8>, wanted: usize) -> Result<(Vec<ListedChat>, bool), Error> {
        newest(routes::LIST_CHATS.operation, wanted, async |next| self.list_chats(limit, next).await).await
    }

    /// A chat's runs, newest first, page by page to the last.
    pub fn runs(&self, chat: ChatId, filter: &RunFilter) -> BoxStream<'static, Result<Run, Error>> {
        let (client, filter) = (self.clone(), filter.clone());
        read_pages(routes::LIST_DEBUG_RUNS.operation, move |next| {
            let (client, filter) = (client.clone(), filter.clone());
            async move { client.list_debug_runs(chat, &filter, next.as_ref()).await }
        })
    }

    /// The newest `wanted` runs of a chat, and whether there may be more.
    ///
    /// # Errors
    ///
    /// Those of [`Client::list_debug_runs`].
    pub async fn newest_runs(
        &self,
        chat: ChatId,
        filter: &RunFilter,
        wanted: usize,
    ) -> Result<(Vec<Run>, bool), Error> {
        let operation = routes::LIST_DEBUG_RUNS.operation;
        newest(operation, wanted, async |next| self.list_debug_runs(chat, filter, next).await).await
    }

    /// A run's steps by number, page by page to the last.
    pub fn steps(&self, chat: ChatId, run: RunId) -> BoxStream<'static, Result<Step, Error>> {
        let client = self.clone();
        read_pages(routes::LIST_DEBUG_STEPS.operation, move |next| {
            let client = client.clone();
            async move { client.list_debug_steps(chat, run, next.as_ref()).await }
        })
    }

    /// A run's steps as a person reads them by number, page by page to the last.
    pub fn views(&self, chat: ChatId, run: RunId) -> BoxStream<'static, Result<ViewedStep, Error>> {
        let client = self.clone();
        read_pages(routes::GET_DEBUG_RUN_VIEW.operation, move |next| {
            let client = client.clone();
            async move { client.get_debug_run_view(chat, run, next.as_ref()).await }
        })
    }

    /// A run with all its steps, in as many calls as that takes.
    ///
    /// # Errors
    ///
    /// Those of [`Client::get_debug_run`].
    pub async fn read_run(&self, chat: ChatId, run: RunId) -> Result<RunDetail, Error> {
        let Page { body: mut detail, next, .. } = self.get_debug_run(chat, run).await?;
        let mut position = next.map_or(Position::Done, Position::Next);
        while let Position::Next(next) = &position {
            let page = self.list_debug_steps(chat, run, Some(next)).await?;
            detail.steps.extend(page.body);
            position = position.after(page.next, routes::LIST_DEBUG_STEPS.operation)?;
        }
        detail.steps_complete = None;
        Ok(detail)
    }
}

/// The first `wanted` items of a list, and whether there may be more.
async fn newest<T>(
    operation: &'static str,
    wanted: usize,
    fetch: impl AsyncFn(Option<&NextPage>) -> Result<Page<Vec<T>>, Error>,
) -> Result<(Vec<T>, bool), Error> {
    let Page { body: mut items, next, .. } = fetch(None).await?;
    let mut position = next.map_or(Position::Done, Position::Next);
    while let Position::Next(next) = &position
        && items.len() < wanted
    {
        let page = fetch(Some(next)).await?;
        items.extend(page.body);
        position = position.after(page.next, operation)?;
    }
    let may_be_more = items.len() > wanted || matches!(position, Position::Next(_));
    items.truncate(wanted);
    Ok((items, may_be_more))
}

fn read_pages<T, F, Fut>(operation: &'static str, fetch: F) -> BoxStream<'static, Result<T, Error>>
where
    T: Send + 'static,
    F: Fn(Option<NextPage>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Page<Vec<T>>, Error>> + Send + 'static,
{
    let pages = stream::try_unfold((Position::First, fetch), move |(position, fetch)| async move {
        let page = match &position {
            Position::First => fetch(None).await?,
            Position::Next(next) => fetch(Some(next.clone())).await?,
            Position::Done => return Ok(None),
        };
        let position = position.after(page.next, operation)?;
        Ok(Some((stream::iter(page.body.into_iter().map(Ok)), (position, fetch))))
    });
    pages.try_flatten().boxed()
}
