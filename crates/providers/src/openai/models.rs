//! The models a server offers.

use flowstone_core::Result;
use serde::Deserialize;

use super::Endpoint;

/// Longest list that is read, in bytes.
const LONGEST: usize = 8 * 1024 * 1024;

#[derive(Deserialize)]
struct List {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
}

impl Endpoint {
    /// Names of the models the server offers, sorted.
    ///
    /// # Errors
    /// `Provider` where it refuses, `Transport` where it cannot be reached.
    pub async fn models(&self) -> Result<Vec<String>> {
        let list: List = self.get("models").await?.json(LONGEST).await?;
        let mut names: Vec<_> = list.data.into_iter().map(|it| it.id).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }
}
