//! `cargo xtask tidy`: the house rules that no lint can hold.

use std::fmt::{Display, Formatter};

use anyhow::Result;

use crate::catalog;
use crate::workspace::Workspace;

mod crate_picture;
mod nodes;
mod text;

/// Something to mend: where, and what.
#[derive(Debug, PartialEq)]
struct Problem {
    /// A path relative to the root.
    path: String,
    /// The line in it, counted from 1; none if the whole file is meant.
    line: Option<usize>,
    /// What is wrong and what would be right.
    message: String,
}

impl Display for Problem {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(out, "{}:{line}: {}", self.path, self.message),
            None => write!(out, "{}: {}", self.path, self.message),
        }
    }
}

/// Checks everything, prints what is to be mended, and tells whether that is nothing.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    let files = workspace.files()?;
    let mut problems = crate_picture::check(workspace)?;
    for path in &files {
        // Pictures and fonts are no text and need no tidying.
        if let Ok(content) = std::fs::read_to_string(workspace.root.join(path)) {
            problems.extend(text::check(path, &content));
        }
    }
    problems.extend(text::pending_snapshots(&workspace.ignored_files("*.snap.new")?));
    print(&problems);
    // Last, since it builds the binary: what was found before is on the screen even if that fails.
    let node_problems = nodes::check(&catalog::load(workspace)?, &files);
    print(&node_problems);
    let count = problems.len() + node_problems.len();
    println!("tidy: {} files looked at, {count} things to mend", files.len());
    Ok(count == 0)
}

fn print(problems: &[Problem]) {
    for problem in problems {
        println!("{problem}");
    }
}
