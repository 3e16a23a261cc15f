//! Turns the sources into what the compiler cannot say of them: in which files `unsafe` stands, and in which workflows an action
//! that may change under us.

use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{self, Result};

/// Files that may hold `unsafe`, and why. The lint `unsafe_code` refuses it everywhere; each of these says `expect`.
const UNSAFE: &[(&str, &str)] = &[
    ("core/tests/properties.rs", "a test's allocator, which counts"),
    ("host/src/sandbox/cache.rs", "loads compiled code of an owner and a digest that were checked"),
    ("host/src/sandbox/embedded.rs", "loads compiled code that is part of the program"),
    ("wasm/src/arena.rs", "the page's heap"),
    ("wasm/src/browser.rs", "empties it"),
    ("wasm/src/heap.rs", "the guest's heap"),
    ("wasm/src/memory.rs", "the guest's and the page's memory"),
];

/// Folders of what is built, fetched or kept by others.
const NOT_OURS: &[&str] = &[".git", "dist", "node_modules", "target"];

/// The project's files with that ending, by their path from the root.
fn sources(ending: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![run::root().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                if !NOT_OURS.contains(&&*name) {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                files.push(path.strip_prefix(run::root())?.to_path_buf());
            }
        }
    }
    if files.is_empty() {
        Err(format!("expected files that end in {ending}, but found none").into())
    } else {
        Ok(files)
    }
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(run::root().join(file)).map_err(|error| format!("{}: {error}", file.display()).into())
}

/// Whether a line of Rust does what the compiler cannot check. Words in comments, texts and longer names do not.
fn does_what_is_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let word = |at: usize| {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
        let (before, after) = (code.get(..at).unwrap_or_default(), code.get(at + "unsafe".len()..).unwrap_or_default());
        !before.ends_with(is_part) && after.starts_with([' ', '(']) && before.matches('"').count() % 2 == 0
    };
    code.match_indices("unsafe").any(|(at, _)| word(at))
}

/// `uses: owner/action@ref`, where the ref is no commit.
fn unpinned(line: &str) -> Option<&str> {
    let action = line.trim().trim_start_matches("- ").strip_prefix("uses: ")?;
    let (_, version) = action.split_once('@')?;
    let commit = version.split(' ').next().unwrap_or_default();
    let is_pinned = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    (!is_pinned).then_some(action)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn unsafe_stands_where_the_list_says_and_nowhere_else() {
        let mut found = Vec::new();
        for file in sources(".rs").unwrap() {
            if read(&file).unwrap().lines().any(does_what_is_unsafe) {
                found.push(file.to_string_lossy().replace('\\', "/"));
            }
        }
        found.sort();
        let listed: Vec<&str> = UNSAFE.iter().map(|(file, _)| *file).collect();
        assert_eq!(found, listed);
    }

    #[test]
    fn workflows_name_actions_by_commit() {
        let workflows = sources(".yml").unwrap();
        let texts: Vec<String> = workflows.iter().map(|file| read(file).unwrap()).collect();
        let found: Vec<&str> = texts.iter().flat_map(|text| text.lines()).filter_map(unpinned).collect();
        assert!(found.is_empty(), "expected a commit of 40 digits behind @, but found {found:?}");
        assert_eq!(unpinned("      - uses: actions/checkout@v4"), Some("actions/checkout@v4"));
    }

    #[test]
    fn a_line_is_told_by_its_code() {
        for (line, expected) in [
            ("    unsafe { read() }", true),
            ("unsafe impl Sync for Global {}", true),
            ("#[unsafe(no_mangle)]", true),
            ("pub(crate) unsafe fn clear() {", true),
            ("#![expect(unsafe_code, reason = \"\")]", false),
            ("// unsafe is not here", false),
            ("let policy = \"script-src 'unsafe-inline'\";", false),
            ("(\u{22}an unsafe text\u{22}, true)", false),
        ] {
            assert_eq!(does_what_is_unsafe(line), expected, "{line}");
        }
    }
}
