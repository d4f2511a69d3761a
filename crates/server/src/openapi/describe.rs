//! What a route says of itself: the short words that its line in the table ends with.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use std::fmt;

/// Makes the schema of a type.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// What a route documents.
#[derive(Clone)]
pub(crate) struct Doc {
    pub(super) summary: &'static str,
    pub(super) details: Option<&'static str>,
    pub(super) query: Vec<Parameter>,
    pub(super) body: Option<RequestBody>,
    pub(super) answers: Vec<Answer>,
    pub(super) problems: Vec<u16>,
    pub(super) hidden: bool,
}

/// A parameter behind the question mark.
#[derive(Clone)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) description: &'static str,
    pub(super) required: bool,
}

/// What a parameter holds.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// `true` or anything else.
    Flag,
    /// A whole number.
    Number,
    /// A time such as `2026-01-31T09:30:00.000Z`.
    Time,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Several of these words: the parameter may come again.
    Choices(&'static [&'static str]),
}

#[derive(Clone)]
pub(super) struct RequestBody {
    pub(super) media: Vec<&'static str>,
    pub(super) schema: SchemaOf,
    pub(super) required: bool,
}

/// A way in which a call ends well.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) description: &'static str,
    pub(super) content: Option<(&'static str, SchemaOf)>,
}

/// A list, or the page of it that was asked for with the size of the whole.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
#[expect(dead_code, reason = "only its schema is of use: `wire::list` writes either form")]
pub(super) enum Listed<T> {
    /// Without `page` and `limit`: all rows.
    All(Vec<T>),
    /// With both.
    Page {
        /// The rows of this page.
        data: Vec<T>,
        /// How many rows there are on all pages.
        total: u64,
    },
}

impl fmt::Debug for Doc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.summary)
    }
}

/// Begins what a route documents with what it does, as an order: *List variables*.
pub(crate) fn doc(summary: &'static str) -> Doc {
    Doc {
        summary,
        details: None,
        query: Vec::new(),
        body: None,
        answers: Vec::new(),
        problems: Vec::new(),
        hidden: false,
    }
}

impl Doc {
    /// More about it, in sentences.
    pub(crate) fn details(mut self, text: &'static str) -> Self {
        self.details = Some(text);
        self
    }

    /// A route that never answers well, and so is no part of the document: the reason.
    pub(crate) fn hidden(reason: &'static str) -> Self {
        Self { hidden: true, ..doc(reason) }
    }

    /// Whether it is such a route.
    pub(crate) fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// A parameter behind the question mark that may be left out.
    pub(crate) fn query(mut self, name: &'static str, kind: Kind, about: &'static str) -> Self {
        self.query.push(Parameter { name, kind, description: about, required: false });
        self
    }

    /// A JSON body.
    pub(crate) fn takes<T: JsonSchema>(self) -> Self {
        self.takes_as::<T>(&["application/json"], true)
    }

    /// A body as JSON or as a form with files.
    pub(crate) fn takes_form<T: JsonSchema>(self) -> Self {
        self.takes_as::<T>(&["application/json", "multipart/form-data"], true)
    }

    fn takes_as<T: JsonSchema>(mut self, media: &[&'static str], required: bool) -> Self {
        self.body = Some(RequestBody { media: media.to_vec(), schema: schema_of::<T>, required });
        self
    }

    /// 200 with JSON.
    pub(crate) fn gives<T: JsonSchema>(self) -> Self {
        self.answer(200, "The answer.", Some(("application/json", schema_of::<T>)))
    }

    /// 201 with JSON.
    pub(crate) fn creates<T: JsonSchema>(self) -> Self {
        self.answer(201, "It was made.", Some(("application/json", schema_of::<T>)))
    }

    /// 200 with a list, of which `page` and `limit` choose a part.
    pub(crate) fn lists<T: JsonSchema>(self) -> Self {
        self.query("page", Kind::Number, "Number of the page, from 1; with `limit`.")
            .query("limit", Kind::Number, "Rows on a page; with `page`.")
            .answer(200, "The rows.", Some(("application/json", schema_of::<Listed<T>>)))
    }

    /// 200 with plain text.
    pub(crate) fn gives_text(self) -> Self {
        self.answer(200, "The answer.", Some(("text/plain", schema_of::<String>)))
    }

    /// 200 with a file of this media type.
    pub(crate) fn gives_file(self, media: &'static str) -> Self {
        self.answer(200, "The file.", Some((media, file_schema)))
    }

    /// A failure that is told on a page, where a person and not a program reads it.
    pub(crate) fn tells_on_page(self, status: u16) -> Self {
        self.answer(status, "A page that says what is wrong.", Some(("text/html", file_schema)))
    }

    /// 200 with nothing in it.
    pub(crate) fn gives_status(self, status: u16) -> Self {
        self.answer(status, "Done; the answer is empty.", None)
    }

    /// 204: there is nothing to tell.
    pub(crate) fn gives_nothing(self) -> Self {
        self.answer(204, "There is nothing.", None)
    }

    /// 200 as server-sent events, where the call asks for them.
    pub(crate) fn streams(self) -> Self {
        self.answer(200, "The answer.", Some(("text/event-stream", schema_of::<String>)))
    }

    /// A failure besides those that the policy, the path and the body bring along.
    pub(crate) fn problem(mut self, status: u16) -> Self {
        self.problems.push(status);
        self
    }

    fn answer(
        mut self,
        status: u16,
        description: &'static str,
        content: Option<(&'static str, SchemaOf)>,
    ) -> Self {
        self.answers.push(Answer { status, description, content });
        self
    }
}

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The bytes of a file, which no JSON schema describes.
fn file_schema(_: &mut SchemaGenerator) -> Schema {
    Schema::default()
}
