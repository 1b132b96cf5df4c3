//! Questions about single persons, and reports of their enrolment.

use super::{header, transaction_id};
use crate::context::Context;
use serde_json::{Value, json};

/// The envelope of a question about the person with this identifier, where one is asked of enrolment also
/// about this programme.
pub fn about_person(
    cx: &Context,
    operation: &str,
    what: &str,
    identifier: &str,
    programme: Option<&str>,
) -> Value {
    let of_disability = matches!(
        operation,
        "disabled" | "get-disability-support" | "get-disability-details"
    );
    let (member, attribute) = if of_disability {
        ("disabled_criteria", "member.member_identifier")
    } else {
        ("enrolled_criteria", "person_identifier")
    };
    let others = ["either", "attributes"];
    let mut others = others
        .iter()
        .map(|other| cx.profile.allows("dci.status-query-form", other));
    let by_type = cx.profile.allows("dci.status-query-form", "identifier") && !others.any(|other| other);
    let query = if by_type {
        let id_type = cx.profile.registry.as_ref().map_or("UIN", |r| r.id_type.as_str());
        json!({"type": id_type, "value": identifier})
    } else {
        json!({attribute: {"eq": identifier}})
    };
    let mut criteria = json!({"query_type": "idtype-value", "query": query});
    if !of_disability {
        criteria["response_entity"] = json!("Member");
    }
    if let Some(programme) = programme.filter(|_| !by_type) {
        criteria["query"]["programme_identifier"] = json!({"eq": programme});
    }
    let action = if operation == "check-enrollment" {
        "enrollementstatus"
    } else {
        "search"
    };
    json!({
        "header": header(cx, what, action, 1),
        "message": {
            "transaction_id": transaction_id(cx, what),
            member: criteria,
        },
    })
}

/// The envelope of a report of these beneficiaries.
pub fn enrollment_updates(cx: &Context, what: &str, beneficiaries: &[Value]) -> Value {
    json!({
        "header": header(cx, what, "notify", beneficiaries.len()),
        "message": {
            "transaction_id": transaction_id(cx, what),
            "enrolled_updates": {"beneficiaries": beneficiaries},
        },
    })
}

/// A beneficiary with no more than the dictionary demands. Without a date of birth, so that no search by date
/// finds somebody whom other cases do not know.
pub fn beneficiary(cx: &Context) -> Value {
    let registry = cx.profile.registry.as_ref();
    let id_type = registry.map_or("UIN", |r| r.id_type.as_str());
    json!({
        "assistance_unit": "1",
        "member": {
            "demographic_info": {
                "identifier": [{"identifier_type": id_type, "identifier_value": cx.id("a beneficiary")}],
            },
        },
        "programme_identifier": [
            {"programme_name": "Cash for schooling", "programme_identifier": "DCX001"},
        ],
        "enrollment_date": "2024-02-02",
        "enrollment_status": "1",
        "benefits": [{"benefit_type": "1", "benefit_date": "2024-05-02"}],
    })
}
