//! A writer: requests of every kind that writes, what was acknowledged of them, and whether that is there.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::common::Host;

const TABLE: &str = "lambda-apigateway";

/// Numbers that look random and follow from a seed (SplitMix64).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Chance(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn part_of(&mut self, time: Duration) -> Duration {
        Duration::from_micros(self.below(u64::try_from(time.as_micros()).unwrap().max(1)))
    }
}

/// What one request writes.
struct Write {
    puts: Vec<String>,
    delete: Option<String>,
    is_transaction: bool,
    counter: u64,
    acknowledged: bool,
}

/// One of those that write at once, each its own items.
pub struct Writer {
    name: u64,
    count: u64,
    chance: Chance,
    /// Since the last check.
    recent: Vec<Write>,
    /// Acknowledged, and seen.
    there: HashSet<String>,
    gone: HashSet<String>,
    counter: u64,
    /// Transactions without an acknowledgement: those that were done, and those that were not.
    pub whole: u32,
    pub absent: u32,
}

impl Writer {
    pub fn new(name: u64, seed: u64) -> Self {
        Writer {
            name,
            count: 0,
            chance: Chance::new(seed),
            recent: Vec::new(),
            there: HashSet::new(),
            gone: HashSet::new(),
            counter: 0,
            whole: 0,
            absent: 0,
        }
    }

    pub fn write_until_it_ends(&mut self, server: SocketAddr, acknowledged: &AtomicU32) {
        loop {
            let (mut write, request) = self.next();
            let answer = send(server, &request);
            if let Some((status, body)) = &answer {
                assert_eq!(*status, 200, "{body}");
                write.acknowledged = true;
                acknowledged.fetch_add(1, Ordering::Relaxed);
            }
            self.recent.push(write);
            if answer.is_none() {
                return;
            }
        }
    }

