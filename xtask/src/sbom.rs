//! Turns what is shipped into lists of what it is made of, CycloneDX in JSON: `dist/sbom/gateleg`, `bootstrap`, `planner` and
//! `playground`, each `.cdx.json`.
//!
//! cargo-cyclonedx lists the crates, npm the page's packages. A crate is looked at in a workspace of its own, a copy under the target
//! folder: beside all others it would be said to have what only they need, SQLite in a Lambda for one, and the tool writes
//! its files beside the sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::dist::copy_folder;
use crate::page;
use crate::run::{self, Result};

/// The tool, fetched once.
const VERSION: &str = "0.5.9";

/// A file that is shipped, and the packages it comes from; the last is the one that is described.
struct Shipped {
    name: &'static str,
    packages: &'static [&'static str],
    args: &'static [&'static str],
}

const SHIPPED: &[Shipped] = &[
    Shipped { name: "gateleg", packages: &["core", "store", "host"], args: &[] },
    Shipped { name: "bootstrap", packages: &["core", "store", "lambda"], args: &[] },
    Shipped {
        name: "planner",
        packages: &["core", "wasm"],
        args: &["--features", "guest", "--target", "wasm32-unknown-unknown"],
    },
];

/// Writes all four; `lambda` is the system that bootstrap is built for, if not this one.
pub fn sbom(lambda: Option<&str>) -> Result {
    run::say("bills of materials");
    let tool = tool()?;
    let folder = run::root().join("dist/sbom");
    fs::create_dir_all(&folder)?;
    for shipped in SHIPPED {
        let target = lambda.filter(|_| shipped.name == "bootstrap");
        fs::write(folder.join(format!("{}.cdx.json", shipped.name)), describe(&tool, shipped, target)?)?;
    }
    fs::write(folder.join("playground.cdx.json"), playground()?)?;
    Ok(())
}

fn tool() -> Result<PathBuf> {
    let root = run::target().join("tools");
    let tool = root.join("bin").join(format!("cargo-cyclonedx{}", std::env::consts::EXE_SUFFIX));
    let version = ["cyclonedx", "--version"];
    let is_there = run::answer(&mut run::program(&tool.to_string_lossy(), run::root(), version));
    if is_there.is_none_or(|text| !text.contains(VERSION)) {
        run::say("fetching and building cargo-cyclonedx, once");
        let mut install =
            run::cargo(["install", "cargo-cyclonedx", "--locked", "--force", "--version", VERSION, "--root"]);
        run::quiet("cyclonedx", install.arg(&root)).map_err(|error| {
            format!("the bills of materials need cargo-cyclonedx {VERSION}, which is fetched from crates.io: {error}")
        })?;
    }
    Ok(tool)
}

fn describe(tool: &Path, shipped: &Shipped, target: Option<&str>) -> Result<String> {
    let copy = run::target().join("xtask/sbom").join(shipped.name);
    if copy.exists() {
        fs::remove_dir_all(&copy)?;
    }
    fs::create_dir_all(&copy)?;
    fs::write(copy.join("Cargo.toml"), alone(&fs::read_to_string(run::root().join("Cargo.toml"))?, shipped.packages))?;
    fs::copy(run::root().join("Cargo.lock"), copy.join("Cargo.lock"))?;
    for package in shipped.packages {
        copy_folder(&run::root().join(package), &copy.join(package), &["playground", "target"])?;
    }
    let described = shipped.packages.last().copied().unwrap_or_default();
    let mut command = run::program(&tool.to_string_lossy(), &copy, ["cyclonedx", "--format", "json"]);
    command.args(["--spec-version", "1.5", "--override-filename", "bill", "--manifest-path"]);
    command.arg(copy.join(described).join("Cargo.toml")).args(shipped.args).stdin(Stdio::null());
    run::quiet(&format!("sbom-{}", shipped.name), command.args(target.iter().flat_map(|target| ["--target", target])))?;
    let bill = fs::read_to_string(copy.join(described).join("bill.json"))?;
    // Where it was built is nobody's business.
    Ok(bill.replace(&*copy.to_string_lossy(), ""))
}

/// The workspace's manifest, with those members alone.
fn alone(manifest: &str, packages: &[&str]) -> String {
    let members = packages.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let mut text = String::new();
    for line in manifest.lines().filter(|line| !line.starts_with("default-members")) {
        if line.starts_with("members") {
            text.push_str(&format!("members = [{members}]\n"));
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

fn playground() -> Result<String> {
    let args = ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"];
    let bill = run::answer(&mut run::program("npm", &page::folder(), args));
    bill.ok_or_else(|| "expected `npm sbom` to list the page's packages; it needs npm 10 or newer".into())
}

#[cfg(test)]
mod tests {
    use super::alone;

    #[test]
    fn a_package_stands_in_a_workspace_of_its_own() {
        let manifest = "[workspace]\nmembers = [\"a\", \"b\", \"c\"]\ndefault-members = [\"a\"]\nexclude = [\"d\"]\n";
        assert_eq!(alone(manifest, &["a", "c"]), "[workspace]\nmembers = [\"a\", \"c\"]\nexclude = [\"d\"]\n");
    }
}
