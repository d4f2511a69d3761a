//! The loaders of services that hold files and pages, against one of the test.

use flowstone_core::{Error, Node};
use flowstone_testkit::{FakeSite, SitePage, contract::document_loader};
use serde_json::{Value, json};

use super::{
    github, google_drive, google_sheets, notion_db, notion_page,
    remote_tests::{Exchange, json_page},
    s3, s3_directory, unstructured_file_loader,
};
use crate::testing::upload;

const WORD: &[u8] = include_bytes!("../../../documents/tests/files/library.docx");

#[tokio::test]
async fn text_files_of_a_repository_are_loaded() {
    let item = |path: &str, kind: &str| json!({"path": path, "type": kind, "size": 5, "name": "n"});
    let wrapped = json!({"path": "docs/b.json", "encoding": "base64", "content": "eyJh\nIjoxfQ=="});
    let raw = |text: &'static str| SitePage::new("application/vnd.github.raw+json", text);
    let top = [
        item("README.md", "file"),
        item("docs", "dir"),
        item("logo.png", "file"),
        item("notes.txt", "file"),
        item("target", "dir"),
        item("link", "symlink"),
    ];
    let site = FakeSite::start([
        ("/repos/ann/shop/contents?ref=main", json_page(&json!(top))),
        (
            "/repos/ann/shop/contents/docs?ref=main",
            json_page(&json!([item("docs/b.json", "file"), item("docs/c d.bin2", "file")])),
        ),
        ("/repos/ann/shop/contents/README.md?ref=main", raw("# Shop")),
        ("/repos/ann/shop/contents/docs/b.json?ref=main", json_page(&wrapped)),
        ("/repos/ann/shop/contents/docs/c%20d.bin2?ref=main", raw("\0\u{1}")),
        ("/repos/ann/shop/contents/notes.txt?ref=main", raw("x").status(500)),
    ])
    .await;
    let values = json!({
        "repoLink": "https://github.com/ann/shop", "branch": "main", "recursive": true,
        "ignorePath": "[\"target/\"]", "maxRetries": 0,
    });
    let mut exchange = Exchange::new(&site, &github::NODE, "", &values);
    insta::assert_snapshot!("github", exchange.told().await);
    document_loader::suite(&exchange.node, &exchange.form).await;
    exchange.form.credential = None;
    assert_eq!(exchange.load().await.unwrap().len(), 2, "public repositories need no token");
    assert!(!site.calls().pop().unwrap().headers.contains_key("authorization"));

    exchange.form.values["branch"] = "gone".into();
    let said = exchange.load().await.unwrap_err().to_string();
    assert!(said.contains("there is no repository ann/shop with a branch gone"), "{said}");
    for (row, value, expected) in [
        ("repoLink", "https://evil.example/a/b", "Repo Link: an address such as"),
        ("ignorePath", "*.md", "Ignore Paths: a JSON list"),
    ] {
        let mut wrong = Exchange::new(&site, &github::NODE, "", &values);
        wrong.form.values[row] = value.into();
        let said = wrong.load().await.unwrap_err().to_string();
        assert!(said.starts_with(expected), "{said}");
    }
}

