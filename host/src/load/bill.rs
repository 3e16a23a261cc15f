//! What was measured becomes a bill: what each part of an API on AWS asks for so many requests, each of them so long.

use std::time::Duration;

use gateleg_core::json::{Object, write_bool};

use super::price::{self, Arch, Capacity, Front, INVOCATIONS, KNOWN, MONTH, REGION, billed_ms};

/// Where the billed duration is from. Nobody outside sees what Lambda bills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// `--billed-ms`: from the function's REPORT lines, most likely.
    Told,
    /// The median of what the server says it took.
    Server,
    /// The median latency: more than the function takes.
    Latency,
}

/// What is paid for, and how much of it a request takes.
#[derive(Clone, Copy, Debug)]
pub struct Bill {
    /// What stands before the function.
    pub front: Front,
    /// Whether that is a guess.
    pub is_guess: bool,
    /// Whether what was measured is on AWS, as far as its host tells.
    pub is_aws: bool,
    /// The function's processor.
    pub arch: Arch,
    /// The function's memory.
    pub memory_mb: u32,
    /// What is billed for a request.
    pub billed_ms: u64,
    /// Where that is from.
    pub basis: Basis,
    /// What requests take of DynamoDB, if that is known.
    pub capacity: Option<Capacity>,
}

/// How much was asked of it.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Requests that had a reply: API and function are paid for all of them.
    pub answered: u64,
    /// Requests that succeeded: units are counted for these.
    pub succeeded: u64,
    /// In what time.
    pub elapsed: Duration,
}

/// Amounts in millionths of a dollar.
struct Row {
    json: &'static str,
    words: String,
    per_million: Option<u64>,
    run: u64,
    month: u64,
}

/// One of a row's amounts.
type Amount = fn(&Row) -> u64;

impl Bill {
    /// What is billed for a request, and where that is from: of the three the best there is, each in its own unit.
    pub fn duration(told_ms: Option<u64>, server_micros: Option<u64>, latency_micros: u64) -> (u64, Basis) {
        match (told_ms, server_micros) {
            (Some(ms), _) => (ms, Basis::Told),
            (None, Some(micros)) => (billed_ms(micros), Basis::Server),
            (None, None) => (billed_ms(latency_micros), Basis::Latency),
        }
    }

    fn rows(&self, usage: Usage) -> Vec<Row> {
        let row = |json, words: String, per_million: Option<u64>, requests| Row {
            json,
            words,
            per_million,
            run: price::of(per_million.unwrap_or(0), requests),
            month: price::of(per_million.unwrap_or(0), in_a_month(requests, usage.elapsed)),
        };
        let Bill { memory_mb, billed_ms, arch, .. } = *self;
        let duration = price::duration(memory_mb, billed_ms, arch);
        let time = format!("Lambda time, {billed_ms} ms of {memory_mb} MB on {}", arch.as_str());
        let units = self.capacity.map_or("what it takes is not known".into(), |capacity| capacity.words());
        let units_price = self.capacity.map(|capacity| capacity.per_million());
        let mut rows = vec![
            row("front", self.front.title().into(), Some(self.front.per_million()), usage.answered),
            row("lambdaRequests", "Lambda requests".into(), Some(INVOCATIONS), usage.answered),
            row("lambdaDuration", time, Some(duration), usage.answered),
            row("dynamodb", format!("DynamoDB, {units}"), units_price, usage.succeeded),
        ];
        let sum = |of: Amount| rows.iter().map(of).fold(0, u64::saturating_add);
        let (run, month) = (sum(|row| row.run), sum(|row| row.month));
        let per_million = sum(|row| row.per_million.unwrap_or(0));
        rows.push(Row { json: "total", words: "together".into(), per_million: Some(per_million), run, month });
        rows
    }

    /// For a person.
    pub fn to_text(&self, usage: Usage) -> String {
        let rows = self.rows(usage);
        let width = rows.iter().map(|row| row.words.len()).max().unwrap_or(0);
        let mut out = format!(
            "{:<width$}  {:>12} {:>12} {:>16}\n",
            "Cost on AWS",
            "per million",
            "this run",
            "a month of this",
            width = width + 2
        );
        for row in &rows {
            let each = row.per_million.map_or("?".into(), price::dollars);
            let (run, month) = match row.per_million {
                Some(_) => (price::dollars(row.run), price::dollars(row.month)),
                None => ("?".into(), "?".into()),
            };
            out.push_str(&format!("  {:<width$}  {each:>12} {run:>12} {month:>16}\n", row.words));
        }
        let of = match (self.basis, self.is_aws) {
            (Basis::Told, _) => "what --billed-ms says",
            (Basis::Server, _) => "the median of what the server says it took (Server-Timing)",
            (Basis::Latency, true) => {
                "the median latency above: more than Lambda bills, as the network is in it.\n\
                 --billed-ms N takes what the function's REPORT lines say instead"
            }
            (Basis::Latency, false) => {
                "the median latency above, of this server, with the network and any waiting in it.\n\
                 --billed-ms N takes what the REPORT lines of a function on Lambda say instead"
            }
        };
        out.push_str(&format!("{} ms a request is {of}.\n", self.billed_ms));
        if self.is_guess {
            out.push_str(&format!("Taken for a {}; --front says what it is.\n", self.front.title()));
        }
        out.push_str(&format!(
            "List prices of {REGION}, known in {KNOWN}. Left out: free tier, data transfer, logs, cold starts, storage.\n"
        ));
        out
    }

