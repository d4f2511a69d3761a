//! Nodes of graph databases.

pub(crate) mod neo4j;