#[tokio::test]
async fn notion_s_pages_come_with_those_below() {
    let rich = |text: &str| json!([{"plain_text": text, "annotations": {}}]);
    let page = |id: &str| {
        json!({
            "object": "page", "id": id, "url": format!("https://notion.example/{id}"),
            "properties": {"Name": {"type": "title", "title": rich(id)}, "Seats": {"type": "number", "number": 4}},
        })
    };
    let block = |id: &str, kind: &str, content: Value, below: bool| json!({"id": id, "type": kind, kind: content, "has_children": below});
    let list = |results: Value, next: Option<&str>| {
        json_page(&json!({"results": results, "next_cursor": next, "has_more": next.is_some()}))
    };
    let children = |id: &str| format!("/v1/blocks/{id}/children?page_size=100");
    let site = FakeSite::start([
        ("/v1/pages/p1", json_page(&page("p1"))),
        ("/v1/pages/p2", json_page(&page("p2"))),
        (
            &*children("p1"),
            list(
                json!([block("b1", "toggle", json!({"rich_text": rich("Hours")}), true)]),
                Some("c"),
            ),
        ),
        (
            &*format!("{}&start_cursor=c", children("p1")),
            list(
                json!([
                    block("p2", "child_page", json!({"title": "p2"}), true),
                    block("gone", "child_page", json!({"title": "hidden"}), true),
                ]),
                None,
            ),
        ),
        (
            &*children("b1"),
            list(
                json!([block("b2", "paragraph", json!({"rich_text": rich("Nine")}), false)]),
                None,
            ),
        ),
        (
            &*children("p2"),
            list(
                json!([block("b3", "heading_1", json!({"rich_text": rich("More")}), false)]),
                None,
            ),
        ),
        ("/v1/databases/d1/query", list(json!([page("p2")]), Some("c"))),
    ])
    .await;
    site.then("/v1/databases/d1/query", list(json!([page("p2")]), None));
    let one = Exchange::new(&site, &notion_page::NODE, "", &json!({"pageId": "p1"}));
    insta::assert_snapshot!("notion_page", one.told().await);
    let rows = Exchange::new(&site, &notion_db::NODE, "", &json!({"databaseId": "d1"}));
    insta::assert_snapshot!("notion_db", rows.told().await);
    document_loader::suite(&one.node, &one.form).await;
    document_loader::suite(&rows.node, &rows.form).await;

    let refusal = json!({"object": "error", "status": 404, "message": "Could not find page"});
    site.put("/v1/pages/p9", json_page(&refusal).status(404));
    let gone = Exchange::new(&site, &notion_page::NODE, "", &json!({"pageId": "p9"}));
    assert_eq!(gone.load().await.unwrap_err().to_string(), "404 Notion: Could not find page");
}

#[tokio::test]
async fn files_of_drive_are_read_by_choice_and_by_folder() {
    const DOCUMENT: &str = "application/vnd.google-apps.document";
    let file = |id: &str, kind: &str| {
        json!({
            "id": id, "name": format!("{id}.txt"), "mimeType": kind, "size": "5",
            "modifiedTime": "2024-01-02T03:04:05Z", "webViewLink": format!("https://drive.example/{id}"),
        })
    };
    let site = FakeSite::start([]).await;
    // Queries are long; what they hold is in the snapshot.
    let export = "/drive/v3/files/a/export?mimeType=application%2Fvnd.openxmlformats-officedocument.wordprocessingml.document";
    site.put(export, SitePage::new("application/octet-stream", WORD));
    site.put("/drive/v3/files/b?alt=media", SitePage::new("text/plain", "Open"));
    let fields = "fields=id%2C+name%2C+mimeType%2C+size%2C+createdTime%2C+modifiedTime%2C+parents%2C+webViewLink%2C+driveId";
    site.put(&format!("/drive/v3/files/a?{fields}"), json_page(&file("a", DOCUMENT)));
    site.put(&format!("/drive/v3/files/b?{fields}"), json_page(&file("b", "text/plain")));
    site.put(&format!("/drive/v3/files/c?{fields}"), json_page(&file("c", "video/mp4")));
    let values = json!({"selectedFiles": "[\"a\", \"b\", \"c\", \"gone\"]"});
    let chosen = Exchange::new(&site, &google_drive::NODE, "", &values);
    insta::assert_snapshot!("drive_chosen", chosen.told().await);
    document_loader::suite(&chosen.node, &chosen.form).await;

    // Every list is answered alike: a file and a folder, which is looked into once more.
    site.otherwise(json_page(&json!({"files": [
        file("b", "text/plain"), {"id": "f2", "name": "below", "mimeType": "application/vnd.google-apps.folder"},
    ]})));
    let values = json!({"folderId": "it's", "includeSubfolders": true, "includeSharedDrives": true, "maxFiles": 2, "fileTypes": "[\"text/plain\"]"});
    let folder = Exchange::new(&site, &google_drive::NODE, "", &values);
    site.put(
        "/drive/v3/files/b?supportsAllDrives=true&alt=media",
        SitePage::new("text/plain", "Open"),
    );
    insta::assert_snapshot!("drive_folder", folder.told().await);
    let offered = folder.node.options("listFiles", &folder.form).await.unwrap();
    assert_eq!(
        serde_json::to_value(&offered).unwrap(),
        json!([
            {"label": "b.txt", "name": "b", "description": "Text Files, changed 2024-01-02"},
        ])
    );
    let mut nothing = Exchange::new(&site, &google_drive::NODE, "", &json!({}));
    let said = nothing.load().await.unwrap_err().to_string();
    assert_eq!(said, "Select Files: choose files, or name a folder under Folder ID");
    nothing.form.credential = None;
    assert!(nothing.node.options("listFiles", &nothing.form).await.unwrap().is_empty());
}

