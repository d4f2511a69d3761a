//! Why a document cannot be read, as a sentence that its name is put before.

/// A document's failure. `format!("{name} {error}")` is a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is what it says, but broken.
    #[error("is damaged: {0}")]
    Damaged(String),
    /// It cannot be read without a password.
    #[error("is protected by a password: save it without one and upload it again")]
    Encrypted,
    /// It is something else than what it is called.
    #[error("is no {expected}: {found}")]
    WrongKind {
        /// What was expected, such as `PDF file`.
        expected: &'static str,
        /// What its content looks like.
        found: String,
    },
    /// It would take more memory or time than a document may.
    #[error("is too large: {0}")]
    TooLarge(String),
}

impl Error {
    /// It is broken; `reason` says where or how.
    pub(crate) fn damaged(reason: impl ToString) -> Self {
        Self::Damaged(reason.to_string())
    }
}

/// What reading a document gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;
