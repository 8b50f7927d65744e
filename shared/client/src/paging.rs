//! Pages, and the streams that turn them over.
//!
//! A page says by its `Link` header whether another follows; the link is a path of this service
//! and is followed nowhere else.

use crate::{Client, Error};
use api::{
    ids::{ChatId, MessageId, RunId},
    json::StringEnum,
    routes,
    run::{Run, RunDetail, RunKind},
    status::Status,
    step::Step,
};
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};

/// Which runs to list, and how many on a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Runs on a page, 1 to 100; the service's own choice when absent.
    pub limit: Option<u8>,
    /// Only runs with this status.
    pub status: Option<Status>,
    /// Only runs of this kind.
    pub kind: Option<RunKind>,
    /// Only runs that this message started.
    pub trigger_message_id: Option<MessageId>,
}

impl RunFilter {
    pub(crate) fn query(&self) -> String {
        let parts = [
            self.limit.map(|limit| format!("limit={limit}")),
            self.status.map(|status| format!("status={}", status.as_str())),
            self.kind.map(|kind| format!("kind={}", kind.as_str())),
            self.trigger_message_id.as_ref().map(|id| format!("trigger_message_id={}", escaped(&id.to_string()))),
        ];
        let query = parts.into_iter().flatten().collect::<Vec<_>>().join("&");
        if query.is_empty() { query } else { format!("?{query}") }
    }
}

/// A text as a query carries it.
pub(crate) fn escaped(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// An answer, and where the next one stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The answer's body.
    pub body: T,
    /// The page behind it, unless this is the last one.
    pub next: Option<NextPage>,
}

/// A page that the service announced: opaque, and good for the listing that it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextPage(String);

impl NextPage {
    /// The target of `rel="next"` in a `Link` header (RFC 8288), if it is a route of this service.
    pub(crate) fn of_link(header: &str) -> Option<Self> {
        header.split(',').find_map(|link| {
            let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
            let is_next = parameters.split(';').any(|parameter| {
                let (name, value) = parameter.split_once('=').unwrap_or_default();
                let relations = value.trim().trim_matches('"');
                name.trim().eq_ignore_ascii_case("rel")
                    && relations.split(' ').any(|rel| rel.eq_ignore_ascii_case("next"))
            });
            let path = target.split('?').next()?;
            let is_ours = routes::find("GET", path).is_some();
            (is_next && is_ours).then(|| Self(target.to_owned()))
        })
    }

    /// Path and query.
    pub(crate) fn target(&self) -> &str {
        &self.0
    }
}

/// Where a stream stands.
enum Turn {
    First,
    Next(NextPage),
    Done,
}

impl Turn {
    /// After a page. A page that announces itself would be turned for ever.
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
    /// A chat's runs, newest first, page after page until there is none.
    pub fn runs(&self, chat: ChatId, filter: &RunFilter) -> BoxStream<'static, Result<Run, Error>> {
        let (client, filter) = (self.clone(), filter.clone());
        turn_pages(routes::LIST_DEBUG_RUNS.operation, move |next| {
            let (client, filter) = (client.clone(), filter.clone());
            async move { client.list_debug_runs(chat, &filter, next.as_ref()).await }
        })
    }

    /// The newest `wanted` runs of a chat, and whether there may be more.
    pub async fn newest_runs(
        &self,
        chat: ChatId,
        filter: &RunFilter,
        wanted: usize,
    ) -> Result<(Vec<Run>, bool), Error> {
        let Page { body: mut runs, next } = self.list_debug_runs(chat, filter, None).await?;
        let mut turn = next.map_or(Turn::Done, Turn::Next);
        while let Turn::Next(next) = &turn
            && runs.len() < wanted
        {
            let page = self.list_debug_runs(chat, filter, Some(next)).await?;
            runs.extend(page.body);
            turn = turn.after(page.next, routes::LIST_DEBUG_RUNS.operation)?;
        }
        let may_be_more = runs.len() > wanted || matches!(turn, Turn::Next(_));
        runs.truncate(wanted);
        Ok((runs, may_be_more))
    }

    /// A run's steps by number, page after page until there is none.
    pub fn steps(&self, chat: ChatId, run: RunId) -> BoxStream<'static, Result<Step, Error>> {
        let client = self.clone();
        turn_pages(routes::LIST_DEBUG_STEPS.operation, move |next| {
            let client = client.clone();
            async move { client.list_debug_steps(chat, run, next.as_ref()).await }
        })
    }

    /// A run with all its steps, however many answers that takes.
    pub async fn read_run(&self, chat: ChatId, run: RunId) -> Result<RunDetail, Error> {
        let Page { body: mut detail, next } = self.get_debug_run(chat, run).await?;
        let mut turn = next.map_or(Turn::Done, Turn::Next);
        while let Turn::Next(next) = &turn {
            let page = self.list_debug_steps(chat, run, Some(next)).await?;
            detail.steps.extend(page.body);
            turn = turn.after(page.next, routes::LIST_DEBUG_STEPS.operation)?;
        }
        detail.steps_complete = None;
        Ok(detail)
    }
}

fn turn_pages<T, F, Fut>(operation: &'static str, fetch: F) -> BoxStream<'static, Result<T, Error>>
where
    T: Send + 'static,
    F: Fn(Option<NextPage>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Page<Vec<T>>, Error>> + Send + 'static,
{
    let pages = stream::try_unfold((Turn::First, fetch), move |(turn, fetch)| async move {
        let page = match &turn {
            Turn::First => fetch(None).await?,
            Turn::Next(next) => fetch(Some(next.clone())).await?,
            Turn::Done => return Ok(None),
        };
        let turn = turn.after(page.next, operation)?;
        Ok(Some((stream::iter(page.body.into_iter().map(Ok)), (turn, fetch))))
    });
    pages.try_flatten().boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNS: &str = "/api/experimental/chats/018f4e3c-9a1b-7def-8123-456789abcdef/debug/runs";

    fn next(header: &str) -> Option<String> {
        NextPage::of_link(header).map(|next| next.0)
    }

    #[test]
    fn the_next_page_is_found_among_links() {
        let target = format!("{RUNS}?cursor=v1.abc&limit=2");
        assert_eq!(next(&format!("<{target}>; rel=\"next\"")), Some(target.clone()));
        assert_eq!(next(&format!("<{RUNS}>; rel=first, <{target}>; title=x; REL=next")), Some(target));
        assert_eq!(next(&format!("<{RUNS}>; rel=\"prev\"")), None);
        assert_eq!(next("next"), None);
    }

    #[test]
    fn a_link_away_from_the_service_is_not_followed() {
        for target in ["https://elsewhere.example/", "//elsewhere.example/", "@elsewhere.example/", "/other"] {
            assert_eq!(next(&format!("<{target}>; rel=\"next\"")), None, "{target}");
        }
    }

    #[test]
    fn a_filter_is_written_as_a_query() {
        assert_eq!(RunFilter::default().query(), "");
        let message = serde_json::from_str(r#""m 1&é""#).expect("a message's id");
        let filter = RunFilter {
            limit: Some(5),
            status: Some(Status::Error),
            kind: Some(RunKind::Quickgen),
            trigger_message_id: Some(message),
        };
        assert_eq!(filter.query(), "?limit=5&status=error&kind=quickgen&trigger_message_id=m%201%26%C3%A9");
    }
}
