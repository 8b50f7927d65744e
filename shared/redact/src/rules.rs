//! The operator's own rules, in addition to those of the tables: a line each, in a grammar so small that no pattern
//! can be slow.
//!
//! ```text
//! # what it masks, as shapes.rs has it: a name, how a key begins, which characters follow, and how many
//! mask acme-key acme_live_ [A-Za-z0-9] 24-64
//! mask-name x-acme-session, acmePassphrase
//! keep-name x-customer-token
//! personal card, iban
//! unreadable keep
//! ```
//!
//! A name that is masked is compared by its end, as those of [`names`](crate::names) are, and one that is kept as a
//! whole. What is kept stays in members, parameters and texts; a header that carries a credential by its name is masked
//! all the same.

use crate::{
    mask::LONGEST_NAME,
    shapes::stops::{KNOWN, Stops},
    tables::class::Class,
};
use std::fmt;

/// The most characters of all rules: Lambda's whole environment holds 4 KB.
pub const MAX_CHARACTERS: usize = 1_400;

/// The shortest prefix of a mask, in bytes: what is shorter stands everywhere.
const SHORTEST_PREFIX: usize = 3;
/// The fewest characters after it: a key of fewer different ones is a placeholder.
const FEWEST: u16 = 6;
/// The longest key.
const LONGEST: u16 = 4_096;
/// The shortest name that is masked or kept, folded.
const SHORTEST_NAME: usize = 3;
/// The rule of values whose names the operator gave.
pub(crate) const OWN_NAME: &str = "operator-name";

/// The operator's rules; by default there are none.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    pub(crate) masks: Vec<Mask>,
    masked_names: Vec<Vec<u8>>,
    kept_names: Vec<Vec<u8>>,
    pub(crate) has_cards: bool,
    pub(crate) has_ibans: bool,
    pub(crate) keeps_unreadable: bool,
    /// What a text is scanned for, if it is more than what the tables have.
    stops: Option<Box<Stops>>,
}

/// How a key looks.
#[derive(Debug, Clone)]
pub(crate) struct Mask {
    pub(crate) rule: &'static str,
    pub(crate) prefix: String,
    pub(crate) class: Class,
    pub(crate) least: u16,
    pub(crate) most: u16,
}

/// A line that is no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongRule {
    /// Which line, from 1.
    pub line: usize,
    /// What is wrong with it, and what it has to be.
    pub why: &'static str,
}

impl fmt::Display for WrongRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl std::error::Error for WrongRule {}

impl Rules {
    /// Reads rules, one a line. Empty lines and those that begin with `#` say nothing. The names of masks live as long
    /// as the process, which reads them once.
    ///
    /// # Errors
    ///
    /// The first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, WrongRule> {
        let mut rules = Self::default();
        if text.chars().count() > MAX_CHARACTERS {
            return Err(WrongRule { line: 1, why: "all rules together have at most 1400 characters" });
        }
        // As a shell or a file passes them on that was meant to end lines.
        if let Some(index) = text.lines().position(|line| line.contains("\\n")) {
            return Err(WrongRule { line: index + 1, why: "rules are on lines of their own, and `\\n` begins none" });
        }
        for (index, line) in text.lines().enumerate() {
            rules.add(line.trim()).map_err(|why| WrongRule { line: index + 1, why })?;
        }
        // A parameter that lost its quotes ends with its first word.
        if !text.trim().is_empty() && text.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#')) {
            return Err(WrongRule { line: 1, why: "there are comments and no rule" });
        }
        if !rules.has_shapes() {
            return Ok(rules);
        }
        let mut stops = KNOWN.clone();
        for mask in &rules.masks {
            stops.add(mask.prefix.as_bytes());
        }
        let (digits, letters) = (b'0'..=b'9', b'A'..=b'Z');
        let personal = [(rules.has_cards, b'2'..=b'6', digits.clone()), (rules.has_ibans, letters.clone(), letters)];
        for (_, firsts, seconds) in personal.into_iter().filter(|(is_masked, ..)| *is_masked) {
            for one in firsts {
                seconds.clone().for_each(|two| digits.clone().for_each(|three| stops.add(&[one, two, three])));
            }
        }
        rules.stops = Some(Box::new(stops));
        Ok(rules)
    }

    fn add(&mut self, line: &str) -> Result<(), &'static str> {
        let (rule, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match rule {
            "" => {}
            _ if rule.starts_with('#') => {}
            "mask" => self.masks.push(Mask::parse(rest)?),
            "mask-name" => self.masked_names.extend(names(rest)?),
            "keep-name" => self.kept_names.extend(names(rest)?),
            "personal" => {
                for kind in list(rest) {
                    match kind {
                        "card" => self.has_cards = true,
                        "iban" => self.has_ibans = true,
                        _ => return Err("`personal` takes card and iban, separated by a comma"),
                    }
                }
            }
            "unreadable" => match rest.trim() {
                "keep" => self.keeps_unreadable = true,
                "withhold" => self.keeps_unreadable = false,
                _ => return Err("`unreadable` is followed by keep or withhold"),
            },
            _ => return Err("a rule begins with mask, mask-name, keep-name, personal or unreadable"),
        }
        Ok(())
    }

    pub(crate) fn stops(&self) -> &Stops {
        self.stops.as_deref().unwrap_or(&KNOWN)
    }

    /// Whether there are shapes of the operator's own.
    pub(crate) const fn has_shapes(&self) -> bool {
        !self.masks.is_empty() || self.has_cards || self.has_ibans
    }

    /// Whether a folded name is one that the operator masks.
    pub(crate) fn masks_name(&self, folded: &[u8]) -> bool {
        self.masked_names.iter().any(|end| folded.ends_with(end))
    }

    /// Whether a folded name is one that the operator keeps.
    pub(crate) fn keeps_name(&self, folded: &[u8]) -> bool {
        self.kept_names.iter().any(|name| name == folded)
    }

    /// Whether a name that ends in this byte may be masked by the operator.
    pub(crate) fn can_end(&self, byte: u8) -> bool {
        self.masked_names.iter().any(|name| name.last() == Some(&byte.to_ascii_lowercase()))
    }
}

