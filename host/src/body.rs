//! An HTTP request's headers and body stream become the bytes to plan, or the refusal: only JSON, not too much, not too slow.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName};
use gateleg_core::error::{Error, ErrorType};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// Refuses everything but `application/json`, in UTF-8 and as it is. A web page elsewhere cannot send that without asking first.
///
/// # Errors
/// `UnsupportedMediaTypeException`.
pub fn check_type(headers: &HeaderMap) -> Result<(), Error> {
    let refusal = |message: String| Err(Error::new(ErrorType::UnsupportedMediaTypeException, message).hint(HINT));
    match single(headers, &CONTENT_TYPE) {
        Some(value) if is_json(value) => {}
        Some(value) => return refusal(format!("Expected content-type application/json, but found {}", excerpt(value))),
        None if headers.contains_key(CONTENT_TYPE) => return refusal("Expected one readable content-type".into()),
        None => return refusal("Expected content-type application/json, but found none".into()),
    }
    match single(headers, &CONTENT_ENCODING) {
        None if !headers.contains_key(CONTENT_ENCODING) => Ok(()),
        Some(value) if value.eq_ignore_ascii_case("identity") => Ok(()),
        _ => refusal("A body with a content-encoding is not read here".into()),
    }
}

const HINT: &str = "Send the JSON as it is, with the header `content-type: application/json`";

/// Reads the body.
///
/// # Errors
/// `RequestEntityTooLargeException` as soon as it is known to be longer than `max` bytes, without reading the rest;
/// `TimeoutException` when it takes longer than `time`; `SerializationException` when it breaks off.
pub async fn read(headers: &HeaderMap, body: Body, max: usize, time: Duration) -> Result<Bytes, Error> {
    let announced = single(headers, &CONTENT_LENGTH).and_then(|text| text.parse::<u64>().ok());
    if announced.is_some_and(|length| length > u64::try_from(max).unwrap_or(u64::MAX)) {
        return Err(too_large(max));
    }
    match tokio::time::timeout(time, Limited::new(body, max).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(max)),
        Ok(Err(_)) => Err(Error::new(ErrorType::SerializationException, "The request's body broke off")),
        Err(_) => {
            let message = format!("The request's body did not arrive within {} s", time.as_secs_f32());
            Err(Error::new(ErrorType::TimeoutException, message).hint("Nothing was done; send it again"))
        }
    }
}

fn too_large(max: usize) -> Error {
    Error::new(ErrorType::RequestEntityTooLargeException, format!("The request's body is more than {max} bytes"))
        .hint("Split the request, or start the server with a larger --max-body")
}

/// `application/json`, with nothing but `charset=utf-8` behind it.
fn is_json(value: &str) -> bool {
    let mut parts = value.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let is_utf8 = |parameter: &str| {
        parameter.split_once('=').is_some_and(|(name, value)| {
            name.trim().eq_ignore_ascii_case("charset") && value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
    };
    essence.eq_ignore_ascii_case("application/json") && parts.all(|part| part.is_empty() || is_utf8(part))
}

/// The header's text, if it is there once.
pub(crate) fn single<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(first)
}

/// At most 64 characters of what a stranger wrote.
pub(crate) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(64) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_utf_8_is_the_only_type() {
        for good in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/json;",
        ] {
            assert!(is_json(good), "{good}");
        }
        for bad in [
            "",
            "text/plain",
            "application/jsonx",
            "application/json; charset=latin1",
            "application/json; a=b",
            "text/json",
        ] {
            assert!(!is_json(bad), "{bad}");
        }
    }
}
