//! Both stores in front of DynamoDB follow the standard AWS settings. They are read from the environment, so each case is a process of
//! its own: this test program, started again.
#![allow(clippy::panic, reason = "a test fails by it")]

mod common;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use gateleg_core::command::Command as Call;
use gateleg_store::Store;
use gateleg_store::dynamodb::wire::WireDynamoDb;
use gateleg_store::dynamodb::{ConnectError, DynamoDb};
use rcgen::CertifiedKey;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use common::canned::{Answer, Canned};

/// Says to the program started again that it is the inner one, and which of the two it is about.
const INNER: &str = "GATELEG_TEST_INNER";
const CLIENTS: [&str; 2] = ["typed", "wire"];
const CREDENTIALS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
const GET: &str = r#"{"GetItem":{"TableName":"things","Key":{"id":{"S":"1"}}}}"#;

#[tokio::test]
async fn the_inner_process() {
    let Ok(client) = std::env::var(INNER) else { return };
    match store(&client).await {
        Ok(store) => {
            let outcome = store.execute(Call::parse(GET).expect("a command")).await;
            println!("outcome {}", outcome.to_text());
        }
        Err(error) => println!("refused {error}"),
    }
}

/// The store, with its connection open.
async fn store(client: &str) -> Result<Arc<dyn Store>, ConnectError> {
    if client == "wire" {
        let store = WireDynamoDb::connect().await?;
        store.warm().await;
        return Ok(Arc::new(store));
    }
    let store = DynamoDb::connect().await?;
    store.warm().await;
    Ok(Arc::new(store))
}

/// What the inner process says in that environment.
async fn connect(client: &str, environment: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["--exact", "the_inner_process", "--nocapture"]).env_clear().env(INNER, client);
    // Neither this machine's profile nor the metadata service of a cloud may answer.
    command.env("HOME", env!("CARGO_TARGET_TMPDIR")).env("AWS_EC2_METADATA_DISABLED", "true");
    command.envs(environment.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic").expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = text.lines().find_map(|line| line.find("outcome ").or(line.find("refused ")).map(|at| &line[at..]));
    said.unwrap_or_else(|| panic!("{text}\n{}", String::from_utf8_lossy(&output.stderr))).into()
}

#[tokio::test]
async fn no_region_is_an_error_that_says_what_to_set() {
    for client in CLIENTS {
        let said = connect(client, &[]).await;
        assert!(said.starts_with("refused expected an AWS region, but found none: set AWS_REGION"), "{client}: {said}");
    }
}

#[tokio::test]
async fn an_endpoint_needs_no_region() {
    for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"] {
        // The one asks what any client may, the other what nobody has to be allowed to.
        for (client, first) in CLIENTS.into_iter().zip(["DynamoDB_20120810.DescribeEndpoints", ""]) {
            let server = Canned::start([Answer::Body(200, "{}".into())]).await;
            let said = connect(client, &[&CREDENTIALS[..], &[(name, &server.endpoint)]].concat()).await;
            assert_eq!(said, r#"outcome {"ok":{},"requestId":"r-2","retryAttempts":0}"#, "{client}");
            let targets: Vec<String> = server.seen().into_iter().map(|seen| seen.target).collect();
            assert_eq!(targets, [first, "DynamoDB_20120810.GetItem"], "{client}");
        }
    }
}

#[tokio::test]
async fn an_endpoint_that_is_none_is_an_error() {
    let said = connect("wire", &[&CREDENTIALS[..], &[("AWS_ENDPOINT_URL_DYNAMODB", "localhost")]].concat()).await;
    assert!(said.starts_with("refused expected an endpoint of DynamoDB, but found none: "), "{said}");
}

#[tokio::test]
async fn no_credentials_show_with_the_first_call() {
    for client in CLIENTS {
        let said = connect(client, &[("AWS_REGION", "eu-west-1"), ("AWS_MAX_ATTEMPTS", "1")]).await;
        assert!(said.contains(r#""__type":"StoreConfigurationException""#), "{client}: {said}");
    }
}

#[tokio::test]
async fn a_certificate_is_trusted_if_the_system_or_the_environment_says_so() {
    let server = Canned::start([Answer::Body(200, "{}".into())]).await;
    let (endpoint, certificate) = behind_tls(&server).await;
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("connect-{}.pem", std::process::id()));
    std::fs::write(&file, certificate).expect("it can be written");
    let named = ("SSL_CERT_FILE", file.to_str().expect("its path is text"));
    let at = ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.as_str());
    for client in CLIENTS {
        let said = connect(client, &[&CREDENTIALS[..], &[at, named]].concat()).await;
        assert!(said.starts_with(r#"outcome {"ok":{},"#), "{client}: {said}");
        let said = connect(client, &[&CREDENTIALS[..], &[at, ("AWS_MAX_ATTEMPTS", "1")]].concat()).await;
        assert!(said.contains(r#""message":"The store cannot be reached""#), "{client}: {said}");
    }
    std::fs::remove_file(file).expect("it is there");
}

/// The same server behind TLS, for the name `localhost`: its endpoint, and its certificate.
async fn behind_tls(server: &Canned) -> (String, String) {
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("they belong together");
    let (acceptor, listener) =
        (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.expect("a port is free"));
    let endpoint = format!("https://localhost:{}", listener.local_addr().expect("it has an address").port());
    let plain = server.endpoint.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, plain) = (acceptor.clone(), plain.clone());
            tokio::spawn(async move {
                let Ok(mut inner) = acceptor.accept(stream).await else { return };
                let mut outer = TcpStream::connect(plain).await.expect("the server is there");
                let _ = tokio::io::copy_bidirectional(&mut inner, &mut outer).await;
            });
        }
    });
    (endpoint, cert.pem())
}
