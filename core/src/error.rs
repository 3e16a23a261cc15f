//! What went wrong, as the one error body that every home answers with.
//!
//! [`ErrorType`] is the table of names and statuses; [`Error`] carries place, advice and fix beside the message.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::attribute::{Attributes, Notation, write_attributes};
use crate::json::{self, Object};
use crate::outcome::CancellationReason;
use crate::pointer::Pointer;
use crate::reply::Reply;
use crate::rule::Rule;

macro_rules! error_types {
    ($($name:ident $status:literal)*) => {
        /// The `__type` of an error: DynamoDB's own name where it has one.
        #[allow(missing_docs, reason = "the names are the documentation")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorType { $($name),* }

        impl ErrorType {
            /// Every type there is.
            pub const ALL: &'static [ErrorType] = &[$(ErrorType::$name),*];

            /// The name as it stands in `__type`.
            pub fn as_str(self) -> &'static str {
                match self { $(ErrorType::$name => stringify!($name)),* }
            }

            /// The HTTP status it is answered with.
            pub fn status(self) -> u16 {
                match self { $(ErrorType::$name => $status),* }
            }
        }
    };
}

error_types! {
    SerializationException 400
    UnknownOperationException 400
    ValidationException 400
    IdempotentParameterMismatchException 400
    ItemCollectionSizeLimitExceededException 400
    MissingAuthenticationTokenException 401
    AccessDeniedException 403
    ResourceNotFoundException 404
    UnknownRouteException 404
    MethodNotAllowedException 405
    ConditionalCheckFailedException 409
    TransactionCanceledException 409
    TransactionConflictException 409
    TransactionInProgressException 409
    ReplicatedWriteConflictException 409
    RequestEntityTooLargeException 413
    UnsupportedMediaTypeException 415
    MisdirectedRequestException 421
    ProvisionedThroughputExceededException 429
    RequestLimitExceeded 429
    ThrottlingException 429
    InternalServerError 500
    ServiceUnavailableException 503
    TimeoutException 504
}

impl ErrorType {
    /// The type of that name, if it is one a caller may see.
    pub fn parse(name: &str) -> Option<ErrorType> {
        Self::ALL.iter().copied().find(|known| known.as_str() == name)
    }
}

/// One refusal or failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, PartialEq)]
struct Inner {
    error_type: ErrorType,
    message: String,
    rule: Option<Rule>,
    path: Option<String>,
    span: Option<(usize, usize)>,
    hint: Option<String>,
    fix: Vec<Patch>,
    item: Option<Attributes>,
    cancellation_reasons: Vec<CancellationReason>,
    next: Option<String>,
    store_request_id: Option<String>,
    notation: Notation,
}

/// One step of an RFC 6902 patch; values are JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Patch {
    /// Adds a member.
    Add {
        /// JSON pointer to the new member.
        path: String,
        /// Its value, JSON text.
        value: String,
    },
    /// Removes a member.
    Remove {
        /// JSON pointer to the member.
        path: String,
    },
    /// Replaces a value.
    Replace {
        /// JSON pointer to the value.
        path: String,
        /// The new value, JSON text.
        value: String,
    },
    /// Moves a member, which renames it.
    Move {
        /// JSON pointer to where it is.
        from: String,
        /// JSON pointer to where it should be.
        path: String,
    },
}

