//! Every loader against the contract of documents, and files that are wrong in every way.

use flowstone_core::{Field, Inputs, Node};
use flowstone_testkit::{FakeSite, SitePage, contract::document_loader};
use serde_json::{Value, json};

use super::{
    api_loader::ApiLoader, cheerio_web_scraper::CheerioWebScraper, csv_file::CsvFile,
    json_file::JsonFile, jsonlines_file::JsonlinesFile, plain_text::PlainText, text_file::TextFile,
};
use crate::testing::{form, services_for, upload};

/// A picture, as far as its first bytes say so.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff";

fn file_row(node: &dyn Node) -> &'static Field {
    let mut rows = node.spec().inputs.iter();
    rows.find(|it| it.kind == "file").expect("there is a row of files")
}

/// A form with a file in its row, and what else the loader asks for.
fn with_file(node: &dyn Node, name: &str, content: &[u8], more: &Value) -> Inputs {
    let mut form = form(more);
    form.values.insert(file_row(node).name.to_owned(), upload(name, content).into());
    form
}

/// The suites over a loader of files: a good file, and bad ones by name.
async fn loads(node: &dyn Node, good: (&str, &[u8]), more: &Value, bad: &[(&str, &[u8])]) {
    document_loader::suite(node, &with_file(node, good.0, good.1, more)).await;
    let refused: Vec<(&str, Inputs)> =
        bad.iter().map(|(name, it)| (*name, with_file(node, name, it, more))).collect();
    document_loader::refuses(node, file_row(node), &form(more), &refused).await;
}

#[tokio::test]
async fn loaders_of_text_keep_the_contract() {
    let none = json!({});
    let picture = [("a.png", PICTURE)];
    document_loader::suite(&PlainText, &form(&json!({"text": "Hello there"}))).await;
    loads(&TextFile, ("a.txt", b"Hello there"), &none, &picture).await;
    loads(&CsvFile, ("a.csv", b"a,b\n1,2\n3,4"), &none, &picture).await;
    let no_json: [(&str, &[u8]); 3] = [picture[0], ("b.json", b""), ("c.json", b"[\"cut")];
    loads(&JsonFile, ("a.json", b"[\"one\", \"two\"]"), &none, &no_json).await;
    let key = json!({"pointerName": "t"});
    let lines = b"{\"t\": \"one\"}\n{\"t\": \"two\"}";
    let no_lines: [(&str, &[u8]); 2] = [picture[0], ("c.jsonl", b"{\"t\": \"one\"}\n{\"t\"")];
    loads(&JsonlinesFile, ("a.jsonl", lines), &key, &no_lines).await;
}

#[tokio::test]
async fn loaders_of_the_web_keep_the_contract() {
    let site = FakeSite::start([
        ("/page", SitePage::html("<h1>Library</h1><p>Open</p>")),
        ("/list", SitePage::new("application/json", "[\"one text\", {\"a\": 1}]")),
    ])
    .await;
    for (node, path) in [(&ApiLoader as &dyn Node, "/list"), (&CheerioWebScraper, "/page")] {
        let mut form = form(&json!({"url": site.url(path), "method": "GET"}));
        form.services = services_for(site.address());
        document_loader::suite(node, &form).await;
    }
}

#[cfg(feature = "documents")]
mod documents {
    use super::{
        super::{
            docx_file::DocxFile, epub_file::EpubFile, file_loader::FileLoader,
            microsoft_excel::MicrosoftExcel, microsoft_powerpoint::MicrosoftPowerpoint,
            microsoft_word::MicrosoftWord, pdf_file::PdfFile,
        },
        *,
    };
    use crate::testing::documents;

    macro_rules! file {
        ($name:literal) => {
            include_bytes!(concat!("../../../documents/tests/files/", $name)).as_slice()
        };
    }

