//! A table's name becomes the names of its key attributes, the partition key first, where a policy names them.
//!
//! Who asks only says more, or refuses more, than it would without an answer.

use alloc::string::String;
use alloc::vec::Vec;

/// The names of the table's key attributes, if they are among `keys`.
pub(crate) fn of<'k>(keys: &'k [(String, Vec<String>)], table: &str) -> Option<&'k [String]> {
    if cfg!(feature = "anyone") {
        return None;
    }
    keys.iter().find(|(known, _)| known == table).map(|(_, names)| names.as_slice())
}
