//! Turns the workspace into what is shipped: `dist/gateleg`, `dist/lambda/bootstrap` and the zip of it that Lambda takes,
//! `dist/planner.wasm`, `dist/playground/` and `dist/sbom/`, which says what they are made of. How the function is built is in
//! [`crate::function`].

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::function::{self, System};
use crate::means;
use crate::page;
use crate::run::{self, Result};
use crate::sbom;
use crate::wasm;

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    /// Lambda's system that bootstrap is built for; without one, this machine's.
    system: Option<System>,
    only_lambda: bool,
    /// A policy file for the function's zip.
    policy: Option<PathBuf>,
}

impl Wanted {
    fn parse(args: &[String]) -> Result<Wanted> {
        let mut wanted = Wanted::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let system = match arg.as_str() {
                "--arm64" => System::Arm64,
                "--x86-64" => System::X86_64,
                "--only" => match args.next().map(String::as_str) {
                    Some("lambda") => {
                        wanted.only_lambda = true;
                        continue;
                    }
                    other => {
                        return Err(format!(
                            "expected --only lambda, but found --only {}",
                            other.unwrap_or("and nothing")
                        )
                        .into());
                    }
                },
                "--policy" => {
                    let file = args.next().ok_or("expected a policy file behind --policy, but found nothing")?;
                    wanted.policy = Some(PathBuf::from(file));
                    continue;
                }
                other => {
                    let expected = "--arm64, --x86-64, --only lambda or --policy FILE";
                    return Err(format!("expected {expected}, but found {other:?}").into());
                }
            };
            if wanted.system.replace(system).is_some_and(|before| before != system) {
                return Err("expected --arm64 or --x86-64, but found both".into());
            }
        }
        Ok(wanted)
    }
}

/// Builds everything for release, or the function alone, and prints what it weighs.
pub fn dist(args: &[String]) -> Result {
    let wanted = Wanted::parse(args)?;
    if wanted.only_lambda {
        lambda(&wanted)?;
        heading();
        return weigh_lambda();
    }
    let dist = run::root().join("dist");
    fs::create_dir_all(&dist)?;

    run::say("playground");
    means::node().map_err(|missing| format!("the page needs {}: {}", missing.what, missing.remedy))?;
    wasm::optimise()?;
    page::build()?;
    let page = dist.join("playground");
    if page.exists() {
        fs::remove_dir_all(&page)?;
    }
    copy_folder(&page::built(), &page, &[])?;

    run::say("host, first pass: link-time optimisation takes minutes");
    let host = run::binary("release", "gateleg");
    run::shown(&mut host_build())?;
    // The host compiles its own guest, so that compiler and runtime are one version by construction.
    let compiled = run::target().join("xtask/planner.cwasm");
    fs::create_dir_all(run::target().join("xtask"))?;
    run::shown(Command::new(&host).arg("precompile").arg(&compiled))?;
    run::say("host, second pass: with its guest compiled in");
    run::shown(host_build().env("GATELEG_PLANNER_CWASM", &compiled))?;
    copy(&host, &dist.join("gateleg"))?;
    copy(&component()?, &dist.join("planner.wasm"))?;

    lambda(&wanted)?;

    sbom::sbom(wanted.system.map(System::triple))?;

    heading();
    weigh("gateleg", &[dist.join("gateleg")])?;
    weigh_lambda()?;
    weigh("planner.wasm", &[dist.join("planner.wasm")])?;
    let mut files = Vec::new();
    files_under(&page, &mut files)?;
    weigh("playground/", &files)
}

fn lambda(wanted: &Wanted) -> Result {
    run::say("lambda");
    // Before minutes are spent.
    let policy = wanted.policy.as_deref().map(function::policy).transpose()?;
    let folder = run::root().join("dist/lambda");
    fs::create_dir_all(&folder)?;
    let bootstrap = folder.join("bootstrap");
    copy(&function::build(wanted.system)?, &bootstrap)?;
    function::pack(&fs::read(&bootstrap)?, policy.as_deref(), &folder.join("bootstrap.zip"))
}

