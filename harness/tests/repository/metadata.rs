//! The dependency graph, as cargo tells it.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::tree::top;

#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    /// None for a package that is a folder of this repository.
    pub(crate) source: Option<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// What a manifest asks for.
#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) req: String,
    pub(crate) source: Option<String>,
    /// None for the default registry.
    pub(crate) registry: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// None for a normal dependency; "dev" or "build" otherwise.
    kind: Option<String>,
}

impl Metadata {
    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| self.workspace_members.contains(&package.id))
    }

    /// Everything that a build of the package links, each with the way to it: `a → b → c`.
    pub(crate) fn closure(&self, package: &Package) -> BTreeMap<&str, String> {
        let name = |id: &str| {
            self.packages
                .iter()
                .find(|package| package.id == id)
                .unwrap()
                .name
                .as_str()
        };
        let nodes: BTreeMap<_, _> = self
            .resolve
            .nodes
            .iter()
            .map(|node| (node.id.as_str(), node))
            .collect();
        let mut ways = BTreeMap::from([(package.id.as_str(), package.name.clone())]);
        let mut next = vec![package.id.as_str()];
        while let Some(id) = next.pop() {
            for edge in &nodes[id].deps {
                let normal = edge.dep_kinds.iter().any(|kind| kind.kind.is_none());
                if normal && !ways.contains_key(edge.pkg.as_str()) {
                    let way = format!("{} → {}", ways[id], name(&edge.pkg));
                    ways.insert(&edge.pkg, way);
                    next.push(&edge.pkg);
                }
            }
        }
        ways.into_iter().map(|(id, way)| (name(id), way)).collect()
    }
}

pub(crate) fn metadata() -> &'static Metadata {
    static METADATA: OnceLock<Metadata> = OnceLock::new();
    METADATA.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--locked", "--format-version", "1"])
            .current_dir(top())
            .output()
            .unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cargo metadata failed: {complaint}");
        serde_json::from_slice(&output.stdout).unwrap()
    })
}
