//! From flow JSON to an answer: parse, plan, build once, run many times.
//!
//! The engine does not know any node. It is given the list of them, and its tests bring toys.

pub mod agentflow;
mod catalog;
mod engine;
mod error;
mod excerpt;
mod flow;
mod label;
mod overrides;
mod part;
mod plan;
mod prepared;
mod sequential;
mod template;
mod trace;

pub use catalog::Catalog;
pub use engine::{Engine, FlowSource, NodeEdit};
pub use error::{Error, Result};
pub use flow::{FlowData, FlowEdge, FlowNode, NodeData};
pub use overrides::{CallFile, OverrideGate, Overrides};
pub use part::Part;
pub use plan::{MemoryNode, Plan};
pub use prepared::Prepared;
pub use trace::{Span, SpanEnd, SpanKind, Spans, Trace, row_of};

#[cfg(test)]
mod tests;
