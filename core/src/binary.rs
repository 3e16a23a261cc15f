//! Bytes become strict base64 and back: the standard alphabet, canonical padding, no trailing bits.
//!
//! Under the feature `compact` in few bytes of code, otherwise fast.

use alloc::string::String;
use alloc::vec::Vec;

#[cfg(not(feature = "compact"))]
pub(crate) use self::fast::{parse, write};
#[cfg(feature = "compact")]
pub(crate) use self::small::{parse, write};

#[cfg(not(feature = "compact"))]
mod fast {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    pub(crate) fn write(out: &mut String, bytes: &[u8]) {
        STANDARD.encode_string(bytes, out);
    }

    pub(crate) fn parse(text: &str) -> Option<Vec<u8>> {
        STANDARD.decode(text).ok()
    }
}

#[cfg(any(test, feature = "compact"))]
mod small {
    use super::*;

    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    pub(crate) fn write(out: &mut String, bytes: &[u8]) {
        for chunk in bytes.chunks(3) {
            let byte = |index| u32::from(chunk.get(index).copied().unwrap_or(0));
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for (index, shift) in [18, 12, 6, 0].into_iter().enumerate() {
                let letter = ALPHABET.get((bits >> shift & 63) as usize).filter(|_| index <= chunk.len());
                out.push(letter.map_or('=', |letter| char::from(*letter)));
            }
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Vec<u8>> {
        let letters = text.trim_end_matches('=');
        let padding = text.len() - letters.len();
        if !text.len().is_multiple_of(4) || padding > 2 {
            return None;
        }
        let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
        let (mut bits, mut waiting) = (0, 0);
        for letter in letters.bytes() {
            let six = (0_u32..).zip(ALPHABET).find(|(_, known)| **known == letter)?.0;
            bits = bits << 6 | six;
            waiting += 6;
            if waiting >= 8 {
                waiting -= 8;
                bytes.push((bits >> waiting) as u8);
                bits &= (1 << waiting) - 1;
            }
        }
        (bits == 0).then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Both ways are those of the library.
    #[track_caller]
    fn check(text: &str) {
        assert_eq!(small::parse(text), STANDARD.decode(text).ok(), "{text:?}");
        assert_eq!(parse(text), STANDARD.decode(text).ok(), "{text:?}");
    }

    #[test]
    fn what_is_not_strict_is_refused() {
        for text in [
            "", "=", "==", "====", "A", "A=", "A===", "AA", "AA==", "AB==", "AA=", "AAA=", "AAB=", "AAE=", "AAAA",
            "AAA==", "AAAAA===", "A=A=", "AA=A", "=AAA", "AAAA====", "AAAA=", "-_==", "+/==", "+A==", " AA=", "AA==\n",
            "\u{e9}A=",
        ] {
            check(text);
        }
    }

    proptest! {
        #[test]
        fn both_ways_are_the_librarys(bytes in vec(any::<u8>(), 0..40), text in "[A-Da-d0-2+/=]{0,12}") {
            let mut out = String::from("x");
            small::write(&mut out, &bytes);
            let written = out.strip_prefix('x').unwrap();
            prop_assert_eq!(written, STANDARD.encode(&bytes));
            check(written);
            check(&text);
        }
    }
}
