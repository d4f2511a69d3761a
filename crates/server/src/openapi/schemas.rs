//! The schemas of everything that is read and written.

use schemars::{Schema, SchemaGenerator, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::{Map, Value};

use super::describe::SchemaOf;

/// Where named schemas stand in the document.
const PLACE: &str = "/components/schemas";

/// Collects the schemas of a document. What is read and what is written may differ for one type (a
/// field that may be left out of a form is always there in an answer), hence two generators.
pub(super) struct Schemas {
    read: SchemaGenerator,
    written: SchemaGenerator,
}

impl Schemas {
    /// None yet.
    pub(super) fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|it| {
            it.definitions_path = PLACE.into();
            it.meta_schema = None;
            it.transforms.push(Box::new(RecursiveTransform(forget_null_defaults)));
        });
        Self {
            read: settings.clone().for_deserialize().into_generator(),
            written: settings.for_serialize().into_generator(),
        }
    }

    /// The schema of something that is read.
    pub(super) fn read(&mut self, schema: SchemaOf) -> Value {
        schema(&mut self.read).to_value()
    }

    /// The schema of something that is written.
    pub(super) fn written(&mut self, schema: SchemaOf) -> Value {
        schema(&mut self.written).to_value()
    }

    /// Every named schema, sorted by name. A type that is both read and written counts as it is
    /// written; a law holds that the two do not differ.
    pub(super) fn finish(mut self) -> Map<String, Value> {
        let mut all = self.read.take_definitions(true);
        all.extend(self.written.take_definitions(true));
        let mut sorted: Vec<(String, Value)> = all.into_iter().collect();
        sorted.sort_by(|one, other| one.0.cmp(&other.0));
        sorted.into_iter().collect()
    }
}

/// A field that may be left out has no default: generators would take it for one that is always
/// there.
fn forget_null_defaults(schema: &mut Schema) {
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
}
