//! The reference for people, `docs/protocol.md` and `docs/rules.md`, is what the tables and the corpus say today, and leaves
//! nothing out.
//!
//! What stands between markers is written by `UPDATE=1 cargo test -p gateleg-core --test protocol`; the rest is a person's.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "protocol/example.rs"]
mod example;
#[path = "protocol/limits.rs"]
mod limits;
#[path = "protocol/links.rs"]
mod links;
#[path = "protocol/page.rs"]
mod page;
#[path = "protocol/rules.rs"]
mod rules;
#[path = "protocol/tables.rs"]
mod tables;
#[path = "protocol/words.rs"]
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use gateleg_core::command::Api;
use gateleg_core::describe::meaning;
use gateleg_core::error::ErrorType;
use gateleg_core::json::Json;
use gateleg_core::operation::{EnvelopeKey, OPERATIONS, OptionName, TableUse};
use gateleg_core::rule::Rule;
use gateleg_core::shape::Shape;
use gateleg_core::transcript::{self, Native};

use example::Corpus;
use page::{Kind, Piece};

const PROTOCOL: &str = "docs/protocol.md";
const RULES: &str = "docs/rules.md";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The pages by name: what the file says, and what it should say. `UPDATE=1` makes it so, before any test looks.
static PAGES: LazyLock<BTreeMap<&str, (String, String)>> = LazyLock::new(|| {
    let corpus = Corpus::read();
    let page = |name: &'static str| {
        let path = root().join(name);
        let mut kept = fs::read_to_string(&path).unwrap();
        let written = written(&corpus, &kept).unwrap_or_else(|error| panic!("{name}: {error}"));
        if written != kept && std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &written).unwrap();
            kept.clone_from(&written);
        }
        (name, (kept, written))
    };
    BTreeMap::from([PROTOCOL, RULES].map(page))
});

fn read(page: &str) -> String {
    PAGES[page].0.clone()
}

/// The page as it should be.
fn written(corpus: &Corpus, text: &str) -> Result<String, String> {
    page::render(text, |kind, asked| match (kind, asked) {
        (Kind::Example, _) => example::render(corpus, asked),
        (Kind::Generated, "contents") => Ok(contents(text)),
        (Kind::Generated, _) => tables::render(corpus, asked),
    })
}

fn contents(text: &str) -> String {
    let headings = page::headings(text);
    let slugs = links::slugs(headings.iter().map(|(_, heading)| heading.as_str()));
    let lines = headings.iter().zip(slugs).filter(|((depth, _), _)| (2..=3).contains(depth));
    lines.map(|((depth, heading), slug)| format!("{}- [{heading}](#{slug})\n", "  ".repeat(depth - 2))).collect()
}

/// What the markers of a page ask for, of one kind.
fn asked(text: &str, kind: Kind) -> Vec<&str> {
    let pieces = page::pieces(text).unwrap().into_iter();
    pieces
        .filter_map(|piece| match piece {
            Piece::Region(of, asked) if of == kind => Some(asked),
            _ => None,
        })
        .collect()
}

#[test]
fn the_pages_are_what_the_tables_and_the_corpus_say() {
    let mut stale = Vec::new();
    for (page, (kept, written)) in PAGES.iter().filter(|(_, (kept, written))| kept != written) {
        let at = kept.lines().zip(written.lines()).take_while(|(a, b)| a == b).count();
        let line = |text: &str| text.lines().nth(at).unwrap_or("(the end)").to_owned();
        stale.push(format!("{page}:{}\n  it says:   {}\n  should be: {}", at + 1, line(kept), line(written)));
    }
    assert!(stale.is_empty(), "UPDATE=1 rewrites these:\n{}", stale.join("\n"));
}

#[test]
fn every_operation_has_its_tables() {
    let text = read(PROTOCOL);
    let asked = asked(&text, Kind::Generated);
    let anchors = links::anchors(&text);
    for row in &OPERATIONS {
        let name = row.name.as_str();
        assert!(anchors.contains(&name.to_lowercase()), "there is no heading {name}");
        let wanted = if row.call.is_some() { &["facts", "parameters", "reply"][..] } else { &["facts"] };
        for what in wanted {
            let count = asked.iter().filter(|asked| **asked == format!("{what} {name}")).count();
            assert_eq!(count, 1, "{what} {name}");
        }
    }
    for what in ["contents", "members", "operations", "values", "options", "limits", "errors", "error-body"] {
        assert_eq!(asked.iter().filter(|asked| **asked == what).count(), 1, "{what}");
    }
}

