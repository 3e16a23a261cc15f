//! `gateleg table`: tables of the embedded store are made, listed, described and deleted by whoever owns its file.
//!
//! Requests never get here: no operation of the protocol makes or deletes a table.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};

use clap::{Args, Subcommand};
use gateleg_core::json::{Object, write_array, write_integer, write_string};
use gateleg_store::embedded::{Embedded, IndexSpec, KeySpec, TableDescription, TableError, TableSpec};

use crate::cli::print;
use crate::failure::Failure;
use crate::pretty::{pretty, visible};
use crate::setup::DataFile;

/// The options of `gateleg table`.
#[derive(Args, Debug, Clone)]
#[command(after_help = EXAMPLES)]
pub struct Table {
    #[command(subcommand)]
    action: Action,
}

const EXAMPLES: &str = "\
Examples:
  gateleg table create people --key id:S
  gateleg table create orders --key customer:S --sort placed:N --index by_status:status:S
  gateleg table list
  gateleg table describe orders --json
  gateleg table delete orders --yes

A key is NAME:TYPE; the types are S (string), N (number) and B (binary). These tables are the embedded store's; DynamoDB's
own are made with AWS's tools.";

#[derive(Subcommand, Debug, Clone)]
enum Action {
    /// Make a table
    Create(Create),
    /// List the tables
    List(Show),
    /// Describe a table: its keys, its indexes, how many items it holds
    Describe {
        /// The table's name
        table: String,
        #[command(flatten)]
        show: Show,
    },
    /// Delete a table with all its items
    Delete {
        /// The table's name
        table: String,
        /// Delete without asking
        #[arg(long, short)]
        yes: bool,
        #[command(flatten)]
        show: Show,
    },
}

#[derive(Args, Debug, Clone)]
struct Create {
    /// The table's name
    table: String,
    /// The partition key, as NAME:TYPE, such as customer:S
    #[arg(long, value_name = "NAME:TYPE")]
    key: String,
    /// The sort key, as NAME:TYPE, such as placed:N
    #[arg(long, value_name = "NAME:TYPE")]
    sort: Option<String>,
    /// A global secondary index, as INDEX:NAME:TYPE or INDEX:NAME:TYPE:SORT:TYPE; may be repeated
    #[arg(long, value_name = "INDEX:NAME:TYPE[:SORT:TYPE]")]
    index: Vec<String>,
    #[command(flatten)]
    show: Show,
}

#[derive(Args, Debug, Clone)]
struct Show {
    #[command(flatten)]
    data: DataFile,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Table {
    /// Does it.
    ///
    /// # Errors
    /// When the file cannot be opened, or the table is not as it should be.
    pub fn run(self) -> Result<(), Failure> {
        match self.action {
            Action::Create(create) => create.run(),
            Action::List(show) => show.list(),
            Action::Describe { table, show } => {
                show.open()?.describe_table(&table).map_err(explain).and_then(|it| show.print(&it))
            }
            Action::Delete { table, yes, show } => show.delete(&table, yes),
        }
    }
}

impl Create {
    fn run(self) -> Result<(), Failure> {
        let spec = self.spec().map_err(|error| explain(TableError::Spec(error)))?;
        let store = self.show.open()?;
        store.create_table(&spec).map_err(explain)?;
        let made = store.describe_table(&self.table).map_err(explain)?;
        self.show.print(&made)
    }

    fn spec(&self) -> Result<TableSpec, gateleg_store::embedded::SpecError> {
        let mut spec = TableSpec::new(&self.table, KeySpec::parse(&self.key)?);
        spec.sort_key = self.sort.as_deref().map(KeySpec::parse).transpose()?;
        spec.indexes = self.index.iter().map(|text| IndexSpec::parse(text)).collect::<Result<_, _>>()?;
        Ok(spec)
    }
}

impl Show {
    fn open(&self) -> Result<Embedded, Failure> {
        let (store, _) = self.data.open()?;
        store.ensure_default_table().map_err(explain)?;
        Ok(store)
    }

    fn list(&self) -> Result<(), Failure> {
        let tables = self.open()?.list_tables().map_err(explain)?;
        if self.json {
            let mut out = String::new();
            let mut object = Object::new(&mut out);
            write_array(object.member("TableNames"), &tables, |out, table| write_string(out, table));
            object.end();
            return print(json_text(&out).as_bytes());
        }
        if tables.is_empty() {
            eprintln!("There are no tables yet. Make one with: gateleg table create orders --key customer:S");
        }
        print(tables.iter().map(|table| format!("{table}\n")).collect::<String>().as_bytes())
    }

    fn delete(&self, table: &str, yes: bool) -> Result<(), Failure> {
        let store = self.open()?;
        let description = store.describe_table(table).map_err(explain)?;
        if !yes {
            confirm(&description)?;
        }
        store.delete_table(table).map_err(explain)?;
        if self.json {
            return print(json_text(&write(&description)).as_bytes());
        }
        print(format!("deleted {table}\n").as_bytes())
    }

