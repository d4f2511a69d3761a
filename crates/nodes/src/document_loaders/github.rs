//! Documents from the files of a GitHub repository.

use flowstone_core::{Document, Error, Input, Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_providers::github::{self, Item, Repository};
use futures::{FutureExt, StreamExt, stream};
use serde_json::{Value, json};

use super::{
    ignored::Ignored,
    remote::{Gathered, Remote, Source, document, filled, required},
};
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files::UploadedFile,
};

const LINK: Input<String> = Input::text("Repo Link", "repoLink")
    .describe("Address of the repository, or of a folder in it")
    .placeholder("https://github.com/owner/repository");
const BRANCH: Input<String> = Input::text("Branch", "branch")
    .default("main")
    .describe("Branch, tag or commit whose files are loaded");
const RECURSIVE: Input<bool> = Input::flag("Recursive", "recursive")
    .describe("Loads files of folders below too")
    .may_be_empty();
const AT_ONCE: Input<Option<u64>> = Input::whole("Max Concurrency", "maxConcurrency")
    .step(1.0)
    .describe("How many files are read at once, at most 16; 2 where it is empty")
    .optional()
    .additional();
const BASE_URL: Input<Option<String>> = Input::text("Github Base URL", "githubBaseUrl")
    .describe("Where the pages of a server of your own are")
    .placeholder("https://git.example.com")
    .optional()
    .additional();
const API: Input<Option<String>> = Input::text("Github Instance API", "githubInstanceApi")
    .describe("Where the API of a server of your own is")
    .placeholder("https://git.example.com/api/v3")
    .optional()
    .additional();
const IGNORED: Input<Option<String>> = Input::text("Ignore Paths", "ignorePath")
    .rows(4)
    .describe("A JSON list of patterns as in .gitignore; files that fit one are left out")
    .placeholder("[\"*.md\", \"tests/\"]")
    .optional()
    .additional();
const RETRIES: Input<Option<u64>> = Input::whole("Max Retries", "maxRetries")
    .step(1.0)
    .describe("0 makes every call once; else calls that fail for now are made again")
    .optional()
    .additional();

/// Most files of one repository.
const MOST_FILES: usize = 20_000;
/// Longest file, in bytes.
const LONGEST: usize = 10 << 20;

/// Endings of files that hold no text, which are not even asked for.
const NO_TEXT: &[&str] = &[
    "7z", "avi", "bin", "bmp", "bz2", "class", "dll", "dmg", "doc", "docx", "dylib", "eot", "exe",
    "flac", "gif", "gz", "ico", "iso", "jar", "jpeg", "jpg", "mov", "mp3", "mp4", "mpeg", "o",
    "ogg", "otf", "pdf", "png", "ppt", "pptx", "psd", "pyc", "rar", "so", "svgz", "tar", "tgz",
    "tif", "tiff", "ttf", "wasm", "wav", "webm", "webp", "woff", "woff2", "xls", "xlsx", "xz",
    "zip",
];

static SPEC: Spec = Spec {
    label: "Github",
    name: "github",
    version: 3.0,
    kind: "Document",
    icon: "code-service.svg",
    category: "Document Loaders",
    description: "Makes documents of the text files of a GitHub repository",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::optional(&["githubApi"])),
    inputs: &[
        LINK.field,
        BRANCH.field,
        RECURSIVE.field,
        AT_ONCE.field,
        BASE_URL.field,
        API.field,
        IGNORED.field,
        RETRIES.field,
        TEXT_SPLITTER.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote = Remote::new(&SPEC, github::ADDRESS, |it| load(it).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let inputs = source.inputs;
    let link = required(inputs, &LINK)?;
    let (owner, name, folder) = parts(&link, filled(inputs.get(&BASE_URL)?).as_deref())?;
    let api = filled(inputs.get(&API)?);
    let ignored = ignored(inputs)?;
    let branch = required(inputs, &BRANCH)?;
    let repository = Repository {
        http: &source.http,
        api: api.as_deref().unwrap_or(source.address),
        token: inputs.credential.as_ref().and_then(|it| it.get("accessToken")),
        owner,
        name,
        branch: &branch,
        patient: inputs.get(&RETRIES)? != Some(0),
    };
    let files = files(&repository, folder, inputs.get(&RECURSIVE)?, &ignored).await?;
    let at_once = inputs.get(&AT_ONCE)?.unwrap_or(2).clamp(1, 16);
    let repository = &repository;
    let read = files.into_iter().map(|file| async move {
        let read = read(repository, &file).await;
        (file.path, read)
    });
    let mut read = stream::iter(read).buffered(usize::try_from(at_once).unwrap_or(1));
    let mut gathered = Gathered::of(&inputs.services);
    while let Some((path, read)) = read.next().await {
        let made = read.map(|text| {
            let metadata = json!({"source": path, "repository": link, "branch": branch});
            text.map(|text| document(text, metadata)).into_iter().collect()
        });
        gathered.add(&path, made)?;
    }
    gathered.documents(&LINK.field)
}

/// Owner, name and folder of a link.
fn parts<'a>(link: &'a str, base: Option<&str>) -> Result<(&'a str, &'a str, &'a str)> {
    let base = base.unwrap_or("https://github.com").trim_end_matches('/');
    let expected = || {
        let reason = format!("an address such as {base}/owner/repository is expected, not {link}");
        Error::invalid(&LINK.field, reason)
    };
    let path = link.strip_prefix(base).and_then(|it| it.strip_prefix('/')).ok_or_else(expected)?;
    let mut parts = path.trim_end_matches('/').splitn(5, '/');
    let (Some(owner), Some(name)) = (parts.next(), parts.next()) else { return Err(expected()) };
    let name = name.strip_suffix(".git").unwrap_or(name);
    if owner.is_empty() || name.is_empty() {
        return Err(expected());
    }
    // Behind the name stand `tree` and the branch, which its own row says.
    let folder = match (parts.next(), parts.next()) {
        (Some("tree"), Some(_)) => parts.next().unwrap_or_default(),
        (None, None) => "",
        _ => return Err(expected()),
    };
    Ok((owner, name, folder))
}