#[test]
fn every_shape_has_one_table() {
    let text = read(PROTOCOL);
    for name in tables::shapes().keys() {
        let anchor = format!("<a id=\"{}\"></a>", words::anchor(name));
        assert_eq!(text.matches(&anchor).count(), 1, "{name}");
    }
}

#[test]
fn every_parameter_stands_in_a_row() {
    let text = read(PROTOCOL);
    let rows: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let mut shapes: Vec<&Shape> = tables::shapes().into_values().collect();
    shapes.extend(Api::ALL.iter().flat_map(|api| [api.input(), api.output()]));
    for row in &OPERATIONS {
        if let Some(TableUse::ShortForm(short)) = row.call.as_ref().map(|call| call.table) {
            shapes.push(short);
        }
    }
    assert!(shapes.len() > 30, "{} shapes", shapes.len());
    for shape in shapes {
        for member in shape.members {
            assert!(rows.contains(member.name.as_str()), "{}.{}", shape.name, member.name.as_str());
        }
    }
    for key in EnvelopeKey::ALL {
        assert!(rows.contains(key.as_str()), "{}", key.as_str());
    }
}

#[test]
fn every_operation_and_every_option_has_an_example() {
    let corpus = Corpus::read();
    let text = read(PROTOCOL);
    let (mut operations, mut options) = (BTreeSet::new(), BTreeSet::new());
    for asked in asked(&text, Kind::Example) {
        let (file, name, _) = example::named(asked).unwrap();
        let case = corpus.case(file, name).unwrap();
        let Ok(request) = Json::parse(&case.request) else { continue };
        operations.extend(request.get("operation").and_then(Json::as_str).map(String::from));
        if let Some(Json::Object(members)) = request.get("options") {
            options.extend(members.iter().map(|(name, _)| name.to_string()));
        }
    }
    for row in &OPERATIONS {
        assert!(operations.contains(row.name.as_str()), "there is no example of {}", row.name.as_str());
    }
    for option in OptionName::ALL {
        assert!(options.contains(option.as_str()), "there is no example of {}", option.as_str());
    }
    let anchors = links::anchors(&text);
    for option in OptionName::ALL {
        assert!(anchors.contains(&option.as_str().to_lowercase()), "there is no heading {}", option.as_str());
    }
}

#[test]
fn the_files_of_the_examples_are_fixed_points() {
    let corpus = Corpus::read();
    let text = read(PROTOCOL);
    let files: BTreeSet<&str> =
        asked(&text, Kind::Example).into_iter().map(|asked| example::named(asked).unwrap().0).collect();
    assert!(files.len() >= 5, "{files:?}");
    for file in files {
        let (kept, _) = &corpus.0[file];
        assert_eq!(&transcript::replay(kept, &mut Native::default()).unwrap(), kept, "{file}");
    }
}

#[test]
fn every_type_of_error_stands_in_the_table() {
    let text = read(PROTOCOL);
    let anchors = links::anchors(&text);
    for error in ErrorType::ALL {
        assert!(anchors.contains(&error.as_str().to_lowercase()), "{}", error.as_str());
    }
}

#[test]
fn every_rule_stands_in_the_page_of_rules_once() {
    let text = read(RULES);
    let ranges = asked(&text, Kind::Generated).into_iter().filter_map(|asked| asked.strip_prefix("rules "));
    let shown: Vec<Rule> = ranges.flat_map(|range| rules::among(range).unwrap()).copied().collect();
    assert_eq!(shown, Rule::ALL);
    let anchors = links::anchors(&text);
    for rule in Rule::ALL {
        assert!(anchors.contains(rule.id()), "{}", rule.id());
    }
}

#[test]
fn links_lead_somewhere() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for (page, text) in [(PROTOCOL, read(PROTOCOL)), (RULES, read(RULES)), ("README.md", readme)] {
        let targets = links::targets(&text);
        assert!(!targets.is_empty(), "{page} has no links");
        for target in targets {
            let wrong = lost(page, &text, target);
            assert!(wrong.is_none(), "{page}: {target}: {}", wrong.unwrap_or_default());
        }
    }
}

