//! Documents from the records of an Airtable table.

use flowstone_core::{Document, Error, Input, Result, Spec, spec::CredentialSlot};
use flowstone_providers::airtable::{self, Query, Table};
use futures::FutureExt;
use serde_json::json;

use super::remote::{self, Remote, Source, document, filled, listed, required};
use crate::documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER};

const BASE: Input<String> = Input::text("Base Id", "baseId")
    .describe("The part of the table's address that begins with app")
    .placeholder("app11RobdGoX0YNsC");
const TABLE: Input<String> = Input::text("Table Id", "tableId")
    .describe("The part of the table's address that begins with tbl")
    .placeholder("tblJdmvbrgizbYICO");
const VIEW: Input<Option<String>> = Input::text("View Id", "viewId")
    .describe("Loads the records of this view, in its order; all where it is empty")
    .placeholder("viw9UrP77Id0CE4ee")
    .optional();
const FIELDS: Input<Option<String>> = Input::text("Include Only Fields", "fields")
    .describe("Names or ids of the fields that documents hold, with commas; all where it is empty")
    .placeholder("Name, Notes")
    .optional()
    .additional();
const ALL: Input<bool> = Input::flag("Return All", "returnAll")
    .default(true)
    .describe("Loads every record; off, as many as the limit says")
    .may_be_empty()
    .additional();
const LIMIT: Input<Option<u64>> = Input::whole("Limit", "limit")
    .default(100)
    .describe("Most records that are loaded where Return All is off")
    .optional()
    .additional();
const FORMULA: Input<Option<String>> = Input::text("Filter By Formula", "filterByFormula")
    .describe("Loads the records for which this formula of Airtable holds")
    .placeholder("NOT({Name} = '')")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "Airtable",
    name: "airtable",
    version: 3.02,
    kind: "Document",
    icon: "table-service.svg",
    category: "Document Loaders",
    description: "Makes documents of the records of an Airtable table",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["airtableApi"])),
    inputs: &[
        TEXT_SPLITTER.field,
        BASE.field,
        TABLE.field,
        VIEW.field,
        FIELDS.field,
        ALL.field,
        LIMIT.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
        FORMULA.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote = Remote::new(&SPEC, airtable::ADDRESS, |it| load(it).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let inputs = source.inputs;
    let table = Table {
        http: &source.http,
        address: source.address,
        token: remote::key(inputs, "accessToken", "Access Token")?,
        base: &required(inputs, &BASE)?,
        table: &required(inputs, &TABLE)?,
    };
    let query = Query {
        view: filled(inputs.get(&VIEW)?),
        fields: listed(inputs.get(&FIELDS)?),
        formula: filled(inputs.get(&FORMULA)?),
        most: most(&source)?,
    };
    let records = table.records(&query).await?;
    let made = records.into_iter().map(|record| {
        let text = serde_json::to_string_pretty(&record.fields);
        document(text.unwrap_or_default(), json!({"source": table.place(&record)}))
    });
    Ok(made.collect())
}

fn most(source: &Source<'_>) -> Result<Option<usize>> {
    if source.inputs.get(&ALL)? {
        return Ok(None);
    }
    match source.inputs.get(&LIMIT)? {
        Some(0) => Err(Error::invalid(&LIMIT.field, "a number of 1 or more is expected")),
        limit => Ok(Some(usize::try_from(limit.unwrap_or(100)).unwrap_or(usize::MAX))),
    }
}
