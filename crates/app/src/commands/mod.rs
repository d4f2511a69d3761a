//! What the program can be told to do.

pub(crate) mod catalog;
pub(crate) mod import_flowise;
#[cfg(feature = "local-models")]
pub(crate) mod models;
pub(crate) mod openapi;
pub(crate) mod run;
pub(crate) mod start;
pub(crate) mod user;

use std::io::Write as _;

/// A line for the person at the terminal.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Text for whoever reads standard output; `false` where nobody does any more.
pub(crate) fn print(text: &str) -> bool {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
}
