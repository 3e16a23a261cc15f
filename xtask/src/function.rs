//! Turns the package `gateleg-lambda` into `bootstrap`, for this machine or for Lambda's, and `bootstrap` into the zip that Lambda
//! takes. The same sources give the same bytes: no path of the machine that builds is in the program, and no time in the zip.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::means::{self, Missing};
use crate::run::{self, Result};
use crate::wasm;

/// The profile in Cargo.toml that the function is released in.
const PROFILE: &str = "function";

/// The most that the zip may weigh: the project's own limit, since what is fetched is part of every cold start.
const MOST: u64 = 5 << 20;

/// The policy's name in the zip, where the function looks for it.
const POLICY: &str = "gateleg.toml";

/// A kind of machine that Lambda has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    Arm64,
    X86_64,
}

impl System {
    pub fn triple(self) -> &'static str {
        match self {
            System::Arm64 => "aarch64-unknown-linux-gnu",
            System::X86_64 => "x86_64-unknown-linux-gnu",
        }
    }

    /// cargo-lambda's name for it.
    fn flag(self) -> &'static str {
        match self {
            System::Arm64 => "--arm64",
            System::X86_64 => "--x86-64",
        }
    }

    /// The oldest processor that Lambda runs it on.
    fn processor(self) -> &'static str {
        match self {
            System::Arm64 => "neoverse-n1",
            System::X86_64 => "haswell",
        }
    }
}

/// The function's program, by itself: cargo unifies features across one build, and SQLite has no business in a Lambda.
pub fn build(system: Option<System>) -> Result<PathBuf> {
    let package = ["--profile", PROFILE, "--package", "gateleg-lambda", "--bin", "bootstrap"];
    let Some(system) = system else {
        run::shown(run::cargo(["build"]).args(package))?;
        return Ok(run::binary(PROFILE, "bootstrap"));
    };
    wasm::install_target(system.triple())?;
    let bin = tools()?.map_err(|missing| format!("the function needs {}: {}", missing.what, missing.remedy))?;
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(std::iter::once(bin.clone()).chain(env::split_paths(&path)))?;
    // Its own optimisations would make every panic the end of the function: ours are in Cargo.toml.
    let args = ["lambda", "build", system.flag(), "--disable-optimizations", "--locked"];
    let mut command = run::program(&bin.join("cargo-lambda").to_string_lossy(), run::root(), args);
    command.args(package).env("PATH", path).env("CARGO_ENCODED_RUSTFLAGS", flags(system)?);
    run::shown(&mut command)?;
    Ok(run::target().join("lambda/bootstrap/bootstrap"))
}

/// The compiler's flags, as cargo joins them.
fn flags(system: System) -> Result<OsString> {
    let sysroot = run::answer(&mut run::program("rustc", run::root(), ["--print", "sysroot"]))
        .ok_or("expected `rustc --print sysroot` to say where Rust is")?;
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo"))).unwrap_or_default();
    let mut flags = OsString::from(format!("-Ctarget-cpu={}", system.processor()));
    // Of several that fit, the last holds: the target folder may lie in the checkout.
    for (from, to) in [
        (home.join("registry/src"), "/crates"),
        (PathBuf::from(sysroot), "/rust"),
        (run::root().to_path_buf(), "/gateleg"),
        (run::target(), "/target"),
    ] {
        flags.push("\u{1f}--remap-path-prefix=");
        flags.push(from);
        flags.push("=");
        flags.push(to);
    }
    Ok(flags)
}

/// The folder of the programs that build for Lambda: cargo-lambda, with zig as the C compiler and linker.
pub fn tools() -> Result<std::result::Result<PathBuf, Missing>> {
    let python = means::python(&run::root().join("xtask/function/requirements.txt"), (3, 9))?;
    Ok(python.map(|python| python.with_file_name("")))
}

/// The text of a policy for the zip.
pub fn policy(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|error| format!("the policy {} cannot be read: {error}", file.display()).into())
}

/// Writes the zip: `bootstrap`, which Lambda must be able to start, and beside it the policy, if there is one.
pub fn pack(bootstrap: &[u8], policy: Option<&str>, zip: &Path) -> Result {
    let mut writer = ZipWriter::new(File::create(zip)?);
    let options = |mode| {
        SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(9))
            .last_modified_time(DateTime::default())
            .unix_permissions(mode)
    };
    writer.start_file("bootstrap", options(0o755))?;
    writer.write_all(bootstrap)?;
    if let Some(policy) = policy {
        writer.start_file(POLICY, options(0o644))?;
        writer.write_all(policy.as_bytes())?;
    }
    let bytes = writer.finish()?.metadata()?.len();
    if bytes > MOST {
        return Err(format!("expected {} to be at most {MOST} bytes, but found {bytes}", zip.display()).into());
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_zip_says_what_was_packed_and_not_when() {
        let folder = run::target().join("xtask");
        fs::create_dir_all(&folder).unwrap();
        let (one, two) = (folder.join("one.zip"), folder.join("two.zip"));
        pack(b"a program", Some("[routes]"), &one).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2100));
        pack(b"a program", Some("[routes]"), &two).unwrap();
        assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap(), "two seconds are what a zip tells apart");
        let mut archive = zip::ZipArchive::new(File::open(&one).unwrap()).unwrap();
        for (name, mode, expected) in [("bootstrap", 0o100_755, "a program"), (POLICY, 0o100_644, "[routes]")] {
            let mut entry = archive.by_name(name).unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            assert_eq!((entry.unix_mode(), text.as_str()), (Some(mode), expected), "{name}");
        }
        pack(b"another", None, &two).unwrap();
        assert_eq!(zip::ZipArchive::new(File::open(&two).unwrap()).unwrap().len(), 1);
    }

    #[test]
    fn what_is_too_large_is_refused() {
        fs::create_dir_all(run::target().join("xtask")).unwrap();
        let zip = run::target().join("xtask/large.zip");
        // What a generator of numbers makes cannot be packed.
        let mut state = 1u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        })
        .take(6 << 20)
        .collect();
        let fault = pack(&noise, None, &zip).unwrap_err().to_string();
        assert!(fault.contains("at most 5242880 bytes"), "{fault}");
        fs::remove_file(&zip).unwrap();
    }
}
