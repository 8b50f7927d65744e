//! What redaction adds to the CPU that recording takes: posts of the corpus are read and packed, with it and without.

use crate::{
    report::{Section, not_measured, target, text},
    sample::{Samples, figure, kilobytes},
    storage::frames::made,
    workload,
};
use anyhow::Result;
use api::{json::parse_body, run::CreateRun};
use service::redaction::{Redacted, Rules};
use std::hint::black_box;
use tests::corpus;

const TITLE: &str = "Redaction: CPU of recording";
const OWNER: &str = "user-1";
/// How often all of it is recorded, each way.
const ROUNDS: usize = 9;
/// The most that redaction may take, in milliseconds for 100 KB of a post.
const MOST: f64 = 1.0;

pub(crate) fn measure() -> Result<Vec<Section>> {
    let Some(folder) = corpus::folder() else {
        let notes = vec![not_measured("the corpus", "it stands in ../shared/corpus and is not here")];
        return Ok(vec![Section { title: TITLE, notes, ..Section::default() }]);
    };
    eprintln!("• Recording the corpus with redaction and without");
    let turns = workload::corpus(OWNER, &folder, 1)?;
    let posts = turns.iter().map(|turn| Ok(serde_json::to_vec(&turn.run)?)).collect::<Result<Vec<_>>>()?;
    let bytes = posts.iter().map(Vec::len).sum();
    let rules = Rules::default();
    let (mut without, mut with) = (Samples::default(), Samples::default());
    for _ in 0..ROUNDS {
        without.push(millis(bytes, &posts, |run| run)?);
        with.push(millis(bytes, &posts, |run| Redacted::of(run, &rules).into_parts().0)?);
    }
    let (without, with) = (without.median(), with.median());
    let row = |what: &str, millis: f64| vec![what.to_owned(), figure(millis), format!("{:.2}", millis / without)];
    let added = with - without;
    Ok(vec![Section {
        title: TITLE,
        text: text("redaction", &[("rounds", &ROUNDS), ("kb", &figure(kilobytes(bytes)))])?,
        rows: vec![
            ["", "ms of CPU for 100 KB", "ratio"].map(str::to_owned).into(),
            row("without redaction", without),
            row("with it", with),
        ],
        notes: vec![target("redaction, ms for 100 KB", &format!("at most {MOST}"), &figure(added), added <= MOST)],
        figures: Some(format!("redaction_ratio={:.2} redaction_ms_per_100_kb={added:.3}", with / without)),
    }])
}

/// Milliseconds of CPU for 100 KB of posts, of which each is read, changed and packed.
fn millis(bytes: usize, posts: &[Vec<u8>], change: impl Fn(CreateRun) -> CreateRun) -> Result<f64> {
    let before = cpu::used();
    for post in posts {
        let run: CreateRun = parse_body(post).map_err(|wrong| anyhow::anyhow!("{}: {}", wrong.field, wrong.detail))?;
        black_box(made(&change(run).steps)?);
    }
    Ok(cpu::used().saturating_sub(before).as_secs_f64() * 1e3 / (kilobytes(bytes) / 100.0))
}
