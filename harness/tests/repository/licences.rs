//! Every dependency is under a licence that `.deny.toml` allows, and comes from the default registry.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::expression::satisfied;
use crate::metadata::metadata;
use crate::none;
use crate::tree::top;

#[derive(Deserialize)]
struct Deny {
    licenses: Licences,
}

#[derive(Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: BTreeSet<String>,
}

#[test]
fn licences_are_allowed() {
    let text = std::fs::read_to_string(top().join(".deny.toml")).unwrap();
    let Deny { licenses } = toml::from_str(&text).unwrap();
    let mut refused = Vec::new();
    for package in &metadata().packages {
        let excepted = licenses
            .exceptions
            .iter()
            .find(|exception| exception.name == package.name);
        let allows = |id: &str| {
            licenses.allow.contains(id) || excepted.is_some_and(|exception| exception.allow.contains(id))
        };
        let expression = package.license.as_deref().unwrap_or("");
        let (name, version) = (&package.name, &package.version);
        match satisfied(expression, &allows) {
            Ok(true) => {}
            Ok(false) => refused.push(format!("{name} {version}: {expression}")),
            Err(reason) => refused.push(format!("{name} {version}: `{expression}` {reason}")),
        }
    }
    none("licences that .deny.toml does not allow", &refused);
}

#[test]
fn dependencies_come_from_the_default_registry() {
    let metadata = metadata();
    let mut foreign = Vec::new();
    for package in &metadata.packages {
        let source = package.source.as_deref();
        let ours = metadata.members().any(|member| member.id == package.id);
        if ours != source.is_none() || source.is_some_and(|source| !source.starts_with("registry+")) {
            foreign.push(format!(
                "{} {} comes from {source:?}",
                package.name, package.version
            ));
        }
        let named = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.registry.is_some());
        foreign.extend(named.map(|dependency| {
            format!(
                "{} takes {} from {:?}",
                package.name, dependency.name, dependency.registry
            )
        }));
    }
    none("dependencies from elsewhere than the default registry", &foreign);
    let registries: BTreeSet<_> = metadata
        .packages
        .iter()
        .filter_map(|x| x.source.as_deref())
        .collect();
    assert_eq!(registries.len(), 1, "more than one registry: {registries:?}");
}

#[test]
fn no_dependency_is_of_any_version() {
    let mut wild = Vec::new();
    for member in metadata().members() {
        let any = member
            .dependencies
            .iter()
            .filter(|x| x.source.is_some() && x.req == "*");
        wild.extend(any.map(|dependency| format!("{} → {}", member.name, dependency.name)));
    }
    none("dependencies without a version", &wild);
}
