//! A run's steps as a person reads them, page by page or one alone. How much of what a step was given is new is said by
//! the step before it, which is read too.

use super::{
    super::{
        content::{encoding, frames::ranges, json::escaped_len},
        keys,
        pages::Pages,
        records::step::StepRecord,
        table::{Order, Store},
    },
    chats::StoredRun,
    step::StoredStep,
    step_page::{StepPage, WriteStep, write_bare_step},
    steps::StepQuery,
};
use crate::{access::proof::Owned, failure::Failure};
use api::{
    ids::StepNumber,
    json::Object,
    problem::{MAX_STEP_BYTES, Problem},
    step::{Body, Step as WireStep},
    view::{StepView, ViewedStep},
};
use frame::{Side, Step};
use llm::{Budget, Recorded};
use std::sync::Arc;

/// How many heads are asked for to find the step before another: more than one, since a post that broke off may have
/// left some that are no steps of the run.
const HEADS_BEFORE: usize = 4;

/// The longest texts that a view shows, in bytes: the first that leaves it room enough.
const LONGEST_TEXTS: [usize; 7] = [1 << 20, 1 << 18, 1 << 16, 1 << 13, 1 << 10, 1 << 7, 0];

/// How many things of each list a view shows that has no room without its texts either. A thing takes less than 500
/// bytes then.
const MOST_THINGS: usize = 1_000;

/// Which steps to view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewQuery {
    /// Those behind this one, or all.
    After(Option<StepNumber>),
    /// One.
    Only(StepNumber),
}

impl Store {
    /// Views of steps, as many as an answer has room for.
    ///
    /// # Errors
    ///
    /// As `Store::step_page`; `Problem::NotFound` also when there is no step of the number that was asked for.
    pub async fn view_page(&self, run: &Owned<StoredRun>, query: ViewQuery) -> Result<StepPage, Failure> {
        match query {
            ViewQuery::After(after) => {
                // The step before the page's first one is the last of the page before.
                let before = match after.map(|after| StepNumber::try_from(u64::from(after.get()) + 1)) {
                    Some(Ok(next)) => self.step_before(run, next).await?,
                    Some(Err(_)) | None => None,
                };
                let query = StepQuery { after, ..StepQuery::default() };
                self.page_of(run, query, None, Views::after(before.as_ref())?).await
            }
            ViewQuery::Only(number) => {
                let (step, before) = self.step_and_before(run, number).await?;
                let mut json = b"[".to_vec();
                let (head, step) = step.parts().ok_or(Problem::NotFound)?;
                Views::after(before.as_ref())?.write(head, &step, &mut json)?;
                json.push(b']');
                let json = String::from_utf8(json).map_err(|_| Failure::internal("a view is no text"))?;
                Ok(StepPage { json, next: None })
            }
        }
    }

    /// A step and the one before it. In a turn that is most often in the same frame, which is read once.
    async fn step_and_before(
        &self,
        run: &Owned<StoredRun>,
        number: StepNumber,
    ) -> Result<(StoredStep, Option<StoredStep>), Failure> {
        if !run.run.is_posted_turn {
            return tokio::try_join!(self.step(run, number), self.step_before(run, number));
        }
        let step = self.step(run, number).await?;
        let before = match step.before() {
            Some(before) => Some(before),
            None => self.step_before(run, number).await?,
        };
        Ok((step, before))
    }

