//! An answer in the making: put together from one value or from a stream's events, by any of the [dialects].
//!
//! [dialects]: crate::dialects

use api::view::{Choice, Content, Failure, Finish, Meaning, Part};

mod call;
mod counts;

use crate::{
    at::{At, MOST_THINGS},
    finish,
    json::Node,
    media::media_of_text,
    part,
};
use call::Progress;

pub(crate) use call::CallPiece;
pub(crate) use counts::Counts;
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap, HashSet},
};

/// What has arrived of an answer.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Answer {
    /// Parts in the order in which they began.
    drafts: Vec<Draft>,
    /// The index of the last part in each place.
    last: HashMap<Slot, usize>,
    /// The indices of the parts of each item, for those that are sent again whole.
    items: HashMap<(u64, u64), Item>,
    /// The numbers of places that a stream gives names to.
    places: HashMap<String, u64>,
    ends: BTreeMap<u64, End>,
    /// How many choices have said why they stopped.
    finished: usize,
    /// What is added to the provider's numbers of choices, where many answers stand in one body.
    first_choice: u64,
    /// How many whole answers a session has had before this one.
    pub(crate) responses: u64,
    pub(crate) counts: Counts,
    pub(crate) model: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) failure: Option<Failure>,
    /// Who ended it before its end, when it says so.
    pub(crate) interruption: Option<Failure>,
    /// How much there was no room for.
    pub(crate) beyond: usize,
    /// Whether any dialect knew any of it.
    pub(crate) is_known: bool,
    /// Whether the event that ends a stream was there.
    pub(crate) has_ended: bool,
    /// Whether a stream says where each of its steps begins.
    pub(crate) says_steps: bool,
    /// Whether it was asked for in pieces that say nothing twice.
    pub(crate) is_incremental: bool,
    /// Whether an answer in one piece says that more should follow.
    pub(crate) is_cut: bool,
    /// Whether it holds the answers to many requests.
    pub(crate) is_batch: bool,
    /// Whose dialect it is in.
    pub(crate) dialect: Option<&'static str>,
    pub(crate) first_token_ms: Option<u64>,
}

#[derive(Debug)]
struct Draft {
    choice: u64,
    part: Part,
    progress: Progress,
    is_gone: bool,
}

#[derive(Debug, Default)]
struct Item {
    drafts: Vec<usize>,
    is_whole: bool,
}

/// How a choice ended.
#[derive(Debug, Default)]
struct End {
    id: Option<String>,
    finish: Option<Finish>,
}

/// A place that a stream gives to what it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    pub(crate) choice: u64,
    pub(crate) lane: Lane,
    pub(crate) index: u64,
}

/// Places are numbered in each lane for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    /// What is not numbered.
    Text,
    /// Calls of tools.
    Call,
    /// Blocks or items of content, and a part within one.
    Block(u64),
    /// What comes beside all that.
    Aside,
}

impl Slot {
    /// The text of a choice.
    pub(crate) fn text(choice: u64) -> Self {
        Self { choice, lane: Lane::Text, index: 0 }
    }

    /// A numbered call of a choice.
    pub(crate) fn call(choice: u64, index: u64) -> Self {
        Self { choice, lane: Lane::Call, index }
    }

    /// What a choice has beside text and calls.
    pub(crate) fn aside(choice: u64) -> Self {
        Self { choice, lane: Lane::Aside, index: 0 }
    }

    /// A numbered block of content.
    pub(crate) fn block(index: u64) -> Self {
        Self { choice: 0, lane: Lane::Block(0), index }
    }

    /// A numbered part within a block.
    pub(crate) fn within(self, part: u64) -> Self {
        Self { lane: Lane::Block(part), ..self }
    }
}

/// The number that a value is, or 0. No provider counts beyond 32 bits, and so sums of numbers are numbers.
pub(crate) fn number(node: Option<Node<'_>>) -> u64 {
    number_or(node, 0)
}

/// The same, or another.
pub(crate) fn number_or(node: Option<Node<'_>>, other: u64) -> u64 {
    node.and_then(Node::number).unwrap_or(other).min(u32::MAX.into())
}

