//! Turns the benches of the workspace into the tables they print.

use crate::run::{self, Result};

/// Packages and their benches, in the order of the tables.
const BENCHES: [(&str, &str, &str); 2] = [("core", "gateleg-core", "plan"), ("host", "gateleg", "sandbox")];

/// Runs every bench there is; `args` go to each.
pub fn bench(args: &[String]) -> Result {
    let mut ran = 0;
    for (folder, package, name) in BENCHES {
        if !run::root().join(folder).join("benches").join(format!("{name}.rs")).is_file() {
            continue;
        }
        run::say(&format!("{package}: {name}"));
        run::shown(run::cargo(["bench", "--package", package, "--bench", name, "--"]).args(args))?;
        ran += 1;
    }
    if ran == 0 { Err("expected benches, but found none".into()) } else { Ok(()) }
}
