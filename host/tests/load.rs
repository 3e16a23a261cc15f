//! `gateleg load`, the built binary, against `gateleg serve` and against a server that misbehaves: what it counts is what happened.
//!
//! Nothing here asks how fast a machine is: times are held to from below only, and counts are exact.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;
#[path = "tls/papers.rs"]
#[allow(dead_code, reason = "only an authority is needed here")]
mod papers;
#[path = "load/server.rs"]
mod server;

use std::process::{Output, Stdio};
use std::time::Duration;

use common::{Folder, Host, gateleg, run, text};
use gateleg_core::json::Json;
use papers::Authority;
use server::{Scripted, Step};

/// Runs a load and expects that exit code: the figures, as JSON.
fn check(args: &[&str], code: i32) -> String {
    let output = output(args, &[]);
    figures(&output, args, code)
}

fn output(args: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = gateleg(&[&["load", "--json"], args].concat());
    command.envs(environment.iter().copied());
    command.stdin(Stdio::null()).output().unwrap()
}

/// What holds for every run: what is counted adds up, and quantiles are in their order.
fn figures(output: &Output, args: &[&str], code: i32) -> String {
    let json = text(&output.stdout);
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{json}\n{}", text(&output.stderr));
    let tree = Json::parse(json.as_bytes()).unwrap();
    let count = |name: &str| tree.get(name).and_then(Json::as_integer).unwrap();
    let Some(Json::Array(errors)) = tree.get("errors") else { panic!("no errors: {json}") };
    let sum = |of: &dyn Fn(&Json<'_>) -> bool| -> i64 {
        let counted = errors.iter().filter(|error| of(error));
        counted.map(|error| error.get("count").and_then(Json::as_integer).unwrap()).sum()
    };
    assert_eq!(count("sent"), count("succeeded") + count("failed"), "{json}");
    assert_eq!(count("failed"), sum(&|_| true), "{json}");
    let is_reply = |error: &Json<'_>| error.get("kind").unwrap().as_str() == Some("reply");
    assert_eq!(count("answered"), count("succeeded") + sum(&is_reply), "{json}");
    for name in ["latencyMilliseconds", "refusalMilliseconds", "serverMilliseconds"] {
        let times = tree.get(name).unwrap();
        if let Json::Object(_) = times {
            let at = |name| number(times, name);
            let sorted = ["min", "p50", "p90", "p99", "p999", "max"].map(at);
            assert!(sorted.is_sorted() && at("min") <= at("mean") && at("mean") <= at("max"), "{name}: {json}");
        }
    }
    let is_null = |name| tree.get(name) == Some(&Json::Null);
    assert_eq!(is_null("latencyMilliseconds"), count("succeeded") == 0, "{json}");
    assert_eq!(is_null("cost"), count("succeeded") == 0, "{json}");
    json
}

fn number(json: &Json<'_>, path: &str) -> f64 {
    let found = path.split('/').fold(json, |json, name| json.get(name).unwrap_or(&Json::Null));
    found.to_text().parse().unwrap_or_else(|_| panic!("no number at {path}: {}", found.to_text()))
}

fn at(json: &str, path: &str) -> f64 {
    number(&Json::parse(json.as_bytes()).unwrap(), path)
}

/// Its errors as `kind status type count`, the most frequent first.
fn errors(json: &str) -> Vec<String> {
    let tree = Json::parse(json.as_bytes()).unwrap();
    let Some(Json::Array(errors)) = tree.get("errors") else { panic!("no errors: {json}") };
    let part = |error: &Json<'_>, name| error.get(name).map(|value| value.as_str().map_or(value.to_text(), Into::into));
    let words =
        |error| ["kind", "status", "type", "count"].iter().filter_map(|name| part(error, *name)).collect::<Vec<_>>();
    errors.iter().map(|error| words(error).join(" ")).collect()
}

fn url(host: &Host) -> String {
    format!("http://{}/dynamodbmanager", host.address)
}

/// A server without a sandbox, whose planner would have to be compiled.
fn host(folder: &Folder, args: &[&str]) -> Host {
    Host::start(folder, &[&["--planner", "native"], args].concat())
}

fn items(host: &Host) -> f64 {
    let answer = host.post(
        r#"{"operation":"list","tableName":"lambda-apigateway","payload":{"Select":"COUNT"},"options":{"all":true}}"#,
    );
    at(&answer.body, "Count")
}

