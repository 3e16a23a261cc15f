//! A URL as a person types it becomes where to connect to, what to ask for, and what its host gives away about it.

use axum::http::Uri;

use super::price::Front;

/// Where requests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The URL, as it was typed.
    pub url: String,
    /// Whether it is https.
    pub secure: bool,
    /// A name or an address; IPv6 without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What the Host header says: without the port where that goes without saying.
    pub authority: String,
    /// Path and query.
    pub path: String,
}

impl Target {
    /// Reads a URL.
    ///
    /// # Errors
    /// What was expected, and what was found.
    ///
    /// ```
    /// use gateleg::load::target::Target;
    /// let target = Target::parse("http://127.0.0.1:8080/dynamodbmanager")?;
    /// assert_eq!((target.port, target.path.as_str()), (8080, "/dynamodbmanager"));
    /// assert!(Target::parse("127.0.0.1:8080").is_err());
    /// # Ok::<(), String>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || {
            format!("expected a URL such as http://127.0.0.1:8080/dynamodbmanager, but found `{}`", text.escape_debug())
        };
        let uri: Uri = text.parse().map_err(|_| expected())?;
        let secure = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(expected()),
        };
        let authority = uri.authority().ok_or_else(expected)?;
        if authority.as_str().contains('@') {
            return Err("a URL must not hold a name and password; --header 'authorization: ..' sends one".into());
        }
        let bare = authority.host().trim_start_matches('[').trim_end_matches(']');
        // What stands after the host and is no port.
        let odd = authority.port().is_none() && authority.as_str() != authority.host();
        if bare.is_empty() || odd {
            return Err(expected());
        }
        let usual = if secure { 443 } else { 80 };
        let port = authority.port_u16().unwrap_or(usual);
        Ok(Target {
            url: text.into(),
            secure,
            host: bare.into(),
            port,
            authority: if port == usual { authority.host().into() } else { format!("{}:{port}", authority.host()) },
            path: uri.path_and_query().map_or("/", |path| path.as_str()).into(),
        })
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// What AWS has at such a host. Of an API behind `execute-api` it does not tell whether it is a REST or an HTTP one: the
    /// tutorial's is a REST API.
    pub fn front(&self) -> Option<Front> {
        match self.labels()?.as_slice() {
            [_, "execute-api", _, "amazonaws", ..] => Some(Front::Rest),
            [_, "lambda-url", _, "on", "aws"] => Some(Front::Url),
            _ => None,
        }
    }

    /// The region that the host names.
    pub fn region(&self) -> Option<&str> {
        self.front().and_then(|_| self.labels()?.get(2).copied())
    }

    fn labels(&self) -> Option<Vec<&str>> {
        self.host.is_ascii().then(|| self.host.split('.').collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_to_connect() {
        for (url, host, port, authority, path) in [
            ("http://127.0.0.1:8080/dynamodbmanager", "127.0.0.1", 8080, "127.0.0.1:8080", "/dynamodbmanager"),
            ("https://a.example", "a.example", 443, "a.example", "/"),
            ("https://a.example:443/x?y=1#z", "a.example", 443, "a.example", "/x?y=1"),
            ("http://[::1]:9/", "::1", 9, "[::1]:9", "/"),
        ] {
            let target = Target::parse(url).unwrap();
            let found = (target.host.as_str(), target.port, target.authority.as_str(), target.path.as_str());
            assert_eq!(found, (host, port, authority, path), "{url}");
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for bad in [
            "",
            "example.com",
            "127.0.0.1:8080/x",
            "/x",
            "ftp://a/",
            "http://",
            "http:///x",
            "http://u:p@a/",
            "http://a:b/",
            "http://a:99999/",
        ] {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_host_of_aws_tells_front_and_region() {
        for (url, front, region) in [
            (
                "https://ab12.execute-api.eu-west-1.amazonaws.com/test/dynamodbmanager",
                Some(Front::Rest),
                Some("eu-west-1"),
            ),
            ("https://ab12.lambda-url.us-east-2.on.aws/", Some(Front::Url), Some("us-east-2")),
            ("https://execute-api.example.com/", None, None),
            ("http://127.0.0.1:8080/", None, None),
        ] {
            let target = Target::parse(url).unwrap();
            assert_eq!((target.front(), target.region()), (front, region), "{url}");
        }
    }
}
