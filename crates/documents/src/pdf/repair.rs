//! Makes a new list of contents for a document whose own is wrong.

use std::{collections::BTreeMap, fmt::Write};

/// The document with a list of the objects that are found in it; `None` where that cannot help.
pub(super) fn repaired(bytes: &[u8]) -> Option<Vec<u8>> {
    // What is encrypted cannot be read without what the old list said of it.
    if memchr::memmem::find(bytes, b"/Encrypt").is_some() {
        return None;
    }
    let mut objects: BTreeMap<u32, (u16, usize)> = BTreeMap::new();
    let mut root = None;
    for at in memchr::memmem::find_iter(bytes, b"obj") {
        let Some((number, generation, start)) = head(bytes, at) else { continue };
        objects.insert(number, (generation, start));
        let body = bytes.get(at..).unwrap_or_default();
        let end = memchr::memmem::find(body, b"endobj").unwrap_or(body.len());
        let body: Vec<u8> =
            body.get(..end)?.iter().copied().filter(|it| !it.is_ascii_whitespace()).collect();
        if memchr::memmem::find(&body, b"/Type/Catalog").is_some() {
            root = Some((number, generation));
        }
    }
    let (root, generation_of_root) = root?;
    let mut whole = bytes.to_vec();
    whole.push(b'\n');
    let start = whole.len();
    let mut list = String::from("xref\n0 1\n0000000000 65535 f \n");
    for (number, (generation, at)) in &objects {
        writeln!(list, "{number} 1\n{at:010} {generation:05} n ").ok()?;
    }
    let size = objects.last_key_value().map_or(0, |(number, _)| *number).checked_add(1)?;
    write!(
        list,
        "trailer\n<</Size {size}/Root {root} {generation_of_root} R>>\nstartxref\n{start}\n%%EOF\n"
    )
    .ok()?;
    whole.extend_from_slice(list.as_bytes());
    Some(whole)
}

/// The number and the generation that stand before `obj`, and where they begin.
fn head(bytes: &[u8], at: usize) -> Option<(u32, u16, usize)> {
    let before = bytes.get(at.saturating_sub(24)..at)?;
    let (rest, generation) = last_number(before)?;
    let (rest, number) = last_number(rest)?;
    let start = at - before.len() + rest.len();
    Some((number.parse().ok()?, generation.parse().ok()?, start))
}

/// The number that `text` ends with, and what stands before it.
fn last_number(text: &[u8]) -> Option<(&[u8], &str)> {
    let text = text.trim_ascii_end();
    let digits = text.iter().rev().take_while(|it| it.is_ascii_digit()).count();
    let (rest, number) = text.split_at(text.len() - digits);
    (digits > 0).then_some((rest, std::str::from_utf8(number).ok()?))
}
