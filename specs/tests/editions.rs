//! The published editions: each can be read, and demands what was published.

use specs::catalogue::Catalogue;
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
