//! What can go wrong in a node, said so that its user can mend it.

use crate::spec::Field;

/// A node's failure. The variants are what a caller can act on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A required input is empty.
    #[error("{label} is required")]
    MissingInput {
        /// Label of the row on the canvas.
        label: String,
    },
    /// An input cannot be read as what it should be.
    #[error("{label}: {reason}")]
    InvalidInput {
        /// Label of the row on the canvas.
        label: String,
        /// What is wrong with it and what would be right.
        reason: String,
    },
    /// No credential is chosen, it is gone, or it lacks a field.
    #[error("{0}")]
    Credential(String),
    /// A provider answered with an error status.
    #[error("{status} {message}")]
    Provider {
        /// HTTP status of its answer.
        status: u16,
        /// The provider's own words.
        message: String,
    },
    /// A provider could not be reached, broke off, or did not speak its protocol.
    #[error("{0}")]
    Transport(String),
    /// An address that this installation does not let flows call.
    #[error("{0}")]
    AddressRefused(String),
    /// The machine has no room for this now; asking again later may work.
    #[error("{0}")]
    Busy(String),
    /// It was decided otherwise before: what a person answers is no longer asked.
    #[error("{0}")]
    Conflict(String),
    /// Code written by the user failed.
    #[error("{0}")]
    Script(String),
    /// The model answered in a form that cannot be used.
    #[error("{0}")]
    ModelAnswer(String),
    /// What was asked for is not possible with this node or model.
    #[error("{0}")]
    Unsupported(String),
    /// Reading or writing our own data failed; the cause is logged, not shown.
    #[error("{message}")]
    Storage {
        /// What could not be done, in words for the user.
        message: String,
        /// The cause, for the log.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Any of the above, with the node it happened in.
    #[error("{}", told(node, source))]
    At {
        /// Label of the node on the canvas.
        node: String,
        /// What happened there.
        source: Box<Error>,
    },
}

/// What happened, after the node it happened in. A row that is called as its node is (*Csv File*) has
/// named it already.
fn told(node: &str, source: &Error) -> String {
    let said = source.to_string();
    match said.strip_prefix(node) {
        Some(rest) if rest.starts_with([':', ' ']) => said,
        _ => format!("{node}: {said}"),
    }
}

impl Error {
    /// A required row is empty.
    pub fn missing(field: &Field) -> Self {
        Self::MissingInput { label: field.label.to_owned() }
    }

    /// A row holds something that cannot be used.
    pub fn invalid(field: &Field, reason: impl Into<String>) -> Self {
        Self::InvalidInput { label: field.label.to_owned(), reason: reason.into() }
    }

    /// Names the node it happened in. The innermost node wins: it is the one to look at.
    #[must_use]
    pub fn at(self, node: &str) -> Self {
        match self {
            Self::At { .. } => self,
            other => Self::At { node: node.to_owned(), source: Box::new(other) },
        }
    }

    /// A short word for the kind of failure, for traces and counts.
    pub fn kind(&self) -> &'static str {
        match self.root() {
            Self::MissingInput { .. } => "missing_input",
            Self::InvalidInput { .. } => "invalid_input",
            Self::Credential(_) => "credential",
            Self::Provider { .. } => "provider",
            Self::Transport(_) => "transport",
            Self::AddressRefused(_) => "address_refused",
            Self::Busy(_) => "busy",
            Self::Conflict(_) => "conflict",
            Self::Script(_) => "script",
            Self::ModelAnswer(_) => "model_answer",
            Self::Unsupported(_) => "unsupported",
            Self::Storage { .. } => "storage",
            Self::At { .. } => "node",
        }
    }

    /// The failure without the node around it.
    pub fn root(&self) -> &Self {
        match self {
            Self::At { source, .. } => source.root(),
            other => other,
        }
    }
}

/// A node's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_named_once() {
        let said = |label: &str| {
            let reason = "a.csv is empty".to_owned();
            Error::InvalidInput { label: label.to_owned(), reason }.at("Csv File").to_string()
        };
        assert_eq!(said("Csv File"), "Csv File: a.csv is empty");
        assert_eq!(said("Csv Files"), "Csv File: Csv Files: a.csv is empty");
        assert_eq!(said("Column"), "Csv File: Column: a.csv is empty");
        let missing = Error::MissingInput { label: "Csv File".to_owned() }.at("Csv File");
        assert_eq!(missing.to_string(), "Csv File is required");
    }
}
