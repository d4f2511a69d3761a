//! Credential types (a form, like a node's) and their decrypted values.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use crate::{Error, Result, spec::Field};

/// A kind of credential. Serialises to one element of `GET /api/v1/components-credentials`.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialSpec {
    /// Title in the list.
    pub label: &'static str,
    /// Stable id, saved with every credential of the kind.
    pub name: &'static str,
    /// Raised when fields change meaning.
    pub version: f64,
    /// Where to get the key, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'static str>,
    /// File under `crates/nodes/icons/`.
    pub icon: &'static str,
    /// The form, in order.
    pub inputs: &'static [Field],
}

/// The decrypted fields of one credential. `Debug` shows names only.
#[derive(Clone, Default)]
pub struct Credential {
    id: String,
    fields: BTreeMap<String, String>,
}

impl Credential {
    /// From decrypted fields.
    pub fn new(fields: BTreeMap<String, String>) -> Self {
        Self { id: String::new(), fields }
    }

    /// The same, as the one that is stored under `id`.
    #[must_use]
    pub fn stored_as(self, id: &str) -> Self {
        Self { id: id.to_owned(), ..self }
    }

    /// Under which id it is stored; empty where it is not stored.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A field that may be empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A field that must be there; the message names it as the form does.
    pub fn require(&self, name: &str, label: &str) -> Result<&str> {
        self.get(name).ok_or_else(|| {
            Error::Credential(format!("the credential has no {label}: open it and fill that in"))
        })
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.fields.keys()).finish()
    }
}
