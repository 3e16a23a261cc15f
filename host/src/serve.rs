//! `gateleg serve`: options become a listening server, until a signal ends it.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use gateleg_store::policy::ROUTE;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Handle;

use crate::door::{Door, Guests, Token};
use crate::failure::Failure;
use crate::gate::{Ceilings, Readiness, Shared};
use crate::page::Page;
use crate::reload::Reload;
use crate::routes::Routes;
use crate::server::{self, Connections, Server};
use crate::setup::{Backing, Described, Opened, Setup};
use crate::tls::{Reach, Tls, TlsFiles};
use crate::trace::Traces;
use crate::units;

/// The options of `gateleg serve`.
#[derive(Args, Debug, Clone)]
#[command(after_help = EXAMPLES)]
pub struct Serve {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = units::address)]
    addr: SocketAddr,

    #[command(flatten)]
    setup: Setup,

    /// Folder of the built playground page. By default 'playground' beside the program, if it is there
    #[arg(long, value_name = "DIR", env = "GATELEG_PLAYGROUND")]
    playground: Option<PathBuf>,

    /// How long a request may take
    #[arg(long, value_name = "TIME", default_value = "25s", value_parser = units::duration)]
    deadline: Duration,

    /// Largest body of a request
    #[arg(long, value_name = "SIZE", default_value = "10MB", value_parser = units::size)]
    max_body: usize,

    /// Largest body of a reply
    #[arg(long, value_name = "SIZE", default_value = "6MB", value_parser = units::size)]
    max_reply: usize,

    /// Most requests under way at once
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=4096))]
    max_requests: u32,

    /// Most requests that wait, until the deadline, for one of those to end; more are answered 503 at once
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u32).range(..=65536))]
    max_queue: u32,

    /// Most connections at once; more are answered 503 and closed
    #[arg(long, value_name = "N", default_value_t = 768, value_parser = clap::value_parser!(u32).range(1..=65536))]
    max_connections: u32,

    /// How long a caller may take for a TLS handshake, for a request's head, for its body, and for a part of its reply; and how long a connection
    /// may be idle
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = units::duration)]
    client_timeout: Duration,

    /// How long to go on taking requests after SIGINT or SIGTERM while /readyz says 503, so that a load balancer sees it. By
    /// default not at all
    #[arg(long, value_name = "TIME", value_parser = units::duration)]
    drain: Option<Duration>,

    /// File with the token that requests must carry; or put the token into the variable GATELEG_TOKEN
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// Demand no token, even where other machines can reach the server
    #[arg(long, conflicts_with = "token_file")]
    no_auth: bool,

    /// Another name the server may be reached by, with or without a port; may be repeated
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,

    #[command(flatten)]
    tls: TlsFiles,

    /// A web page's origin that may send requests: its scheme, name and port; may be repeated
    #[arg(long, value_name = "https://app.example")]
    allow_origin: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  gateleg serve
      An embedded store, on http://127.0.0.1:8080
  gateleg serve --store dynamodb --tables orders,people
      DynamoDB, two tables of it, with the region and credentials of your AWS settings
  AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000 gateleg serve --store dynamodb --tables '*'
      A local engine
  GATELEG_TOKEN=$(openssl rand -hex 32) gateleg serve --addr 0.0.0.0:8080
      Reachable from other machines, with a token
  GATELEG_TOKEN=$(openssl rand -hex 32) gateleg serve --addr 0.0.0.0:8443 --tls-cert cert.pem --tls-key key.pem
      The same over TLS; SIGHUP reads a renewed certificate";

