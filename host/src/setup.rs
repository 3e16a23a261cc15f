//! The options that `serve` and `run` share become a planner, a store and a policy.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use gateleg_core::policy::{Allowed, Policy};
use gateleg_store::Store;
use gateleg_store::dynamodb::DynamoDb;
use gateleg_store::embedded::{Embedded, OpenError};

use crate::component;
use crate::failure::Failure;
use crate::folders;
use crate::gate::{Ceilings, Planners};
use crate::sandbox::{Cache, Limits, Sandbox};

/// Which planner, which store, which tables.
#[derive(Args, Debug, Clone)]
pub struct Setup {
    /// What holds the tables: a file on this machine, or DynamoDB by the standard AWS settings
    #[arg(long, value_enum, default_value_t = StoreKind::Embedded, value_name = "STORE")]
    pub store: StoreKind,

    #[command(flatten)]
    data: DataFile,

    /// Tables that requests may touch, separated by commas; '*' is all. Needed with DynamoDB, all by default with the
    /// embedded store
    #[arg(long, value_name = "TABLES")]
    tables: Option<String>,

    /// Key attributes of DynamoDB tables, TABLE=PARTITION[:SORT] between commas. By default each table that --tables names is
    /// described once at start, if the credentials allow it. Where keys are known, duplicates in a batch are refused before
    /// any call, and long batches go side by side
    #[arg(long, value_name = "KEYS")]
    keys: Option<String>,

    /// What plans requests: a WebAssembly component of the world gateleg:planner/guest, or 'native' for the built-in planner
    /// without a sandbox. By default the built-in planner, in a fresh sandbox per request
    #[arg(long, value_name = "FILE.wasm|native")]
    planner: Option<String>,

    /// Compile the planner at every start, instead of keeping its machine code in your cache folder
    #[arg(long)]
    no_cache: bool,
}

/// The embedded store's file.
#[derive(Args, Debug, Clone)]
pub struct DataFile {
    /// Data file of the embedded store. By default gateleg/gateleg.db in your data folder
    #[arg(long, value_name = "PATH")]
    data: Option<PathBuf>,
}

/// The stores there are.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// A file on this machine
    Embedded,
    /// DynamoDB, or what AWS_ENDPOINT_URL_DYNAMODB names
    Dynamodb,
}

/// What the options came to.
pub struct Opened {
    /// Who plans.
    pub planners: Planners,
    /// Who executes.
    pub store: Arc<dyn Store>,
    /// What requests may do.
    pub policy: Policy,
    /// The three, in words for a person.
    pub described: Described,
}

/// The options in words.
pub struct Described {
    /// Which store, and where its data is.
    pub store: String,
    /// Which tables may be touched.
    pub tables: String,
    /// Which planner.
    pub planner: String,
}

impl Setup {
    /// Opens all three.
    ///
    /// # Errors
    /// When the options contradict each other, or one of the three cannot be opened.
    pub async fn open(&self, ceilings: &Ceilings) -> Result<Opened, Failure> {
        let (tables, tables_text) = self.allowed()?;
        let keys = self.keys.as_deref().map(Policy::parse_keys).transpose();
        let keys = keys.map_err(|fault| Failure::usage(format!("--keys: {fault}")))?;
        let named = match &tables {
            Allowed::Only(names) => names.iter().filter(|name| *name != "*").cloned().collect(),
            Allowed::All | Allowed::None => Vec::new(),
        };
        let mut policy = Policy::tables(tables);
        policy.hint = Some("Allow it with --tables".into());
        let (planners, planner) = self.planners(ceilings)?;
        let (store, store_text): (Arc<dyn Store>, String) = match self.store {
            StoreKind::Embedded => {
                let (embedded, path) = self.data.open()?;
                embedded.ensure_default_table().map_err(|error| Failure::new(error.to_string()))?;
                policy.keys = embedded.key_names().map_err(|error| Failure::new(error.to_string()))?;
                (Arc::new(embedded), format!("embedded, data in {}", path.display()))
            }
            StoreKind::Dynamodb => {
                let dynamodb = DynamoDb::connect().await.map_err(|error| Failure::new(error.to_string()))?;
                let text = match endpoint() {
                    Some(endpoint) => format!("DynamoDB at {endpoint}"),
                    None => "DynamoDB, by the standard AWS settings".into(),
                };
                policy.keys = match keys {
                    Some(keys) => keys,
                    None => dynamodb.key_names(&named).await,
                };
                (Arc::new(dynamodb), text)
            }
        };
        let described = Described { store: store_text, tables: tables_text, planner };
        Ok(Opened { planners, store, policy, described })
    }

