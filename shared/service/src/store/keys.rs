//! Every key of the table. A key that is built elsewhere is a mistake.
//!
//! A run is reachable only through its chat, so a run of another chat is simply not found. What a posted turn says, and
//! the tombstone of a deleted run, are outside the `RUN#` range: a list never has to filter them. Heads of steps are in
//! a range of their own, apart from all content.

use super::item::{Attributes, CHUNK_BYTES, Item, SMALL_BYTES, Undecodable, required, text};
use crate::ids::WriteId;
use api::{
    ids::{ChatId, KeyId, RunId, StepNumber, UserId},
    time::Timestamp,
};

/// It sorts behind every digit, letter and `#` of a key: the open end of a range.
const END: char = '~';
/// It sorts behind every digit, and before every letter.
const BEHIND_DIGITS: char = ':';

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) pk: String,
    pub(super) sk: String,
}

impl Key {
    /// The key's attributes.
    pub(super) fn item(self) -> Item {
        Item::from([("pk".to_owned(), text(self.pk)), ("sk".to_owned(), text(self.sk))])
    }

    /// The key of an item.
    pub(super) fn read(mut attributes: Attributes<'_>) -> Result<Self, Undecodable> {
        Ok(Self { pk: required(attributes.text("pk")?, "pk")?, sk: required(attributes.text("sk")?, "sk")? })
    }

    /// The most read units that its item can cost.
    pub(super) fn most_units(&self) -> u32 {
        read_units(match &self.sk {
            sk if sk.starts_with(CHUNK) => CHUNK_ITEM_BYTES,
            sk if sk.starts_with(TURN) => ANCHOR_BYTES,
            _ => HEAD_BYTES,
        })
    }
}

/// The read units of so many bytes.
pub(super) fn read_units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(READ_UNIT_BYTES)).unwrap_or(u32::MAX)
}

/// Sort keys of one partition, both ends included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) pk: String,
    pub(super) from: String,
    pub(super) to: String,
    /// The size of the largest item in it, in bytes.
    pub(super) item_bytes: usize,
}

/// The size of the largest entry of a list of chats, in bytes: its key, with the longest id of a user, and the longest
/// external id.
const ENTRY_BYTES: usize = 500;
/// The size of the largest intent, in bytes: it names a thousand steps.
const INTENT_BYTES: usize = 10_500;
/// What a read unit pays for, in bytes.
const READ_UNIT_BYTES: usize = 4 * 1024;
/// The size of the largest run, in bytes: its texts are cut, the longest with 4 bytes a character, and its receipt
/// names four entries.
const RUN_BYTES: usize = 4_000;
/// The size of the largest step's head, with its outline.
const HEAD_BYTES: usize = 4_000;
/// The size of the largest anchor of a posted turn.
const ANCHOR_BYTES: usize = SMALL_BYTES + 4_000;
/// The size of the largest item with a step's small content.
const CONTENT_BYTES: usize = SMALL_BYTES + 200;
/// The size of the largest chunk's item.
const CHUNK_ITEM_BYTES: usize = CHUNK_BYTES + 200;
/// The size of the largest item of all.
const ITEM_BYTES: usize = 400 * 1024;

pub(super) fn deployment() -> Key {
    Key { pk: "SETTINGS".into(), sk: "DEPLOYMENT".into() }
}

pub(super) fn user(user: &UserId) -> Key {
    Key { pk: format!("USER#{user}"), sk: "SETTINGS".into() }
}

/// Intents are spread over so many partitions, each of which takes 1,000 write units a second.
pub(super) const SHARDS: u8 = 4;

fn intent_partition(shard: u8) -> String {
    format!("STAGED#{shard}")
}

