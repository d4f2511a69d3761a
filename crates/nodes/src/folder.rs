//! The one folder whose files flows may read as documents.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use flowstone_core::{Error, Result, spec::Field};

use crate::files::UploadedFile;

/// Most files of one folder, those below counted.
const MOST_FILES: usize = 10_000;
/// How deep folders may stand in each other.
const MOST_NESTED: usize = 50;
/// Longest file that is read, in bytes.
const LONGEST: u64 = 100 << 20;

/// A folder of documents that the operator put there.
#[derive(Clone, Debug)]
pub struct DocumentFolder(PathBuf);

/// A file in it.
pub(crate) struct Found {
    /// Its path from the operator's folder, with slashes.
    pub(crate) name: String,
    path: PathBuf,
}

impl DocumentFolder {
    /// Allows the files below `folder`. It need not be there yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The files of the folder that `given` names, relative to this one or absolute, by name. Those
    /// of folders below come with `recursive`; what begins with a dot is left out, and so is what a
    /// link leads out of this folder.
    ///
    /// # Errors
    /// About the row of `field`: the same for a folder that is not there and for one elsewhere, since
    /// nobody shall learn what else the machine holds.
    pub(crate) fn files(&self, field: &Field, given: &str, recursive: bool) -> Result<Vec<Found>> {
        let (root, folder) = self.resolve(given).ok_or_else(|| {
            Error::invalid(
                field,
                "there is no such folder where flows may read documents; the operator sets that \
                 place by FLOWSTONE_DOCUMENT_FOLDER",
            )
        })?;
        let mut found = Vec::new();
        let mut folders = vec![(folder, 0)];
        // Links may lead round in circles.
        let mut seen = HashSet::new();
        while let Some((folder, depth)) = folders.pop() {
            if !seen.insert(folder.clone()) {
                continue;
            }
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                let hidden = entry.file_name().to_string_lossy().starts_with('.');
                let Ok(path) = entry.path().canonicalize() else { continue };
                let Ok(name) = path.strip_prefix(&root) else { continue };
                if hidden {
                    continue;
                }
                if path.is_dir() {
                    if recursive && depth < MOST_NESTED {
                        folders.push((path, depth + 1));
                    }
                } else if path.is_file() {
                    found.push(Found { name: with_slashes(name), path });
                }
            }
            if found.len() > MOST_FILES {
                let reason = format!("there are more than {MOST_FILES} files: name a folder below");
                return Err(Error::invalid(field, reason));
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found.dedup_by(|a, b| a.name == b.name);
        Ok(found)
    }

    /// This folder and the one that is named, links followed.
    fn resolve(&self, given: &str) -> Option<(PathBuf, PathBuf)> {
        let root = self.0.canonicalize().ok()?;
        let given = given.trim();
        let inside = |path: PathBuf| {
            let path = path.canonicalize().ok()?;
            (path.starts_with(&root) && path.is_dir()).then_some(path)
        };
        let relative = root.join(given.trim_start_matches('/'));
        let folder = inside(relative).or_else(|| inside(Path::new(given).to_path_buf()))?;
        Some((root, folder))
    }
}

impl Found {
    /// Its content.
    pub(crate) fn read(&self, field: &Field) -> Result<UploadedFile> {
        let unreadable = |reason: &str| Error::invalid(field, format!("{} {reason}", self.name));
        let length = self.path.metadata().map_err(|_| unreadable("cannot be read"))?.len();
        if length > LONGEST {
            return Err(unreadable(&format!("is longer than {} MB", LONGEST >> 20)));
        }
        let content = std::fs::read(&self.path).map_err(|_| unreadable("cannot be read"))?;
        Ok(UploadedFile::named(&self.name, content))
    }
}

fn with_slashes(path: &Path) -> String {
    let parts = path.components().map(|it| it.as_os_str().to_string_lossy().into_owned());
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out_of_the_folder() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("documents");
        std::fs::create_dir_all(folder.join("a/b")).unwrap();
        std::fs::create_dir_all(place.path().join("documents2")).unwrap();
        for name in ["documents/a/1.txt", "documents/a/b/2.txt", "documents/.hidden", "secret.txt"]
        {
            std::fs::write(place.path().join(name), "x").unwrap();
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::symlink;
            symlink(place.path().join("secret.txt"), folder.join("a/link.txt")).unwrap();
            symlink(place.path(), folder.join("a/out")).unwrap();
            symlink(folder.join("a"), folder.join("a/b/round")).unwrap();
        }
        let field = Field::new("Folder", "folder", "string");
        let allowed = DocumentFolder::new(&folder);
        let names = |given: &str, recursive| {
            let found = allowed.files(&field, given, recursive);
            found.map(|it| it.into_iter().map(|it| it.name).collect::<Vec<_>>())
        };
        assert_eq!(names("a", false).unwrap(), ["a/1.txt"]);
        assert_eq!(names("/a/", true).unwrap(), ["a/1.txt", "a/b/2.txt"]);
        assert_eq!(names(&folder.join("a").display().to_string(), false).unwrap(), ["a/1.txt"]);
        assert_eq!(names("/", true).unwrap().len(), 2);
        for wrong in ["..", "../documents2", "a/out", "a/1.txt", "gone", "/etc", "a\0"] {
            assert!(names(wrong, true).is_err(), "{wrong}");
        }
    }
}
