//! Vectors in files of the workspace: read whole, searched one by one, written whole.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Error, FilePlace, Inputs, MetadataFilter, Result, services::Files};
use flowstone_providers::vectors::{Ask, Entry, Hit, VectorServer};
use tokio::sync::Mutex;

/// Two that write at once would each leave out what the other wrote.
static WRITING: Mutex<()> = Mutex::const_new(());

/// How entries are written to files.
pub(super) trait Format: Send + Sync {
    /// What the names of the files end in.
    fn endings(&self) -> &'static [&'static str];
    /// The entries in the files, which stand in the order of the endings.
    fn read(&self, files: &[Vec<u8>]) -> Result<Vec<Entry>>;
    /// The files of entries.
    fn write(&self, entries: &[Entry]) -> Result<Vec<Vec<u8>>>;
    /// How near two vectors are: higher is nearer.
    fn likeness(&self, a: &[f32], b: &[f32]) -> f32;
}

/// A store in files.
pub(super) struct Shelf<F> {
    files: Arc<dyn Files>,
    workspace: String,
    name: String,
    format: F,
    /// Whether what is there goes before the documents of a form are written.
    replaces: bool,
}

impl<F: Format> Shelf<F> {
    /// The store that a form calls `path`. The files lie in the folder of the workspace, whatever
    /// folders the path names: these become part of the files' names.
    pub(super) fn new(inputs: &Inputs, path: &str, format: F, replaces: bool) -> Result<Self> {
        let plain = |it: char| if it.is_alphanumeric() || it == '_' { it } else { '-' };
        let name: String = path.chars().map(plain).collect();
        let name = name.trim_matches('-').to_owned();
        if name.is_empty() || name.len() > 150 {
            return Err(Error::Unsupported(
                "a name of letters and digits is expected for the store, such as handbook"
                    .to_owned(),
            ));
        }
        let files = inputs.services.files.clone();
        Ok(Self { files, workspace: inputs.workspace.clone(), name, format, replaces })
    }

    fn place(&self) -> FilePlace<'_> {
        FilePlace::Workspace { workspace: &self.workspace }
    }

    fn file(&self, ending: &str) -> String {
        format!("{}.{ending}", self.name)
    }

    async fn load(&self) -> Result<Vec<Entry>> {
        let there = self.files.list(self.place()).await?;
        let mut files = Vec::new();
        for ending in self.format.endings() {
            let name = self.file(ending);
            if !there.contains(&name) {
                return Ok(Vec::new());
            }
            files.push(self.files.read(self.place(), &name).await?);
        }
        self.format.read(&files)
    }

    async fn save(&self, entries: &[Entry]) -> Result<()> {
        let files = self.format.write(entries)?;
        for (ending, content) in self.format.endings().iter().zip(files) {
            self.files.write(self.place(), &self.file(ending), content).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl<F: Format> VectorServer for Shelf<F> {
    fn collection(&self) -> &str {
        &self.name
    }

    async fn begin(&self) -> Result<()> {
        let _writing = WRITING.lock().await;
        if self.replaces {
            for ending in self.format.endings() {
                self.files.remove(self.place(), &self.file(ending)).await?;
            }
        }
        Ok(())
    }

    async fn make_ready(&self, _: usize) -> Result<Option<u64>> {
        Ok(self.load().await?.first().map(|it| it.vector.len() as u64))
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let _writing = WRITING.lock().await;
        let mut all = self.load().await?;
        let ids: std::collections::HashSet<&str> =
            entries.iter().map(|it| it.id.as_str()).collect();
        all.retain(|it| !ids.contains(it.id.as_str()));
        all.extend_from_slice(entries);
        self.save(&all).await
    }

    fn filters(&self, _: &MetadataFilter) -> bool {
        true
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        let all = self.load().await?;
        if let Some(other) = all.first().filter(|it| it.vector.len() != ask.vector.len()) {
            return Err(Error::Unsupported(format!(
                "the embedding model makes vectors of {} numbers, \"{}\" holds vectors of {}",
                ask.vector.len(),
                self.name,
                other.vector.len()
            )));
        }
        let hit = |it: Entry| Hit {
            score: self.format.likeness(&it.vector, ask.vector),
            id: it.id,
            text: it.text,
            metadata: it.metadata,
            vector: Some(it.vector),
        };
        let fitting = all.into_iter().filter(|it| ask.filter.lets_through(&it.metadata));
        let mut hits: Vec<Hit> = fitting.map(hit).collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score));
        hits.truncate(ask.k);
        Ok(hits)
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        let _writing = WRITING.lock().await;
        let mut all = self.load().await?;
        let before = all.len();
        all.retain(|it| !ids.contains(&it.id));
        if all.len() < before { self.save(&all).await } else { Ok(()) }
    }
}
