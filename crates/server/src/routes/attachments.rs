//! Files that come with a question: their text, and fetching them again.

use axum::{
    Json,
    body::Body as AxumBody,
    extract::{FromRequest, Path, Request, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use base64::Engine as _;
use flowstone_core::{Capability, Error, FilePlace, Node};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    flow_view::check_id,
    predictions::{Asked, File},
};
use crate::{
    AppState, Body, Problem, Query,
    auth::ClientAddress,
    openapi::{Kind, doc},
    prediction::{self, LiveFlow},
    problem::Result,
    route::{Policy, Routes},
};

/// Endings of files with the media types that may be said of them. What is not listed is taken by
/// its media type alone.
const TYPES: &[(&str, &[&str])] = &[
    ("csv", &["text/csv", "application/vnd.ms-excel", "text/plain"]),
    ("doc", &["application/msword"]),
    ("docx", &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"]),
    ("gif", &["image/gif"]),
    ("htm", &["text/html"]),
    ("html", &["text/html"]),
    ("jpeg", &["image/jpeg"]),
    ("jpg", &["image/jpeg"]),
    ("json", &["application/json", "text/json"]),
    ("jsonl", &["application/jsonl", "application/x-ndjson", "text/jsonl", "text/plain"]),
    ("md", &["text/markdown", "text/x-markdown", "text/plain"]),
    ("pdf", &["application/pdf"]),
    ("png", &["image/png"]),
    ("ppt", &["application/vnd.ms-powerpoint"]),
    ("pptx", &["application/vnd.openxmlformats-officedocument.presentationml.presentation"]),
    ("sql", &["application/sql", "text/x-sql", "text/plain"]),
    ("txt", &["text/plain"]),
    ("webp", &["image/webp"]),
    ("xls", &["application/vnd.ms-excel"]),
    ("xlsx", &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]),
    ("xml", &["application/xml", "text/xml"]),
    ("yaml", &["application/yaml", "application/x-yaml", "text/yaml"]),
    ("yml", &["application/yaml", "application/x-yaml", "text/yaml"]),
];

/// How files of an ending begin, for those whose beginning tells what they are.
const BEGINNINGS: &[(&[&str], &[&[u8]])] = &[
    (&["doc", "ppt", "xls"], &[b"\xd0\xcf\x11\xe0"]),
    (&["docx", "pptx", "xlsx", "zip"], &[b"PK\x03\x04", b"PK\x05\x06"]),
    (&["gif"], &[b"GIF8"]),
    (&["jpeg", "jpg"], &[b"\xff\xd8\xff"]),
    (&["pdf"], &[b"%PDF-"]),
    (&["png"], &[b"\x89PNG\r\n\x1a\n"]),
    (&["webp"], &[b"RIFF"]),
    // Nothing is kept under these endings; files under all others must not begin like these.
    (&["exe"], &[b"MZ\x90", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"#!/"]),
];
/// How far readers look for the beginning of a PDF.
const JUNK: usize = 1024;
/// What is taken from nobody, whatever a flow's settings say: what browsers and systems run.
const PROGRAMS: &[&str] = &[
    "application/ecmascript",
    "application/java-archive",
    "application/javascript",
    "application/vnd.microsoft.portable-executable",
    "application/wasm",
    "application/x-bat",
    "application/x-dosexec",
    "application/x-elf",
    "application/x-executable",
    "application/x-httpd-php",
    "application/x-javascript",
    "application/x-mach-binary",
    "application/x-msdos-program",
    "application/x-msdownload",
    "application/x-msi",
    "application/x-sh",
    "application/x-sharedlib",
    "application/x-shellscript",
    "text/ecmascript",
    "text/javascript",
    "text/x-shellscript",
];
/// The endings of such files.
const PROGRAM_ENDINGS: &[&str] = &[
    "apk", "app", "bash", "bat", "cjs", "class", "cmd", "com", "cpl", "dll", "dylib", "elf", "exe",
    "hta", "jar", "js", "jse", "jsp", "lnk", "mjs", "msi", "php", "phtml", "ps1", "scr", "sh",
    "so", "swf", "vbe", "vbs", "wasm", "wsf",
];

pub(super) fn routes() -> Routes {
    Routes::new()
        .post(
            "/attachments/{flow}/{chat}",
            Policy::Anonymous(
                "the flow's own key, allowed origins and call limit; only where it takes files",
            ),
            attach,
        )
        .doc(
            doc("Attach files to a chat")
                .takes_form::<Value>()
                .gives::<Value>()
                .problem(401)
                .problem(403)
                .problem(429),
        )
        .get(
            "/get-upload-file",
            Policy::Anonymous("whoever knows the ids of the flow and the chat, as chat windows do"),
            fetch,
        )
        .doc(
            doc("Fetch a file of a chat")
                .query("chatflowId", Kind::Text, "Id of the flow.")
                .query("chatId", Kind::Text, "Id of the chat.")
                .query("fileName", Kind::Text, "Name of the file.")
                .gives_file("application/octet-stream")
                .problem(400)
                .problem(404),
        )
        .post(
            "/openai-assistants-file/download",
            Policy::Anonymous("whoever knows the ids of the flow and the chat, as chat windows do"),
            fetch_written,
        )
        .doc(
            doc("Fetch a file that an assistant wrote")
                .takes::<FileOfChat>()
                .gives_file("application/octet-stream")
                .problem(400)
                .problem(404),
        )
}

/// Which file of which chat.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FileOfChat {
    chatflow_id: Option<String>,
    chat_id: Option<String>,
    file_name: Option<String>,
}