/// What a write is about to leave behind if it is not confirmed, all of it or of one step: those that were posted
/// together have one write, and may be replaced in the same moment.
pub(super) fn intent(at: Timestamp, write: &WriteId, step: Option<StepNumber>) -> Key {
    let write = write.as_str();
    let shard = write.bytes().fold(0_u8, u8::wrapping_add) % SHARDS;
    let step = step.map(|step| format!("#{:05}", step.get())).unwrap_or_default();
    Key { pk: intent_partition(shard), sk: format!("{:018}#{write}{step}", at.micros()) }
}

/// The intents of a shard that were put before then.
pub(super) fn intents(shard: u8, before: Timestamp) -> Range {
    let to = format!("{:018}", before.micros());
    Range { pk: intent_partition(shard), from: "0".into(), to, item_bytes: INTENT_BYTES }
}

/// When the intent of a sort key was put, the write that it is of, and the step if it is of one.
pub(super) fn intent_of(sk: &str) -> Option<(Timestamp, WriteId, Option<StepNumber>)> {
    let (micros, rest) = sk.split_once('#')?;
    let (write, step) = match rest.split_once('#') {
        None => (rest, None),
        Some((write, step)) => (write, Some(number(step)?)),
    };
    Some((Timestamp::from_micros(micros.parse().ok()?)?, WriteId::read(write), step))
}

/// What a user owns has a partition of its own, so that who records a chat never writes where consents are.
fn owner_partition(user: &UserId) -> String {
    format!("OWNER#{user}")
}

/// A chat in the list of its owner's. Times sort as the numbers do: they have the same length.
pub(super) fn owned_chat(user: &UserId, registered_at: Timestamp, chat: ChatId) -> Key {
    Key { pk: owner_partition(user), sk: format!("CHAT#{:018}#{chat}", registered_at.micros()) }
}

/// The user's chats.
pub(super) fn owned_chats(user: &UserId) -> Range {
    let (from, to) = ("CHAT#".into(), format!("CHAT#{END}"));
    Range { pk: owner_partition(user), from, to, item_bytes: ENTRY_BYTES }
}

/// The chat that a sort key of such a list names, and when it was registered.
pub(super) fn owned_chat_of(sk: &str) -> Option<(Timestamp, ChatId)> {
    let (micros, chat) = sk.strip_prefix("CHAT#")?.split_once('#')?;
    Some((Timestamp::from_micros(micros.parse().ok()?)?, chat.parse().ok()?))
}

/// Whose keys it is about: a user's, or the deployment's. `#` is no user's id. Apart from the user's chats, so that who
/// records a chat reaches neither the list nor the count.
fn holder_partition(owner: Option<&UserId>) -> String {
    owner.map_or_else(|| "KEYS##".to_owned(), |owner| format!("KEYS#{owner}"))
}

/// A recorder key, which is read by its id alone.
pub(super) fn recorder_key(id: KeyId) -> Key {
    Key { pk: format!("KEY#{id}"), sk: "KEY".into() }
}

/// A recorder key in the list of its holder's.
pub(super) fn held_key(owner: Option<&UserId>, id: KeyId) -> Key {
    Key { pk: holder_partition(owner), sk: format!("KEY#{id}") }
}

/// How many recorder keys a holder has.
pub(super) fn key_count(owner: Option<&UserId>) -> Key {
    Key { pk: holder_partition(owner), sk: "KEYS".into() }
}

/// The holder's recorder keys.
pub(super) fn held_keys(owner: Option<&UserId>) -> Range {
    let (from, to) = ("KEY#".into(), format!("KEY#{END}"));
    Range { pk: holder_partition(owner), from, to, item_bytes: ENTRY_BYTES }
}

/// The recorder key that a sort key of such a list names.
pub(super) fn held_key_of(sk: &str) -> Option<KeyId> {
    sk.strip_prefix("KEY#")?.parse().ok()
}

fn partition(chat: ChatId) -> String {
    format!("CHAT#{chat}")
}

pub(super) const CHAT: &str = "CHAT";

pub(super) fn chat(chat: ChatId) -> Key {
    Key { pk: partition(chat), sk: CHAT.into() }
}

