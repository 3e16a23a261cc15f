//! TLS as callers meet it: both protocols, both versions, what is refused and cut off, and a certificate that is renewed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "tls/client.rs"]
mod client;
mod common;
#[path = "tls/papers.rs"]
mod papers;

use std::io::{ErrorKind, Read as _, Write as _};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use client::{Client, run};
use common::{Folder, Host, gateleg, refusal};
use papers::{Authority, bare, key, self_signed};
use rustls::version::{TLS12, TLS13};
use rustls::{ProtocolVersion, SupportedProtocolVersion};
use tokio::io::AsyncReadExt as _;

const PING: &str = r#"{"operation":"ping"}"#;

/// A host with a certificate of that authority, and a client that trusts it.
fn start(folder: &Folder, args: &[&str]) -> (Host, Client, Authority) {
    let authority = Authority::new();
    let (certificate, key) = authority.files(folder);
    let host = Host::start(folder, &[&["--tls-cert", &certificate, "--tls-key", &key], args].concat());
    let client = Client::new(&authority.certificate);
    (host, client, authority)
}

/// The value of a figure.
fn value(metrics: &str, figure: &str) -> u32 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {figure} in:\n{metrics}")).parse().unwrap()
}

/// Waits until a figure is that: a caller knows of an end before it is counted.
fn until(client: &Client, host: &Host, figure: &str, expected: u32) {
    let started = Instant::now();
    loop {
        let metrics = client.fetch(host.address, "/metrics");
        if value(&metrics, figure) == expected {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(5), "{figure} is not {expected} in:\n{metrics}");
    }
}

fn handshakes(metrics: &str, outcome: &str) -> u32 {
    value(metrics, &format!("gateleg_tls_handshakes_total{{outcome=\"{outcome}\"}}"))
}

