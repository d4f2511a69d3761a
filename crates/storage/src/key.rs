//! Where a file lies: the key of a place and of a name in it.

use flowstone_core::{Error, FilePlace, Result};
use object_store::path::{Path, PathPart};

/// Longest name in bytes, as file systems take it once each odd byte is written as three.
const LONGEST: usize = 80;

/// The folder of a place. What a workspace's tools write lies beside its flows, never in one.
pub(crate) fn of_place(place: FilePlace<'_>) -> Result<Path> {
    match place {
        FilePlace::Workspace { workspace } => join(&[workspace, "files"]),
        FilePlace::Flow { workspace, flow } => join(&[workspace, "flows", flow, "form"]),
        FilePlace::Chat { workspace, flow, chat } => {
            join(&[workspace, "flows", flow, "chats", chat])
        }
    }
}

/// The folder that goes when a place is removed: with a flow go its chats.
pub(crate) fn of_all(place: FilePlace<'_>) -> Result<Path> {
    match place {
        FilePlace::Flow { workspace, flow } => join(&[workspace, "flows", flow]),
        other => of_place(other),
    }
}

/// The key of a file.
pub(crate) fn of_file(place: FilePlace<'_>, name: &str) -> Result<Path> {
    Ok(of_place(place)?.join(segment(name)?))
}

/// The name a key ends in.
pub(crate) fn name_of(key: &Path) -> Option<String> {
    let last = key.filename()?;
    decoded(last)
}

fn join(segments: &[&str]) -> Result<Path> {
    segments.iter().map(|it| segment(it)).collect()
}

/// One segment. Whatever a segment holds, it stays one: separators are refused, and what file
/// systems treat specially is written as `%XX` by the object store.
fn segment(text: &str) -> Result<PathPart<'static>> {
    let refused = |why: &str| Err(Error::Unsupported(format!("\"{text}\" is no file name: {why}")));
    if text.is_empty() || text == "." || text == ".." {
        return refused("a name such as report.pdf is expected");
    }
    if text.contains(['/', '\\', '\0']) {
        return refused("it may hold no folder");
    }
    if text.chars().any(char::is_control) {
        return refused("it may hold no control characters");
    }
    if text.len() > LONGEST * 3 {
        return refused("it is too long");
    }
    Ok(PathPart::from(text.to_owned()))
}

/// Undoes the `%XX` of the object store.
fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}