impl Serve {
    /// Serves until SIGINT or SIGTERM.
    ///
    /// # Errors
    /// When the options make no sense, or the store or the address cannot be opened.
    pub fn run(self, plain_log: bool) -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::new(format!("the threads could not be started: {error}")))?;
        let result = runtime.block_on(self.serve(plain_log));
        // Whatever still runs has had its time.
        runtime.shutdown_timeout(Duration::from_secs(1));
        result
    }

    async fn serve(self, plain_log: bool) -> Result<(), Failure> {
        let tls = self.tls.clone().open()?;
        let guests = Guests {
            token: self.token()?,
            hosts: self.allow_host,
            origins: self.allow_origin,
            no_auth: self.no_auth,
            secure: tls.is_some(),
        };
        // Before anything is opened: a refusal should leave nothing behind.
        Door::new(self.addr, guests.clone())?;
        if let Some(folder) = self.playground.as_ref().filter(|folder| !folder.join("index.html").is_file()) {
            return Err(Failure::usage(format!("--playground: {} holds no index.html", folder.display()))
                .hint("cargo xtask serve builds the page and serves it"));
        }
        let ceilings = Ceilings {
            deadline: self.deadline,
            max_reply: self.max_reply,
            max_requests: self.max_requests,
            max_queue: self.max_queue,
            ..Ceilings::default()
        };
        let traces = Traces::from_environment()?;
        // Planners first: where one is wrong, nothing should have been made.
        let loaded = self.setup.load(&ceilings)?;
        let backing = Arc::new(self.setup.store().await?);
        let opened = backing.open_all(loaded).await?;
        let listener = listen(self.addr).map_err(|error| explain(self.addr, &error))?;
        let local = listener.local_addr().map_err(|error| explain(self.addr, &error))?;
        let shared = Shared::new(&ceilings);
        let announcement = Announcement::of(&backing, &opened, self.setup.policy_file());
        let server = Arc::new(Server {
            readiness: Readiness::default(),
            routes: Routes::new(opened, Arc::clone(&shared)),
            door: Door::new(local, guests.clone())?,
            page: Page::find(self.playground, near(local)),
            max_body: self.max_body,
            body_time: self.client_timeout,
            traces,
        });
        let reach = reach(near(local), tls.as_deref(), &guests);
        // Before anybody is told that it runs: a signal too early would end it at once.
        let stop = stop_signal()?;
        let mut reload = Reload::default();
        if let Some(policy) = self.setup.policy_file() {
            let (setup, server) = (self.setup.clone(), Arc::clone(&server));
            let (file, runtime) = (policy.display().to_string(), Handle::current());
            reload = reload.with("policy", move || {
                let opened = runtime.block_on(backing.open_all(setup.load(&ceilings)?))?;
                tracing::info!(file, routes = opened.len(), "requests go by the policy as it is now");
                server.routes.replace(opened);
                Ok(())
            });
        }
        if let Some(tls) = tls.clone() {
            reload = reload.with("certificate", move || tls.reload());
        }
        reload.at_hangup()?;
        announcement.make(local, &reach, &server, plain_log);
        let grace = self.deadline + Duration::from_secs(2);
        let router = server::router(Arc::clone(&server));
        let connections = Connections {
            most: self.max_connections,
            time: self.client_timeout,
            tls,
            metrics: Arc::clone(shared.metrics()),
        };
        let stop = async {
            stop.await;
            server.readiness.drain();
            tokio::time::sleep(self.drain.unwrap_or_default()).await;
        };
        let finish = async {
            let finished = connections.serve(listener, router, stop, grace).await;
            // Callers who hung up are not among the connections, but what they asked for may still be under way.
            finished & shared.settle(if finished { grace } else { Duration::ZERO }).await
        };
        let finished = finish.await;
        if let Some(traces) = &server.traces {
            traces.stop(grace).await;
        }
        if finished {
            tracing::info!("stopped");
            Ok(())
        } else {
            Err(Failure::new("stopped before every request had ended"))
        }
    }

    fn token(&self) -> Result<Option<Token>, Failure> {
        if self.no_auth {
            return Ok(None);
        }
        if let Some(file) = &self.token_file {
            let text = fs::read_to_string(file).map_err(|error| {
                Failure::new(format!("the token file {} cannot be read: {error}", file.display()))
                    .hint(format!("Make one with: openssl rand -hex 32 > {}", file.display()))
            })?;
            return Token::parse(&text).map(Some);
        }
        match std::env::var("GATELEG_TOKEN") {
            Ok(text) => Token::parse(&text).map(Some),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(error) => Err(Failure::usage(format!("GATELEG_TOKEN: {error}"))),
        }
    }
}

/// Connections that the system may hold until they are accepted. tokio's own 128 overflow in a burst, and a caller whose
/// connection does not fit tries again only after a second.
const BACKLOG: u32 = 1024;

fn listen(addr: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // So that a server can start again while old connections linger. Elsewhere than on Unix it would let two have one port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(addr)?;
    socket.listen(BACKLOG)
}

fn explain(addr: SocketAddr, error: &std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::AddrInUse => Failure::new(format!("{addr} is in use by another program")).hint(format!(
            "Stop that one, or take another port: --addr {}:{}",
            host(addr),
            addr.port().wrapping_add(1).max(1024)
        )),
        ErrorKind::PermissionDenied => Failure::new(format!("no permission to listen on {addr}"))
            .hint(format!("Ports from 1024 up are open to everyone: --addr {}:8080", host(addr))),
        ErrorKind::AddrNotAvailable => Failure::new(format!("{addr} is not an address of this machine"))
            .hint("Use 127.0.0.1:8080 for this machine only, or 0.0.0.0:8080 for all its addresses (--addr)"),
        _ => Failure::new(format!("could not listen on {addr}: {error}")).hint("Choose another address with --addr"),
    }
}

