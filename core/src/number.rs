//! Number text becomes a [`Number`]: checked against DynamoDB's range and precision, its digits and spelling kept.
//!
//! No floating point anywhere: the text is the value.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;

mod sum;

pub use self::sum::sum;

/// Most significant digits DynamoDB keeps.
pub const MAX_DIGITS: usize = 38;

/// A number DynamoDB can hold, as the text it was written in.
///
/// ```
/// use gateleg_core::number::{Number, NumberError};
/// assert_eq!(Number::parse("1.50")?.as_str(), "1.50");
/// assert_eq!(Number::parse("1e126"), Err(NumberError::Overflow));
/// # Ok::<(), NumberError>(())
/// ```
#[derive(Clone)]
pub struct Number(Text);

/// The text of a number; most are short, and need no memory of their own.
#[derive(Clone)]
enum Text {
    /// How many bytes, and the bytes, which are ASCII.
    Short([u8; SHORT]),
    Long(String),
}

/// As many bytes as keep a [`Number`] at the size of a `String`.
const SHORT: usize = 2 * size_of::<usize>();

/// Why a text is no number for DynamoDB; the messages are DynamoDB's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not a number at all, or one whose exponent is beyond 64 bits.
    #[error("The parameter cannot be converted to a numeric value")]
    NotNumeric,
    /// Over 38 significant digits.
    #[error("Attempting to store more than 38 significant digits in a Number")]
    Digits,
    /// Magnitude over 9.9999999999999999999999999999999999999E+125.
    #[error("Number overflow. Attempting to store a number with magnitude larger than supported range")]
    Overflow,
    /// Magnitude below 1E-130, but not zero.
    #[error("Number underflow. Attempting to store a number with magnitude smaller than supported range")]
    Underflow,
}

impl Number {
    /// Checks `text`: an optional sign, digits with at most one dot, an optional exponent, no white space; at most 38
    /// significant digits; magnitude 1E-130 to 9.99..E+125, or zero.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        if let Some(number) = Number::plain(text) {
            return Ok(number);
        }
        Decimal::parse(text)?.check()?;
        Ok(Number::stored(text))
    }

    /// [`Number::parse`] for what nearly all numbers are, a sign, digits and a dot, so few that no limit is near; `None` for others.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn plain(text: &str) -> Option<Self> {
        // The long way is as good, and shorter.
        if cfg!(feature = "compact") {
            return None;
        }
        Word::read(text.as_bytes()).filter(Word::is_plain)?.number()
    }

    /// A number that a store has sent: kept as it is, for it is the store's to say what it holds.
    pub fn stored(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        let short = if text.is_ascii() { Word::read(text.as_bytes()).and_then(Word::number) } else { None };
        short.unwrap_or_else(|| Number(Text::Long(text.into())))
    }

    /// The text as written.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Short([length, bytes @ ..]) => {
                let text = bytes.get(..usize::from(*length)).and_then(|bytes| core::str::from_utf8(bytes).ok());
                // INVARIANT: `Word::number` is only asked to put ASCII there.
                text.unwrap_or_default()
            }
            Text::Long(text) => text,
        }
    }

    /// Whether the text is a JSON number too (`1.5` is, `+1.5`, `.5` and `007` are not).
    pub fn is_json(&self) -> bool {
        let mut rest = self.as_str().as_bytes();
        if let [b'-', tail @ ..] = rest {
            rest = tail;
        }
        let (whole, mut rest) = digits(rest);
        if !matches!(whole, [b'0'] | [b'1'..=b'9', ..]) {
            return false;
        }
        if let [b'.', tail @ ..] = rest {
            let (fraction, tail) = digits(tail);
            if fraction.is_empty() {
                return false;
            }
            rest = tail;
        }
        if let [b'e' | b'E', tail @ ..] = rest {
            let tail = match tail {
                [b'+' | b'-', tail @ ..] => tail,
                _ => tail,
            };
            let (exponent, tail) = digits(tail);
            if exponent.is_empty() {
                return false;
            }
            rest = tail;
        }
        rest.is_empty()
    }

    /// Something to tell equal numbers by (`1.0` and `1`), whatever their spelling.
    ///
    /// ```
    /// use gateleg_core::number::Number;
    /// assert!(Number::stored("1.0").value() == Number::stored("1").value());
    /// ```
    pub fn value(&self) -> impl Ord + use<> {
        Decimal::parse(self.as_str())
            .map(|d| (d.negative, if d.count == 0 { 0 } else { d.magnitude }, d.digits().collect::<Vec<u8>>()))
            .ok()
    }

    /// The order of two numbers by value.
    ///
    /// ```
    /// use gateleg_core::number::Number;
    /// assert!(Number::stored("-1.5").compare(&Number::stored("1e-3")).is_lt());
    /// ```
    pub fn compare(&self, other: &Number) -> Ordering {
        let (Ok(one), Ok(two)) = (Decimal::parse(self.as_str()), Decimal::parse(other.as_str())) else {
            return Ordering::Equal;
        };
        let sign = |decimal: &Decimal<'_>| match (decimal.count, decimal.negative) {
            (0, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        };
        let magnitudes = || {
            let order = one.magnitude.cmp(&two.magnitude).then_with(|| one.digits().cmp(two.digits()));
            if one.negative { order.reverse() } else { order }
        };
        sign(&one).cmp(&sign(&two)).then_with(magnitudes)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Number").field(&self.as_str()).finish()
    }
}

