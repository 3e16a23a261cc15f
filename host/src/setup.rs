//! The options that `serve` and `run` share become a store, and routes: each a planner, and a policy for what it asks of the store.
//!
//! The options say it all themselves, for one route; or they name a policy file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use gateleg_core::policy::{Allowed, Policy};
use gateleg_store::Store;
use gateleg_store::dynamodb::DynamoDb;
use gateleg_store::embedded::{Embedded, OpenError};
use gateleg_store::labels::{LabelledStore, Labels};
use gateleg_store::policy::ROUTE;

use crate::component;
use crate::failure::Failure;
use crate::folders;
use crate::gate::{Ceilings, Gate, Planners};
use crate::policy;
use crate::sandbox::{Cache, Limits, Sandbox};

/// Which planner, which store, which tables.
#[derive(Args, Debug, Clone)]
pub struct Setup {
    /// What holds the tables: a file on this machine, or DynamoDB by the standard AWS settings
    #[arg(long, value_enum, default_value_t = StoreKind::Embedded, value_name = "STORE")]
    pub store: StoreKind,

    #[command(flatten)]
    data: DataFile,

    /// Policy file: routes, and for each its planner, tables, operations, ceilings and limits. In place of --tables, --keys and
    /// --planner
    #[arg(long, value_name = "FILE.toml", env = "GATELEG_POLICY", conflicts_with_all = ["tables", "keys", "planner"])]
    policy: Option<PathBuf>,

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

    /// The route of the policy file that is meant, for commands that are about one.
    #[arg(skip)]
    pub route: Option<String>,
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

/// The store that the options name.
pub struct Backing {
    store: Arc<dyn Store>,
    asked: Asked,
    /// Which store, and where its data is, for a person.
    pub described: String,
}

/// Who knows the keys of tables.
enum Asked {
    Embedded(Arc<Embedded>),
    Dynamodb(Arc<DynamoDb>),
}

/// A route whose planner is there, and whose store is not yet.
pub struct Loaded {
    path: String,
    planners: Planners,
    policy: Policy,
    /// Whether the store may know keys that the policy does not say.
    asks_keys: bool,
    labels: Labels,
    ceilings: Ceilings,
    max_body: Option<usize>,
    described: Described,
}

/// A route, ready to answer.
pub struct Opened {
    /// Its path.
    pub path: String,
    /// Who plans.
    pub planners: Planners,
    /// Who executes.
    pub store: Arc<dyn Store>,
    /// What requests may do.
    pub policy: Policy,
    /// What one request may use.
    pub ceilings: Ceilings,
    /// Most bytes of a request's body, where that is less than the server takes.
    pub max_body: Option<usize>,
    /// What it is, for a person.
    pub described: Described,
}

/// A route in words.
#[derive(Clone, Debug)]
pub struct Described {
    /// Which operations are allowed.
    pub operations: String,
    /// Which tables may be touched.
    pub tables: String,
    /// Which planner.
    pub planner: String,
}

impl Opened {
    /// The gate of the route.
    pub fn into_gate(self) -> Gate {
        Gate::new(self.planners, self.store, self.policy, self.ceilings)
    }
}

impl Setup {
    /// Opens the store.
    ///
    /// # Errors
    /// When the options contradict each other, or it cannot be opened.
    pub async fn store(&self) -> Result<Backing, Failure> {
        self.check()?;
        match self.store {
            StoreKind::Embedded => {
                let (embedded, path) = self.data.open()?;
                embedded.ensure_default_table().map_err(|error| Failure::new(error.to_string()))?;
                let embedded = Arc::new(embedded);
                let described = format!("embedded, data in {}", path.display());
                Ok(Backing { store: Arc::clone(&embedded) as _, asked: Asked::Embedded(embedded), described })
            }
            StoreKind::Dynamodb => {
                let dynamodb = DynamoDb::connect().await.map_err(|error| Failure::new(error.to_string()))?;
                let dynamodb = Arc::new(dynamodb);
                let described = match endpoint() {
                    Some(endpoint) => format!("DynamoDB at {endpoint}"),
                    None => "DynamoDB, by the standard AWS settings".into(),
                };
                Ok(Backing { store: Arc::clone(&dynamodb) as _, asked: Asked::Dynamodb(dynamodb), described })
            }
        }
    }

