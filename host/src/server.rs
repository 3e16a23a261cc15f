//! HTTP requests become replies of a route's gate, files of the [`Page`], or refusals in the one error body.
//!
//! [`router`] says what is answered where; [`Connections::serve`] takes connections until it is told to stop. Every answer
//! carries `x-amzn-requestid`, and every request leaves one line in the log, which says nothing of what is in it.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{Extension, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HOST,
    HeaderName, HeaderValue, VARY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, StatusCode, Uri, Version};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::any;
use gateleg_core::describe::Document;
use gateleg_core::error::{Error, ErrorType};
use gateleg_core::reply::Reply;
use gateleg_core::rule::Rule;
use uuid::Uuid;

use crate::body;
use crate::door::Door;
use crate::gate::Readiness;
use crate::metrics;
use crate::page::Page;
use crate::routes::{Route, Routes};
use crate::trace::{self, Traces};
use access::{Line, Told};

pub use connections::Connections;

mod access;
mod connections;
#[cfg(test)]
mod tests;
mod wire;

/// All that the routes need.
pub struct Server {
    /// Answer requests.
    pub routes: Routes,
    /// Says whether the store answers.
    pub readiness: Readiness,
    /// Says who may send them.
    pub door: Door,
    /// What `/` shows.
    pub page: Page,
    /// Most bytes of a request's body.
    pub max_body: usize,
    /// How long the body may take to arrive.
    pub body_time: Duration,
    /// Makes traces, if there is somebody to send them to.
    pub traces: Option<Traces>,
}

/// What is answered where: what the server tells of itself, its routes (without a policy file that is `POST /dynamodbmanager`), and
/// the page.
pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/healthz", any(health))
        .route("/readyz", any(readiness))
        .route("/metrics", any(figures))
        .route("/openapi.json", any(description))
        .fallback(other)
        .layer(from_fn_with_state(Arc::clone(&server), frame))
        .with_state(server)
}

/// Routes come and go with a policy, so they are not the router's.
async fn other(
    State(server): State<Arc<Server>>,
    Extension(RequestId(id)): Extension<RequestId>,
    request: Request,
) -> Response {
    match server.routes.find(request.uri().path()) {
        Some(route) => api(&server, &route, &id, request).await,
        None => page(&server, &id, request).await,
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

#[derive(Clone)]
struct RequestId(Arc<str>);

/// What every request goes through: an id, the Host check, a line in the log.
async fn frame(State(server): State<Arc<Server>>, mut request: Request, next: Next) -> Response {
    let id: Arc<str> = Uuid::new_v4().to_string().into();
    let trace = server.traces.as_ref().map(|traces| traces.begin(&request, server.door.scheme()));
    let line = Line::begin(&id, &request, server.routes.shared().metrics(), trace.clone());
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    let uri = request.uri().clone();
    if request.version() == Version::HTTP_2 {
        name_host(&uri, request.headers_mut());
    }
    let mut response = match server.door.check_host(&uri, request.headers()) {
        Ok(()) => trace::within(trace, next.run(request)).await,
        Err(error) => refuse(error, &id, "any"),
    };
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let told = response.extensions_mut().remove::<Told>().unwrap_or_default();
    let bytes_out = response.body().size_hint().exact().unwrap_or_default();
    line.end(response.status(), told, bytes_out);
    response
}

/// Over HTTP/2 the name of the host stands in `:authority` instead of a header; the checks look for the header.
fn name_host(uri: &Uri, headers: &mut HeaderMap) {
    let named = uri.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    if let (Some(host), false) = (named, headers.contains_key(HOST)) {
        headers.insert(HOST, host);
    }
}

async fn api(server: &Server, route: &Route, id: &str, request: Request) -> Response {
    let headers = request.headers();
    let preflight = *request.method() == Method::OPTIONS;
    let origin = match server.door.check_origin(headers) {
        Ok(origin) => origin,
        Err(error) => return refuse(error, id, route.path),
    };
    let mut response = match &origin {
        Some(_) if preflight => permit(route.path),
        _ => answer(server, route, id, request).await,
    };
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("x-amzn-requestid, retry-after"));
        headers.insert(VARY, HeaderValue::from_static("origin"));
    }
    response
}

