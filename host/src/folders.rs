//! Where a user's own files are: the data folder, and the folder for what can be made again.

use std::path::PathBuf;

use crate::failure::Failure;

/// `$XDG_DATA_HOME/gateleg`, or what stands in for it.
///
/// # Errors
/// When there is none.
pub fn data() -> Result<PathBuf, Failure> {
    let folder = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        variable("XDG_DATA_HOME").or_else(|| variable("HOME").map(|home| home.join(".local/share")))
    };
    match folder {
        Some(folder) => Ok(folder.join("gateleg")),
        None => Err(Failure::new("there is no data folder: neither XDG_DATA_HOME nor HOME is set")
            .hint("Say where the data is to be: --data PATH")),
    }
}

/// `$XDG_CACHE_HOME/gateleg`, or what stands in for it, if anything does.
pub fn cache() -> Option<PathBuf> {
    let folder = if cfg!(windows) {
        variable("LOCALAPPDATA").map(|folder| folder.join("cache"))
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library/Caches"))
    } else {
        variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")))
    };
    folder.map(|folder| folder.join("gateleg"))
}

/// A relative path would mean another folder in every working directory.
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}
