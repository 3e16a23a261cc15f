//! Guests whose commands and headers are not what they should be: malformed, or well-formed and not allowed.

use super::stranger::Stranger;
use super::{DENIED, Ends, FAILED, FINE, Kind};

/// Guests that send one command, each with its text.
pub fn kinds() -> Vec<Kind> {
    let failed = |name, text: &[u8], words| kind(name, send(text), Ends::Failed(words), FAILED);
    let denied = |name, text: &str| kind(name, send(text.as_bytes()), Ends::Goes, DENIED);
    let form = "under ticket 3 is not a call of the API";
    let invalid = "under ticket 3 is not valid";
    vec![
        failed("a command that is no JSON", b"secret", form),
        failed("a command that is empty", b"", form),
        failed("a command that breaks off", br#"{"GetItem":{"TableName":"secret"#, form),
        failed("a command that is not UTF-8", b"{\"GetItem\":{\"TableName\":\"\xff\xfe\"}}", "invalid utf-8"),
        failed("a command of no call", br#"{"DropEverything":{}}"#, form),
        failed("a command of two calls", br#"{"GetItem":{},"PutItem":{}}"#, form),
        failed("a table to be made", br#"{"CreateTable":{"TableName":"lambda-apigateway"}}"#, form),
        failed("a table to be deleted", br#"{"DeleteTable":{"TableName":"lambda-apigateway"}}"#, form),
        failed(
            "a command with a key twice",
            br#"{"GetItem":{"TableName":"a","TableName":"b","Key":{"id":{"S":"1"}}}}"#,
            "under ticket 3",
        ),
        failed(
            "a command of wrong parameters",
            br#"{"GetItem":{"TableName":"people","Key":{"id":{"N":"secret"}}}}"#,
            invalid,
        ),
        failed(
            "a command of unknown parameters",
            br#"{"GetItem":{"TableName":"people","Key":{"id":{"S":"1"}},"Sudo":true}}"#,
            invalid,
        ),
        failed("a command nested without end", "[".repeat(50_000).as_bytes(), form),
        failed(
            "a value nested without end",
            format!(r#"{{"GetItem":{{"TableName":"people","Key":{{"id":{}"#, r#"{"L":["#.repeat(10_000)).as_bytes(),
            form,
        ),
        denied("a table that is not allowed", r#"{"GetItem":{"TableName":"others","Key":{"id":{"S":"1"}}}}"#),
        denied(
            "a table by its ARN",
            r#"{"GetItem":{"TableName":"arn:aws:dynamodb:us-east-1:123456789012:table/lambda-apigateway","Key":{"id":{"S":"1"}}}}"#,
        ),
        denied(
            "an operation that is not allowed",
            r#"{"PutItem":{"TableName":"lambda-apigateway","Item":{"id":{"S":"1"}}}}"#,
        ),
        denied(
            "a table behind another in a batch",
            r#"{"BatchGetItem":{"RequestItems":{"lambda-apigateway":{"Keys":[{"id":{"S":"1"}}]},"others":{"Keys":[{"id":{"S":"1"}}]}}}}"#,
        ),
        denied(
            "a table behind another in a transaction",
            r#"{"TransactGetItems":{"TransactItems":[{"Get":{"TableName":"lambda-apigateway","Key":{"id":{"S":"1"}}}},{"Get":{"TableName":"others","Key":{"id":{"S":"1"}}}}]}}"#,
        ),
        kind("a header twice", headers("etagx", &[(0, 4), (4, 1), (0, 4), (4, 1)]), Ends::Failed("etag twice"), FAILED),
        kind(
            "a header that brings another",
            headers("etagx\r\nset-cookie: a=b", &[(0, 4), (4, 18)]),
            Ends::Failed("etag is no header value"),
            FAILED,
        ),
        kind(
            "a header that is not UTF-8",
            headers("etag\u{0}", &[(0, 4), (4, 1)]),
            Ends::Failed("etag is no header value"),
            FAILED,
        ),
        // It is left out, as are all but four.
        kind("a header of its own", headers("set-cookiesecret", &[(0, 10), (10, 6)]), Ends::Goes, FINE),
    ]
}

fn kind(name: &'static str, guest: Stranger<'static>, ends: Ends, told: (u16, &'static str)) -> Kind {
    Kind { name, guest, ends, told }
}

/// Sends a command of that text under ticket 3.
fn send(text: &[u8]) -> Stranger<'static> {
    let open = format!(
        "(i32.store (i32.const 68) (i32.const 0))
         (i32.store (i32.const 72) (i32.const 2048)) (i32.store (i32.const 76) (i32.const 1))
         (i32.store (i32.const 2048) (i32.const 3)) (i32.store (i32.const 2052) (i32.const 0))
         (i32.store (i32.const 2056) (i32.const 16384)) (i32.store (i32.const 2060) (i32.const {}))",
        text.len()
    );
    Stranger { open: leak(open), fields: leak(data(text)), ..Stranger::default() }
}

/// Replies with headers: addresses and lengths, within the text, of names and values.
fn headers(text: &str, layout: &[(usize, usize)]) -> Stranger<'static> {
    let mut open = format!(
        "(i32.store (i32.const 76) (i32.const 2048)) (i32.store (i32.const 80) (i32.const {}))",
        layout.len() / 2
    );
    for (index, (address, length)) in layout.iter().enumerate() {
        let at = 2048 + 8 * index;
        open += &format!(
            "(i32.store (i32.const {at}) (i32.const {})) (i32.store (i32.const {}) (i32.const {length}))",
            16384 + address,
            at + 4
        );
    }
    Stranger { open: leak(open), fields: leak(data(text.as_bytes())), ..Stranger::default() }
}

fn data(bytes: &[u8]) -> String {
    let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!("(data (i32.const 16384) \"{escaped}\")")
}

/// Tests are short-lived, and these are few.
fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}
