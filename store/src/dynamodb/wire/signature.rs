//! AWS Signature Version 4, worked out once for as long as it stays the same.
//!
//! The SDK's signer takes any request, and derives its key anew for each. Ours go to one place, with the same headers, and a key is
//! good for a day. Key and signature are the SDK's own; a test holds the whole to what its signer makes of the same request.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, InvalidHeaderValue};
use http::{HeaderMap, HeaderValue};
use sha2::{Digest as _, Sha256};

const SERVICE: &str = "dynamodb";

const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TARGET: HeaderName = HeaderName::from_static("x-amz-target");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// Where requests go, as far as they are signed.
#[derive(Debug)]
pub(super) struct Destination {
    pub(super) region: String,
    /// The `host` header.
    pub(super) host: String,
    /// With nothing in it that would have to be escaped.
    pub(super) path: String,
}

/// Who requests are signed for.
#[derive(Debug)]
pub(super) struct Signer {
    credentials: Credentials,
    today: Mutex<Option<Arc<Day>>>,
}

/// What stays the same for a day.
struct Day {
    /// `20251124`
    date: String,
    /// `20251124/eu-west-1/dynamodb/aws4_request`
    scope: String,
    key: Vec<u8>,
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Day").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl Signer {
    pub(super) fn new(credentials: Credentials) -> Self {
        Signer { credentials, today: Mutex::default() }
    }

    pub(super) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Signs a `POST` with that content type, target and body, at that time: the headers get those two and all that the signature
    /// takes.
    ///
    /// # Errors
    /// When the target or the credentials cannot stand in a header.
    pub(super) fn sign(
        &self,
        to: &Destination,
        content_type: &'static str,
        target: String,
        body: &[u8],
        now: SystemTime,
        headers: &mut HeaderMap,
    ) -> Result<(), InvalidHeaderValue> {
        let time = compact(now);
        let day = self.day(time.get(..8).unwrap_or_default(), &to.region, now);
        let token = self.credentials.session_token();
        let (token_line, signed) = match token {
            Some(token) => (
                ["\nx-amz-security-token:", token].concat(),
                "content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
            ),
            None => (String::new(), "content-type;host;x-amz-date;x-amz-target"),
        };
        let canonical = [
            "POST\n",
            &to.path,
            "\n\ncontent-type:",
            content_type,
            "\nhost:",
            &to.host,
            "\nx-amz-date:",
            &time,
            &token_line,
            "\nx-amz-target:",
            &target,
            "\n\n",
            signed,
            "\n",
            &digest(body),
        ];
        let canonical = digest(canonical.concat().as_bytes());
        let to_sign = ["AWS4-HMAC-SHA256\n", &time, "\n", &day.scope, "\n", &canonical].concat();
        let signature = calculate_signature(&day.key, to_sign.as_bytes());
        let key_id = self.credentials.access_key_id();
        let authorization = [
            "AWS4-HMAC-SHA256 Credential=",
            key_id,
            "/",
            &day.scope,
            ", SignedHeaders=",
            signed,
            ", Signature=",
            &signature,
        ];

        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(TARGET, HeaderValue::try_from(target)?);
        headers.insert(DATE, HeaderValue::try_from(time)?);
        headers.insert(AUTHORIZATION, secret(authorization.concat())?);
        if let Some(token) = token {
            headers.insert(TOKEN, secret(token.into())?);
        }
        Ok(())
    }

    /// The day's key; derived by whoever comes first.
    fn day(&self, date: &str, region: &str, now: SystemTime) -> Arc<Day> {
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        match &*today {
            Some(day) if day.date == date => Arc::clone(day),
            _ => {
                let secret = self.credentials.secret_access_key();
                let day = Arc::new(Day {
                    date: date.into(),
                    scope: [date, "/", region, "/", SERVICE, "/aws4_request"].concat(),
                    key: generate_signing_key(secret, now, region, SERVICE).as_ref().to_vec(),
                });
                *today = Some(Arc::clone(&day));
                day
            }
        }
    }
}

/// `20251124T150640Z`
fn compact(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let text = DateTime::from_secs(i64::try_from(seconds).unwrap_or(0)).fmt(Format::DateTime).unwrap_or_default();
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// SHA-256 in hexadecimal digits.
fn digest(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// A header's value that no log shows.
fn secret(value: String) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::try_from(value)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::time::Duration;

    use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
    use aws_sigv4::sign::v4::SigningParams;
    use aws_smithy_runtime_api::client::identity::Identity;

    use super::*;

    const JSON: &str = "application/x-amz-json-1.0";

    /// The headers that the SDK's signer makes of the same request.
    fn sdks(
        credentials: &Credentials,
        region: &str,
        uri: &str,
        target: &str,
        body: &[u8],
        now: SystemTime,
    ) -> HeaderMap {
        let identity = Identity::from(credentials.clone());
        let settings = SigningSettings::default();
        let params =
            SigningParams::builder().identity(&identity).region(region).name(SERVICE).time(now).settings(settings);
        let params = params.build().unwrap().into();
        let headers = [("content-type", JSON), ("x-amz-target", target)];
        let request = SignableRequest::new("POST", uri, headers.into_iter(), SignableBody::Bytes(body)).unwrap();
        let mut signed = http::Request::post(uri);
        for (name, value) in headers {
            signed = signed.header(name, value);
        }
        let mut signed = signed.body(()).unwrap();
        sign(request, &params).unwrap().into_parts().0.apply_to_request_http1x(&mut signed);
        signed.headers().clone()
    }

    #[test]
    fn signatures_are_those_of_the_sdks_signer() {
        let places = [
            ("https://dynamodb.eu-west-1.amazonaws.com/", "dynamodb.eu-west-1.amazonaws.com", "/"),
            ("http://localhost:8000/", "localhost:8000", "/"),
            ("http://[::1]:8000/some/where", "[::1]:8000", "/some/where"),
            ("http://127.0.0.1:8000/a~b/c-d_e.f/", "127.0.0.1:8000", "/a~b/c-d_e.f/"),
        ];
        let start = UNIX_EPOCH + Duration::from_secs(1_750_000_000);
        for token in [None, Some("IQoJb3JpZ2luX2VjEAAaCXVzLWVhc3QtMSJHMEUCIQ+/==")] {
            let credentials =
                Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG", token.map(String::from), None, "test");
            let signer = Signer::new(credentials.clone());
            for (uri, host, path) in places {
                let to = Destination { region: "eu-west-1".into(), host: host.into(), path: path.into() };
                // The same day, the last second of it, the next day, and back again.
                for hours in [0, 1, 9, 30, 31, 0] {
                    let now = start + Duration::from_secs(hours * 3600 + 1) + Duration::from_millis(999);
                    for body in ["{}", r#"{"TableName":"t","Key":{"id":{"S":"\u00e4"}}}"#, ""] {
                        let target = "DynamoDB_20120810.GetItem";
                        let mut ours = HeaderMap::new();
                        signer.sign(&to, JSON, target.into(), body.as_bytes(), now, &mut ours).unwrap();
                        let theirs = sdks(&credentials, "eu-west-1", uri, target, body.as_bytes(), now);
                        assert_eq!(ours, theirs, "{uri} {token:?} {hours} {body}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_refused() {
        let to = Destination { region: "r".into(), host: "h".into(), path: "/".into() };
        let signer = Signer::new(Credentials::new("key\n", "secret", None, None, "test"));
        assert!(signer.sign(&to, JSON, "t".into(), b"", UNIX_EPOCH, &mut HeaderMap::new()).is_err());
        assert!(!format!("{signer:?}").contains("secret\""));
    }
}