    /// Opens all three for a command about one table, which needs no `--tables`: the command line names the table already.
    ///
    /// # Errors
    /// As [`Setup::open`].
    pub async fn open_for(&self, table: &str, ceilings: &Ceilings) -> Result<Opened, Failure> {
        let mut setup = self.clone();
        setup.tables.get_or_insert_with(|| table.into());
        setup.open(ceilings).await
    }

    /// Which store it is, however the options spell it: what a checkpoint remembers. For a data file, once it is there.
    ///
    /// # Errors
    /// When there is no data folder.
    pub fn place(&self) -> Result<String, Failure> {
        match self.store {
            StoreKind::Embedded => {
                let path = self.data.path()?;
                Ok(fs::canonicalize(&path).unwrap_or(path).display().to_string())
            }
            StoreKind::Dynamodb => {
                let named = ["AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"];
                let named = named.iter().filter_map(|name| Some(format!(", {name}={}", std::env::var(name).ok()?)));
                Ok(format!(
                    "DynamoDB{}",
                    endpoint().map(|it| format!(" at {it}")).into_iter().chain(named).collect::<String>()
                ))
            }
        }
    }

    fn planners(&self, ceilings: &Ceilings) -> Result<(Planners, String), Failure> {
        let default = Limits::default();
        let limits = Limits {
            reply_bytes: ceilings.max_reply,
            max_concurrent: ceilings.max_requests,
            cpu: default.cpu.min(ceilings.deadline),
            ..default
        };
        let cache =
            if self.no_cache { None } else { folders::cache().map(|folder| Cache::at(folder.join("compiled"))) };
        match self.planner.as_deref() {
            None => {
                let sandbox = Sandbox::embedded(limits, cache.as_ref()).map_err(|error| {
                    Failure::new(error.to_string()).hint("To do without a sandbox: --planner native")
                })?;
                Ok((Planners::Guest(sandbox), "built in, a fresh sandbox per request".into()))
            }
            Some("native") => Ok((Planners::Native, "native, without a sandbox".into())),
            Some(file) => {
                let bytes = component::read(Path::new(file))?;
                let sandbox = Sandbox::new(&bytes, limits, cache.as_ref()).map_err(|error| {
                    let hint = component::hint(&error)
                        .map_or_else(|| format!("Look at it: gateleg inspect {file}"), Into::into);
                    Failure::new(format!("{file}: {error}")).hint(hint)
                })?;
                Ok((Planners::Guest(sandbox), format!("{file}, a fresh sandbox per request")))
            }
        }
    }

    fn allowed(&self) -> Result<(Allowed, String), Failure> {
        let given_data = self.data.data.is_some();
        if self.store == StoreKind::Embedded && self.keys.is_some() {
            return Err(Failure::usage("--keys is for DynamoDB; the embedded store knows the keys of its tables"));
        }
        match (self.store, &self.tables) {
            (StoreKind::Dynamodb, _) if given_data => {
                Err(Failure::usage("--data is the embedded store's file, and means nothing with --store dynamodb"))
            }
            (StoreKind::Dynamodb, None) => Err(Failure::usage("--store dynamodb needs --tables")
                .hint("Name the tables that requests may touch: --tables orders,people, or --tables '*' for all")),
            (StoreKind::Embedded, None) => Ok((Allowed::All, "all".into())),
            (_, Some(list)) => match Allowed::from_list(list) {
                Allowed::None => Err(Failure::usage("--tables names no table").hint("For all tables: --tables '*'")),
                Allowed::All => Ok((Allowed::All, "all".into())),
                Allowed::Only(names) => {
                    let text = names.join(", ");
                    Ok((Allowed::Only(names), text))
                }
            },
        }
    }
}

impl DataFile {
    /// Opens the file, making it if need be.
    ///
    /// # Errors
    /// When there is no data folder, or the file cannot be opened.
    pub fn open(&self) -> Result<(Embedded, PathBuf), Failure> {
        let path = self.path()?;
        match Embedded::open(&path) {
            Ok(embedded) => Ok((embedded, path)),
            Err(error) => Err(explain(&path, &error)),
        }
    }

    fn path(&self) -> Result<PathBuf, Failure> {
        match &self.data {
            Some(path) => Ok(path.clone()),
            None => Ok(folders::data()?.join("gateleg.db")),
        }
    }
}

fn explain(path: &Path, error: &OpenError) -> Failure {
    let failure = Failure::new(error.to_string());
    match error {
        OpenError::Locked { .. } => failure.hint(format!(
            "If a server has it, send requests there: curl http://127.0.0.1:8080/dynamodbmanager -H 'content-type: \
             application/json' -d @request.json. Or take another file than {}: --data PATH",
            path.display()
        )),
        _ => failure,
    }
}

fn endpoint() -> Option<String> {
    ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"].iter().find_map(|name| std::env::var(name).ok())
}
