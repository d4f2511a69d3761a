//! The compound files of office programs before 2007.

use std::io::{Cursor, Read};

use cfb::CompoundFile;

use crate::{Error, Result};

/// How a compound file begins.
const SIGNATURE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Whether these are the bytes of a compound file.
pub(crate) fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// Whether a compound file has a stream of the name.
pub(crate) fn has(bytes: &[u8], name: &str) -> bool {
    is(bytes) && open(bytes).is_ok_and(|it| it.is_stream(name))
}

/// Whether this is a newer document behind a password, which lies in a compound file.
pub(crate) fn is_encrypted_office(bytes: &[u8]) -> bool {
    has(bytes, "EncryptedPackage")
}

/// A stream of a compound file; `None` where it has none of the name.
pub(crate) fn stream(bytes: &[u8], name: &str) -> Result<Option<Vec<u8>>> {
    let mut file = open(bytes)?;
    if !file.is_stream(name) {
        return Ok(None);
    }
    let mut content = Vec::new();
    // A chain of sectors that runs in a circle would never end.
    let stream = file.open_stream(name).map_err(Error::damaged)?;
    let mut stream = stream.take(bytes.len() as u64);
    stream.read_to_end(&mut content).map_err(Error::damaged)?;
    Ok(Some(content))
}

fn open(bytes: &[u8]) -> Result<CompoundFile<Cursor<&[u8]>>> {
    CompoundFile::open(Cursor::new(bytes)).map_err(Error::damaged)
}

/// Two bytes at a place, least first.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(two.try_into().ok()?))
}

/// Four bytes at a place, least first.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

/// The same as a length or a place.
pub(crate) fn size_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32_at(bytes, at)?).ok()
}
