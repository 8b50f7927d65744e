//! Whether letters stand as chance has them, and not as in words and in names of code: chance puts any letter behind any
//! other, and changes their case anywhere.

use crate::tables::letter;

/// The letters that follow `a`, `b`, … in words of code and of those languages that write with these letters: half of
/// all pairs, in which chance has no part.
const FOLLOWING: &str = "abcdfghijklmnprstuvwxyz aeijlorsuy acehiklmorstuy abdeilnorstuy abcdefghijklmnopqrstuvwxyz \
    aefilorstu aeghilnorstu aeiortu abcdefgijklmnoprstuvxz aeiosu aeiklnorstu abcdegijlmnopstuvy abdeilmopsu \
    acdefgijklnopstuvy abcdefgijklmnoprstuvw adehiloprstuy u abcdefgiklmnoprstuvy acefhiklmnoprstuvwyz \
    acdefhiklmnoprstuyz abcdefgijklmnoprst aeio aeinor ceipt aelmnpst aeio";
static FOLLOWS: [u32; 26] = follows();

/// Whether a third of a value is what words have not: pairs of letters that seldom are, and parts of one or two letters
/// between its changes of case.
pub(super) fn are_drawn(value: &str) -> bool {
    const FEWEST: usize = 3;
    const LONG: usize = 12;
    const DIFFERENT: u32 = 6;
    let is_joined = |one: &u8, next: &u8| {
        one.is_ascii_alphabetic()
            && next.is_ascii_alphabetic()
            && (one.is_ascii_uppercase() || next.is_ascii_lowercase())
    };
    let has = |what: fn(&u8) -> bool| value.as_bytes().iter().any(what);
    let is_of_both_cases = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let mut odd = 0;
    for part in value.as_bytes().chunk_by(is_joined).filter(|part| part.iter().all(u8::is_ascii_alphabetic)) {
        odd += part.windows(2).filter(|pair| matches!(pair, [one, two] if !may_follow(*one, *two))).count();
        let capitals = part.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
        let small = part.len() - capitals;
        // The last of several capitals begins a word: `XMLHttp`.
        let first = if small > 0 { capitals.saturating_sub(1) } else { capitals };
        let is_short = |length: &usize| is_of_both_cases && (1..=2).contains(length);
        odd += [first, part.len() - first].iter().filter(|length| is_short(length)).count();
    }
    let seen = value.bytes().fold(0, |seen, byte| seen | letter(byte.to_ascii_lowercase()));
    // Of a few letters of one case, a third may be a strange word's.
    let most = if is_of_both_cases || value.len() >= LONG { 3 } else { 2 };
    odd >= FEWEST && odd * most >= value.len() && seen.count_ones() >= DIFFERENT
}

fn may_follow(one: u8, two: u8) -> bool {
    let following = FOLLOWS.get(usize::from(one.to_ascii_lowercase().wrapping_sub(b'a')));
    following.is_some_and(|following| following & letter(two.to_ascii_lowercase()) != 0)
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks each index")]
const fn follows() -> [u32; 26] {
    let (bytes, mut follows, mut one, mut at) = (FOLLOWING.as_bytes(), [0; 26], 0, 0);
    while at < bytes.len() {
        if bytes[at] == b' ' {
            one += 1;
        } else {
            follows[one] |= letter(bytes[at]);
        }
        at += 1;
    }
    follows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_names_of_code_are_not_drawn() {
        for key in ["GNHRlvgUrYZsBEms", "DLLoEJXWCJkOrcLY", "xkqjzvbnmt", "ZPQXWKJV", "hTyKqPwzBn", "wJx/QkPzVbTg"] {
            assert!(are_drawn(key), "{key}");
        }
        for word in [
            "PasswordEncoder",
            "SecretKeySpec",
            "XMLHttpRequest",
            "getElementsByTagName",
            "user_name_or_email",
            "Benutzername",
            "Wachtwoord",
            "contrasenya",
            "Rechtsschutzversicherung",
            "szyfrowanie",
            "passphraseprompt",
            "OPENSSL_NO_DEPRECATED",
            "isUnauthorizedHTTPSProxyURL",
            "xxxxxxxxxxxxxxxx",
            "ABCDEFGHIJKLMNOP",
            "xxsubtype",
            "xyzzyplugh",
        ] {
            assert!(!are_drawn(word), "{word}");
        }
    }
}
