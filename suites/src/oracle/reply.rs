//! What a search reply or an on-search callback holds.

use serde_json::Value;
use specs::evidence::{Body, Exchange};

/// A search reply that answers a known request.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The whole body.
    pub body: Value,
    /// `message.transaction_id`.
    pub transaction_id: Option<String>,
    /// `message.correlation_id`.
    pub correlation_id: Option<String>,
    /// The items of `message.search_response`.
    pub items: Vec<Item>,
}

/// One item of a search response.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// `reference_id`.
    pub reference_id: Option<String>,
    /// `status`.
    pub status: Option<String>,
    /// Whether `data` is there.
    pub has_data: bool,
    /// `data.reg_records`; a single object counts as a list of one.
    pub records: Vec<Value>,
    /// `pagination.total_count`.
    pub total_count: Option<u64>,
}

impl Reply {
    /// Reads a body as a search reply, if it has a list `search_response`.
    pub fn read(body: &Body) -> Option<Self> {
        let body = body.json()?;
        body.get("header")?.as_object()?;
        let message = body.get("message")?;
        let items = message
            .get("search_response")?
            .as_array()?
            .iter()
            .map(Item::read)
            .collect();
        let text = |name: &str| message.get(name).and_then(Value::as_str).map(str::to_owned);
        let (transaction_id, correlation_id) = (text("transaction_id"), text("correlation_id"));
        Some(Self {
            body,
            transaction_id,
            correlation_id,
            items,
        })
    }

    /// The reply of an exchange, if it recognisably answers the exchange's own request: it carries the
    /// request's transaction_id or one of its reference_ids. Anything else proves nothing.
    pub fn of(exchange: &Exchange) -> Option<Self> {
        let response = exchange.response().filter(|r| (200..300).contains(&r.status))?;
        let reply = Self::read(&response.body)?;
        reply.answers(&exchange.request.body.json()?).then_some(reply)
    }

    /// Whether this answers the given request.
    pub fn answers(&self, request: &Value) -> bool {
        belongs(&self.body, request)
    }

    /// The records of all items.
    pub fn records(&self) -> Vec<&Value> {
        self.items.iter().flat_map(|item| item.records.iter()).collect()
    }

    /// The number of records of the whole result, as far as the reply tells.
    pub fn total(&self) -> u64 {
        let returned: u64 = self.items.iter().map(|item| item.records.len() as u64).sum();
        self.items
            .first()
            .and_then(|item| item.total_count)
            .unwrap_or(returned)
            .max(returned)
    }

    /// Whether every record of the result is in this reply.
    pub fn complete(&self) -> bool {
        self.total() == self.records().len() as u64
    }
}

fn transaction(body: &Value) -> Option<&str> {
    body.pointer("/message/transaction_id").and_then(Value::as_str)
}

/// Whether a body is a search reply that answers the given request: it carries its transaction_id or one of
/// its reference_ids.
pub(crate) fn belongs(body: &Value, request: &Value) -> bool {
    let items = body.pointer("/message/search_response").and_then(Value::as_array);
    let Some(items) = items.filter(|_| body.get("header").is_some_and(Value::is_object)) else {
        return false;
    };
    let asked = transaction(request);
    if asked.is_some() && transaction(body) == asked {
        return true;
    }
    let asked = reference_ids(request);
    items.iter().any(|item| {
        let id = item.get("reference_id").and_then(Value::as_str);
        id.is_some_and(|id| asked.iter().any(|asked| asked == id))
    })
}

impl Item {
    fn read(item: &Value) -> Self {
        let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
        let records = match item.pointer("/data/reg_records") {
            Some(Value::Array(records)) => records.clone(),
            Some(record @ Value::Object(_)) => vec![record.clone()],
            _ => Vec::new(),
        };
        Self {
            reference_id: text("reference_id"),
            status: text("status"),
            has_data: item.get("data").is_some(),
            records,
            total_count: item.pointer("/pagination/total_count").and_then(Value::as_u64),
        }
    }
}

/// The reference_ids of a batch, of a search or of subscriptions.
pub(crate) fn reference_ids(request: &Value) -> Vec<String> {
    request
        .pointer("/message/search_request")
        .or_else(|| request.pointer("/message/subscribe_request"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|item| {
            item.get("reference_id")
                .and_then(Value::as_str)
                .map(str::to_owned)
        })
        .collect()
}