    /// The routes of the policy file as it is now, with their planners; without one, the API's, as the options have it. What a route
    /// does not say for itself, `ceilings` says.
    ///
    /// # Errors
    /// When the options contradict each other, or the file, or a planner, cannot be read or makes no sense.
    pub fn load(&self, ceilings: &Ceilings) -> Result<Vec<Loaded>, Failure> {
        self.check()?;
        let Some(path) = &self.policy else { return Ok(vec![self.only_route(ceilings)?]) };
        policy::read(path)?.routes.into_iter().map(|route| self.route(path, route, ceilings)).collect()
    }

    /// The store, and the route that is meant where there is one request: of a policy file, the one that is named or the only one.
    ///
    /// # Errors
    /// As [`Setup::load`] and [`Setup::store`]; if the former, no store has been made.
    pub async fn open(&self, ceilings: &Ceilings) -> Result<Opened, Failure> {
        self.check()?;
        let loaded = match &self.policy {
            None => self.only_route(ceilings)?,
            Some(path) => {
                let route = policy::route(&policy::read(path)?, self.route.as_deref())?.clone();
                self.route(path, route, ceilings)?
            }
        };
        self.store().await?.open(loaded).await
    }

    /// The route that the options make.
    fn only_route(&self, ceilings: &Ceilings) -> Result<Loaded, Failure> {
        let (tables, tables_text) = self.allowed()?;
        let keys = self.keys.as_deref().map(Policy::parse_keys).transpose();
        let keys = keys.map_err(|fault| Failure::usage(format!("--keys: {fault}")))?;
        let (planners, planner) = self.planners(self.planner.as_deref(), &sandbox_limits(ceilings))?;
        Ok(Loaded {
            path: ROUTE.into(),
            planners,
            asks_keys: keys.is_none(),
            policy: Policy {
                keys: keys.unwrap_or_default(),
                hint: Some("Allow it with --tables".into()),
                ..Policy::tables(tables)
            },
            labels: Labels::default(),
            ceilings: ceilings.clone(),
            max_body: None,
            described: Described { operations: "all operations".into(), tables: tables_text, planner },
        })
    }

    /// A route of the policy file at `place`.
    fn route(&self, place: &Path, route: policy::Route, ceilings: &Ceilings) -> Result<Loaded, Failure> {
        let described = policy::describe(&route);
        let policy::Route { path, planner, policy, labels, limits } = route;
        let ceilings = Ceilings {
            deadline: limits.deadline.unwrap_or(ceilings.deadline),
            max_reply: limits.reply.unwrap_or(ceilings.max_reply),
            max_requests: limits.requests.unwrap_or(ceilings.max_requests).min(ceilings.max_requests),
            max_queue: limits.queue.unwrap_or(ceilings.max_queue),
            ..ceilings.clone()
        };
        let default = sandbox_limits(&ceilings);
        let limits_of_planner = Limits {
            memory_bytes: limits.memory.unwrap_or(default.memory_bytes),
            cpu: limits.cpu.unwrap_or(default.cpu),
            ..default
        };
        let planner = policy::planner(place, &planner);
        let (planners, planner) = self.planners(planner.as_deref(), &limits_of_planner)?;
        let described = Described { planner, ..described };
        Ok(Loaded { path, planners, asks_keys: true, policy, labels, ceilings, max_body: limits.body, described })
    }

    /// Opens both for a command about one table, which needs no `--tables`: the command line names the table already.
    ///
    /// # Errors
    /// As [`Setup::open`].
    pub async fn open_for(&self, table: &str, ceilings: &Ceilings) -> Result<Opened, Failure> {
        let mut setup = self.clone();
        if setup.policy.is_none() {
            setup.tables.get_or_insert_with(|| table.into());
        }
        setup.open(ceilings).await
    }

