//! Which certificates are trusted: for DynamoDB itself the roots that Amazon's are signed by, elsewhere the system's.
//!
//! Reading the system's takes longer than everything else that happens before a function's first request.

use std::sync::Arc;

use http::Uri;
use hyper_rustls::ConfigBuilderExt as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};

use crate::connections::Tls;
use crate::dynamodb::is_set;

/// Amazon Root CA 1 to 4 and Starfield Services Root CA G2, which AWS asks its callers to trust.
/// <https://docs.aws.amazon.com/security/latest/userguide/certificate-authorities.html>, <https://www.amazontrust.com/repository/>
const AMAZON: &str = include_str!("amazon.pem");

/// Environment variables that name certificates to trust in place of the system's.
const NAMED: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// TLS as it is spoken with that server, if it is.
pub(super) fn tls(server: &Uri) -> Result<Option<Tls>, String> {
    if server.scheme_str() == Some("http") {
        return Ok(None);
    }
    let host = server.host().unwrap_or_default();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(super::text)?;
    let named = NAMED.into_iter().any(is_set);
    let config = if named || !is_amazons(host) {
        config.with_native_roots().map_err(super::text)?
    } else {
        config.with_root_certificates(amazons()?)
    };
    let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    Ok(Some(Tls {
        connector: Arc::new(config.with_no_client_auth()).into(),
        server: ServerName::try_from(name).map_err(super::text)?,
    }))
}

fn amazons() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(AMAZON.as_bytes()) {
        roots.add(root.map_err(super::text)?).map_err(super::text)?;
    }
    Ok(roots)
}

/// Whether that is an address of AWS, but for those in China, whose certificates may be others'.
fn is_amazons(host: &str) -> bool {
    [".amazonaws.com", ".api.aws"].iter().any(|end| host.ends_with(end))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn amazons_own_addresses_are_told_from_others() {
        for (host, expected) in [
            ("dynamodb.eu-west-1.amazonaws.com", true),
            ("dynamodb.eu-west-1.api.aws", true),
            ("vpce-1-2.dynamodb.eu-west-1.vpce.amazonaws.com", true),
            ("dynamodb.cn-north-1.amazonaws.com.cn", false),
            ("amazonaws.com.example.org", false),
            ("localhost", false),
        ] {
            assert_eq!(is_amazons(host), expected, "{host}");
        }
    }

    #[test]
    fn there_are_five_roots_of_amazons() {
        assert_eq!(amazons().map(|roots| roots.len()), Ok(5));
        for (endpoint, expected) in [
            ("http://localhost:8000", None),
            ("https://localhost:8000", Some(r#"DnsName("localhost")"#)),
            ("https://[::1]:8000", Some("IpAddress(V6(Ipv6Addr([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])))")),
            ("https://dynamodb.eu-west-1.amazonaws.com", Some(r#"DnsName("dynamodb.eu-west-1.amazonaws.com")"#)),
        ] {
            let tls = tls(&Uri::from_static(endpoint)).unwrap();
            assert_eq!(tls.map(|tls| format!("{:?}", tls.server)).as_deref(), expected, "{endpoint}");
        }
    }
}
