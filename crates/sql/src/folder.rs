//! The one folder whose SQLite files may be read.

use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// A folder of databases that the operator put there.
#[derive(Clone, Debug)]
pub struct SqliteFolder(PathBuf);

impl SqliteFolder {
    /// Allows the files below `folder`. It need not be there yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The file that `given` names, relative to the folder or absolute.
    ///
    /// # Errors
    /// [`Error::Settings`], the same for a file that is not there and for one elsewhere: nobody
    /// shall learn what else the machine holds.
    pub fn resolve(&self, given: &str) -> Result<PathBuf> {
        let refused = || {
            Error::Settings(
                "there is no such SQLite file in the folder that flows may read; the operator sets \
                 the folder by FLOWSTONE_SQLITE_FOLDER"
                    .to_owned(),
            )
        };
        let given = given.trim();
        let given =
            given.strip_prefix("sqlite://").or(given.strip_prefix("sqlite:")).unwrap_or(given);
        if given.is_empty() || given.contains(['\0', '?', '#', '\n']) {
            return Err(refused());
        }
        let folder = self.0.canonicalize().map_err(|_| refused())?;
        // Links are followed first, so one that leads out of the folder leads nowhere.
        let file = folder.join(Path::new(given)).canonicalize().map_err(|_| refused())?;
        if !file.starts_with(&folder) || !file.is_file() {
            return Err(refused());
        }
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_below_the_folder_are_found() {
        let outside = tempfile::tempdir().unwrap();
        let folder = outside.path().join("databases");
        std::fs::create_dir_all(folder.join("shop")).unwrap();
        std::fs::write(folder.join("a.db"), "").unwrap();
        std::fs::write(folder.join("shop/b.db"), "").unwrap();
        std::fs::write(outside.path().join("secret.db"), "").unwrap();
        std::fs::create_dir_all(outside.path().join("databases2")).unwrap();
        std::fs::write(outside.path().join("databases2/c.db"), "").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(outside.path().join("secret.db"), folder.join("link.db"))
            .unwrap();
        let allowed = SqliteFolder::new(&folder);
        let absolute = folder.join("a.db").display().to_string();
        for good in ["a.db", "./a.db", "shop/b.db", "shop/../a.db", "sqlite://a.db", &absolute] {
            assert!(allowed.resolve(good).is_ok(), "{good}");
        }
        let elsewhere = outside.path().join("secret.db").display().to_string();
        let mut said = std::collections::HashSet::new();
        for bad in [
            "",
            ".",
            "shop",
            "gone.db",
            "../secret.db",
            "../databases2/c.db",
            "link.db",
            &elsewhere,
            "/etc/passwd",
            "a.db\0",
            "a.db?mode=rwc",
            "file:a.db",
            ":memory:",
            "..\\secret.db",
            "%2e%2e/secret.db",
        ] {
            said.insert(allowed.resolve(bad).unwrap_err().to_string());
        }
        assert_eq!(said.len(), 1, "what is there and what is not sound the same");
        assert!(SqliteFolder::new(outside.path().join("none")).resolve("a.db").is_err());
    }
}
