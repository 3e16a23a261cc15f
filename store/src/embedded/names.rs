//! Table names as DynamoDB has them become names that are safe inside the store's SQLite file, and back.
//!
//! The engine uses a table's name as the name of an SQLite table, and SQLite's names ignore case and share one space with the
//! engine's own tables (`_tables`, `_config`), SQLite's (`sqlite_*`) and its functions (`pragma_*`). So what is stored is `.`
//! followed by the name, with each capital as `.` and its small letter and each `.` doubled:
//!
//! ```text
//! orders -> .orders    Orders -> ..orders    a.b -> .a..b    _tables -> ._tables
//! ```
//!
//! Nothing else begins with `.`, and no two names come out the same, whatever the case. A name whose stored form would pass
//! 255 characters (it has more than 127, many of them capitals or dots) is stored as `..` and a number instead, and the name
//! itself is kept as a tag of the table. Tables that another program made in the file keep their own names.

/// The longest name the engine takes.
const MAX_STORED: usize = 255;

/// Stands for a long name that no table has; numbers are given out from 1.
const NO_SUCH_TABLE: &str = "..0";

/// The tag under which a numbered table keeps its name.
pub(super) const NAME_TAG: &str = "gateleg:name";

/// Which name is stored how.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Tables whose stored name does not follow from the name: the name, then as it is stored.
    irregular: Vec<(String, String)>,
}

impl Names {
    /// A table that was found; `tag` is what [`NAME_TAG`] says.
    ///
    /// Returns the table's name, or `None` if it has none: numbered, but not yet given its tag.
    pub(super) fn found(&mut self, stored: &str, tag: Option<String>) -> Option<String> {
        if let Some(name) = decode(stored) {
            return Some(name);
        }
        let name = if is_numbered(stored) { tag? } else { stored.to_string() };
        self.irregular.push((name.clone(), stored.to_string()));
        Some(name)
    }

    /// How a table of that name is stored, whether there is one or not.
    pub(super) fn stored(&self, name: &str) -> String {
        match self.irregular.iter().find(|(known, _)| known == name) {
            Some((_, stored)) => stored.clone(),
            None => encode(name).unwrap_or_else(|| NO_SUCH_TABLE.into()),
        }
    }

    /// The name of a stored table.
    pub(super) fn name(&self, stored: &str) -> Option<String> {
        match self.irregular.iter().find(|(_, known)| known == stored) {
            Some((name, _)) => Some(name.clone()),
            None => decode(stored),
        }
    }

    /// How a new table of that name is to be stored; with `true` if it needs a tag to be found again.
    pub(super) fn allot(&self, name: &str) -> (String, bool) {
        if let Some(stored) = encode(name) {
            return (stored, false);
        }
        let taken = |stored: &String| self.irregular.iter().any(|(_, known)| known == stored);
        let free = (1_u32..).map(|number| format!("..{number}")).find(|stored| !taken(stored));
        (free.unwrap_or_default(), true)
    }

    /// The table was deleted.
    pub(super) fn forget(&mut self, stored: &str) {
        self.irregular.retain(|(_, known)| known != stored);
    }
}

/// `None` if it would be too long.
fn encode(name: &str) -> Option<String> {
    let mut stored = String::with_capacity(name.len() + 8);
    stored.push('.');
    for c in name.chars() {
        if c.is_ascii_uppercase() || c == '.' {
            stored.push('.');
        }
        stored.push(c.to_ascii_lowercase());
    }
    (stored.len() <= MAX_STORED).then_some(stored)
}

/// `None` if it is not what [`encode`] returns.
fn decode(stored: &str) -> Option<String> {
    let mut name = String::with_capacity(stored.len());
    let mut chars = stored.strip_prefix('.')?.chars();
    while let Some(c) = chars.next() {
        match c {
            '.' => match chars.next()? {
                '.' => name.push('.'),
                c if c.is_ascii_lowercase() => name.push(c.to_ascii_uppercase()),
                _ => return None,
            },
            c if c.is_ascii_uppercase() => return None,
            c => name.push(c),
        }
    }
    Some(name)
}

fn is_numbered(stored: &str) -> bool {
    stored.strip_prefix("..").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Every string of up to four of the characters that matter.
    fn short_names() -> Vec<String> {
        let mut names = vec![String::new()];
        let mut from = 0;
        for _ in 0..4 {
            let until = names.len();
            for at in from..until {
                for c in "aAzZ.1_-".chars() {
                    names.push(format!("{}{c}", names[at]));
                }
            }
            from = until;
        }
        names
    }

    #[test]
    fn stored_names_differ_by_more_than_case_and_decode_to_what_they_were() {
        let names = short_names();
        let mut seen = HashSet::new();
        for name in &names {
            let stored = encode(name).unwrap();
            assert_eq!(decode(&stored).as_ref(), Some(name), "{stored}");
            assert!(seen.insert(stored.to_ascii_lowercase()), "{name} is stored as {stored}, like another");
            assert!(!is_numbered(&stored), "{stored}");
        }
    }

    #[test]
    fn decode_refuses_what_encode_never_returns() {
        for stored in ["", "orders", ".Orders", "._tables.", "..1", "..0", ".a.1", ".a._"] {
            assert_eq!(decode(stored), None, "{stored}");
        }
    }

    #[test]
    fn names_too_long_to_encode_get_numbers_that_are_reused_only_when_free() {
        let mut names = Names::default();
        let long = |c: char| c.to_string().repeat(255);
        assert_eq!(names.stored(&long('A')), NO_SUCH_TABLE);
        assert_eq!(names.allot(&long('A')), ("..1".to_string(), true));
        assert_eq!(names.found("..1", Some(long('A'))), Some(long('A')));
        assert_eq!(names.allot(&long('B')), ("..2".to_string(), true));
        assert_eq!(names.found("..2", Some(long('B'))), Some(long('B')));
        assert_eq!(names.stored(&long('A')), "..1");
        assert_eq!(names.name("..2"), Some(long('B')));
        assert_eq!(names.found("..3", None), None);
        names.forget("..1");
        assert_eq!(names.stored(&long('A')), NO_SUCH_TABLE);
        assert_eq!(names.allot(&long('C')).0, "..1");
        assert_eq!(encode(&long('a')), None);
        assert_eq!(encode(&"a".repeat(254)).map(|stored| stored.len()), Some(255));
    }

    #[test]
    fn tables_of_other_programs_keep_their_names() {
        let mut names = Names::default();
        assert_eq!(names.found("Orders", None), Some("Orders".to_string()));
        assert_eq!(names.stored("Orders"), "Orders");
        assert_eq!(names.name("Orders"), Some("Orders".to_string()));
        assert_eq!(names.stored("orders"), ".orders");
    }
}
