//! Sizes and durations as a person types them become numbers: `10MB`, `25s`.

use std::time::Duration;

/// Reads a size in bytes: `6000000`, `512KB`, `10MB`; the units are powers of 1024, as in AWS's limits.
///
/// # Errors
/// A sentence on what was expected.
///
/// ```
/// use gateleg_store::units::size;
/// assert_eq!(size("10MB"), Ok(10 * 1024 * 1024));
/// assert_eq!(size("512"), Ok(512));
/// assert!(size("ten").is_err());
/// ```
pub fn size(text: &str) -> Result<usize, String> {
    let expected = || format!("expected a size such as 512KB or 10MB, but found `{text}`");
    let (number, unit) = split(text);
    let number: usize = number.parse().map_err(|_| expected())?;
    let factor = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" | "KIB" => 1024,
        "M" | "MB" | "MIB" => 1024 * 1024,
        _ => return Err(expected()),
    };
    match number.checked_mul(factor) {
        Some(bytes @ 1..=MOST_BYTES) => Ok(bytes),
        _ => Err(format!("expected a size from 1 byte to 256MB, but found `{text}`")),
    }
}

/// A body lies in memory several times over while it is planned.
const MOST_BYTES: usize = 256 * 1024 * 1024;

/// Reads a duration: `25s`, `500ms`, `2m`; a bare number is seconds.
///
/// # Errors
/// A sentence on what was expected.
///
/// ```
/// use gateleg_store::units::duration;
/// use std::time::Duration;
/// assert_eq!(duration("25s"), Ok(Duration::from_secs(25)));
/// assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
/// assert!(duration("soon").is_err());
/// ```
pub fn duration(text: &str) -> Result<Duration, String> {
    let expected = || format!("expected a duration such as 25s or 500ms, but found `{text}`");
    let (number, unit) = split(text);
    let number: u64 = number.parse().map_err(|_| expected())?;
    let factor = match unit {
        "ms" => 1,
        "" | "s" => 1000,
        "m" | "min" => 60_000,
        _ => return Err(expected()),
    };
    match number.checked_mul(factor) {
        Some(ms @ 1..=3_600_000) => Ok(Duration::from_millis(ms)),
        _ => Err(format!("expected a duration from 1ms to 60m, but found `{text}`")),
    }
}

fn split(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim_start())
}