    /// The last step with a smaller number, if there is one.
    async fn step_before(&self, run: &Owned<StoredRun>, number: StepNumber) -> Result<Option<StoredStep>, Failure> {
        if number.get() == 1 {
            return Ok(None);
        }
        let of = (run.run.chat, run.run.id);
        if run.run.is_posted_turn {
            let turn = self.posted_turn(run).await?;
            let before = ranges(&turn.frames).filter(|(frame, _)| frame.has_steps_before(number)).last();
            let Some((_, bytes)) = before else { return Ok(None) };
            let frame = self.frame_of_turn(of, &turn, bytes).await?;
            return Ok(StoredStep::last_before(Arc::new(frame), number, run.run.post_digest.clone()));
        }
        let (range, mut start) = (keys::steps_before(of.0, of.1, number), None);
        loop {
            let page = self.query(&range, Order::Descending, Some(HEADS_BEFORE), start, None).await?;
            for head in page.items {
                let head = head.read()?.unexpired(self.now()).map(StepRecord::read).transpose()?;
                if let Some(head) = head.filter(|head| head.is_of(&run.run)) {
                    let mut pages = Pages::lazy(self, head.content_range(of));
                    let Some((head, packed)) = self.whole(of, head, &mut pages).await? else { return Ok(None) };
                    return Ok(Some(StoredStep::put(of, &head, encoding::open(&packed)?)?));
                }
            }
            start = page.next;
            if start.is_none() {
                return Ok(None);
            }
        }
    }
}

/// Writes views, each with how much of it the one before has.
#[derive(Default)]
struct Views {
    before: Option<StepView>,
    unpacked: usize,
}

impl Views {
    fn after(before: Option<&StoredStep>) -> Result<Self, Failure> {
        let mut views = Self::default();
        if let Some((head, step)) = before.and_then(StoredStep::parts) {
            views.before = Some(views.viewed(head, &step)?.view);
        }
        Ok(views)
    }

    /// The view of a step whose JSON begins with `head`.
    fn viewed(&mut self, head: &str, step: &Step<'_>) -> Result<ViewedStep, Failure> {
        let recorded = recorded(head, step)?;
        let mut budget = Budget::default();
        let view = Recorded::from(&recorded).view_within(&mut budget);
        self.unpacked += budget.spent();
        Ok(ViewedStep { step_number: recorded.step_number, view })
    }
}

impl WriteStep for Views {
    fn write(&mut self, head: &str, step: &Step<'_>, json: &mut Vec<u8>) -> Result<usize, Failure> {
        let mut viewed = self.viewed(head, step)?;
        if let Some(before) = &self.before {
            viewed.view.compare(before);
        }
        let start = json.len();
        let len = write_view(&viewed, json)?;
        if len <= MAX_STEP_BYTES {
            self.before = Some(viewed.view);
            return Ok(len);
        }
        // What the next step is compared with is whole.
        let mut shown = viewed.clone();
        self.before = Some(viewed.view);
        for longest in LONGEST_TEXTS {
            json.truncate(start);
            shown.view.leave_out(longest);
            let len = write_view(&shown, json)?;
            if len <= MAX_STEP_BYTES {
                return Ok(len);
            }
        }
        json.truncate(start);
        shown.view.shorten(MOST_THINGS);
        write_view(&shown, json)
    }

    fn unpacked(&self) -> usize {
        self.unpacked
    }
}

/// Writes a view. Gives its length as escaped JSON.
fn write_view(viewed: &ViewedStep, json: &mut Vec<u8>) -> Result<usize, Failure> {
    let start = json.len();
    serde_json::to_writer(&mut *json, viewed).map_err(|_| Failure::internal("a view is no JSON"))?;
    Ok(escaped_len(json.get(start..).unwrap_or_default()))
}

/// A step whose JSON begins with `head`, as it was recorded.
fn recorded(head: &str, step: &Step<'_>) -> Result<WireStep, Failure> {
    let unreadable = || Failure::internal("step does not decode");
    let mut json = Vec::new();
    write_bare_step(head, step, &mut json);
    let mut recorded: WireStep = serde_json::from_slice(&json).map_err(|_| unreadable())?;
    for (content, bytes) in step.contents() {
        let object = || Object::parse(std::str::from_utf8(bytes).map_err(|_| unreadable())?).map_err(|_| unreadable());
        let Some(index) = content.attempt else {
            match content.side {
                Side::Request => recorded.normalized_request = object()?,
                Side::Response => recorded.normalized_response = Some(object()?),
            }
            continue;
        };
        let attempt = recorded.attempts.get_mut(index).ok_or_else(unreadable)?;
        let body = match content.side {
            Side::Request => &mut attempt.request_body,
            Side::Response => &mut attempt.response_body,
        };
        *body = Some(Body(bytes.to_vec()));
    }
    Ok(recorded)
}

