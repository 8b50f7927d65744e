//! Pages of a list, and what to ask for.
//!
//! A page says by its `Link` header whether another follows. The link is a path of this service and is followed nowhere
//! else.

use api::{ids::MessageId, json::StringEnum, routes, run::RunKind, status::Status};

/// Which runs to list, and how many on a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Runs on a page, 1 to 100; 100 when absent.
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

/// A part of a list, and where it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What the service answered.
    pub body: T,
    /// The next page; `None` on the last one.
    pub next: Option<NextPage>,
}

/// Where the next page is: opaque, and valid for the list that it came with.
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
            let is_route = routes::find("GET", path).is_some();
            (is_next && is_route).then(|| Self(target.to_owned()))
        })
    }

    /// Path and query.
    pub(crate) fn target(&self) -> &str {
        &self.0
    }
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