impl Answer {
    /// What follows is another answer in the same body; `id` is that of its request.
    pub(crate) fn begin_another(&mut self, id: Option<String>) {
        let last = self.ends.last_key_value().map(|(choice, _)| *choice);
        let last = last.max(self.drafts.iter().rev().take(1).map(|draft| draft.choice).next());
        self.first_choice = last.map_or(0, |last| last + 1);
        self.is_batch = true;
        if let Some(end) = self.end_of(self.first_choice) {
            end.id = id;
        }
    }

    /// The place that a stream gives this name to.
    pub(crate) fn place(&mut self, name: &str) -> Slot {
        Slot::block(self.number_of(name))
    }

    fn number_of(&mut self, name: &str) -> u64 {
        if let Some(number) = self.places.get(name) {
            return *number;
        }
        let number = self.places.len() as u64;
        if self.places.len() < MOST_THINGS {
            self.places.insert(name.to_owned(), number);
        }
        number
    }

    /// Takes in an answer that stands within this one.
    pub(crate) fn adopt(&mut self, other: Self) {
        let first = self.first_choice;
        for (choice, end) in other.ends {
            self.end_choice(first + choice, end.finish);
        }
        let left = MOST_THINGS - self.drafts.len().min(MOST_THINGS);
        self.beyond += other.beyond + other.counts.beyond + other.drafts.len().saturating_sub(left);
        let drafts = other.drafts.into_iter().take(left);
        self.drafts.extend(drafts.map(|draft| Draft { choice: first + draft.choice, ..draft }));
        self.counts.plus(other.counts);
        self.model = self.model.take().or(other.model);
        self.dialect = self.dialect.or(other.dialect);
    }

    /// Adds whole parts, one after the other.
    pub(crate) fn add(&mut self, choice: u64, parts: impl IntoIterator<Item = Part>) {
        for part in parts {
            self.push(Slot::text(choice), part);
        }
    }

    /// Adds parts to a place, as [`Self::extend`] does.
    pub(crate) fn extend_all(&mut self, slot: Slot, parts: impl IntoIterator<Item = Part>) {
        for part in parts {
            self.extend(slot, part);
        }
    }

    /// Adds to a choice's sound: a piece of it in base64.
    pub(crate) fn sound(&mut self, choice: u64, data: Option<Node<'_>>, at: At<'_>) {
        if let Some(data) = data.filter(|data| data.is_text()) {
            self.extend(Slot { index: 1, ..Slot::aside(choice) }, at.part(data, media_of_text("audio", data)));
        }
    }

    /// Adds a part to a place, where it goes on with the last one when that is of the same kind.
    pub(crate) fn extend(&mut self, slot: Slot, part: Part) {
        let is_added = self.last_in(slot).is_some_and(|last| part::goes_on(&mut last.part, &part));
        if !is_added {
            self.push(slot, part);
        }
    }

    /// Adds a part to a place, where it is more of the last one, or that again with more.
    pub(crate) fn grow(&mut self, slot: Slot, part: Part) {
        let is_incremental = self.is_incremental;
        let is_added = self.last_in(slot).is_some_and(|last| part::grows(&mut last.part, &part, is_incremental));
        if !is_added {
            self.push(slot, part);
        }
    }

    /// Adds text to a place.
    pub(crate) fn text(&mut self, slot: Slot, text: Option<Node<'_>>, at: At<'_>) {
        self.words(slot, text, at, |text| Content::Text { text });
    }

    /// Adds a thought to a place.
    pub(crate) fn thinking(&mut self, slot: Slot, text: Option<Node<'_>>, at: At<'_>) {
        self.words(slot, text, at, |text| Content::Thinking { text, is_hidden: false });
    }

    /// Adds words of some kind to a place; nothing when there are none.
    pub(crate) fn words(&mut self, slot: Slot, text: Option<Node<'_>>, at: At<'_>, kind: impl Fn(String) -> Content) {
        let Some(node) = text else { return };
        if let Some(text) = node.text().filter(|text| !text.is_empty()) {
            self.extend(slot, at.part(node, kind(text.into_owned())));
        }
    }

