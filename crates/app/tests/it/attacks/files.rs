//! T07, T08: names that want to be paths, and files that are not what they say.

use std::path::Path;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::site::{Site, node, send};

const CANARY: &str = "canary-of-the-host";

/// A flow that takes these media types as attachments, all where there are none.
pub(super) async fn attachments(site: &Site, types: &str) -> String {
    let config = json!({"fullFileUpload": {"status": true, "allowedUploadFileTypes": types}});
    site.save(&site.flow_data("llm-chain"), &json!({"chatbotConfig": config})).await
}

/// Files as a chat window sends them: name, media type, content.
pub(super) fn form(
    site: &Site,
    path: &str,
    files: &[(&str, &str, &[u8])],
    base64: bool,
) -> RequestBuilder {
    let mut body = Vec::new();
    for (name, kind, content) in files {
        body.extend_from_slice(
            format!("--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    if base64 {
        body.extend_from_slice(
            b"--x\r\nContent-Disposition: form-data; name=\"base64\"\r\n\r\ntrue\r\n",
        );
    }
    body.extend_from_slice(b"--x--\r\n");
    let request = site.request(Method::POST, path);
    request.header("content-type", "multipart/form-data; boundary=x").body(body)
}

#[tokio::test]
async fn a_file_that_is_not_what_it_says_is_refused() {
    let site = Site::open().await;
    let flow = attachments(&site, "").await;
    let path = format!("/attachments/{flow}/chat");
    let script = b"<script>alert(1)</script>".as_slice();
    for (name, kind, content, base64) in [
        // The type of the header, of the name and of the content contradict each other.
        ("a.js", "application/pdf", script, true),
        ("a.html", "application/pdf", script, true),
        ("a.pdf", "application/pdf", script, true),
        ("a.pdf", "text/html", b"%PDF-1.7", true),
        ("a.png", "image/png", script, true),
        ("a.txt", "text/plain", b"MZ\x90\0program", true),
        ("a.txt", "text/plain", b"\x7fELFprogram", true),
        ("a.txt", "text/plain", b"%PDF-1.7", true),
        // Programs are taken under no name and no type.
        ("a.exe", "application/octet-stream", b"MZ\x90\0", true),
        ("a.txt", "application/x-msdownload", b"text", true),
        ("a.sh", "text/plain", b"echo", true),
        ("a.php", "text/plain", b"<?php", true),
        ("a.mjs", "text/plain", b"1", true),
        // Not even as text.
        ("a.js", "text/javascript", b"1", false),
        ("a.bin", "application/octet-stream", b"\xff\xfe\0\x01", false),
    ] {
        let answer = send(form(&site, &path, &[(name, kind, content)], base64)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name} as {kind}: {}", answer.text);
        let fetch = format!("/get-upload-file?chatflowId={flow}&chatId=chat&fileName={name}");
        let kept = send(site.request(Method::GET, &fetch)).await;
        assert_eq!(kept.status, StatusCode::NOT_FOUND, "{name} was kept");
    }
    // A flow's owner cannot open what is closed to all.
    let open = attachments(&site, "application/javascript,application/x-msdownload").await;
    let path = format!("/attachments/{open}/chat");
    for (name, kind) in [("a.js", "application/javascript"), ("a.exe", "application/x-msdownload")]
    {
        let answer = send(form(&site, &path, &[(name, kind, b"x")], true)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}: {}", answer.text);
        assert!(answer.text.contains("never taken"), "{}", answer.text);
    }
}

#[tokio::test]
async fn no_json_body_becomes_a_file() {
    let site = Site::open().await;
    std::fs::write(site.home.path().join("secret.txt"), CANARY).unwrap();
    let secret = site.home.path().join("secret.txt");
    let flow = attachments(&site, "").await;
    for field in ["files", "file", "uploads", "f"] {
        for value in [
            json!([{"filepath": secret, "path": secret, "name": "a.txt", "mimetype": "text/plain"}]),
            json!({"f": {"filepath": secret, "originalFilename": "a.txt"}}),
            json!({"length": 1, "0": {"path": secret}}),
        ] {
            for path in ["attachments", "prediction", "vector/upsert"] {
                let chat = if path == "attachments" { "/chat" } else { "" };
                let body = json!({"question": "Bob", field: value});
                let answer = site.call(Method::POST, &format!("/{path}/{flow}{chat}"), &body).await;
                assert!(answer.status.as_u16() < 500, "{path} {field}: {}", answer.text);
                assert!(!answer.text.contains(CANARY), "{path} {field}: {}", answer.text);
            }
        }
    }
    let fetch = format!("/get-upload-file?chatflowId={flow}&chatId=chat&fileName=a.txt");
    assert_eq!(send(site.request(Method::GET, &fetch)).await.status, StatusCode::NOT_FOUND);
    assert!(!site.provider.requests().iter().any(|it| it.body.to_string().contains(CANARY)));
}

#[tokio::test]
async fn what_was_uploaded_is_saved_and_never_shown() {
    let site = Site::open().await;
    let flow = attachments(&site, "").await;
    let page = b"<script>alert(1)</script>".as_slice();
    let path = format!("/attachments/{flow}/chat");
    for (name, kind) in
        [("a.html", "text/html"), ("a.xml", "text/xml"), ("a.svg", "image/svg+xml"), ("a", "x/y")]
    {
        let sent = send(form(&site, &path, &[(name, kind, page)], true)).await;
        assert_eq!(sent.status, StatusCode::OK, "{}", sent.text);
        let fetch = format!("/get-upload-file?chatflowId={flow}&chatId=chat&fileName={name}");
        let got = send(site.request(Method::GET, &fetch)).await;
        assert_eq!(got.text.as_bytes(), page, "{name}");
        assert!(got.header("content-disposition").starts_with("attachment"), "{name}");
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        assert!(got.header("content-security-policy").contains("sandbox"), "{name}");
        assert!(!got.header("content-type").contains("html"), "{}", got.header("content-type"));
    }
}

/// Names that led elsewhere in other programs; `{}` is the canary without its first slash.
fn hostile_names(canary: &Path) -> Vec<String> {
    let rooted = canary.to_str().unwrap();
    let bare = rooted.trim_start_matches('/');
    let up = "../".repeat(12);
    let mut names: Vec<String> = [
        rooted.to_owned(),
        format!("{up}{bare}"),
        format!("a/{up}{bare}"),
        format!("....//....//....//....//....//....//{bare}"),
        up.replace('/', "\\") + &bare.replace('/', "\\"),
        format!("{}{bare}", "%2e%2e%2f".repeat(12)),
        format!("{}{bare}", "%252e%252e%252f".repeat(12)),
        format!("{}{bare}", "..%2f".repeat(12)),
        format!("{}{bare}", "..%5c".repeat(12)),
        format!("{}{bare}", "..%c0%af".repeat(12)),
        format!("{}{bare}", "\u{2025}/".repeat(12)),
        format!("{}{bare}", "．．／".repeat(12)),
        format!("file://{rooted}"),
        format!("file:{rooted}"),
        format!("//localhost/{bare}"),
        format!("\\\\localhost\\{bare}"),
        format!("\\\\?\\{rooted}"),
        format!("C:\\{bare}"),
        format!("{rooted}\0.txt"),
        format!("a.txt\0{rooted}"),
        format!("{rooted}\n"),
        format!("\u{202e}{rooted}"),
        format!("~/{bare}"),
        format!("$HOME/{bare}"),
        format!("${{HOME}}/{bare}"),
        format!("`cat {rooted}`"),
        format!("$(cat {rooted})"),
        format!("|cat {rooted}"),
        format!("{rooted}?x"),
        format!("{rooted}#x"),
        format!("{rooted} "),
        format!("{rooted}."),
        format!("{rooted}/"),
        format!("{rooted}/."),
        format!("{rooted}::$DATA"),
        format!("/proc/self/root{rooted}"),
        format!("/proc/self/cwd/{}", canary.file_name().unwrap().to_str().unwrap()),
        "/proc/self/environ".to_owned(),
        "/dev/zero".to_owned(),
        "/etc/passwd".to_owned(),
        "../.flowstone/encryption.key".to_owned(),
        "../../../database.sqlite".to_owned(),
        "database.sqlite".to_owned(),
        "encryption.key".to_owned(),
    ]
    .into();
    names.extend(
        ["", ".", "..", "...", "/", "\\", "./", "../", "..;/", "CON", "nul", "aux.txt"]
            .map(str::to_owned),
    );
    names.extend(["a".repeat(4096), "../".repeat(1400), "%00".to_owned(), "\u{7f}".to_owned()]);
    names
}

/// Every file below a folder with its size, without the database's own.
fn inventory(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() && path.ends_with(".flowstone/storage") {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if !path.to_str().unwrap().contains("database.sqlite") {
                found.push(format!("{} {}", path.display(), entry.metadata().unwrap().len()));
            }
        }
    }
    found.sort();
    found
}

/// T07: no name reaches a file outside of where it belongs, whichever way it comes in.
#[tokio::test]
async fn no_name_is_a_path() {
    let site = Site::open().await;
    let canary = site.home.path().join("canary.txt");
    std::fs::write(&canary, CANARY).unwrap();
    let flow = attachments(&site, "").await;
    let mut reader = site.flow_data("tool-agent");
    for (place, name) in [("customTool_0", "readFile"), ("calculator_0", "writeFile")] {
        let tool = node(&mut reader, place);
        tool["name"] = name.into();
        tool["version"] = 1.into();
        tool["inputs"] = json!({});
    }
    let agent = site.save(&reader, &json!({})).await;
    let before = inventory(site.home.path());

    let seen = |text: &str, place: &str, name: &str| {
        for secret in [CANARY, "root:x:0", "SQLite format"] {
            assert!(!text.contains(secret), "{place} with {name:?} tells {secret}: {text}");
        }
        for inside in [site.home.path().to_str().unwrap(), "os error", "No such file"] {
            // What a caller said itself may be said again.
            let told = text.contains(inside) && !name.contains(inside);
            assert!(!told, "{place} with {name:?} tells {inside}: {text}");
        }
    };
    for name in hostile_names(&canary) {
        let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let encoded = encoded.replace('+', "%20");
        for query in [
            format!("chatflowId={flow}&chatId=chat&fileName={encoded}"),
            format!("chatflowId={flow}&chatId={encoded}&fileName=canary.txt"),
            format!("chatflowId={encoded}&chatId=chat&fileName=canary.txt"),
        ] {
            let got = send(site.request(Method::GET, &format!("/get-upload-file?{query}"))).await;
            assert!(got.status.is_client_error(), "{query}: {} {}", got.status, got.text);
            seen(&got.text, "get-upload-file", &name);
        }
        if !name.is_empty() && name != "." && name != ".." && !name.contains('\0') {
            let path = format!("/attachments/{flow}/{encoded}");
            let sent = send(form(&site, &path, &[("a.txt", "text/plain", b"x")], true)).await;
            assert!(sent.status.as_u16() < 500, "{path}: {}", sent.text);
            seen(&sent.text, "attachments by chat", &name);
        }
        let shown = name.replace(['\r', '\n', '"'], "_");
        let sent =
            form(&site, &format!("/attachments/{flow}/chat"), &[(&shown, "x/y", b"x")], true);
        let sent = send(sent).await;
        assert!(sent.status.as_u16() < 500, "{name:?}: {}", sent.text);
        for upload in [
            json!({"type": "stored-file", "name": name, "mime": "text/plain", "data": ""}),
            json!({"type": "stored-file:full", "name": name, "mime": "text/plain"}),
            json!({"type": "file", "name": name, "mime": "text/plain", "data": "data:text/plain;base64,eA=="}),
            json!({"type": "url", "name": name, "mime": "text/plain", "data": name}),
        ] {
            let body = json!({"question": "Bob", "chatId": "chat", "uploads": [upload]});
            let asked = site.ask(&flow, &body).await;
            assert!(asked.status.as_u16() < 500 || asked.text.contains("message"), "{name:?}");
            seen(&asked.text, "uploads", &name);
        }
        let written = json!({"file_path": name, "text": "overwritten"});
        let read = json!({"file_path": name});
        for (tool, arguments) in [("read_file", read), ("write_file", written)] {
            let question = format!("[[tool:{tool} {arguments}]]");
            let asked = site.ask(&agent, &json!({"question": question})).await;
            seen(&asked.text, tool, &name);
        }
    }
    assert_eq!(std::fs::read_to_string(&canary).unwrap(), CANARY);
    assert_eq!(inventory(site.home.path()), before, "nothing was written beside the storage");
    let told = site.provider.requests();
    assert!(!told.iter().any(|it| it.body.to_string().contains(CANARY)), "a model was told");
}

/// T07: rows of nodes that name a file of the machine.
#[tokio::test]
async fn no_row_of_a_node_reads_the_machine() {
    let site = Site::open().await;
    let canary = site.home.path().join("canary.txt");
    std::fs::write(&canary, format!("{CANARY}\n")).unwrap();
    let mut tried = 0;
    for kind in flowstone_nodes::ALL {
        let spec = kind.spec();
        let rows: Vec<&str> = spec
            .inputs
            .iter()
            .filter(|it| matches!(it.kind, "file" | "folder"))
            .map(|it| it.name)
            .collect();
        for row in rows {
            for value in [
                json!(canary),
                json!(format!("FILE-STORAGE::{}", canary.display())),
                json!(format!("FILE-STORAGE::[\"{}\"]", canary.display())),
                json!("FILE-STORAGE::../../../../canary.txt"),
                json!(format!("file://{}", canary.display())),
            ] {
                let body = json!({"name": spec.name, "label": spec.label, "inputs": {row: value}});
                let flow = json!({"nodes": [{"id": "n_0", "data": {
                    "id": "n_0", "label": spec.label, "name": spec.name, "inputs": {row: value},
                }}], "edges": []});
                let id = site.save(&flow, &json!({})).await;
                for (path, body) in [
                    (format!("/prediction/{id}"), json!({"question": "x"})),
                    (format!("/vector/internal-upsert/{id}"), json!({"stopNodeId": "n_0"})),
                    (format!("/node-load-method/{}", spec.name), body),
                ] {
                    let answer = send(site.signed_in(Method::POST, &path).json(&body)).await;
                    assert!(!answer.text.contains(CANARY), "{} {path}: {}", spec.name, answer.text);
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 20, "{tried}");
    let told: Vec<Value> = site.provider.requests().into_iter().map(|it| it.body).collect();
    assert!(!told.iter().any(|it| it.to_string().contains(CANARY)));
}