#[test]
fn both_protocols_are_spoken_over_both_versions() {
    let folder = Folder::new();
    let (host, _, authority) = start(&folder, &[]);
    let both = [&TLS12, &TLS13];
    let cases: [(&[&'static SupportedProtocolVersion], &[&str], ProtocolVersion, bool); 6] = [
        (&[&TLS12], &["http/1.1"], ProtocolVersion::TLSv1_2, false),
        (&[&TLS12], &["h2"], ProtocolVersion::TLSv1_2, true),
        (&[&TLS13], &["http/1.1"], ProtocolVersion::TLSv1_3, false),
        (&[&TLS13], &["h2"], ProtocolVersion::TLSv1_3, true),
        (&both, &["h2", "http/1.1"], ProtocolVersion::TLSv1_3, true),
        (&both, &[], ProtocolVersion::TLSv1_3, false),
    ];
    for (versions, protocols, version, http2) in cases {
        let client = Client::with(&authority.certificate, versions, protocols);
        run(async {
            let (mut connection, found) = client.connect(host.address).await.unwrap();
            assert_eq!(found, version, "{protocols:?}");
            assert_eq!(matches!(connection, client::Connection::Http2(_)), http2, "{protocols:?}");
            for (method, path, body, status, says) in [
                ("POST", "/dynamodbmanager", PING, 200, "pong"),
                ("GET", "/healthz", "", 200, "ok"),
                ("GET", "/readyz", "", 200, "ready"),
                ("GET", "/metrics", "", 200, "# EOF"),
                ("PUT", "/dynamodbmanager", PING, 405, "MethodNotAllowed"),
            ] {
                let answer = connection.ask(host.address, method, path, body, &[]).await.unwrap();
                assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
                assert!(answer.body.contains(says), "{method} {path}: {}", answer.body);
                assert!(answer.headers.contains_key("x-amzn-requestid"));
            }
        });
    }
}

#[test]
fn a_large_request_and_its_reply_arrive() {
    let folder = Folder::new();
    let (host, _, authority) = start(&folder, &[]);
    let body = format!(r#"{{"operation":"echo","payload":"{}"}}"#, "x".repeat(5 << 20));
    for protocol in ["http/1.1", "h2"] {
        let client = Client::with(&authority.certificate, rustls::ALL_VERSIONS, &[protocol]);
        let answer = run(client.ask(host.address, "POST", "/dynamodbmanager", &body));
        assert_eq!((answer.status, answer.body.len()), (200, (5 << 20) + 2), "{protocol}");
    }
}

#[test]
fn who_trusts_somebody_else_does_not_come_in() {
    let folder = Folder::new();
    let (host, client, _) = start(&folder, &[]);
    let stranger = Client::new(&Authority::new().certificate);
    let error = run(stranger.shake_hands(host.address)).unwrap_err();
    assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    // Without a protocol in common there is nothing to talk about either.
    let gopher = Client::with(&Authority::new().certificate, rustls::ALL_VERSIONS, &["gopher"]);
    assert!(run(gopher.shake_hands(host.address)).is_err());
    until(&client, &host, r#"gateleg_tls_handshakes_total{outcome="refused"}"#, 1);
    until(&client, &host, r#"gateleg_tls_handshakes_total{outcome="mismatch"}"#, 1);
}

#[test]
fn a_handshake_that_does_not_come_to_an_end_is_cut_off() {
    let folder = Folder::new();
    let (host, client, _) = start(&folder, &["--client-timeout", "500ms", "--log-level", "debug"]);
    // The head of a record that is said to be longer than what comes.
    let half = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    for (what, first, drips, outcome) in [
        ("nothing", &b""[..], false, "timeout"),
        ("half a greeting", half, false, "timeout"),
        ("a greeting byte by byte", half, true, "timeout"),
        ("HTTP without TLS", b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n", false, "garbage"),
        ("HTTP/2 without TLS", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", false, "garbage"),
        ("noise", &[0xff; 4096], false, "garbage"),
        ("a record of another kind", b"\x17\x03\x03\x00\x10aaaaaaaaaaaaaaaa", false, "broken"),
    ] {
        let before = client.fetch(host.address, "/metrics");
        let mut stream = host.connect();
        stream.set_read_timeout(Some(Duration::from_millis(if drips { 40 } else { 10_000 }))).unwrap();
        stream.write_all(first).unwrap();
        let started = Instant::now();
        let mut all = Vec::new();
        loop {
            match stream.read_to_end(&mut all) {
                Err(error) if drips && error.kind() == ErrorKind::WouldBlock => {
                    // It fails when the server has closed, which the next read sees.
                    let _ = stream.write_all(b"\0");
                    assert!(started.elapsed() < Duration::from_secs(5), "{what}: never cut off");
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("{what}: never cut off"),
                _ => break,
            }
        }
        assert!(started.elapsed() < Duration::from_secs(5), "{what}: cut off after {:?}", started.elapsed());
        // An alert at most.
        assert!(all.len() <= 7, "{what}: {all:?}");
        // The connection is closed first, and counted then.
        while handshakes(&client.fetch(host.address, "/metrics"), outcome) <= handshakes(&before, outcome) {
            assert!(started.elapsed() < Duration::from_secs(8), "{what}: not counted as {outcome}");
        }
    }
    let log = host.log();
    assert!(log.contains("a TLS handshake failed") && !log.contains("panicked"), "{log}");
}

#[test]
fn handshakes_under_way_are_among_the_connections_and_hold_nobody_up() {
    let folder = Folder::new();
    let (host, client, _) = start(&folder, &["--max-connections", "64", "--client-timeout", "20s"]);
    let silent: Vec<_> = (0..60).map(|_| host.connect()).collect();
    let started = Instant::now();
    until(&client, &host, "gateleg_connections", 61);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    // One after the other, until all places are taken.
    let mut more = Vec::new();
    let answer = loop {
        more.push(host.connect());
        let answer = run(client.ask(host.address, "POST", "/dynamodbmanager", PING));
        if answer.status == 503 {
            break answer;
        }
        assert!(more.len() < 64, "everybody comes in");
    };
    assert!(answer.body.contains("Too many connections are open here"), "{}", answer.body);
    drop((silent, more));
}

#[test]
fn a_reply_that_nobody_takes_is_not_kept() {
    let folder = Folder::new();
    let (host, client, _) = start(&folder, &["--client-timeout", "500ms"]);
    let body = format!(r#"{{"operation":"echo","payload":"{}"}}"#, "x".repeat(5 << 20));
    let head = format!(
        "POST /dynamodbmanager HTTP/1.1\r\nhost: localhost:{}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        host.address.port(),
        body.len()
    );
    let started = Instant::now();
    run(async {
        use tokio::io::AsyncWriteExt as _;
        let mut stream = client.shake_hands(host.address).await.unwrap();
        let write = async {
            for _ in 0..16 {
                stream.write_all(head.as_bytes()).await?;
                stream.write_all(body.as_bytes()).await?;
            }
            Ok::<_, std::io::Error>(())
        };
        let cut = tokio::time::timeout(Duration::from_secs(20), write).await;
        assert!(cut.expect("it is cut off").is_err(), "16 replies of 5 MB are kept for somebody who takes none");
    });
    assert!(started.elapsed() < Duration::from_secs(15), "cut off only after {:?}", started.elapsed());
    until(&client, &host, "gateleg_connections_cut_total{why=\"reply\"}", 1);
}

#[test]
fn our_own_page_is_https() {
    let folder = Folder::new();
    let (host, client, _) = start(&folder, &[]);
    let port = host.address.port();
    for (origin, status) in [
        (format!("https://localhost:{port}"), 200),
        (format!("http://localhost:{port}"), 403),
        ("https://localhost".into(), 403),
        (format!("https://evil.example:{port}"), 403),
    ] {
        let answer = run(async {
            let (mut connection, _) = client.connect(host.address).await.unwrap();
            connection.ask(host.address, "POST", "/dynamodbmanager", PING, &[("origin", &origin)]).await.unwrap()
        });
        assert_eq!(answer.status, status, "{origin}: {}", answer.body);
    }
}

#[test]
fn the_banner_says_how_to_reach_it() {
    let authority = Authority::new();
    let own = key(&rcgen::PKCS_ED25519);
    let issued = authority.issue(&own, &["127.0.0.1"], 2999);
    for (certificate, args, says) in [
        (
            self_signed(&own, &["localhost", "127.0.0.1"]),
            &[][..],
            "curl --cacert 'CERT' https://127.0.0.1:PORT/dynamodbmanager ",
        ),
        (self_signed(&own, &["localhost"]), &[], "curl --cacert 'CERT' https://localhost:PORT/dynamodbmanager "),
        (issued.clone(), &[], "curl https://127.0.0.1:PORT/dynamodbmanager "),
        (issued + &authority.pem, &[], "curl --cacert 'CERT' https://127.0.0.1:PORT/dynamodbmanager "),
        (
            self_signed(&own, &["gate.example"]),
            &["--allow-host", "gate.example"],
            "curl --cacert 'CERT' --connect-to '::127.0.0.1:PORT' https://gate.example:PORT/dynamodbmanager ",
        ),
        (
            self_signed(&own, &["gate.example"]),
            &[],
            "the certificate is for none of the names that this server goes by; --allow-host adds one names=\"gate.example\"",
        ),
    ] {
        let folder = Folder::new();
        let (certificate, key) = (folder.file("c.pem", &certificate), folder.secret("k.pem", &own.serialize_pem()));
        let host = Host::start(&folder, &[&["--tls-cert", &certificate, "--tls-key", &key], args].concat());
        host.wait_for("Ctrl-C stops it.");
        let says = says.replace("CERT", &certificate).replace("PORT", &host.address.port().to_string());
        let log = host.log();
        assert!(log.contains(&says), "no {says} in\n{log}");
        assert!(log.contains(&format!("listening on https://{}", host.address)), "{log}");
    }
}

#[test]
fn keys_of_every_form_are_taken() {
    let rsa = key(&rcgen::PKCS_RSA_SHA256);
    let ecdsa = key(&rcgen::PKCS_ECDSA_P256_SHA256);
    for (what, pair, pem) in [
        ("RSA, PKCS#8", &rsa, rsa.serialize_pem()),
        ("RSA, PKCS#1", &rsa, bare(&rsa, "RSA PRIVATE KEY")),
        ("ECDSA, PKCS#8", &ecdsa, ecdsa.serialize_pem()),
        ("ECDSA, SEC1", &ecdsa, bare(&ecdsa, "EC PRIVATE KEY")),
    ] {
        let folder = Folder::new();
        let certificate = self_signed(pair, &["localhost"]);
        let files = (folder.file("c.pem", &certificate), folder.secret("k.pem", &pem));
        let host = Host::start(&folder, &["--tls-cert", &files.0, "--tls-key", &files.1]);
        let client = Client::new(&papers::read(&certificate));
        assert_eq!(client.fetch(host.address, "/healthz"), r#"{"status":"ok"}"#, "{what}");
    }
}

#[test]
fn files_that_will_not_do_are_told_in_words() {
    let folder = Folder::new();
    let authority = Authority::new();
    let (certificate, key) = authority.files(&folder);
    let other = folder.secret("other.pem", &papers::key(&rcgen::PKCS_ED25519).serialize_pem());
    let noise = folder.file("noise.pem", "no PEM at all\n");
    let cut = folder.file("cut.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n");
    let not = folder.file("not.pem", "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n");
    let locked = folder
        .file("locked.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAMCAQE=\n-----END ENCRYPTED PRIVATE KEY-----\n");
    let wrong = folder.file("wrong.pem", "-----BEGIN PRIVATE KEY-----\nMAMCAQE=\n-----END PRIVATE KEY-----\n");
    let gone = folder.path("gone.pem");
    for (args, code, says) in [
        (vec!["--tls-cert", &certificate], 2, "--tls-key <FILE>"),
        (vec!["--tls-key", &key], 2, "--tls-cert <FILE>"),
        (vec!["--tls-cert", &gone, "--tls-key", &key], 1, "the certificate file"),
        (vec!["--tls-cert", &certificate, "--tls-key", &gone], 1, "the key file"),
        (vec!["--tls-cert", &noise, "--tls-key", &key], 1, "holds no certificate in PEM form"),
        (vec!["--tls-cert", &key, "--tls-key", &certificate], 1, "are swapped"),
        (vec!["--tls-cert", &certificate, "--tls-key", &certificate], 1, "are swapped"),
        (vec!["--tls-cert", &certificate, "--tls-key", &noise], 1, "holds no private key in PEM form"),
        (vec!["--tls-cert", &cut, "--tls-key", &key], 1, "is broken where a certificate should be"),
        (vec!["--tls-cert", &not, "--tls-key", &key], 1, "is not one that TLS can use"),
        (vec!["--tls-cert", &certificate, "--tls-key", &locked], 1, "is encrypted"),
        (vec!["--tls-cert", &certificate, "--tls-key", &wrong], 1, "cannot be used for TLS"),
        (vec!["--tls-cert", &certificate, "--tls-key", &other], 1, "is not the key of the certificate"),
        (
            vec!["--tls-cert", &certificate, "--tls-key", &key, "--addr", "0.0.0.0:0"],
            2,
            "can be reached from other machines, and no token is demanded",
        ),
    ] {
        let data = folder.path("data.db");
        let mut all = vec!["serve", "--data", &data];
        all.extend(&args);
        let (found, said) = refusal(gateleg(&all));
        assert_eq!(found, Some(code), "{args:?}: {said}");
        assert!(said.contains(says), "{args:?}: {said}");
        assert!(!std::path::Path::new(&data).exists(), "{args:?}: a refusal leaves nothing behind");
    }
}

#[test]
fn what_will_not_do_for_long_is_warned_of() {
    let authority = Authority::new();
    let pair = key(&rcgen::PKCS_ED25519);
    for (until, mode, says) in [
        (2001, 0o600, Some("the certificate has expired")),
        (2999, 0o644, Some("every user of this machine can read the private key")),
        (2999, 0o640, None),
    ] {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Folder::new();
        let certificate = folder.file("c.pem", &authority.issue(&pair, &["localhost"], until));
        let file = folder.file("k.pem", &pair.serialize_pem());
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let mut host = Host::start(&folder, &["--tls-cert", &certificate, "--tls-key", &file]);
        let log = host.stop();
        assert_eq!(log.contains("WARN"), says.is_some(), "{log}");
        assert!(says.is_none_or(|says| log.contains(says)), "{log}");
    }
}

/// The certificate that a new connection is shown.
fn shown(client: &Client, host: &Host) -> Vec<u8> {
    run(async {
        let stream = client.shake_hands(host.address).await.unwrap();
        stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    })
}

#[test]
fn a_certificate_is_renewed_without_a_failed_request() {
    const CALLERS: usize = 4;
    let folder = Folder::new();
    let (mut host, client, authority) = start(&folder, &[]);
    let first = shown(&client, &host);
    let (stop, asked) = (AtomicBool::new(false), AtomicU32::new(0));
    let http2 = Client::with(&authority.certificate, rustls::ALL_VERSIONS, &["h2"]);
    std::thread::scope(|scope| {
        let (asked, stop, address) = (&asked, &stop, host.address);
        let callers: Vec<_> = (0..CALLERS)
            .map(|at| {
                let client = if at % 2 == 0 { client.clone() } else { http2.clone() };
                // Half of them keep their connection, and the others take a new one each time.
                scope.spawn(move || {
                    run(async {
                        let (mut kept, _) = client.connect(address).await.unwrap();
                        while !stop.load(Ordering::Relaxed) {
                            let answer = if at < CALLERS / 2 {
                                kept.ask(address, "POST", "/dynamodbmanager", PING, &[]).await.unwrap()
                            } else {
                                client.ask(address, "POST", "/dynamodbmanager", PING).await
                            };
                            assert_eq!(answer.status, 200);
                            asked.fetch_add(1, Ordering::Relaxed);
                        }
                    });
                })
            })
            .collect();
        let mut before = first.clone();
        for round in 1..=5 {
            let so_far = asked.load(Ordering::Relaxed);
            authority.files(&folder);
            host.signal("HUP");
            let started = Instant::now();
            while shown(&client, &host) == before {
                assert!(started.elapsed() < Duration::from_secs(10), "round {round}: the old one is still shown");
            }
            before = shown(&client, &host);
            while asked.load(Ordering::Relaxed) < so_far + 20 {
                assert!(started.elapsed() < Duration::from_secs(30), "round {round}: nobody is answered any more");
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        stop.store(true, Ordering::Relaxed);
        for caller in callers {
            caller.join().unwrap();
        }
    });
    let log = host.stop();
    assert_eq!(log.matches("read anew what=\"certificate\"").count(), 5, "{log}");
}

#[test]
fn a_faulty_new_file_leaves_the_old_one_in_place() {
    let folder = Folder::new();
    let (mut host, client, authority) = start(&folder, &[]);
    let first = shown(&client, &host);
    let other = key(&rcgen::PKCS_ED25519).serialize_pem();
    for (name, content, says) in [
        ("key.pem", other.as_str(), "is not the key of the certificate"),
        ("cert.pem", "", "holds no certificate in PEM form"),
    ] {
        folder.file(name, content);
        host.signal("HUP");
        host.wait_for(says);
        assert_eq!(shown(&client, &host), first, "{says}");
    }
    assert!(host.log().contains("not read anew, what there was stays"), "{}", host.log());
    authority.files(&folder);
    host.signal("HUP");
    host.wait_for(" read anew what=");
    assert_ne!(shown(&client, &host), first);
    host.stop();
}

#[test]
fn a_server_that_stops_finishes_what_is_under_way() {
    let folder = Folder::new();
    let (mut host, client, _) = start(&folder, &["--client-timeout", "10s"]);
    run(async {
        use tokio::io::AsyncWriteExt as _;
        let mut stream = client.shake_hands(host.address).await.unwrap();
        let head = format!(
            "POST /dynamodbmanager HTTP/1.1\r\nhost: localhost:{}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            host.address.port(),
            PING.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        // A handshake that has only begun is no reason to wait.
        let _begun = host.connect();
        host.signal("TERM");
        tokio::time::sleep(Duration::from_millis(200)).await;
        stream.write_all(PING.as_bytes()).await.unwrap();
        let mut answer = String::new();
        // To the end, which TLS says so that nobody can cut a reply short.
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\"pong\""), "{answer}");
    });
    let (status, log) = host.wait();
    assert!(status.success(), "{log}");
}
