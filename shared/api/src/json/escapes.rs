//! What the escapes of JSON strings say.

/// The character that is escaped at the beginning of a text, and how many bytes it takes there: none for half a
/// surrogate pair, and for one that breaks off. Nothing where the text ends with its backslash.
#[must_use]
pub fn escape(text: &str) -> Option<(Option<char>, usize)> {
    let unit = |at: usize| text.get(at..at + 4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let (character, length) = match text.chars().nth(1)? {
        'n' => ('\n', 2),
        't' => ('\t', 2),
        'r' => ('\r', 2),
        'b' => ('\u{8}', 2),
        'f' => ('\u{c}', 2),
        'u' => {
            let first = unit(2);
            let second = text.get(6..8).filter(|escape| *escape == "\\u").and_then(|_| unit(8));
            return Some(match (first, second) {
                (Some(first @ 0xd800..=0xdbff), Some(second @ 0xdc00..=0xdfff)) => {
                    (char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)), 12)
                }
                (Some(first), _) => (char::from_u32(first), 6),
                (None, _) => (None, 2),
            });
        }
        other => (other, 1 + other.len_utf8()),
    };
    Some((Some(character), length))
}