    /// The next request, of one of seven kinds.
    fn next(&mut self) -> (Write, String) {
        self.count += 1;
        let (writer, count) = (self.name, self.count);
        let ids = |many: u64| (0..many).map(|at| format!("{writer}-{count}-{at}")).collect::<Vec<_>>();
        let kind = self.chance.below(7);
        let mut write = Write {
            puts: ids([1, 0, 3, 30, 3, 24, 0][usize::try_from(kind).unwrap()]),
            delete: None,
            is_transaction: matches!(kind, 4 | 5),
            counter: if matches!(kind, 1 | 4 | 5) { count } else { 0 },
            acknowledged: false,
        };
        let counter = format!(
            r#""Key":{{"id":"counter-{writer}"}},"UpdateExpression":"SET n = :n","ExpressionAttributeValues":{{":n":{count}}}"#
        );
        let request = match kind {
            0 => format!(
                r#"{{"operation":"create","tableName":"{TABLE}","payload":{{"Item":{{"id":"{}"}}}}}}"#,
                write.puts[0]
            ),
            1 => format!(r#"{{"operation":"update","tableName":"{TABLE}","payload":{{{counter}}}}}"#),
            2 | 3 => {
                let puts: Vec<String> =
                    write.puts.iter().map(|id| format!(r#"{{"PutRequest":{{"Item":{{"id":"{id}"}}}}}}"#)).collect();
                format!(
                    r#"{{"operation":"batchWrite","payload":{{"RequestItems":{{"{TABLE}":[{}]}}}}}}"#,
                    puts.join(",")
                )
            }
            4 | 5 => {
                let puts = write.puts.iter();
                let puts = puts.map(|id| format!(r#"{{"Put":{{"TableName":"{TABLE}","Item":{{"id":"{id}"}}}}}},"#));
                format!(
                    r#"{{"operation":"transactWrite","payload":{{"TransactItems":[{}{{"Update":{{"TableName":"{TABLE}",{counter}}}}}]}}}}"#,
                    puts.collect::<String>()
                )
            }
            _ => {
                let id = self.there.iter().next().cloned().unwrap_or_else(|| "nothing".into());
                let request =
                    format!(r#"{{"operation":"delete","tableName":"{TABLE}","payload":{{"Key":{{"id":"{id}"}}}}}}"#);
                self.there.remove(&id);
                write.delete = Some(id);
                request
            }
        };
        (write, request)
    }

    /// Whether what was written since the last check is there.
    pub fn check(&mut self, host: &Host, when: &str) {
        let ids: Vec<String> =
            self.recent.iter().flat_map(|write| write.puts.iter().chain(&write.delete)).cloned().collect();
        let there = present(host, &ids);
        let counter = self.counter(host);
        let mut most = self.counter;
        for write in std::mem::take(&mut self.recent) {
            let found = write.puts.iter().filter(|id| there.contains(*id)).count();
            let what = format!("{when}: {found} of {:?}", write.puts);
            if write.acknowledged {
                assert_eq!(found, write.puts.len(), "acknowledged, {what}");
                self.counter = self.counter.max(write.counter);
                if let Some(id) = write.delete {
                    assert!(!there.contains(&id), "{when}: {id} is there, but its deletion was acknowledged");
                    self.gone.insert(id);
                }
            } else if write.is_transaction {
                let done = found == write.puts.len();
                assert!(done || found == 0, "a transaction by half, {what}");
                assert_eq!(done, counter == write.counter, "the counter is {counter}, not {}, {what}", write.counter);
                if done { self.whole += 1 } else { self.absent += 1 }
            }
            self.there.extend(write.puts.into_iter().filter(|id| there.contains(id)));
            most = most.max(write.counter);
        }
        assert!((self.counter..=most).contains(&counter), "{when}: {counter} is not in {}..={most}", self.counter);
        self.counter = counter;
    }

    /// Whether all that was ever acknowledged is as it was left; how many items there are.
    pub fn check_all(&mut self, host: &Host) -> usize {
        let there = present(host, &self.there.iter().cloned().collect::<Vec<_>>());
        assert_eq!(there.len(), self.there.len());
        let gone = present(host, &self.gone.iter().cloned().collect::<Vec<_>>());
        assert!(gone.is_empty(), "{gone:?}");
        there.len()
    }

    fn counter(&self, host: &Host) -> u64 {
        let read = format!(
            r#"{{"operation":"read","tableName":"{TABLE}","payload":{{"Key":{{"id":"counter-{}"}}}}}}"#,
            self.name
        );
        let body = host.post(read).body;
        let digits = body.split_once(r#""n":"#).map(|(_, rest)| rest.split(['}', ',']).next().unwrap());
        digits.map_or(0, |digits| digits.parse().unwrap())
    }
}

/// Which of those items there are.
pub fn present(host: &Host, ids: &[String]) -> HashSet<String> {
    let mut there = HashSet::new();
    // A batch takes no key twice.
    let ids: Vec<&String> = ids.iter().collect::<HashSet<_>>().into_iter().collect();
    for ids in ids.chunks(100) {
        let keys: Vec<String> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
        let answer = host.post(format!(
            r#"{{"operation":"batchRead","payload":{{"RequestItems":{{"{TABLE}":{{"Keys":[{}],"ProjectionExpression":"id"}}}}}}}}"#,
            keys.join(",")
        ));
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body.contains(r#""UnprocessedKeys":{}"#), "{}", answer.body);
        there.extend(
            ids.iter().filter(|id| answer.body.contains(&format!(r#"{{"id":"{id}"}}"#))).map(|id| (*id).clone()),
        );
    }
    there
}

/// Status and body, if the answer came to its end.
fn send(server: SocketAddr, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(server).ok()?;
    let head = format!(
        "POST /dynamodbmanager HTTP/1.1\r\nhost: {server}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let length =
        head.to_ascii_lowercase().split_once("content-length: ")?.1.split("\r\n").next()?.parse::<usize>().ok()?;
    (body.len() == length).then(|| (head.split(' ').nth(1).unwrap().parse().unwrap(), body.into()))
}
