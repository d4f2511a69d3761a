//! Google's files and tables in a user's name (developers.google.com: Drive API v3, Sheets API v4).

use bytes::Bytes;
use flowstone_core::Result;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    HttpClient, aws,
    http::Request,
    rest::{self, Service},
};

/// Where Drive is.
pub const DRIVE: &str = "https://www.googleapis.com";
/// Where Sheets is.
pub const SHEETS: &str = "https://sheets.googleapis.com";

/// Entries of one answer at most.
const PAGE: usize = 1000;
/// What is asked of a file.
const FIELDS: &str =
    "id, name, mimeType, size, createdTime, modifiedTime, parents, webViewLink, driveId";

/// Drive, with a token that holds.
pub struct Drive<'a> {
    /// The shared client.
    pub http: &'a HttpClient,
    /// Where it is.
    pub address: &'a str,
    /// An access token.
    pub token: &'a str,
    /// Whether files of shared drives are seen.
    pub shared: bool,
}

/// A file of Drive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct File {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub mime_type: String,
    /// Its length in bytes, as text; Google's own kinds have none.
    pub size: Option<String>,
    /// When it was made.
    pub created_time: Option<String>,
    /// When it was changed.
    pub modified_time: Option<String>,
    /// The folders it is in.
    pub parents: Option<Vec<String>>,
    /// Where people open it.
    pub web_view_link: Option<String>,
    /// The shared drive it is in.
    pub drive_id: Option<String>,
}

/// The kind of folders.
pub const FOLDER: &str = "application/vnd.google-apps.folder";
/// The kind of tables.
pub const SPREADSHEET: &str = "application/vnd.google-apps.spreadsheet";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    #[serde(default)]
    files: Vec<File>,
    next_page_token: Option<String>,
}

impl Drive<'_> {
    /// Files by a query of Drive's, newest first where `newest` is set, at most `most`.
    ///
    /// # Errors
    /// Google's own words where it refuses; `Transport` where it cannot be reached; as all calls.
    pub async fn list(&self, query: &str, newest: bool, most: usize) -> Result<Vec<File>> {
        let mut files: Vec<File> = Vec::new();
        let mut next: Option<String> = None;
        for _ in 0..rest::MOST_PAGES {
            let mut request = self.get("")?.query("q", query);
            request = request.query("pageSize", PAGE.min(most - files.len()));
            request = request.query("fields", format!("nextPageToken, files({FIELDS})"));
            if newest {
                request = request.query("orderBy", "modifiedTime desc");
            }
            if self.shared {
                request = request.query("includeItemsFromAllDrives", true);
            }
            if let Some(token) = &next {
                request = request.query("pageToken", token);
            }
            let listed: Listed = self.service().json(request).await?;
            files.extend(listed.files);
            next = listed.next_page_token;
            if next.is_none() || files.len() >= most {
                files.truncate(most);
                return Ok(files);
            }
        }
        Err(self.service().endless())
    }

    /// What is known of a file.
    pub async fn file(&self, id: &str) -> Result<File> {
        let request = self.get(&format!("/{}", rest::segment(id)))?.query("fields", FIELDS);
        self.service().json(request).await
    }

    /// The content of a file, at most `limit` bytes.
    pub async fn read(&self, id: &str, limit: usize) -> Result<Bytes> {
        let request = self.get(&format!("/{}", rest::segment(id)))?.query("alt", "media");
        self.service().answer(request).await?.bytes(limit).await
    }

    /// The content of a file of Google's own kinds in another, at most `limit` bytes.
    pub async fn export(&self, id: &str, mime_type: &str, limit: usize) -> Result<Bytes> {
        let request = self.get(&format!("/{}/export", rest::segment(id)))?;
        let request = request.query("mimeType", mime_type);
        self.service().answer(request).await?.bytes(limit).await
    }

    fn get(&self, path: &str) -> Result<Request<'_>> {
        let url = format!("{}/drive/v3/files{path}", rest::base(self.address));
        let request = self.http.get(&url)?.bearer(self.token);
        Ok(if self.shared { request.query("supportsAllDrives", true) } else { request })
    }

    fn service(&self) -> Service<'_> {
        Service { name: "Google Drive", secret: self.token }
    }
}

/// A text as it stands in a query of Drive's.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// Sheets, with a token that holds.
pub struct Sheets<'a> {
    /// The shared client.
    pub http: &'a HttpClient,
    /// Where it is.
    pub address: &'a str,
    /// An access token.
    pub token: &'a str,
}

/// A table file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spreadsheet {
    /// Its title.
    pub title: String,
    /// Its sheets by name.
    pub sheets: Vec<String>,
}

/// The cells of a range, row by row; empty ones at the end of a row are not there.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Cells {
    /// The range as Google writes it.
    pub range: String,
    /// The rows.
    #[serde(default)]
    pub values: Vec<Vec<Value>>,
}

impl Sheets<'_> {
    /// What is known of a table file.
    ///
    /// # Errors
    /// Google's own words where it refuses; `Transport` where it cannot be reached; as all calls.
    pub async fn spreadsheet(&self, id: &str) -> Result<Spreadsheet> {
        let request = self.get(&rest::segment(id))?;
        let request = request.query("fields", "properties.title,sheets.properties.title");
        let answer: Map<String, Value> = self.service().json(request).await?;
        let title = |it: &Value| it.pointer("/properties/title")?.as_str().map(str::to_owned);
        let sheets = answer.get("sheets").and_then(Value::as_array).into_iter().flatten();
        let sheets = sheets.filter_map(title).collect();
        Ok(Spreadsheet { title: title(&answer.into()).unwrap_or_default(), sheets })
    }

    /// The cells of a range in A1 notation; `render` says how values are written.
    pub async fn cells(&self, id: &str, range: &str, render: &str) -> Result<Cells> {
        let path = format!("{}/values/{}", rest::segment(id), aws::encoded(range));
        let request = self.get(&path)?.query("valueRenderOption", render);
        let request = request.query("dateTimeRenderOption", "FORMATTED_STRING");
        self.service().json(request.query("majorDimension", "ROWS")).await
    }

    fn get(&self, path: &str) -> Result<Request<'_>> {
        let url = format!("{}/v4/spreadsheets/{path}", rest::base(self.address));
        Ok(self.http.get(&url)?.bearer(self.token))
    }

    fn service(&self) -> Service<'_> {
        Service { name: "Google Sheets", secret: self.token }
    }
}
