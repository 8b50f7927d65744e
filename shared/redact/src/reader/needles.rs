//! Texts that are looked for in another. Many are looked for in one pass: most of it is told from all of them by four
//! bytes.

use crate::tables::bits::Quads;

/// What is looked for.
#[derive(Debug, Default)]
pub(super) struct Needles {
    /// Those that are compared where they may begin, once there are many.
    short: Vec<String>,
    begins: Option<Box<Quads>>,
    /// Each is a search of its own: to compare one wherever it may begin would take the product of its length and the
    /// text's.
    long: Vec<String>,
}

impl Needles {
    /// The longest of the short, in bytes.
    const LONGEST_SHORT: usize = 128;
    /// So many are found sooner by a search for each.
    const FEW: usize = 8;

    pub(super) const fn len(&self) -> usize {
        self.short.len() + self.long.len()
    }

    pub(super) fn has(&self, text: &str) -> bool {
        self.short.iter().chain(&self.long).any(|needle| needle == text)
    }

    pub(super) fn add(&mut self, text: &str) {
        match text.as_bytes().first_chunk() {
            Some(four) if text.len() <= Self::LONGEST_SHORT => {
                self.begins.get_or_insert_with(|| Box::new(Quads::NONE)).add(*four);
                self.short.push(text.to_owned());
            }
            _ => self.long.push(text.to_owned()),
        }
    }

    /// Whether any of them is in a text.
    pub(super) fn are_in(&self, text: &str) -> bool {
        self.alone().any(|needle| text.contains(needle)) || self.together(text).next().is_some()
    }

    /// Where they are in a text, and which.
    pub(super) fn find<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
        // To look for one costs its length, even in a text that is shorter.
        let alone = self.alone().filter(|needle| needle.len() <= text.len());
        alone.flat_map(|needle| text.match_indices(needle)).chain(self.together(text))
    }

    /// Those that are searched for one by one.
    fn alone(&self) -> impl Iterator<Item = &str> {
        let few = self.short.iter().filter(|_| self.short.len() <= Self::FEW);
        few.chain(&self.long).map(String::as_str)
    }

    /// Where the others are.
    fn together<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
        let begins = self.begins.iter().filter(|_| self.short.len() > Self::FEW);
        let places = begins.flat_map(|begins| {
            let fours = text.as_bytes().array_windows().enumerate();
            fours.filter(|(_, four)| begins.may_have(**four)).map(|(at, _)| at)
        });
        places.flat_map(|at| {
            let rest = text.as_bytes().get(at..).unwrap_or_default();
            let found = self.short.iter().filter(|needle| rest.starts_with(needle.as_bytes()));
            found.map(move |needle| (at, &**needle))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_are_found_where_they_are() {
        let (mut few, mut many) = (Needles::default(), Needles::default());
        let long = "long".repeat(100);
        for needle in ["hunter2x", "é-key-1", &long] {
            few.add(needle);
            many.add(needle);
        }
        (0..100).for_each(|at| many.add(&format!("other{at}")));
        let text = format!("a hunter2x, hunter2xé-key-1 {long}");
        for needles in [few, many] {
            let mut found: Vec<_> = needles.find(&text).map(|(at, _)| at).collect();
            found.sort_unstable();
            assert_eq!(found, [2, 12, 20, 29]);
            assert!(needles.are_in(&text) && !needles.are_in("a hunter2 and other"));
        }
    }
}
