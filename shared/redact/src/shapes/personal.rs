//! Numbers of cards and bank accounts, which the operator may have masked. They are told by their check digits.

/// How long the number of a card is that begins a text: 13 to 19 digits, alone or in groups with one kind of space.
pub(super) fn card(text: &[u8]) -> Option<usize> {
    const LONGEST: usize = 19 + 6;
    let (mut digits, mut end, mut space, mut group) = (Vec::with_capacity(19), 0, None, 0);
    for (at, byte) in text.iter().enumerate().take(LONGEST) {
        match byte {
            b'0'..=b'9' => {
                digits.push(byte - b'0');
                (end, group) = (at + 1, group + 1);
            }
            b' ' | b'-' if (3..=7).contains(&group) && space.is_none_or(|space| space == *byte) => {
                (space, group) = (Some(*byte), 0);
            }
            _ => break,
        }
    }
    let is_whole = !text.get(end).is_some_and(u8::is_ascii_alphanumeric);
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let digit = u32::from(*digit);
            if at % 2 == 0 { digit } else { digit * 2 % 10 + digit / 5 }
        })
        .sum();
    (is_whole && (13..=19).contains(&digits.len()) && sum.is_multiple_of(10)).then_some(end)
}

/// How long the number of a bank account is that begins a text: two letters, two digits and 11 to 30 more, alone or in
/// groups of four.
pub(super) fn iban(text: &[u8]) -> Option<usize> {
    const LONGEST: usize = 34 + 8;
    let (mut number, mut end) = (Vec::with_capacity(34), 0);
    for (at, byte) in text.iter().enumerate().take(LONGEST) {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' => {
                number.push(*byte);
                end = at + 1;
            }
            b' ' if number.len() % 4 == 0 && end == at => {}
            _ => break,
        }
    }
    let is_begun = matches!(number[..], [b'A'..=b'Z', b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9', ..]);
    let is_whole = !text.get(end).is_some_and(u8::is_ascii_alphanumeric);
    let turned = number.iter().cycle().skip(4).take(number.len());
    let rest = turned.fold(0, |rest, byte| match byte {
        b'A'..=b'Z' => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
        _ => (rest * 10 + u32::from(byte - b'0')) % 97,
    });
    (is_begun && is_whole && (15..=34).contains(&number.len()) && rest == 1).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_by_their_check_digits() {
        for number in ["4111111111111111", "4111 1111 1111 1111", "3782-822463-10005", "5555555555554444"] {
            assert_eq!(card(format!("{number}, and").as_bytes()), Some(number.len()), "{number}");
        }
        for number in
            ["4111111111111112", "41111111", "4111 1111-1111 1111", "41111111111111111111", "4111111111111111a"]
        {
            assert_eq!(card(number.as_bytes()), None, "{number}");
        }
        for number in ["DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819"] {
            assert_eq!(iban(format!("{number}.").as_bytes()), Some(number.len()), "{number}");
        }
        for number in ["DE89370400440532013001", "DE893704", "DEAB370400440532013000", "DE89370400440532013000x"] {
            assert_eq!(iban(number.as_bytes()), None, "{number}");
        }
    }
}
