//! Turns the contents of input files into one number, kept beside what was made from them, so that unchanged work is not done again.
//!
//! Contents, not times: a fresh checkout or a branch switched back and forth changes every time and no content.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use crate::run::Result;

/// What the inputs of one piece of work were.
pub struct Stamp {
    file: PathBuf,
    value: String,
}

impl Stamp {
    /// Reads every file under `inputs`, folders in depth, but not what lies under a folder named in `except`.
    pub fn of(file: PathBuf, inputs: &[PathBuf], except: &[&str]) -> Result<Stamp> {
        let mut files = Vec::new();
        for input in inputs {
            collect(input, except, &mut files)
                .map_err(|error| format!("could not read {}: {error}", input.display()))?;
        }
        files.sort();
        let mut hasher = DefaultHasher::new();
        for path in &files {
            let bytes = fs::read(path).map_err(|error| format!("could not read {}: {error}", path.display()))?;
            hasher.write(path.to_string_lossy().as_bytes());
            hasher.write_usize(bytes.len());
            hasher.write(&bytes);
        }
        Ok(Stamp { file, value: format!("{:016x}", hasher.finish()) })
    }

    /// Whether the work was done with these inputs, and `output` is still there.
    pub fn is_fresh(&self, output: &Path) -> bool {
        output.exists() && fs::read_to_string(&self.file).is_ok_and(|kept| kept == self.value)
    }

    /// Remembers that the work is done.
    pub fn keep(&self) -> Result {
        fs::write(&self.file, &self.value)
            .map_err(|error| format!("could not write {}: {error}", self.file.display()).into())
    }
}

fn collect(path: &Path, except: &[&str], files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if !except.iter().any(|name| entry.file_name() == *name) {
            collect(&entry.path(), except, files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot touch its folder has failed")]
mod tests {
    use super::*;

    #[test]
    fn work_is_fresh_until_an_input_changes() {
        let folder = std::env::temp_dir().join(format!("gateleg-stamp-{}", std::process::id()));
        let input = folder.join("in");
        fs::create_dir_all(input.join("skipped")).unwrap();
        fs::write(input.join("a"), "1").unwrap();
        fs::write(input.join("skipped/b"), "1").unwrap();
        let stamp = || Stamp::of(folder.join("stamp"), std::slice::from_ref(&input), &["skipped"]).unwrap();

        assert!(!stamp().is_fresh(&input));
        stamp().keep().unwrap();
        assert!(stamp().is_fresh(&input));
        assert!(!stamp().is_fresh(&folder.join("gone")));
        fs::write(input.join("skipped/b"), "2").unwrap();
        assert!(stamp().is_fresh(&input));
        fs::write(input.join("a"), "2").unwrap();
        assert!(!stamp().is_fresh(&input));
        fs::remove_dir_all(&folder).unwrap();
    }
}
