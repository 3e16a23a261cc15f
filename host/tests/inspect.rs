//! `gateleg inspect`, and that `--planner` says the same: files that are planners, and files that are not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
mod stranger;

use common::{Folder, run, text};
use gateleg::sandbox::{PLANNER, PLANNER_SHA256};
use stranger::Stranger;

/// What is said of those bytes: the exit code, parts of the text, and parts of the JSON.
fn check(name: &str, bytes: &[u8], code: i32, words: &[&str], members: &[&str]) {
    let folder = Folder::new();
    let file = folder.path("it.wasm");
    std::fs::write(&file, bytes).unwrap();
    let mut reason = None;
    for (args, expected) in [(&["inspect", &file][..], words), (&["inspect", "--json", &file], members)] {
        let output = run(args, b"");
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{name}: {out}{err}");
        for part in expected {
            assert!(out.contains(part), "{name}: expected `{part}`, but found\n{out}{err}");
        }
        let found = out.lines().find_map(|line| line.strip_prefix("  loads    no: "));
        reason = reason.or(found.map(String::from));
    }
    // A server says the same, in the same words, and does not start.
    let output = run(&["run", "--data", &folder.path("data.db"), "--planner", &file], br#"{"operation":"ping"}"#);
    let err = text(&output.stderr);
    match reason {
        Some(reason) => assert!(output.status.code() == Some(1) && err.contains(&reason), "{name}: {err}"),
        None => assert!(err.is_empty(), "{name}: {err}"),
    }
}

#[test]
fn the_built_in_planner_loads() {
    let digest = format!("sha256   {PLANNER_SHA256}");
    let size = format!("size     {} bytes", PLANNER.len());
    let words = [
        &size,
        &digest,
        "kind     WebAssembly component",
        "imports  nothing",
        "exports  gateleg:planner/planner@0.1.0",
        "bytes at the start",
        "needs    1 core instance, 1 memory, 1 table of at most ",
        "world    gateleg:planner/guest@0.1.0",
        "loads    yes",
    ];
    let members = [
        r#""kind":"component","imports":[],"exports":["gateleg:planner/planner@0.1.0"],"memoryBytes":"#,
        r#","coreInstances":1,"memories":1,"tables":1,"tableElements":"#,
        r#""world":"gateleg:planner/guest@0.1.0","loads":true}"#,
    ];
    check("ours", PLANNER, 0, &words, &members);
}

#[test]
fn a_strangers_planner_loads() {
    let words = [
        "imports  nothing",
        "memory   131072 bytes at the start",
        "needs    1 core instance, 1 memory, 0 tables, for each request under way",
        "loads    yes",
    ];
    check("a stranger's", &stranger::planner(""), 0, &words, &[r#""loads":true}"#]);
    let words = ["memory   196608 bytes", "needs    2 core instances, 2 memories, 0 tables", "loads    yes"];
    check("of two modules", &Stranger { beside: true, ..Stranger::default() }.component(), 0, &words, &[]);
    // As many as a JavaScript engine has, and some.
    let fields = "(memory 1) (memory 1) (table 30000 funcref) (table 2 funcref)";
    let words = ["1 core instance, 3 memories, 2 tables of at most 30000 elements", "loads    yes"];
    check("of many parts", &Stranger { fields, ..Stranger::default() }.component(), 0, &words, &[]);
}

#[test]
fn everything_that_a_component_imports_is_named() {
    let component = wat::parse_str(
        r#"(component
            (import "wasi:cli/environment@0.2.0" (instance))
            (import "wasi:clocks/wall-clock@0.2.0" (instance))
            (import "log" (func)))"#,
    );
    let names = "wasi:cli/environment@0.2.0, wasi:clocks/wall-clock@0.2.0, log";
    let imports = format!("imports  {names}");
    let loads = format!("loads    no: expected a planner that imports nothing, but this one imports {names}");
    let members = [
        r#""imports":["wasi:cli/environment@0.2.0","wasi:clocks/wall-clock@0.2.0","log"],"exports":[]"#,
        r#""loads":false,"reason":"expected a planner that imports nothing"#,
        r#""hint":"A planner has no files"#,
    ];
    check("imports", &component.unwrap(), 1, &[&imports, &loads, "hint     A planner has no files"], &members);
}

#[test]
fn what_is_no_planner_is_refused_with_what_it_lacks() {
    let planner = stranger::planner("");
    let other = |text: &str| wat::parse_str(text).unwrap();
    let renamed = Stranger::default().text();
    let as_version = |version| other(&renamed.replace("gateleg:planner/planner@0.1.0", version));
    for (name, bytes, words) in [
        ("no file content", Vec::new(), "no: expected a WebAssembly component, but"),
        ("a text", b"not a component".to_vec(), "no: expected a WebAssembly component, but"),
        ("a core module", other("(module)"), "no: expected a WebAssembly component, but this is a core module; make"),
        ("a truncated component", planner[..planner.len() - 10].to_vec(), "no: this component cannot be loaded: "),
        ("half of a component", planner[..planner.len() / 2].to_vec(), "no: this component cannot be loaded: "),
        ("its first bytes alone", planner[..9].to_vec(), "no: this component cannot be loaded: "),
        ("an empty component", other("(component)"), "but it exports nothing instead of gateleg:planner/planner@0.1.0"),
        (
            "another version",
            as_version("gateleg:planner/planner@0.2.0"),
            "but it exports gateleg:planner/planner@0.2.0 instead of gateleg:planner/planner@0.1.0",
        ),
        (
            "an interface without functions",
            other(r#"(component (instance $i) (export "gateleg:planner/planner@0.1.0" (instance $i)))"#),
            "has no function [static]session.open, [method]session.resume, [method]session.expire",
        ),
        (
            "a ticket of another type",
            other(&renamed.replace(r#"(param "ticket" u32)"#, r#"(param "ticket" s32)"#)),
            "its [method]session.resume is of another type",
        ),
        (
            "a planner that traps at the start",
            Stranger { start: "unreachable", ..Stranger::default() }.component(),
            "no: the sandbox cannot be set up: ",
        ),
        (
            "a planner of threads",
            other(&renamed.replace(r#"(memory (export "memory") 2)"#, r#"(memory (export "memory") 2 2 shared)"#)),
            "no: this component cannot be loaded: ",
        ),
        (
            "a planner that starts with a gigabyte",
            other(&renamed.replace(r#"(memory (export "memory") 2)"#, r#"(memory (export "memory") 16384)"#)),
            "no: this component cannot be loaded: expected at most 268435456 bytes of memory at the start, but found 1073741824",
        ),
        (
            "a planner of a thousand parts",
            other(&parts(3)),
            "no: this component cannot be loaded: expected at most 200 core instances, but found 1000",
        ),
        (
            "a planner of more parts than can be counted",
            other(&parts(30)),
            "no: this component cannot be loaded: expected at most 200 core instances, but found 4294967295",
        ),
        (
            "a component that instantiates what it is handed",
            other(r#"(component (import "m" (core module $m)) (core instance (instantiate $m)))"#),
            "no: this component cannot be loaded: it instantiates a module or a component that it is handed",
        ),
    ] {
        check(name, &bytes, 1, &[words], &[r#""loads":false,"reason":""#]);
    }
}

/// Components within components: ten of the one before, and so ten to that power of the module.
fn parts(power: usize) -> String {
    let mut text = String::from("(core module $m) (component $c0 (core instance (instantiate $m)))");
    for level in 1..=power {
        let below = format!("(instance (instantiate $c{}))", level - 1);
        text += &format!("(component $c{level} {})", below.repeat(10));
    }
    format!("(component {text} (instance (instantiate $c{power})))")
}

#[test]
fn what_cannot_be_read_is_not_described() {
    let folder = Folder::new();
    let large = folder.path("large.wasm");
    // A hole: it takes no room.
    std::fs::File::create(&large).unwrap().set_len(1 << 40).unwrap();
    for (file, words) in [
        (folder.path(""), "it is a folder"),
        (folder.path("missing.wasm"), "missing.wasm cannot be read"),
        (large, "expected a component of at most 67108864 bytes"),
        #[cfg(unix)]
        ("/dev/zero".to_string(), "expected a component of at most 67108864 bytes"),
    ] {
        for args in [&["inspect", &file][..], &["inspect", &file, "--json"], &["run", "--planner", &file]] {
            let output = run(args, b"{}");
            let err = text(&output.stderr);
            assert!(output.status.code() == Some(1) && err.contains(words), "{args:?}: {err}");
            assert!(output.stdout.is_empty(), "{args:?}");
        }
    }
    assert_eq!(run(&["inspect"], b"").status.code(), Some(2));
    assert_eq!(run(&["inspect", "a", "b"], b"").status.code(), Some(2));
}