impl Mask {
    fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "`mask` is followed by a name, a prefix, a class and a number of characters: mask acme-key \
                            acme_live_ [A-Za-z0-9] 24-64";
        let words: Vec<_> = text.split_whitespace().collect();
        let [rule, prefix, class, counts] = words[..] else { return Err(FORM) };
        let is_name = rule.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && rule.len() <= LONGEST_NAME;
        if !is_name || rule == "withheld" {
            return Err("the name of a mask has small letters and hyphens, at most 32");
        }
        if prefix.len() < SHORTEST_PREFIX || !prefix.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("the prefix of a mask has 3 ASCII characters or more");
        }
        let class = class.strip_prefix('[').and_then(|class| class.strip_suffix(']')).and_then(Class::parse);
        let class = class.ok_or("the class of a mask is ASCII characters and ranges in brackets: [A-Za-z0-9_-]")?;
        let (least, most) = counts.split_once('-').unwrap_or((counts, counts));
        match (least.parse(), most.parse()) {
            (Ok(least), Ok(most)) if (FEWEST..=most).contains(&least) && most <= LONGEST => {
                Ok(Self { rule: rule.to_owned().leak(), prefix: prefix.to_owned(), class, least, most })
            }
            _ => Err("the number of characters of a mask is 24 or 24-64, from 6 to 4096"),
        }
    }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim)
}

fn names(text: &str) -> Result<Vec<Vec<u8>>, &'static str> {
    let folded: Vec<_> = list(text).map(fold).collect();
    let is_name = |name: &Vec<u8>| name.len() >= SHORTEST_NAME;
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    let is_all = folded.iter().all(is_name) && list(text).all(|name| name.bytes().all(is_of_name));
    is_all.then_some(folded).ok_or("names are separated by commas, and each has 3 letters or digits or more")
}

/// A name as the operator's rules write it, folded.
fn fold(text: &str) -> Vec<u8> {
    text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_line_is_named() {
        for (text, line) in [
            ("masks a b [a] 8", 1),
            ("\n# a note\nmask acme-key ac [A-Z] 8", 3),
            ("mask acme-key acme_ [] 8", 1),
            ("mask acme-key acme_ A-Z 8", 1),
            ("mask acme-key acme_ [Z-A] 8", 1),
            ("mask acme-key acme_ [é] 8", 1),
            ("mask acme-key acme_ [A-Z] 5", 1),
            ("mask acme-key acme_ [A-Z] 9-8", 1),
            ("mask acme-key acme_ [A-Z] 8-", 1),
            ("mask acme-key acme_ [A-Z] 8-9999", 1),
            ("mask Acme acme_ [A-Z] 8", 1),
            ("mask withheld acme_ [A-Z] 8", 1),
            ("mask acme-key acme_ [A-Z]", 1),
            ("unreadable keep\nmask-name a", 2),
            ("mask-name", 1),
            ("keep-name x-token,", 1),
            ("mask-name x-token keep-name x-other", 1),
            ("personal card\nmask-name x-token\\nkeep-name x-other", 2),
            ("# ours\\nmask-name x-token", 1),
            ("#", 1),
            ("mask acme-key acme_ [A-Z] 8 mask-name x-token", 1),
            ("personal card, name", 1),
            ("personal", 1),
            ("unreadable", 1),
        ] {
            assert_eq!(Rules::parse(text).map_err(|wrong| wrong.line).err(), Some(line), "{text}");
        }
        for ends in ["\n", "\r\n", "\n\n  "] {
            let rules = ["# ours", "mask acme-key acme_ [A-Z] 8", "mask-name x-token"].join(ends) + ends;
            let rules = Rules::parse(&rules).expect("rules");
            assert_eq!((rules.masks.len(), rules.masked_names.len()), (1, 1));
        }
        assert!(Rules::parse(&"#".repeat(MAX_CHARACTERS + 1)).is_err());
        let rule = "personal card\n#";
        assert!(Rules::parse(&format!("{rule}{}", "é".repeat(MAX_CHARACTERS - rule.len()))).is_ok());
        assert!(Rules::parse(" \n").is_ok());
    }
}
