//! A request: read and checked in the same way for every operation.

use super::criteria::type_of_form;
use super::{signature, txn_status};
use crate::Defect;
use crate::ids::RequestIds;
use crate::incoming::Incoming;
use crate::operation::Operation;
use crate::readings::Way;
use crate::sealed::{self, Slips};
use crate::service::Service;
use crate::validate::Fault;
use serde_json::{Value, json};
use specs::wire::jwe::Form;

/// How many searches or subscriptions one request may hold: each may concern the whole register.
const MOST_ITEMS: usize = 100;

/// How many characters a transaction_id or a correlation_id may have.
const MOST_CHARACTERS: usize = 99;

/// How many characters a UUID has.
const UUID: usize = 36;

/// A request that was read.
#[derive(Debug)]
pub(super) struct Read {
    /// With the message in clear.
    pub(super) request: Value,
    /// How the message was encrypted, where it was.
    pub(super) form: Option<Form>,
}

/// The mistakes with encrypted messages.
const SLIPS: Slips = Slips {
    algorithm_ignored: Defect::EncryptionAlgorithmIgnored,
    any_key: Defect::EncryptionAnyKey,
    code_generic: Defect::EncryptionCodeGeneric,
    flag_ignored: Defect::EncryptionFlagIgnored,
    tag_unchecked: Defect::EncryptionTagUnchecked,
};

/// Reads a request, decrypts it where it is encrypted, and checks that it has the form of the document.
pub(super) fn read(cx: &Service, incoming: &Incoming, operation: Operation) -> Result<Read, Fault> {
    incoming.bytes()?;
    let is_labelled =
        incoming.is_labelled_json() && !(cx.ways.take(Way::CharsetExact) && incoming.has_parameters());
    if !is_labelled && !cx.commits(Defect::MediaTypeIgnored) {
        let fault = Fault::media_type(&incoming.media_type());
        return Err(fault.in_request(&incoming.json().unwrap_or_default()));
    }
    let empty = || Read {
        request: json!({}),
        form: None,
    };
    let mut request = match incoming.json() {
        Err(_) if cx.commits(Defect::NotJsonAccepted) => return Ok(empty()),
        Ok(read) if cx.commits(Defect::ShapeUnchecked) && !read["header"].is_object() => {
            return Ok(empty());
        }
        read => read?,
    };
    let form = decrypt(cx, &mut request).map_err(|fault| fault.in_request(&request))?;
    by_form(cx, &mut request);
    cx.check(operation, &request)?;
    signature::check(cx, incoming, &request)?;
    txn_status::known(cx, operation, &request).map_err(|fault| fault.in_request(&request))?;
    unused(cx, operation, &request).map_err(|fault| fault.in_request(&request))?;
    let refuses_meta = is_search(operation) && cx.commits(Defect::MetaRefused);
    if refuses_meta && request.pointer("/header/meta").is_some() {
        return Err(Fault::bad("/header/meta: unknown member".to_owned()).in_request(&request));
    }
    let transaction_id = request.pointer("/message/transaction_id").and_then(Value::as_str);
    let is_long = transaction_id.is_some_and(|id| id.chars().count() > UUID);
    if is_long && cx.commits(Defect::TransactionIdUuidOnly) {
        let message = format!("/message/transaction_id: at most {UUID} characters");
        return Err(Fault::bad(message).in_request(&request));
    }
    let held = searches(&request).len() + subscriptions(&request).len();
    if held > MOST_ITEMS {
        let message = format!("the batch holds {held} requests; at most {MOST_ITEMS} are answered at once");
        let reason = Some("rjct.total_count.limit_exceeded");
        return Err(Fault {
            reason,
            ..Fault::bad(message)
        }
        .in_request(&request));
    }
    let registered = incoming
        .caller
        .as_ref()
        .and_then(|caller| caller.callback.as_ref());
    if let (Some(address), Some(Value::Object(header))) = (registered, request.get_mut("header")) {
        header
            .entry("sender_uri")
            .or_insert_with(|| address.as_str().into());
    }
    Ok(Read { request, form })
}

/// The query types that are told apart by their form.
const READ: [&str; 3] = ["idtype-value", "predicate", "expression"];

/// A query is of the type whose form it has, where that is how a mismatch is read.
fn by_form(cx: &Service, request: &mut Value) {
    if !cx.ways.take(Way::QueryMismatchByForm) {
        return;
    }
    let searches = request.pointer_mut("/message/search_request");
    for search in searches.and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(criteria) = search.get_mut("search_criteria").and_then(Value::as_object_mut)
            && let Some(query) = criteria.get("query")
            && criteria
                .get("query_type")
                .is_some_and(|named| READ.iter().any(|known| named == known))
        {
            let named = type_of_form(query);
            criteria.insert("query_type".to_owned(), named.into());
        }
    }
}