impl Error {
    /// An error of that type; everything else about it is added by the methods below.
    ///
    /// ```
    /// use gateleg_core::error::{Error, ErrorType};
    /// let error = Error::new(ErrorType::UnknownRouteException, "No such route").hint("POST /dynamodbmanager");
    /// let reply = error.reply("r-1");
    /// assert_eq!(reply.status, 404);
    /// assert_eq!(
    ///     reply.text(),
    ///     r#"{"__type":"UnknownRouteException","message":"No such route","hint":"POST /dynamodbmanager","requestId":"r-1"}"#
    /// );
    /// ```
    pub fn new(error_type: ErrorType, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            error_type,
            message: message.into(),
            rule: None,
            path: None,
            span: None,
            hint: None,
            fix: Vec::new(),
            item: None,
            cancellation_reasons: Vec::new(),
            next: None,
            store_request_id: None,
            notation: Notation::default(),
        }))
    }

    /// A `ValidationException` in the rule's own words, with `parts` in the places of its `{}`.
    ///
    /// ```
    /// use gateleg_core::{error::Error, rule::Rule};
    /// assert_eq!(Error::broken(Rule::BatchSize, &["BatchGetItem"]).rule_broken(), Some(Rule::BatchSize));
    /// ```
    pub fn broken(rule: Rule, parts: &[&str]) -> Self {
        Error::validation(rule, rule.message(parts))
    }

    /// A `ValidationException`.
    pub fn validation(rule: Rule, message: impl Into<String>) -> Self {
        Error::new(ErrorType::ValidationException, message).rule(rule)
    }

    /// The rule that was broken.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.0.rule = Some(rule);
        self
    }

    /// The place in the request.
    #[must_use]
    pub fn at(mut self, pointer: &Pointer<'_>) -> Self {
        self.0.path = Some(pointer.to_text());
        self
    }

    /// The characters within the string at the place: half-open, in Unicode scalar values.
    #[must_use]
    pub fn span(mut self, start: usize, end: usize) -> Self {
        self.0.span = Some((start, end));
        self
    }

    /// What to do about it, instead of what [`Rule::hint`] says.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// One more step of the patch that repairs the request.
    #[must_use]
    pub fn fix(mut self, patch: Patch) -> Self {
        self.0.fix.push(patch);
        self
    }

    /// What the store said beside the message, to be written in `notation`.
    #[must_use]
    pub fn stored(
        mut self,
        item: Option<Attributes>,
        cancellation_reasons: Vec<CancellationReason>,
        notation: Notation,
    ) -> Self {
        self.0.item = item;
        self.0.cancellation_reasons = cancellation_reasons;
        self.0.notation = notation;
        self
    }

    /// The id under which the store answered.
    #[must_use]
    pub fn store_request_id(mut self, id: Option<String>) -> Self {
        self.0.store_request_id = id;
        self
    }

    /// A complete request for what has not been done, as JSON text.
    #[must_use]
    pub(crate) fn next(mut self, request: String) -> Self {
        self.0.next = Some(request);
        self
    }

    /// The `__type`.
    pub fn error_type(&self) -> ErrorType {
        self.0.error_type
    }

    /// The rule that was broken, if it was one.
    pub fn rule_broken(&self) -> Option<Rule> {
        self.0.rule
    }

    /// The patch that repairs the request; empty if none is known.
    pub fn fixes(&self) -> &[Patch] {
        &self.0.fix
    }

    /// The same refusal in other words.
    #[must_use]
    pub fn reworded(mut self, message: impl Into<String>) -> Self {
        self.0.message = message.into();
        self
    }

    /// The place in the request: a JSON pointer.
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The reply that says this.
    pub fn reply(&self, request_id: &str) -> Reply {
        let inner = &*self.0;
        let mut body = String::new();
        let mut object = Object::new(&mut body);
        object.string("__type", inner.error_type.as_str());
        object.string("message", &inner.message);
        if let Some(rule) = inner.rule {
            object.string("rule", rule.id());
        }
        let hint = inner.hint.as_deref().or_else(|| inner.rule.and_then(Rule::hint));
        write_place(&mut object, inner.path.as_deref(), inner.span, hint, &inner.fix);
        if let Some(item) = &inner.item {
            write_attributes(object.member("Item"), item, inner.notation);
        }
        if !inner.cancellation_reasons.is_empty() {
            let reasons = &inner.cancellation_reasons;
            json::write_array(object.member("CancellationReasons"), reasons, |out, reason| {
                reason.write(out, inner.notation);
            });
        }
        if let Some(next) = &inner.next {
            object.member("next").push_str(next);
        }
        if let Some(id) = &inner.store_request_id {
            object.string("storeRequestId", id);
        }
        object.string("requestId", request_id);
        object.end();
        Reply::error(inner.error_type, &inner.message, body)
    }
}

/// Appends `path`, `span`, `hint` and `fix`, which errors and warnings share.
pub(crate) fn write_place(
    object: &mut Object<'_>,
    path: Option<&str>,
    span: Option<(usize, usize)>,
    hint: Option<&str>,
    fix: &[Patch],
) {
    if let Some(path) = path {
        object.string("path", path);
    }
    if let Some((start, end)) = span {
        json::write_array(object.member("span"), [start, end], |out, at| {
            json::write_integer(out, i64::try_from(at).unwrap_or(i64::MAX));
        });
    }
    if let Some(hint) = hint {
        object.string("hint", hint);
    }
    if !fix.is_empty() {
        json::write_array(object.member("fix"), fix, |out, patch| patch.write(out));
    }
}

impl Patch {
    fn write(&self, out: &mut String) {
        let mut object = Object::new(out);
        match self {
            Patch::Add { path, value } => {
                object.string("op", "add");
                object.string("path", path);
                object.member("value").push_str(value);
            }
            Patch::Remove { path } => {
                object.string("op", "remove");
                object.string("path", path);
            }
            Patch::Replace { path, value } => {
                object.string("op", "replace");
                object.string("path", path);
                object.member("value").push_str(value);
            }
            Patch::Move { from, path } => {
                object.string("op", "move");
                object.string("from", from);
                object.string("path", path);
            }
        }
        object.end();
    }
}
