//! Which schemas refer to which, before anything is copied.
//!
//! The graph finds the schemas that refer to themselves, refuses those that do so without ever looking
//! into the value (no validator could finish), and bounds how deep references may nest.

use super::DocumentError;
use super::dialect::{self, Member};
use super::kind::Kind;
use super::library::{Library, Place, reference};
use super::structure;
use serde_json::Value;
use std::collections::HashMap;

/// How deep the schemas of one document may nest, references included.
const MAX_HEIGHT: usize = 512;

/// A schema that references lead to.
pub(crate) struct Node<'l> {
    pub(crate) value: &'l Value,
    pub(crate) place: Place,
    /// Whether it can be reached from itself.
    pub(crate) recursive: bool,
    edges: Vec<Edge>,
    height: usize,
    low: usize,
    on_stack: bool,
}

struct Edge {
    to: usize,
    site: Place,
    /// Whether both ends describe the very same value.
    same: bool,
}

/// The schemas reachable from the operations of a document.
pub(crate) struct Graph<'l> {
    library: &'l Library,
    pub(crate) nodes: Vec<Node<'l>>,
    index: HashMap<Place, usize>,
    /// Where the references lead, by the place of the object that holds them.
    pub(crate) targets: HashMap<Place, usize>,
    stack: Vec<usize>,
}

impl<'l> Graph<'l> {
    pub(crate) fn new(library: &'l Library) -> Self {
        let (nodes, index, targets, stack) = (Vec::new(), HashMap::new(), HashMap::new(), Vec::new());
        Self {
            library,
            nodes,
            index,
            targets,
            stack,
        }
    }

    /// Adds a schema and all that it refers to; gives its index.
    pub(crate) fn add(&mut self, value: &'l Value, place: Place) -> Result<usize, DocumentError> {
        let (value, place) = self.library.settle(value, place)?;
        let first_new = self.nodes.len();
        let root = self.visit(value, place, 0)?;
        self.refuse_endless(first_new)?;
        Ok(root)
    }

    /// Tarjan's algorithm: nodes are visited once, and strongly connected ones are found on the way.
    fn visit(&mut self, value: &'l Value, place: Place, depth: usize) -> Result<usize, DocumentError> {
        if let Some(known) = self.index.get(&place) {
            return Ok(*known);
        }
        // What stands in another file, or outside of the components, has not been proven as a schema.
        structure::prove(self.library, Kind::Schema, value, &place, &mut Vec::new())?;
        let mut references = Vec::new();
        let own_height = collect(value, &place, true, &mut references);
        self.check_height(depth + own_height, &place)?;

        let id = self.nodes.len();
        self.index.insert(place.clone(), id);
        self.nodes.push(Node {
            value,
            place,
            recursive: false,
            edges: Vec::new(),
            height: own_height,
            low: id,
            on_stack: true,
        });
        self.stack.push(id);
        for (site, target, same) in references {
            let (value, place) = self.library.follow(target, &site)?;
            let to = self.visit(value, place, depth + own_height)?;
            self.targets.insert(site.clone(), to);
            if self.nodes[to].on_stack {
                self.nodes[id].low = self.nodes[id].low.min(self.nodes[to].low);
            }
            self.nodes[id].recursive |= to == id;
            self.nodes[id].edges.push(Edge { to, site, same });
        }
        if self.nodes[id].low == id {
            self.close_component(id)?;
        }
        Ok(id)
    }

    /// Takes a strongly connected component off the stack and bounds its height: no path through it can
    /// be longer than all of its members and the highest successor together.
    fn close_component(&mut self, id: usize) -> Result<(), DocumentError> {
        let start = self.stack.iter().rposition(|n| *n == id).unwrap_or_default();
        let members = self.stack.split_off(start);
        for member in &members {
            self.nodes[*member].on_stack = false;
            self.nodes[*member].recursive |= members.len() > 1;
        }
        let place = self.nodes[id].place.clone();
        let own: usize = members.iter().map(|m| self.nodes[*m].height).sum();
        // Also what keeps the search below short.
        self.check_height(own, &place)?;
        let successors = members
            .iter()
            .flat_map(|m| self.nodes[*m].edges.iter().map(|e| e.to));
        let below = successors
            .filter(|to| !members.contains(to))
            .map(|to| self.nodes[to].height)
            .max();
        let height = own + below.unwrap_or_default();
        for member in &members {
            self.nodes[*member].height = height;
        }
        self.check_height(height, &place)
    }