#[tokio::test]
async fn sheets_become_tables() {
    let about = json!({"properties": {"title": "Plan"}, "sheets": [
        {"properties": {"title": "Hours"}}, {"properties": {"title": "Empty"}},
    ]});
    let cells = json!({"range": "Hours!A1:B3", "majorDimension": "ROWS", "values": [
        ["Day", "From"], ["Mo", 9], ["Tu|We"],
    ]});
    let how = "valueRenderOption=UNFORMATTED_VALUE&dateTimeRenderOption=FORMATTED_STRING&majorDimension=ROWS";
    let site = FakeSite::start([
        (
            "/v4/spreadsheets/s1?fields=properties.title%2Csheets.properties.title",
            json_page(&about),
        ),
        (&*format!("/v4/spreadsheets/s1/values/%27Hours%27%21A1%3AB3?{how}"), json_page(&cells)),
        (
            &*format!("/v4/spreadsheets/s1/values/%27Empty%27%21A1%3AB3?{how}"),
            json_page(&json!({"range": "Empty!A1:B3"})),
        ),
    ])
    .await;
    let values = json!({"spreadsheetIds": ["s1"], "range": "A1:B3", "valueRenderOption": "UNFORMATTED_VALUE"});
    let mut exchange = Exchange::new(&site, &google_sheets::NODE, "", &values);
    insta::assert_snapshot!("sheets", exchange.told().await);
    document_loader::suite(&exchange.node, &exchange.form).await;
    exchange.form.values.insert("includeHeaders".to_owned(), false.into());
    let made = exchange.load().await.unwrap();
    assert!(made[0].page_content.starts_with("| A | B |\n| --- | --- |\n| Day | From |\n"));
    exchange.form.values["spreadsheetIds"] = json!([]);
    assert_eq!(exchange.load().await.unwrap_err().to_string(), "Select Spreadsheet is required");
    site.otherwise(json_page(&json!({"files": [{"id": "s1", "name": "Plan"}]})));
    let offered = exchange.node.options("listSpreadsheets", &exchange.form).await.unwrap();
    assert_eq!(offered[0].name, "s1");
}

#[tokio::test]
async fn files_of_a_bucket_are_read_here_or_by_unstructured() {
    let element = json!([
        {"type": "Title", "text": "Open", "metadata": {"filename": "a.docx", "page_number": 1}},
        {"type": "PageBreak", "text": "", "metadata": {}},
    ]);
    let site = FakeSite::start([
        ("/files/in/library.docx", SitePage::new("application/octet-stream", WORD)),
        ("/general/v0/general", json_page(&element)),
    ])
    .await;
    let values =
        json!({"bucketName": "files", "keyName": "in/library.docx", "region": "eu-west-1"});
    let built_in = Exchange::new(&site, &s3::NODE, "", &values);
    let made = built_in.load().await.unwrap();
    assert!(made[0].page_content.starts_with("The library"));
    assert_eq!(made[0].metadata["source"], "s3://files/in/library.docx");
    document_loader::suite(&built_in.node, &built_in.form).await;
    let signed = &site.calls()[0].headers["authorization"];
    assert!(signed.contains("Credential=secret-awsKey/") && signed.contains("/eu-west-1/s3/"));
    let regions = built_in.node.options("listRegions", &built_in.form).await.unwrap();
    assert!(regions.iter().any(|it| it.name == "us-east-1"));

    let mut values = values;
    values["fileProcessingMethod"] = "unstructured".into();
    values["unstructuredAPIUrl"] = "SITE/general/v0/general".into();
    values["unstructuredAPIKey"] = "k".into();
    let by_service = Exchange::new(&site, &s3::NODE, "", &values);
    let made = by_service.load().await.unwrap();
    assert_eq!((made.len(), made[0].page_content.as_str()), (1, "Open"));
    let known = json!({"filename": "a.docx", "page_number": 1, "category": "Title", "source": "library.docx"});
    assert_eq!(Value::from(made[0].metadata.clone()), known);
    let call = site.calls().pop().unwrap();
    assert_eq!(call.headers["unstructured-api-key"], "k");
    for part in [
        "name=\"hi_res_model_name\"\r\n\r\ndetectron2_onnx\r\n",
        "name=\"skip_infer_table_types\"\r\n\r\n[\"pdf\",\"jpg\",\"png\"]\r\n",
        "name=\"max_characters\"\r\n\r\n500\r\n",
        "name=\"files\"; filename=\"library.docx\"\r\n",
    ] {
        assert!(call.body.contains(part), "{part}");
    }
}

