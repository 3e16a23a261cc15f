//! Which certificates are trusted: for DynamoDB itself the roots that Amazon's are signed by, elsewhere the system's.
//!
//! Reading the system's takes longer than everything else that happens before a function's first request.

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::HttpConnectorSettings;
use http::Uri;
use std::time::Duration;

use crate::dynamodb::{Timeouts, is_set};

/// Amazon Root CA 1 to 4 and Starfield Services Root CA G2, which AWS asks its callers to trust.
/// <https://docs.aws.amazon.com/security/latest/userguide/certificate-authorities.html>, <https://www.amazontrust.com/repository/>
const AMAZON: &str = include_str!("amazon.pem");

/// Environment variables that name certificates to trust in place of the system's.
const NAMED: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// An idle connection is given up before the other side does: DynamoDB keeps one for a minute or so.
const IDLE: Duration = Duration::from_secs(50);

/// The HTTP client for that endpoint.
pub(super) fn connector(endpoint: &Uri, timeouts: Timeouts) -> Result<Connector, String> {
    let settings = HttpConnectorSettings::builder().connect_timeout(timeouts.connect).build();
    let builder =
        Connector::builder().connector_settings(settings).sleep_impl(TokioSleep::new()).pool_idle_timeout(IDLE);
    if endpoint.scheme_str() == Some("http") {
        return Ok(builder.build_http());
    }
    let named = NAMED.into_iter().any(is_set);
    let builder = builder.tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    if named || !is_amazons(endpoint.host().unwrap_or_default()) {
        return Ok(builder.build());
    }
    let roots = TrustStore::empty().with_pem_certificate(AMAZON);
    let context = TlsContext::builder().with_trust_store(roots).build().map_err(super::text)?;
    Ok(builder.tls_context(context).build())
}

/// Whether that is an address of AWS, but for those in China, whose certificates may be others'.
fn is_amazons(host: &str) -> bool {
    [".amazonaws.com", ".api.aws"].iter().any(|end| host.ends_with(end))
}

#[cfg(test)]
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
        assert_eq!(AMAZON.matches("-----BEGIN CERTIFICATE-----").count(), 5);
        for endpoint in ["http://localhost:8000", "https://localhost:8000", "https://dynamodb.eu-west-1.amazonaws.com"]
        {
            assert!(connector(&Uri::from_static(endpoint), Timeouts::default()).is_ok(), "{endpoint}");
        }
    }
}
