//! gateleg as an AWS Lambda function.
//!
//! ```text
//! Runtime API -> raw event -> Event (shape, request) -> Plan <-> DynamoDB -> Reply -> Answer in that shape -> Runtime API
//! ```
//!
//! [`runtime_api`] fetches invocations and posts answers; [`event`] tells the fronts apart and finds the request; [`gate`]
//! has the request planned and carried out; [`answer`] puts the reply into the front's shape; [`account`] says what was done;
//! [`settings`] reads the environment. What a request means is `gateleg_core`'s business, calling DynamoDB is `gateleg_store`'s.
//!
//! Nothing that a caller sends ends the process, and nothing in an event's `requestContext` is trusted: it tells shapes apart
//! and no more, for a direct caller writes it as he likes.

pub mod account;
pub mod answer;
pub mod event;
pub mod gate;
pub mod runtime_api;
pub mod settings;
