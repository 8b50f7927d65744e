//! What a binary is, without starting it.

use anyhow::{Context, Result};
use object::{Endianness, elf::FileHeader64, read::elf::FileHeader as _};
use std::{fmt, fs, path::Path};

/// A version of glibc, such as 2.34.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Glibc(pub u32, pub u32);

impl fmt::Display for Glibc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// The newest version of glibc that any symbol of a binary asks for.
pub(crate) fn needed_glibc(binary: &Path) -> Result<Glibc> {
    let data = fs::read(binary)?;
    let data = data.as_slice();
    let header = FileHeader64::<Endianness>::parse(data)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, data)?;
    let (mut libraries, link) = sections.gnu_verneed(endian, data)?.context("it needs no library at all")?;
    let names = sections.strings(endian, data, link)?;
    let mut newest = None;
    while let Some((_, mut versions)) = libraries.next()? {
        while let Some(version) = versions.next()? {
            newest = newest.max(glibc(str::from_utf8(version.name(endian, names)?)?));
        }
    }
    newest.context("it asks for no version of glibc")
}

/// `GLIBC_2.2.5` is a 2.2.
fn glibc(version: &str) -> Option<Glibc> {
    let mut numbers = version.strip_prefix("GLIBC_")?.split('.');
    Some(Glibc(numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}