/// A file with the text that was found in it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    name: String,
    mime_type: String,
    size: usize,
    content: String,
}

async fn attach(
    State(state): State<AppState>,
    Path((flow, chat)): Path<(String, String)>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    request: Request,
) -> Result<Response> {
    check_id(&flow)?;
    check_name(&chat).map_err(|()| Problem::bad_request("Invalid path characters detected"))?;
    let live = state.flows.get(&state.store, &flow).await?;
    prediction::admit(&state, &flow, "attachments", address).await?;
    if let Err(refusal) = prediction::may_enter(&state, &live, &headers).await {
        return Ok(refusal.into_response());
    }
    let asked = Asked::from_request(request, &state).await?;
    if asked.files.is_empty() {
        return Ok(Json(Vec::<Attachment>::new()).into_response());
    }
    let rules = Rules::of(&live)?;
    let as_base64 = asked.fields.get("base64").is_some_and(|it| it == true || it == "true");
    for file in &asked.files {
        rules.check(file)?;
    }
    let mut attached = Vec::with_capacity(asked.files.len());
    for file in asked.files {
        let content = if as_base64 {
            base64::engine::general_purpose::STANDARD.encode(&file.bytes)
        } else {
            text_of(&state, &live, &rules, &file).await?
        };
        let size = file.bytes.len();
        let place = place(&live, &chat);
        let stored = state.engine.services().files.write(place, &file.name, file.bytes.to_vec());
        stored.await.map_err(refused)?;
        attached.push(Attachment { name: file.name, mime_type: file.mime, size, content });
    }
    Ok(Json(attached).into_response())
}

/// What a flow's settings say of files whose text goes into the question.
struct Rules {
    allowed: Vec<String>,
    settings: Value,
}

impl Rules {
    /// # Errors
    /// 400 where the flow takes no files.
    fn of(live: &LiveFlow) -> Result<Self> {
        let config = live.flow.chatbot_config.as_deref().unwrap_or_default();
        let config: Value = serde_json::from_str(config).unwrap_or_default();
        let settings = config["fullFileUpload"].clone();
        if settings["status"] != true {
            return Err(Problem::bad_request(
                "File uploads are not enabled for this flow: switch them on in its settings, File Upload",
            ));
        }
        let listed = settings["allowedUploadFileTypes"].as_str().unwrap_or_default().split(',');
        let allowed = listed.map(|it| it.trim().to_ascii_lowercase()).filter(|it| !it.is_empty());
        Ok(Self { allowed: allowed.collect(), settings })
    }

    fn check(&self, file: &File) -> Result<()> {
        check_name(&file.name).map_err(|()| {
            Problem::bad_request("Invalid path characters detected in the name of a file")
        })?;
        let mime = media_type(&file.mime);
        let ending = ending(&file.name);
        if PROGRAMS.contains(&mime.as_str()) || PROGRAM_ENDINGS.contains(&ending.as_str()) {
            return Err(Problem::bad_request(format!(
                "\"{}\" is a program or a script: such files are never taken",
                file.name
            )));
        }
        if !self.allowed.is_empty() && !self.allowed.contains(&mime) {
            let allowed = self.allowed.join(", ");
            return Err(Problem::bad_request(format!(
                "File type '{mime}' is not allowed. Allowed types: {allowed}"
            )));
        }
        let known = TYPES.iter().find(|(it, _)| *it == ending);
        if let Some((_, types)) = known
            && !types.contains(&mime.as_str())
        {
            let fitting = TYPES.iter().find(|(_, types)| types.contains(&mime.as_str()));
            let expected = fitting.map_or(types[0], |(ending, _)| ending);
            return Err(Problem::bad_request(format!(
                "MIME type mismatch: file extension \"{ending}\" does not match declared MIME type \"{mime}\". \
                 Expected: {expected}"
            )));
        }
        if !begins_rightly(&ending, &file.bytes) {
            return Err(Problem::bad_request(format!(
                "\"{}\" does not hold what its ending says",
                file.name
            )));
        }
        Ok(())
    }
}

