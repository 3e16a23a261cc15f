//! Turns `cargo xtask WORD` into the builds, runs and tests of this project: the only build script a person needs.
//!
//! What a command compiles is cargo's and npm's business; the order, what may be skipped and what is said is decided here.

mod bench;
mod deploy;
mod dist;
mod function;
mod fuzz;
mod handlers;
mod means;
mod page;
mod run;
mod sbom;
mod serve;
mod server;
mod stamp;
mod tally;
mod test;
#[cfg(test)]
mod tidy;
mod wasm;

use std::env;
use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask COMMAND

  serve [ARGS]      set up what is missing, build, and serve API and playground on http://127.0.0.1:8080;
                    ARGS go to `gateleg serve`, see `cargo xtask serve --help`
  test [STEP..]     every test there is, or the steps named; `cargo xtask test --list` names them
  ci                the same tests, where a missing tool is a failure (as is `test` with CI=true)
  dist [--arm64 | --x86-64] [--only lambda] [--policy FILE]
                    release builds: dist/gateleg, dist/lambda/bootstrap and bootstrap.zip, dist/planner.wasm,
                    dist/playground/, and dist/sbom/, what they are made of;
                    --arm64 or --x86-64 builds bootstrap for Lambda's machines, --only lambda that alone,
                    and --policy puts a policy beside it in the zip
  bench [NAME] [ARGS]
                    the benchmark tables, or that of plan, sandbox, throughput, neighbours, scan or lambda;
                    ARGS go to the benches
  fuzz [TARGET..]   fuzz the targets of fuzz/, a minute each; --seconds N for another time
  handlers          the handlers of examples/, as components, into target/handlers/
  sbom              dist/sbom/ alone
  wasm              the planner for browsers, into wasm/playground/src/wasm/
  playground        the web page, into wasm/playground/dist/
  help              this";

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let word = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let result = match word.as_str() {
        "serve" => serve::serve(&rest),
        "test" => test::test(&rest, means::is_ci()),
        "ci" => test::test(&rest, true),
        "dist" => dist::dist(&rest),
        "bench" => bench::bench(&rest),
        "fuzz" => fuzz::fuzz(&rest),
        "handlers" => {
            nothing_more(&rest).and_then(|()| handlers::build().map(|folder| println!("{}", folder.display())))
        }
        "sbom" => nothing_more(&rest).and_then(|()| sbom::sbom(None)),
        "wasm" => nothing_more(&rest).and_then(|()| wasm::page()),
        "playground" => nothing_more(&rest).and_then(|()| page::build()),
        "" | "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(format!("expected a command, but found {other:?}\n\n{HELP}").into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn nothing_more(rest: &[String]) -> run::Result {
    match rest.first() {
        None => Ok(()),
        Some(extra) => Err(format!("this command takes no arguments, but found {extra:?}").into()),
    }
}