fn ignored(inputs: &Inputs) -> Result<Ignored> {
    let Some(text) = filled(inputs.get(&IGNORED)?) else { return Ok(Ignored::default()) };
    let patterns = serde_json::from_str::<Vec<String>>(&text).map_err(|_| {
        Error::invalid(&IGNORED.field, "a JSON list such as [\"*.md\"] is expected")
    })?;
    Ignored::new(&patterns).map_err(|pattern| {
        Error::invalid(&IGNORED.field, format!("{pattern} is no pattern such as *.md or tests/"))
    })
}

/// The files of a folder that may hold text, those of folders below where `recursive` is set.
async fn files(
    repository: &Repository<'_>,
    folder: &str,
    recursive: bool,
    ignored: &Ignored,
) -> Result<Vec<Item>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let mut below = Vec::new();
        for item in repository.list(&folder).await? {
            let is_folder = item.kind == "dir";
            if ignored.holds(&item.path, is_folder) {
                continue;
            }
            if is_folder {
                below.push(item.path);
            } else if item.kind == "file" && may_hold_text(&item.path) {
                files.push(item);
            }
        }
        if files.len() > MOST_FILES {
            let reason =
                format!("there are more than {MOST_FILES} files: load parts, or ignore some");
            return Err(Error::invalid(&LINK.field, reason));
        }
        if recursive {
            folders.extend(below.into_iter().rev());
        }
    }
    Ok(files)
}

fn may_hold_text(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map(|(_, it)| it.to_ascii_lowercase());
    ending.is_none_or(|it| !NO_TEXT.contains(&it.as_str()))
}

/// The text of a file; `None` where it holds none.
async fn read(repository: &Repository<'_>, file: &Item) -> Result<Option<String>> {
    if file.size > LONGEST as u64 {
        let most = LONGEST >> 20;
        return Err(Error::Transport(format!("it is longer than {most} MB")));
    }
    let content = repository.read(&file.path, LONGEST * 2).await?;
    let content = unwrapped(&content, &file.path).unwrap_or_else(|| content.to_vec());
    let file = UploadedFile::named(&file.path, content);
    // What turns out to be no text is passed over, as files whose names say so are.
    Ok(file.text(&LINK.field).ok())
}

/// Servers that do not know the raw kind of answer wrap content into JSON.
fn unwrapped(answer: &[u8], path: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let wrapped: Value = serde_json::from_slice(answer).ok()?;
    if wrapped.get("path")? != path || wrapped.get("encoding")? != "base64" {
        return None;
    }
    let content: String =
        wrapped.get("content")?.as_str()?.chars().filter(|it| !it.is_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(content).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_name_repositories_and_folders() {
        let read = |link| parts(link, None).ok();
        assert_eq!(read("https://github.com/a/b"), Some(("a", "b", "")));
        assert_eq!(read("https://github.com/a/b.git"), Some(("a", "b", "")));
        assert_eq!(read("https://github.com/a/b/tree/main/docs/x/"), Some(("a", "b", "docs/x")));
        for wrong in
            ["https://github.com/a", "https://evil.example/a/b", "https://github.com.evil/a/b"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        let own = parts("https://git.example/a/b", Some("https://git.example/"));
        assert_eq!(own.unwrap(), ("a", "b", ""));
    }
}
