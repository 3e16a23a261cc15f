//! Texts become one text, with something between them or nothing.
//!
//! What the library has for it is compiled anew for each length of what stands between, and half a kilobyte of WebAssembly each time.

use alloc::string::String;

/// Texts that can be put together.
pub(crate) trait Join {
    /// All of them, with `between` between each two.
    fn joined(&self, between: &str) -> String;

    /// All of them, one after the other.
    fn together(&self) -> String {
        self.joined("")
    }
}

impl<T: AsRef<str>> Join for [T] {
    fn joined(&self, between: &str) -> String {
        let mut out = String::new();
        for (index, text) in self.iter().enumerate() {
            if index > 0 {
                out.push_str(between);
            }
            out.push_str(text.as_ref());
        }
        out
    }
}
