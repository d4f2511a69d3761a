//! Libraries of others that are measured beside ours, each by a script of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::{Context, Result, ensure};
use serde::de::DeserializeOwned;
use tokio::process::Command;

const VECTORS: &str = include_str!("../peers/vectors.py");
const QUESTIONS: &str = include_str!("../peers/questions.py");
const SPLITTING: &str = include_str!("../peers/splitting.mjs");

/// Where the libraries of others are; what is not there is not measured.
#[derive(Clone, Copy)]
pub(crate) struct Peers<'a> {
    /// A Python that has `peers/python-packages.txt`.
    pub(crate) python: Option<&'a Path>,
    /// A folder whose `node_modules` has LangChain's splitters.
    pub(crate) node: Option<&'a Path>,
    /// For files.
    pub(crate) folder: &'a Path,
}

impl Peers<'_> {
    /// What a library says of the vectors in a file; nothing without Python.
    pub(crate) async fn vectors<T: DeserializeOwned>(
        self,
        library: &str,
        file: &Path,
    ) -> Result<Option<T>> {
        self.python("vectors.py", VECTORS, &[Path::new(library), file]).await
    }

    /// Questions, each with what answers it; nothing without Python.
    pub(crate) async fn questions(self) -> Result<Option<Vec<(String, Vec<String>)>>> {
        self.python("questions.py", QUESTIONS, &[]).await
    }

    /// CPU milliseconds of LangChain's splitter over a text, and its chunks; nothing without Node.
    pub(crate) async fn split(self, text: &Path) -> Result<Option<(Vec<f64>, Vec<String>)>> {
        let Some(modules) = self.node else { return Ok(None) };
        let (script, chunks) = (self.folder.join("splitting.mjs"), self.folder.join("chunks"));
        fs::write(&script, SPLITTING)?;
        let rounds = asked("node".as_ref(), &script, &[modules, text, &chunks]).await?;
        let chunks = fs::read_to_string(chunks)?;
        let chunks = chunks.split_terminator('\0').map(str::to_owned).collect();
        Ok(Some((rounds, chunks)))
    }

    async fn python<T: DeserializeOwned>(
        self,
        name: &str,
        script: &str,
        arguments: &[&Path],
    ) -> Result<Option<T>> {
        let Some(python) = self.python else { return Ok(None) };
        let path = self.folder.join(name);
        fs::write(&path, script)?;
        asked(python, &path, arguments).await.map(Some)
    }
}

/// The path as it can be used from other folders, once it is there.
///
/// # Errors
/// Where it is not.
pub(crate) fn there(path: Option<&PathBuf>) -> Result<Option<PathBuf>> {
    let Some(path) = path else { return Ok(None) };
    // Not its target: a Python knows its packages by the name it was called by.
    let path = std::path::absolute(path)?;
    ensure!(path.exists(), "{} is not there: 'make bench' installs it", path.display());
    Ok(Some(path))
}

/// The line of JSON that a script ends with.
pub(crate) async fn asked<T: DeserializeOwned>(
    program: &Path,
    script: &Path,
    arguments: &[&Path],
) -> Result<T> {
    #[expect(clippy::disallowed_methods, reason = "the libraries of others are programs")]
    let mut command = Command::new(program);
    command.arg(script).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await;
    let output = output.with_context(|| format!("{} cannot be started", program.display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {said}", script.display());
    let answer = String::from_utf8_lossy(&output.stdout);
    let line = answer.lines().next_back().unwrap_or_default();
    serde_json::from_str(line).with_context(|| format!("{}: {line}", script.display()))
}
