//! Files of GitHub's repositories (docs.github.com/rest/repos/contents).

use bytes::Bytes;
use flowstone_core::{Error, Result};
use serde::Deserialize;

use crate::{
    HttpClient,
    http::{Request, Retry},
    rest::{self, Service},
};

/// Where the service is.
pub const ADDRESS: &str = "https://api.github.com";

/// A repository at one of its branches.
pub struct Repository<'a> {
    /// The shared client.
    pub http: &'a HttpClient,
    /// Where the API is; of a server of one's own it ends in `/api/v3`.
    pub api: &'a str,
    /// An access token; public repositories need none.
    pub token: Option<&'a str>,
    /// Whose it is.
    pub owner: &'a str,
    /// Its name.
    pub name: &'a str,
    /// A branch, tag or commit.
    pub branch: &'a str,
    /// Whether a call that fails for now is made again.
    pub patient: bool,
}

/// Something in a folder.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Item {
    /// Where it is, from the top.
    pub path: String,
    /// `file`, `dir`, `symlink` or `submodule`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Length of a file in bytes.
    #[serde(default)]
    pub size: u64,
}

impl Repository<'_> {
    /// What is in a folder; the top where `path` is empty.
    ///
    /// # Errors
    /// GitHub's own words where it refuses; `Transport` where it cannot be reached.
    pub async fn list(&self, path: &str) -> Result<Vec<Item>> {
        let request = self.request(path)?.header("accept", "application/vnd.github+json");
        self.service().json(request).await.map_err(|error| self.explained(error, path))
    }

    /// The content of a file.
    ///
    /// # Errors
    /// As [`list`](Self::list), and where it is longer than `limit` bytes.
    pub async fn read(&self, path: &str, limit: usize) -> Result<Bytes> {
        let request = self.request(path)?.header("accept", "application/vnd.github.raw+json");
        let answer = self.service().answer(request).await;
        answer.map_err(|error| self.explained(error, path))?.bytes(limit).await
    }

    fn request(&self, path: &str) -> Result<Request<'_>> {
        let path: Vec<String> =
            path.split('/').filter(|it| !it.is_empty()).map(rest::segment).collect();
        let (owner, name) = (rest::segment(self.owner), rest::segment(self.name));
        let url = format!("{}/repos/{owner}/{name}/contents", rest::base(self.api));
        let url = if path.is_empty() { url } else { format!("{url}/{}", path.join("/")) };
        let request = self.http.get(&url)?.query("ref", self.branch);
        let request = request.header("x-github-api-version", "2022-11-28");
        let request = match self.token {
            Some(token) => request.bearer(token),
            None => request,
        };
        Ok(if self.patient { request } else { request.retry(Retry::Never) })
    }

    fn service(&self) -> Service<'_> {
        Service { name: "GitHub", secret: self.token.unwrap_or_default() }
    }

    /// GitHub says no more than that something is not there.
    fn explained(&self, error: Error, path: &str) -> Error {
        let Error::Provider { status: 404, message } = error else { return error };
        let place =
            if path.is_empty() { String::new() } else { format!(", file or folder {path}") };
        let (owner, name, branch) = (self.owner, self.name, self.branch);
        let message = format!(
            "{message}: there is no repository {owner}/{name} with a branch {branch}{place}, or it \
             needs a token that may read it"
        );
        Error::Provider { status: 404, message }
    }
}
