//! Questions about transactions.

use super::{called_back, header, transaction_id};
use crate::context::Context;
use serde_json::{Value, json};

/// What is asked about: a kind of transaction, and the attribute by which it is named.
pub fn txn_subject(cx: &Context, what: &str, txn_type: &str, attribute: &str, value: &Value) -> Value {
    json!({
        "reference_id": cx.id(&format!("{what} reference")),
        "txn_type": txn_type,
        "attribute_type": attribute,
        "attribute_value": value,
        "locale": "eng",
    })
}

/// The envelope of a question about a transaction, for either of the two operations that take one.
pub fn txn_status_envelope(cx: &Context, operation: &str, what: &str, subject: &Value) -> Value {
    let make = if operation == "txn-status" {
        called_back
    } else {
        header
    };
    json!({
        "header": make(cx, what, "txn-status", 1),
        "message": {
            "transaction_id": transaction_id(cx, what),
            "txnstatus_request": subject,
        },
    })
}
