//! A request becomes commands, one after the other, and their outcomes become its reply.
//!
//! Table `orders` has the key (customer, order), table `customers` the key (customer).

use serde_json::{Value, json};

use crate::exports::gateleg::planner::planner::{Reply, Step};
use crate::request::{Line, Request};
use crate::{refuse, reply, send};

/// How far a request has come: which outcome it waits for. Each request has an instance of this component to itself, so this is
/// all the state there is.
pub enum Task {
    /// The transaction that writes an order and counts it. Its ticket is 0.
    Placing {
        customer: String,
        placed: Value,
    },
    /// The read of the count, after it. Its ticket is 1.
    Counting {
        placed: Value,
    },
    Getting,
    Listing,
    Over,
}

impl Task {
    pub fn start(request: Request) -> (Task, Step) {
        match request {
            Request::PlaceOrder { customer, order, lines } => place(customer, &order, &lines),
            Request::GetOrder { customer, order } => {
                let key = json!({ "customer": { "S": customer }, "order": { "S": order } });
                (Task::Getting, send(0, json!({ "GetItem": { "TableName": "orders", "Key": key } })))
            }
            Request::ListOrders { customer, limit, after } => {
                let mut query = json!({
                    "TableName": "orders",
                    "KeyConditionExpression": "customer = :customer",
                    // ORDER is a reserved word.
                    "ProjectionExpression": "#order, cents",
                    "ExpressionAttributeNames": { "#order": "order" },
                    "ExpressionAttributeValues": { ":customer": { "S": customer } },
                    "Limit": limit,
                });
                if let Some(after) = after {
                    query["ExclusiveStartKey"] = json!({ "customer": { "S": customer }, "order": { "S": after } });
                }
                (Task::Listing, send(0, json!({ "Query": query })))
            }
        }
    }

    /// The outcome of the command that was asked for: `{"ok": {..}}` or `{"error": {..}}`.
    pub fn resume(&mut self, ticket: u32, outcome: &Value) -> Result<Step, String> {
        let (ok, error) = (&outcome["ok"], &outcome["error"]);
        let failed = error.is_object();
        let step = match (std::mem::replace(self, Task::Over), ticket) {
            (Task::Placing { .. }, 0) if failed => Step::Done(not_placed(error)),
            (Task::Placing { customer, placed }, 0) => {
                *self = Task::Counting { placed };
                let key = json!({ "customer": { "S": customer } });
                send(1, json!({ "GetItem": { "TableName": "customers", "Key": key, "ConsistentRead": true } }))
            }
            // The order is placed. That it could not be counted is no reason to say anything else.
            (Task::Counting { placed }, 1) => Step::Done(placed_as(placed, number(&ok["Item"]["orders"]))),
            (Task::Getting | Task::Listing, 0) if failed => Step::Done(not_read(error)),
            (Task::Getting, 0) => Step::Done(got(&ok["Item"])),
            (Task::Listing, 0) => Step::Done(listed(ok)),
            (before, _) => {
                *self = before;
                return Err(format!("no outcome is awaited under ticket {ticket}"));
            }
        };
        Ok(step)
    }

    /// Time is up: what is known by now.
    pub fn expire(&mut self) -> Reply {
        match std::mem::replace(self, Task::Over) {
            Task::Placing { .. } => perhaps_placed(),
            Task::Counting { placed } => placed_as(placed, None),
            Task::Getting | Task::Listing | Task::Over => {
                refuse(504, "TooSlow", "the shop's tables did not answer in time")
            }
        }
    }
}

