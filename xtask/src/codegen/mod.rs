//! `cargo xtask codegen`: files that are derived from the code, checked in so that they can be read
//! and reviewed.
//!
//! A generator is one function that returns whole files. It owns a folder: what it does not return
//! does not belong there.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

mod node_docs;
mod web_types;

/// A file to be written: its path in the generator's folder, and its content.
type File = (String, String);

struct Generator {
    /// The folder it owns, relative to the root.
    folder: &'static str,
    /// Makes the files from the code as it stands.
    generate: fn(&Workspace) -> Result<Vec<File>>,
}

/// All generators. A new one is one line here.
const GENERATORS: &[Generator] = &[
    Generator { folder: node_docs::FOLDER, generate: node_docs::generate },
    Generator { folder: web_types::FOLDER, generate: web_types::generate },
];

/// What is to be done to a file so that it is as generated.
#[derive(Debug, PartialEq)]
enum Change {
    Write,
    Remove,
}

/// Brings all derived files up to date.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    for generator in GENERATORS {
        let folder = workspace.root.join(generator.folder);
        let wanted = wanted_files(generator, workspace)?;
        let changes = changes(&wanted, &present_files(&folder)?);
        for (path, change) in &changes {
            let file = folder.join(path);
            match change {
                Change::Remove => std::fs::remove_file(&file),
                Change::Write => {
                    std::fs::create_dir_all(file.parent().unwrap_or(&folder))?;
                    std::fs::write(&file, &wanted[path])
                }
            }
            .with_context(|| format!("{}/{path} could not be changed", generator.folder))?;
        }
        println!("{}: {} files, {} changed", generator.folder, wanted.len(), changes.len());
    }
    Ok(())
}

/// Tells whether all derived files are up to date, and names those that are not.
pub(crate) fn check(workspace: &Workspace) -> Result<bool> {
    let mut stale = 0;
    for generator in GENERATORS {
        let wanted = wanted_files(generator, workspace)?;
        let present = present_files(&workspace.root.join(generator.folder))?;
        for (path, change) in changes(&wanted, &present) {
            let reason = match change {
                Change::Remove => "belongs to nothing any more",
                Change::Write if present.contains_key(&path) => "is not as the code says",
                Change::Write => "is missing",
            };
            println!("{}/{path} {reason}", generator.folder);
            stale += 1;
        }
    }
    if stale > 0 {
        println!(
            "derived files are out of date ({stale}): run `cargo xtask codegen` and commit what it writes"
        );
    }
    Ok(stale == 0)
}

fn wanted_files(generator: &Generator, workspace: &Workspace) -> Result<BTreeMap<String, String>> {
    let files = (generator.generate)(workspace);
    Ok(files
        .with_context(|| format!("{} could not be generated", generator.folder))?
        .into_iter()
        .collect())
}

/// The files under a folder, by path relative to it; none if it does not exist.
fn present_files(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(current) = folders.pop() {
        if !current.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(&current)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let content = std::fs::read_to_string(&path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            files.insert(path.strip_prefix(folder)?.to_string_lossy().into_owned(), content);
        }
    }
    Ok(files)
}

/// What must change so that the files present are the files wanted.
fn changes(
    wanted: &BTreeMap<String, String>,
    present: &BTreeMap<String, String>,
) -> BTreeMap<String, Change> {
    let outdated = wanted.iter().filter(|(path, content)| present.get(*path) != Some(*content));
    let removed = present.keys().filter(|path| !wanted.contains_key(*path));
    outdated
        .map(|(path, _)| (path.clone(), Change::Write))
        .chain(removed.map(|path| (path.clone(), Change::Remove)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_if_it_differs_and_removed_if_nothing_makes_it() {
        let files = |list: &[(&str, &str)]| {
            list.iter().map(|(path, content)| ((*path).to_owned(), (*content).to_owned())).collect()
        };
        let wanted = files(&[("same", "1"), ("differs", "2"), ("missing", "3")]);
        let present = files(&[("same", "1"), ("differs", "1"), ("stale", "4")]);
        let expected =
            [("differs", Change::Write), ("missing", Change::Write), ("stale", Change::Remove)];
        assert_eq!(
            changes(&wanted, &present),
            expected.map(|(path, change)| (path.to_owned(), change)).into()
        );
    }
}