/// Everything about a chat.
pub(super) fn all_of_chat(chat: ChatId) -> Range {
    Range { pk: partition(chat), from: "A".into(), to: END.into(), item_bytes: ITEM_BYTES }
}

pub(super) fn run(chat: ChatId, run: RunId) -> Key {
    Key { pk: partition(chat), sk: format!("RUN#{run}") }
}

/// The chat's runs.
pub(super) fn runs(chat: ChatId) -> Range {
    Range { pk: partition(chat), from: "RUN#".into(), to: format!("RUN#{END}"), item_bytes: RUN_BYTES }
}

/// The chat that a partition is of.
pub(super) fn chat_of(pk: &str) -> Option<ChatId> {
    pk.strip_prefix("CHAT#")?.parse().ok()
}

/// The run that a sort key names.
pub(super) fn run_of(sk: &str) -> Option<RunId> {
    sk.strip_prefix("RUN#")?.parse().ok()
}

const TURN: &str = "TURN#";

/// A run's anchor: it says where a posted turn's steps are and holds small ones, or is the tombstone of a deleted run.
pub(super) fn turn(chat: ChatId, run: RunId) -> Key {
    Key { pk: partition(chat), sk: format!("{TURN}{run}") }
}

pub(super) fn step(chat: ChatId, run: RunId, number: StepNumber) -> Key {
    Key { pk: partition(chat), sk: format!("STEP#{run}#{:05}", number.get()) }
}

/// The heads of a run's steps behind `after`.
pub(super) fn steps(chat: ChatId, run: RunId, after: Option<StepNumber>) -> Range {
    let (from, to) = (format!("STEP#{run}#{}", next(after)), format!("STEP#{run}#{END}"));
    Range { pk: partition(chat), from, to, item_bytes: HEAD_BYTES }
}

/// The head of one step.
pub(super) fn head(chat: ChatId, run: RunId, number: StepNumber) -> Range {
    let Key { pk, sk } = step(chat, run, number);
    Range { pk, from: sk.clone(), to: sk, item_bytes: HEAD_BYTES }
}

/// The heads of a run's steps before this one.
pub(super) fn steps_before(chat: ChatId, run: RunId, number: StepNumber) -> Range {
    let to = format!("STEP#{run}#{:05}", number.get() - 1);
    Range { to, ..steps(chat, run, None) }
}

/// The step that a sort key names.
pub(super) fn step_of(sk: &str) -> Option<StepNumber> {
    number(sk.strip_prefix("STEP#")?.split('#').nth(1)?)
}

const CHUNK: &str = "CHUNK#";

/// The content of a step that is small enough to be put together with its head.
pub(super) fn content(chat: ChatId, run: RunId, number: StepNumber) -> Key {
    Key { pk: partition(chat), sk: format!("{CHUNK}{run}#{:05}", number.get()) }
}

/// The step whose small content has a sort key.
pub(super) fn content_of(sk: &str) -> Option<StepNumber> {
    number(sk.strip_prefix(CHUNK)?.split('#').nth(1)?)
}

/// The small contents of a run's steps behind `after`.
pub(super) fn contents(chat: ChatId, run: RunId, after: Option<StepNumber>) -> Range {
    let prefix = format!("{CHUNK}{run}#");
    Range {
        pk: partition(chat),
        from: format!("{prefix}{}", next(after)),
        to: format!("{prefix}{BEHIND_DIGITS}"),
        item_bytes: CONTENT_BYTES,
    }
}

/// The content of a posted turn that is too large for its anchor, and small enough for one item.
pub(super) fn whole_turn(chat: ChatId, run: RunId) -> Key {
    Key { pk: partition(chat), sk: format!("{CHUNK}{run}#TURN") }
}

/// The outlines of a posted turn's steps that are too large for its anchor.
pub(super) fn outlines(chat: ChatId, run: RunId) -> Key {
    Key { pk: partition(chat), sk: format!("{CHUNK}{run}#OUTLINE") }
}

