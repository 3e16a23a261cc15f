//! How many requests there were, and how long the function took for each, become what that costs on AWS.
//!
//! Per million requests, in dollars, where `price` is that of a GB-second and `ceil_ms` the billed duration, which Lambda
//! rounds up to whole milliseconds:
//!
//! ```text
//! front + 0.20 + 1e6 * memory_mb / 1024 * ceil_ms / 1000 * price + units * price of a unit
//! ```
//!
//! List prices of us-east-1, first tier, on demand, as they were known in November 2026:
//! <https://aws.amazon.com/lambda/pricing/>, <https://aws.amazon.com/api-gateway/pricing/>. DynamoDB's are core's. Left out:
//! the free tier, lower prices from some hundred million requests a month, data transfer, logs, cold starts, storage, and
//! bodies over 512 KB, which an HTTP API counts more than once.
//!
//! Everything is whole millionths of a dollar: nothing here is a fraction.

use clap::ValueEnum;
use gateleg_core::context::Context;
use gateleg_core::explain::{US_EAST_1, Units, explain, thousands};

/// The region of all prices.
pub const REGION: &str = US_EAST_1.region;

/// When the prices of Lambda and API Gateway were known to be these.
pub const KNOWN: &str = "2026-11";

/// A million invocations, in millionths of a dollar.
pub const INVOCATIONS: u64 = 200_000;

/// Seconds of a month as AWS's own calculator has it: 730 hours.
pub const MONTH: u64 = 730 * 3600;

/// What stands between callers and the function.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// A REST API of API Gateway, as in the tutorial
    Rest,
    /// An HTTP API of API Gateway
    Http,
    /// The function's own URL
    Url,
}

impl Front {
    /// A million requests, in millionths of a dollar.
    pub fn per_million(self) -> u64 {
        match self {
            Front::Rest => 3_500_000,
            Front::Http => 1_000_000,
            Front::Url => 0,
        }
    }

    /// As it is called in a report.
    pub fn title(self) -> &'static str {
        match self {
            Front::Rest => "REST API",
            Front::Http => "HTTP API",
            Front::Url => "function URL",
        }
    }
}

/// The processor that the function runs on.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arch {
    /// AWS Graviton
    #[value(name = "arm64")]
    Arm64,
    /// Intel or AMD
    #[value(name = "x86_64")]
    X86,
}

impl Arch {
    /// A GB-second, in ten-thousandths of a millionth of a dollar: all the digits that AWS writes.
    pub fn gb_second(self) -> u64 {
        match self {
            Arch::Arm64 => 133_334,
            Arch::X86 => 166_667,
        }
    }

    /// As AWS spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Arch::Arm64 => "arm64",
            Arch::X86 => "x86_64",
        }
    }
}

/// What a million invocations of so many milliseconds cost beside [`INVOCATIONS`], in millionths of a dollar.
///
/// ```
/// use gateleg::load::price::{Arch, duration};
/// // 1e6 * 0.125 GB * 0.002 s = 250 GB-seconds, at $0.0000133334.
/// assert_eq!(duration(128, 2, Arch::Arm64), 3_333);
/// ```
pub fn duration(memory_mb: u32, billed_ms: u64, arch: Arch) -> u64 {
    let top = 1_000_000 * u128::from(memory_mb) * u128::from(billed_ms) * u128::from(arch.gb_second());
    rounded(top, 1024 * 1000 * 10_000)
}

/// A measured time as Lambda bills it: whole milliseconds, begun ones included, and at least one.
pub fn billed_ms(micros: u64) -> u64 {
    micros.div_ceil(1000).max(1)
}

/// What requests take of DynamoDB, all of them together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    /// Read units.
    pub read: Units,
    /// Write units.
    pub write: Units,
    /// How many requests take that.
    pub requests: u64,
    /// Whether it can be more, as it depends on what is in the tables.
    pub at_least: bool,
}