#[cfg(test)]
mod tests {
    use super::super::step_page::PageWriter;
    use super::*;
    use api::view::Content as Said;
    use flate2::{Compression, bufread::GzEncoder};
    use frame::{Content, Frame, Steps};
    use std::io::Read;

    const HEAD: &str = r#"{"id":"018f4e3c-9a1b-7def-8123-456789abcdef","run_id":"018f4e3c-9a1b-7def-8123-456789abcdef","chat_id":"018f4e3c-9a1b-7def-8123-456789abcdef","step_number":1,"operation":"generate","status":"completed","started_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05Z""#;

    /// A step whose only attempt sent these messages.
    fn frame(messages: &[&str]) -> Frame {
        let messages: Vec<_> = messages.iter().map(|text| serde_json::json!({"content": text})).collect();
        frame_of(serde_json::json!({"messages": messages}).to_string().as_bytes())
    }

    /// A step whose only attempt sent this body.
    fn frame_of(body: &[u8]) -> Frame {
        let mut steps = Steps::default();
        let mut step = steps.begin(1);
        step.text(br#","attempts":[{"number":1,"status":"completed""#);
        step.content(Content::of_attempt(0, Side::Request), body);
        step.text(br#"}],"metadata":{}}"#);
        Frame::open(&steps.pack().expect("packed"), steps.size()).expect("a frame")
    }

    fn written(views: &mut Views, messages: &[&str]) -> StepView {
        let mut json = b"[".to_vec();
        let len = views.write(HEAD, &frame(messages).steps().next().expect("a step"), &mut json).expect("a view");
        assert_eq!((len, len <= MAX_STEP_BYTES), (escaped_len(&json[1..]), true));
        serde_json::from_slice::<ViewedStep>(&json[1..]).expect("a view").view
    }

    #[test]
    fn a_view_of_too_many_things_says_how_many_more_there_are() {
        let mut views = Views::after(None).expect("nothing before");
        let view = written(&mut views, &vec!["x"; 40_000]);
        assert_eq!(view.messages.len(), MOST_THINGS);
        assert_eq!(view.unread[0].what, "39000 more messages, for which there is no room");
    }

    #[test]
    fn a_text_without_room_is_left_out_and_said_and_still_counts() {
        // In JSON a quotation mark takes two bytes, and four in the answer that Lambda is given.
        let long = "\"".repeat(MAX_STEP_BYTES / 4);
        let mut views = Views::after(None).expect("nothing before");
        let first = written(&mut views, &["short", &long]);
        let shown: Vec<_> = first.messages.iter().map(|message| (message.text(), message.parts[0].left_out)).collect();
        assert_eq!(shown, [("short".to_owned(), None), (String::new(), Some(long.len()))]);
        assert_eq!((first.left_out, first.messages_before), (Some(long.len()), 0));
        assert_eq!(written(&mut views, &["short", &long, "more"]).messages_before, 2);
        let long = format!("{long}.");
        assert_eq!(written(&mut views, &["short", &long]).messages_before, 1, "what was left out is another text");
        let whole = written(&mut views, &["short"]);
        assert_eq!((whole.left_out, &whole.messages[0].parts[0].content), (None, &Said::Text { text: "short".into() }));
    }

    #[test]
    fn a_page_of_views_ends_by_what_was_unpacked_for_it() {
        let mut packed = Vec::new();
        GzEncoder::new(&*vec![b' '; 4 << 20], Compression::fast()).read_to_end(&mut packed).expect("gzip");
        let frame = frame_of(&packed);
        let mut page = PageWriter::new(Views::default());
        let pushed = (1..=40).take_while(|_| page.push(HEAD, &frame.steps().next().expect("a step")).expect("a page"));
        // 24 MiB of blanks.
        assert_eq!(pushed.count(), 6);
    }
}
