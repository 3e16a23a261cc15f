//! A text that is not JSON becomes the spot where it ceases to be, and advice on the slips that people make in JSON.
//!
//! What is wrong, and where a reader noticed, is core's to say; what was probably meant is found here.

use std::ops::Range;

use gateleg_core::json::{Fault, Json};

use super::outline::Outline;

/// Where a text ceases to be JSON.
#[derive(Debug)]
pub struct Slip {
    /// What to mark, in bytes.
    pub at: Range<usize>,
    /// What to do about it, where that is plain.
    pub hint: Option<&'static str>,
    /// The text without the slip.
    pub mended: Option<String>,
}

/// The first slip of a text that core does not read as JSON; `text` is `bytes`, as far as they are UTF-8.
pub fn slip(bytes: &[u8], text: &str) -> Option<Slip> {
    let error = Json::parse(bytes).err()?;
    let start: usize = text.split_inclusive('\n').take(error.line - 1).map(str::len).sum();
    let line = text.get(start..)?.lines().next().unwrap_or_default();
    let at = start + line.char_indices().nth(error.column - 1).map_or(line.len(), |(at, _)| at);
    let here = |at: Range<usize>| Slip { at, hint: None, mended: None };
    if error.fault == Fault::DuplicateKey {
        let mut keys = strings(line).into_iter().map(|string| start + string.start..start + string.end);
        let key = keys.rfind(|string| string.end == at);
        return Some(Slip {
            hint: Some("Keep one of the two: which one would count is anyone's guess"),
            ..here(key.unwrap_or(at..at))
        });
    }
    if error.fault != Fault::Syntax {
        return Some(here(at..at));
    }
    if let Some(open) = unclosed(text, at) {
        return Some(Slip { hint: Some("A closing quote is missing"), ..here(open) });
    }
    let rest = text.get(at..)?;
    let before = text.get(..at)?.trim_end();
    let one = at..at + rest.chars().next().map_or(0, char::len_utf8);
    if rest.starts_with(['}', ']']) && before.ends_with(',') {
        let comma = before.len() - 1..before.len();
        let mut mended = text.to_string();
        mended.replace_range(comma.clone(), "");
        let mended = Outline::of(&mended).map(|_| mended);
        return Some(Slip { at: comma, hint: Some("No comma stands after the last one"), mended });
    }
    if rest.starts_with('\'') {
        return Some(Slip { hint: Some("JSON has double quotes only"), ..here(one) });
    }
    if rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#') {
        return Some(Slip { hint: Some("JSON has no comments"), ..here(one) });
    }
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    let spot = if word > 0 { at..at + word } else { one };
    let meant = match rest.get(..word)? {
        "True" => Some(("true", "JSON writes true")),
        "False" => Some(("false", "JSON writes false")),
        "None" | "nil" | "NULL" | "Null" | "undefined" => Some(("null", "JSON writes null")),
        _ => None,
    };
    Some(match meant {
        Some((word, hint)) => {
            let mut mended = text.to_string();
            mended.replace_range(spot.clone(), word);
            Slip { hint: Some(hint), mended: Outline::of(&mended).map(|_| mended), ..here(spot) }
        }
        None => here(spot),
    })
}

/// A string that begins before `at`, on its line or the one before, and is not closed on its line.
fn unclosed(text: &str, at: usize) -> Option<Range<usize>> {
    // The reader notices at the line break, or after it, or at the end.
    let end = if text.get(..at)?.ends_with('\n') { at - 1 } else { at };
    let start = text.get(..end)?.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text.get(start..)?.lines().next()?;
    let last = strings(line).pop()?;
    let open = last.end == line.len() && !closed(line.get(last.clone())?);
    (open && end >= start + line.len()).then_some(start + last.start..start + last.end)
}

fn closed(string: &str) -> bool {
    let Some(inside) = string.strip_suffix('"').filter(|inside| !inside.is_empty()) else { return false };
    inside.len() - inside.trim_end_matches('\\').len() % 2 == inside.len()
}

/// The strings of a line, quotes included; the last one may not be closed.
fn strings(line: &str) -> Vec<Range<usize>> {
    let mut strings = Vec::new();
    let mut open = None;
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match (open, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(start), '"') => {
                strings.push(start..at + 1);
                open = None;
            }
            (None, '"') => open = Some(at),
            _ => {}
        }
    }
    strings.extend(open.map(|start| start..line.len()));
    strings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, marked: &str, hint: Option<&str>) {
        let slip = slip(text.as_bytes(), text).unwrap();
        assert_eq!((&text[slip.at], slip.hint), (marked, hint), "{text}");
    }

    #[test]
    fn the_slips_that_people_make_are_known() {
        check("{\"a\": \"b,\n\"c\": 1}", "\"b,", Some("A closing quote is missing"));
        check("{\"a\": \"b", "\"b", Some("A closing quote is missing"));
        check("{\"a\": 1,\n}", ",", Some("No comma stands after the last one"));
        check("[1, ]", ",", Some("No comma stands after the last one"));
        check("{'a': 1}", "'", Some("JSON has double quotes only"));
        check("{\"a\": True}", "True", Some("JSON writes true"));
        check("{\"a\": 1} // x", "/", Some("JSON has no comments"));
        check("{\"a\": 1, \"a\": 2}", "\"a\"", Some("Keep one of the two: which one would count is anyone's guess"));
        check("{\"a\" 1}", "1", None);
        check("{a: 1}", "a", None);
        check("", "", None);
    }

    #[test]
    fn a_slip_with_one_repair_is_repaired() {
        assert_eq!(slip(b"[1, ]", "[1, ]").unwrap().mended.as_deref(), Some("[1 ]"));
        assert_eq!(slip(b"[None]", "[None]").unwrap().mended.as_deref(), Some("[null]"));
        assert_eq!(slip(b"[None, None]", "[None, None]").unwrap().mended.as_deref(), Some("[null, None]"));
    }
}
