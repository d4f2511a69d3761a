//! What is in the documents is what is read.

use flowstone_documents::{Kind, epub, pdf, sheets, slides, word};
use serde_json::{Value, json};

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("../files/", $name))
    };
}

const PAGES: [&str; 2] = [
    "The library\n\nOpens at nine. Größe: 200 m².\n\nRoom\n\nSeats\n\nBefore the break",
    "On the second page:\ttab",
];

#[test]
fn a_word_document_is_read_page_by_page() {
    assert_eq!(word::pages(file!("library.docx")).unwrap(), PAGES);
    assert_eq!(word::text(file!("library.docx")).unwrap(), PAGES.join("\n\n"));
}

#[test]
fn an_old_word_document_is_read() {
    let text = word::text(file!("library.doc")).unwrap();
    let expected = "The library\n\nOpens at nine. Größe: 200 m².\n\nRoom\tSeats\n\n\
                    Before the break\n\nOn the second page:\ttab";
    assert_eq!(text, expected);
}

#[test]
fn footnotes_stand_behind_the_text_and_what_was_deleted_is_gone() {
    let docx = super::archive(&[
        (
            "word/document.xml",
            "<w:document xmlns:w=\"w\"><w:body><w:p><w:r><w:t>Kept</w:t></w:r><w:del><w:r>\
             <w:delText>gone</w:delText></w:r></w:del><w:r><w:instrText>PAGE</w:instrText>\
             <w:br/><w:t>below &lt;it&gt;</w:t></w:r></w:p></w:body></w:document>",
        ),
        (
            "word/footnotes.xml",
            "<w:footnotes><w:footnote w:type=\"separator\"><w:p><w:t>line</w:t></w:p></w:footnote>\
             <w:footnote><w:p><w:r><w:t>A note</w:t></w:r></w:p></w:footnote></w:footnotes>",
        ),
    ]);
    assert_eq!(word::text(&docx).unwrap(), "Kept\nbelow <it>\n\nA note");
}

#[test]
fn presentations_are_read_slide_by_slide() {
    let welcome = "Welcome\nOpens at nine\nCloses at five";
    let new = slides::read(file!("library.pptx")).unwrap();
    assert_eq!(new, [&format!("{welcome}\nSmile"), "A box of text"]);
    let mut old = Vec::new();
    let packed = file!("library.ppt.gz").as_slice();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed), &mut old).unwrap();
    assert_eq!(slides::read(&old).unwrap(), [welcome, "A box of text"]);
}

#[test]
fn workbooks_are_read_row_by_row() {
    for workbook in [file!("library.xlsx").as_slice(), file!("library.xls")] {
        let rows = sheets::read(workbook).unwrap().into_iter();
        let rows: Vec<_> = rows.map(|it| (it.sheet, it.number, Value::from(it.cells))).collect();
        let expected = [
            (
                "Rooms".to_owned(),
                1,
                json!({"Name": "Reading room", "Seats": 40, "Open": true, "Since": "1998-05-04",
                    "__EMPTY": "x"}),
            ),
            (
                "Rooms".to_owned(),
                3,
                json!({"Name": "Map room", "Seats": 2.5, "Open": false,
                    "Since": "2020-01-02 03:04:05"}),
            ),
            ("Other".to_owned(), 4, json!({"a": "only"})),
        ];
        assert_eq!(rows, expected);
    }
}

#[test]
fn a_pdf_document_is_read_page_by_page() {
    for document in [file!("library.pdf").as_slice(), file!("print_only.pdf")] {
        let read = pdf::read(document).unwrap();
        assert_eq!(read.pages.len(), 2);
        assert!(read.pages[0].starts_with("The library\nOpens at nine. Größe: 200 m²."));
        assert_eq!(read.pages[1], "On the second page: tab");
        assert_eq!(read.info["Title"], "The library");
        assert!(read.version.starts_with("1."), "{}", read.version);
    }
}

#[test]
fn a_book_is_read_chapter_by_chapter() {
    let chapters = epub::read(&super::book()).unwrap();
    let one = "One\n\nA line of text\u{a0}— here.\n\na\nb\n\nx\n  y";
    assert_eq!(
        (chapters[0].title.as_deref(), chapters[0].text.as_str()),
        (Some("One & only"), one)
    );
    assert_eq!((chapters[1].title.as_deref(), chapters[1].text.as_str()), (None, "Two\nThree"));
    assert_eq!(chapters.len(), 2, "a chapter without text is none");
}

#[test]
fn a_kind_is_told_by_the_content() {
    for (bytes, kind) in [
        (file!("library.pdf").as_slice(), Kind::Pdf),
        (file!("library.docx"), Kind::Word),
        (file!("library.doc"), Kind::Word),
        (file!("library.xlsx"), Kind::Sheets),
        (file!("library.xls"), Kind::Sheets),
        (file!("library.pptx"), Kind::Slides),
        (&super::book(), Kind::Epub),
        ("größe".as_bytes(), Kind::Text),
        (b"\xff\xfea\0", Kind::Text),
        (b"\x89PNG\r\n\x1a\n\0\0", Kind::Other),
        (&super::archive(&[("a.txt", "a")]), Kind::Other),
    ] {
        assert_eq!(Kind::of(bytes), kind);
    }
}