/// Both writes or neither: an order that is not counted, or counted twice, would be worse than none.
fn place(customer: String, order: &str, lines: &[Line]) -> (Task, Step) {
    let cents: u64 = lines.iter().map(|line| line.quantity * line.cents).sum();
    let list: Vec<Value> = lines.iter().map(item).collect();
    let put = json!({
        "TableName": "orders",
        "Item": { "customer": { "S": customer }, "order": { "S": order }, "lines": { "L": list }, "cents": { "N": cents.to_string() } },
        "ConditionExpression": "attribute_not_exists(customer)",
    });
    let count = json!({
        "TableName": "customers",
        "Key": { "customer": { "S": customer } },
        "UpdateExpression": "ADD orders :one",
        "ExpressionAttributeValues": { ":one": { "N": "1" } },
    });
    let command = json!({ "TransactWriteItems": { "TransactItems": [{ "Put": put }, { "Update": count }] } });
    let placed = json!({ "customer": customer, "order": order, "cents": cents });
    (Task::Placing { customer, placed }, send(0, command))
}

fn item(line: &Line) -> Value {
    let Line { product, quantity, cents } = line;
    json!({ "M": { "product": { "S": product }, "quantity": { "N": quantity.to_string() }, "cents": { "N": cents.to_string() } } })
}

fn placed_as(mut placed: Value, count: Option<u64>) -> Reply {
    placed["ordersOfCustomer"] = json!(count);
    reply(201, placed)
}

fn not_placed(error: &Value) -> Reply {
    let reasons = error["CancellationReasons"].as_array().map_or(&[][..], Vec::as_slice);
    if reasons.iter().any(|reason| reason["Code"] == "ConditionalCheckFailed") {
        return refuse(409, "OrderExists", "this customer has an order of that name already");
    }
    if reasons.iter().any(|reason| reason["Code"] == "TransactionConflict") {
        return refuse(503, "TryAgain", "another order of this customer is being placed");
    }
    if error["mayHaveHappened"] == true { perhaps_placed() } else { not_read(error) }
}

fn perhaps_placed() -> Reply {
    refuse(504, "PerhapsPlaced", "the order may have been placed or not; getOrder tells")
}

fn not_read(error: &Value) -> Reply {
    match error["__type"].as_str().unwrap_or_default() {
        "ThrottlingException"
        | "ProvisionedThroughputExceededException"
        | "RequestLimitExceeded"
        | "ServiceUnavailableException" => refuse(503, "TryAgain", "the shop is busy"),
        // A caller can do nothing about it; the operator finds the store's words in gateleg's log.
        _ => refuse(500, "ShopClosed", "the shop's tables cannot be used"),
    }
}

fn got(item: &Value) -> Reply {
    if item.is_null() {
        return refuse(404, "NoSuchOrder", "this customer has no order of that name");
    }
    match order(item) {
        Some(order) => reply(200, order),
        None => unreadable(),
    }
}

fn listed(page: &Value) -> Reply {
    let items = page["Items"].as_array().map_or(&[][..], Vec::as_slice);
    let brief = |item: &Value| Some(json!({ "order": item["order"]["S"].as_str()?, "cents": number(&item["cents"])? }));
    let Some(orders) = items.iter().map(brief).collect::<Option<Vec<Value>>>() else { return unreadable() };
    let mut list = json!({ "orders": orders });
    // Sent back as "after", it goes on from there.
    if let Some(next) = page["LastEvaluatedKey"]["order"]["S"].as_str() {
        list["next"] = next.into();
    }
    reply(200, list)
}

/// An item as this API shows it; none for one that something else wrote.
fn order(item: &Value) -> Option<Value> {
    let line = |line: &Value| {
        let line = &line["M"];
        let product = line["product"]["S"].as_str()?;
        Some(json!({ "product": product, "quantity": number(&line["quantity"])?, "cents": number(&line["cents"])? }))
    };
    let lines: Option<Vec<Value>> = item["lines"]["L"].as_array()?.iter().map(line).collect();
    let (customer, order) = (item["customer"]["S"].as_str()?, item["order"]["S"].as_str()?);
    Some(json!({ "customer": customer, "order": order, "lines": lines?, "cents": number(&item["cents"])? }))
}

fn unreadable() -> Reply {
    refuse(500, "NotOurOrder", "the table holds an item that this shop did not write")
}

/// DynamoDB writes numbers as text: `{"N": "12"}`.
fn number(value: &Value) -> Option<u64> {
    value["N"].as_str().filter(|text| text.len() <= 15)?.parse().ok()
}
