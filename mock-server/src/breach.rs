//! Breaking one clause of the documents at a time: a member that the mock does not check, or sends otherwise
//! than the document says.
//!
//! Every clause can be broken this way, so that every requirement derived from the documents has a defect
//! without a line of code of its own.

use serde_json::{Map, Value};
use specs::catalogue::{Catalogue, Profile};
use specs::clause::{self, Clause, Form, Message, Rule};

/// Precedes the id of a clause in the id of the defect that breaks it.
const PREFIX: &str = "breaks-";

/// The defect that breaks a clause.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Breach(&'static Clause);

impl Breach {
    /// Every one that a test can see, in the order of the clauses.
    pub fn all() -> impl Iterator<Item = Self> {
        let testable = |clause: &&Clause| {
            let requirement = Catalogue::bundled().requirement(&clause.id);
            requirement.is_some_and(|requirement| requirement.untestable.is_none())
        };
        clause::clauses().iter().filter(testable).map(Self)
    }

    /// The defect of this id: `breaks-` and the id of a clause.
    pub fn from_id(id: &str) -> Option<Self> {
        clause::clause(id.strip_prefix(PREFIX)?).map(Self)
    }

    /// Its id.
    pub fn id(self) -> String {
        format!("{PREFIX}{}", self.0.id)
    }

    /// The requirement that it breaks.
    pub fn requirement(self) -> &'static str {
        &self.0.id
    }

    /// Whether it can be committed under a profile.
    pub fn exists_under(self, profile: &Profile) -> bool {
        let served = |message: Message| {
            message
                .parts()
                .any(|(operation, _)| profile.operations.contains_key(operation))
        };
        let sites = self.0.at.iter();
        self.0.documents.contains(&profile.document)
            && (self.0.record.is_some() || sites.clone().any(|site| served(site.message)))
    }

    /// The developer's mistake that it stands for.
    pub fn mistake(self) -> String {
        let request = self.0.at.iter().any(|site| site.message.is_request());
        match (request, self.0.rule) {
            (true, Rule::Required) => "Nobody checks that the member is there.".to_owned(),
            (true, rule) => format!("Nobody checks the {} of the member.", rule.word()),
            (false, Rule::Required) => "The member is left out.".to_owned(),
            (false, rule) => format!("The member is written without regard to its {}.", rule.word()),
        }
    }
}

/// The breaches that one profile commits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Breaches {
    chosen: Vec<Breach>,
    document: String,
}

impl Breaches {
    /// Those of the chosen breaches that exist under this profile.
    pub(crate) fn under(profile: &Profile, chosen: &[Breach]) -> Self {
        let mut chosen = chosen.to_vec();
        chosen.retain(|breach| breach.exists_under(profile));
        Self {
            chosen,
            document: profile.document.clone(),
        }
    }

    /// Whether there is any.
    pub(crate) fn exist(&self) -> bool {
        !self.chosen.is_empty()
    }

    /// The schema of a request as far as it is checked.
    pub(crate) fn loosened(&self, message: Message, mut schema: Value) -> Value {
        for Breach(clause) in &self.chosen {
            for site in clause.at.iter().filter(|site| site.message == message) {
                let segments: Vec<&str> = site.pointer.split('/').skip(1).collect();
                loosen(&mut schema, &segments, clause.rule);
            }
        }
        schema
    }

    /// A message of ours as it is sent.
    pub(crate) fn spoilt(&self, message: Message, mut body: Value) -> Value {
        if self.chosen.is_empty() {
            return body;
        }
        let form = Form::of(&self.document, message);
        for Breach(clause) in &self.chosen {
            let Some(pointer) = form.pointer_to(clause) else {
                continue;
            };
            let segments: Vec<&str> = pointer.split('/').skip(1).collect();
            let original = body.clone();
            let applies = |place: &str| form.applies(clause, &original, place);
            spoil(&mut body, "", &segments, clause, &applies);
        }
        body
    }
}

