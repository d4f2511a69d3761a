//! Why a page cannot be read.

/// A failure of the browser or of a page in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// This machine has no browser.
    #[error("there is no browser on this server")]
    Missing,
    /// It does not start, or ended.
    #[error("the browser failed: {0}")]
    Broken(String),
    /// A page cannot be shown.
    #[error("the page cannot be shown: {0}")]
    Page(String),
    /// A page was not ready in time.
    #[error("the page was not ready within {0} seconds: {1}")]
    TooSlow(u64, &'static str),
}

/// What the browser gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;
