//! Bodies that were bent and broken by chance, of each reported case: they are read without a panic, and what is said
//! of them holds.
//!
//! `make fuzz` does it for `FUZZ_SECONDS`, by a seed of its own. A body that fails is kept as a file, which a failure
//! names.

use crate::recorded::{self, attempt};
use api::{
    step::Body,
    view::{Content, Origin, Part, Place, Source, StepView},
};
use fastrand::Rng;
use llm::{
    Outline, Recorded,
    json::{Json, Node},
};
use std::{
    fs,
    ops::Range,
    panic::catch_unwind,
    path::Path,
    time::{Duration, Instant},
};

/// How often each body is broken where no time is given.
const ROUNDS: usize = 20;

/// Pieces that break or bend JSON and streams.
const PIECES: [&str; 44] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "[[[]]]",
    "{\"a\":{\"a\":[{}]}}",
    "1e999",
    "-",
    "-1",
    "18446744073709551616",
    "NaN",
    "\\ud83d",
    "\\u0000",
    "\n",
    "\n\n",
    "\r",
    "\r\n\r\n",
    "\u{feff}",
    "data: ",
    "data:\n",
    "event: error\n",
    ": \n",
    "[DONE]",
    "0:\"x\"\n",
    "e:{}\n",
    "{\"type\":\"error\"}",
    "{\"error\":{}}\n",
    "\"index\":18446744073709551615",
    "\"content\":[[[]]]",
    "\"content\":null",
    "\"type\":\"tool_result\",\"content\":",
    "\"custom_id\":\"a\",\"response\":",
    "\u{fffd}",
    "\0",
    "\u{1e}",
];

#[test]
fn nothing_that_is_broken_panics() {
    let seconds =
        std::env::var_os("FUZZ_SECONDS").map(|it| it.to_str().and_then(|it| it.parse().ok()).expect("seconds"));
    let until = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let seed = if until.is_some() { fastrand::u64(..) } else { 14 };
    println!("seed {seed}");
    let mut random = Rng::with_seed(seed);
    let bodies: Vec<_> = recorded::bodies().into_iter().map(|(_, body)| body.0).collect();
    let mut read = 0_usize;
    while until.map_or(read < ROUNDS * bodies.len(), |until| Instant::now() < until) {
        let mut broken = bodies[read % bodies.len()].clone();
        for _ in 0..random.usize(1..5) {
            break_somewhere(&mut broken, &bodies, &mut random);
        }
        read += 1;
        if catch_unwind(|| assert_holds(&broken)).is_err() {
            let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("broken-{seed}-{read}"));
            fs::write(&file, &broken).unwrap();
            panic!("after {read} bodies of seed {seed}: {}", file.display());
        }
    }
    println!("{read} bodies were read");
}

/// Takes something out, puts something in, or moves values about.
fn break_somewhere(body: &mut Vec<u8>, bodies: &[Vec<u8>], random: &mut Rng) {
    let (one, other) = (random.usize(..=body.len()), random.usize(..=body.len()));
    let start = one.min(other);
    let range = start..one.max(other).min(start + 20);
    let foreign = &bodies[random.usize(..bodies.len())];
    match random.u8(..8) {
        0 => drop(body.drain(range)),
        1 => drop(body.splice(range, random.choice(PIECES).unwrap().bytes())),
        2 => {
            let from = random.usize(..=foreign.len());
            let piece = foreign[from..].iter().take(200).copied().collect::<Vec<_>>();
            drop(body.splice(start..start, piece));
        }
        3 => body.iter_mut().skip(start).take(1).for_each(|byte| *byte = random.u8(..)),
        4 => body.truncate(start),
        // A value in the place of another: nothing, or one from elsewhere.
        5 | 6 => {
            if let Some(place) = value(body, random) {
                let new = value(foreign, random).map(|value| foreign[value].to_vec()).filter(|_| random.bool());
                let new = new.unwrap_or_else(|| random.choice(PIECES).unwrap().as_bytes().to_vec());
                drop(body.splice(place, new));
            }
        }
        // A value once more, as another item or member.
        _ => {
            if let Some(place) = value(body, random) {
                let again = [b",", &body[place.clone()]].concat();
                drop(body.splice(place.end..place.end, again));
            }
        }
    }
}

/// Where some value stands, of some JSON in a body.
fn value(body: &[u8], random: &mut Rng) -> Option<Range<usize>> {
    let begins: Vec<_> = (0..body.len()).filter(|at| matches!(body[*at], b'{' | b'[')).collect();
    let start = *random.choice(&begins)?;
    let json = Json::read(&body[start..]);
    let (mut waiting, mut found) = (vec![json.root()?], Vec::new());
    while let Some(node) = waiting.pop().filter(|_| found.len() < 200) {
        found.push(node.range());
        waiting.extend(node.items().chain(node.members().map(|(_, value)| value)));
    }
    let place = random.choice(&found)?;
    Some(start + place.start..start + place.end)
}

/// What holds of every body, whatever it says.
fn assert_holds(body: &[u8]) {
    let attempt = attempt("https://h.example/x", Some(Body(body.to_vec())), Some(Body(body.to_vec())));
    let step = Recorded { attempts: &[attempt], ..Recorded::default() };
    let view = step.view();
    let json = serde_json::to_string(&view).unwrap();
    assert_eq!(serde_json::from_str::<StepView>(&json).unwrap(), view);
    let said = view.answer.iter().flat_map(|choice| &choice.parts);
    for part in view.messages.iter().flat_map(|message| &message.parts).chain(said) {
        assert_from_somewhere(&part.source, &view);
        if let Content::ToolResult { parts, .. } = &part.content {
            let is_result = |part: &Part| matches!(part.content, Content::ToolResult { .. });
            assert!(!parts.iter().any(is_result), "a result in a result");
        }
    }
    for unread in &view.unread {
        assert_from_somewhere(&unread.source, &view);
    }
    Outline::of(step);
    assert!(Json::read(body).root().is_none_or(is_within), "a value ends within the one around it");
}

fn is_within(root: Node<'_>) -> bool {
    let mut values = root.items().chain(root.members().map(|(_, value)| value));
    values.all(|value| root.range().start <= value.range().start && value.range().end <= root.range().end)
}

/// What a view says of a place is there.
fn assert_from_somewhere(source: &Source, view: &StepView) {
    let attempt = &view.attempts[0];
    let body = match source.origin {
        Origin::Request { .. } => &attempt.request,
        _ => &attempt.response,
    };
    let body = body.as_ref().expect("a body");
    match &source.place {
        Place::Bytes(range) => {
            assert!(range.start <= range.end && (body.packing.is_some() || range.end <= body.bytes), "{source:?}");
        }
        Place::Events(runs) => {
            let in_order = runs.windows(2).all(|pair| pair[0].last < pair[1].first);
            let last = runs.last().map_or(0, |run| run.last as usize);
            assert!(in_order && runs[0].first > 0 && last <= body.events.expect("a stream"), "{source:?}");
        }
    }
}
