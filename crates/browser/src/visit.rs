//! What is wanted of a page, and what was seen of it.

use std::time::Duration;

/// When a page is taken to be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wait {
    /// Its answer has begun.
    Commit,
    /// Its source is read.
    DomContentLoaded,
    /// All that belongs to it is loaded.
    #[default]
    Load,
    /// It calls nothing for half a second.
    NetworkIdle,
    /// It has at most two calls open for half a second.
    NetworkAlmostIdle,
}

impl Wait {
    /// What the browser calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::DomContentLoaded => "DOMContentLoaded",
            Self::Load => "load",
            Self::NetworkIdle => "networkIdle",
            Self::NetworkAlmostIdle => "networkAlmostIdle",
        }
    }
}

/// A visit to a page.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Its address.
    pub url: String,
    /// When it is taken to be there.
    pub wait: Wait,
    /// An element that must be there too, as a CSS selector.
    pub wait_for: Option<String>,
    /// The element whose text is wanted, as a CSS selector; the whole page where it is not said.
    pub selector: Option<String>,
    /// How long all of that may take.
    pub patience: Duration,
}

/// A page as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its address, after all that moved it.
    pub url: String,
    /// The source of what the browser shows.
    pub html: String,
    /// The text of the element that was wanted, as it is shown; `None` where there is no such.
    pub text: Option<String>,
}
