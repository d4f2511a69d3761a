//! What cannot be read is refused with a reason, whatever it is, and never ends the process.

use std::io::{Cursor, Write};

use cfb::CompoundFile;
use flowstone_documents::{Error, epub, pdf, sheets, slides, word};
use lopdf::{Dictionary, Document, Object, Stream, dictionary};

const DOCUMENTS: [&[u8]; 6] = [
    include_bytes!("../files/library.pdf"),
    include_bytes!("../files/library.docx"),
    include_bytes!("../files/library.doc"),
    include_bytes!("../files/library.xlsx"),
    include_bytes!("../files/library.xls"),
    include_bytes!("../files/library.pptx"),
];

/// All readers, each with what it reads.
type Reader = fn(&[u8]) -> Result<(), Error>;
const READERS: [(&str, Reader); 5] = [
    ("PDF document", |it| pdf::read(it).map(drop)),
    ("Word document", |it| word::pages(it).map(drop)),
    ("Excel workbook", |it| sheets::read(it).map(drop)),
    ("PowerPoint presentation", |it| slides::read(it).map(drop)),
    ("EPUB book", |it| epub::read(it).map(drop)),
];

#[test]
fn what_is_something_else_is_told() {
    for (expected, read) in READERS {
        for (bytes, found) in [
            (b"".as_slice(), "it is empty"),
            (b"plain words", "it looks like text"),
            (b"\x89PNG\0\0", "it looks like something else"),
        ] {
            let said = read(bytes).unwrap_err().to_string();
            assert_eq!(said, format!("is no {expected}: {found}"));
        }
        let read_by = DOCUMENTS.iter().filter(|it| read(it).is_ok()).count();
        assert!(read_by <= 2, "{expected}: a document of another kind was read");
    }
}

#[test]
fn what_is_cut_short_or_changed_never_panics() {
    for document in DOCUMENTS {
        for part in 1..8 {
            let cut = &document[..document.len() * part / 8];
            let mut changed = document.to_vec();
            for place in (part * 97..changed.len()).step_by(911) {
                changed[place] ^= 0x55;
            }
            for (_, read) in READERS {
                let _outcome = read(cut);
                let _outcome = read(&changed);
            }
        }
        let half = &document[..document.len() / 2];
        assert!(READERS.iter().all(|(_, read)| read(half).is_err()), "half a document is none");
    }
}

#[test]
fn what_is_behind_a_password_is_told() {
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("EncryptedPackage").unwrap().write_all(b"secret").unwrap();
    file.flush().unwrap();
    let office = file.into_inner().into_inner();
    assert_eq!(word::pages(&office).unwrap_err(), Error::Encrypted);
    assert_eq!(sheets::read(&office).unwrap_err(), Error::Encrypted);
    assert_eq!(slides::read(&office).unwrap_err(), Error::Encrypted);
    let locked = pdf::read(include_bytes!("../files/locked.pdf"));
    let said = locked.unwrap_err().to_string();
    assert_eq!(said, "is protected by a password: save it without one and upload it again");
}

#[test]
fn what_is_nested_without_end_is_refused() {
    let deep = format!("<w:document>{}", "<w:p>".repeat(5000));
    let said = word::pages(&super::archive(&[("word/document.xml", &deep)])).unwrap_err();
    assert!(matches!(said, Error::TooLarge(_)), "{said:?}");
}

#[test]
fn entities_of_a_document_itself_are_not_followed() {
    let xml = "<!DOCTYPE d [<!ENTITY a \"haha\"><!ENTITY b \"&a;&a;\">]>\
               <w:document><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:document>";
    let read = word::text(&super::archive(&[("word/document.xml", xml)]));
    assert_eq!(read.unwrap(), "&b;");
}

/// A document of one page that draws the form `A`, which draws `inner`.
fn drawing(inner: &str) -> Vec<u8> {
    let mut document = Document::with_version("1.5");
    let pages = document.new_object_id();
    let form = |document: &mut Document, content: &str| {
        let dictionary = dictionary! {"Type" => "XObject", "Subtype" => "Form"};
        document.add_object(Stream::new(dictionary, content.as_bytes().to_vec()))
    };
    let a = form(&mut document, inner);
    let b = form(&mut document, "q Q");
    let named: Dictionary = dictionary! {"A" => a, "B" => b};
    let content = document.add_object(Stream::new(Dictionary::new(), b"/A Do".to_vec()));
    let page = document.add_object(dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content,
        "MediaBox" => vec![0.into(), 0.into(), 100.into(), 100.into()],
        "Resources" => dictionary! {"XObject" => named},
    });
    let list = dictionary! {"Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1};
    document.objects.insert(pages, Object::Dictionary(list));
    let catalog = document.add_object(dictionary! {"Type" => "Catalog", "Pages" => pages});
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_drawing_that_holds_itself_is_refused() {
    assert_eq!(pdf::read(&drawing("/B Do")).unwrap().pages, [""]);
    let said = pdf::read(&drawing("/A Do")).unwrap_err().to_string();
    assert!(said.contains("its drawings hold themselves"), "{said}");
    let many = "/B Do ".repeat(20_001);
    assert!(matches!(pdf::read(&drawing(&many)), Err(Error::TooLarge(_))));
}

#[test]
fn a_wrong_list_of_contents_is_mended() {
    let text = String::from_utf8_lossy(&drawing("/B Do")).into_owned();
    let start = text.rfind("startxref").unwrap();
    let wrong = format!("{}startxref\n7\n%%EOF", &text[..start]);
    assert_eq!(pdf::read(wrong.as_bytes()).unwrap().pages, [""]);
}
