//! Word documents of 1997 to 2003 ([MS-DOC]).

use encoding_rs::{UTF_16LE, WINDOWS_1252};

use crate::{
    Error, Result,
    compound::{size_at, stream, u16_at},
};

/// The text of a document with its notes; pages end with form feeds.
pub(super) fn text(bytes: &[u8]) -> Result<String> {
    let short = || Error::damaged("it ends too early");
    let main = stream(bytes, "WordDocument")?.ok_or_else(short)?;
    let flags = u16_at(&main, 0x0a).ok_or_else(short)?;
    if flags & 0x0100 != 0 {
        return Err(Error::Encrypted);
    }
    let version = u16_at(&main, 0x02).ok_or_else(short)?;
    if version < 0xc1 {
        return Err(Error::damaged("it was written by a Word older than that of 1997"));
    }
    let table = if flags & 0x0200 == 0 { "0Table" } else { "1Table" };
    let table = stream(bytes, table)?.ok_or_else(short)?;
    // Characters of the document and its notes; behind them stand headers and comments.
    let length = |at: usize| size_at(&main, at).ok_or_else(short);
    let characters = length(0x4c)?.saturating_add(length(0x50)?);
    let pieces = pieces(&main, &table).ok_or_else(short)?;
    let mut raw = String::new();
    let mut left = characters;
    for piece in pieces {
        let count = piece.characters.min(left);
        left -= count;
        let width = if piece.compressed { 1 } else { 2 };
        let end = count.checked_mul(width).and_then(|it| it.checked_add(piece.at));
        let content = end.and_then(|end| main.get(piece.at..end)).ok_or_else(short)?;
        let encoding = if piece.compressed { WINDOWS_1252 } else { UTF_16LE };
        raw.push_str(&encoding.decode_without_bom_handling(content).0);
    }
    Ok(readable(&raw))
}

struct Piece {
    at: usize,
    characters: usize,
    compressed: bool,
}

/// Where the text lies, in order (2.8.35, `PlcPcd`).
fn pieces(main: &[u8], table: &[u8]) -> Option<Vec<Piece>> {
    let (mut at, length) = (size_at(main, 0x01a2)?, size_at(main, 0x01a6)?);
    let end = at.checked_add(length)?;
    // Formats of paragraphs stand before the list of pieces.
    while *table.get(at)? == 1 && at < end {
        at += 3 + usize::from(u16_at(table, at + 1)?);
    }
    if *table.get(at)? != 2 {
        return None;
    }
    let length = size_at(table, at + 1)?;
    let list = table.get(at + 5..(at + 5).checked_add(length)?)?;
    let count = length.checked_sub(4)? / 12;
    let piece = |index: usize| {
        let (from, to) = (size_at(list, index * 4)?, size_at(list, index * 4 + 4)?);
        let place = size_at(list, (count + 1) * 4 + index * 8 + 2)?;
        let compressed = place & 0x4000_0000 != 0;
        let at = place & 0x3fff_ffff;
        let at = if compressed { at / 2 } else { at };
        Some(Piece { at, characters: to.checked_sub(from)?, compressed })
    };
    (0..count).map(piece).collect()
}

/// Text without the marks that Word puts between its characters.
fn readable(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    // Depth of fields, and in how many of them we read the instruction, not the result.
    let mut fields: Vec<bool> = Vec::new();
    let mut before = ' ';
    for character in raw.chars() {
        let previous = std::mem::replace(&mut before, character);
        match character {
            '\u{13}' => fields.push(true),
            '\u{14}' => {
                if let Some(instruction) = fields.last_mut() {
                    *instruction = false;
                }
            }
            '\u{15}' => {
                fields.pop();
            }
            _ if fields.iter().any(|it| *it) => {}
            '\r' => text.push_str("\n\n"),
            // Two marks in a row end a cell and its row.
            '\u{7}' if previous == '\u{7}' => {
                text.truncate(text.trim_end_matches('\t').len());
                text.push_str("\n\n");
            }
            '\u{7}' => text.push('\t'),
            '\u{b}' => text.push('\n'),
            '\u{1e}' => text.push('-'),
            '\t' | '\u{c}' => text.push(character),
            other if other.is_control() => {}
            other => text.push(other),
        }
    }
    text
}
