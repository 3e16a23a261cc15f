//! Two PEM files, a chain of certificates and a key, become what handshakes are answered with; anew whenever it is asked for.
//!
//! What is wrong with the files is said in a person's words, and is found before the first handshake. Who may come in is left
//! to [`door`](crate::door), and how long a handshake may take to [`server`](crate::server).

use std::fs;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use clap::Args;
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::{InconsistentKeys, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::failure::Failure;
use certificate::Certificate;

mod certificate;

/// The files, as options.
#[derive(Args, Debug, Clone)]
pub struct TlsFiles {
    /// File with the certificate for TLS, in PEM form, followed by those that vouch for it. SIGHUP reads it anew
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// File with the certificate's private key, in PEM form: PKCS#8, PKCS#1 or SEC1
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
}

impl TlsFiles {
    /// Reads them, if they are named.
    ///
    /// # Errors
    /// When they cannot be read, or no handshake could be answered with them.
    pub fn open(self) -> Result<Option<Arc<Tls>>, Failure> {
        match (self.tls_cert, self.tls_key) {
            (Some(certificate), Some(key)) => Tls::open(certificate, key).map(Arc::new).map(Some),
            _ => Ok(None),
        }
    }
}

/// What handshakes are answered with.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    now: RwLock<Arc<Loaded>>,
}

/// What the files held when they were read.
struct Loaded {
    config: Arc<ServerConfig>,
    chain: Vec<CertificateDer<'static>>,
}

/// How a caller on this machine reaches the server.
pub struct Reach {
    /// The name or address, and the port.
    pub authority: String,
    /// What `curl` has to be told beside the URL; ends with a space if there is something.
    pub curl: String,
}

impl Reach {
    /// Without TLS.
    pub fn plain(near: SocketAddr) -> Self {
        Reach { authority: near.to_string(), curl: String::new() }
    }
}

impl Tls {
    /// Reads the two files.
    ///
    /// # Errors
    /// When they cannot be read, or no handshake could be answered with them.
    pub fn open(certificate: PathBuf, key: PathBuf) -> Result<Self, Failure> {
        let now = RwLock::new(Arc::new(load(&certificate, &key)?));
        Ok(Tls { certificate, key, now })
    }

    /// Reads the files again: handshakes from now on are answered with what they hold. Connections that are open go on, and
    /// what there was stays when there is something wrong with the files.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn reload(&self) -> Result<(), Failure> {
        // All of it at once, with what callers could resume: nobody is to go on with a certificate that was withdrawn.
        let loaded = Arc::new(load(&self.certificate, &self.key)?);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        Ok(())
    }

    /// What answers the next handshake.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.now().config))
    }

    /// How a caller on this machine reaches the server at `near` by a name that the certificate is for; `guests` are the names
    /// that the server goes by beside its address. None, if the certificate is for none of them.
    pub fn reach(&self, near: SocketAddr, guests: &[String]) -> Option<Reach> {
        let loaded = self.now();
        let parsed = ParsedCertificate::try_from(loaded.chain.first()?).ok()?;
        let port = near.port();
        let suffix = format!(":{port}");
        let guests = guests.iter().filter_map(|guest| match guest.strip_suffix(&suffix) {
            Some(name) => Some(name),
            None => (!guest.contains(':')).then_some(guest.as_str()),
        });
        let address = near.ip().to_string();
        let host = [address.as_str(), "localhost"].into_iter().chain(guests).find(|host| {
            let name = host.parse::<IpAddr>().map_or_else(|_| ServerName::try_from(*host), |ip| Ok(ip.into()));
            name.is_ok_and(|name| verify_server_name(&parsed, &name).is_ok())
        })?;
        let mut curl = String::new();
        // Who signed for itself is known to nobody, unless they are told.
        if loaded.chain.last().and_then(|last| Certificate::parse(last)).is_some_and(|last| last.is_own_issuer()) {
            curl.push_str(&format!("--cacert '{}' ", self.certificate.display()));
        }
        if host == address {
            return Some(Reach { authority: near.to_string(), curl });
        }
        if host != "localhost" {
            curl.push_str(&format!("--connect-to '::{}' ", near));
        }
        Some(Reach { authority: format!("{host}:{port}"), curl })
    }

    /// The names that the certificate is for, as far as they are names and no addresses.
    pub fn names(&self) -> Vec<String> {
        let loaded = self.now();
        loaded.chain.first().and_then(|first| Certificate::parse(first)).map(|first| first.names()).unwrap_or_default()
    }

    fn now(&self) -> Arc<Loaded> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The cryptography that is in the program anyway, for the SDK's own connections.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn load(certificate: &Path, key: &Path) -> Result<Loaded, Failure> {
    let chain = read_chain(certificate)?;
    let private = read_key(key)?;
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain.clone(), private));
    let mut config = config.map_err(|error| unfit(certificate, key, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    warn_of_age(certificate, &chain);
    warn_of_readers(key);
    Ok(Loaded { config: Arc::new(config), chain })
}

fn unfit(certificate: &Path, key: &Path, error: &rustls::Error) -> Failure {
    let (certificate, key) = (certificate.display(), key.display());
    match error {
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => Failure::new(format!(
            "the key in {key} is not the key of the certificate in {certificate}"
        ))
        .hint("The first certificate of the file must be the server's own, and those that vouch for it come after it"),
        rustls::Error::InvalidCertificate(_) => {
            Failure::new(format!("the first certificate in {certificate} is not one that TLS can use: {error}"))
                .hint(format!("To look at it: openssl x509 -in {certificate} -noout -text"))
        }
        _ => Failure::new(format!("the key in {key} cannot be used for TLS: {error}"))
            .hint("RSA from 2048 bits, ECDSA on P-256, P-384 and P-521, and Ed25519 can be"),
    }
}

fn read_chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let text = read(file, "certificate")?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.map_err(|error| broken(file, "certificate", &error))?;
    if chain.is_empty() {
        let failure = Failure::new(format!("{} holds no certificate in PEM form", file.display()));
        return Err(failure.hint(match has(&text, "PRIVATE KEY") {
            true => "It holds a key: perhaps the files of --tls-cert and --tls-key are swapped".into(),
            false => format!("DER becomes PEM with: openssl x509 -inform DER -in {}", file.display()),
        }));
    }
    Ok(chain)
}

