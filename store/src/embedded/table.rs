//! Makes, lists, describes and deletes the embedded store's tables, for whoever runs the host: no command leads here.

use dynoxide::actions::TableDescription as Described;
use dynoxide::actions::create_table::CreateTableRequest;
use dynoxide::actions::delete_table::DeleteTableRequest;
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::actions::list_tables::ListTablesRequest;
use dynoxide::actions::list_tags_of_resource::ListTagsOfResourceRequest;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::types::{
    AttributeDefinition, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType as EngineType, Tag,
};
use dynoxide::{Database, DynoxideError};
use gateleg_core::nearest::nearest;

use super::names::{NAME_TAG, Names};
use super::worker::Panicked;
use super::{Embedded, IndexSpec, KeySpec, OpenError, ScalarAttributeType, SpecError, TableSpec};

/// What there is to know of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableDescription {
    /// Its name.
    pub name: String,
    /// Its partition key.
    pub partition_key: KeySpec,
    /// Its sort key.
    pub sort_key: Option<KeySpec>,
    /// Its indexes.
    pub indexes: Vec<IndexDescription>,
    /// How many items it holds now.
    pub item_count: Option<u64>,
    /// What they take by DynamoDB's rules, in bytes.
    pub size_bytes: Option<u64>,
    /// When it was made, in seconds since 1970.
    pub created: Option<u64>,
}

/// What there is to know of an index.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexDescription {
    /// Its name.
    pub name: String,
    /// Its partition key.
    pub partition_key: KeySpec,
    /// Its sort key.
    pub sort_key: Option<KeySpec>,
    /// How many items it holds now.
    pub item_count: Option<u64>,
}

/// Why a table was not made, described or deleted.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// There is one of that name.
    #[error("the table {name} exists already")]
    Exists {
        /// The name.
        name: String,
    },
    /// There is none of that name.
    #[error("there is no table {name}{}", did_you_mean(.nearest.as_deref(), .tables))]
    Unknown {
        /// The name.
        name: String,
        /// The table that was probably meant.
        nearest: Option<String>,
        /// The tables there are.
        tables: Vec<String>,
    },
    /// It cannot be as it was asked for.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The data file failed.
    #[error(transparent)]
    File(#[from] OpenError),
    /// The engine failed; the text is its own.
    #[error("the embedded store failed: {0}")]
    Failed(String),
}

fn did_you_mean(nearest: Option<&str>, tables: &[String]) -> String {
    match (nearest, tables) {
        (Some(nearest), _) => format!("; did you mean {nearest}?"),
        (None, []) => "; there are no tables yet".into(),
        (None, tables) => format!("; there are: {}", tables.join(", ")),
    }
}

impl Embedded {
    /// Makes a table.
    ///
    /// # Errors
    /// When there is one of that name, or DynamoDB would not make such a table.
    pub fn create_table(&self, spec: &TableSpec) -> Result<(), TableError> {
        spec.check()?;
        // Held until the table is there, so that two of one name are never under way.
        let mut names = self.names_mut();
        let exists = || TableError::Exists { name: spec.name.clone() };
        let (stored, tagged) = names.allot(&spec.name);
        let all = self.stored_tables()?;
        if all.iter().any(|known| names.name(known).as_ref() == Some(&spec.name)) {
            return Err(exists());
        }
        let request = create_request(spec, stored.clone(), tagged);
        match self.ask(move |database| database.create_table(request))? {
            Ok(_) => {
                names.found(&stored, tagged.then(|| spec.name.clone()));
                Ok(())
            }
            Err(DynoxideError::ResourceInUseException(_)) => Err(exists()),
            Err(error) => Err(failed(&error)),
        }
    }

    /// The tables' names, sorted.
    ///
    /// # Errors
    /// When the data file fails.
    pub fn list_tables(&self) -> Result<Vec<String>, TableError> {
        let stored = self.stored_tables()?;
        let names = self.names();
        let mut tables: Vec<String> = stored.iter().filter_map(|stored| names.name(stored)).collect();
        tables.sort_unstable();
        tables.dedup();
        Ok(tables)
    }