/// A chunk of content that is larger: a step's, or a whole turn's without a number.
pub(super) fn chunk(chat: ChatId, run: RunId, number: Option<StepNumber>, write: &WriteId, index: usize) -> Key {
    let write = write.as_str();
    let sk = format!("{}{:05}#{write}#{index:02}", chunk_prefix(run), number.map_or(0, StepNumber::get));
    Key { pk: partition(chat), sk }
}

/// The chunks of a run's steps behind `after`.
pub(super) fn chunks(chat: ChatId, run: RunId, after: Option<StepNumber>) -> Range {
    let prefix = chunk_prefix(run);
    let (from, to) = (format!("{prefix}{}", next(after)), format!("{prefix}{END}"));
    Range { pk: partition(chat), from, to, item_bytes: CHUNK_ITEM_BYTES }
}

/// The small content of one step.
pub(super) fn contents_of_step(chat: ChatId, run: RunId, number: StepNumber) -> Range {
    let Key { pk, sk } = content(chat, run, number);
    Range { pk, from: sk.clone(), to: sk, item_bytes: CONTENT_BYTES }
}

/// The chunks of one write of a step.
pub(super) fn chunks_of_write(chat: ChatId, run: RunId, number: StepNumber, write: &WriteId) -> Range {
    let write = write.as_str();
    let prefix = format!("{}{:05}#{write}#", chunk_prefix(run), number.get());
    Range { pk: partition(chat), to: format!("{prefix}{END}"), from: prefix, item_bytes: CHUNK_ITEM_BYTES }
}

/// All content of a run, but for what its anchor holds.
pub(super) fn all_content(chat: ChatId, run: RunId) -> Range {
    let prefix = format!("{CHUNK}{run}#");
    Range { pk: partition(chat), to: format!("{prefix}{END}"), from: prefix, item_bytes: CHUNK_ITEM_BYTES }
}

fn chunk_prefix(run: RunId) -> String {
    format!("{CHUNK}{run}#PART#")
}

fn number(digits: &str) -> Option<StepNumber> {
    digits.parse::<u64>().ok()?.try_into().ok()
}