/// Equal texts; [`Number::value`] tells equal numbers.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Number {}

/// A text of at most 15 bytes, as nearly all numbers are, in one word: all its bytes are looked at together.
struct Word<'t> {
    text: &'t [u8],
    /// The first byte lowest; zeros after the last.
    bytes: u128,
}

impl<'t> Word<'t> {
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn read(text: &'t [u8]) -> Option<Self> {
        let length = text.len();
        if length > 15 {
            return None;
        }
        // Two halves overlap where they have to; there they are the same.
        let bytes = if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            u128::from(u64::from_le_bytes(*first)) | u128::from(u64::from_le_bytes(*last)) << (8 * (length - 8))
        } else if let (Some(first), Some(last)) = (text.first_chunk(), text.last_chunk()) {
            let last = u64::from(u32::from_le_bytes(*last)) << (8 * (length - 4));
            u128::from(u64::from(u32::from_le_bytes(*first)) | last)
        } else {
            u128::from(text.iter().rfold(0, |word, byte| word << 8 | u32::from(*byte)))
        };
        Some(Word { text, bytes })
    }

    /// Whether this is a sign, digits and a dot: so few of them are near no limit.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn is_plain(&self) -> bool {
        const ONES: u128 = u128::from_le_bytes([1; 16]);
        let inside = (1 << (8 * self.text.len())) - 1;
        let digits = (self.bytes ^ (ONES * 0x30)) & inside;
        // The highest bit of every byte that is no digit is set: that of its own, or carried from what is over nine.
        let mut others = (((digits & (ONES * 0x7F)) + ONES * (0x80 - 10)) | digits) & (ONES * 0x80);
        let mut digits = self.text.len();
        if let [b'-' | b'+', ..] = self.text {
            others &= others - 1;
            digits -= 1;
        }
        if others != 0 {
            let first = usize::try_from(others.trailing_zeros() / 8).unwrap_or(0);
            others &= others - 1;
            digits -= 1;
            return self.text.get(first) == Some(&b'.') && others == 0 && digits > 0;
        }
        digits > 0
    }

    /// The number, whose text is ASCII, if it needs no memory of its own.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn number(self) -> Option<Number> {
        let length = self.text.len();
        // One byte is for the length, which is at most 15.
        let bytes = (self.bytes << 8 | length as u128).to_le_bytes();
        bytes.first_chunk().filter(|_| length < SHORT).map(|short| Number(Text::Short(*short)))
    }
}

/// The parts of a number's text; nothing is copied, because most numbers are only checked.
#[derive(Debug)]
struct Decimal<'t> {
    negative: bool,
    whole: &'t [u8],
    fraction: &'t [u8],
    /// Zeros before the first significant digit.
    leading: usize,
    /// Significant digits: those between the zeros at either end.
    count: usize,
    /// Power of ten of the first significant digit; for zero, of the zero that was written.
    magnitude: i64,
}

impl<'t> Decimal<'t> {
    fn parse(text: &'t str) -> Result<Self, NumberError> {
        let bytes = text.as_bytes();
        let (negative, rest) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let (whole, rest) = digits(rest);
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => digits(rest),
            rest => (&[][..], rest),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(NumberError::NotNumeric);
        }
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => exponent(rest)?,
            _ => return Err(NumberError::NotNumeric),
        };
        let leading = zeros(whole.iter(), whole.len(), || zeros(fraction.iter(), fraction.len(), || 0));
        let all = whole.len() + fraction.len();
        let is_zero = leading == all;
        let trailing = zeros(fraction.iter().rev(), fraction.len(), || zeros(whole.iter().rev(), whole.len(), || 0));
        let count = if is_zero { 0 } else { all - leading - trailing };
        let point = length(whole.len()).saturating_sub(1);
        let magnitude = if is_zero { 0 } else { point.saturating_sub(length(leading)) };
        let magnitude = magnitude.saturating_add(exponent);
        Ok(Decimal { negative: negative && !is_zero, whole, fraction, leading, count, magnitude })
    }

    /// The significant digits.
    fn digits(&self) -> impl Iterator<Item = u8> {
        self.whole.iter().chain(self.fraction).skip(self.leading).take(self.count).copied()
    }

    fn check(&self) -> Result<(), NumberError> {
        if self.count > MAX_DIGITS {
            Err(NumberError::Digits)
        } else if self.magnitude > 125 {
            Err(NumberError::Overflow)
        } else if self.magnitude < -130 {
            Err(NumberError::Underflow)
        } else {
            Ok(())
        }
    }
}

