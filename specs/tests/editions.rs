//! The published editions: each can be read, and demands what was published.

use specs::catalogue::Catalogue;
use specs::diff::diff;
use specs::document::{CONSOLIDATED, Document};
use specs::schema::Schema;

#[test]
fn each_document_of_each_edition_loads_and_its_schemas_compile() {
    let mut documents = 0;
    for edition in Catalogue::bundled().editions() {
        for name in &edition.documents {
            let document = Document::edition(name, &edition.id).unwrap_or_else(|e| panic!("{e}"));
            documents += 1;
            for operation in document.operations() {
                let request = operation.request.iter().flat_map(|body| body.content.values());
                let replies = operation.responses.values().flat_map(|r| r.content.values());
                for schema in request.chain(replies) {
                    let compiled = Schema::compile(schema);
                    assert!(
                        compiled.is_ok(),
                        "{name}@{} {}: {:?}",
                        edition.id,
                        operation.path,
                        compiled.err()
                    );
                }
            }
        }
    }
    assert_eq!(documents, 20);
}

#[test]
fn what_an_edition_demands_otherwise_is_accounted_for() {
    let catalogue = Catalogue::bundled();
    let edition = catalogue.edition("2025-01").unwrap();
    let mut differences = 0;
    for name in &edition.documents {
        let literal = Document::edition(name, &edition.id).unwrap();
        let ours = Document::edition(name, CONSOLIDATED).unwrap();
        let found = diff(&literal, &ours, catalogue);
        differences += found.len();
        let open = found.iter().filter(|d| d.covered_by.is_empty());
        let open: Vec<String> = open
            .map(|d| format!("{name}{}: {}", d.pointer, d.kind.name()))
            .collect();
        assert!(open.is_empty(), "\n{}", open.join("\n"));
    }
    assert!(differences > 1_000, "{differences}");
}

#[test]
fn each_literal_form_holds_for_editions_and_documents_that_exist() {
    let catalogue = Catalogue::bundled();
    let mut complaints = Vec::new();
    for erratum in catalogue.errata() {
        for literal in &erratum.literal {
            for id in &literal.editions {
                let Some(edition) = catalogue.edition(id) else {
                    complaints.push(format!("{}: there is no edition {id}", erratum.id));
                    continue;
                };
                let named = &literal.documents;
                if !named.is_empty() && !named.iter().any(|d| edition.documents.contains(d)) {
                    complaints.push(format!("{}: the edition {id} has none of {named:?}", erratum.id));
                }
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn an_edition_without_a_document_says_what_stands_for_it() {
    let refused = |name: &str, edition: &str| Document::edition(name, edition).unwrap_err();
    let error = refused("dci-crvs", "2025-01");
    assert!(error.message.contains("dci-core stands for it there"), "{error}");
    assert!(error.remedy.contains("dci-core@2025-01"), "{}", error.remedy);
    let error = refused("dci-farmer", "2024-08");
    assert_eq!(error.remedy, "choose one of 2025-01, 2025-12, consolidated");
    let error = refused("dci-social", "2019-01");
    assert!(error.message.contains("no edition `2019-01`"), "{error}");
    assert!(error.remedy.contains("2024-08, 2025-01, 2025-12, consolidated"));
    assert!(
        refused("dci-nobody", "2025-01")
            .message
            .contains("no built-in document")
    );
    assert_eq!(Document::editions_of("openspp-dci"), [CONSOLIDATED]);
}