#[tokio::test]
async fn a_folder_of_a_bucket_is_read_file_by_file() {
    let entry = |key: &str, size: usize| {
        format!("<Contents><Key>{key}</Key><Size>{size}</Size></Contents>")
    };
    let listed = [
        entry("in/a.txt", 4),
        entry("in/b.docx", WORD.len()),
        entry("in/c.bin", 3),
        entry("in/d.txt", 0),
    ]
    .concat();
    let xml = |entries: &str| {
        SitePage::new("application/xml", format!("<ListBucketResult>{entries}</ListBucketResult>"))
    };
    let site = FakeSite::start([
        ("/files/?list-type=2&prefix=in%2F", xml(&listed)),
        ("/files/?list-type=2&prefix=none", xml("")),
        ("/files/in/a.txt", SitePage::new("text/plain", "Open")),
        ("/files/in/b.docx", SitePage::new("application/octet-stream", WORD)),
        ("/files/in/c.bin", SitePage::new("application/octet-stream", &b"\0\x01\x02"[..])),
    ])
    .await;
    let values = json!({"bucketName": "files", "prefix": "in/", "serverUrl": "SITE"});
    let mut exchange = Exchange::new(&site, &s3_directory::NODE, "", &values);
    let sources: Vec<Value> =
        exchange.load().await.unwrap().iter().map(|it| it.metadata["source"].clone()).collect();
    assert_eq!(sources, ["s3://files/in/a.txt", "s3://files/in/b.docx"]);
    document_loader::suite(&exchange.node, &exchange.form).await;
    exchange.form.values["prefix"] = "none".into();
    assert!(exchange.load().await.unwrap().is_empty());
    let error =
        "<Error><Code>NoSuchBucket</Code><Message>The bucket does not exist</Message></Error>";
    site.otherwise(SitePage::new("application/xml", error).status(404));
    exchange.form.values["bucketName"] = "gone".into();
    let said = exchange.load().await.unwrap_err().to_string();
    assert_eq!(said, "404 The bucket does not exist (NoSuchBucket)");
    exchange.form.values["bucketName"] = "a/b".into();
    assert!(matches!(exchange.load().await, Err(Error::Unsupported(_))));
}

#[tokio::test]
async fn unstructured_takes_uploads_apart_one_by_one() {
    let element =
        json!([{"type": "NarrativeText", "text": "Open", "metadata": {"filename": "a.txt"}}]);
    let site = FakeSite::start([("/general", json_page(&element))]).await;
    let files = [upload("a.txt", "one"), upload("b.txt", "two")];
    let values = json!({
        "fileObject": Value::from(files.to_vec()).to_string(), "unstructuredAPIUrl": "SITE/general",
        "chunkingStrategy": "None", "ocrLanguages": "[\"deu\", \"eng\"]", "coordinates": true,
    });
    let mut exchange = Exchange::new(&site, &unstructured_file_loader::NODE, "", &values);
    assert_eq!(exchange.load().await.unwrap().len(), 2);
    let body = site.calls().pop().unwrap().body;
    assert_eq!(body.matches("name=\"languages\"").count(), 2);
    assert!(body.contains("name=\"coordinates\"\r\n\r\ntrue\r\n"));
    assert!(!body.contains("max_characters"), "there are no chunks to limit");
    document_loader::suite(&exchange.node, &exchange.form).await;

    site.put(
        "/general",
        json_page(&json!({"detail": "API key secret-unstructuredAPIKey is malformed"})).status(401),
    );
    let said = exchange.load().await.unwrap_err().to_string();
    assert_eq!(said, "401 Unstructured: API key [key] is malformed");
    exchange.form.values["unstructuredAPIUrl"] = "".into();
    let said = exchange.load().await.unwrap_err().to_string();
    assert_eq!(said, "Unstructured API URL is required");
}
