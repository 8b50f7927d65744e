//! What a person is told once everything runs: where it is, and what to paste.

use crate::{
    sample::{self, Sample},
    stack_client::StackClient,
};
use anyhow::Result;
use api::routes::{BASE, GET_DOCS};
use local::kit;
use tokio::time::Instant;

/// What `make run` and `make deploy-local` say of their own.
pub(crate) struct Welcome<'a> {
    /// What runs now.
    pub(crate) what: &'a str,
    /// When that began.
    pub(crate) started: Instant,
    /// Until when the recorder key is good.
    pub(crate) key_until: &'a str,
    /// Where the issuer is.
    pub(crate) issuer: &'a str,
    /// What else there is, by its name.
    pub(crate) others: Vec<(&'a str, String)>,
    /// How it ends.
    pub(crate) end: &'a str,
}

impl Welcome<'_> {
    pub(crate) fn print(self, client: &StackClient, key: &str, sample: &Sample) -> Result<()> {
        let Self { what, started, key_until, issuer, others, end } = self;
        println!(
            "
{what} It took {:.0} s.

  viewer     {}
             sign in as {} with one click
  URL        {}        paths begin with {BASE}
  docs       {}
  a token    make -s token SUB=user-1 ROLE=user        ROLE is user, admin or recorder
  a key      {key}
             a general recorder key, good until {key_until}
  issuer     {issuer}/.well-known/openid-configuration",
            started.elapsed().as_secs_f32().max(1.0),
            sample.link(client),
            sample::OWNER,
            client.url(""),
            client.url(GET_DOCS.path),
        );
        for (name, what) in others {
            println!("  {name:<10} {what}");
        }
        println!("\nPaste these in another terminal, in this folder:\n");
        for (what, line) in sample::lines(client, key, sample)? {
            println!("  # {what}\n  {line}\n");
        }
        println!(
            "And as a chat backend does, in Python; README.md has TypeScript:\n\n{}",
            kit::lines(&client.url(""), key)
        );
        println!("{end}");
        Ok(())
    }
}
