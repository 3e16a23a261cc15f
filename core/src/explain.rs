//! A request becomes what a person wants to know before sending it: what it does in plain words, what it costs, and the least
//! policy of AWS IAM that it needs.
//!
//! All three are about the call as a whole, as the request makes it; the calls it becomes one by one are the plan's to show,
//! and remarks are advice. Nothing here knows a table: what depends on one is said as a condition or a bound.
//!
//! ```
//! use gateleg_core::{context::Context, explain::explain};
//! let request = br#"{"operation": "read", "tableName": "people", "payload": {"Key": {"id": "1"}, "ConsistentRead": true}}"#;
//! let explanation = explain(request, &Context::default())?;
//! assert_eq!(explanation.words.first().unwrap(), "Reads the item with id \"1\" from people.");
//! assert_eq!(explanation.cost.total.least.to_text(), "1");
//! assert!(explanation.iam.contains("dynamodb:GetItem"));
//! # Ok::<(), gateleg_core::error::Error>(())
//! ```

mod condition;
mod cost;
mod iam;
mod text;
mod update;
mod words;

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::context::Context;
use crate::error::Error;
use crate::expression::{self, Expression, ExpressionKind, Scope};
use crate::json::{self, Object};
use crate::operate::{Does, Operation};
use crate::shape::Name;
use crate::tree::Structure;

pub use self::cost::{Cost, Part, Prices, Range, US_EAST_1, Units};
pub use self::iam::{TableOf, iam, iam_of};
pub use self::text::thousands;

/// What a request does, costs and needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What it does: sentences for someone who is new to DynamoDB.
    pub words: Vec<String>,
    /// What it costs.
    pub cost: Cost,
    /// The least policy of AWS IAM for it: canonical JSON.
    pub iam: String,
}

impl Explanation {
    /// Canonical JSON: `{"words": [..], "cost": {..}, "iam": {..}}`.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let mut object = Object::new(&mut out);
        json::write_array(object.member("words"), &self.words, |out, sentence| json::write_string(out, sentence));
        self.cost.write(object.member("cost"));
        object.member("iam").push_str(&self.iam);
        object.end();
        out
    }
}

/// Explains a request, whatever its `options.dryRun` says.
///
/// # Errors
/// The refusal that it would be answered with.
pub fn explain(request: &[u8], context: &Context) -> Result<Explanation, Error> {
    let keys = context.keys();
    let operation = Operation::admit(request, context)?;
    let name = operation.name();
    let (options, does, _) = operation.into_parts();
    let Does::Call(command) = does else {
        return Ok(Explanation { words: words::answer(name), cost: Cost::default(), iam: iam(core::iter::empty()) });
    };
    Ok(Explanation {
        words: words::call(&command, &options, keys),
        cost: Cost::of(&command, &options),
        iam: iam(core::iter::once(&command)),
    })
}

/// The least policy for several requests together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The policy for all that are not refused: canonical JSON.
    pub iam: String,
    /// The places of those that are refused, from 0.
    pub refused: Vec<usize>,
}

impl Needs {
    /// Canonical JSON: `{"iam": {..}, "refused": [..]}`.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let mut object = Object::new(&mut out);
        object.member("iam").push_str(&self.iam);
        json::write_array(object.member("refused"), &self.refused, |out, place| out.push_str(&place.to_string()));
        object.end();
        out
    }
}

/// What several requests need, each judged by itself.
///
/// ```
/// use gateleg_core::{context::Context, explain::needs};
/// let read = r#"{"operation": "read", "tableName": "people", "payload": {"Key": {"id": "1"}}}"#;
/// let needs = needs([read.as_bytes(), b"{", read.as_bytes()], &Context::default());
/// assert_eq!(needs.iam.matches("dynamodb:GetItem").count(), 1);
/// assert_eq!(needs.refused, [1]);
/// ```
pub fn needs<'r>(requests: impl IntoIterator<Item = &'r [u8]>, context: &Context) -> Needs {
    let (mut commands, mut refused) = (Vec::new(), Vec::new());
    for (place, request) in requests.into_iter().enumerate() {
        match Operation::admit(request, context).map(Operation::into_parts) {
            Ok((_, Does::Call(command), _)) => commands.push(command),
            Ok(_) => {}
            Err(_) => refused.push(place),
        }
    }
    Needs { iam: iam(commands.iter()), refused }
}

/// What the expressions of one call, or of one part of it, refer to.
fn scope(input: &Structure) -> Scope<'_> {
    Scope::new(input.get(Name::ExpressionAttributeNames), input.get(Name::ExpressionAttributeValues))
}

/// The expression of that kind, which has been checked already.
fn parsed(input: &Structure, kind: ExpressionKind) -> Option<Expression> {
    expression::check(kind, input.text(kind.parameter())?, &mut scope(input)).ok()
}