/// Takes a rule out of a schema, at the member to which these segments lead.
fn loosen(schema: &mut Value, segments: &[&str], rule: Rule) {
    let Value::Object(members) = schema else { return };
    // What told alternatives apart may be what is taken out.
    if !members.contains_key("anyOf")
        && let Some(branches) = members.shift_remove("oneOf")
    {
        members.insert("anyOf".to_owned(), branches);
    }
    for keyword in ["allOf", "anyOf"] {
        if let Some(Value::Array(parts)) = members.get_mut(keyword) {
            for part in parts {
                loosen(part, segments, rule);
            }
        }
    }
    match (segments, rule) {
        ([], Rule::Required) => {}
        ([], rule) => {
            for keyword in rule.keywords() {
                members.shift_remove(*keyword);
            }
            // These say of what type a value is, and are not looked at where nobody looks.
            if matches!(rule, Rule::Enum | Rule::Pattern | Rule::Format) {
                members.shift_remove("type");
            }
        }
        ([name], Rule::Required) => {
            if let Some(Value::Array(required)) = members.get_mut("required") {
                required.retain(|n| n != name);
                if required.is_empty() {
                    members.shift_remove("required");
                }
            }
        }
        (["[]", rest @ ..], rule) => {
            if let Some(items) = members.get_mut("items") {
                loosen(items, rest, rule);
            }
        }
        ([name, rest @ ..], rule) => {
            if let Some(Value::Object(properties)) = members.get_mut("properties")
                && let Some(member) = properties.get_mut(*name)
            {
                loosen(member, rest, rule);
            }
        }
    }
}

/// Breaks a clause wherever it applies below a place of a body. Optional members on the way are made, but
/// no item is added to a list of results.
fn spoil(
    value: &mut Value,
    place: &str,
    segments: &[&str],
    clause: &Clause,
    applies: &impl Fn(&str) -> bool,
) {
    match (segments, value) {
        (["[]"], Value::Array(items)) if applies(&format!("{place}/0")) => match items.first_mut() {
            Some(first) => *first = clause.bad.clone(),
            None => items.push(clause.bad.clone()),
        },
        (["[]"], Value::Array(_)) => {}
        (["[]", rest @ ..], Value::Array(items)) => {
            for (i, item) in items.iter_mut().enumerate() {
                spoil(item, &format!("{place}/{i}"), rest, clause, applies);
            }
        }
        ([name], Value::Object(members)) if applies(&format!("{place}/{name}")) => {
            if clause.rule == Rule::Required {
                members.shift_remove(*name);
            } else {
                members.insert((*name).to_owned(), clause.bad.clone());
            }
        }
        ([_], Value::Object(_)) => {}
        ([name, rest @ ..], Value::Object(members)) => {
            let missing = || match rest {
                ["[]"] => Value::Array(Vec::new()),
                ["[]", ..] => Value::Array(vec![Value::Object(Map::new())]),
                _ => Value::Object(Map::new()),
            };
            // A message that holds no answer gets none.
            if place.is_empty() && !members.contains_key(*name) {
                return;
            }
            let member = members.entry((*name).to_owned()).or_insert_with(missing);
            spoil(member, &format!("{place}/{name}"), rest, clause, applies);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use specs::catalogue::Catalogue;

    #[test]
    fn ids_lead_back_to_their_breaches() {
        for breach in Breach::all() {
            assert_eq!(Breach::from_id(&breach.id()), Some(breach));
        }
        assert_eq!(Breach::from_id("breaks-nothing"), None);
    }

    #[test]
    fn every_breach_exists_under_a_profile() {
        for breach in Breach::all() {
            let profiles = Catalogue::bundled().profiles();
            assert!(
                profiles.iter().any(|p| breach.exists_under(p)),
                "{} exists nowhere",
                breach.id()
            );
        }
    }

    #[test]
    fn a_rule_is_taken_out_at_its_member_alone() {
        let mut schema = json!({
            "required": ["a", "b"],
            "properties": {"a": {"oneOf": [{"type": "string"}, {"type": "number"}]}, "b": {"type": "string"}},
        });
        loosen(&mut schema, &["a"], Rule::Type);
        loosen(&mut schema, &["b"], Rule::Required);
        let expected = json!({
            "required": ["a"],
            "properties": {"a": {"anyOf": [{}, {}]}, "b": {"type": "string"}},
        });
        assert_eq!(schema, expected);
    }
}
