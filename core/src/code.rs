//! A request becomes code for another client: the same request as curl or a test event, or the DynamoDB calls of its plan in the
//! words of an SDK. `gateleg plan --as boto3` and the playground give the same text.
//!
//! A request is judged as a plan judges it, and a refused one has no code. What stands in a request goes into literals only, never
//! into a comment or a name. Running the code is left to whoever reads it.

mod aws_cli;
mod form;
mod go;
mod javascript;
mod literal;
mod python;
mod request;
mod rust;

use alloc::string::String;
use alloc::vec::Vec;

use crate::command::{Api, Command};
use crate::context::Context;
use crate::error::{Error, ErrorType};
use crate::join::Join as _;
use crate::operate::{Does, Operation};
use crate::plan;
use crate::request::Options;
use crate::shape::{Kind, Name};
use crate::tree::Structure;

/// Where `gateleg serve` answers unless told otherwise.
pub const ENDPOINT: &str = "http://127.0.0.1:8080/dynamodbmanager";

macro_rules! targets {
    ($($target:ident $name:literal $title:literal $extension:literal)*) => {
        /// What the code is for.
        #[allow(missing_docs, reason = "the titles say it")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Target { $($target),* }

        impl Target {
            /// Every target there is.
            pub const ALL: &'static [Target] = &[$(Target::$target),*];

            /// Its name on a command line.
            pub fn as_str(self) -> &'static str {
                match self { $(Target::$target => $name),* }
            }

            /// Its name for a person.
            pub fn title(self) -> &'static str {
                match self { $(Target::$target => $title),* }
            }

            /// How the name of a file of it ends.
            pub fn extension(self) -> &'static str {
                match self { $(Target::$target => $extension),* }
            }
        }
    };
}

targets! {
    Curl "curl" "curl" "sh"
    AwsCli "aws-cli" "AWS CLI" "sh"
    Boto3 "boto3" "Python, boto3" "py"
    JavaScript "javascript" "JavaScript, AWS SDK v3" "mjs"
    Rust "rust" "Rust, AWS SDK" "rs"
    Go "go" "Go, AWS SDK v2" "go"
    LambdaEvent "event" "Lambda test event" "json"
    LambdaRestEvent "event-rest" "Lambda test event of a REST API" "json"
    LambdaHttpEvent "event-http" "Lambda test event of an HTTP API" "json"
    Postman "postman" "Postman collection" "json"
}

impl Target {
    /// The target of that name, exactly.
    pub fn parse(name: &str) -> Option<Target> {
        Self::ALL.iter().copied().find(|target| target.as_str() == name)
    }

    /// The same for whoever answers with what is wrong.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn find(name: &str) -> Result<Target, Error> {
        Self::parse(name).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|target| target.as_str()).collect();
            let message = ["expected a target, one of ", &known.joined(", "), ", but found ", name].together();
            Error::new(ErrorType::ValidationException, message)
        })
    }
}

/// What the code of an SDK does.
struct Job {
    api: Api,
    /// The parameters of each call: more than one for a batch that does not go into one.
    calls: Vec<Structure>,
    /// Whether the pages that follow are read too.
    follow: bool,
    /// After how many items to stop.
    max_items: Option<i64>,
    /// What the code does not do that the request asks for.
    left_out: Vec<&'static str>,
}

/// The code, a file that can be run as it stands. `endpoint` is where gateleg answers, [`ENDPOINT`] for one; the SDKs do not need it.
///
/// # Errors
/// The request's refusal; and for the SDKs a request that makes no call.
///
/// ```
/// use gateleg_core::{code::{self, Target}, context::Context};
/// let request = br#"{"operation": "read", "tableName": "people", "payload": {"Key": {"id": "1"}}}"#;
/// let code = code::write(request, &Context::default(), Target::AwsCli, code::ENDPOINT)?;
/// assert_eq!(code, "aws dynamodb get-item \\\n  --table-name people \\\n  --key '{\"id\": {\"S\": \"1\"}}'\n");
/// # Ok::<(), gateleg_core::error::Error>(())
/// ```
pub fn write(request: &[u8], context: &Context, target: Target, endpoint: &str) -> Result<String, Error> {
    let keys = context.keys();
    let operation = Operation::admit(request, context)?;
    let name = operation.name();
    let (options, does, _) = operation.into_parts();
    // What was parsed is UTF-8.
    let text = core::str::from_utf8(request).unwrap_or_default().trim_ascii();
    let code = match target {
        Target::Curl => return Ok(request::curl(text, endpoint)),
        Target::LambdaEvent => return Ok(request::event(text)),
        Target::LambdaRestEvent => return Ok(request::rest_event(text, endpoint)),
        Target::LambdaHttpEvent => return Ok(request::http_event(text, endpoint)),
        Target::Postman => return Ok(request::postman(text, name.as_str(), endpoint)),
        Target::AwsCli => aws_cli::write,
        Target::Boto3 => python::write,
        Target::JavaScript => javascript::write,
        Target::Rust => rust::write,
        Target::Go => go::write,
    };
    match does {
        Does::Call(command) => Ok(code(&Job::new(command, options, keys))),
        Does::Answer(_) => {
            let mut message = String::from(name.as_str());
            message.push_str(" makes no DynamoDB call, so there is no code of it for ");
            message.push_str(target.title());
            Err(Error::new(ErrorType::ValidationException, message)
                .hint("It can be had for curl, event, event-rest, event-http and postman"))
        }
    }
}

impl Job {
    fn new(command: Command, options: Options, keys: &[(String, Vec<String>)]) -> Self {
        let api = command.api;
        let mut left_out = Vec::new();
        if options.dry_run {
            left_out.push("The request is a dry run; this is not.");
        }
        if options.starts.is_some() {
            left_out.push("The request reads segments; this reads all of the table, one page after the other.");
        }
        let calls = match api {
            Api::BatchGetItem | Api::BatchWriteItem => plan::calls(command, keys),
            _ => alloc::vec![command],
        };
        let calls = calls.into_iter().map(|command| command.input).collect();
        Job { api, calls, follow: options.all, max_items: options.max_items, left_out }
    }

    /// The parameters of the call, or of the first.
    fn input(&self) -> impl Iterator<Item = &Structure> {
        self.calls.iter().take(1)
    }

    /// Whether calls may leave something over that has to be sent again.
    fn is_batch(&self) -> bool {
        matches!(self.api, Api::BatchGetItem | Api::BatchWriteItem)
    }

    /// What a call leaves over.
    fn leftover(&self) -> Name {
        if self.api.is_write() { Name::UnprocessedItems } else { Name::UnprocessedKeys }
    }

    /// What is left out, as comments.
    fn notes(&self, out: &mut String, mark: &str) {
        for note in &self.left_out {
            push(out, &[mark, note, "\n"]);
        }
    }
}

/// What a member of that name holds.
fn kind(structure: &Structure, name: Name) -> Option<Kind> {
    structure.shape().members.iter().find(|member| member.name == name).map(|member| member.kind)
}

/// Appends all of these.
fn push(out: &mut String, texts: &[&str]) {
    texts.iter().for_each(|text| out.push_str(text));
}

/// `BatchGetItem` as `batch_get_item` or `batch-get-item`.
fn split(out: &mut String, name: &str, between: char) {
    for (index, letter) in name.chars().enumerate() {
        if index > 0 && letter.is_ascii_uppercase() {
            out.push(between);
        }
        out.push(letter.to_ascii_lowercase());
    }
}
