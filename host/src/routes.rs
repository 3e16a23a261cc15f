//! Paths become gates: the routes of a server, which can be exchanged for others while requests are under way.
//!
//! What each route is for comes from the options or from a policy file: see [`setup`](crate::setup).

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use gateleg_store::policy::ROUTE;

use crate::gate::{Gate, Question, Shared};
use crate::setup::Opened;

/// One route.
pub struct Route {
    /// Its path, as a label of figures.
    pub path: &'static str,
    /// Answers its requests.
    pub gate: Gate,
    /// Most bytes of a request's body, where that is less than the server takes.
    pub max_body: Option<usize>,
}

/// The routes of a server.
pub struct Routes {
    now: RwLock<Arc<Vec<Arc<Route>>>>,
    shared: Arc<Shared>,
}

impl Routes {
    /// These, of a server whose gates share that.
    pub fn new(opened: Vec<Opened>, shared: Arc<Shared>) -> Self {
        let routes = Routes { now: RwLock::default(), shared };
        routes.replace(opened);
        routes
    }

    /// The route of the API alone.
    pub fn only(gate: Gate) -> Self {
        let shared = gate.shared();
        let route = Arc::new(Route { path: ROUTE, gate, max_body: None });
        Routes { now: RwLock::new(Arc::new(vec![route])), shared }
    }

    /// From now on these. Requests that are under way end as they began.
    pub fn replace(&self, opened: Vec<Opened>) {
        let routes = opened.into_iter().map(|opened| {
            let path = kept(&opened.path);
            let max_body = opened.max_body;
            Arc::new(Route { path, gate: opened.into_gate().beside(&self.shared), max_body })
        });
        let routes = Arc::new(routes.collect());
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = routes;
    }

    /// The route that a path leads to: its own, also behind the name of a stage as in API Gateway.
    pub fn find(&self, path: &str) -> Option<Arc<Route>> {
        let staged = path.get(1..).and_then(|rest| rest.find('/')).and_then(|at| path.get(at + 1..));
        let routes = self.now();
        let of = |wanted: &str| routes.iter().find(|route| is(route.path, wanted)).cloned();
        of(path).or_else(|| of(staged?))
    }

    /// What all of them share.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The figures as text.
    pub fn metrics_text(&self) -> String {
        let routes = self.now();
        self.shared.metrics().to_text(routes.iter().filter_map(|route| route.gate.usage()))
    }

    /// What to ask a store to know whether it answers.
    pub fn question(&self) -> Option<Question> {
        self.now().iter().find_map(|route| route.gate.question())
    }

    fn now(&self) -> Arc<Vec<Arc<Route>>> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The tutorial spells its resource `DynamoDBManager`.
fn is(route: &str, path: &str) -> bool {
    route == path || (route == ROUTE && path == "/DynamoDBManager")
}

/// The path for as long as the process runs: figures keep it as long anyway. There are as many as files have named.
fn kept(path: &str) -> &'static str {
    static KEPT: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    if path == ROUTE {
        return ROUTE;
    }
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept.iter().find(|known| **known == path) {
        return known;
    }
    let path: &'static str = Box::leak(path.into());
    kept.push(path);
    path
}
