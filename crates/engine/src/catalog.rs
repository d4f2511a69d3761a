//! The nodes of this installation, found by name.

use std::collections::{HashMap, HashSet};

use flowstone_core::Node;

/// The nodes that flows may use.
#[derive(Clone)]
pub struct Catalog {
    nodes: Vec<&'static dyn Node>,
    by_name: HashMap<&'static str, &'static dyn Node>,
}

impl Catalog {
    /// All of `nodes` but those the operator switched off by name.
    pub fn new(nodes: &[&'static dyn Node], disabled: &HashSet<String>) -> Self {
        let nodes: Vec<_> =
            nodes.iter().copied().filter(|it| !disabled.contains(it.spec().name)).collect();
        let by_name = nodes.iter().map(|it| (it.spec().name, *it)).collect();
        Self { nodes, by_name }
    }

    /// All nodes in palette order.
    pub fn all(&self) -> &[&'static dyn Node] {
        &self.nodes
    }

    /// The node called `name`.
    pub fn get(&self, name: &str) -> Option<&'static dyn Node> {
        self.by_name.get(name).copied()
    }
}