fn host(addr: SocketAddr) -> String {
    match addr {
        SocketAddr::V4(v4) => v4.ip().to_string(),
        SocketAddr::V6(v6) => format!("[{}]", v6.ip()),
    }
}

/// The address as this machine itself can use it.
fn near(local: SocketAddr) -> SocketAddr {
    match local.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), local.port()),
        ip => SocketAddr::new(ip, local.port()),
    }
}

/// How the first request can be sent from this machine.
fn reach(near: SocketAddr, tls: Option<&Tls>, guests: &Guests) -> Reach {
    let Some(tls) = tls else { return Reach::plain(near) };
    tls.reach(near, &guests.hosts).unwrap_or_else(|| {
        let names = tls.names().join(", ");
        tracing::warn!(
            names,
            "the certificate is for none of the names that this server goes by; --allow-host adds one"
        );
        Reach::plain(near)
    })
}

/// What is printed at the start: enough to send the first request.
struct Announcement {
    store: String,
    policy: Option<String>,
    routes: Vec<(String, Described)>,
}

impl Announcement {
    fn of(backing: &Backing, opened: &[Opened], policy: Option<&Path>) -> Self {
        Announcement {
            store: backing.described.clone(),
            policy: policy.map(|file| file.display().to_string()),
            routes: opened.iter().map(|route| (route.path.clone(), route.described.clone())).collect(),
        }
    }

    fn make(&self, local: SocketAddr, reach: &Reach, server: &Server, plain_log: bool) {
        let (store, policy) = (&self.store, &self.policy);
        let (scheme, Reach { authority, curl }) = (server.door.scheme(), reach);
        if !plain_log {
            let token = server.door.demands_token();
            tracing::info!(address = %local, scheme, store, policy, token, "listening");
            for (path, Described { operations, tables, planner }) in &self.routes {
                tracing::info!(path, operations, tables, planner, "route");
            }
            return;
        }
        let page = match server.page.folder() {
            Some(folder) => format!("{scheme}://{authority}/, from {}", folder.display()),
            None => "none; cargo xtask serve builds it".into(),
        };
        let (token, header) = match (server.door.demands_token(), local.ip().is_loopback()) {
            (true, _) => ("demanded", " \\\n    -H \"authorization: Bearer $GATELEG_TOKEN\""),
            (false, true) => ("none; only this machine can reach the server", ""),
            (false, false) => ("NONE, and other machines can reach the server", ""),
        };
        let routes = self.routes_in_words();
        let path = self.routes.first().map_or(ROUTE, |(path, _)| path);
        let request = if policy.is_none() { TUTORIAL } else { "{\"operation\": \"ping\"}" };
        eprintln!(
            "gateleg {} listening on {scheme}://{local}
  store    {store}
{routes}
  page     {page}
  token    {token}

Try it:
  curl {curl}{scheme}://{authority}{path} -H 'content-type: application/json'{header} \\
    -d '{request}'

Ctrl-C stops it.",
            env!("CARGO_PKG_VERSION")
        );
    }

    fn routes_in_words(&self) -> String {
        match (&self.policy, self.routes.as_slice()) {
            (None, [(_, Described { tables, planner, .. })]) => format!("  tables   {tables}\n  planner  {planner}"),
            (policy, routes) => {
                let policy = policy.as_deref().unwrap_or_default();
                let mut out = format!("  policy   {policy}; SIGHUP reads it again");
                for (path, Described { operations, tables, planner }) in routes {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\n  route    {path}: {operations} on {tables}; planner {planner}");
                }
                out
            }
        }
    }
}

const TUTORIAL: &str = "{\"operation\": \"create\", \"tableName\": \"lambda-apigateway\", \"payload\": {\"Item\": {\"id\": \"1\", \"name\": \"Bob\"}}}";

/// Ends with the first SIGINT or SIGTERM; the second ends the process at once.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(|error| Failure::new(format!("signals cannot be listened for: {error}")));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
        tracing::info!("stopping: requests under way are finished first; again to stop at once");
        tokio::spawn(async move {
            tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
            std::process::exit(130);
        });
    })
}

#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        // Without a way to hear of it, the server runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        tracing::info!("stopping: requests under way are finished first");
    })
}
