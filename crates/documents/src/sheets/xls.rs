//! Looks at a workbook of before 2007 ([MS-XLS]) before the parser does.
//!
//! The parser keeps a sheet as a table without gaps, so that one cell far out takes as much memory
//! as a full sheet.

use super::MOST_CELLS;
use crate::{
    Error, Result,
    compound::{stream, u16_at},
};

/// Where a sheet begins.
const BEGINNING: u16 = 0x0809;

/// Says that what follows cannot be read without a password.
const FILE_PASS: u16 = 0x002f;

/// Records of one or more cells, which begin with a row and a column.
const CELLS: &[u16] = &[
    0x0006, 0x00bd, 0x00be, 0x00d6, 0x00fd, 0x0201, 0x0203, 0x0204, 0x0205, 0x027e, 0x0002, 0x0003,
    0x0004, 0x0005,
];

/// Refuses what would take too much memory.
pub(super) fn check(bytes: &[u8]) -> Result<()> {
    let content = match stream(bytes, "Workbook")? {
        Some(content) => Some(content),
        None => stream(bytes, "Book")?,
    };
    let content = content.unwrap_or_default();
    let mut rest = content.as_slice();
    let (mut cells, mut area) = (0_usize, Area::default());
    while let (Some(kind), Some(length)) = (u16_at(rest, 0), u16_at(rest, 2)) {
        let body = rest.get(4..).unwrap_or_default();
        match kind {
            FILE_PASS => return Err(Error::Encrypted),
            BEGINNING => cells = cells.saturating_add(std::mem::take(&mut area).size()),
            _ if CELLS.contains(&kind) => {
                if let (Some(row), Some(column)) = (u16_at(body, 0), u16_at(body, 2)) {
                    area.hold(row, column);
                }
            }
            _ => {}
        }
        rest = body.get(usize::from(length)..).unwrap_or_default();
    }
    if cells.saturating_add(area.size()) > MOST_CELLS {
        let reason = format!("its sheets are tables of more than {MOST_CELLS} cells");
        return Err(Error::TooLarge(reason));
    }
    Ok(())
}

/// The table that holds all cells of a sheet.
#[derive(Default)]
struct Area(Option<(u16, u16, u16, u16)>);

impl Area {
    fn hold(&mut self, row: u16, column: u16) {
        let (top, left, bottom, right) = self.0.unwrap_or((row, column, row, column));
        self.0 = Some((top.min(row), left.min(column), bottom.max(row), right.max(column)));
    }

    fn size(&self) -> usize {
        let Some((top, left, bottom, right)) = self.0 else { return 0 };
        (usize::from(bottom - top) + 1) * (usize::from(right - left) + 1)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use cfb::CompoundFile;

    use super::*;

    fn workbook(records: &[(u16, &[u8])]) -> Vec<u8> {
        let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        let mut stream = file.create_stream("Workbook").unwrap();
        for (kind, body) in records {
            let length = u16::try_from(body.len()).unwrap();
            stream.write_all(&kind.to_le_bytes()).unwrap();
            stream.write_all(&length.to_le_bytes()).unwrap();
            stream.write_all(body).unwrap();
        }
        stream.flush().unwrap();
        drop(stream);
        file.flush().unwrap();
        file.into_inner().into_inner()
    }

    #[test]
    fn a_cell_far_out_is_refused() {
        let number = |row: u16, column: u16| [row.to_le_bytes(), column.to_le_bytes()].concat();
        let (near, far) = (number(0, 0), number(u16::MAX, 255));
        assert_eq!(check(&workbook(&[(BEGINNING, &[]), (0x0203, &near)])), Ok(()));
        let sheet = workbook(&[(BEGINNING, &[]), (0x0203, &near), (0x0203, &far)]);
        assert!(matches!(check(&sheet), Err(Error::TooLarge(_))));
        assert_eq!(check(&workbook(&[(FILE_PASS, &[0; 6])])), Err(Error::Encrypted));
    }
}
