//! A request's bytes become the names of its operation and its table, to count and log it by.
//!
//! What the request means is left to the planner, which may be a stranger's, and which reads it strictly. This looks no further
//! than the one member, so that it costs nothing to speak of, and believes everything to be in order.

use gateleg_core::operation::OperationName;

/// The operation: one of the protocol's, `other` for a name it does not have, or `none`.
///
/// ```
/// use gateleg_store::envelope::operation;
/// assert_eq!(operation(br#"{"tableName": "orders", "operation": "read"}"#), "read");
/// assert_eq!(operation(br#"{"operation": "raed"}"#), "other");
/// assert_eq!(operation(b"[]"), "none");
/// ```
pub fn operation(request: &[u8]) -> &'static str {
    match find(request, "operation") {
        None => "none",
        Some(name) => {
            std::str::from_utf8(name).ok().and_then(OperationName::parse).map_or("other", OperationName::as_str)
        }
    }
}

/// The table that it names, if it is a name that a table can have.
///
/// ```
/// use gateleg_store::envelope::table;
/// assert_eq!(table(br#"{"operation": "read", "tableName": "orders"}"#), Some("orders"));
/// assert_eq!(table(br#"{"operation": "read", "tableName": "not a table"}"#), None);
/// ```
pub fn table(request: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(find(request, "tableName")?).ok()?;
    let is_one = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    ((3..=255).contains(&name.len()) && name.bytes().all(is_one)).then_some(name)
}

/// What a member says that is a string, as it is spelled; nothing of it if it is none.
fn find<'r>(request: &'r [u8], member: &str) -> Option<&'r [u8]> {
    let mut rest = request.trim_ascii_start().strip_prefix(b"{")?;
    loop {
        let (key, after) = string(rest.trim_ascii_start())?;
        let value = after.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        if key == member.as_bytes() {
            return string(value).map(|(name, _)| name).or(Some(b""));
        }
        rest = past(value)?.trim_ascii_start().strip_prefix(b",")?;
    }
}

/// The string at the start, as it is spelled, and what comes after it.
fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b"\"")?;
    let mut escaped = false;
    let end = text.iter().position(|&byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    let (inside, quote) = text.split_at_checked(end)?;
    Some((inside, quote.get(1..)?))
}

/// What comes after the value at the start.
fn past(mut text: &[u8]) -> Option<&[u8]> {
    let mut depth = 0_usize;
    loop {
        match text.first()? {
            b'"' => {
                (_, text) = string(text)?;
                if depth == 0 {
                    return Some(text);
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            // What closes the request itself, or stands between its members, ends a number or a word.
            b',' | b'}' if depth == 0 => return Some(text),
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return text.get(1..);
                }
            }
            _ => {}
        }
        text = text.get(1..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(request: &str, expected: &str) {
        assert_eq!(operation(request.as_bytes()), expected, "{request}");
    }

    #[test]
    fn the_operation_is_found_wherever_it_stands() {
        for (request, expected) in [
            (r#"{"operation":"create"}"#, "create"),
            (" {\n\"operation\" : \"list\" }", "list"),
            (r#"{"payload":{"operation":"delete","a":[1,{"b":"}"}]},"operation":"ping"}"#, "ping"),
            (r#"{"a":"\"operation\":\"delete\"","b":-1e5,"c":null,"operation":"echo"}"#, "echo"),
            (r#"{"a":"\\","operation":"read"}"#, "read"),
            (r#"{"a":[],"b":{},"operation":"update"}"#, "update"),
        ] {
            check(request, expected);
        }
    }

    #[test]
    fn what_is_no_operation_of_ours_is_no_label_either() {
        for request in [r#"{"operation":"drop table"}"#, r#"{"operation":5}"#, r#"{"operation":"\u0072ead"}"#] {
            check(request, "other");
        }
        for request in
            ["", "{", "[]", "{}", "nonsense", r#"{"operation"}"#, r#"{"a":[}"#, r#"{"a":"#, r#"{"a":"b"#, r#"{"a":]}"#]
        {
            check(request, "none");
        }
    }
}
