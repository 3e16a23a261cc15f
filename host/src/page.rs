//! A path becomes a file of the playground's folder, with the headers it needs. What the page does is left to the page.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::response::Response;

/// The playground: a folder of built files, or a few words in its place.
pub struct Page {
    folder: Option<PathBuf>,
    /// Where the server that shows it can be reached.
    address: SocketAddr,
}

impl Page {
    /// The folder that was asked for, or else `playground` beside the program, as `cargo xtask dist` leaves it.
    pub fn find(asked: Option<PathBuf>, address: SocketAddr) -> Self {
        let beside = || {
            let folder = std::env::current_exe().ok()?.parent()?.join("playground");
            folder.join("index.html").is_file().then_some(folder)
        };
        Page { folder: asked.or_else(beside), address }
    }

    /// Where its files are, if there are any.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// The answer to a GET of that path; `None` when there is no such file.
    pub async fn get(&self, path: &str) -> Option<Response> {
        let Some(folder) = &self.folder else {
            return (path == "/").then(|| self.absent());
        };
        let name = if path == "/" { "index.html" } else { path.strip_prefix('/')? };
        if !is_plain(name) {
            return None;
        }
        match tokio::fs::read(folder.join(name)).await {
            Ok(content) => Some(respond(Body::from(content), content_type(name), cache_control(name))),
            Err(_) if path == "/" => {
                tracing::warn!(folder = %folder.display(), "the playground's folder holds no index.html");
                Some(self.absent())
            }
            Err(_) => None,
        }
    }

    /// What `/` says without a playground.
    fn absent(&self) -> Response {
        let text = format!(
            "\
gateleg is running, without its playground page.

To build and serve the page:     cargo xtask serve
To serve one that is built:      gateleg serve --playground DIR

The API is POST /dynamodbmanager:

  curl http://{}/dynamodbmanager -H 'content-type: application/json' -d '{{\"operation\": \"ping\"}}'
",
            self.address
        );
        respond(Body::from(text), "text/plain; charset=utf-8", "no-cache")
    }
}

/// As the page's own; here it also keeps the page out of frames, which a page cannot say of itself.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    style-src-attr 'unsafe-inline'; img-src 'self' data:; connect-src 'self' https: http://localhost:* http://127.0.0.1:*; \
    worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn respond(body: Body, content_type: &'static str, cache_control: &'static str) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// Names that lead nowhere but down: built files need no others, so nothing has to be decoded.
fn is_plain(name: &str) -> bool {
    name.split('/').all(|part| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The bundler puts a hash of the content into the names of what it leaves in `assets/`; all else may change under its name.
fn cache_control(name: &str) -> &'static str {
    let hash =
        |name: &str| name.rsplit_once('.').and_then(|(stem, _)| stem.rsplit_once('-').map(|(_, hash)| hash.len() >= 8));
    match name.strip_prefix("assets/").and_then(hash) {
        Some(true) => "public, max-age=31536000, immutable",
        _ => "no-cache",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere_but_down() {
        for good in ["index.html", "assets/index-BcD_1234.js", "a.b/c"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in [
            "",
            "../secret",
            "a/../b",
            "/etc/passwd",
            "a//b",
            ".env",
            "a/.git/config",
            "%2e%2e/x",
            "a\\b",
            "a\0b",
            "c:x",
        ] {
            assert!(!is_plain(bad), "{bad}");
        }
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_good() {
        assert!(cache_control("assets/index-BcD_1234.js").contains("immutable"));
        for name in ["index.html", "assets/index.js", "assets/a-b.js", "index-BcD_1234.js"] {
            assert_eq!(cache_control(name), "no-cache", "{name}");
        }
    }
}
