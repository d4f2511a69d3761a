//! Documents from files of Google Drive.

use flowstone_core::{
    Document, Error, Input, Inputs, Result, Spec,
    node::Entry,
    spec::{Choice, CredentialSlot, Default},
};
use flowstone_providers::google::{self, Drive, FOLDER, File};
use futures::FutureExt;
use serde_json::{Value, json};

use super::{
    parsed::{self, Settings},
    remote::{Gathered, Remote, Source, filled},
};
use crate::{
    account::{self, Account},
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files::UploadedFile,
};

static SELECTED: Input<Vec<String>> = {
    let mut it = Input::of("Select Files", "selectedFiles", "asyncMultiOptions")
        .describe("The files to load; the newest are offered");
    it.field.load_method = Some("listFiles");
    it.field.refresh = true;
    it.field.optional = true;
    it
};
static FOLDER_ID: Input<Option<String>> = Input::text("Folder ID", "folderId")
    .describe("Loads all files of this folder instead: the part of its address behind /folders/")
    .placeholder("1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms")
    .optional();
const TYPES: Input<Vec<String>> = {
    let mut it = Input::multi_options(
        "File Types",
        "fileTypes",
        &[
            Choice::new(DOCUMENT, "Google Docs"),
            Choice::new(google::SPREADSHEET, "Google Sheets"),
            Choice::new(SLIDES, "Google Slides"),
            Choice::new("application/pdf", "PDF Files"),
            Choice::new("text/plain", "Text Files"),
            Choice::new(DOCX, "Word Documents"),
            Choice::new(PPTX, "PowerPoint"),
            Choice::new(XLSX, "Excel Files"),
        ],
    )
    .describe("Kinds of files that are loaded; others are passed over");
    it.field.optional = true;
    it.field.default = Default::Json(
        "[\"application/vnd.google-apps.document\",\
         \"application/vnd.google-apps.spreadsheet\",\
         \"application/vnd.google-apps.presentation\",\
         \"text/plain\",\
         \"application/pdf\",\
         \"application/vnd.openxmlformats-officedocument.wordprocessingml.document\",\
         \"application/vnd.openxmlformats-officedocument.presentationml.presentation\",\
         \"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\"]",
    );
    it
};
const SUBFOLDERS: Input<bool> = Input::flag("Include Subfolders", "includeSubfolders")
    .default(false)
    .describe("Loads files of folders below the folder too")
    .may_be_empty();
const SHARED: Input<bool> = Input::flag("Include Shared Drives", "includeSharedDrives")
    .default(false)
    .describe("Finds files of shared drives too")
    .may_be_empty();
const MOST: Input<Option<u64>> = Input::whole("Max Files", "maxFiles")
    .default(50)
    .describe("Most files of the folder that are loaded")
    .optional();

const DOCUMENT: &str = "application/vnd.google-apps.document";
const SLIDES: &str = "application/vnd.google-apps.presentation";
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Longest file that is read, in bytes.
const LONGEST: usize = 100 << 20;
/// Most folders that are looked into.
const MOST_FOLDERS: usize = 1000;
/// How many files the drop-down offers.
const OFFERED: usize = 100;

static SPEC: Spec = Spec {
    label: "Google Drive",
    name: "googleDrive",
    version: 1.0,
    kind: "Document",
    icon: "document-service.svg",
    category: "Document Loaders",
    description: "Makes documents of files in Google Drive",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["googleDriveOAuth2"])),
    inputs: &[
        SELECTED.field,
        FOLDER_ID.field,
        TYPES.field,
        SUBFOLDERS.field,
        SHARED.field,
        MOST.field,
        TEXT_SPLITTER.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote = Remote::new(&SPEC, google::DRIVE, |it| load(it).boxed())
    .listing(|method, source| offered(method, source).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let inputs = source.inputs;
    let selected = inputs.get(&SELECTED)?;
    let folder = filled(inputs.get(&FOLDER_ID)?);
    let field = if selected.is_empty() { &FOLDER_ID.field } else { &SELECTED.field };
    let types = inputs.get(&TYPES)?;
    let account = Account::of(inputs, account::GOOGLE)?;
    let token = account.token().await?;
    let drive = drive(&source, &token)?;
    let mut gathered = Gathered::of(&inputs.services);
    let files = match folder {
        _ if !selected.is_empty() => {
            let mut files = Vec::new();
            for id in selected {
                match drive.file(&id).await {
                    Ok(file) => files.push(file),
                    Err(error) => gathered.add(&id, Err(error))?,
                }
            }
            files.retain(|it| types.is_empty() || types.contains(&it.mime_type));
            files
        }
        Some(folder) => below(&drive, folder, &types, inputs).await?,
        None => {
            let reason = "choose files, or name a folder under Folder ID";
            return Err(Error::invalid(&SELECTED.field, reason));
        }
    };
    for file in files {
        let made = documents_of(&drive, &file).await;
        gathered.add(&file.name, made)?;
    }
    gathered.documents(field)
}

fn drive<'a>(source: &'a Source<'_>, token: &'a str) -> Result<Drive<'a>> {
    let shared = source.inputs.get(&SHARED)?;
    Ok(Drive { http: &source.http, address: source.address, token, shared })
}

