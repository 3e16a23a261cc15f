//! A request's bytes become a [`Request`], or one sentence about what is wrong with them.

use serde_json::Value;

/// What can be asked.
pub enum Request {
    PlaceOrder { customer: String, order: String, lines: Vec<Line> },
    GetOrder { customer: String, order: String },
    ListOrders { customer: String, limit: u64, after: Option<String> },
}

/// A line of an order.
pub struct Line {
    pub product: String,
    pub quantity: u64,
    /// What one costs.
    pub cents: u64,
}

impl Request {
    pub fn parse(bytes: &[u8]) -> Result<Request, String> {
        let value: Value = serde_json::from_slice(bytes).map_err(|_| "expected JSON, nested at most 127 deep")?;
        if !value.is_object() {
            return Err("expected a JSON object".into());
        }
        match value["action"].as_str() {
            Some("placeOrder") => Ok(Request::PlaceOrder {
                customer: id(&value, "customer")?,
                order: id(&value, "order")?,
                lines: lines(&value["lines"])?,
            }),
            Some("getOrder") => {
                Ok(Request::GetOrder { customer: id(&value, "customer")?, order: id(&value, "order")? })
            }
            Some("listOrders") => Ok(Request::ListOrders {
                customer: id(&value, "customer")?,
                limit: if value["limit"].is_null() { 20 } else { whole(&value, "limit", 1, 100)? },
                after: if value["after"].is_null() { None } else { Some(id(&value, "after")?) },
            }),
            _ => Err("expected \"action\" to be placeOrder, getOrder or listOrders".into()),
        }
    }
}

/// Customers and orders have names that need no quoting anywhere.
fn id(value: &Value, name: &str) -> Result<String, String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    match value[name].as_str() {
        Some(text) if (1..=64).contains(&text.len()) && text.bytes().all(fits) => Ok(text.into()),
        _ => Err(format!("expected \"{name}\" to be 1 to 64 letters, digits, - or _")),
    }
}

fn lines(value: &Value) -> Result<Vec<Line>, String> {
    match value.as_array() {
        Some(lines) if (1..=25).contains(&lines.len()) => lines.iter().map(line).collect(),
        _ => Err("expected \"lines\" to be an array of 1 to 25 lines".into()),
    }
}

fn line(value: &Value) -> Result<Line, String> {
    let product = match value["product"].as_str() {
        Some(text) if (1..=100).contains(&text.chars().count()) => text.into(),
        _ => return Err("expected \"product\" to be 1 to 100 characters".into()),
    };
    let quantity = whole(value, "quantity", 1, 1_000)?;
    let cents = whole(value, "cents", 0, 10_000_000)?;
    Ok(Line { product, quantity, cents })
}

/// A whole number within bounds. They are far below 2^53, so that going by way of an f64 loses nothing, and neither do sums;
/// money in fractions would need better than that.
fn whole(value: &Value, name: &str, least: u64, most: u64) -> Result<u64, String> {
    match value[name].as_f64() {
        Some(number) if number.fract() == 0.0 && (least as f64..=most as f64).contains(&number) => Ok(number as u64),
        _ => Err(format!("expected \"{name}\" to be a whole number from {least} to {most}")),
    }
}
