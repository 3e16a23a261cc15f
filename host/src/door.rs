//! A request's Host, Origin and Authorization headers become the right to come in, or the refusal.
//!
//! The danger is a web page elsewhere that drives a host on its visitor's machine or network: by sending to it across origins
//! (its Origin gives it away), or by giving its own name the host's address (the Host header gives it away). Beyond loopback
//! the danger is everyone, so a token is demanded there; that is [`Door::new`]'s rule.

use std::net::{IpAddr, SocketAddr};

use axum::http::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use axum::http::uri::{Authority, Uri};
use gateleg_core::error::{Error, ErrorType};
use gateleg_core::rule::Rule;
use subtle::ConstantTimeEq as _;

use crate::body::{excerpt, single};
use crate::failure::Failure;

/// A shared secret: visible ASCII.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Takes a secret, without the white space around it.
    ///
    /// # Errors
    /// When it is empty, or could not stand in a header.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        if text.is_empty() {
            return Err(
                Failure::usage("expected a token, but found an empty text").hint("Make one with: openssl rand -hex 32")
            );
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::usage("a token holds visible ASCII characters only, and no spaces")
                .hint("Make one with: openssl rand -hex 32"));
        }
        Ok(Token(text.into()))
    }
}

/// Who may come in.
pub struct Door {
    local: SocketAddr,
    hosts: Vec<Name>,
    origins: Vec<Origin>,
    token: Option<Token>,
    secure: bool,
}

/// What a person lets in beyond the default.
#[derive(Clone, Default)]
pub struct Guests {
    /// `--allow-host`: `name`, on any port, or `name:port`.
    pub hosts: Vec<String>,
    /// `--allow-origin`: `https://example.com`.
    pub origins: Vec<String>,
    /// The token that is demanded.
    pub token: Option<Token>,
    /// `--no-auth`: no token is demanded, wherever the server listens.
    pub no_auth: bool,
    /// The server itself speaks TLS, and nothing else.
    pub secure: bool,
}

/// A host as a Host header or a URL names it; the port only where it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    host: String,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    host: String,
    port: u16,
    secure: bool,
}

impl Door {
    /// The rules for a server that listens at `local`.
    ///
    /// # Errors
    /// When it could be reached from beyond this machine and nothing guards it, or when a name or origin makes no sense.
    pub fn new(local: SocketAddr, guests: Guests) -> Result<Self, Failure> {
        if !local.ip().is_loopback() && guests.token.is_none() && !guests.no_auth {
            return Err(Failure::usage(format!(
                "{local} can be reached from other machines, and no token is demanded of them"
            ))
            .hint(
                "Demand one with --token-file FILE or the variable GATELEG_TOKEN (openssl rand -hex 32 makes one); \
                     --no-auth lets everyone in",
            ));
        }
        let hosts = guests.hosts.iter().map(|text| {
            Name::parse(text).ok_or_else(|| {
                Failure::usage(format!("--allow-host: expected a name, or a name and a port, but found `{text}`"))
                    .hint("For example: --allow-host gate.example:8080")
            })
        });
        let origins = guests.origins.iter().map(|text| {
            Origin::parse(text).ok_or_else(|| {
                Failure::usage(format!(
                    "--allow-origin: expected the scheme, name and port of a web page, but found `{text}`"
                ))
                .hint("For example: --allow-origin https://app.example:3000")
            })
        });
        Ok(Door {
            local,
            hosts: hosts.collect::<Result<_, _>>()?,
            origins: origins.collect::<Result<_, _>>()?,
            token: if guests.no_auth { None } else { guests.token },
            secure: guests.secure,
        })
    }

    /// Whether a token is demanded.
    pub fn demands_token(&self) -> bool {
        self.token.is_some()
    }

    /// The scheme under which the server is reached.
    pub fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// Whether the request was meant for this server.
    ///
    /// # Errors
    /// `MisdirectedRequestException`.
    pub fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Error> {
        let refusal = |message: String| Error::new(ErrorType::MisdirectedRequestException, message);
        let Some(text) = single(headers, &HOST) else {
            return Err(refusal("Expected one Host header".into()));
        };
        // A request line that names a host of its own would otherwise win over the header behind our back.
        let agrees = uri.authority().is_none_or(|authority| authority.as_str().eq_ignore_ascii_case(text));
        match Name::parse(text) {
            Some(name) if agrees && self.knows(&name) => Ok(()),
            Some(name) if agrees => Err(refusal(format!("This server does not go by the name {}", excerpt(text)))
                .hint(format!(
                    "Use {}://{}, or start the server with --allow-host {}",
                    self.scheme(),
                    self.local,
                    excerpt(&name.to_text())
                ))),
            _ => Err(refusal("The Host header is not a name and a port".into())),
        }
    }

