//! Reply bytes become JSON that a person can read on a terminal; number texts and member order stay as they are.

use std::fmt::Write as _;

use gateleg_core::json::{Json, write_string};

/// Indents a JSON text by two spaces; what is not JSON comes back with its control characters escaped.
///
/// ```
/// use gateleg::pretty::pretty;
/// assert_eq!(pretty(br#"{"n":1.10,"empty":[]}"#), "{\n  \"n\": 1.10,\n  \"empty\": []\n}");
/// ```
pub fn pretty(text: &[u8]) -> String {
    let out = match Json::parse(text) {
        Ok(json) => indented(&json, 0),
        Err(_) => String::from_utf8_lossy(text).into_owned(),
    };
    visible(&out)
}

/// The value as [`pretty`] writes it, for a place `depth` levels deep: the first line is not indented.
pub fn indented(json: &Json<'_>, depth: usize) -> String {
    let mut out = String::new();
    write(&mut out, json, depth);
    out
}

/// Escapes what a terminal would obey: a stored string must not move the cursor or retitle the window.
pub fn visible(text: &str) -> String {
    let obeyed = |c: char| c.is_control() && c != '\n';
    if !text.contains(obeyed) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if obeyed(c) {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

fn write(out: &mut String, json: &Json<'_>, depth: usize) {
    match json {
        Json::Array(items) if !items.is_empty() => {
            block(out, '[', ']', depth, items, |out, item| write(out, item, depth + 1));
        }
        Json::Object(members) if !members.is_empty() => {
            block(out, '{', '}', depth, members, |out, (key, value)| {
                write_string(out, key);
                out.push_str(": ");
                write(out, value, depth + 1);
            });
        }
        scalar => scalar.write(out),
    }
}

fn block<T>(out: &mut String, open: char, close: char, depth: usize, items: &[T], each: impl Fn(&mut String, &T)) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        each(out, item);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped() {
        assert_eq!(pretty("{\"a\":\"\u{7f}\u{9b}\"}".as_bytes()), "{\n  \"a\": \"\\u007f\\u009b\"\n}");
        assert_eq!(pretty(b"\x1b[2J"), "\\u001b[2J");
    }
}