    /// For a program: documented in docs/load.md.
    pub fn write(&self, out: &mut String, usage: Usage) {
        let mut object = Object::new(out);
        object.string("region", REGION);
        object.string("pricesKnown", KNOWN);
        object.string(
            "front",
            match self.front {
                Front::Rest => "rest",
                Front::Http => "http",
                Front::Url => "url",
            },
        );
        write_bool(object.member("frontGuessed"), self.is_guess);
        object.string("arch", self.arch.as_str());
        object.member("memoryMegabytes").push_str(&self.memory_mb.to_string());
        object.member("billedMilliseconds").push_str(&self.billed_ms.to_string());
        object.string(
            "billedFrom",
            match self.basis {
                Basis::Told => "option",
                Basis::Server => "server",
                Basis::Latency => "latency",
            },
        );
        match &self.capacity {
            None => object.member("units").push_str("null"),
            Some(capacity) => {
                let mut units = Object::new(object.member("units"));
                units.member("read").push_str(&capacity.read.to_text());
                units.member("write").push_str(&capacity.write.to_text());
                units.member("requests").push_str(&capacity.requests.to_string());
                write_bool(units.member("atLeast"), capacity.at_least);
                units.end();
            }
        }
        let rows = self.rows(usage);
        let columns: [(&str, Amount); 3] = [
            ("perMillionDollars", |row| row.per_million.unwrap_or(0)),
            ("runDollars", |row| row.run),
            ("monthDollars", |row| row.month),
        ];
        for (name, of) in columns {
            let mut column = Object::new(object.member(name));
            for row in &rows {
                let amount = of(row);
                let text = match row.per_million {
                    Some(_) => format!("{}.{:06}", amount / 1_000_000, amount % 1_000_000),
                    None => "null".into(),
                };
                column.member(row.json).push_str(&text);
            }
            column.end();
        }
        object.end();
    }
}

/// How many requests a month has where so many came in that time.
fn in_a_month(requests: u64, elapsed: Duration) -> u64 {
    let month = u128::from(MONTH) * 1_000_000;
    u64::try_from(u128::from(requests) * month / elapsed.as_micros().max(1)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use gateleg_core::explain::Units;

    use super::*;

    fn bill(capacity: Option<Capacity>) -> Bill {
        Bill {
            front: Front::Rest,
            is_guess: false,
            is_aws: false,
            arch: Arch::Arm64,
            memory_mb: 128,
            billed_ms: 2,
            basis: Basis::Told,
            capacity,
        }
    }

    #[test]
    fn the_rows_add_up() {
        let capacity = Capacity { write: Units { halves: 2 }, requests: 1, ..Capacity::default() };
        // Ten requests a second: 26,280,000 a month.
        let usage = Usage { answered: 100, succeeded: 50, elapsed: Duration::from_secs(10) };
        let rows = bill(Some(capacity)).rows(usage);
        let found: Vec<_> = rows.iter().map(|row| (row.per_million, row.run, row.month)).collect();
        assert_eq!(
            found,
            [
                (Some(3_500_000), 350, 91_980_000),
                (Some(200_000), 20, 5_256_000),
                (Some(3_333), 0, 87_591),
                (Some(625_000), 31, 8_212_500),
                (Some(4_328_333), 401, 105_536_091),
            ]
        );
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        let usage = Usage { answered: 1, succeeded: 1, elapsed: Duration::from_secs(1) };
        let text = bill(None).to_text(usage);
        let row = text.lines().find(|line| line.contains("DynamoDB")).unwrap();
        assert_eq!(row.matches('?').count(), 3, "{text}");
        let mut json = String::new();
        bill(None).write(&mut json, usage);
        assert!(json.contains(r#""units":null"#) && json.contains(r#""dynamodb":null"#), "{json}");
    }

    #[test]
    fn the_best_duration_there_is_counts() {
        assert_eq!(Bill::duration(Some(7), Some(1), 1), (7, Basis::Told));
        assert_eq!(Bill::duration(None, Some(1500), 9000), (2, Basis::Server));
        assert_eq!(Bill::duration(None, None, 9001), (10, Basis::Latency));
    }
}
