//! Two decimals become their sum, exact to the digit.

use alloc::string::String;

use super::{MAX_DIGITS, digits};

/// The sum of two amounts as a store tells them, such as consumed capacity: exact, or the first where they need more than 38
/// digits or are no plain decimals.
///
/// ```
/// use gateleg_core::number::sum;
/// assert_eq!(sum("0.5", "128.25"), "128.75");
/// assert_eq!(sum("0.5", "0.5"), "1.0");
/// ```
pub fn sum(one: &str, two: &str) -> String {
    let fraction = |text: &str| text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let places = fraction(one).max(fraction(two));
    let units = |text: &str| -> Option<i128> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let mut digits = String::from(whole);
        digits.push_str(fraction);
        digits.extend(core::iter::repeat_n('0', places - fraction.len()));
        units(&digits)
    };
    let Some(sum) = units(one).zip(units(two)).and_then(|(one, two)| one.checked_add(two)) else { return one.into() };
    // From the last digit to the first. The library's own way to write 128 bits is several times as large.
    let mut limbs = sum.unsigned_abs().to_be_bytes();
    let mut reversed = String::new();
    while reversed.len() <= places + usize::from(places > 0) || limbs != [0; 16] {
        let mut rest = 0;
        for limb in &mut limbs {
            let part = rest << 8 | u16::from(*limb);
            *limb = part.div_euclid(10).to_le_bytes()[0];
            rest = part % 10;
        }
        if reversed.len() == places && places > 0 {
            reversed.push('.');
        }
        reversed.push(char::from_digit(rest.into(), 10).unwrap_or('0'));
    }
    if sum < 0 {
        reversed.push('-');
    }
    reversed.chars().rev().collect()
}

/// A sign and at most 38 digits after any zeros, as a number.
fn units(text: &str) -> Option<i128> {
    let (negative, text) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (all, rest) = digits(text);
    let significant = all.len() - all.iter().take_while(|digit| **digit == b'0').count();
    if all.is_empty() || !rest.is_empty() || significant > MAX_DIGITS {
        return None;
    }
    let units = all.iter().fold(0_i128, |units, digit| units.wrapping_mul(10).wrapping_add(i128::from(digit - b'0')));
    Some(if negative { -units } else { units })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_whatever_their_signs_and_places() {
        let check = |one: &str, two: &str, expected: &str| assert_eq!(sum(one, two), expected, "{one} + {two}");
        check("0", "0", "0");
        check("12", "30", "42");
        check("-1", "1", "0");
        check("-0.5", "0.25", "-0.25");
        check("0.05", "-0.10", "-0.05");
        check("9.99", "+0.01", "10.00");
        check(".5", "007", "7.5");
        check("5.", "1", "6");
        // 38 digits, and no more.
        let nines = "9".repeat(38);
        check(&nines, "0", &nines);
        check(&nines, "1", &alloc::format!("1{}", "0".repeat(38)));
        check(&nines, &nines, &nines);
        check("1", &alloc::format!("9{nines}"), "1");
        check("0.1", &nines, "0.1");
        for (one, two) in [("1", ""), ("1", "x"), ("1", "1e5"), ("1", "-"), ("1", "--1"), ("1", "1.-5")] {
            check(one, two, one);
        }
        for number in 0..=2_000_i64 {
            let texts = |number: i64| {
                alloc::format!("{}{}.{:02}", if number < 0 { "-" } else { "" }, number.abs() / 100, number.abs() % 100)
            };
            let (one, two) = (number * 7 - 5_000, 3_000 - number * 5);
            check(&texts(one), &texts(two), &texts(one + two));
        }
    }
}
