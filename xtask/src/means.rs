//! Turns the machine into what can be done on it: which of Node, Chromium and Python are here, and how to get those that are not.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{self, Result};
use crate::stamp::Stamp;

/// Something this machine lacks, and the way to get it.
#[derive(Clone, Debug)]
pub struct Missing {
    pub what: String,
    pub remedy: String,
}

impl Missing {
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Missing { what: what.into(), remedy: remedy.into() }
    }
}

/// Node's first release that the playground's tools run on.
const NODE: (u32, u32) = (20, 19);

/// Whether a missing tool is a failure.
pub fn is_ci() -> bool {
    env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

/// Node and npm, new enough.
pub fn node() -> std::result::Result<(), Missing> {
    let wanted = format!("{}.{}", NODE.0, NODE.1);
    let remedy = format!(
        "install Node {wanted} or newer with npm: https://nodejs.org, or `apt-get install nodejs npm` where that is new enough"
    );
    let version = run::answer(&mut run::program("node", run::root(), ["--version"]))
        .ok_or_else(|| Missing::new(format!("Node {wanted} or newer, but found none"), remedy.as_str()))?;
    if !version_at_least(&version, NODE) {
        return Err(Missing::new(format!("Node {wanted} or newer, but found {version}"), remedy));
    }
    match run::answer(&mut run::program("npm", run::root(), ["--version"])) {
        Some(_) => Ok(()),
        None => Err(Missing::new("npm, but found Node alone", remedy)),
    }
}

fn version_at_least(version: &str, wanted: (u32, u32)) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => (major, minor) >= wanted,
        _ => false,
    }
}

/// A Chromium or Chrome to drive; `CHROMIUM` names another.
pub fn chromium() -> std::result::Result<PathBuf, Missing> {
    let remedy = "`apt-get install chromium`, or set CHROMIUM to the program of a Chromium or Chrome";
    if let Some(named) = env::var_os("CHROMIUM").map(PathBuf::from) {
        let found = named.is_file();
        return if found { Ok(named) } else { Err(Missing::new(format!("Chromium at {}", named.display()), remedy)) };
    }
    let names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
    let folders: Vec<PathBuf> = env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    let places = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| Missing::new("Chromium or Chrome, but found none", remedy))
}

/// A Python of our own under the target folder, with the packages that `requirements` pins; one for each folder that has some.
///
/// `wanted` is the oldest release that those packages run on.
/// The outer error is a set-up that broke, the inner one a machine without the means.
pub fn python(requirements: &Path, wanted: (u32, u32)) -> Result<std::result::Result<PathBuf, Missing>> {
    let least = format!("Python {}.{} or newer", wanted.0, wanted.1);
    let remedy = format!("install {least} with venv: `apt-get install python3 python3-venv`");
    let Some(version) = run::answer(&mut run::program("python3", run::root(), ["--version"])) else {
        return Ok(Err(Missing::new(format!("{least}, but found none"), remedy)));
    };
    if !version_at_least(version.trim_start_matches("Python "), wanted) {
        return Ok(Err(Missing::new(format!("{least}, but found {version}"), remedy)));
    }
    let user = requirements.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let venv = run::target().join(format!("venv-{user}"));
    let python = venv.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = Stamp::of(venv.join("gateleg.stamp"), &[requirements.to_path_buf()], &[])?;
    if stamp.is_fresh(&python) {
        return Ok(Ok(python));
    }
    run::say(&format!("python: making a virtual environment for {user}, once"));
    if venv.exists() {
        fs::remove_dir_all(&venv)?;
    }
    // Debian splits venv off: Python is there, and this fails.
    if let Err(error) = run::quiet("venv", run::program("python3", run::root(), ["-m", "venv"]).arg(&venv)) {
        return Ok(Err(Missing::new(format!("Python's venv module, but found: {error}"), remedy)));
    }
    let name = python.to_string_lossy();
    let args = ["-m", "pip", "install", "--quiet", "--requirement"];
    run::quiet("pip", run::program(&name, run::root(), args).arg(requirements))?;
    stamp.keep()?;
    Ok(Ok(python))
}

#[cfg(test)]
mod tests {
    use super::version_at_least;

    #[test]
    fn versions_compare_by_number() {
        for (version, expected) in
            [("v20.19.0", true), ("v20.9.1", false), ("v22.0.0", true), ("3.11.7", false), ("nonsense", false)]
        {
            assert_eq!(version_at_least(version, (20, 19)), expected, "{version}");
        }
    }
}
