//! Questions about one person: attributes with operators and values, or a type and a value.

use super::criteria::{Rejection, unknown_attribute};
use super::formula::{Comparison, Formula};
use super::index::Index;
use super::predicate::{Operator, compares};
use crate::defect::Defects;
use crate::ids::as_text;
use serde_json::Value;
use specs::catalogue::Registry;

/// Whom a question is about: all conditions hold for them.
#[derive(Debug)]
pub(crate) struct Person(Vec<Condition>);

#[derive(Debug)]
struct Condition {
    subject: Subject,
    operator: Operator,
    value: Value,
}

#[derive(Debug, Clone)]
enum Subject {
    /// JSON pointer of an attribute's value.
    Attribute(String),
    /// Any identifier, or those of one type.
    Identifier(Option<String>),
    /// The programmes that somebody is enrolled in.
    Programme,
}

impl Person {
    /// Reads the `query` of a question.
    pub(crate) fn read(query: &Value, registry: &Registry) -> Result<Self, Rejection> {
        if let (Some(kind), Some(value)) = (query.get("type").and_then(Value::as_str), query.get("value")) {
            return Ok(Self(vec![Condition {
                subject: Subject::Identifier(Some(kind.to_owned())),
                operator: Operator::Eq,
                value: value.clone(),
            }]));
        }
        let mut conditions = Vec::new();
        for (name, asked) in query.as_object().into_iter().flatten() {
            let subject = Subject::of(name, registry)?;
            for (operator, value) in asked.as_object().into_iter().flatten() {
                if let Some(operator) = Operator::read(operator) {
                    conditions.push(Condition {
                        subject: subject.clone(),
                        operator,
                        value: value.clone(),
                    });
                }
            }
        }
        Ok(Self(conditions))
    }

    /// The records of those whom the question is about; `record` reads one.
    pub(crate) fn found(
        &self,
        index: &Index,
        registry: &Registry,
        record: impl Fn(u32) -> Option<Value>,
    ) -> Vec<Value> {
        let candidates = match self.identifier() {
            Some(value) => index.identified(&value).collect(),
            None => index.matching(&self.attributes(), &record),
        };
        let records = candidates.into_iter().filter_map(record);
        records.filter(|record| self.is_in(record, registry)).collect()
    }

    /// The identifier that whoever is asked about must hold.
    fn identifier(&self) -> Option<String> {
        self.0.iter().find_map(|condition| match condition {
            Condition {
                subject: Subject::Identifier(_),
                operator: Operator::Eq,
                value,
            } => as_text(value),
            _ => None,
        })
    }

    /// What is asked of attributes.
    fn attributes(&self) -> Formula {
        let comparisons = self.0.iter().filter_map(|condition| match &condition.subject {
            Subject::Attribute(attribute) => Some(Formula::Comparison(Comparison {
                attribute: attribute.clone(),
                operator: condition.operator,
                value: condition.value.clone(),
            })),
            _ => None,
        });
        Formula::All(comparisons.collect())
    }

    /// Whether the question is about the person of this record.
    pub(crate) fn is_in(&self, record: &Value, registry: &Registry) -> bool {
        // One that asks about nobody only a server gets to see that does not check its requests.
        !self.0.is_empty() && self.0.iter().all(|condition| condition.holds(record, registry))
    }
}

impl Subject {
    fn of(name: &str, registry: &Registry) -> Result<Self, Rejection> {
        if let Some(pointer) = registry.attributes.get(name) {
            return Ok(Self::Attribute(pointer.clone()));
        }
        match name {
            "member.member_identifier" | "member_identifier" | "person_identifier" | "identifier" => {
                Ok(Self::Identifier(None))
            }
            "programme_identifier" => Ok(Self::Programme),
            _ if name == registry.id_type => Ok(Self::Identifier(Some(name.to_owned()))),
            _ => Err(Rejection::criteria(unknown_attribute(name, registry))),
        }
    }