impl Capacity {
    /// What they take as core explains each; none, if core would refuse one.
    pub fn of<'r>(requests: impl IntoIterator<Item = &'r [u8]>) -> Option<Self> {
        let mut all = Capacity::default();
        for request in requests {
            let cost = explain(request, &Context::default()).ok()?.cost;
            let least = cost.total.least;
            let units = if cost.is_write == Some(true) { &mut all.write } else { &mut all.read };
            units.halves = units.halves.saturating_add(least.halves);
            all.at_least |= cost.is_write.is_some() && cost.total.most != Some(least);
            all.requests += 1;
        }
        (all.requests > 0).then_some(all)
    }

    /// A million requests, in millionths of a dollar.
    pub fn per_million(&self) -> u64 {
        let all = self.read.price(US_EAST_1.read).saturating_add(self.write.price(US_EAST_1.write));
        rounded(all.into(), self.requests.max(1).into())
    }

    /// `1 write unit each`, `at least 3.5 read and 2 write units per 4 requests`, `none`.
    pub fn words(&self) -> String {
        let kinds = [(self.read, "read"), (self.write, "write")];
        let kinds = kinds.iter().filter(|(units, _)| units.halves > 0);
        let kinds: Vec<String> = kinds.map(|(units, kind)| format!("{} {kind}", units.to_text())).collect();
        if kinds.is_empty() {
            return "none".into();
        }
        let plural = if self.read.halves + self.write.halves == 2 { "unit" } else { "units" };
        let least = if self.at_least { "at least " } else { "" };
        let each = if self.requests == 1 { "each".into() } else { format!("per {} requests", self.requests) };
        format!("{least}{} {plural} {each}", kinds.join(" and "))
    }
}

/// What so many requests cost where a million cost that, in millionths of a dollar.
pub fn of(per_million: u64, requests: u64) -> u64 {
    rounded(u128::from(per_million) * u128::from(requests), 1_000_000)
}

/// To the nearest whole number, halves up.
fn rounded(top: u128, bottom: u128) -> u64 {
    u64::try_from((top + bottom / 2) / bottom.max(1)).unwrap_or(u64::MAX)
}

/// Millionths of a dollar for a person: cents from a dollar up, all that counts below.
///
/// ```
/// use gateleg::load::price::dollars;
/// assert_eq!(dollars(4_326_666), "$4.33");
/// assert_eq!(dollars(3_333), "$0.003333");
/// assert_eq!(dollars(625_000), "$0.625");
/// ```
pub fn dollars(millionths: u64) -> String {
    if millionths >= 1_000_000 {
        let cents = rounded(millionths.into(), 10_000);
        return format!("${}.{:02}", thousands(cents / 100), cents % 100);
    }
    let digits = format!("{millionths:06}");
    let (cents, rest) = digits.split_at_checked(2).unwrap_or((&digits, ""));
    format!("$0.{cents}{}", rest.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_is_the_one_in_the_docs() {
        // (memory, ms, arch, millionths of a dollar per million), each worked out by hand from the list price.
        for (memory, ms, arch, expected) in [
            (128, 1, Arch::Arm64, 1_667),
            (128, 1, Arch::X86, 2_083),
            (1024, 1000, Arch::Arm64, 13_333_400),
            (1024, 1000, Arch::X86, 16_666_700),
            (512, 100, Arch::X86, 833_335),
            (10_240, 900_000, Arch::X86, 150_000_300_000),
            (128, 0, Arch::Arm64, 0),
        ] {
            assert_eq!(duration(memory, ms, arch), expected, "{memory} MB, {ms} ms, {arch:?}");
        }
    }

    #[test]
    fn a_millisecond_that_has_begun_is_billed() {
        for (micros, expected) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (12_345_678, 12_346)] {
            assert_eq!(billed_ms(micros), expected, "{micros}");
        }
    }

    #[test]
    fn units_are_those_core_explains() {
        let create = br#"{"operation":"create","tableName":"people","payload":{"Item":{"id":"1"}}}"#.as_slice();
        let read = br#"{"operation":"read","tableName":"people","payload":{"Key":{"id":"1"}}}"#.as_slice();
        let ping = br#"{"operation":"ping"}"#.as_slice();
        let check = |requests: &[&[u8]], expected: Option<(&str, u64)>| {
            let found = Capacity::of(requests.iter().copied());
            let found = found.map(|capacity| (capacity.words(), capacity.per_million()));
            assert_eq!(found, expected.map(|(words, price)| (words.to_string(), price)));
        };
        check(&[create], Some(("at least 1 write unit each", 625_000)));
        check(&[read], Some(("at least 0.5 read units each", 62_500)));
        check(&[create, read], Some(("at least 0.5 read and 1 write units per 2 requests", 343_750)));
        check(&[ping], Some(("none", 0)));
        check(&[create, b"{"], None);
        check(&[], None);
    }

    #[test]
    fn money_is_rounded_where_it_no_longer_counts() {
        for (millionths, expected) in [
            (0, "$0.00"),
            (1, "$0.000001"),
            (200_000, "$0.20"),
            (999_999, "$0.999999"),
            (1_000_000, "$1.00"),
            (1_995_000, "$2.00"),
            (12_345_678_901_234, "$12,345,678.90"),
        ] {
            assert_eq!(dollars(millionths), expected);
        }
        assert_eq!((of(3_500_000, 1), of(3_500_000, 35_213), of(u64::MAX, u64::MAX)), (4, 123_246, u64::MAX));
        assert_eq!([0, 999, 1000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
