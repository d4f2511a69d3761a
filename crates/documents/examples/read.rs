//! Prints the text of documents: `cargo run -p flowstone-documents --example read -- FILE…`.

#![expect(clippy::print_stdout, reason = "this is what it is for")]

use std::{env, fs, io};

use flowstone_documents::{Error, Kind, epub, pdf, sheets, slides, word};

fn main() -> io::Result<()> {
    for path in env::args().skip(1) {
        let bytes = fs::read(&path)?;
        println!("==== {path} ({:?})", Kind::of(&bytes));
        match pieces(&bytes) {
            Ok(pieces) => pieces.iter().for_each(|it| println!("{it}\n----")),
            Err(error) => println!("{path} {error}"),
        }
    }
    Ok(())
}

fn pieces(bytes: &[u8]) -> Result<Vec<String>, Error> {
    Ok(match Kind::of(bytes) {
        Kind::Pdf => pdf::read(bytes)?.pages,
        Kind::Word => word::pages(bytes)?,
        Kind::Sheets => {
            let rows = sheets::read(bytes)?.into_iter();
            rows.map(|it| format!("{} {}: {:?}", it.sheet, it.number, it.cells)).collect()
        }
        Kind::Slides => slides::read(bytes)?,
        Kind::Epub => epub::read(bytes)?.into_iter().map(|it| format!("{it:?}")).collect(),
        Kind::Text => vec![String::from_utf8_lossy(bytes).into_owned()],
        Kind::Other => Vec::new(),
    })
}
