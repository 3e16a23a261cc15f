//! Strings are read some bytes at a time: wherever a special character stands, they are read and written as if byte by byte.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use gateleg_core::json::{Json, write_string};

/// The string that `text` is read as, between quotes and with more after it.
#[track_caller]
fn check(text: &str, expected: Option<&str>) {
    for before in ["", "1, "] {
        let document = format!("[{before}\"{text}\", \"\u{e9}\\n\", true]");
        let json = Json::parse(document.as_bytes());
        let read = json.as_ref().ok().map(|json| match json {
            Json::Array(items) => items[items.len() - 3].as_str().unwrap(),
            other => panic!("{other:?}"),
        });
        assert_eq!(read, expected, "{document}");
    }
}

#[test]
fn a_special_character_is_seen_wherever_it_stands() {
    for fill in ["a", " ", "\u{7f}", "\u{e9}", "\u{1F600}", "#", "["] {
        for length in 0..80 {
            let plain = fill.repeat(length);
            check(&plain, Some(&plain));
            check(&format!("{plain}\\\"{plain}"), Some(&format!("{plain}\"{plain}")));
            check(&format!("{plain}\\u00e9{plain}"), Some(&format!("{plain}\u{e9}{plain}")));
            for control in ["\n", "\u{1f}", "\0"] {
                check(&format!("{plain}{control}{plain}"), None);
            }
        }
    }
}

#[test]
fn what_is_written_is_read_back() {
    for special in ["\"", "\\", "\n", "\u{1f}", "\0", "\u{e9}", ""] {
        for length in 0..80 {
            let text = format!("{}{special}{}", "x".repeat(length), "\u{e9}".repeat(length % 7));
            let mut written = String::new();
            write_string(&mut written, &text);
            assert_eq!(Json::parse(written.as_bytes()).unwrap().as_str(), Some(text.as_str()), "{written}");
        }
    }
}

#[test]
fn numbers_are_read_as_the_grammar_says() {
    for text in ["0", "-0", "10", "1.5", "-1.25e+10", "1E5", "1e-7", "123456789012345678901234567890.5"] {
        assert_eq!(Json::parse(text.as_bytes()), Ok(Json::Number(text.into())), "{text}");
    }
    for text in ["01", "-", "1.", ".5", "1e", "1e+", "+1", "1.e5", "--1", "1_0", "0x1"] {
        assert!(Json::parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn a_string_that_is_not_utf_8_is_refused_at_its_place() {
    let error = Json::parse(b"{\"a\": \"x\xff\"}").unwrap_err();
    assert_eq!(error.message, "a string is not UTF-8");
}