    /// Adds a piece of a call to its place, or begins a call there.
    pub(crate) fn call_piece(&mut self, slot: Slot, piece: CallPiece<'_>, around: Node<'_>, at: At<'_>) {
        let (piece, source) = (piece.read(), at.source(around));
        if let Some(draft) = self.last_in(slot)
            && piece.join(&mut draft.part.content, &mut draft.progress)
        {
            draft.part.source.place.join(&source.place);
            return;
        }
        let (content, progress) = piece.begin();
        self.push_draft(slot, Part { content, source, left_out: None }, progress);
    }

    /// Begins a call whose arguments follow in pieces.
    pub(crate) fn begin_call(&mut self, slot: Slot, mut call: Part) {
        let progress = call::preview(&mut call.content);
        self.push_draft(slot, call, progress);
    }

    /// Begins a part in a place.
    pub(crate) fn push(&mut self, slot: Slot, part: Part) {
        self.push_draft(slot, part, Progress::default());
    }

    /// The index of what was begun; `None` when there was no room.
    fn push_draft(&mut self, slot: Slot, part: Part, progress: Progress) -> Option<usize> {
        let index = self.drafts.len();
        if index >= MOST_THINGS {
            self.beyond += 1;
            return None;
        }
        let choice = self.first_choice + slot.choice;
        let slot = Slot { choice, ..slot };
        self.last.insert(slot, index);
        if let Lane::Block(_) = slot.lane {
            self.items.entry((choice, slot.index)).or_default().drafts.push(index);
        }
        self.ends.entry(choice).or_default();
        self.drafts.push(Draft { choice, part, progress, is_gone: false });
        Some(index)
    }

    fn last_in(&mut self, slot: Slot) -> Option<&mut Draft> {
        let slot = Slot { choice: self.first_choice + slot.choice, ..slot };
        self.drafts.get_mut(*self.last.get(&slot)?)
    }

    /// Puts an item that was sent whole in the place of what arrived of it.
    pub(crate) fn replace(&mut self, slot: Slot, parts: Vec<Part>) {
        let key = (self.first_choice + slot.choice, slot.index);
        let item = self.items.entry(key).or_default();
        item.is_whole = true;
        let mut old = std::mem::take(&mut item.drafts).into_iter();
        let mut kept = Vec::new();
        for part in parts {
            let index = old.next();
            if let Some(draft) = index.and_then(|index| self.drafts.get_mut(index)) {
                draft.part.source.place.join(&part.source.place);
                draft.part.content = part.content;
                kept.extend(index);
            } else {
                kept.extend(self.push_draft(slot, part, Progress::default()));
            }
        }
        for index in old {
            if let Some(draft) = self.drafts.get_mut(index) {
                draft.is_gone = true;
            }
        }
        self.items.entry(key).or_default().drafts = kept;
    }

    /// What follows in a place begins a part of its own.
    pub(crate) fn close(&mut self, slot: Slot) {
        self.last.remove(&Slot { choice: self.first_choice + slot.choice, ..slot });
    }

    /// Whether an item has been sent whole.
    pub(crate) fn is_whole(&self, slot: Slot) -> bool {
        self.items.get(&(self.first_choice + slot.choice, slot.index)).is_some_and(|item| item.is_whole)
    }

    /// A choice is there and has stopped, when a word says so.
    pub(crate) fn finish(&mut self, choice: u64, said: Option<Node<'_>>) {
        // `DashScope` says `null` in words.
        let said = said.and_then(Node::text).filter(|said| !said.is_empty() && said != "null");
        let finish = said.map(|said| finish::of(&said));
        self.end(choice, finish);
    }

    /// As [`Self::finish`], with a finish that is known.
    pub(crate) fn end(&mut self, choice: u64, finish: Option<Finish>) {
        self.end_choice(self.first_choice + choice, finish);
    }

