//! What can go wrong with a built-in model, told to the person who asked for an answer.

/// The result of every fallible function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a built-in model gave no answer. No message holds a path of the machine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name is no model: neither a known id nor a `.gguf` file name inside the models folder.
    #[error("`{name}` is no built-in model: {reason} Known models: {known}.")]
    Name {
        /// What was asked for.
        name: String,
        /// What is wrong with it, a full sentence.
        reason: String,
        /// The ids that would be right, separated by commas.
        known: String,
    },
    /// The model is known, but its file is not there.
    #[error("The model `{model}` is not installed. {remedy}")]
    Missing {
        /// The id or file name of the model.
        model: String,
        /// How to get it, one or two sentences.
        remedy: String,
    },
    /// The queue of the model is full.
    #[error(
        "The model `{model}` is busy: {waiting} requests are waiting already. Please try again in a moment."
    )]
    Busy {
        /// The model that was asked.
        model: String,
        /// How many requests wait for it.
        waiting: usize,
    },
    /// The file of the model cannot be read as a model.
    #[error(
        "The file of the model `{model}` is damaged or incomplete ({reason}). Install it again: {remedy}"
    )]
    Damaged {
        /// The model whose file is damaged.
        model: String,
        /// What was found wrong.
        reason: String,
        /// How to get a good file.
        remedy: String,
    },
    /// The file is sound, but of a kind this crate has no code for.
    #[error("The model `{model}` cannot be used: {reason}")]
    Unsupported {
        /// The model that was asked.
        model: String,
        /// What is not supported and what would be, a full sentence.
        reason: String,
    },
    /// Even the system message and the last message alone are too long.
    #[error(
        "The messages take {prompt_tokens} tokens, but the model `{model}` reads at most {limit}. Shorten the question or the system message."
    )]
    TooLong {
        /// The model that was asked.
        model: String,
        /// Tokens of the shortest prompt that could be made.
        prompt_tokens: usize,
        /// Tokens that a prompt may have.
        limit: usize,
    },
    /// A value of the request is out of its range.
    #[error("{0}")]
    Request(String),
    /// A file could not be installed.
    #[error("The model `{model}` could not be installed: {reason}")]
    Install {
        /// The model that was to be installed.
        model: String,
        /// What went wrong, a full sentence.
        reason: String,
    },
    /// The model stopped in the middle of its work; the next request loads it anew.
    #[error("The model `{model}` stopped unexpectedly ({reason}). Please try again.")]
    Stopped {
        /// The model that was asked.
        model: String,
        /// What the computation reported.
        reason: String,
    },
}