    #[tokio::test]
    async fn loaders_of_documents_keep_the_contract() {
        let none = json!({});
        let (pdf, docx, xlsx) =
            (file!("library.pdf"), file!("library.docx"), file!("library.xlsx"));
        let (pptx, epub) = (file!("library.pptx"), file!("library.epub"));
        for (node, good, other) in [
            (&PdfFile as &dyn Node, pdf, docx),
            (&DocxFile, docx, xlsx),
            (&MicrosoftWord, docx, pdf),
            (&MicrosoftExcel, xlsx, pptx),
            (&MicrosoftPowerpoint, pptx, docx),
            (&EpubFile, epub, xlsx),
        ] {
            let bad: [(&str, &[u8]); 4] = [
                ("empty.bin", b""),
                ("picture.png", PICTURE),
                ("other.bin", other),
                ("half.bin", &good[..good.len() / 2]),
            ];
            loads(node, ("good.bin", good), &none, &bad).await;
        }
        let locked = [("locked.pdf", file!("locked.pdf"))];
        loads(&PdfFile, ("a.pdf", pdf), &json!({"usage": "perFile"}), &locked).await;
        loads(&EpubFile, ("a.epub", epub), &json!({"usage": "perFile"}), &[]).await;
    }

    #[tokio::test]
    async fn one_loader_reads_files_of_any_kind() {
        let none = json!({});
        let half = &file!("library.docx")[..20_000];
        let bad: [(&str, &[u8]); 3] =
            [("picture.pdf", PICTURE), ("locked.pdf", file!("locked.pdf")), ("half.docx", half)];
        loads(&FileLoader, ("library.pdf", file!("library.pdf")), &none, &bad).await;
        let lines = b"{\"t\": \"one\"}\n{\"t\": \"two\"}";
        for (name, content, expected) in [
            ("a", file!("library.docx"), "The library"),
            ("a.txt", file!("library.doc"), "The library"),
            ("a.bin", file!("library.xls"), "- Name: Reading room\n- Seats: 40"),
            ("a.bin", file!("library.pptx"), "Welcome"),
            ("a.bin", file!("library.epub"), "Chapter one"),
            ("a.csv", b"k\nv", "k: v"),
            ("a.json", b"[\"x\"]", "x"),
            ("a.jsonl", lines, "one"),
            ("a.md", b"# Title", "# Title"),
        ] {
            let form = with_file(&FileLoader, name, content, &json!({"pointerName": "t"}));
            let made = documents(FileLoader.init(&form).await);
            let text = &made[0].page_content;
            assert!(text.starts_with(expected), "{name}: {text}");
        }
        let form = with_file(&FileLoader, "a.jsonl", lines, &none);
        let said = FileLoader.init(&form).await.err().unwrap().to_string();
        assert_eq!(said, "File: JSONL Pointer Extraction is required for a.jsonl");
        // A call that does not know which loader the flow has brings files under other names.
        let form = crate::testing::form(&json!({"docxFile": upload("a.md", "Hi"), "file": "no"}));
        assert_eq!(documents(FileLoader.init(&form).await)[0].page_content, "Hi");
    }

    #[tokio::test]
    async fn metadata_says_where_in_a_file_a_text_stands() {
        let metadata = |made: Vec<flowstone_core::Document>| -> Vec<Value> {
            made.into_iter().map(|it| it.metadata.into()).collect()
        };
        let load = async |node: &dyn Node, content: &[u8]| {
            let form = with_file(node, "a", content, &json!({}));
            metadata(documents(node.init(&form).await))
        };
        let pages = load(&PdfFile, file!("library.pdf")).await;
        assert_eq!(pages[1]["loc"], json!({"pageNumber": 2}));
        assert_eq!(pages[1]["pdf"]["totalPages"], 2);
        assert_eq!(pages[1]["pdf"]["info"]["Title"], "The library");
        assert_eq!((&pages[0]["source"], &pages[0]["blobType"]), (&json!("blob"), &json!("")));
        let rows = load(&MicrosoftExcel, file!("library.xlsx")).await;
        let expected = json!({
            "worksheet": "Rooms", "rowNum": 3, "source": "blob", "blobType": "",
            "Name": "Map room", "Seats": 2.5, "Open": false, "Since": "2020-01-02 03:04:05",
        });
        assert_eq!(rows[1], expected);
        let slides = load(&MicrosoftPowerpoint, file!("library.pptx")).await;
        assert_eq!(
            (&slides[1]["slideNumber"], &slides[1]["documentType"]),
            (&json!(2), &json!("powerpoint"))
        );
        let pages = load(&MicrosoftWord, file!("library.docx")).await;
        assert_eq!(
            (&pages[1]["pageNumber"], &pages[1]["documentType"]),
            (&json!(2), &json!("word"))
        );
        let chapters = load(&EpubFile, file!("library.epub")).await;
        assert_eq!(chapters[0]["chapter"], "One");
    }
}