#[test]
fn every_request_creates_an_item_of_its_own() {
    let folder = Folder::new();
    let host = host(&folder, &[]);
    for (more, requests) in [("--concurrency=8", 150.0), ("--rate=400", 50.0), ("--http2", 50.0)] {
        let before = items(&host);
        let requests_text = requests.to_string();
        let args = [&url(&host), "-n", &requests_text, "-d", "60s", "--warmup", "100ms", more];
        let json = check(&args, 0);
        assert_eq!(
            (at(&json, "sent"), at(&json, "succeeded"), at(&json, "neverSent")),
            (requests, requests, 0.0),
            "{more}"
        );
        assert_eq!(items(&host) - before, requests + at(&json, "warmupRequests"), "{more}");
        let connections = at(&json, "connectionsOpened");
        assert!((1.0..=10.0).contains(&connections), "connections are kept: {json}");
    }
}

#[test]
fn a_run_costs_what_it_took() {
    let folder = Folder::new();
    let host = host(&folder, &[]);
    let json = check(&[&url(&host), "-n", "20", "--front", "http", "--memory", "256", "--billed-ms", "3"], 0);
    for (path, expected) in [
        ("cost/billedMilliseconds", 3.0),
        ("cost/units/write", 1.0),
        ("cost/perMillionDollars/front", 1.0),
        ("cost/perMillionDollars/lambdaRequests", 0.2),
        // 1e6 * 0.25 GB * 0.003 s = 750 GB-seconds, at $0.0000133334.
        ("cost/perMillionDollars/lambdaDuration", 0.01),
        ("cost/perMillionDollars/dynamodb", 0.625),
        ("cost/perMillionDollars/total", 1.835),
        // Each part to the nearest millionth: 20 + 4 + 0.2 + 12.5.
        ("cost/runDollars/total", 0.000_037),
    ] {
        assert_eq!(at(&json, path), expected, "{path}: {json}");
    }
    assert!(json.contains(r#""billedFrom":"option""#) && json.contains(r#""frontGuessed":false"#), "{json}");
}

#[test]
fn requests_of_a_file_are_sent_in_turn() {
    let folder = Folder::new();
    let host = host(&folder, &[]);
    let ping = r#"{"operation":"ping"}"#;
    let wrong = r#"{"operation":"read","tableName":"lambda-apigateway","payload":{"key":{"id":"{{$guid}}"}}}"#;
    let missing = r#"{"operation":"read","tableName":"no-such-table","payload":{"Key":{"id":"{{$randomInt}}"}}}"#;
    let expected = ["reply 400 ValidationException 10", "reply 404 ResourceNotFoundException 10"];
    for (name, content) in [
        ("lines.ndjson", format!("{ping}\n{wrong}\n{missing}\n")),
        ("array.json", format!("[{ping}, {wrong},\n {missing}]")),
    ] {
        let file = folder.file(name, &content);
        let args = [&url(&host), "-n", "30", "-c", "4", "--request", &file];
        let mut found = errors(&check(&args, 0));
        found.sort_unstable();
        assert_eq!(found, expected, "{name}");
        // Two in three are too many, and not more than two in three are not.
        check(&[&args[..], &["--max-failed", "66"]].concat(), 1);
        check(&[&args[..], &["--max-failed", "67"]].concat(), 0);
    }
    let one = output(&[&url(&host), "-n", "3", "--request", &folder.file("wrong.json", wrong)], &[]);
    assert_eq!(errors(&figures(&one, &[], 1)), ["reply 400 ValidationException 3"]);
    assert!(
        text(&one.stderr).contains("note: gateleg would refuse request 1: Unknown parameter"),
        "{}",
        text(&one.stderr)
    );
}

#[test]
fn a_request_comes_from_stdin_too() {
    let server = Scripted::start(|_| Step::reply(200, "", "{}"));
    let args =
        ["load", "--json", &server.url(), "-n", "1", "--request", "-", "-H", "x-api-key: k", "-H", "accept: a/b"];
    let output = run(&args, br#"{"a": "{{$guid}}", "b": 1.10}"#);
    figures(&output, &args, 0);
    let seen = server.seen();
    let (head, body) = seen[0].split_once("\r\n\r\n").unwrap();
    assert!(body.starts_with(r#"{"a": ""#) && body.ends_with(r#"", "b": 1.10}"#) && body.len() == 56, "{body}");
    for part in
        ["POST /path?query=1 HTTP/1.1\r\n", "\r\nx-api-key: k", "\r\naccept: a/b", "\r\ncontent-type: application/json"]
    {
        assert!(head.contains(part), "{part}: {head}");
    }
}

#[test]
fn every_kind_of_failure_is_told_apart() {
    // One connection: each request has the step of its number.
    let server = Scripted::start(|number| match number {
        0..3 => Step::reply(200, "", r#"{"ok":true}"#),
        3 => Step::reply(500, "", r#"{"__type":"InternalServerError","message":"no luck"}"#),
        4 | 5 => {
            Step::reply(429, "x-amzn-ErrorType: TooManyRequestsException:http://x/\r\n", r#"{"message":"slow down"}"#)
        }
        6 => Step::reply(502, "", "<html>bad gateway</html>"),
        7 => Step::reply(200, "", r#"{"errorMessage":"KeyError","errorType":"KeyError"}"#),
        8 => Step::Close,
        9 => Step::Raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"broken\":".into()),
        10..14 => Step::Raw("SSH-2.0-OpenSSH_9.9\r\n".into()),
        14 => Step::reply(200, "", &"x".repeat(2000)),
        15 => Step::Wait(Duration::from_secs(20)),
        _ => Step::reply(200, "connection: close\r\n", "{}"),
    });
    let args = [&server.url(), "-n", "20", "-c", "1", "-d", "60s", "--timeout", "5s", "--max-reply", "1000"];
    let json = check(&args, 0);
    assert_eq!((at(&json, "sent"), at(&json, "succeeded")), (20.0, 7.0), "{json}");
    let mut found = errors(&json);
    found.sort_unstable();
    let expected = [
        "connectionClosed 2",
        "notHttp 4",
        "reply 200 KeyError 1",
        "reply 429 TooManyRequestsException 2",
        "reply 500 InternalServerError 1",
        "reply 502 null 1",
        "replyTooLarge 1",
        "timeout 1",
    ];
    assert_eq!(found, expected, "{json}");
    assert!(json.contains(r#""first":"no luck""#), "{json}");
    // The first, one after each of eight that broke off, and one after each of four that the server closed, but the last.
    assert_eq!(at(&json, "connectionsOpened"), 12.0, "{json}");
    assert_eq!(server.seen().len(), 20, "nothing is sent twice");
}

#[test]
fn latency_counts_from_when_a_request_was_due() {
    // Each takes 100 ms, and one is due every 50 ms: the tenth, due at 450 ms, cannot have ended before 1000 ms.
    let server = Scripted::start(|_| Step::Late(Duration::from_millis(100)));
    let open = check(&[&server.url(), "-n", "10", "-c", "1", "-d", "60s", "--rate", "20"], 0);
    assert!(at(&open, "latencyMilliseconds/max") >= 550.0, "{open}");
    // The histogram is exact to a thousandth.
    assert!(at(&open, "latencyMilliseconds/min") >= 99.9, "{open}");
    assert!(at(&open, "latencyMilliseconds/p50") >= 300.0, "{open}");
    assert_eq!((at(&open, "sent"), at(&open, "neverSent")), (10.0, 0.0), "{open}");
}

#[test]
fn what_was_due_and_never_sent_is_said() {
    let server = Scripted::start(|_| Step::Late(Duration::from_secs(1)));
    let json = check(&[&server.url(), "-c", "2", "-d", "500ms", "--rate", "100"], 0);
    assert_eq!(at(&json, "sent") + at(&json, "neverSent"), 50.0, "{json}");
    assert!(at(&json, "neverSent") >= 40.0, "two connections are busy for all the time: {json}");
    let report = gateleg(&["load", &server.url(), "-c", "2", "-d", "500ms", "--rate", "100"]).output().unwrap();
    assert!(text(&report.stdout).contains(" requests were due and never sent"), "{}", text(&report.stdout));
}

#[test]
fn what_a_server_says_it_took_is_what_is_billed() {
    let server = Scripted::start(|_| Step::reply(200, "server-timing: db;dur=1, total;dur=12.3\r\n", "{}"));
    let json = check(&[&server.url(), "-n", "3"], 0);
    assert_eq!(at(&json, "cost/billedMilliseconds"), 13.0, "{json}");
    assert_eq!(at(&json, "serverMilliseconds/min").round(), 12.0, "{json}");
    assert!(json.contains(r#""billedFrom":"server""#), "{json}");
}

#[test]
fn where_nobody_answers_nothing_is_counted() {
    let gone = Scripted::start(|_| Step::Close).url_once_gone();
    // A name that cannot be one: nobody is asked for it.
    let nobody = format!("http://{}/", "x".repeat(70));
    let cases = [(gone.as_str(), "connection refused"), (&*nobody, "xxx is not known: ")];
    for (url, expected) in cases {
        let output = output(&[url], &[]);
        assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(1), ""));
        assert!(text(&output.stderr).contains(expected), "{}", text(&output.stderr));
    }
}

#[test]
fn a_server_that_goes_away_is_refused_connections() {
    let server = Scripted::start(|number| if number < 3 { Step::reply(200, "", "{}") } else { Step::Leave });
    let json = check(&[&server.url(), "-c", "1", "-d", "3s"], 0);
    assert_eq!(at(&json, "succeeded"), 3.0, "{json}");
    let mut found = errors(&json);
    found.sort_unstable();
    assert_eq!(found[0], "connectionClosed 1", "{json}");
    assert!(found.len() == 2 && found[1].starts_with("connectionRefused "), "{json}");
    // It does not hammer at a closed door: a tenth of a second lies between two attempts.
    assert!(at(&json, "failed") <= 31.0, "{json}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_with_the_report_so_far() {
    let server = Scripted::start(|_| Step::Late(Duration::from_millis(20)));
    let args = ["load", "--json", &server.url(), "-d", "60s", "-c", "2"];
    let load = gateleg(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while server.seen().len() < 10 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let told = std::process::Command::new("kill").args(["-INT", &load.id().to_string()]).status().unwrap();
    assert!(told.success());
    let output = load.wait_with_output().unwrap();
    let json = figures(&output, &args, 0);
    assert!(json.contains(r#""interrupted":true"#) && at(&json, "elapsedSeconds") < 50.0, "{json}");
    assert_eq!(at(&json, "succeeded"), server.seen().len() as f64, "those under way are waited for: {json}");
}

#[test]
fn the_token_comes_from_a_file() {
    let folder = Folder::new();
    let token = folder.secret("token", "0123456789abcdef\n");
    let host = host(&folder, &["--token-file", &token]);
    let url = url(&host);
    check(&[&url, "-n", "5", "--token-file", &token], 0);
    check(&[&url, "-n", "5", "--header", "authorization: Bearer 0123456789abcdef"], 0);
    let without = check(&[&url, "-n", "5"], 1);
    assert_eq!(errors(&without), ["reply 401 MissingAuthenticationTokenException 5"]);
}

#[test]
fn tls_is_trusted_as_the_system_trusts() {
    let folder = Folder::new();
    let authority = Authority::new();
    let (certificate, key) = authority.files(&folder);
    let trusted = folder.file("authority.pem", &authority.pem);
    let host = host(&folder, &["--tls-cert", &certificate, "--tls-key", &key]);
    let url = url(&host).replace("http://", "https://");
    for more in [&[][..], &["--http2"]] {
        let args = [&[&*url, "-n", "5", "-c", "2"], more].concat();
        let json = figures(&output(&args, &[("SSL_CERT_FILE", &trusted)]), &args, 0);
        assert_eq!(at(&json, "succeeded"), 5.0);
        let stranger = folder.file("stranger.pem", &Authority::new().pem);
        let output = output(&args, &[("SSL_CERT_FILE", &stranger)]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains("invalid peer certificate"), "{}", text(&output.stderr));
    }
}

#[test]
fn requests_are_signed_for_the_service_and_region() {
    let server = Scripted::start(|_| Step::reply(200, "", "{}"));
    let folder = Folder::new();
    let nothing = folder.file("nothing", "");
    let environment = [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "session"),
        ("AWS_CONFIG_FILE", &*nothing),
        ("AWS_SHARED_CREDENTIALS_FILE", &*nothing),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_REGION", ""),
    ];
    let args = [&*server.url(), "-n", "2", "-c", "1", "--aws-sigv4", "execute-api"];
    let unknown = output(&args, &environment);
    assert_eq!(unknown.status.code(), Some(2), "{}", text(&unknown.stderr));
    assert!(text(&unknown.stderr).contains("expected an AWS region, but found none"), "{}", text(&unknown.stderr));
    let args = [&args[..], &["--aws-region", "eu-west-1"]].concat();
    figures(&output(&args, &environment), &args, 0);
    for head in server.seen() {
        let head = head.to_ascii_lowercase();
        let day = head.split_once("\r\nx-amz-date: ").unwrap().1.get(..8).unwrap();
        let scope = format!("credential=akidexample/{day}/eu-west-1/execute-api/aws4_request");
        for part in [
            "\r\nauthorization: aws4-hmac-sha256 ",
            &scope,
            "\r\nx-amz-security-token: session",
            "content-type;host;x-amz-date",
        ] {
            assert!(head.contains(part), "{part}: {head}");
        }
    }
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused() {
    let folder = Folder::new();
    let (empty, broken) = (folder.file("empty", "\n"), folder.file("broken", "{\n\"a\": }"));
    let unknown = folder.file("unknown", r#"{"a":"{{$uuid}}"}"#);
    for (args, code, expected) in [
        (vec!["127.0.0.1:8080"], 2, "expected a URL such as http://127.0.0.1:8080/dynamodbmanager"),
        (vec!["http://a/", "--concurrency", "10001"], 2, "10001 is not in 1..=10000"),
        (vec!["http://a/", "--duration", "61m"], 2, "expected a duration from 1ms to 60m"),
        (vec!["http://a/", "--rate", "0"], 2, "0 is not in 1..=100000"),
        (vec!["http://a/", "--header", "x"], 2, "expected a header"),
        (vec!["http://a/", "--header", "host: b"], 2, "host follows from the URL"),
        (vec!["http://a/", "--table", "t", "--request", &empty], 2, "cannot be used with"),
        (vec!["http://a/", "--request", &empty], 2, "holds no request"),
        (vec!["http://a/", "--request", &broken], 2, "at line 2, column 6"),
        (vec!["http://a/", "--request", &unknown], 2, "but found `{{$uuid}}`"),
        (vec!["http://a/", "--request", "/no/such/file"], 1, "cannot be read"),
        (vec!["http://a/", "--aws-sigv4", "lambda", "-H", "authorization: x"], 2, "send that header themselves"),
    ] {
        let output = output(&args, &[]);
        let stderr = text(&output.stderr);
        assert!(
            output.status.code() == Some(code) && stderr.contains(expected),
            "{args:?}: {:?}\n{stderr}",
            output.status
        );
    }
}

#[test]
fn a_report_is_for_a_person_and_no_line_is_rewritten_in_a_pipe() {
    let server = Scripted::start(|number| match number {
        5 => Step::reply(429, "", r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#),
        _ => Step::Late(Duration::from_millis(100)),
    });
    let args = ["load", &server.url(), "-n", "10", "-c", "1", "--warmup", "1ms"];
    let output = gateleg(&args).output().unwrap();
    let (report, stderr) = (text(&output.stdout), text(&output.stderr));
    for part in [
        "requests     9 succeeded, 1 failed; ",
        "latency      p50 ",
        "refusals     p50 ",
        "         1  429 ThrottlingException  Rate exceeded\n",
        "  DynamoDB, at least 1 write unit each ",
        "  REST API ",
        "  together ",
        "Taken for a REST API; --front says what it is.\n",
    ] {
        assert!(report.contains(part), "{part}\n{report}");
    }
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains("another item each time. It writes.") && !stderr.contains(['\r', '\x1b']), "{stderr}");
    let quiet = gateleg(&[&args[..], &["--quiet"]].concat()).output().unwrap();
    assert_eq!(text(&quiet.stderr), "");
}

#[test]
fn the_guide_names_every_option_and_every_figure() {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/load.md")).unwrap();
    let help = text(&run(&["load", "--help"], b"").stdout);
    let words = help.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    for option in words.filter(|word| word.starts_with("--") && word.len() > 2) {
        let is_common = ["--help", "--log-level", "--log-format"].contains(&option);
        assert!(is_common || guide.contains(&format!("`{option}")), "{option} is not in docs/load.md");
    }
    let server = Scripted::start(|number| match number {
        0 => Step::reply(400, "", r#"{"__type":"X"}"#),
        _ => Step::reply(200, "server-timing: total;dur=1\r\n", "{}"),
    });
    let json = check(&[&server.url(), "-n", "3", "-c", "1"], 0);
    let mut names = Vec::new();
    collect(&Json::parse(json.as_bytes()).unwrap(), &mut names);
    assert!(names.len() > 40, "{names:?}");
    for name in names {
        assert!(guide.contains(&format!("`{name}`")), "`{name}` is not in docs/load.md");
    }
}

fn collect(json: &Json<'_>, names: &mut Vec<String>) {
    match json {
        Json::Object(members) => members.iter().for_each(|(name, value)| {
            names.push(name.to_string());
            collect(value, names);
        }),
        Json::Array(items) => items.iter().for_each(|item| collect(item, names)),
        _ => {}
    }
}
