//! A certificate's bytes become what the TLS library does not tell of it: when it is valid, who issued it, and its names.
//!
//! For warnings and hints only: no decision about trust is made on what is read here. Anything that is not as expected is
//! nothing.

use std::time::{Duration, SystemTime};

/// A certificate, as far as an operator is told of it.
pub(super) struct Certificate<'c> {
    pub(super) not_before: SystemTime,
    pub(super) not_after: SystemTime,
    issuer: &'c [u8],
    subject: &'c [u8],
    rest: &'c [u8],
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT_ID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const DNS_NAME: u8 = 0x82;

/// The object id of the extension `subjectAltName`.
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];

impl<'c> Certificate<'c> {
    /// Reads a certificate in DER form.
    pub(super) fn parse(der: &'c [u8]) -> Option<Self> {
        let mut all = Der(Der(der).take(SEQUENCE)?);
        let mut body = Der(all.take(SEQUENCE)?);
        let _version = body.take(VERSION);
        let _serial = body.take(INTEGER)?;
        let _algorithm = body.take(SEQUENCE)?;
        let issuer = body.take(SEQUENCE)?;
        let mut validity = Der(body.take(SEQUENCE)?);
        let subject = body.take(SEQUENCE)?;
        let _key = body.take(SEQUENCE)?;
        Some(Certificate {
            not_before: time(&mut validity)?,
            not_after: time(&mut validity)?,
            issuer,
            subject,
            rest: body.0,
        })
    }

    /// Whether it vouches for itself.
    pub(super) fn is_own_issuer(&self) -> bool {
        self.issuer == self.subject
    }

    /// The names of hosts that it is for.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut alternatives = Der(self.alternatives().unwrap_or_default());
        while let Some((tag, content)) = alternatives.next() {
            if let (DNS_NAME, Ok(name)) = (tag, std::str::from_utf8(content)) {
                names.push(name.into());
            }
        }
        names
    }

    fn alternatives(&self) -> Option<&'c [u8]> {
        let mut rest = Der(self.rest);
        let mut extensions = loop {
            if let (EXTENSIONS, content) = rest.next()? {
                break Der(Der(content).take(SEQUENCE)?);
            }
        };
        loop {
            let mut extension = Der(extensions.take(SEQUENCE)?);
            if extension.take(OBJECT_ID)? != ALTERNATIVE_NAMES {
                continue;
            }
            // Between the two may stand whether it is critical.
            let content = loop {
                if let (OCTETS, content) = extension.next()? {
                    break content;
                }
            };
            return Der(content).take(SEQUENCE);
        }
    }
}

/// DER from which values are taken one after the other.
struct Der<'d>(&'d [u8]);

impl<'d> Der<'d> {
    /// The content of the next value, if it is of that kind.
    fn take(&mut self, tag: u8) -> Option<&'d [u8]> {
        if self.0.first() != Some(&tag) {
            return None;
        }
        self.next().map(|(_, content)| content)
    }

    fn next(&mut self) -> Option<(u8, &'d [u8])> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(*first), rest),
            // The length itself, in that many bytes; four are more than any file has.
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, content))
    }
}

/// `YYMMDDhhmmssZ`, or with a year of four digits.
fn time(der: &mut Der<'_>) -> Option<SystemTime> {
    let (tag, content) = der.next()?;
    let text = std::str::from_utf8(content).ok()?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: u64 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2)?.parse::<u64>().ok();
    let (month, day) = (part(0)?, part(2)?);
    let seconds = (part(4)? * 60 + part(6)?) * 60 + part(8)?;
    let day = days(year, month, day)?;
    // Before 1970 is as good as 1970: long past.
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(day * 86_400 + seconds))
}

/// Days since 1970, in the calendar that is ours. A year begins in March here, so that the odd day is its last.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (year, month) = if month > 2 { (year, month - 3) } else { (year.checked_sub(1)?, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    Some((year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1).saturating_sub(719_468))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_seconds_since_1970() {
        for (tag, text, expected) in [
            (UTC_TIME, "700101000000Z", Some(0)),
            (UTC_TIME, "000229120000Z", Some(951_825_600)),
            (UTC_TIME, "491231235959Z", Some(2_524_607_999)),
            (UTC_TIME, "500101000000Z", Some(0)),
            (GENERALIZED_TIME, "20500101000000Z", Some(2_524_608_000)),
            (GENERALIZED_TIME, "99991231235959Z", Some(253_402_300_799)),
            (UTC_TIME, "701301000000Z", None),
            (UTC_TIME, "70010100", None),
            (UTC_TIME, "", None),
            (INTEGER, "700101000000Z", None),
        ] {
            let der = [&[tag, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
            let expected = expected.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(time(&mut Der(&der)), expected, "{text}");
        }
    }

    #[test]
    fn bytes_that_are_no_certificate_are_nothing() {
        for bytes in
            [&b""[..], b"\x30", b"\x30\x84\xff\xff\xff\xff", b"\x30\x02\x30\x00", b"\x30\x80\x00\x00", b"\xff\xff\xff"]
        {
            assert!(Certificate::parse(bytes).is_none(), "{bytes:?}");
        }
    }
}