/// The files of a folder of these kinds, those of folders below where the form says so.
async fn below(
    drive: &Drive<'_>,
    folder: String,
    types: &[String],
    inputs: &Inputs,
) -> Result<Vec<File>> {
    let most = match inputs.get(&MOST)? {
        None | Some(0) => 50,
        Some(most) => usize::try_from(most).unwrap_or(usize::MAX),
    };
    let deep = inputs.get(&SUBFOLDERS)?;
    let kinds = of_kinds(types, deep);
    let mut folders = vec![folder];
    let mut files: Vec<File> = Vec::new();
    let mut looked_into = 0;
    while let Some(folder) = folders.pop() {
        looked_into += 1;
        if looked_into > MOST_FOLDERS {
            break;
        }
        let query = format!("{} in parents and trashed = false{kinds}", google::quoted(&folder));
        for file in drive.list(&query, false, usize::MAX).await? {
            match file.mime_type == FOLDER {
                true if deep => folders.push(file.id),
                true => {}
                false => files.push(file),
            }
        }
        if files.len() >= most {
            break;
        }
    }
    files.truncate(most);
    Ok(files)
}

/// The part of a query that asks for these kinds; nothing for all.
fn of_kinds(types: &[String], folders_too: bool) -> String {
    if types.is_empty() {
        return String::new();
    }
    let folder = folders_too.then_some(FOLDER);
    let kinds = types.iter().map(String::as_str).chain(folder);
    let kinds = kinds.map(|it| format!("mimeType={}", google::quoted(it)));
    format!(" and ({})", kinds.collect::<Vec<_>>().join(" or "))
}

async fn documents_of(drive: &Drive<'_>, file: &File) -> Result<Vec<Document>> {
    // Google's own kinds have no content of their own: they are written out as others.
    let (content, ending) = match file.mime_type.as_str() {
        DOCUMENT => (drive.export(&file.id, DOCX, LONGEST).await?, ".docx"),
        google::SPREADSHEET => (drive.export(&file.id, XLSX, LONGEST).await?, ".xlsx"),
        SLIDES => (drive.export(&file.id, PPTX, LONGEST).await?, ".pptx"),
        _ => (drive.read(&file.id, LONGEST).await?, ""),
    };
    let upload = UploadedFile::named(format!("{}{ending}", file.name), content);
    let how = Settings { per_page: true, jsonl_key: None };
    let mut made = documents::blocking(move || parsed::any(&SELECTED.field, &upload, &how)).await?;
    let pages = made.len();
    for (index, document) in made.iter_mut().enumerate() {
        let Value::Object(known) = about(file, pages, index) else { continue };
        document.metadata.extend(known.into_iter().filter(|(_, it)| !it.is_null()));
    }
    Ok(made)
}

fn about(file: &File, pages: usize, index: usize) -> Value {
    let link = || format!("https://drive.google.com/file/d/{}/view", file.id);
    json!({
        "source": file.web_view_link.clone().unwrap_or_else(link),
        "fileId": file.id,
        "fileName": file.name,
        "mimeType": file.mime_type,
        "size": file.size.as_ref().and_then(|it| it.parse::<u64>().ok()),
        "createdTime": file.created_time,
        "modifiedTime": file.modified_time,
        "parents": file.parents,
        "totalPages": pages,
        "pageIndex": index,
        "driveId": file.drive_id,
    })
}

/// The newest files of the kinds that are loaded.
async fn offered(method: &str, source: Source<'_>) -> Result<Vec<Entry>> {
    if method != "listFiles" {
        return Err(Error::Unsupported(format!("there is no list {method}")));
    }
    if source.inputs.credential.is_none() {
        return Ok(Vec::new());
    }
    let account = Account::of(source.inputs, account::GOOGLE)?;
    let token = account.token().await?;
    let drive = drive(&source, &token)?;
    let kinds = of_kinds(&source.inputs.get(&TYPES)?, false);
    let found = drive.list(&format!("trashed = false{kinds}"), true, OFFERED).await?;
    let entry = |file: File| {
        let kind = TYPES.field.options.iter().find(|it| it.name == file.mime_type)?.label;
        let changed = file.modified_time.as_deref().and_then(|it| it.get(..10)).unwrap_or("?");
        Some(Entry::new(file.id, file.name).describe(format!("{kind}, changed {changed}")))
    };
    Ok(found.into_iter().filter_map(entry).collect())
}