/// The number behind `after`, as keys have it; there is nothing behind the last one.
fn next(after: Option<StepNumber>) -> String {
    match after.map(StepNumber::get) {
        None => format!("{:05}", 0),
        Some(StepNumber::MAX) => BEHIND_DIGITS.to_string(),
        Some(number) => format!("{:05}", number + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;
    use uuid::Uuid;

    /// Keys are the one thing that cannot be changed later; this prints them all.
    #[test]
    fn every_key_is_as_it_was() {
        let chat_id = ChatId::from_uuid(Uuid::from_u128(0xc));
        let run_id = RunId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000));
        let step_number = StepNumber::try_from(7).expect("a number");
        let key_id = KeyId::from_uuid(Uuid::from_u128(0xb));
        let user_id: UserId = "user-1".parse().expect("an id");
        let write = WriteId::read("w");
        let registered_at = Timestamp::from_micros(1_767_322_845_000_000).expect("a time");
        let keys = [
            ("deployment gate", deployment()),
            ("a user's setting", user(&user_id)),
            ("a user's chat", owned_chat(&user_id, registered_at, chat_id)),
            ("a recorder key", recorder_key(key_id)),
            ("a user's key", held_key(Some(&user_id), key_id)),
            ("a general key", held_key(None, key_id)),
            ("how many keys a user has", key_count(Some(&user_id))),
            ("intent of a write", intent(registered_at, &write, None)),
            ("intent of a step", intent(registered_at, &write, Some(step_number))),
            ("chat", chat(chat_id)),
            ("run", run(chat_id, run_id)),
            ("anchor of a posted turn or a deleted run", turn(chat_id, run_id)),
            ("step", step(chat_id, run_id, step_number)),
            ("content of a step", content(chat_id, run_id, step_number)),
            ("content of a turn", whole_turn(chat_id, run_id)),
            ("outlines of a turn's content", outlines(chat_id, run_id)),
            ("chunk of a step's content", chunk(chat_id, run_id, Some(step_number), &write, 3)),
            ("chunk of a turn's content", chunk(chat_id, run_id, None, &write, 3)),
        ];
        let ranges = [
            ("everything about a chat", all_of_chat(chat_id)),
            ("runs", runs(chat_id)),
            ("steps", steps(chat_id, run_id, None)),
            ("steps behind one", steps(chat_id, run_id, Some(step_number))),
            ("head of a step", head(chat_id, run_id, step_number)),
            ("contents", contents(chat_id, run_id, None)),
            ("contents behind a step", contents(chat_id, run_id, Some(step_number))),
            ("chunks", chunks(chat_id, run_id, None)),
            ("chunks behind a step", chunks(chat_id, run_id, Some(step_number))),
            ("all content", all_content(chat_id, run_id)),
            ("small content of a step", contents_of_step(chat_id, run_id, step_number)),
            ("chunks of a write", chunks_of_write(chat_id, run_id, step_number, &write)),
            ("a user's chats", owned_chats(&user_id)),
            ("a user's keys", held_keys(Some(&user_id))),
            ("intents of a shard", intents(3, registered_at)),
        ];
        let mut printed = String::new();
        for (name, Key { pk, sk }) in &keys {
            writeln!(printed, "{name}\n  {pk}\n  {sk}").expect("a string");
        }
        for (name, Range { pk, from, to, .. }) in &ranges {
            writeln!(printed, "{name}\n  {pk}\n  {from} … {to}").expect("a string");
        }
        assert_eq!(printed, include_str!("keys.golden"));
        let range = |wanted: &str| ranges.iter().find(|(name, _)| *name == wanted).map(|(_, range)| range);
        for (name, key) in &keys {
            for (of, is_in) in [
                ("runs", *name == "run"),
                ("steps", *name == "step"),
                ("contents", *name == "content of a step"),
                ("chunks", name.starts_with("chunk")),
                ("all content", name.contains("content")),
                ("a user's chats", *name == "a user's chat"),
                ("a user's keys", *name == "a user's key"),
            ] {
                let Range { pk, from, to, .. } = range(of).expect(of);
                assert_eq!(*pk == key.pk && *from <= key.sk && key.sk <= *to, is_in, "{name} in {of}");
            }
        }
    }

    #[test]
    fn sort_keys_name_what_they_belong_to() {
        let chat_id = ChatId::from_uuid(Uuid::from_u128(1));
        let run_id = RunId::from_uuid(Uuid::from_u128(2));
        let number = StepNumber::try_from(99_999).expect("a number");
        assert_eq!(run_of(&run(chat_id, run_id).sk), Some(run_id));
        assert_eq!(step_of(&step(chat_id, run_id, number).sk), Some(number));
    }

    #[test]
    fn chats_sort_by_their_registration_from_the_first_moment_to_the_last() {
        let user_id: UserId = "user-1".parse().expect("an id");
        let sort_key = |(at, chat)| {
            let sk = owned_chat(&user_id, at, chat).sk;
            assert_eq!(owned_chat_of(&sk), Some((at, chat)));
            sk
        };
        let at = |micros| Timestamp::from_micros(micros).expect("a time");
        let chat = |n| ChatId::from_uuid(Uuid::from_u128(n));
        let in_order = [(at(0), chat(9)), (at(9), chat(1)), (at(10), chat(1)), (at(10), chat(2))];
        let last = "9999-12-31T23:59:59.999999Z".parse().expect("a time");
        let sorted = in_order.into_iter().chain([(last, chat(0))]).map(sort_key);
        assert!(sorted.is_sorted());
    }
}
