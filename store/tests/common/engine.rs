//! Engines in processes of their own: `gateleg-engine`, and dynalite under Node. Each is stopped when its handle is dropped.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// A running engine.
pub struct Engine {
    process: Child,
    /// Where it answers: `http://127.0.0.1:PORT`.
    pub endpoint: String,
}

impl Engine {
    /// Starts `gateleg-engine`: the one that `GATELEG_ENGINE` names, or one that is built now. Cargo builds it by itself,
    /// because its features must not mix with ours.
    pub fn dynoxide() -> Self {
        static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
        let program = PROGRAM.get_or_init(|| match std::env::var_os("GATELEG_ENGINE") {
            Some(path) => path.into(),
            None => build(),
        });
        Self::start(Command::new(program).arg("--until-stdin-ends"))
    }

    /// Starts dynalite, if Node is here; under `CI=true` it has to be.
    pub fn dynalite() -> Option<Self> {
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dynalite");
        // Once, because tests run side by side and installing twice at a time breaks both.
        static READY: OnceLock<bool> = OnceLock::new();
        let ready = || has_node() && (home.join("node_modules/dynalite").exists() || install(&home));
        if !*READY.get_or_init(ready) {
            let missing = "dynalite is not compared: Node.js 20 or later with npm is needed (https://nodejs.org)";
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{missing}");
            // Not through the test's captured output: what was skipped has to be seen.
            drop(std::io::Write::write_all(&mut std::io::stderr(), format!("SKIPPED: {missing}\n").as_bytes()));
            return None;
        }
        Some(Self::start(Command::new("node").arg("serve.js").current_dir(home)))
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    fn start(command: &mut Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
        let mut line = String::new();
        let stdout = process.stdout.take().expect("its output is piped");
        BufReader::new(stdout).read_line(&mut line).expect("it writes a line");
        let endpoint = line
            .trim()
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("expected `listening on ..` from {command:?}, but found {line:?}"));
        Engine { process, endpoint: endpoint.into() }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--package", "gateleg-engine", "--message-format", "json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "gateleg-engine does not build");
    let messages = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let executable = messages.lines().rev().find_map(|line| line.split_once(r#""executable":""#));
    let (_, rest) = executable.expect("cargo says where the program is");
    rest.split('"').next().expect("the path ends").into()
}

fn has_node() -> bool {
    let status = Command::new("node").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn install(home: &Path) -> bool {
    let status = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error"])
        .current_dir(home)
        .stdout(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}