    /// As [`Self::end`], unless it has ended already.
    pub(crate) fn end_new(&mut self, choice: u64, finish: Finish) {
        let has_ended = self.ends.get(&(self.first_choice + choice)).is_some_and(|end| end.finish.is_some());
        if !has_ended {
            self.end(choice, Some(finish));
        }
    }

    fn end_choice(&mut self, choice: u64, finish: Option<Finish>) {
        if finish.is_none() {
            self.end_of(choice);
        } else if let Some(end) = self.end_of(choice) {
            let is_new = std::mem::replace(&mut end.finish, finish).is_none();
            self.finished += usize::from(is_new);
        }
    }

    /// The end of a choice; `None` when there is no room for one more.
    fn end_of(&mut self, choice: u64) -> Option<&mut End> {
        if self.ends.len() >= MOST_THINGS && !self.ends.contains_key(&choice) {
            self.beyond += 1;
            return None;
        }
        Some(self.ends.entry(choice).or_default())
    }

    /// How much there was no room for.
    pub(crate) fn beyond(&self) -> usize {
        self.beyond + self.counts.beyond
    }

    /// Whether anything is known of a choice.
    pub(crate) fn has_choice(&self, choice: u64) -> bool {
        self.ends.contains_key(&(self.first_choice + choice))
    }

    /// Whether every choice said why it stopped.
    pub(crate) fn is_finished(&self) -> bool {
        !self.ends.is_empty() && self.finished == self.ends.len()
    }

    /// Notes who answered: the members of these names, when they are there.
    pub(crate) fn named(&mut self, node: Node<'_>, model: &str, id: &str) {
        let said = |name| node.text_of(name).filter(|text| !text.is_empty()).map(Cow::into_owned);
        self.model = self.model.take().or_else(|| said(model));
        self.id = self.id.take().or_else(|| said(id));
    }

    /// Notes an error. The first one counts: what follows it follows from it.
    pub(crate) fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    /// Whether anything was said.
    pub(crate) fn has_parts(&self) -> bool {
        self.drafts.iter().any(|draft| draft.part.text() != Some(""))
    }

    /// The names of the tools that are called, each once, in their order.
    pub(crate) fn tools_called(self) -> Vec<String> {
        let names = self.drafts.into_iter().filter_map(|draft| match draft.part.content {
            Content::ToolCall { name, .. } if !draft.is_gone => Some(name),
            _ => None,
        });
        let mut seen = HashSet::new();
        names.filter(|name| seen.insert(name.clone())).collect()
    }

    /// The choices, in their order.
    pub(crate) fn into_choices(self) -> Vec<Choice> {
        let mut choices: BTreeMap<u64, Choice> = BTreeMap::new();
        for (index, End { id, finish }) in self.ends {
            choices.insert(index, Choice { index, id, parts: Vec::new(), finish });
        }
        for draft in self.drafts.into_iter().filter(|draft| !draft.is_gone) {
            choices.entry(draft.choice).or_default().parts.push(draft.part);
        }
        // A text that began and never came.
        for choice in choices.values_mut() {
            while choice.parts.last().is_some_and(|part| part.text() == Some("")) {
                choice.parts.pop();
            }
        }
        choices.into_values().collect()
    }

    /// Whether the last that a choice says is a call that waits for its result.
    pub(crate) fn ends_with_call(&self, choice: u64) -> bool {
        /// More parts of others than any session mixes.
        const NEAR: usize = 64;
        let choice = self.first_choice + choice;
        let last = self.drafts.iter().rev().take(NEAR).find(|draft| draft.choice == choice && !draft.is_gone);
        last.is_some_and(|draft| matches!(draft.part.content, Content::ToolCall { is_hosted: false, .. }))
    }

    /// Whether a choice says that it failed.
    pub(crate) fn failed_choice(&self) -> Option<&str> {
        if self.is_batch {
            return None;
        }
        let finishes = self.ends.values().filter_map(|end| end.finish.as_ref());
        finishes.into_iter().find(|finish| finish.meaning == Meaning::Error).map(|finish| &*finish.said)
    }
}
