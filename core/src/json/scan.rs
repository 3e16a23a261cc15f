//! Bytes become lengths: how many belong to the number, or to the plain part of the string, that they begin with.
//!
//! Eight bytes at a time, in one word, wherever there are eight. What the bytes mean is left to [`super`].

/// Every byte is one: to have the same byte in all places of a word.
const ONES: u64 = u64::from_le_bytes([1; 8]);

/// How long the number is that `bytes` begin with: `[ "-" ] ( "0" | digit1-9 *digit ) [ "." 1*digit ] [ e [ sign ] 1*digit ]`.
pub(super) fn number_length(bytes: &[u8]) -> Option<usize> {
    let digits = |at: usize| bytes.get(at..).unwrap_or(&[]).iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    at += match bytes.get(at)? {
        b'0' => 1,
        b'1'..=b'9' => digits(at),
        _ => return None,
    };
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        at = (fraction > 0).then_some(at + 1 + fraction)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        at = (exponent > 0).then_some(at + 1 + sign + exponent)?;
    }
    Some(at)
}

/// The same for a number of digits and perhaps a dot that ends within the word; for others `None`.
pub(super) fn short_number_length(word: [u8; 8]) -> Option<usize> {
    let bits = u64::from_le_bytes(word) ^ (ONES * 0x30);
    // The highest bit of every byte that is no digit is set: that of its own, or carried from what is over nine.
    let mut others = (((bits & (ONES * 0x7F)) + ONES * (0x80 - 10)) | bits) & (ONES * 0x80);
    let mut at = first_mark(others);
    if at == 0 || (at > 1 && word.starts_with(b"0")) {
        return None;
    }
    if word.get(at) == Some(&b'.') {
        others &= others - 1;
        let dot = core::mem::replace(&mut at, first_mark(others));
        if at == dot + 1 {
            return None;
        }
    }
    word.get(at).is_some_and(|next| !matches!(next, b'e' | b'E')).then_some(at)
}

/// How many bytes stand before the first that is special in a JSON string: a quote, a backslash or a control character.
pub(super) fn plain(bytes: &[u8]) -> usize {
    if cfg!(feature = "compact") {
        return bytes.iter().take_while(|byte| !matches!(byte, b'"' | b'\\' | ..0x20)).count();
    }
    let mut at = 0;
    // Most strings end within the first words; of long ones, four words at a time are seen to hold nothing special.
    for word in bytes.as_chunks().0.iter().take(4) {
        match special(*word) {
            0 => at += 8,
            marks => return at + first_mark(marks),
        }
    }
    let blocks = bytes.get(at..).unwrap_or(&[]).as_chunks::<32>().0;
    let is_plain = |block: &[u8; 32]| block.as_chunks().0.iter().fold(0, |marks, word| marks | special(*word)) == 0;
    at += 32 * blocks.iter().take_while(|block| is_plain(block)).count();
    let (words, last) = bytes.get(at..).unwrap_or(&[]).as_chunks();
    for word in words {
        match special(*word) {
            0 => at += 8,
            marks => return at + first_mark(marks),
        }
    }
    at + last.iter().take_while(|b| **b >= 0x20 && **b != b'"' && **b != b'\\').count()
}

/// The highest bit of every special byte is set, up to the first one for certain.
fn special(word: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(word);
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    (control | zeros(word ^ (ONES * 0x22)) | zeros(word ^ (ONES * 0x5C))) & (ONES * 0x80)
}

/// Which byte the lowest mark stands for.
fn first_mark(marks: u64) -> usize {
    usize::try_from(marks.trailing_zeros() / 8).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    /// The short way says the same as the long one, or nothing.
    #[track_caller]
    fn check(text: &str, expected: Option<usize>) {
        let word = text.as_bytes().first_chunk().and_then(|word| short_number_length(*word));
        assert_eq!(word, expected, "{text:?}");
        if word.is_some() {
            assert_eq!(word, number_length(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn a_number_that_ends_within_a_word_is_seen_at_once() {
        for (text, expected) in [
            ("0,1,2,3,4", Some(1)),
            ("12.50]  ", Some(5)),
            ("123456.7,", None),
            ("1234567,", Some(7)),
            ("12345678,", None),
            ("1.2.3   ", Some(3)),
            ("1.      ", None),
            ("01      ", None),
            ("0.1     ", Some(3)),
            ("1e5     ", None),
            ("1.5E5   ", None),
            ("-1      ", None),
            (".5      ", None),
            ("1\u{7f}\u{e9}\0\0\0\0", Some(1)),
            ("1,2", None),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn every_text_of_eight_is_read_alike_both_ways() {
        const LETTERS: [char; 6] = ['0', '7', '.', 'e', '-', ','];
        for number in 0..LETTERS.len().pow(8) {
            let letter = |place: u32| LETTERS[number / LETTERS.len().pow(place) % LETTERS.len()];
            let text: String = (0..8).map(letter).collect();
            let word = text.as_bytes().first_chunk().and_then(|word| short_number_length(*word));
            if word.is_some() {
                assert_eq!(word, number_length(text.as_bytes()), "{text}");
            }
        }
    }
}
