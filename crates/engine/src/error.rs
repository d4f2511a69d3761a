//! What can be wrong with a flow, said by the labels that its author sees.

/// Why a flow cannot be planned, built or run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The flow is not what an export looks like.
    #[error("this flow cannot be read: {0}")]
    Unreadable(String),
    /// A node that this installation does not have.
    #[error("{label}: there is no node \"{name}\" in this installation")]
    UnknownNode {
        /// Label on the canvas.
        label: String,
        /// Its saved type.
        name: String,
    },
    /// A node saved by a newer product.
    #[error("{label}: saved with version {saved} of this node; this installation has {ours}")]
    NewerNode {
        /// Label on the canvas.
        label: String,
        /// Version in the flow.
        saved: String,
        /// Version here.
        ours: f64,
    },
    /// A wire to a node that is not there.
    #[error("{label}: \"{row}\" refers to a node that is not in the flow ({target})")]
    MissingReference {
        /// Label of the node whose row it is.
        label: String,
        /// Label of the row.
        row: String,
        /// Id that is missing.
        target: String,
    },
    /// Nodes that need each other.
    #[error("these nodes need each other in a circle: {}", .0.join(" → "))]
    Cycle(Vec<String>),
    /// Nothing to run.
    #[error(
        "the flow has no ending node: connect a chain, an agent or a function set to \"Ending Node\""
    )]
    NoEnding,
    /// An agentflow that begins nowhere.
    #[error("the flow has no beginning: add a Start node that no wire leads to")]
    NoStart,
    /// An agentflow that begins in several places.
    #[error(
        "the flow begins in several places ({}): keep one Start node, and wire or remove the others",
        .0.join(", ")
    )]
    SeveralStarts(Vec<String>),
    /// A flow of the first version of agentflows that cannot be walked.
    #[error("{0}")]
    Members(String),
    /// The flow forks, and the way that was taken leads to no ending node.
    #[error(
        "the way that was taken at a fork leads to no ending node: connect a chain, an agent or a \
         function set to \"Ending Node\" to both ways"
    )]
    NoWay,
    /// The ending node cannot end a flow.
    #[error("{label}: a {kind} cannot end a flow; a chain, an agent or a function can")]
    NotRunnable {
        /// Label on the canvas.
        label: String,
        /// What it hands on.
        kind: &'static str,
    },
    /// No node of the flow keeps documents.
    #[error("No vector node found")]
    NoVectorStore,
    /// A node failed.
    #[error(transparent)]
    Node(#[from] flowstone_core::Error),
    /// The same, shared by several callers who waited for one build.
    #[error(transparent)]
    Shared(std::sync::Arc<Error>),
}

impl Error {
    /// The failure itself, without the sharing around it.
    pub fn root(&self) -> &Self {
        match self {
            Self::Shared(inner) => inner.root(),
            other => other,
        }
    }
}

/// The engine's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;