/// Whether a file begins as those of its ending do, and not as those of another one.
fn begins_rightly(ending: &str, bytes: &[u8]) -> bool {
    let begins = |with: &[&[u8]]| with.iter().any(|it| bytes.starts_with(it));
    match BEGINNINGS.iter().find(|(endings, _)| endings.contains(&ending)) {
        Some((_, [pdf])) if ending == "pdf" => {
            let head = &bytes[..bytes.len().min(JUNK)];
            head.windows(pdf.len()).any(|it| it == *pdf)
        }
        Some((_, with)) => begins(with),
        // EPUB books and OpenDocument files are archives too.
        None => !BEGINNINGS.iter().any(|(endings, with)| !endings.contains(&"zip") && begins(with)),
    }
}

/// The text of a file: read by the loader that is made for its ending, else as plain text.
async fn text_of(state: &AppState, live: &LiveFlow, rules: &Rules, file: &File) -> Result<String> {
    let Some((node, row)) = loader(state, &ending(&file.name)) else {
        let text = String::from_utf8(file.bytes.to_vec()).map_err(|_| {
            Problem::bad_request(format!(
                "\"{}\" is neither text nor of a kind that this installation reads",
                file.name
            ))
        })?;
        return Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned());
    };
    let mut inputs = match &rules.settings[node.spec().name] {
        Value::Object(settings) => settings.clone(),
        _ => Map::new(),
    };
    inputs.insert(row.to_owned(), data_uri(file).into());
    let node = json!({ "name": node.spec().name, "label": node.spec().label, "inputs": inputs });
    let built = state.engine.build(&node, &live.flow.workspace_id).await;
    let Capability::Documents(documents) = built.map_err(unreadable)? else {
        return Err(Problem::bad_request(format!("\"{}\" could not be read", file.name)));
    };
    let texts: Vec<&str> = documents.iter().map(|it| it.page_content.as_str()).collect();
    Ok(texts.join("\n"))
}

/// What is wrong with a file is its sender's to mend.
fn unreadable(error: flowstone_engine::Error) -> Problem {
    match error.root() {
        flowstone_engine::Error::Node(node) => Problem::bad_request(node.to_string()),
        _ => error.into(),
    }
}

/// The document loader whose file row takes `ending`, with that row: of several the one that takes
/// the fewest, as it is made for it.
fn loader(state: &AppState, ending: &str) -> Option<(&'static dyn Node, &'static str)> {
    let wanted = format!(".{ending}");
    let loaders = state.engine.catalog().all().iter().copied().filter(|it| {
        let spec = it.spec();
        spec.category == "Document Loaders" && spec.credential.is_none()
    });
    let fitting = loaders.filter_map(|node| {
        let row = node.spec().inputs.iter().find(|it| it.kind == "file")?;
        let endings: Vec<&str> = row.file_type?.split(',').map(str::trim).collect();
        endings.contains(&wanted.as_str()).then_some((endings.len(), node, row.name))
    });
    fitting.min_by_key(|(endings, ..)| *endings).map(|(_, node, row)| (node, row))
}

fn data_uri(file: &File) -> String {
    let content = base64::engine::general_purpose::STANDARD.encode(&file.bytes);
    format!("data:{};base64,{content},filename:{}", media_type(&file.mime), file.name)
}

fn place<'a>(live: &'a LiveFlow, chat: &'a str) -> FilePlace<'a> {
    FilePlace::Chat { workspace: &live.flow.workspace_id, flow: &live.flow.id, chat }
}

/// A media type without its parameters, in lower case.
fn media_type(text: &str) -> String {
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default()
}

/// Refuses what could be more than one name.
fn check_name(name: &str) -> Result<(), ()> {
    let bad = name.is_empty()
        || name.contains(['/', '\\', '\0'])
        || name.contains("..")
        || name.chars().any(char::is_control);
    if bad { Err(()) } else { Ok(()) }
}

fn refused(error: Error) -> Problem {
    match error.root() {
        Error::Unsupported(said) => Problem::bad_request(said.clone()),
        _ => error.into(),
    }
}

