//! Sizes, durations and addresses as a person types them become numbers: `10MB`, `25s`, `8080`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

pub use gateleg_store::units::{duration, size};

/// Reads an address to listen on: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, `8080`.
///
/// # Errors
/// A sentence on what was expected.
///
/// ```
/// use gateleg::units::address;
/// assert_eq!(address("8080"), address("localhost:8080"));
/// assert!(address("example.com:80").is_err());
/// ```
pub fn address(text: &str) -> Result<SocketAddr, String> {
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let port = text.strip_prefix("localhost:").or_else(|| text.strip_prefix(':')).unwrap_or(text);
    if let Ok(port) = port.parse::<u16>() {
        return Ok(SocketAddr::new(loopback, port));
    }
    text.parse().map_err(|_| {
        format!("expected an IP address and a port, such as 127.0.0.1:8080 or 0.0.0.0:8080, but found `{text}`")
    })
}