    fn knows(&self, name: &Name) -> bool {
        let allowed = |known: &Name| known.host == name.host && (known.port.is_none() || known.port == name.port);
        if self.hosts.iter().any(allowed) {
            return true;
        }
        if self.local.ip().is_loopback() {
            return is_loopback(&name.host) && name.port.unwrap_or(default_port(self.secure)) == self.local.port();
        }
        // A page that gave its own name our address does not have the token; without a token, only addresses are above
        // suspicion. The port may be any: containers map it.
        (self.hosts.is_empty() && self.token.is_some()) || is_loopback(&name.host) || address(&name.host).is_some()
    }

    /// Whether the request comes from a page that may send here; if that page is of another origin, the origin to name in
    /// the answer.
    ///
    /// # Errors
    /// `AccessDeniedException`.
    pub fn check_origin(&self, headers: &HeaderMap) -> Result<Option<HeaderValue>, Error> {
        let refusal = |message: String| Error::new(ErrorType::AccessDeniedException, message).rule(Rule::DoorOrigin);
        let Some(value) = headers.get(ORIGIN) else {
            // Browsers send an Origin with every POST; without one this is a script tag, a form of an old browser, or curl.
            return match headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes) {
                None | Some(b"same-origin" | b"none") => Ok(None),
                Some(_) => Err(refusal("A web page of another origin may not send requests here".into())),
            };
        };
        let text = single(headers, &ORIGIN).unwrap_or_default();
        let origin = Origin::parse(text);
        let host = single(headers, &HOST).and_then(Name::parse);
        match (origin, host) {
            // Behind a proxy that speaks TLS a page of ours is https, and we cannot know it. Where we speak it ourselves, a
            // page under our name without TLS is somebody else's between us and the browser.
            (Some(origin), Some(host)) if origin.is_at(&host) && (origin.secure || !self.secure) => Ok(None),
            (Some(origin), _) if self.origins.contains(&origin) => Ok(Some(value.clone())),
            _ => Err(refusal(format!("The web page at {} may not send requests here", excerpt(text)))
                .hint("Start the server with --allow-origin and the page's scheme, name and port to allow it")),
        }
    }

    /// Whether the request carries the token, if one is demanded.
    ///
    /// # Errors
    /// `MissingAuthenticationTokenException`.
    pub fn check_token(&self, headers: &HeaderMap) -> Result<(), Error> {
        let Some(token) = &self.token else { return Ok(()) };
        let given = single(headers, &AUTHORIZATION).and_then(|value| value.split_once(' '));
        let refusal = |message: &str| {
            Error::new(ErrorType::MissingAuthenticationTokenException, message)
                .hint("Send the header `authorization: Bearer TOKEN`, with the token the server was started with")
        };
        match given {
            Some((scheme, given)) if scheme.eq_ignore_ascii_case("bearer") => {
                // In constant time, so that how long a refusal takes says nothing about the token.
                let same = given.trim().as_bytes().ct_eq(token.0.as_bytes());
                if bool::from(same) { Ok(()) } else { Err(refusal("The token is not valid")) }
            }
            _ => Err(refusal("Missing Authentication Token")),
        }
    }
}

/// What a browser says about where a request comes from.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Name {
    fn parse(text: &str) -> Option<Self> {
        let authority: Authority = text.parse().ok()?;
        let rest = text.get(authority.host().len()..)?;
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => None,
            None => return None,
            Some(port) => Some(port.parse().ok()?),
        };
        // `user@host` has an authority whose host is not at its start.
        text.starts_with(authority.host()).then(|| Name { host: authority.host().to_ascii_lowercase(), port })
    }

    fn to_text(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let secure = match scheme {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let name = Name::parse(rest)?;
        Some(Origin { host: name.host, port: name.port.unwrap_or(default_port(secure)), secure })
    }

    /// Whether the page was served under the very name that the request was sent to.
    fn is_at(&self, host: &Name) -> bool {
        self.host == host.host && self.port == host.port.unwrap_or(default_port(self.secure))
    }
}

fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || address(host).is_some_and(|ip| ip.is_loopback())
}