fn read_key(file: &Path) -> Result<PrivateKeyDer<'static>, Failure> {
    let text = read(file, "key")?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| {
        if !matches!(error, pem::Error::NoItemsFound) {
            return broken(file, "key", &error);
        }
        if has(&text, "ENCRYPTED PRIVATE KEY") {
            return Failure::new(format!(
                "the key in {} is encrypted, and there is nobody to ask for its password",
                file.display()
            ))
            .hint(format!(
                "Without one: openssl pkey -in {} -out FILE, and only the server may read FILE",
                file.display()
            ));
        }
        let failure = Failure::new(format!("{} holds no private key in PEM form", file.display()));
        failure.hint(match has(&text, "CERTIFICATE") {
            true => "It holds a certificate: perhaps the files of --tls-cert and --tls-key are swapped".into(),
            false => format!("DER becomes PEM with: openssl pkey -inform DER -in {}", file.display()),
        })
    })
}

fn read(file: &Path, what: &str) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|error| {
        let failure = Failure::new(format!("the {what} file {} cannot be read: {error}", file.display()));
        match error.kind() {
            ErrorKind::NotFound => failure.hint(
                "To try it out: openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -keyout key.pem \
                 -out cert.pem -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -addext basicConstraints=critical,CA:FALSE",
            ),
            ErrorKind::PermissionDenied => failure.hint("The user that runs gateleg has to be able to read it"),
            _ => failure,
        }
    })
}

fn broken(file: &Path, what: &str, error: &pem::Error) -> Failure {
    Failure::new(format!("{} is broken where a {what} should be: {error}", file.display()))
}

fn has(text: &[u8], label: &str) -> bool {
    text.windows(label.len()).any(|window| window == label.as_bytes())
}

/// An expired certificate is served all the same: that callers refuse it is better than that nobody answers.
fn warn_of_age(file: &Path, chain: &[CertificateDer<'_>]) {
    let file = file.display();
    match chain.first().and_then(|first| Certificate::parse(first)) {
        None => tracing::warn!(%file, "when the certificate expires cannot be told"),
        Some(first) if first.not_after < SystemTime::now() => {
            tracing::warn!(%file, "the certificate has expired: callers will refuse it");
        }
        Some(first) if first.not_before > SystemTime::now() => {
            tracing::warn!(%file, "the certificate is not valid yet: callers will refuse it");
        }
        Some(_) => {}
    }
}

#[cfg(unix)]
fn warn_of_readers(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    if fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o004 != 0) {
        tracing::warn!(file = %file.display(), "every user of this machine can read the private key; chmod o-rwx would end that");
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_: &Path) {}
