//! Files that users gave to forms and chats, in a folder of this machine or in a bucket of a cloud.
//!
//! Nothing that a caller says becomes a path: a place and a name are turned into the segments of a
//! key, each of which is one segment whatever it holds.

mod cloud;
mod key;
mod wire;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use flowstone_core::{Error, FilePlace, Result, services::Files};
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::{
    Error as StoreError, ObjectStore, ObjectStoreExt as _, local::LocalFileSystem,
    path::Path as Key,
};

pub use cloud::{Azure, Cloud, Google, GoogleKey, S3};
pub use wire::Outgoing;

/// Files below one folder, or wherever the object store behind it keeps them.
#[derive(Clone, Debug)]
pub struct Storage {
    objects: Arc<dyn ObjectStore>,
    /// Where they lie on this machine, if they do, and the real path of that folder.
    local: Option<(Arc<LocalFileSystem>, PathBuf)>,
    /// Largest file in bytes.
    limit: usize,
}

impl Storage {
    /// Keeps files below `folder`, which is made where it is missing; each at most `limit` bytes.
    ///
    /// # Errors
    /// `Storage` where the folder cannot be made or used.
    pub fn local(folder: &Path, limit: usize) -> Result<Self> {
        let unusable = |source: Box<dyn std::error::Error + Send + Sync>| Error::Storage {
            message: "the folder of stored files cannot be used".to_owned(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(|error| unusable(error.into()))?;
        let objects = LocalFileSystem::new_with_prefix(folder)
            .map_err(|error| unusable(error.into()))?
            .with_automatic_cleanup(true);
        let root = std::fs::canonicalize(folder).map_err(|error| unusable(error.into()))?;
        let objects = Arc::new(objects);
        Ok(Self { objects: objects.clone(), local: Some((objects, root)), limit })
    }

    /// Keeps files in an object store.
    pub(crate) fn over(objects: Arc<dyn ObjectStore>, limit: usize) -> Self {
        Self { objects, local: None, limit }
    }

    /// Looks whether the files can be reached at all, by asking for some that are not there.
    ///
    /// # Errors
    /// `Storage` with what stands in the way.
    pub async fn check(&self) -> Result<()> {
        let nowhere = Key::from("flowstone-is-there");
        let mut found = self.objects.list(Some(&nowhere));
        found.try_next().await.map(drop).map_err(|error| failed("reached", error))
    }

    /// Refuses a key that a link in the folder leads out of it.
    async fn stay_inside(&self, key: &Key) -> Result<()> {
        let Some((store, root)) = &self.local else { return Ok(()) };
        let path = store.path_to_filesystem(key).map_err(|error| failed("found", error))?;
        for place in path.ancestors() {
            match tokio::fs::canonicalize(place).await {
                Ok(real) if real.starts_with(root) => return Ok(()),
                // What is not there yet is made below the nearest folder that is.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                _ => break,
            }
        }
        Err(Error::Unsupported(
            "a stored file lies outside of the folder of stored files".to_owned(),
        ))
    }
}

fn failed(doing: &str, error: StoreError) -> Error {
    Error::Storage {
        message: format!("a stored file could not be {doing}"),
        source: Box::new(error),
    }
}

#[async_trait]
impl Files for Storage {
    async fn read(&self, place: FilePlace<'_>, name: &str) -> Result<Vec<u8>> {
        let key = key::of_file(place, name)?;
        self.stay_inside(&key).await?;
        let found = match self.objects.get(&key).await {
            Ok(found) => found,
            Err(StoreError::NotFound { .. }) => {
                return Err(Error::Unsupported(format!("there is no stored file \"{name}\"")));
            }
            Err(error) => return Err(failed("read", error)),
        };
        let content = found.bytes().await.map_err(|error| failed("read", error))?;
        Ok(content.into())
    }

    async fn write(&self, place: FilePlace<'_>, name: &str, content: Vec<u8>) -> Result<()> {
        let key = key::of_file(place, name)?;
        self.stay_inside(&key).await?;
        if content.len() > self.limit {
            return Err(Error::Unsupported(format!(
                "the file \"{name}\" is too large: files of up to {} MB are kept",
                self.limit / 1024 / 1024
            )));
        }
        // The store writes beside the file and then renames, so nobody ever sees half of it.
        let put = self.objects.put(&key, content.into()).await;
        put.map(drop).map_err(|error| failed("written", error))
    }

    async fn list(&self, place: FilePlace<'_>) -> Result<Vec<String>> {
        let folder = key::of_place(place)?;
        self.stay_inside(&folder).await?;
        let found = self.objects.list_with_delimiter(Some(&folder)).await;
        let found = found.map_err(|error| failed("listed", error))?;
        let mut names: Vec<String> =
            found.objects.iter().filter_map(|it| key::name_of(&it.location)).collect();
        names.sort();
        Ok(names)
    }

    async fn remove(&self, place: FilePlace<'_>, name: &str) -> Result<()> {
        let key = key::of_file(place, name)?;
        // A link at the file itself is what goes, not what it leads to.
        self.stay_inside(&key::of_place(place)?).await?;
        match self.objects.delete(&key).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed("removed", error)),
        }
    }

    async fn remove_all(&self, place: FilePlace<'_>) -> Result<()> {
        let folder = key::of_all(place)?;
        self.stay_inside(&folder).await?;
        let gone = |error| failed("removed", error);
        let listed = self.objects.list(Some(&folder)).map_ok(|it| it.location);
        let keys: Vec<Key> = listed.try_collect().await.map_err(gone)?;
        let keys = futures::stream::iter(keys.into_iter().map(Ok)).boxed();
        let mut removed = self.objects.delete_stream(keys);
        while let Some(outcome) = removed.next().await {
            match outcome {
                Ok(_) | Err(StoreError::NotFound { .. }) => {}
                Err(error) => return Err(gone(error)),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
