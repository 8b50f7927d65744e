//! The part of a file between two comments: `generated: NAME` and `end of generated: NAME`.

use anyhow::{Result, bail};

/// The text with this section's content, whose lines end with a newline.
///
/// # Errors
///
/// When the text does not have both comments, once and in order.
pub(crate) fn replace(text: &str, name: &str, content: &str) -> Result<String> {
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let at = |words: String| {
        let is_comment = |line: &&str| {
            line.trim().trim_start_matches(['#', '/', '<', '!', '-', ' ']).trim_end_matches(['-', '>', ' ']) == words
        };
        let found: Vec<_> = lines.iter().enumerate().filter(|(_, line)| is_comment(line)).map(|(at, _)| at).collect();
        match found.as_slice() {
            [at] => Ok(*at),
            others => bail!("the comment `{words}` occurs {} times, and should once", others.len()),
        }
    };
    let (begin, end) = (at(format!("generated: {name}"))?, at(format!("end of generated: {name}"))?);
    let (Some(before), Some(after)) = (lines.get(..=begin), lines.get(end..)) else { bail!("it has no lines") };
    if end <= begin {
        bail!("`end of generated: {name}` is before its beginning");
    }
    Ok(before.concat() + content + &after.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_the_comments_is_replaced() {
        for (begin, end) in [
            ("  # generated: it", "  # end of generated: it"),
            ("<!-- generated: it -->", "<!-- end of generated: it -->"),
            ("// generated: it", "// end of generated: it"),
        ] {
            let text = |content: &str| format!("before\n{begin}\n{content}{end}\nafter\n");
            assert_eq!(replace(&text("old\n"), "it", "new\n").unwrap(), text("new\n"));
            assert_eq!(replace(&text(""), "it", "new\n").unwrap(), text("new\n"));
        }
    }

    #[test]
    fn comments_that_are_missing_twice_or_in_disorder_are_refused() {
        for text in [
            "",
            "# generated: it\n",
            "# end of generated: it\n# generated: it\n",
            "# generated: it\n# generated: it\n# end of generated: it\n",
        ] {
            assert!(replace(text, "it", "").is_err(), "{text}");
        }
    }
}