/// A file of a chat. It is always saved, never shown: what a stranger uploaded must not run as a
/// page of this origin.
async fn fetch(State(state): State<AppState>, query: Query) -> Result<Response> {
    let file = [query.get("chatflowId"), query.get("chatId"), query.get("fileName")];
    file_of_chat(&state, file).await
}

async fn fetch_written(
    State(state): State<AppState>,
    Body(file): Body<FileOfChat>,
) -> Result<Response> {
    let FileOfChat { chatflow_id, chat_id, file_name } = &file;
    file_of_chat(&state, [chatflow_id, chat_id, file_name].map(Option::as_deref)).await
}

/// The file of this name in this chat of this flow.
async fn file_of_chat(state: &AppState, [flow, chat, name]: [Option<&str>; 3]) -> Result<Response> {
    let (Some(flow), Some(chat), Some(name)) = (flow, chat, name) else {
        return Err(Problem::bad_request("Invalid file path"));
    };
    check_id(flow).map_err(|_| Problem::bad_request("Invalid chatflowId format"))?;
    check_name(chat).map_err(|()| Problem::bad_request("Invalid path characters detected"))?;
    check_name(name)
        .map_err(|()| Problem::bad_request("Invalid path characters detected in filename"))?;
    let live = state.flows.get(&state.store, flow).await?;
    let read = state.engine.services().files.read(place(&live, chat), name).await;
    let bytes = read.map_err(|error| match error.root() {
        Error::Unsupported(_) => Problem::not_found(format!("File {name} not found")),
        _ => error.into(),
    })?;
    let mut response = Response::new(AxumBody::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_DISPOSITION, disposition(name));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'self'"),
    );
    Ok(response)
}

/// `attachment` with the name in ASCII and, where it has other characters, whole beside it.
fn disposition(name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|it| if it.is_ascii_graphic() && it != '"' || it == ' ' { it } else { '?' })
        .collect();
    let mut text = format!("attachment; filename=\"{plain}\"");
    if plain != name {
        let whole: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        text.push_str("; filename*=UTF-8''");
        text.push_str(&whole.replace('+', "%20"));
    }
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_types_are_checked() {
        for bad in ["", "../x", "a/b", "a\\b", "..", "a\0"] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
        assert!(check_name("report 1.pdf").is_ok());
        assert_eq!(media_type("Text/Plain; charset=utf-8"), "text/plain");
        assert_eq!(ending("a.tar.GZ"), "gz");
        assert_eq!(disposition("a.txt"), "attachment; filename=\"a.txt\"");
        assert_eq!(
            disposition("é \".txt"),
            "attachment; filename=\"? ?.txt\"; filename*=UTF-8''%C3%A9%20%22.txt"
        );
    }

    #[test]
    fn a_file_must_hold_what_its_ending_says() {
        for (ending, bytes, right) in [
            ("pdf", b"%PDF-1.7".as_slice(), true),
            ("pdf", b"\nsome junk %PDF-1.4", true),
            ("pdf", b"<html>", false),
            ("png", b"\x89PNG\r\n\x1a\n...", true),
            ("png", b"GIF89a", false),
            ("docx", b"PK\x03\x04", true),
            ("docx", b"", false),
            ("epub", b"PK\x03\x04", true),
            ("txt", b"MZ is a beginning", true),
            ("txt", b"MZ\x90\0", false),
            ("txt", b"%PDF-1.7", false),
            ("", b"\x7fELF", false),
            ("", b"", true),
        ] {
            assert_eq!(begins_rightly(ending, bytes), right, "{ending} {bytes:?}");
        }
    }

    #[test]
    fn a_file_must_be_of_the_type_it_says() {
        let rules = Rules {
            allowed: vec!["text/plain".to_owned(), "application/pdf".to_owned()],
            settings: Value::Null,
        };
        let said = |name: &str, mime: &str| {
            let file = File { name: name.to_owned(), mime: mime.to_owned(), bytes: "x".into() };
            rules.check(&file).err().map(|it| it.message().to_owned())
        };
        assert_eq!(said("a.txt", "text/plain; charset=utf-8"), None);
        assert!(said("a.exe", "text/plain").unwrap().contains("never taken"));
        assert!(said("a.txt", "Text/JavaScript").unwrap().contains("never taken"));
        let foreign = said("a.bin", "application/octet-stream").unwrap();
        assert!(foreign.ends_with("Allowed types: text/plain, application/pdf"), "{foreign}");
        assert!(said("a.txt", "application/pdf").unwrap().ends_with("Expected: pdf"));
    }
}