fn address(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(local: &str, guests: Guests) -> Door {
        Door::new(local.parse().unwrap(), guests).unwrap()
    }

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        list.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    fn enters(door: &Door, host: &str) -> bool {
        door.check_host(&Uri::from_static("/"), &headers(&[("host", host)])).is_ok()
    }

    #[test]
    fn on_loopback_only_loopback_names_with_the_port_are_known() {
        let door = door("127.0.0.1:8080", Guests { hosts: vec!["gate.example".into()], ..Guests::default() });
        for good in [
            "localhost:8080",
            "LOCALHOST:8080",
            "127.0.0.1:8080",
            "[::1]:8080",
            "a.localhost:8080",
            "gate.example",
            "gate.example:1",
        ] {
            assert!(enters(&door, good), "{good}");
        }
        for bad in [
            "localhost",
            "localhost:81",
            "evil.example:8080",
            "user@localhost:8080",
            "localhost.evil.example:8080",
            "",
            ":8080",
            "localhost:8080:1",
        ] {
            assert!(!enters(&door, bad), "{bad}");
        }
    }

    #[test]
    fn beyond_loopback_without_a_token_names_must_be_allowed() {
        let open = door("0.0.0.0:8080", Guests { no_auth: true, ..Guests::default() });
        assert!(enters(&open, "192.168.1.5:9000"));
        assert!(!enters(&open, "evil.example:8080"));
        let token = Some(Token::parse("secret").unwrap());
        let guarded = door("0.0.0.0:8080", Guests { token, ..Guests::default() });
        assert!(enters(&guarded, "gate.example"));
        assert!(Door::new("0.0.0.0:8080".parse().unwrap(), Guests::default()).is_err());
    }

    #[test]
    fn a_request_line_may_not_name_another_host_than_the_header() {
        let door = door("127.0.0.1:8080", Guests::default());
        let headers = headers(&[("host", "localhost:8080")]);
        assert!(door.check_host(&Uri::from_static("http://localhost:8080/"), &headers).is_ok());
        assert!(door.check_host(&Uri::from_static("http://evil.example/"), &headers).is_err());
    }

    #[test]
    fn an_origin_is_none_our_own_or_an_allowed_one() {
        let door = door("127.0.0.1:8080", Guests { origins: vec!["https://app.example".into()], ..Guests::default() });
        let check = |list: &[(&'static str, &str)]| {
            let mut all = vec![("host", "localhost:8080")];
            all.extend_from_slice(list);
            door.check_origin(&headers(&all)).map(|origin| origin.is_some()).ok()
        };
        assert_eq!(check(&[]), Some(false));
        assert_eq!(check(&[("origin", "http://localhost:8080")]), Some(false));
        assert_eq!(check(&[("origin", "https://app.example")]), Some(true));
        assert_eq!(check(&[("origin", "https://app.example:443")]), Some(true));
        for bad in [
            "http://app.example",
            "http://localhost:3000",
            "http://127.0.0.1:8080",
            "null",
            "",
            "https://app.example.evil",
        ] {
            assert_eq!(check(&[("origin", bad)]), None, "{bad}");
        }
        assert_eq!(check(&[("sec-fetch-site", "cross-site")]), None);
        assert_eq!(check(&[("sec-fetch-site", "same-site")]), None);
        assert_eq!(check(&[("sec-fetch-site", "same-origin")]), Some(false));
        let twice = headers(&[
            ("host", "localhost:8080"),
            ("origin", "http://localhost:8080"),
            ("origin", "https://evil.example"),
        ]);
        assert!(door.check_origin(&twice).is_err());
    }

    #[test]
    fn over_tls_our_own_origin_is_https() {
        let secure = door("127.0.0.1:8443", Guests { secure: true, ..Guests::default() });
        let plain = door("127.0.0.1:8443", Guests::default());
        for (origin, over_tls, without) in [
            ("https://localhost:8443", true, true),
            ("http://localhost:8443", false, true),
            ("https://localhost", false, false),
            ("https://localhost:8444", false, false),
        ] {
            let headers = headers(&[("host", "localhost:8443"), ("origin", origin)]);
            assert_eq!(secure.check_origin(&headers).is_ok(), over_tls, "{origin}");
            assert_eq!(plain.check_origin(&headers).is_ok(), without, "{origin}");
        }
        let at_443 = |secure| door("127.0.0.1:443", Guests { secure, ..Guests::default() });
        assert!(enters(&at_443(true), "localhost") && !enters(&at_443(false), "localhost"));
    }

    #[test]
    fn a_token_is_compared_whole() {
        let door =
            door("127.0.0.1:8080", Guests { token: Some(Token::parse(" secret\n").unwrap()), ..Guests::default() });
        let check = |value: &str| door.check_token(&headers(&[("authorization", value)])).is_ok();
        assert!(check("Bearer secret"));
        assert!(check("bearer secret"));
        for bad in ["Bearer secre", "Bearer secrets", "Bearer", "Bearer ", "Basic secret", "secret"] {
            assert!(!check(bad), "{bad}");
        }
        assert!(door.check_token(&HeaderMap::new()).is_err());
        assert!(Token::parse(" ").is_err());
        assert!(Token::parse("two words").is_err());
    }
}
