//! Why a model stopped: the providers' words, and what they mean.

use api::view::{Finish, Meaning};

/// Every word that is known, in small letters and without `_`.
const WORDS: [(&str, Meaning); 53] = [
    ("stop", Meaning::Stop),
    ("endturn", Meaning::Stop),
    ("stopsequence", Meaning::Stop),
    ("complete", Meaning::Stop),
    ("completed", Meaning::Stop),
    ("finish", Meaning::Stop),
    ("finished", Meaning::Stop),
    ("eos", Meaning::Stop),
    ("eostoken", Meaning::Stop),
    ("endoftext", Meaning::Stop),
    ("succeeded", Meaning::Stop),
    ("length", Meaning::Length),
    ("maxtokens", Meaning::Length),
    ("maxoutputtokens", Meaning::Length),
    ("maxcompletiontokens", Meaning::Length),
    ("modellength", Meaning::Length),
    ("modelcontextwindowexceeded", Meaning::Length),
    ("toolcalls", Meaning::ToolCalls),
    ("toolcall", Meaning::ToolCalls),
    ("tooluse", Meaning::ToolCalls),
    ("functioncall", Meaning::ToolCalls),
    ("contentfilter", Meaning::Filter),
    ("contentfiltered", Meaning::Filter),
    ("guardrailintervened", Meaning::Filter),
    ("refusal", Meaning::Filter),
    ("sensitive", Meaning::Filter),
    ("safety", Meaning::Filter),
    ("recitation", Meaning::Filter),
    ("blocklist", Meaning::Filter),
    ("prohibitedcontent", Meaning::Filter),
    ("spii", Meaning::Filter),
    ("language", Meaning::Filter),
    ("imagesafety", Meaning::Filter),
    ("imageprohibitedcontent", Meaning::Filter),
    ("imagerecitation", Meaning::Filter),
    ("modelarmor", Meaning::Filter),
    ("errortoxic", Meaning::Filter),
    ("blocked", Meaning::Filter),
    ("pauseturn", Meaning::Paused),
    ("compaction", Meaning::Paused),
    ("error", Meaning::Error),
    ("errored", Meaning::Error),
    ("failed", Meaning::Error),
    ("malformedfunctioncall", Meaning::Error),
    ("malformedmodeloutput", Meaning::Error),
    ("malformedtooluse", Meaning::Error),
    ("malformedresponse", Meaning::Error),
    ("missingthoughtsignature", Meaning::Error),
    ("toomanytoolcalls", Meaning::Error),
    ("unexpectedtoolcall", Meaning::Error),
    ("insufficientsystemresource", Meaning::Error),
    ("expired", Meaning::Error),
    ("errorlimit", Meaning::Error),
];

/// The end that a provider says.
pub(crate) fn of(said: &str) -> Finish {
    // No word that is known is longer.
    let letters = said.chars().take(64).filter(|letter| !matches!(letter, '_' | '-' | ' '));
    let word = letters.flat_map(char::to_lowercase).collect::<String>();
    let known = WORDS.iter().find(|(known, _)| *known == word);
    Finish { said: said.to_owned(), meaning: known.map_or(Meaning::Other, |(_, meaning)| *meaning) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_providers_word_has_a_meaning() {
        for (said, meaning) in [
            ("stop", Meaning::Stop),
            ("end_turn", Meaning::Stop),
            ("STOP", Meaning::Stop),
            ("COMPLETE", Meaning::Stop),
            ("max_output_tokens", Meaning::Length),
            ("MAX_TOKENS", Meaning::Length),
            ("tool-calls", Meaning::ToolCalls),
            ("TOOL_CALL", Meaning::ToolCalls),
            ("content-filter", Meaning::Filter),
            ("PROHIBITED_CONTENT", Meaning::Filter),
            ("pause_turn", Meaning::Paused),
            ("MALFORMED_FUNCTION_CALL", Meaning::Error),
            ("something new", Meaning::Other),
        ] {
            assert_eq!(of(said), Finish { said: said.to_owned(), meaning });
        }
    }
}