fn weigh_lambda() -> Result {
    ["lambda/bootstrap", "lambda/bootstrap.zip"]
        .iter()
        .try_for_each(|name| weigh(name, &[run::root().join("dist").join(name)]))
}

fn heading() {
    println!("\n{:>10} {:>10}", "bytes", "gzip");
}

fn host_build() -> Command {
    run::cargo(["build", "--release", "--package", "gateleg", "--bin", "gateleg"])
}

/// The guest, which the host's build script leaves in its output folder; the newest is the one just embedded.
fn component() -> Result<PathBuf> {
    let build = run::target().join("release/build");
    let mut found = Vec::new();
    for entry in fs::read_dir(&build)? {
        let file = entry?.path().join("out/planner.wasm");
        if let Ok(changed) = fs::metadata(&file).and_then(|metadata| metadata.modified()) {
            found.push((changed, file));
        }
    }
    let newest = found.into_iter().max().map(|(_, file)| file);
    newest.ok_or_else(|| {
        format!("expected the host's build script to leave out/planner.wasm under {}", build.display()).into()
    })
}

fn weigh(name: &str, files: &[PathBuf]) -> Result {
    let mut bytes = 0;
    let mut packed = Some(0);
    for file in files {
        bytes += fs::metadata(file)?.len();
        packed = packed.zip(gzipped(file)).map(|(sum, more)| sum + more);
    }
    let packed = packed.map_or_else(|| "no gzip".to_string(), |packed: usize| packed.to_string());
    println!("{bytes:>10} {packed:>10}  dist/{name}");
    Ok(())
}

fn gzipped(file: &Path) -> Option<usize> {
    let output = Command::new("gzip").args(["-9", "--stdout"]).arg(file).stderr(Stdio::null()).output().ok()?;
    output.status.success().then_some(output.stdout.len())
}

fn copy(from: &Path, to: &Path) -> Result {
    // A running program cannot be written over, but its name can be taken from it.
    if to.exists() {
        fs::remove_file(to)?;
    }
    fs::copy(from, to).map_err(|error| format!("could not copy {} to {}: {error}", from.display(), to.display()))?;
    Ok(())
}

/// Copies a folder, but for folders in it of those names.
pub fn copy_folder(from: &Path, to: &Path, but: &[&str]) -> Result {
    let mut files = Vec::new();
    files_under(from, &mut files)?;
    for file in files {
        let inner = file.strip_prefix(from)?;
        if but.iter().any(|name| inner.starts_with(name)) {
            continue;
        }
        let place = to.join(inner);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        copy(&file, &place)?;
    }
    Ok(())
}

fn files_under(folder: &Path, files: &mut Vec<PathBuf>) -> Result {
    for entry in fs::read_dir(folder).map_err(|error| format!("could not read {}: {error}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files_under(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read() {
        let arm64 = Some(System::Arm64);
        for (line, expected) in [
            ("", Ok(Wanted::default())),
            ("--arm64", Ok(Wanted { system: arm64, ..Wanted::default() })),
            ("--only lambda --x86-64", Ok(Wanted { system: Some(System::X86_64), only_lambda: true, policy: None })),
            (
                "--arm64 --policy a.toml --only lambda",
                Ok(Wanted { system: arm64, only_lambda: true, policy: Some("a.toml".into()) }),
            ),
            ("--arm64 --x86-64", Err("expected --arm64 or --x86-64, but found both")),
            ("--only host", Err("expected --only lambda, but found --only host")),
            ("--only", Err("expected --only lambda, but found --only and nothing")),
            ("--policy", Err("expected a policy file behind --policy, but found nothing")),
            ("--arm", Err("expected --arm64, --x86-64, --only lambda or --policy FILE, but found \"--arm\"")),
        ] {
            let args: Vec<String> = line.split_whitespace().map(String::from).collect();
            let found = Wanted::parse(&args).map_err(|fault| fault.to_string());
            assert_eq!(found, expected.map_err(String::from), "{line}");
        }
    }
}
