//! Turns a command line into a child process, shown or kept quiet, and its end into a result; knows where the project's folders are.

use std::env;
use std::error::Error;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Instant;

/// What a step of the build comes to; the error is a sentence for the person at the keyboard.
pub type Result<T = ()> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The root of the checkout.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        // `cargo run` sets the variable; the built-in value serves a binary started by hand.
        let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let manifest = PathBuf::from(manifest);
        manifest.parent().map_or(manifest.clone(), Path::to_path_buf)
    })
}

/// Cargo's target folder: the one that this very binary lies in, which cargo marks with CACHEDIR.TAG.
pub fn target() -> PathBuf {
    let marked = env::current_exe()
        .ok()
        .and_then(|exe| exe.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file()).map(Path::to_path_buf));
    marked.unwrap_or_else(|| env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from))
}

/// A program of this workspace, where cargo puts it.
pub fn binary(profile: &str, name: &str) -> PathBuf {
    target().join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// `cargo` in the root, with these arguments.
pub fn cargo<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(args);
    // What `cargo run` says about xtask is not true of the packages built next.
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PKG_")) {
        command.env_remove(name);
    }
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
    command
}

/// A program found on the PATH, started in `folder`.
pub fn program<S: AsRef<OsStr>>(name: &str, folder: &Path, args: impl IntoIterator<Item = S>) -> Command {
    // npm is a batch file on Windows, which must be named in full.
    let name = if cfg!(windows) && name == "npm" { "npm.cmd" } else { name };
    let mut command = Command::new(name);
    command.current_dir(folder).args(args);
    command
}

/// Runs it with its output shown as it comes.
pub fn shown(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| format!("could not start `{}`: {error}", line(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", line(command)).into()) }
}

/// Runs it with its output in a log file, whose end is part of the error if it fails.
pub fn quiet(name: &str, command: &mut Command) -> Result {
    let folder = target().join("xtask");
    fs::create_dir_all(&folder)?;
    let log = folder.join(format!("{name}.log"));
    let file = File::create(&log)?;
    let status = command
        .stdin(Stdio::null())
        .stderr(file.try_clone()?)
        .stdout(file)
        .status()
        .map_err(|error| format!("could not start `{}`: {error}", line(command)))?;
    if status.success() {
        return Ok(());
    }
    let text = fs::read(&log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let tail = lines.get(lines.len().saturating_sub(25)..).unwrap_or_default().join("\n");
    Err(format!("`{}` failed ({status}); its output ends with:\n{tail}\n(all of it: {})", line(command), log.display())
        .into())
}

/// Its standard output, trimmed, if it could be started and succeeded.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_string())
}

/// The command as a person would type it.
pub fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Says what is being done, with the seconds since the start.
pub fn say(text: &str) {
    static START: OnceLock<Instant> = OnceLock::new();
    let seconds = START.get_or_init(Instant::now).elapsed().as_secs();
    eprintln!("[{seconds:>4}s] {text}");
}