    /// What a record holds of it.
    fn held<'r>(&self, record: &'r Value, registry: &Registry) -> Vec<&'r Value> {
        let list = |pointer: &str| record.pointer(pointer).and_then(Value::as_array);
        match self {
            Self::Attribute(pointer) => record.pointer(pointer).into_iter().collect(),
            Self::Identifier(kind) => list(&registry.identifiers)
                .into_iter()
                .flatten()
                .filter(|identifier| {
                    let held = identifier.get(&registry.identifier_type).and_then(Value::as_str);
                    kind.is_none() || held == kind.as_deref()
                })
                .filter_map(|identifier| identifier.get(&registry.identifier_value))
                .collect(),
            Self::Programme => {
                let programmes = ["/programme_identifier", "/programs_enrolments"].map(list);
                let named = programmes.into_iter().flatten().flatten();
                let named = named.filter_map(|p| p.get("programme_identifier"));
                let others = list("/additional_attributes").into_iter().flatten();
                let others = others.filter(|a| a["name"] == "programme_identifier");
                named.chain(others.filter_map(|a| a.get("value"))).collect()
            }
        }
    }
}

impl Condition {
    fn holds(&self, record: &Value, registry: &Registry) -> bool {
        // Identifiers are texts; a number that is asked for means its digits.
        let asked = match self.subject {
            Subject::Attribute(_) => self.value.clone(),
            _ => as_text(&self.value).map_or_else(|| self.value.clone(), Value::from),
        };
        let held = self.subject.held(record, registry);
        held.into_iter()
            .any(|held| compares(held, self.operator, &asked, &Defects::default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::People;
    use serde_json::json;
    use specs::catalogue::Catalogue;

    /// How many of 50 people a question is about.
    #[track_caller]
    fn count(profile: &str, question: impl Fn(&Value) -> Value) -> Result<usize, &'static str> {
        let profile = Catalogue::bundled().profile(profile).unwrap();
        let registry = profile.registry.as_ref().unwrap();
        let people = People::of(profile, 50, 1);
        let records: Vec<Value> = (0..50).filter_map(|n| people.value(n)).collect();
        let id = records[7].pointer(&registry.identifiers).unwrap()[0]["identifier_value"].clone();
        let person = Person::read(&question(&id), registry).map_err(|rejection| rejection.code)?;
        Ok(records.iter().filter(|r| person.is_in(r, registry)).count())
    }

    #[test]
    fn identifiers_go_by_several_names() {
        for name in [
            "member.member_identifier",
            "person_identifier",
            "identifier",
            "UIN",
        ] {
            assert_eq!(
                count("dci-disability", |id| json!({name: {"eq": id}})),
                Ok(1),
                "{name}"
            );
        }
        assert_eq!(
            count("dci-disability", |id| json!({"type": "UIN", "value": id})),
            Ok(1)
        );
        assert_eq!(
            count("dci-disability", |id| json!({"type": "BRN", "value": id})),
            Ok(0)
        );
        assert_eq!(count("dci-disability", |_| json!({"UIN": {"eq": "1"}})), Ok(0));
        let number = |id: &Value| json!({"UIN": {"eq": id.as_str().unwrap().parse::<u64>().unwrap()}});
        assert_eq!(count("dci-disability", number), Ok(1));
    }

    #[test]
    fn all_conditions_must_hold() {
        let all = count("dci-farmer", |_| json!({"birth_date": {"gt": "1900-01-01"}}));
        let span = count(
            "dci-farmer",
            |_| json!({"birth_date": {"gt": "1900-01-01", "lt": "1900-01-02"}}),
        );
        assert_eq!((all, span), (Ok(50), Ok(0)));
    }

    #[test]
    fn programmes_are_found_in_each_form_of_record() {
        for (profile, programme) in [
            ("dci-beneficiary", "PRG-AGE-02"),
            ("dci-economic-support", "ESS-SKILLS-01"),
        ] {
            let some = count(profile, |_| json!({"programme_identifier": {"eq": programme}})).unwrap();
            assert!((1..50).contains(&some), "{profile}: {some}");
        }
    }

    #[test]
    fn questions_about_unknown_attributes_are_rejected_and_those_about_nobody_find_nobody() {
        let unknown = json!({"shoe_size": {"eq": 42}});
        assert_eq!(
            count("dci-crvs", |_| unknown.clone()),
            Err("rjct.search_criteria.invalid")
        );
        for query in [json!({}), json!("x"), json!({"UIN": 5})] {
            assert_eq!(count("dci-crvs", |_| query.clone()), Ok(0), "{query}");
        }
    }
}