    /// What there is to know of a table.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn describe_table(&self, name: &str) -> Result<TableDescription, TableError> {
        let request = DescribeTableRequest { table_name: self.names().stored(name) };
        match self.ask(move |database| database.describe_table(request))? {
            Ok(answer) => describe(name, &answer.table),
            Err(DynoxideError::ResourceNotFoundException(_)) => Err(self.unknown(name)?),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Deletes a table and all its items.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn delete_table(&self, name: &str) -> Result<(), TableError> {
        let mut names = self.names_mut();
        let stored = names.stored(name);
        let request = DeleteTableRequest { table_name: stored.clone() };
        match self.ask(move |database| database.delete_table(request))? {
            Ok(_) => {
                names.forget(&stored);
                Ok(())
            }
            Err(DynoxideError::ResourceNotFoundException(_)) => {
                drop(names);
                Err(self.unknown(name)?)
            }
            Err(error) => Err(failed(&error)),
        }
    }

    /// Every table with the names of its key attributes, for [`Policy::keys`](gateleg_core::policy::Policy::keys).
    ///
    /// # Errors
    /// When the data file fails.
    pub fn key_names(&self) -> Result<Vec<(String, Vec<String>)>, TableError> {
        let tables = self.list_tables()?;
        let stored: Vec<String> = tables.iter().map(|name| self.names().stored(name)).collect();
        let keys = self.ask(move |database| {
            stored.iter().map(|stored| key_names(database, stored)).collect::<Result<Vec<_>, _>>()
        })?;
        Ok(tables.into_iter().zip(keys.map_err(|error| failed(&error))?).collect())
    }

    fn stored_tables(&self) -> Result<Vec<String>, TableError> {
        self.ask(stored_tables)?.map_err(|error| failed(&error))
    }

    fn unknown(&self, name: &str) -> Result<TableError, TableError> {
        let tables = self.list_tables()?;
        let nearest = nearest(name, tables.iter().map(String::as_str)).map(String::from);
        Ok(TableError::Unknown { name: name.into(), nearest, tables })
    }

    fn ask<T: Send + 'static>(&self, ask: impl FnOnce(&Database) -> T + Send + 'static) -> Result<T, TableError> {
        self.worker.run_blocking(ask).map_err(|Panicked| TableError::Failed("the engine panicked; see the log".into()))
    }
}

fn failed(error: &DynoxideError) -> TableError {
    TableError::Failed(error.to_string())
}

fn stored_tables(database: &Database) -> Result<Vec<String>, DynoxideError> {
    let mut tables = Vec::new();
    let mut after = None;
    loop {
        let page = database.list_tables(ListTablesRequest { exclusive_start_table_name: after, limit: None })?;
        tables.extend(page.table_names);
        after = page.last_evaluated_table_name;
        if after.is_none() {
            return Ok(tables);
        }
    }
}

/// Unlike a description, this does not count the items.
fn key_names(database: &Database, stored: &str) -> Result<Vec<String>, DynoxideError> {
    let missing = || DynoxideError::InternalServerError("a table has no key schema".into());
    let metadata = database.get_table_metadata(stored)?.ok_or_else(missing)?;
    let schema: Vec<KeySchemaElement> = serde_json::from_str(&metadata.key_schema).map_err(|_| missing())?;
    let (partition, sort): (Vec<_>, Vec<_>) = schema.into_iter().partition(|element| element.key_type == KeyType::HASH);
    Ok(partition.into_iter().chain(sort).map(|element| element.attribute_name).collect())
}

/// Finds the tables there are, and clears away those that a crash left half made or half deleted: the engine does either in
/// several steps. None of them was ever acknowledged, or their deletion was begun.
pub(super) fn find_all(database: &Database) -> Result<Names, DynoxideError> {
    let mut names = Names::default();
    for stored in stored_tables(database)? {
        let arn = format!("arn:aws:dynamodb:local:000000000000:table/{stored}");
        let tags = database.list_tags_of_resource(ListTagsOfResourceRequest { resource_arn: Some(arn) })?;
        let tag = tags.tags.into_iter().find(|tag| tag.key == NAME_TAG).map(|tag| tag.value);
        if names.found(&stored, tag).is_none() || !is_whole(database, &stored) {
            tracing::warn!(table = stored, "a table that was half made or half deleted is cleared away");
            names.forget(&stored);
            database.delete_table(DeleteTableRequest { table_name: stored })?;
        }
    }
    Ok(names)
}