/// Why a link leads nowhere.
fn lost(page: &str, text: &str, target: &str) -> Option<String> {
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = root().join(page).parent()?.join(file);
    let text = match (file.is_empty(), path.is_dir()) {
        (true, _) => text.to_owned(),
        (false, true) => return None,
        (false, false) => match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => return Some(error.to_string()),
        },
    };
    (!anchor.is_empty() && !links::anchors(&text).contains(anchor)).then(|| format!("{file} has no #{anchor}"))
}

/// Every meaning there is, with the name it belongs to.
fn meanings() -> Vec<(String, &'static str)> {
    let mut found: Vec<(String, &str)> = Vec::new();
    found.extend(EnvelopeKey::ALL.iter().map(|key| (key.as_str().into(), meaning::of_member(*key))));
    found.extend(OptionName::ALL.iter().map(|name| (name.as_str().into(), meaning::of_option(*name))));
    found.extend(ErrorType::ALL.iter().map(|error| (error.as_str().into(), meaning::of_error(*error))));
    let mut shapes: Vec<&Shape> = tables::shapes().into_values().collect();
    shapes.extend(Api::ALL.iter().flat_map(|api| [api.input(), api.output()]));
    for shape in shapes {
        let of = |name| (format!("{}.{name:?}", shape.name), meaning::of_parameter(shape, name));
        found.extend(shape.members.iter().map(|member| of(member.name)));
    }
    found
}

#[test]
fn a_meaning_is_one_line_that_ends_like_a_sentence() {
    let meanings = meanings();
    assert!(meanings.len() > 150, "{} meanings", meanings.len());
    for (name, meaning) in meanings {
        assert!(meaning.ends_with('.') && !meaning.contains('\n') && !meaning.contains("  "), "{name}: {meaning}");
        assert!((8..=130).contains(&meaning.len()), "{name}: {} characters: {meaning}", meaning.len());
    }
}

#[test]
fn a_stale_region_is_noticed() {
    let corpus = Corpus::read();
    let page = "# A\n\n<!-- generated: members -->\n\nold\n\n<!-- end -->\n\n<!-- example: 01-tutorial.md / ping -->\n<!-- end -->\n";
    let written = written(&corpus, page).unwrap();
    assert!(!written.contains("old") && written.contains("| `operation` |"), "{written}");
    assert!(written.contains("```json\n{\"operation\": \"ping\"}\n```") && written.contains("\"pong\""), "{written}");
    assert_eq!(self::written(&corpus, &written).unwrap(), written);
}

#[test]
fn a_marker_that_asks_for_nothing_there_is_is_named() {
    let corpus = Corpus::read();
    let check = |marker: &str, expected: &str| {
        let error = written(&corpus, marker).unwrap_err();
        assert!(error.contains(expected), "{error}");
    };
    check("<!-- generated: parameters creat -->\n<!-- end -->\n", "there is no operation creat");
    check("<!-- generated: tables -->\n<!-- end -->\n", "there is no such table");
    check("<!-- example: 01-tutorial.md / pong -->\n<!-- end -->\n", "01-tutorial.md has no case `pong`");
    check("<!-- example: 01-tutorial.md / ping | all -->\n<!-- end -->\n", "but found all");
    check("<!-- example: 01-tutorial.md / ping -->\n", "line 1: the region has no end");
    check("<!-- exampel: 01-tutorial.md / ping -->\n", "line 1: no marker is called");
}

#[test]
fn a_link_to_nowhere_is_noticed() {
    let check = |target: &str, is_lost: bool| {
        assert_eq!(lost(PROTOCOL, "## Some `thing`, here\n", target).is_some(), is_lost, "{target}");
    };
    check("#some-thing-here", false);
    check("#some-thing", true);
    check("../README.md#the-first-command", false);
    check("../README.md#the-last-command", true);
    check("nowhere.md", true);
}

#[test]
fn names_in_a_sentence_stand_as_code() {
    let check = |text: &str, expected: &str| assert_eq!(words::sentence(text), expected);
    check("Items that ReturnValues asked for.", "Items that `ReturnValues` asked for.");
    check("What each #name stands for; {} if none.", "What each `#name` stands for; `{}` if none.");
    check("All as {\"$n\": \"1.5\"}, or a|b <c>.", "All as `{\"$n\": \"1.5\"}`, or a\\|b &lt;c>.");
    check("ALL_OLD, now options.segments.", "`ALL_OLD`, now `options.segments`.");
}
