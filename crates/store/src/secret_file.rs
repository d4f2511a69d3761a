//! Secrets that are made at the first start and kept in a file of their own.

use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use rand::{TryRng, rngs::SysRng};
use zeroize::Zeroizing;

use crate::{Error, Outage, Result};

const WHAT: &str = "secret file";

const LENGTH: usize = 32;

/// A secret of 256 random bits in a file that only its owner can read.
///
/// The file holds 64 hexadecimal digits. The texts of its errors name the file, as they are for
/// whoever starts the server, and never the secret.
pub struct SecretFile {
    bytes: Zeroizing<[u8; LENGTH]>,
}

impl SecretFile {
    /// Reads the file, or makes it at the first start.
    ///
    /// A new file appears whole or not at all, and of several processes that start together one
    /// makes it and all read the same secret. A file that others may read, or that is empty,
    /// truncated or otherwise not what was written, is refused: silently making a new secret would
    /// lock everybody out of what the old one sealed.
    pub fn load_or_create(path: &Path) -> Result<Self> {
        match Self::load(path) {
            Ok(Some(secret)) => return Ok(secret),
            Ok(None) => {}
            Err(error) => return Err(error),
        }
        Self::create(path).map_err(|error| failed(path, "made", error))?;
        Self::load(path)?
            .ok_or_else(|| refused(path, "vanished while it was being made; start again"))
    }

    /// The secret.
    pub fn bytes(&self) -> &[u8; LENGTH] {
        &self.bytes
    }

    fn load(path: &Path) -> Result<Option<Self>> {
        let text = match fs::read(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(path, "read", error)),
        };
        refuse_readable_by_others(path)?;
        let digits = text.trim_ascii();
        if digits.is_empty() {
            return Err(refused(
                path,
                "is empty; restore it from a backup, or delete it to start with a new secret",
            ));
        }
        let mut bytes = Zeroizing::new([0; LENGTH]);
        hex::decode_to_slice(digits, bytes.as_mut_slice()).map_err(|_| {
            refused(
                path,
                "does not hold 64 hexadecimal digits, so it is truncated or damaged; restore it from a backup, \
                 or delete it to start with a new secret",
            )
        })?;
        Ok(Some(Self { bytes }))
    }

    /// Writes a new secret beside the path and then gives it its name, unless the name is taken.
    fn create(path: &Path) -> io::Result<()> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder)?;

        let mut bytes = Zeroizing::new([0; LENGTH]);
        SysRng.try_fill_bytes(bytes.as_mut_slice()).map_err(io::Error::other)?;
        let mut text = Zeroizing::new(hex::encode(bytes.as_slice()));
        text.push('\n');

        let draft = Draft::new(path, folder)?;
        write_private(&draft.0, text.as_bytes())?;
        // A link fails if the name is taken, where a rename would replace another's secret.
        match fs::hard_link(&draft.0, path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            // No links on this file system (FAT, some network shares).
            Err(_) => match write_private(path, text.as_bytes()) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            },
        }
        // Without this a power cut may lose the name, and with it all that is sealed from now on.
        #[cfg(unix)]
        fs::File::open(folder)?.sync_all()?;
        Ok(())
    }
}

impl fmt::Debug for SecretFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SecretFile").finish_non_exhaustive()
    }
}

/// A file for the time of writing; removed when dropped.
struct Draft(PathBuf);

impl Draft {
    fn new(path: &Path, folder: &Path) -> io::Result<Self> {
        let mut unique = [0; 8];
        SysRng.try_fill_bytes(&mut unique).map_err(io::Error::other)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Self(folder.join(format!(".{name}.{}", hex::encode(unique)))))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::warn!(%error, "could not remove the draft of a secret file");
        }
    }
}

/// Writes a new file that only its owner can read, down to the disk.
fn write_private(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

#[cfg(unix)]
fn refuse_readable_by_others(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let mode =
        fs::metadata(path).map_err(|error| failed(path, "read", error))?.permissions().mode();
    if mode & 0o077 != 0 {
        let why = format!(
            "can be read or changed by other users (mode {:03o}); run: chmod 600 {}",
            mode & 0o777,
            path.display()
        );
        return Err(refused(path, &why));
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as on Unix")]
fn refuse_readable_by_others(_: &Path) -> Result<()> {
    Ok(())
}

fn refused(path: &Path, why: &str) -> Error {
    Error::invalid(WHAT, format!("{} {why}", path.display()))
}

fn failed(path: &Path, verb: &str, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull => Error::unavailable(Outage::DiskFull, error),
        _ => refused(path, &format!("cannot be {verb}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, os::unix::fs::PermissionsExt, thread};

    use super::*;

    #[test]
    fn the_first_start_makes_it_and_the_next_finds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/for/it/secret");
        let first = SecretFile::load_or_create(&path).unwrap();
        let second = SecretFile::load_or_create(&path).unwrap();
        assert_eq!(first.bytes(), second.bytes());
        assert_ne!(first.bytes(), &[0; LENGTH]);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let files = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(files, 1, "the draft is gone");
        let other = SecretFile::load_or_create(&folder.path().join("other")).unwrap();
        assert_ne!(first.bytes(), other.bytes());
    }

    #[test]
    fn processes_that_start_together_agree() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let secrets: HashSet<[u8; LENGTH]> = thread::scope(|scope| {
            let starts: Vec<_> =
                (0..16).map(|_| scope.spawn(|| SecretFile::load_or_create(&path))).collect();
            starts.into_iter().map(|it| *it.join().unwrap().unwrap().bytes()).collect()
        });
        assert_eq!(secrets.len(), 1);
    }

    #[test]
    fn a_file_that_is_not_safe_is_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let good = "0f".repeat(LENGTH);
        let cases = [
            ("readable", good.as_str(), 0o640, "chmod 600"),
            ("writable", &good, 0o602, "chmod 600"),
            ("empty", "", 0o600, "is empty"),
            ("blank", "\n\n", 0o600, "is empty"),
            ("truncated", &good[..40], 0o600, "truncated or damaged"),
            ("longer", &format!("{good}00"), 0o600, "truncated or damaged"),
            ("other", "swordfish", 0o600, "truncated or damaged"),
        ];
        for (name, text, mode, reason) in cases {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = SecretFile::load_or_create(&path).unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains(name), "{name}: {error}");
            assert!(!error.contains(&good[..8]), "the secret is not told: {error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text, "{name} is left as it was");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let error =
            SecretFile::load_or_create(&folder.path().join("file/secret")).unwrap_err().to_string();
        assert!(error.contains("file/secret"), "{error}");
    }
}
