//! Zip archives, unpacked in bounds.

use std::{
    borrow::Cow,
    io::{Cursor, Read},
};

use zip::{ZipArchive, result::ZipError};

use crate::{Error, Kind, Result, compound, xml};

/// How much of an archive is read.
#[derive(Clone, Copy)]
struct Limits {
    /// Entries.
    entries: usize,
    /// What one entry unpacks to, in bytes.
    entry: u64,
    /// What is unpacked in all, in bytes.
    total: u64,
}

const USUAL: Limits = Limits { entries: 20_000, entry: 256 << 20, total: 512 << 20 };

/// An archive whose entries are read by name.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// What may still be unpacked, in bytes.
    left: u64,
    limits: Limits,
}

impl<'a> Archive<'a> {
    /// Opens what should be a `expected`, such as `Word document`.
    pub(crate) fn open(bytes: &'a [u8], expected: &'static str) -> Result<Self> {
        Self::open_within(bytes, expected, USUAL)
    }

    fn open_within(bytes: &'a [u8], expected: &'static str, limits: Limits) -> Result<Self> {
        if compound::is_encrypted_office(bytes) {
            return Err(Error::Encrypted);
        }
        if !bytes.starts_with(b"PK") {
            return Err(Error::WrongKind { expected, found: Kind::describe(bytes) });
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
        if zip.len() > limits.entries {
            let reason = format!("it holds {} files, and {} are read", zip.len(), limits.entries);
            return Err(Error::TooLarge(reason));
        }
        Ok(Self { zip, left: limits.total, limits })
    }

    /// The names of all entries.
    pub(crate) fn names(&self) -> Vec<String> {
        self.zip.file_names().flatten().map(Cow::into_owned).collect()
    }

    /// An entry; `None` where there is none of the name.
    pub(crate) fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        let mut content = Vec::new();
        let found = self.unpack(name, &mut |piece| content.extend_from_slice(piece))?;
        Ok(found.then_some(content))
    }

    /// The same as the text of an XML file.
    pub(crate) fn xml(&mut self, name: &str) -> Result<Option<String>> {
        Ok(self.bytes(name)?.map(|it| xml::decode(&it)))
    }

    /// Unpacks everything once and forgets it, so that a parser which unpacks without bounds may
    /// follow.
    pub(crate) fn measure(&mut self) -> Result<()> {
        for name in self.names() {
            self.unpack(&name, &mut |_| {})?;
        }
        Ok(())
    }

    fn unpack(&mut self, name: &str, keep: &mut dyn FnMut(&[u8])) -> Result<bool> {
        let mut entry = match self.zip.by_name(name) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => return Ok(false),
            Err(error) => return Err(broken(error)),
        };
        let mut buffer = vec![0; 64 << 10];
        let mut length = 0;
        loop {
            let read = entry.read(&mut buffer).map_err(|error| {
                Error::damaged(format!("the file {name} in it cannot be unpacked ({error})"))
            })?;
            if read == 0 {
                return Ok(true);
            }
            length += read as u64;
            let left = self.left.checked_sub(read as u64).filter(|_| length <= self.limits.entry);
            self.left = left.ok_or_else(|| {
                Error::TooLarge(format!("unpacking {name} in it takes more memory than it may"))
            })?;
            keep(buffer.get(..read).unwrap_or_default());
        }
    }
}

fn broken(error: ZipError) -> Error {
    match error {
        ZipError::UnsupportedArchive(reason) if reason == ZipError::PASSWORD_REQUIRED => {
            Error::Encrypted
        }
        other => Error::damaged(format!("it is no whole archive ({other})")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn packed(entries: &[(&str, usize)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, length) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(&vec![0; *length]).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn what_unpacks_to_more_than_it_may_is_refused() {
        let limits = Limits { entries: 2, entry: 1000, total: 1500 };
        let measure = |entries: &[(&str, usize)]| {
            Archive::open_within(&packed(entries), "archive", limits)?.measure()
        };
        assert_eq!(measure(&[("a", 1000), ("b", 500)]), Ok(()));
        assert!(matches!(measure(&[("a", 1001)]), Err(Error::TooLarge(_))));
        assert!(matches!(measure(&[("a", 900), ("b", 900)]), Err(Error::TooLarge(_))));
        let said = measure(&[("a", 1), ("b", 1), ("c", 1)]).unwrap_err().to_string();
        assert_eq!(said, "is too large: it holds 3 files, and 2 are read");
    }

    #[test]
    fn a_cut_archive_is_damaged() {
        let whole = packed(&[("a", 5000)]);
        let said = Archive::open(&whole[..whole.len() - 10], "archive").err();
        assert!(matches!(said, Some(Error::Damaged(_))));
    }
}
