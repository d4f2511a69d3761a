//! What the loaders of services share: a form over one vendor's calls that yield documents, and what
//! becomes of items that cannot be read.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Error, Input, Inputs, Node, Result, Services, Spec, node::Entry,
    spec::Field,
};
use flowstone_providers::HttpClient;
use futures::future::BoxFuture;
use serde_json::{Map, Value};

use crate::documents::{self, METADATA};

/// What a loader makes its calls with.
pub(super) struct Source<'a> {
    pub(super) inputs: &'a Inputs,
    pub(super) http: Arc<HttpClient>,
    /// Where the service is, unless form or credential say so.
    pub(super) address: &'static str,
}

/// Makes the documents of a filled-in form.
pub(super) type Load = for<'a> fn(Source<'a>) -> BoxFuture<'a, Result<Vec<Document>>>;
/// Fills the drop-down of a method.
pub(super) type List = for<'a> fn(&'a str, Source<'a>) -> BoxFuture<'a, Result<Vec<Entry>>>;

/// A loader whose documents come from a service: its rows, and the calls. Splitting, metadata and
/// outputs are the same for all.
pub(crate) struct Remote {
    spec: &'static Spec,
    address: &'static str,
    load: Load,
    list: Option<List>,
    /// The row of metadata that is said of every document.
    added: &'static Input<Option<Value>>,
}

impl Remote {
    /// A loader with this form that calls the service at `address`.
    pub(super) const fn new(spec: &'static Spec, address: &'static str, load: Load) -> Self {
        Self { spec, address, load, list: None, added: &METADATA }
    }

    /// The same with drop-downs to fill.
    pub(super) const fn listing(mut self, list: List) -> Self {
        self.list = Some(list);
        self
    }

    /// The same with another row of additional metadata.
    pub(super) const fn adding(mut self, added: &'static Input<Option<Value>>) -> Self {
        self.added = added;
        self
    }

    /// The same with a service that stands in for the vendor's.
    #[cfg(test)]
    pub(super) fn at(&self, address: &str) -> Self {
        Self { address: address.to_owned().leak(), ..*self }
    }

    fn source<'a>(&self, inputs: &'a Inputs) -> Result<Source<'a>> {
        Ok(Source { inputs, http: inputs.services.get()?, address: self.address })
    }
}

#[async_trait]
impl Node for Remote {
    fn spec(&self) -> &'static Spec {
        self.spec
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        // What is wrong with the metadata is told before anything is called.
        let added = documents::entries(&self.added.field, inputs.get(self.added)?)?;
        let loaded = (self.load)(self.source(inputs)?).await?;
        documents::hand_on_with(loaded, added, inputs).await
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        let Some(list) = self.list else {
            let label = self.spec.label;
            return Err(Error::Unsupported(format!("{label} has no list {method}")));
        };
        list(method, self.source(inputs)?).await
    }
}

/// A field of the node's credential that must be there.
pub(super) fn key<'a>(inputs: &'a Inputs, name: &str, label: &str) -> Result<&'a str> {
    inputs.credential()?.require(name, label)
}

/// A document; `metadata` is an object whose entries without a value are left out.
pub(super) fn document(page_content: impl Into<String>, metadata: Value) -> Document {
    let metadata = match metadata {
        Value::Object(entries) => entries.into_iter().filter(|(_, it)| !it.is_null()).collect(),
        _ => Map::new(),
    };
    Document { page_content: page_content.into(), metadata, id: None }
}

/// A text of an answer; nothing where it is none.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The texts of a row with commas or line breaks between them.
pub(super) fn listed(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    let parts = text.split([',', '\n']).map(str::trim).filter(|it| !it.is_empty());
    parts.map(str::to_owned).collect()
}

/// A text of a row; `None` where there are only blanks.
pub(super) fn filled(text: Option<String>) -> Option<String> {
    text.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty())
}

/// A row that must hold more than blanks.
pub(super) fn required(inputs: &Inputs, row: &Input<String>) -> Result<String> {
    filled(Some(inputs.get(row)?)).ok_or_else(|| Error::missing(&row.field))
}

/// What came of many items. One that cannot be read does not keep the others back; where none can,
/// the reasons are told.
pub(super) struct Gathered {
    services: Arc<Services>,
    documents: Vec<Document>,
    failed: Vec<(String, Error)>,
}

/// How many reasons are told.
const TOLD: usize = 5;

impl Gathered {
    /// Nothing yet; what is left out is told by these services.
    pub(super) fn of(services: &Arc<Services>) -> Self {
        Self { services: services.clone(), documents: Vec::new(), failed: Vec::new() }
    }

    /// Notes what came of the item called `name`.
    ///
    /// # Errors
    /// What would be the same for every other item: a key that is refused, a service that asks to
    /// wait, an address that may not be called.
    pub(super) fn add(&mut self, name: &str, read: Result<Vec<Document>>) -> Result<()> {
        match read {
            Ok(documents) => self.documents.extend(documents),
            Err(
                error @ (Error::AddressRefused(_)
                | Error::Credential(_)
                | Error::Provider { status: 401 | 429, .. }),
            ) => return Err(error),
            Err(error) => {
                tracing::warn!(item = name, %error, "an item is not among the documents");
                self.services.remark(|| format!("\"{name}\" was left out: {error}"));
                self.failed.push((name.to_owned(), error));
            }
        }
        Ok(())
    }

    /// The documents.
    ///
    /// # Errors
    /// About the row of `field`, where there are items and none could be read.
    pub(super) fn documents(self, field: &Field) -> Result<Vec<Document>> {
        if self.failed.is_empty() || !self.documents.is_empty() {
            return Ok(self.documents);
        }
        let count = self.failed.len();
        let reasons = self.failed.iter().take(TOLD).map(|(name, error)| format!("{name}: {error}"));
        let mut reason = reasons.collect::<Vec<_>>().join("; ");
        if count > TOLD {
            reason = format!("{reason}; and {} more", count - TOLD);
        }
        Err(Error::invalid(field, format!("nothing could be read: {reason}")))
    }
}

#[cfg(test)]
mod tests {
    use flowstone_core::services::Remarks;

    use super::*;

    #[test]
    fn items_that_cannot_be_read_leave_the_others_be() {
        let field = Field::new("Folder", "folder", "string");
        let remarks = Arc::new(Remarks::default());
        let services = Arc::new(flowstone_testkit::services().with(remarks.clone()));
        let mut some = Gathered::of(&services);
        some.add("a", Ok(vec![document("A", Value::Null)])).unwrap();
        some.add("b", Err(Error::Transport("broken".into()))).unwrap();
        assert_eq!(some.documents(&field).unwrap().len(), 1);
        assert_eq!(remarks.all(), ["\"b\" was left out: broken"]);
        let mut none = Gathered::of(&services);
        for name in ["a", "b", "c", "d", "e", "f"] {
            none.add(name, Err(Error::Transport("broken".into()))).unwrap();
        }
        let said = none.documents(&field).unwrap_err().to_string();
        assert!(said.starts_with("Folder: nothing could be read: a: broken; b: broken"), "{said}");
        assert!(said.ends_with("e: broken; and 1 more"), "{said}");
        let refused = Error::Provider { status: 401, message: "no".into() };
        assert!(Gathered::of(&services).add("a", Err(refused)).is_err());
        assert!(Gathered::of(&services).documents(&field).unwrap().is_empty());
    }
}
