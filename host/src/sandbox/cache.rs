//! Compiled code is kept in a folder of the user's, so that a component that was compiled once is not compiled again.
//!
//! A file is named by the digest of the component and of all that decides how it is compiled: wasmtime's version, its settings, this
//! kind of processor. Machine code is run as it is, so none is read that somebody else could have written: the folder and the file
//! have to be this user's and nobody else's, and the file begins with the digest of what follows. Otherwise the component is compiled
//! as if there were no file. Wasmtime's own cache checks neither.

use std::fs::{self, File, OpenOptions};
use std::hash::{Hash as _, Hasher};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::{SandboxError, compile};

/// More than anybody uses at once; the oldest are removed.
const MOST_FILES: usize = 8;

/// A folder of compiled code.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// In that folder, which is made when it is needed.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Cache { folder: folder.into() }
    }

    /// The component, from its file if there is one to be trusted.
    pub(super) fn component(&self, engine: &Engine, bytes: &[u8]) -> Result<Component, SandboxError> {
        let started = Instant::now();
        let key = key(engine, bytes);
        let path = self.folder.join(format!("{}.code", hex(&key)));
        match self.load(&path, &key, engine) {
            Ok(Some(component)) => {
                let ms = started.elapsed().as_millis();
                tracing::debug!(path = %path.display(), ms, "the planner was compiled before");
                return Ok(component);
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "compiled code is not used; the planner is compiled anew");
            }
        }
        let component = compile(engine, bytes)?;
        let ms = started.elapsed().as_millis();
        match self.keep(&path, &key, &component) {
            Ok(()) => tracing::debug!(path = %path.display(), ms, "the planner was compiled, and its code is kept"),
            Err(error) => {
                tracing::debug!(path = %path.display(), ms, %error, "the planner was compiled; its code is not kept")
            }
        }
        Ok(component)
    }

    fn load(&self, path: &Path, key: &[u8], engine: &Engine) -> io::Result<Option<Component>> {
        if !self.folder.try_exists()? {
            return Ok(None);
        }
        check_owner(&fs::symlink_metadata(&self.folder)?, true, &self.folder)?;
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        // Of the file that is open, not of what has the name by now.
        check_owner(&file.metadata()?, false, path)?;
        let mut kept = Vec::new();
        file.read_to_end(&mut kept)?;
        let damaged = || {
            io::Error::new(ErrorKind::InvalidData, "expected compiled code as it was written, but found other bytes")
        };
        let (digest, code) = kept.split_first_chunk::<32>().ok_or_else(damaged)?;
        if *digest != seal(key, code) {
            return Err(damaged());
        }
        // SAFETY: the folder and the file are this user's alone, and the digest says that the bytes are what `keep` wrote for this
        // component, this version of wasmtime and these settings: what `Component::serialize` gave.
        #[expect(unsafe_code, reason = "machine code that `keep` wrote")]
        let component = unsafe { Component::deserialize(engine, code) };
        component.map(Some).map_err(|error| io::Error::new(ErrorKind::InvalidData, format!("{error:#}")))
    }

    fn keep(&self, path: &Path, key: &[u8], component: &Component) -> io::Result<()> {
        let code = component.serialize().map_err(|error| io::Error::other(format!("{error:#}")))?;
        make_folder(&self.folder)?;
        check_owner(&fs::symlink_metadata(&self.folder)?, true, &self.folder)?;
        // Other processes may be at the same; each writes a file of its own, and the last to finish gives it the name.
        let unique = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.subsec_nanos());
        let new = path.with_extension(format!("{}-{unique}.new", std::process::id()));
        let written = private_file(&new)
            .and_then(|mut file| {
                file.write_all(&seal(key, &code))?;
                file.write_all(&code)
            })
            .and_then(|()| fs::rename(&new, path));
        if written.is_err() {
            // What went wrong before is what is worth telling.
            let _ = fs::remove_file(&new);
        }
        written?;
        self.prune()
    }

    fn prune(&self) -> io::Result<()> {
        let mut files: Vec<(SystemTime, PathBuf)> = fs::read_dir(&self.folder)?
            .filter_map(|entry| {
                let entry = entry.ok()?;
                Some((entry.metadata().and_then(|it| it.modified()).ok()?, entry.path()))
            })
            .collect();
        files.sort_unstable_by(|a, b| b.cmp(a));
        for (_, old) in files.into_iter().skip(MOST_FILES) {
            fs::remove_file(old)?;
        }
        Ok(())
    }
}

/// What the file is named by.
fn key(engine: &Engine, bytes: &[u8]) -> [u8; 32] {
    struct Digesting(Sha256);
    impl Hasher for Digesting {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            // Only the whole digest is asked for.
            0
        }
    }
    let mut settings = Digesting(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut settings);
    let mut key = Sha256::new();
    key.update(settings.0.finalize());
    key.update(Sha256::digest(bytes));
    key.finalize().into()
}

/// The digest that a file begins with: a file that is whole, but of another name, is no better than a damaged one.
fn seal(key: &[u8], code: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(key);
    digest.update(code);
    digest.finalize().into()
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether it is this user's and closed to all others.
#[cfg(unix)]
fn check_owner(metadata: &fs::Metadata, folder: bool, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    let refuse = |found: String| {
        let expected = if folder { "a folder of your own with mode 700" } else { "a file of your own with mode 600" };
        let text = format!("expected {expected}, but {} {found}", path.display());
        Err(io::Error::new(ErrorKind::PermissionDenied, text))
    };
    let user = rustix::process::geteuid().as_raw();
    if metadata.is_dir() != folder || metadata.is_file() == folder {
        return refuse("is something else".into());
    }
    if metadata.uid() != user {
        return refuse(format!("belongs to user {}", metadata.uid()));
    }
    if metadata.mode() & 0o077 != 0 {
        return refuse(format!("has mode {:o}", metadata.mode() & 0o777));
    }
    Ok(())
}

/// Elsewhere, a user's own folder is closed to others by default.
#[cfg(not(unix))]
fn check_owner(_metadata: &fs::Metadata, _folder: bool, _path: &Path) -> io::Result<()> {
    Ok(())
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
