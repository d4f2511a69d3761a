//! What a form of Google Docs holds where the model says nothing.

use flowstone_core::{
    Field,
    spec::{Default, Holds, When},
};

use crate::tools::actions::rows;

pub(super) const DOCUMENT_ID: Field = rows::text(
    "Document ID",
    "documentId",
    &[When(
        "actions",
        Holds::AnyOf(&[
            "getDocument",
            "updateDocument",
            "insertText",
            "replaceText",
            "appendText",
            "getTextContent",
            "insertImage",
            "createTable",
        ]),
    )],
    "The id in the address of the document, behind /d/",
);
pub(super) const TITLE: Field = rows::text(
    "Title",
    "title",
    &[When("actions", Holds::AnyOf(&["createDocument"]))],
    "The title of the new document",
);
pub(super) const TEXT: Field = rows::text(
    "Text",
    "text",
    &[When(
        "actions",
        Holds::AnyOf(&["createDocument", "updateDocument", "insertText", "appendText"]),
    )],
    "The text that is put in",
);
pub(super) const INDEX: Field = rows::starting(
    rows::number(
        "Index",
        "index",
        &[When(
            "actions",
            Holds::AnyOf(&[
                "createDocument",
                "updateDocument",
                "insertText",
                "insertImage",
                "createTable",
            ]),
        )],
        "Where it is put in: 1 is the beginning",
    ),
    Default::Number(1.0),
);
pub(super) const REPLACE_TEXT: Field = rows::text(
    "Replace Text",
    "replaceText",
    &[When("actions", Holds::AnyOf(&["updateDocument", "replaceText"]))],
    "The text that is looked for",
);
pub(super) const NEW_TEXT: Field = rows::text(
    "New Text",
    "newText",
    &[When("actions", Holds::AnyOf(&["updateDocument", "replaceText"]))],
    "What stands in its place afterwards",
);
pub(super) const MATCH_CASE: Field = rows::starting(
    rows::flag(
        "Match Case",
        "matchCase",
        &[When("actions", Holds::AnyOf(&["updateDocument", "replaceText"]))],
        "Capital and small letters differ",
    ),
    Default::Flag(false),
);
pub(super) const IMAGE_URL: Field = rows::text(
    "Image URL",
    "imageUrl",
    &[When("actions", Holds::AnyOf(&["createDocument", "updateDocument", "insertImage"]))],
    "The public address of a picture",
);
pub(super) const ROWS: Field = rows::number(
    "Table Rows",
    "rows",
    &[When("actions", Holds::AnyOf(&["createDocument", "updateDocument", "createTable"]))],
    "How many rows the table has",
);
pub(super) const COLUMNS: Field = rows::number(
    "Table Columns",
    "columns",
    &[When("actions", Holds::AnyOf(&["createDocument", "updateDocument", "createTable"]))],
    "How many columns the table has",
);
pub(super) const INCLUDE_TABS_CONTENT: Field = rows::starting(
    rows::flag(
        "Include Tabs Content",
        "includeTabsContent",
        &[When("actions", Holds::AnyOf(&["getDocument", "getTextContent"]))],
        "Gives all tabs of the document and not the first alone",
    ),
    Default::Flag(false),
);
