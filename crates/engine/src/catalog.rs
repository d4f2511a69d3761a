//! The nodes of this installation, found by name.

use std::collections::{HashMap, HashSet};

use flowstone_core::Node;

/// The nodes that flows may use.
#[derive(Clone)]
pub struct Catalog {
    nodes: Vec<&'static dyn Node>,
    by_name: HashMap<&'static str, &'static dyn Node>,
    aliases: HashMap<&'static str, &'static str>,
}

impl Catalog {
    /// All of `nodes` but those the operator switched off by name.
    pub fn new(nodes: &[&'static dyn Node], disabled: &HashSet<String>) -> Self {
        let nodes: Vec<_> =
            nodes.iter().copied().filter(|it| !disabled.contains(it.spec().name)).collect();
        let by_name = nodes.iter().map(|it| (it.spec().name, *it)).collect();
        Self { nodes, by_name, aliases: HashMap::new() }
    }

    /// Lets flows name nodes as they were called before: `(old name, present name)`.
    #[must_use]
    pub fn with_aliases(mut self, aliases: &[(&'static str, &'static str)]) -> Self {
        self.aliases.extend(aliases.iter().copied());
        self
    }

    /// All nodes in palette order.
    pub fn all(&self) -> &[&'static dyn Node] {
        &self.nodes
    }

    /// The node called `name`, now or before.
    pub fn get(&self, name: &str) -> Option<&'static dyn Node> {
        let name = self.aliases.get(name).copied().unwrap_or(name);
        self.by_name.get(name).copied()
    }
}
