//! Turns `lambda/deploy` into a judgement: its template and its Terraform, by their own linters and by `xtask/deploy`. AWS is not
//! asked.

use crate::means::{self, Missing};
use crate::run::{self, Result};
use crate::tally::{self, Tally};

/// Runs the checks, where Python is.
pub fn check() -> Result<std::result::Result<Tally, Missing>> {
    let python = match means::python(&run::root().join("xtask/deploy/requirements.txt"), (3, 10))? {
        Ok(python) => python,
        Err(missing) => return Ok(Err(missing)),
    };
    run::shown(&mut run::cargo(["build", "--quiet", "--package", "gateleg-core", "--example", "iam"]))?;
    let mut runner = run::program(&python.to_string_lossy(), run::root(), ["xtask/deploy/deploy.py"]);
    runner.arg("--iam").arg(run::binary("debug", "examples/iam"));
    tally::tests(&mut runner).map(Ok)
}
