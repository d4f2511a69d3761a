//! Files that users gave to forms and chats.

use std::path::{Path, PathBuf};

use anyhow::Result;
use flowstone_core::FilePlace;

use super::{Fate, Import};

/// How deep the folder goes: organization, flow, chat, file.
const DEEPEST: usize = 4;

impl Import<'_> {
    /// Copies the files of flows that came over. They lie under `storage`, by organization (since
    /// version 3), flow and chat.
    pub(super) async fn files(&mut self) -> Result<()> {
        let Some(folder) = self.source.folder().map(|it| it.join("storage")) else { return Ok(()) };
        if !folder.is_dir() {
            return Ok(());
        }
        for path in files_below(&folder) {
            let inside = path.strip_prefix(&folder).unwrap_or(&path);
            let names: Option<Vec<&str>> = inside.iter().map(|it| it.to_str()).collect();
            let Some(names) = names else { continue };
            if self.file_of_store(&names, &path).await? {
                continue;
            }
            // The first part that is a flow tells where everything else is.
            let Some(at) = names.iter().position(|it| self.flows.contains_key(*it)) else {
                continue;
            };
            let (flow, workspace) = (names[at], self.flows[names[at]].clone());
            let (place, name) = match &names[at + 1..] {
                [name] => (FilePlace::Flow { workspace: &workspace, flow }, *name),
                [chat, name] => (FilePlace::Chat { workspace: &workspace, flow, chat }, *name),
                _ => continue,
            };
            self.copy(place, name, &path).await?;
        }
        Ok(())
    }

    /// Copies a file that was put into a loader of a document store; whether it is one.
    async fn file_of_store(&mut self, names: &[&str], path: &Path) -> Result<bool> {
        let Some(at) = names.iter().position(|it| self.document_stores.contains_key(*it)) else {
            return Ok(false);
        };
        let [name] = &names[at + 1..] else { return Ok(true) };
        let moved = &self.document_stores[names[at]];
        let workspace = moved.scope.workspace_id().to_owned();
        // Loaders of one store may have files of one name; each gets its own.
        for loader in moved.loaders_with(name) {
            let place = FilePlace::Flow { workspace: &workspace, flow: &loader };
            self.copy(place, name, path).await?;
        }
        Ok(true)
    }

    async fn copy(&mut self, place: FilePlace<'_>, name: &str, path: &Path) -> Result<()> {
        let files = &self.target.engine.services().files;
        let (FilePlace::Workspace { workspace }
        | FilePlace::Flow { workspace, .. }
        | FilePlace::Chat { workspace, .. }) = place;
        // A rehearsal before anybody has signed up knows no workspace to look into.
        let known = !workspace.is_empty();
        if known && files.list(place).await?.iter().any(|it| it == name) {
            self.report.count_many("files", 1, Fate::Here);
            return Ok(());
        }
        if !self.rehearsal {
            let written = match tokio::fs::read(path).await {
                Ok(content) => files.write(place, name, content).await.map_err(|it| it.to_string()),
                Err(error) => Err(error.to_string()),
            };
            if let Err(error) = written {
                self.report.not_taken(format!("file \"{name}\": {error}"));
                return Ok(());
            }
        }
        self.report.count_many("files", 1, Fate::Taken);
        Ok(())
    }
}

/// All plain files; links are not followed.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_file() {
                files.push(entry.path());
            } else if kind.is_dir() && depth < DEEPEST {
                open.push((entry.path(), depth + 1));
            }
        }
    }
    files.sort();
    files
}
