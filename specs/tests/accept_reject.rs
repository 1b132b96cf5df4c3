//! What our edition accepts and refuses, probe by probe: where the published editions refuse what is honest
//! or accept what is nonsense, ours does neither without saying so. And what those editions say to the
//! same probes, so that a run against one of them judges by what was published.

use serde::Deserialize;
use serde_json::{Map, Value};
use specs::catalogue::Catalogue;
use specs::document::Document;
use specs::schema::Schema;
use std::collections::BTreeMap;

/// The documents that say what a registry does.
const DOCUMENTS: [&str; 7] = [
    "dci-core",
    "dci-crvs",
    "dci-social",
    "dci-beneficiary",
    "dci-disability",
    "dci-farmer",
    "dci-economic-support",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Probes {
    probe: Vec<Probe>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Probe {
    title: String,
    base: String,
    operation: String,
    part: Part,
    honest: bool,
    #[serde(default)]
    set: BTreeMap<String, Value>,
    #[serde(default)]
    remove: Vec<String>,
    verdict: Verdict,
    reading: Option<String>,
    because: Option<String>,
    #[serde(default)]
    except: BTreeMap<String, Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    verdict: Verdict,
    requirement: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Debug)]
#[serde(rename_all = "kebab-case")]
enum Part {
    Request,
    Reply,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Debug)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    Accepted,
    Refused,
}

fn probes() -> Vec<Probe> {
    let read: Probes = toml::from_str(include_str!("accept_reject/probes.toml")).expect("the probes");
    read.probe
}

impl Probe {
    fn body(&self, bases: &Map<String, Value>) -> Value {
        let mut body = bases[&self.base].clone();
        for pointer in &self.remove {
            let (holder, name) = pointer.rsplit_once('/').expect("a pointer");
            let members = body.pointer_mut(holder).and_then(Value::as_object_mut);
            members.expect("an object").shift_remove(name);
        }
        for (pointer, value) in &self.set {
            let (holder, name) = pointer.rsplit_once('/').expect("a pointer");
            let members = body.pointer_mut(holder).and_then(Value::as_object_mut);
            members.expect("an object").insert(name.to_owned(), value.clone());
        }
        body
    }

    /// The schema of the body in a document, if that has the operation.
    fn schema(&self, document: &Document) -> Option<Schema> {
        let named = |o: &&specs::document::OperationDoc| o.operation_id.as_deref() == Some(&*self.operation);
        let operation = document.operations().iter().find(named)?;
        let content = match self.part {
            Part::Request => &operation.request.as_ref().expect("a request").content,
            Part::Reply => &operation.responses["default"].content,
        };
        Some(Schema::compile(&content["application/json"]).expect("our own schema"))
    }
}

#[test]
fn each_probe_has_its_verdict_in_every_document() {
    let bases: Map<String, Value> = serde_json::from_str(include_str!("accept_reject/base.json")).unwrap();
    let mut complaints = Vec::new();
    let mut judged = 0;
    for probe in probes() {
        let body = probe.body(&bases);
        let mut documents = 0;
        for name in DOCUMENTS {
            let document = Document::bundled(&format!("{name}.yaml")).unwrap();
            let Some(schema) = probe.schema(&document) else {
                continue;
            };
            documents += 1;
            let expected = probe.except.get(name).map_or(probe.verdict, |e| e.verdict);
            let found = schema.violations(&body);
            let verdict = if found.is_empty() {
                Verdict::Accepted
            } else {
                Verdict::Refused
            };
            if verdict != expected {
                complaints.push(format!(
                    "{} in {name}: {verdict:?}, not {expected:?}: {found:?}",
                    probe.title
                ));
            }
        }
        judged += documents;
        if documents == 0 {
            complaints.push(format!("{}: no document has {}", probe.title, probe.operation));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    println!("{judged} verdicts");
}

#[test]
fn the_bases_are_valid_as_they_are() {
    let bases: Map<String, Value> = serde_json::from_str(include_str!("accept_reject/base.json")).unwrap();
    for probe in probes() {
        for name in DOCUMENTS {
            let document = Document::bundled(&format!("{name}.yaml")).unwrap();
            let Some(schema) = probe.schema(&document) else {
                continue;
            };
            let found = schema.violations(&bases[&probe.base]);
            assert_eq!(found, [], "{} in {name}", probe.base);
        }
    }
}

#[test]
fn nonsense_is_refused_or_on_record_and_honest_bodies_are_accepted() {
    let catalogue = Catalogue::bundled();
    let probes = probes();
    assert_eq!(probes.len(), 56);
    for probe in &probes {
        let reading = probe.reading.as_deref();
        if let Some(id) = reading {
            assert!(
                catalogue.reading(id).is_some(),
                "{}: no reading {id}",
                probe.title
            );
        }
        match (probe.honest, probe.verdict) {
            (true, Verdict::Accepted) | (false, Verdict::Refused) => {}
            (false, Verdict::Accepted) => assert!(reading.is_some(), "{}", probe.title),
            (true, Verdict::Refused) => {
                assert!(reading.is_some() && probe.because.is_some(), "{}", probe.title);
            }
        }
        for (document, exception) in &probe.except {
            assert!(DOCUMENTS.contains(&document.as_str()), "{document}");
            assert!(
                catalogue.requirement(&exception.requirement).is_some(),
                "{}: no requirement {}",
                probe.title,
                exception.requirement
            );
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    columns: Vec<String>,
    verdicts: BTreeMap<String, String>,
}

#[test]
fn each_published_edition_says_what_was_measured_on_its_files() {
    let published: Published = toml::from_str(include_str!("accept_reject/published.toml")).unwrap();
    let bases: Map<String, Value> = serde_json::from_str(include_str!("accept_reject/base.json")).unwrap();
    let probes = probes();
    assert_eq!((published.columns.len(), published.verdicts.len()), (10, 56));
    let (mut complaints, mut judged) = (Vec::new(), 0);
    for (title, verdicts) in &published.verdicts {
        let probe = probes.iter().find(|p| p.title == *title).expect(title);
        let body = probe.body(&bases);
        let signs: Vec<char> = verdicts.chars().filter(|c| !c.is_whitespace()).collect();
        assert_eq!(signs.len(), published.columns.len(), "{title}");
        for (column, expected) in published.columns.iter().zip(signs) {
            let (name, edition) = column.split_once('@').expect("a document and its edition");
            let document = Document::edition(name, edition).unwrap_or_else(|e| panic!("{e}"));
            let violations = probe.schema(&document).map(|schema| schema.violations(&body));
            let found = match &violations {
                None => '-',
                Some(found) if found.is_empty() => '+',
                Some(_) => 'x',
            };
            judged += usize::from(violations.is_some());
            if found != expected {
                complaints.push(format!(
                    "{title}, {column}: {found}, not {expected}: {violations:?}"
                ));
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    println!("{judged} verdicts of published editions");
}
