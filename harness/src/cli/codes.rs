//! What the codes of refusals and rejections mean.

/// Every error code of the documents: what it says, and what a sender does about it.
pub(super) const CODES: &[(&str, &str)] = &[
    (
        "err.request.bad",
        "The request is malformed. Compare it with the document; the message names the member at fault.",
    ),
    (
        "err.request.unauthorized",
        "No valid access token came with the request. Obtain one and send it as a bearer token.",
    ),
    (
        "err.request.forbidden",
        "The token is valid and does not permit this operation.",
    ),
    (
        "err.request.not_found",
        "There is nothing at this address, or no such exchange type.",
    ),
    ("err.request.timeout", "The request was not complete in time."),
    (
        "err.version.not_supported",
        "header.version names a version that the receiver does not speak.",
    ),
    (
        "err.request.too_many_requests",
        "The sender exceeds its share. Send later; Retry-After says when.",
    ),
    (
        "err.sender_id.invalid",
        "sender_id is not registered with the receiver.",
    ),
    (
        "err.sender_uri.invalid",
        "sender_uri is no address that the receiver may call back.",
    ),
    ("err.receiver_id.invalid", "The message is for somebody else."),
    ("err.signature.missing", "The message is not signed."),
    (
        "err.signature.invalid",
        "The signature is not valid over this message with the sender's registered key.",
    ),
    (
        "err.encryption.invalid",
        "The message cannot be decrypted: encryption is not supported, or it is for another key, or changed, or header.is_msg_encrypted does not say what the message is.",
    ),
    (
        "err.service.unavailable",
        "The receiver cannot work at the moment.",
    ),
    ("rjct.version.invalid", "header.version is not supported."),
    (
        "rjct.message_id.duplicate",
        "A message with this message_id was received before.",
    ),
    (
        "rjct.message_ts.invalid",
        "message_ts is no date-time with a time zone, or too far from now.",
    ),
    (
        "rjct.action.invalid",
        "header.action is not that of the operation.",
    ),
    (
        "rjct.action.not_supported",
        "The receiver does not offer this action.",
    ),
    (
        "rjct.total_count.invalid",
        "total_count is not the number of requests in the message.",
    ),
    (
        "rjct.total_count.limit_exceeded",
        "The batch is larger than the receiver accepts.",
    ),
    ("rjct.errors.too_many", "Every request of the batch was rejected."),
    (
        "rjct.reference_id.invalid",
        "reference_id is missing or malformed.",
    ),
    (
        "rjct.reference_id.duplicate",
        "reference_id stands twice in the batch.",
    ),
    (
        "rjct.timestamp.invalid",
        "timestamp is no date-time with a time zone.",
    ),
    (
        "rjct.search_criteria.invalid",
        "The criteria cannot be evaluated: unknown attribute, operator or query type.",
    ),
    ("rjct.filter.invalid", "The filter cannot be evaluated."),
    ("rjct.sort.invalid", "The attribute to sort by is unknown."),
    (
        "rjct.pagination.invalid",
        "page_size or page_number is out of range; pages count from 1.",
    ),
    (
        "rjct.search.too_many_records_found",
        "The result is larger than the registry gives out. Narrow the search.",
    ),
    (
        "rjct.notify_types.invalid",
        "The registry knows no event of this reg_event_type.",
    ),
    (
        "rjct.notify_details.invalid",
        "The filter or the record type of the subscription cannot be read.",
    ),
    (
        "rjct.person_id.invalid",
        "The person to be told about is unknown or not named.",
    ),
    (
        "rjct.event.already_subscribed",
        "The sender has this subscription already.",
    ),
    (
        "rjct.subscription_code.invalid",
        "No subscription of the sender has this code.",
    ),
    ("rjct.requester.invalid", "Whoever asks is not who subscribed."),
    (
        "rjct.event.already_unsubscribed",
        "The subscription has ended already.",
    ),
];