    fn print(&self, table: &TableDescription) -> Result<(), Failure> {
        let text = if self.json { json_text(&write(table)) } else { lay_out(table) };
        print(text.as_bytes())
    }
}

fn confirm(table: &TableDescription) -> Result<(), Failure> {
    let refusal =
        || Failure::new(format!("{} was not deleted", table.name)).hint("To delete it without being asked: --yes");
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(refusal());
    }
    eprint!("Delete {} with {}? Type its name to confirm: ", table.name, items(table.item_count));
    // A prompt that cannot be shown is still answered.
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    match stdin.read_line(&mut answer) {
        Ok(_) if answer.trim() == table.name => Ok(()),
        _ => Err(refusal()),
    }
}

fn explain(error: TableError) -> Failure {
    match &error {
        TableError::Exists { name } => {
            Failure::new(error.to_string()).hint(format!("See what it is like with: gateleg table describe {name}"))
        }
        TableError::Spec(_) => Failure::usage(error.to_string()).hint("gateleg table create --help shows examples"),
        TableError::Unknown { .. } => Failure::new(error.to_string()).hint("See all with: gateleg table list"),
        _ => Failure::new(error.to_string()),
    }
}

fn lay_out(table: &TableDescription) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}", table.name);
    let _ = writeln!(out, "  key    {}", keys(&table.partition_key, table.sort_key.as_ref()));
    for index in &table.indexes {
        let _ = writeln!(out, "  index  {} on {}", index.name, keys(&index.partition_key, index.sort_key.as_ref()));
    }
    let _ = writeln!(out, "  items  {}, {} bytes", items(table.item_count), table.size_bytes.unwrap_or(0));
    visible(&out)
}

fn keys(partition: &KeySpec, sort: Option<&KeySpec>) -> String {
    let key = |key: &KeySpec| format!("{} ({})", key.name, key.attribute_type);
    match sort {
        Some(sort) => format!("{}, sorted by {}", key(partition), key(sort)),
        None => key(partition),
    }
}

fn items(count: Option<u64>) -> String {
    match count {
        Some(1) => "1 item".into(),
        count => format!("{} items", count.unwrap_or(0)),
    }
}

/// As DynamoDB's DescribeTable says it, as far as this store knows it.
fn write(table: &TableDescription) -> String {
    let mut out = String::new();
    let mut object = Object::new(&mut out);
    let mut inner = Object::new(object.member("Table"));
    let index_keys =
        table.indexes.iter().flat_map(|index| std::iter::once(&index.partition_key).chain(&index.sort_key));
    let mut keys: Vec<&KeySpec> =
        std::iter::once(&table.partition_key).chain(&table.sort_key).chain(index_keys).collect();
    let mut seen = Vec::new();
    keys.retain(|key| {
        !seen.contains(&&key.name) && {
            seen.push(&key.name);
            true
        }
    });
    write_array(inner.member("AttributeDefinitions"), keys, |out, key| {
        let mut object = Object::new(out);
        object.string("AttributeName", &key.name);
        object.string("AttributeType", &key.attribute_type.to_string());
        object.end();
    });
    inner.string("TableName", &table.name);
    write_key_schema(inner.member("KeySchema"), &table.partition_key, table.sort_key.as_ref());
    inner.string("TableStatus", "ACTIVE");
    let counts =
        [("CreationDateTime", table.created), ("TableSizeBytes", table.size_bytes), ("ItemCount", table.item_count)];
    for (name, count) in counts {
        if let Some(count) = count {
            write_integer(inner.member(name), i64::try_from(count).unwrap_or(i64::MAX));
        }
    }
    if !table.indexes.is_empty() {
        write_array(inner.member("GlobalSecondaryIndexes"), &table.indexes, |out, index| {
            let mut object = Object::new(out);
            object.string("IndexName", &index.name);
            write_key_schema(object.member("KeySchema"), &index.partition_key, index.sort_key.as_ref());
            object.end();
        });
    }
    inner.end();
    object.end();
    out
}

fn write_key_schema(out: &mut String, partition: &KeySpec, sort: Option<&KeySpec>) {
    let keys = std::iter::once((partition, "HASH")).chain(sort.map(|sort| (sort, "RANGE")));
    write_array(out, keys, |out, (key, key_type)| {
        let mut object = Object::new(out);
        object.string("AttributeName", &key.name);
        object.string("KeyType", key_type);
        object.end();
    });
}

/// Indented on a terminal, as it is in a pipe.
fn json_text(text: &str) -> String {
    if std::io::stdout().is_terminal() { pretty(text.as_bytes()) + "\n" } else { format!("{text}\n") }
}
