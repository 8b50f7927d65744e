//! Plants credentials of its own making in every place that a recorder can fill, and says what became of them: how many
//! survived, how many neighbours were spoiled, and how many values of traffic without credentials were taken for one.
//!
//! `make redaction-report` prints it. A new member of a post fails it until it is redacted: what is planted in is taken
//! from a post that has them all.

#![expect(
    clippy::format_collect,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that prints"
)]

mod decoys;
mod places;
mod secrets;
mod shown;

use api::{run::CreateRun, run::UpdateRun, step::StepInput};
use fastrand::Rng;
use places::{PLACES, Planted};
use redact::{Places, Redacted, Rules};
use secrets::{SECRETS, Secret};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::collections::BTreeMap;

/// How many are planted for each seed.
const PLANTS: usize = 1_000;
const SEEDS: [u64; 3] = [7, 4_711, 20_260_102];
/// The most false hits.
const MOST_FALSE: usize = 4;

/// What became of what was planted.
#[derive(Default)]
struct Tally {
    planted: usize,
    survived: usize,
    spoiled: usize,
    /// The first few of each, to look at.
    shown: BTreeMap<String, usize>,
}

fn main() {
    if std::env::args().any(|argument| argument == "--cost") {
        return decoys::print_cost();
    }
    let mut tally = Tally::default();
    for seed in SEEDS {
        let mut rng = Rng::with_seed(seed);
        for _ in 0..PLANTS {
            let secret = &SECRETS[rng.usize(..SECRETS.len())];
            let place = &PLACES[rng.usize(..PLACES.len())];
            tally.plant(secret, place, &mut rng);
        }
        // Each at least once in each place that a member of a post is.
        for leaf in places::leaves() {
            let secret = &SECRETS[rng.usize(..SECRETS.len())];
            let planted = leaf.plant(&secret.make(&mut rng));
            tally.judge(&format!("{} in {}", secret.name, leaf.pointer), &planted);
        }
    }
    let (of, hits) = decoys::false_hits(SEEDS);
    let is_wrong = tally.survived + tally.spoiled > 0 || hits.len() > MOST_FALSE;
    for (what, count) in &tally.shown {
        println!("{count:>5}  {what}");
    }
    for hit in &hits {
        println!("false: {hit}");
    }
    // Without optimisation it says nothing.
    if !cfg!(debug_assertions) {
        decoys::print_cost();
    }
    let Tally { planted, survived, spoiled, .. } = tally;
    println!("planted={planted} survived={survived} spoiled={spoiled} false={} of={of}", hits.len());
    assert!(!is_wrong, "more was left, spoiled or taken than may be");
}

impl Tally {
    fn plant(&mut self, secret: &Secret, place: &places::Place, rng: &mut Rng) {
        let made = secret.make(rng);
        let planted = place.plant(&made, rng);
        self.judge(&format!("{} in {}", secret.name, place.name), &planted);
    }

    fn judge(&mut self, what: &str, planted: &Planted) {
        self.planted += 1;
        let read = match planted.kind {
            places::Post::Run => read::<CreateRun>,
            places::Post::Patch => read::<UpdateRun>,
            places::Post::Step => read::<StepInput>,
        };
        let kept = shown::without_masks(&read(&planted.post, true));
        let is_left = planted.fragments.iter().any(|fragment| kept.contains(fragment));
        let mut expected = planted.expected.iter().map(|post| shown::without_masks(&read(post, false)));
        let is_spoiled = !is_left && !expected.any(|expected| expected == kept);
        self.survived += usize::from(is_left);
        self.spoiled += usize::from(is_spoiled);
        if is_left || is_spoiled {
            *self.shown.entry(format!("{} {what}", if is_left { "survived" } else { "spoiled" })).or_default() += 1;
            if std::env::args().any(|argument| argument == "--show") {
                println!("{what}\n  {}\n  {kept}\n  {}", planted.post, planted.expected[0]);
            }
        }
    }
}

/// A post as it is read, and redacted or not.
fn read<T: DeserializeOwned + Serialize + Places>(post: &Value, is_redacted: bool) -> Value {
    let post: T = api::json::parse_body(post.to_string().as_bytes()).unwrap();
    if is_redacted { serde_json::to_value(&*Redacted::of(post, &Rules::default())) } else { serde_json::to_value(post) }
        .unwrap()
}
