//! Figma's files (figma.com/developers/api, "GET file nodes").

use flowstone_core::Result;
use serde_json::Value;

use crate::{
    HttpClient,
    rest::{self, Service},
};

/// Where the service is.
pub const ADDRESS: &str = "https://api.figma.com";

/// Where these nodes of a file are found.
pub fn place(address: &str, file: &str, nodes: &[&str]) -> String {
    let nodes: Vec<String> = nodes.iter().map(|it| rest::segment(it)).collect();
    format!(
        "{}/v1/files/{}/nodes?ids={}",
        rest::base(address),
        rest::segment(file),
        nodes.join(",")
    )
}

/// Nodes of a file with all that is below them.
///
/// # Errors
/// Figma's own words where it refuses; `Transport` where it cannot be reached.
pub async fn nodes(http: &HttpClient, place: &str, token: &str) -> Result<Value> {
    let service = Service { name: "Figma", secret: token };
    let answer: Value = service.json(http.get(place)?.header("x-figma-token", token)).await?;
    match answer.get("err").and_then(Value::as_str) {
        Some(said) => Err(service.failed(said)),
        None => Ok(answer),
    }
}
