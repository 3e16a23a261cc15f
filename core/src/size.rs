//! Items, keys and values become sizes in bytes, by DynamoDB's own rule.
//!
//! Sum of name bytes (UTF-8) and value sizes; see
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>. Where engines differ by a
//! byte, this is the smaller figure: who refuses by it refuses nothing that DynamoDB takes. Which sizes are too large is left
//! to `rules`.

use crate::attribute::{AttributeValue, Attributes};
use crate::number::Number;

/// Most bytes of an item.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
pub const MAX_ITEM: usize = 409_600;
/// Most bytes of a partition key.
pub const MAX_PARTITION_KEY: usize = 2048;
/// Most bytes of a sort key.
pub const MAX_SORT_KEY: usize = 1024;

/// Bytes of an item or a key: of every name and every value.
///
/// ```
/// use gateleg_core::{attribute::AttributeValue, size};
/// let item = vec![("id".into(), AttributeValue::S("abc".into())), ("on".into(), AttributeValue::Bool(true))];
/// assert_eq!(size::attributes(&item), 2 + 3 + 2 + 1);
/// ```
pub fn attributes(attributes: &Attributes) -> usize {
    sum(attributes, number)
}

/// Bytes that an item or a key has at most, in a fraction of the time: no number is looked at.
///
/// ```
/// use gateleg_core::{attribute::AttributeValue, number::Number, size};
/// let item = vec![("n".into(), AttributeValue::N(Number::stored("12")))];
/// assert!(size::attributes(&item) <= size::at_most(&item));
/// ```
pub fn at_most(attributes: &Attributes) -> usize {
    sum(attributes, |_| MAX_NUMBER)
}

/// Bytes of one value, its name not counted.
///
/// ```
/// use gateleg_core::{attribute::AttributeValue, size};
/// assert_eq!(size::value(&AttributeValue::L(vec![AttributeValue::Null])), 3 + 1 + 1);
/// ```
pub fn value(value: &AttributeValue) -> usize {
    with(value, number)
}

/// Of 38 digits, an odd number on either side of the point, with a minus sign.
const MAX_NUMBER: usize = 1 + 20 + 1;

fn sum(attributes: &Attributes, number: fn(&Number) -> usize) -> usize {
    attributes.iter().map(|(name, value)| name.len() + with(value, number)).sum()
}

/// Values that hold no others are most, and are not worth a call each.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn with(value: &AttributeValue, number: fn(&Number) -> usize) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(n) => number(n),
        AttributeValue::Bool(_) | AttributeValue::Null => 1,
        _ => nested(value, number),
    }
}

fn nested(value: &AttributeValue, number: fn(&Number) -> usize) -> usize {
    match value {
        AttributeValue::L(list) => 3 + list.iter().map(|value| 1 + with(value, number)).sum::<usize>(),
        AttributeValue::M(map) => 3 + map.iter().map(|(key, value)| key.len() + 1 + with(value, number)).sum::<usize>(),
        AttributeValue::B(bytes) => bytes.len(),
        AttributeValue::Ss(set) => set.iter().map(|text| text.len()).sum(),
        AttributeValue::Ns(set) => set.iter().map(number).sum(),
        AttributeValue::Bs(set) => set.iter().map(|bytes| bytes.len()).sum(),
        scalar => with(scalar, number),
    }
}

/// Bytes of a number: one, and one for every two significant digits on either side of the point, and one for a minus sign.
///
/// ```
/// use gateleg_core::{number::Number, size};
/// let bytes = |text| size::number(&Number::stored(text));
/// assert_eq!([bytes("0"), bytes("100"), bytes("123"), bytes("-1.5"), bytes("1e-3")], [1, 2, 3, 4, 2]);
/// ```
pub fn number(number: &Number) -> usize {
    let text = number.as_str();
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    // Places are counted from the first digit that is written.
    let (mut places, mut point, mut first, mut last) = (0_i64, None, None, 0_i64);
    for byte in mantissa.bytes() {
        match byte {
            b'.' => point = Some(places),
            b'0'..=b'9' => {
                if byte != b'0' {
                    first = first.or(Some(places));
                    last = places;
                }
                places += 1;
            }
            _ => {}
        }
    }
    let Some(first) = first else { return 1 };
    let digits = last - first + 1;
    let left = point.unwrap_or(places).saturating_add(exponent).saturating_sub(first).clamp(0, digits);
    let bytes = 1 + (left + 1) / 2 + (digits - left + 1) / 2 + i64::from(text.starts_with('-'));
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: usize) {
        assert_eq!(number(&Number::stored(text)), expected, "{text}");
    }

    #[test]
    fn a_number_takes_a_byte_for_two_digits_on_either_side_of_the_point() {
        for (text, bytes) in [
            ("0", 1),
            ("-0", 1),
            ("0.00", 1),
            ("1", 2),
            ("12", 2),
            ("123", 3),
            ("1200", 2),
            ("1.2", 3),
            ("0.012", 2),
            ("-1", 3),
            ("12e2", 2),
            ("120e-1", 2),
            ("125e-1", 3),
            ("1e125", 2),
            ("1e-130", 2),
            ("+007", 2),
            (".5", 2),
        ] {
            check(text, bytes);
        }
        check(&"9".repeat(38), 20);
        check(&alloc::format!("-{}.{}", "9".repeat(19), "9".repeat(19)), MAX_NUMBER);
    }

    #[test]
    fn maps_lists_and_sets_count_what_they_hold() {
        let text = |text: &str| AttributeValue::S(text.into());
        let map =
            AttributeValue::M(alloc::vec![("ab".into(), text("cde")), ("f".into(), AttributeValue::L(alloc::vec![]))]);
        assert_eq!(value(&map), 3 + (2 + 1 + 3) + (1 + 1 + 3));
        assert_eq!(value(&AttributeValue::Ss(alloc::vec!["ü".into(), "b".into()])), 3);
        assert_eq!(value(&AttributeValue::Bs(alloc::vec![alloc::vec![1, 2], alloc::vec![3]])), 3);
    }
}