/// How many zeros `digits` begins with, counting on with `then` if it has no others.
fn zeros<'d>(digits: impl Iterator<Item = &'d u8>, length: usize, then: impl FnOnce() -> usize) -> usize {
    let zeros = digits.take_while(|digit| **digit == b'0').count();
    if zeros == length { zeros + then() } else { zeros }
}

fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    bytes.split_at_checked(end).unwrap_or((bytes, &[]))
}

fn exponent(bytes: &[u8]) -> Result<i64, NumberError> {
    let text = core::str::from_utf8(bytes).map_err(|_| NumberError::NotNumeric)?;
    // `i64::from_str` takes exactly an optional sign and digits.
    text.parse().map_err(|_| NumberError::NotNumeric)
}

fn length(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(), NumberError>) {
        assert_eq!(Number::parse(text).map(drop), expected, "{text}");
    }

    #[test]
    fn what_dynamodb_takes_is_taken() {
        for text in
            ["0", "-0", "+5", "5.", ".5", "007", "1e125", "1E-130", "9.9999999999999999999999999999999999999E+125"]
        {
            check(text, Ok(()));
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "-",
            ".",
            "e5",
            "1e",
            "1 ",
            " 1",
            "0x1",
            "1_0",
            "NaN",
            "Infinity",
            "1e99999999999999999999",
            "1.2.3",
            "--1",
            "1e+-1",
        ] {
            check(text, Err(NumberError::NotNumeric));
        }
    }

    #[test]
    fn a_number_is_no_larger_than_a_string() {
        assert_eq!(size_of::<Number>(), size_of::<String>());
        for text in ["1", "123456789012345", "1234567890123456", "-0.000000000000000001"] {
            assert_eq!(Number::stored(text).as_str(), text);
        }
    }

    #[test]
    fn limits_are_exact() {
        check(&"9".repeat(38), Ok(()));
        check(&"9".repeat(39), Err(NumberError::Digits));
        check(&alloc::format!("{}00", "9".repeat(38)), Ok(()));
        check("1e126", Err(NumberError::Overflow));
        check("0.1e127", Err(NumberError::Overflow));
        check("0e126", Err(NumberError::Overflow));
        check("9.9e-131", Err(NumberError::Underflow));
        check("0.0001e-126", Ok(()));
        check("0.0001e-127", Err(NumberError::Underflow));
    }

    #[test]
    fn values_are_compared_as_numbers() {
        let same = |a: &str, b: &str| Number::stored(a).value() == Number::stored(b).value();
        assert!(same("1.0", "1") && same("10", "1e1") && same("-0", "0") && same(".5", "0.50"));
        assert!(!same("1", "-1") && !same("1", "1.0000000001"));
    }

    #[test]
    fn what_is_plain_is_what_is_in_order_whichever_way_it_is_read() {
        const LETTERS: [char; 7] = ['0', '9', '.', '-', '+', 'e', '\u{b2}'];
        for length in 0..6 {
            for number in 0..LETTERS.len().pow(length) {
                let letter = |place| LETTERS[number / LETTERS.len().pow(place) % LETTERS.len()];
                let text: String = (0..length).map(letter).collect();
                // So that it fills the word, too.
                for text in [alloc::format!("{text}123456789"), alloc::format!("0000{text}"), text] {
                    let decimal = Decimal::parse(&text).and_then(|decimal| decimal.check());
                    assert_eq!(Number::parse(&text).map(drop), decimal, "{text}");
                    assert_eq!(Number::stored(&text).as_str(), text);
                    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text).replacen('.', "", 1);
                    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                    let is_short = text.len() < SHORT;
                    assert_eq!(
                        Number::plain(&text).is_some(),
                        is_plain && is_short && !cfg!(feature = "compact"),
                        "{text}"
                    );
                }
            }
        }
    }

    #[test]
    fn json_numbers_are_known() {
        for (text, expected) in [
            ("1", true),
            ("-0.5e+3", true),
            ("0", true),
            ("01", false),
            (".5", false),
            ("5.", false),
            ("+5", false),
            ("1e", false),
            ("-", false),
        ] {
            assert_eq!(Number::stored(text).is_json(), expected, "{text}");
        }
    }
}
