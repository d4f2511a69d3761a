//! Jira's issues (developer.atlassian.com, "Jira REST API": search by JQL).

use flowstone_core::{Error, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    HttpClient,
    confluence::Caller,
    rest::{self, Service},
};

/// The searches of today's cloud, of the years before, and of servers of one's own; the first of them
/// that is there is asked.
const SEARCHES: [&str; 3] = ["/rest/api/3/search/jql", "/rest/api/3/search", "/rest/api/2/search"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    #[serde(default)]
    issues: Vec<Value>,
    total: Option<usize>,
    next_page_token: Option<String>,
}

/// The issues that `jql` finds, each with all its fields; `page` of them are asked for at once.
///
/// # Errors
/// Jira's own words where it refuses; `Transport` where it cannot be reached.
pub async fn issues(
    http: &HttpClient,
    host: &str,
    caller: Caller<'_>,
    jql: &str,
    page: usize,
) -> Result<Vec<Value>> {
    let mut gone = None;
    for search in SEARCHES {
        let url = format!("{}{search}", rest::base(host));
        match all(http, &url, caller, jql, page).await {
            Err(error @ Error::Provider { status: 404 | 410, .. }) => {
                gone.get_or_insert(error);
            }
            other => return other,
        }
    }
    Err(gone.unwrap_or_else(|| Error::Transport("there is no search at this address".to_owned())))
}

async fn all(
    http: &HttpClient,
    url: &str,
    caller: Caller<'_>,
    jql: &str,
    page: usize,
) -> Result<Vec<Value>> {
    let service = Service { name: "Jira", secret: caller.secret() };
    let mut issues = Vec::new();
    let mut token: Option<String> = None;
    for _ in 0..rest::MOST_PAGES {
        let request = http.get(url)?.query("jql", jql).query("maxResults", page);
        let request = request.query("fields", "*all").header("accept", "application/json");
        let request = match &token {
            Some(token) => request.query("nextPageToken", token),
            None if issues.is_empty() => request,
            None => request.query("startAt", issues.len()),
        };
        let listed: Listed = service.json(caller.sign(request)).await?;
        let is_empty = listed.issues.is_empty();
        issues.extend(listed.issues);
        token = listed.next_page_token;
        let more = token.is_some() || listed.total.is_some_and(|total| total > issues.len());
        if is_empty || !more {
            return Ok(issues);
        }
    }
    Err(service.endless())
}
