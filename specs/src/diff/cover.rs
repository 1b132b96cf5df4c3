//! Which errata and readings account for a difference.

use super::Difference;
use crate::catalogue::{Catalogue, Covers, Erratum};
use crate::document::Document;
use std::collections::BTreeSet;

/// Fills in what covers each difference.
pub(super) fn fill(found: &mut [Difference], left: &Document, right: &Document, catalogue: &Catalogue) {
    let (ours, theirs) = (published(left, catalogue), published(right, catalogue));
    // An erratum is written from the published document to ours.
    let (ids, turned) = match (ours.is_empty(), theirs.is_empty()) {
        (true, false) => (theirs, true),
        _ => (ours, false),
    };
    let about = |erratum: &&Erratum| ids.iter().any(|id| erratum.is_about(id));
    let errata: Vec<(&Erratum, Covers<'_>)> = catalogue
        .errata()
        .iter()
        .filter(about)
        .filter_map(|erratum| Some((erratum, erratum.compiled().ok()?)))
        .collect();
    for difference in found {
        let (kind, said) = if turned {
            (difference.kind.inverse(), &difference.left)
        } else {
            (difference.kind, &difference.right)
        };
        let said = said.clone();
        for (erratum, _) in errata
            .iter()
            .filter(|(_, covers)| covers.cover(&difference.pointer, kind, &said))
        {
            difference.covered_by.push(erratum.id.clone());
            difference.covered_by.extend(erratum.readings.iter().cloned());
        }
        let mut known = BTreeSet::new();
        difference.covered_by.retain(|id| known.insert(id.clone()));
    }
}

/// The published documents that a document is, or gives back as one of our editions.
fn published<'c>(document: &Document, catalogue: &'c Catalogue) -> Vec<&'c str> {
    let is = |title: &str, with: &[String], without: &[String]| {
        let has = |path: &String| document.operations().iter().any(|o| o.path == *path);
        document.title() == title && with.iter().all(has) && !without.iter().any(has)
    };
    let all = catalogue.published().iter();
    if let Some((name, _)) = document.name().split_once('@') {
        // Our documents of registries hold the token operation, which is published by itself.
        let ours = [format!("{name}.yaml"), "authz.yaml".to_owned()];
        return all
            .filter(|p| ours.contains(&p.ours))
            .map(|p| p.id.as_str())
            .collect();
    }
    all.filter(|p| is(&p.title, &p.with, &p.without))
        .map(|p| p.id.as_str())
        .collect()
}