    /// The policy file, if there is one.
    pub fn policy_file(&self) -> Option<&Path> {
        self.policy.as_deref()
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

    fn planners(&self, planner: Option<&str>, limits: &Limits) -> Result<(Planners, String), Failure> {
        let limits = limits.clone();
        let cache =
            if self.no_cache { None } else { folders::cache().map(|folder| Cache::at(folder.join("compiled"))) };
        match planner {
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

    /// Whether the options go together.
    fn check(&self) -> Result<(), Failure> {
        if self.store == StoreKind::Embedded && self.keys.is_some() {
            return Err(Failure::usage("--keys is for DynamoDB; the embedded store knows the keys of its tables"));
        }
        if self.store == StoreKind::Dynamodb && self.data.data.is_some() {
            return Err(Failure::usage("--data is the embedded store's file, and means nothing with --store dynamodb"));
        }
        if self.policy.is_none() {
            self.allowed()?;
        }
        Ok(())
    }

    fn allowed(&self) -> Result<(Allowed, String), Failure> {
        match (self.store, &self.tables) {
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

/// What a planner may use under those ceilings.
fn sandbox_limits(ceilings: &Ceilings) -> Limits {
    let default = Limits::default();
    Limits {
        reply_bytes: ceilings.max_reply,
        max_concurrent: ceilings.max_requests,
        cpu: default.cpu.min(ceilings.deadline),
        ..default
    }
}

impl Backing {
    /// The key attributes of tables, as far as the store knows or tells them: of all, or of those that are named.
    async fn keys(&self, named: &[String]) -> Result<Vec<(String, Vec<String>)>, Failure> {
        match &self.asked {
            Asked::Embedded(embedded) => embedded.key_names().map_err(|error| Failure::new(error.to_string())),
            Asked::Dynamodb(dynamodb) => Ok(dynamodb.key_names(named).await),
        }
    }

    /// The route in front of this store.
    ///
    /// # Errors
    /// When the store fails to say what its tables' keys are.
    pub async fn open(&self, loaded: Loaded) -> Result<Opened, Failure> {
        let Loaded { path, planners, mut policy, asks_keys, labels, ceilings, max_body, described } = loaded;
        if asks_keys {
            self.add_keys(&mut policy, &labels).await?;
        }
        let store = LabelledStore::over(Arc::clone(&self.store), labels);
        Ok(Opened { path, planners, store, policy, ceilings, max_body, described })
    }

    /// [`Backing::open`] for several.
    ///
    /// # Errors
    /// As there.
    pub async fn open_all(&self, loaded: Vec<Loaded>) -> Result<Vec<Opened>, Failure> {
        let mut opened = Vec::with_capacity(loaded.len());
        for route in loaded {
            opened.push(self.open(route).await?);
        }
        Ok(opened)
    }

    /// Adds the keys of tables of which the policy does not say them, by their labels. Where it names no tables, those of all that the
    /// store knows.
    async fn add_keys(&self, policy: &mut Policy, labels: &Labels) -> Result<(), Failure> {
        if policy.tables == Allowed::All {
            let known = self.keys(&[]).await?;
            let is_new = |table: &String| !policy.keys.iter().any(|(said, _)| said == table);
            let new: Vec<_> = known.into_iter().filter(|(table, _)| is_new(table)).collect();
            policy.keys.extend(new);
            return Ok(());
        }
        let is_open = |name: &&str| *name != "*" && !policy.keys.iter().any(|(known, _)| known == name);
        let open: Vec<String> = policy.tables.names().filter(is_open).map(String::from).collect();
        let tables: Vec<String> = open.iter().map(|label| labels.table(label).to_owned()).collect();
        let known = self.keys(&tables).await?;
        for (label, table) in open.into_iter().zip(tables) {
            if let Some((_, keys)) = known.iter().find(|(name, _)| *name == table) {
                policy.keys.push((label, keys.clone()));
            }
        }
        Ok(())
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