    fn check_height(&self, height: usize, place: &Place) -> Result<(), DocumentError> {
        if height <= MAX_HEIGHT {
            return Ok(());
        }
        Err(self.library.error(
            place,
            format!("schemas nest deeper than {MAX_HEIGHT} levels when references are followed"),
            "make the schemas flatter",
        ))
    }

    /// Refuses cycles of references that all describe the very same value, such as an `allOf` of itself.
    fn refuse_endless(&self, first: usize) -> Result<(), DocumentError> {
        // Take away, again and again, what leads to no cycle; what is left leads to one.
        let mut left: Vec<usize> = self.nodes[first..]
            .iter()
            .map(|n| same_edges(n).count())
            .collect();
        let mut incoming: HashMap<usize, Vec<usize>> = HashMap::new();
        for (offset, node) in self.nodes[first..].iter().enumerate() {
            for edge in same_edges(node) {
                incoming.entry(edge.to).or_default().push(first + offset);
            }
        }
        // Older nodes have been found to be free of cycles, and lead to no newer one.
        let mut free: Vec<usize> = (0..self.nodes.len())
            .filter(|n| *n < first || left[*n - first] == 0)
            .collect();
        while let Some(node) = free.pop() {
            for from in incoming.get(&node).into_iter().flatten() {
                left[*from - first] -= 1;
                if left[*from - first] == 0 {
                    free.push(*from);
                }
            }
        }
        let Some(offset) = left.iter().position(|count| *count > 0) else {
            return Ok(());
        };
        let remains = |n: &usize| *n >= first && left[*n - first] > 0;
        let (mut at, mut seen) = (first + offset, Vec::new());
        while !seen.contains(&at) {
            seen.push(at);
            match same_edges(&self.nodes[at]).map(|e| e.to).find(remains) {
                Some(next) => at = next,
                None => return Ok(()),
            }
        }
        let edge = same_edges(&self.nodes[at]).find(|e| remains(&e.to));
        let place = edge.map_or(&self.nodes[at].place, |e| &e.site);
        Err(self.library.error(
            &place.below("$ref"),
            "the schema consists of itself: following its references never reaches a rule",
            "break the cycle; a schema may only contain itself within `properties` or `items`",
        ))
    }
}

fn same_edges<'n>(node: &'n Node<'_>) -> impl Iterator<Item = &'n Edge> {
    node.edges.iter().filter(|e| e.same)
}

/// Collects the references of one schema, up to but not into what they lead to; gives its height.
fn collect<'l>(
    schema: &'l Value,
    place: &Place,
    same: bool,
    references: &mut Vec<(Place, &'l str, bool)>,
) -> usize {
    if let Some(target) = reference(schema) {
        references.push((place.clone(), target, same));
        return 1;
    }
    let mut height = 0;
    for (name, value) in schema.as_object().into_iter().flatten() {
        let at = place.below(name);
        match dialect::member(name) {
            Some(kind @ (Member::Same | Member::Inner | Member::InnerOrBool)) => {
                let same = same && kind == Member::Same;
                height = height.max(collect(value, &at, same, references));
            }
            Some(Member::SameList) => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    height = height.max(collect(item, &at.below(&index.to_string()), same, references));
                }
            }
            Some(Member::InnerMap) => {
                for (key, item) in value.as_object().into_iter().flatten() {
                    height = height.max(collect(item, &at.below(key), false, references));
                }
            }
            Some(Member::Type | Member::Data(_)) | None => {}
        }
    }
    height + 1
}