/// Whether the table's items have a place to be.
fn is_whole(database: &Database, stored: &str) -> bool {
    let request = ScanRequest { table_name: stored.into(), limit: Some(1), ..ScanRequest::default() };
    !matches!(database.scan(request), Err(error) if error.to_string().contains("no such table"))
}

fn create_request(spec: &TableSpec, stored: String, tagged: bool) -> CreateTableRequest {
    let mut attribute_definitions: Vec<AttributeDefinition> = Vec::new();
    for key in spec.key_specs() {
        if !attribute_definitions.iter().any(|known| known.attribute_name == key.name) {
            let attribute_type = match key.attribute_type {
                ScalarAttributeType::S => EngineType::S,
                ScalarAttributeType::N => EngineType::N,
                ScalarAttributeType::B => EngineType::B,
            };
            attribute_definitions.push(AttributeDefinition { attribute_name: key.name.clone(), attribute_type });
        }
    }
    let index = |index: &IndexSpec| GlobalSecondaryIndex {
        index_name: index.name.clone(),
        key_schema: key_schema(&index.partition_key, index.sort_key.as_ref()),
        projection: Projection { projection_type: Some(ProjectionType::ALL), non_key_attributes: None },
        provisioned_throughput: None,
    };
    let indexes: Vec<GlobalSecondaryIndex> = spec.indexes.iter().map(index).collect();
    CreateTableRequest {
        table_name: stored,
        key_schema: key_schema(&spec.partition_key, spec.sort_key.as_ref()),
        attribute_definitions,
        global_secondary_indexes: (!indexes.is_empty()).then_some(indexes),
        billing_mode: Some("PAY_PER_REQUEST".into()),
        tags: tagged.then(|| vec![Tag { key: NAME_TAG.into(), value: spec.name.clone() }]),
        ..CreateTableRequest::default()
    }
}

fn key_schema(partition: &KeySpec, sort: Option<&KeySpec>) -> Vec<KeySchemaElement> {
    let element = |key: &KeySpec, key_type| KeySchemaElement { attribute_name: key.name.clone(), key_type };
    std::iter::once(element(partition, KeyType::HASH)).chain(sort.map(|key| element(key, KeyType::RANGE))).collect()
}

fn describe(name: &str, table: &Described) -> Result<TableDescription, TableError> {
    let (partition_key, sort_key) = keys(table, &table.key_schema)?;
    let globals = table.global_secondary_indexes.iter().flatten();
    let locals = table.local_secondary_indexes.iter().flatten();
    let indexes = globals
        .map(|index| (&index.index_name, &index.key_schema, index.item_count))
        .chain(locals.map(|index| (&index.index_name, &index.key_schema, index.item_count)));
    let index = |(name, schema, count): (&String, &Vec<KeySchemaElement>, Option<i64>)| {
        let (partition_key, sort_key) = keys(table, schema)?;
        Ok(IndexDescription { name: name.clone(), partition_key, sort_key, item_count: whole(count) })
    };
    Ok(TableDescription {
        name: name.into(),
        partition_key,
        sort_key,
        indexes: indexes.map(index).collect::<Result<_, TableError>>()?,
        item_count: whole(table.item_count),
        size_bytes: whole(table.table_size_bytes),
        created: table.creation_date_time.map(|seconds| seconds as u64),
    })
}

fn whole(count: Option<i64>) -> Option<u64> {
    count.and_then(|count| u64::try_from(count).ok())
}

fn keys(table: &Described, schema: &[KeySchemaElement]) -> Result<(KeySpec, Option<KeySpec>), TableError> {
    let key = |key_type: KeyType| {
        let element = schema.iter().find(|element| element.key_type == key_type)?;
        let defined =
            table.attribute_definitions.iter().find(|known| known.attribute_name == element.attribute_name)?;
        let attribute_type = match defined.attribute_type {
            EngineType::S => ScalarAttributeType::S,
            EngineType::N => ScalarAttributeType::N,
            EngineType::B => ScalarAttributeType::B,
        };
        Some(KeySpec::new(element.attribute_name.clone(), attribute_type))
    };
    match key(KeyType::HASH) {
        Some(partition) => Ok((partition, key(KeyType::RANGE))),
        None => Err(TableError::Failed("a table or index has no partition key".into())),
    }
}
