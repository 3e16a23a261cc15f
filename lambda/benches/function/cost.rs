//! Turns how long an invocation takes at a memory size into dollars for a million of them.
//!
//! Lambda's price list in us-east-1, without the free tier: so much for a request, and so much for the memory while it takes, in
//! whole milliseconds. <https://aws.amazon.com/lambda/pricing/>

/// Dollars for a million requests, whatever they take.
pub const REQUESTS: f64 = 0.20;

/// A kind of processor, and dollars for a GB-second on it.
pub const PROCESSORS: [(&str, f64); 2] = [("arm64", 0.000_013_333_4), ("x86_64", 0.000_016_666_7)];

/// A million invocations that take so many milliseconds each.
pub fn million(megabytes: u32, milliseconds: f64, gigabyte_second: f64) -> f64 {
    REQUESTS + 1e6 * f64::from(megabytes) / 1024.0 * milliseconds.ceil() / 1000.0 * gigabyte_second
}
