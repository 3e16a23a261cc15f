//! The same requests, through the same plan, against every store: the embedded one, and dynoxide's server and dynalite, an engine of
//! another make, each through the SDK's typed client and without it. The replies agree, but for what `differences` names and explains.
#![allow(clippy::panic, reason = "a test fails by it")]

mod common;
#[path = "agreement/differences.rs"]
mod differences;
#[path = "agreement/requests.rs"]
mod requests;

use gateleg_core::json::Json;
use gateleg_core::operation::OperationName;

use common::engine::Engine;
use common::homes::{embedded, remote, remote_wire, reply};
use differences::normalise;
use requests::{CASES, Case};

/// Which store a reply came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// dynoxide, through its HTTP server.
    Dynoxide,
    /// The embedded store.
    Embedded,
    /// dynalite.
    Dynalite,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_store_gives_the_same_replies() {
    assert!(CASES.len() >= 60, "{} requests", CASES.len());
    for &operation in OperationName::ALL {
        let name = format!(r#""operation":"{}""#, operation.as_str());
        assert!(CASES.iter().any(|case| case.request.contains(&name)), "no request for {}", operation.as_str());
    }

    let server = Engine::dynoxide();
    let other = Engine::dynoxide();
    let mut homes = vec![
        (Home::Dynoxide, remote(&server).await),
        (Home::Embedded, embedded()),
        (Home::Dynoxide, remote_wire(&other).await),
    ];
    let dynalite = [Engine::dynalite(), Engine::dynalite()];
    if let [Some(server), Some(other)] = &dynalite {
        homes.push((Home::Dynalite, remote(server).await));
        homes.push((Home::Dynalite, remote_wire(other).await));
    }

    let mut faults = Vec::new();
    for case in CASES {
        let mut first: Option<String> = None;
        for (home, store) in homes.iter().filter(|(home, _)| asked(case, *home)) {
            let reply = reply(store, case.request).await;
            if reply.status != case.status {
                faults.push(format!(
                    "{home:?}: status {}, not {}\n  {}\n  {}",
                    reply.status,
                    case.status,
                    case.request,
                    reply.text()
                ));
            }
            let found = normalise(case.request, reply.text());
            match &first {
                None => first = Some(found),
                Some(first) if *first == found => {}
                Some(first) => faults.push(format!("{home:?} differs\n  {}\n  {first}\n  {found}", case.request)),
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    if dynalite[0].is_some() {
        let unmet = differences::unmet();
        assert!(unmet.is_empty(), "differences that no reply can show any more: {unmet:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_put_together_are_the_whole_table() {
    let server = Engine::dynoxide();
    let other = Engine::dynoxide();
    let mut stores = vec![remote(&server).await, embedded(), remote_wire(&other).await];
    let dynalite = Engine::dynalite();
    if let Some(server) = &dynalite {
        stores.push(remote(server).await);
    }
    for store in &stores {
        for id in 0..7 {
            let put = format!(r#"{{"operation":"create","tableName":"things","payload":{{"Item":{{"id":"{id}"}}}}}}"#);
            assert_eq!(reply(store, &put).await.status, 200);
        }
        let mut found = Vec::new();
        let mut start = String::new();
        loop {
            let request = format!(r#"{{"operation":"list","tableName":"things","payload":{{"Limit":3{start}}}}}"#);
            let page = reply(store, &request).await;
            let json = Json::parse(&page.body).expect("a reply is JSON");
            let Some(Json::Array(items)) = json.get("Items") else { panic!("{}", page.text()) };
            assert!(items.len() <= 3);
            found.extend(items.iter().map(Json::to_text));
            let Some(key) = json.get("LastEvaluatedKey") else { break };
            start = format!(r#","ExclusiveStartKey":{}"#, key.to_text());
        }
        found.sort();
        assert_eq!(found, (0..7).map(|id| format!(r#"{{"id":"{id}"}}"#)).collect::<Vec<_>>());
    }
}

fn asked(case: &Case, home: Home) -> bool {
    home != Home::Dynalite || case.not_dynalite.is_none()
}