async fn answer(server: &Server, route: &Route, id: &str, request: Request) -> Response {
    if *request.method() != Method::POST {
        return refuse_method(request.method(), "POST", id, route.path);
    }
    let (parts, body) = request.into_parts();
    let admitted = server.door.check_token(&parts.headers).and_then(|()| body::check_type(&parts.headers));
    if let Err(error) = admitted {
        return refuse(error, id, route.path);
    }
    let max_body = route.max_body.map_or(server.max_body, |most| most.min(server.max_body));
    let body = match body::read(&parts.headers, body, max_body, server.body_time).await {
        Ok(body) => body,
        Err(error) => return refuse(error, id, route.path),
    };
    let account = route.gate.account(&body, id, Some(parts.uri.path())).await;
    let mut response = respond(account.reply, route.path, body.len());
    if let Some(told) = response.extensions_mut().get_mut::<Told>() {
        told.asked = Some((account.operation, account.calls, account.tables));
    }
    response
}

async fn health(Extension(RequestId(id)): Extension<RequestId>, request: Request) -> Response {
    match *request.method() {
        Method::GET | Method::HEAD => respond(Reply::success("{\"status\":\"ok\"}".into()), "health", 0),
        _ => refuse_method(request.method(), "GET, HEAD", &id, "health"),
    }
}

/// Whether requests should be sent here. Without a token, as for the health check: those who ask have none, and it says no more
/// than any request would find out.
async fn readiness(
    State(server): State<Arc<Server>>,
    Extension(RequestId(id)): Extension<RequestId>,
    request: Request,
) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return refuse_method(request.method(), "GET, HEAD", &id, "readiness");
    }
    match server.readiness.check(|| server.routes.question()).await {
        Ok(()) => respond(Reply::success("{\"status\":\"ready\"}".into()), "readiness", 0),
        Err(why) => respond(Error::new(ErrorType::ServiceUnavailableException, why).reply(&id), "readiness", 0),
    }
}

/// What has happened so far, in figures.
async fn figures(
    State(server): State<Arc<Server>>,
    Extension(RequestId(id)): Extension<RequestId>,
    request: Request,
) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return refuse_method(request.method(), "GET, HEAD", &id, "metrics");
    }
    let headers = request.headers();
    if let Err(error) = server.door.check_origin(headers).and_then(|_| server.door.check_token(headers)) {
        return refuse(error, &id, "metrics");
    }
    let mut response = respond(Reply::success(server.routes.metrics_text()), "metrics", 0);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(metrics::CONTENT_TYPE));
    response
}

/// What the API takes and answers, as a document.
async fn description(
    State(server): State<Arc<Server>>,
    Extension(RequestId(id)): Extension<RequestId>,
    request: Request,
) -> Response {
    static TEXT: LazyLock<String> = LazyLock::new(|| Document::OpenApi.to_text());
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return refuse_method(request.method(), "GET, HEAD", &id, "description");
    }
    match server.door.check_token(request.headers()) {
        Ok(()) => respond(Reply::success(TEXT.clone()), "description", 0),
        Err(error) => refuse(error, &id, "description"),
    }
}

async fn page(server: &Server, id: &str, request: Request) -> Response {
    let path = request.uri().path();
    let found = server.page.get(path).await;
    match (found, request.method()) {
        (Some(mut file), &(Method::GET | Method::HEAD)) => {
            file.extensions_mut().insert(Told { route: "page", ..Told::default() });
            file
        }
        (Some(_), method) => refuse_method(method, "GET, HEAD", id, "page"),
        (None, _) => {
            let message = format!("There is nothing at {}", body::excerpt(path));
            let error = Error::new(ErrorType::UnknownRouteException, message).hint("The API is POST /dynamodbmanager");
            refuse(error, id, "unknown")
        }
    }
}

fn refuse_method(method: &Method, allowed: &'static str, id: &str, route: &'static str) -> Response {
    let message = format!("Method {} is not allowed here", body::excerpt(method.as_str()));
    let error = Error::new(ErrorType::MethodNotAllowedException, message).hint(format!("Allowed here: {allowed}"));
    let mut response = refuse(error, id, route);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

/// A refusal before the body was read: the rest of it is not waited for.
fn refuse(error: Error, id: &str, route: &'static str) -> Response {
    let mut response = respond(error.reply(id), route, 0);
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    if error.error_type() == ErrorType::MissingAuthenticationTokenException {
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"gateleg\""));
    }
    response
}

/// The answer to a browser that asks whether a page of an allowed origin may send its request.
fn permit(route: &'static str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response.extensions_mut().insert(Told { route, ..Told::default() });
    response
}

fn respond(reply: Reply, route: &'static str, bytes_in: usize) -> Response {
    let rule = reply.rule().map(Rule::id);
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    // A stranger's planner may say anything here; only names that are known are fit for the log.
    let error_type =
        reply.error.map(|(error_type, _)| ErrorType::parse(&error_type).map_or("other", ErrorType::as_str));
    response.extensions_mut().insert(Told { route, bytes_in, error_type, rule, asked: None });
    response
}