/// Whether a request is in order as far as it may come only once, and of one version.
fn unused(cx: &Service, operation: Operation, request: &Value) -> Result<(), Fault> {
    if !cx.ways.exist() {
        return Ok(());
    }
    let version = request.pointer("/header/version").and_then(Value::as_str);
    if cx.ways.take(Way::VersionFirst) && version.is_some_and(|version| version != "1.0.0") {
        let message = "/header/version: only 1.0.0 is understood".to_owned();
        let reason = Some("rjct.version.invalid");
        return Err(Fault {
            reason,
            ..Fault::coded("err.version.not_supported", message)
        });
    }
    let ids = RequestIds::of(request);
    let [sender, message, transaction] = ids.parts();
    let [ever, same_content] = [Way::MessageIdEver, Way::MessageIdSameContent].map(|way| cx.ways.take(way));
    if ever || same_content {
        let mark = request.get("message").map(Value::to_string).unwrap_or_default();
        let earlier = cx.earlier.note(format!("message {sender} {message}"), &mark);
        if earlier.is_some_and(|earlier| ever || earlier != mark) {
            let reason = Some("rjct.message_id.duplicate");
            return Err(Fault {
                reason,
                ..Fault::bad("/header/message_id: it was used before".to_owned())
            });
        }
    }
    if cx.ways.take(Way::TransactionReuseRefused) {
        let name = format!("transaction {} {sender} {transaction}", operation.id());
        if cx.earlier.note(name, "").is_some() {
            let message = "/message/transaction_id: it was used before".to_owned();
            return Err(Fault::bad(message));
        }
    }
    Ok(())
}

/// Puts what was in an encrypted message in its place.
fn decrypt(cx: &Service, request: &mut Value) -> Result<Option<Form>, Fault> {
    let Some((text, form)) = sealed::open(cx, SLIPS, request)? else {
        return Ok(None);
    };
    let message = serde_json::from_str(&text).map_err(|why| {
        let message = format!("what was decrypted is not JSON: {why}");
        Fault::coded("err.encryption.invalid", message)
    })?;
    request["message"] = message;
    if cx.commits(Defect::EncryptedAnsweredOtherwise) {
        let searches = request.pointer_mut("/message/search_request");
        for search in searches.and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(size) = search.pointer_mut("/search_criteria/pagination/page_size") {
                *size = 1.into();
            }
        }
    }
    Ok(Some(form))
}

/// The searches of a batch. A faulty request that was let through may hold none.
pub(super) fn searches(request: &Value) -> &[Value] {
    of_message(request, "search_request")
}

/// The subscriptions of a batch.
pub(super) fn subscriptions(request: &Value) -> &[Value] {
    of_message(request, "subscribe_request")
}

/// A list of the message: found without a pointer, which would have to be read each time.
fn of_message<'r>(request: &'r Value, name: &str) -> &'r [Value] {
    let held = request.get("message").and_then(|message| message.get(name));
    let held = held.and_then(Value::as_array);
    held.map(Vec::as_slice).unwrap_or_default()
}

/// A list within a request.
pub(super) fn list<'r>(request: &'r Value, pointer: &str) -> &'r [Value] {
    request
        .pointer(pointer)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// The correlation_id of a request's transaction.
pub(super) fn correlation_id(
    cx: &Service,
    incoming: &Incoming,
    operation: Operation,
    request: &Value,
) -> String {
    if cx.ways.take(Way::CorrelationTransaction)
        && let Some(transaction) = RequestIds::of(request).transaction
        && !transaction.is_empty()
        && transaction.chars().count() <= MOST_CHARACTERS
    {
        return transaction;
    }
    let search = is_search(operation);
    if search && cx.commits(Defect::CorrelationConstant) {
        return "9876543210".to_owned();
    }
    // One search has one correlation_id, whichever way it is answered.
    let purpose = if search {
        "correlation".to_owned()
    } else {
        format!("correlation of {}", operation.id())
    };
    let ids = RequestIds::of(request);
    if ids.is_empty() {
        return cx.id_of_bytes(&purpose, incoming.bytes().unwrap_or_default());
    }
    cx.id(&purpose, &ids)
}

fn is_search(operation: Operation) -> bool {
    matches!(operation, Operation::SyncSearch | Operation::Search)
}
