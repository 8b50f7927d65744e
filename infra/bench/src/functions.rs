//! Starts and calls: ours beside the floor below us and the peers around us.
//!
//! One run measures all of them in turn, so that whatever drifts, drifts for all. Each start is a
//! process of its own with an environment of its own, behind a runtime API and before a DynamoDB that
//! answers the same bytes to everyone, over TLS.
//!
//! - `canned`: what DynamoDB answers; `trust`: whose certificates are good
//! - `start`: what is measured of one; `variants`: who is measured; `peers`: how they are had
//! - `tables`: what is printed, and which targets are met

mod canned;
mod peers;
mod start;
mod tables;
mod trust;
mod variants;

use crate::{report::Section, sample::Samples, throttle::Share};
use anyhow::{Context, Result};
use start::{ROUNDS, SLOW_ROUNDS, Start, slow_wall};
use tables::{Measured, Medians};
use variants::Variants;

pub(crate) async fn measure() -> Result<Vec<Section>> {
    let Variants { variants, absent } = Variants::new().await?;
    let none = |variant| Measured { variant, starts: Vec::new(), slow_walls: Samples::default() };
    let mut all: Vec<Measured> = variants.into_iter().map(none).collect();
    for round in 0..ROUNDS {
        eprintln!("• Starting everyone, round {} of {ROUNDS}", round + 1);
        for Measured { variant, starts, .. } in &mut all {
            if round % variant.every == 0 {
                let start = Start::measure(&variant.launch, &variant.task).await;
                starts.push(start.with_context(|| format!("{} was not measured", variant.name))?);
            }
        }
    }
    let unshared = Share::new().err().map(|cause| format!("{cause:#}"));
    if unshared.is_none() {
        for round in 0..SLOW_ROUNDS {
            eprintln!("• Starting everyone at 7 % of a core, round {} of {SLOW_ROUNDS}", round + 1);
            for Measured { variant, slow_walls, .. } in &mut all {
                let wall = slow_wall(&variant.launch, &variant.task).await;
                slow_walls.push(wall.with_context(|| format!("{} was not measured", variant.name))?);
            }
        }
    }
    tables::sections(&Medians { all: &all, absent: &absent, unshared: unshared.as_deref() })
}
