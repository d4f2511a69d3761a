//! The rows of Unstructured's service, which loaders of files share, and how elements become documents.

use flowstone_core::{
    Document, Error, Input, Inputs, Result,
    spec::{Choice, Default, Field, When},
};
use flowstone_providers::{
    HttpClient,
    unstructured::{self, Upload},
};
use serde_json::{Map, Value};

use super::remote::{document, filled, text};
use crate::files::UploadedFile;

/// The rows in their order, shown while `show` holds; the last choices are those of `chunking`.
/// `model` is the model that is chosen at first, if one is.
pub(super) const fn rows(
    show: &'static [When],
    chunking: &'static [Choice],
    model: Default,
) -> [Field; 15] {
    let mut model_row = MODEL.show_when(show).field;
    model_row.default = model;
    let mut chunking_row = CHUNKING.show_when(show).field;
    chunking_row.options = chunking;
    [
        STRATEGY.show_when(show).field,
        ENCODING.show_when(show).field,
        SKIP_TABLES.show_when(show).field,
        model_row,
        chunking_row,
        LANGUAGES.show_when(show).field,
        SOURCE_KEY.show_when(show).field,
        COORDINATES.show_when(show).field,
        KEEP_TAGS.show_when(show).field,
        PAGE_BREAKS.show_when(show).field,
        ACROSS_PAGES.show_when(show).field,
        COMBINE_UNDER.show_when(show).field,
        NEW_AFTER.show_when(show).field,
        MOST_CHARACTERS.show_when(show).field,
        URL.show_when(show).field,
    ]
}

/// Where the service is: the whole address.
pub(super) const URL: Input<String> = Input::text("Unstructured API URL", "unstructuredAPIUrl")
    .describe("Address of Unstructured's service or of a server of your own")
    .placeholder("http://localhost:8000/general/v0/general");

const STRATEGY: Input<Option<String>> = Input::options(
    "Strategy",
    "strategy",
    &[
        Choice::new("hi_res", "Hi-Res").describe("A model looks at the layout of each page"),
        Choice::new("fast", "Fast").describe("The text that the file holds"),
        Choice::new("ocr_only", "OCR Only").describe("Text is read off pictures of the pages"),
        Choice::new("auto", "Auto").describe("The service chooses for each file"),
    ],
)
.describe("How PDF files and pictures are read")
.default("auto")
.optional()
.additional();
const ENCODING: Input<Option<String>> = Input::text("Encoding", "encoding")
    .describe("How text files are encoded")
    .default("utf-8")
    .optional()
    .additional();
const SKIP_TABLES: Input<Vec<String>> = {
    let mut it = Input::multi_options("Skip Infer Table Types", "skipInferTableTypes", TYPES)
        .describe("Kinds of files in whose tables no rows and columns are looked for")
        .additional();
    it.field.optional = true;
    it.field.default = Default::Text("[\"pdf\", \"jpg\", \"png\"]");
    it
};
const TYPES: &[Choice] = &[
    Choice::plain("doc"),
    Choice::plain("docx"),
    Choice::plain("eml"),
    Choice::plain("epub"),
    Choice::plain("heic"),
    Choice::plain("htm"),
    Choice::plain("html"),
    Choice::plain("jpeg"),
    Choice::plain("jpg"),
    Choice::plain("md"),
    Choice::plain("msg"),
    Choice::plain("odt"),
    Choice::plain("pdf"),
    Choice::plain("png"),
    Choice::plain("ppt"),
    Choice::plain("pptx"),
    Choice::plain("rtf"),
    Choice::plain("text"),
    Choice::plain("txt"),
    Choice::plain("xls"),
    Choice::plain("xlsx"),
];
const MODEL: Input<Option<String>> = Input::options(
    "Hi-Res Model Name",
    "hiResModelName",
    &[
        Choice::plain("chipper").describe("Unstructured's own, in its paid service"),
        Choice::plain("detectron2_onnx").describe("Finds the parts of a page quickly"),
        Choice::plain("yolox").describe("Finds the parts of a page"),
        Choice::plain("yolox_quantized").describe("The same, faster and less exact"),
    ],
)
.describe("The model of the strategy Hi-Res")
.optional()
.additional();
const CHUNKING: Input<Option<String>> = Input::options(
    "Chunking Strategy",
    "chunkingStrategy",
    &[Choice::plain("None"), Choice::new("by_title", "By Title")],
)
.describe("How elements are put together into documents")
.default("by_title")
.optional()
.additional();
/// Choices of the row of chunking, where a server of one's own is meant.
#[cfg(feature = "documents")]
pub(super) const CHUNKS: &[Choice] = &[Choice::plain("None"), Choice::new("by_title", "By Title")];
/// The same with those of Unstructured's paid service.
pub(super) const ALL_CHUNKS: &[Choice] = &[
    Choice::plain("None"),
    Choice::new("basic", "Basic"),
    Choice::new("by_title", "By Title"),
    Choice::new("by_page", "By Page"),
    Choice::new("by_similarity", "By Similarity"),
];
const LANGUAGES: Input<Vec<String>> = {
    let mut it = Input::multi_options("OCR Languages", "ocrLanguages", OCR_LANGUAGES)
        .describe("Languages of text that is read off pictures")
        .additional();
    it.field.optional = true;
    it
};
const OCR_LANGUAGES: &[Choice] = &[
    Choice::new("eng", "English"),
    Choice::new("spa", "Spanish (Español)"),
    Choice::new("cmn", "Mandarin Chinese (普通话)"),
    Choice::new("hin", "Hindi (हिन्दी)"),
    Choice::new("ara", "Arabic (اَلْعَرَبِيَّةُ)"),
    Choice::new("por", "Portuguese (Português)"),
    Choice::new("ben", "Bengali (বাংলা)"),
    Choice::new("rus", "Russian (Русский)"),
    Choice::new("jpn", "Japanese (日本語)"),
    Choice::new("pan", "Punjabi (ਪੰਜਾਬੀ)"),
    Choice::new("deu", "German (Deutsch)"),
    Choice::new("kor", "Korean (한국어)"),
    Choice::new("fra", "French (Français)"),
    Choice::new("ita", "Italian (Italiano)"),
    Choice::new("vie", "Vietnamese (Tiếng Việt)"),
];
const SOURCE_KEY: Input<Option<String>> = Input::text("Source ID Key", "sourceIdKey")
    .describe("Key of the metadata that says which file a document comes from")
    .default("source")
    .optional()
    .additional();
const COORDINATES: Input<bool> = Input::flag("Coordinates", "coordinates")
    .describe("Says in the metadata where on its page an element stands")
    .default(false)
    .may_be_empty()
    .additional();
const KEEP_TAGS: Input<bool> = Input::flag("XML Keep Tags", "xmlKeepTags")
    .describe("Keeps the tags of XML files in the text")
    .may_be_empty()
    .additional();
const PAGE_BREAKS: Input<bool> = Input::flag("Include Page Breaks", "includePageBreaks")
    .describe("Makes elements of page breaks too")
    .may_be_empty()
    .additional();
const ACROSS_PAGES: Input<bool> = Input::flag("Multi-Page Sections", "multiPageSections")
    .describe("A section may go on over the end of a page")
    .may_be_empty()
    .additional();
const COMBINE_UNDER: Input<Option<u64>> =
    Input::whole("Combine Under N Chars", "combineUnderNChars")
        .describe("Puts elements together until a section has this many characters")
        .optional()
        .additional();
const NEW_AFTER: Input<Option<u64>> = Input::whole("New After N Chars", "newAfterNChars")
    .describe("Begins a new section where one has this many characters")
    .optional()
    .additional();
const MOST_CHARACTERS: Input<Option<u64>> = {
    let mut it = Input::whole("Max Characters", "maxCharacters")
        .describe("Most characters of a section")
        .optional()
        .additional();
    it.field.default = Default::Text("500");
    it
};

/// How files are taken apart, and by whom.
pub(super) struct Service {
    url: String,
    key: Option<String>,
    fields: Vec<(&'static str, String)>,
    source_key: String,
}

impl Service {
    /// As the form with these rows says; `key` is the key of the service, where it wants one.
    pub(super) fn read(inputs: &Inputs, rows: &[Field; 15], key: Option<String>) -> Result<Self> {
        let url = filled(Some(inputs.get(&URL)?)).ok_or_else(|| Error::missing(&URL.field))?;
        let mut fields = Vec::new();
        let mut put = |name, value: Option<String>| fields.extend(value.map(|it| (name, it)));
        put("strategy", filled(inputs.get(&STRATEGY)?));
        put("encoding", filled(inputs.get(&ENCODING)?));
        let skipped = inputs.get(&SKIP_TABLES)?;
        put("skip_infer_table_types", Some(Value::from(skipped).to_string()));
        // Which model is chosen at first differs from form to form.
        let model = inputs.value(&rows[3]);
        put("hi_res_model_name", filled(model.and_then(|it| it.as_str().map(str::to_owned))));
        let chunking = filled(inputs.get(&CHUNKING)?).filter(|it| it != "None");
        put("chunking_strategy", chunking.clone());
        for language in inputs.get(&LANGUAGES)? {
            put("languages", Some(language));
        }
        for (name, row) in [
            ("coordinates", &COORDINATES),
            ("xml_keep_tags", &KEEP_TAGS),
            ("include_page_breaks", &PAGE_BREAKS),
        ] {
            put(name, inputs.get(row)?.then(|| "true".to_owned()));
        }
        // The service refuses settings of chunks where there are none.
        if chunking.is_some() {
            put("multipage_sections", inputs.get(&ACROSS_PAGES)?.then(|| "true".to_owned()));
            for (name, row) in [
                ("combine_under_n_chars", &COMBINE_UNDER),
                ("new_after_n_chars", &NEW_AFTER),
                ("max_characters", &MOST_CHARACTERS),
            ] {
                put(name, inputs.get(row)?.map(|it| it.to_string()));
            }
        }
        let source_key = filled(inputs.get(&SOURCE_KEY)?).unwrap_or_else(|| "source".to_owned());
        Ok(Self { url, key, fields, source_key })
    }

    /// The elements of a file that hold text.
    pub(super) async fn take_apart(
        &self,
        http: &HttpClient,
        file: &UploadedFile,
    ) -> Result<Vec<Document>> {
        let upload = Upload { name: file.name(), content: file.bytes(), fields: &self.fields };
        let elements =
            unstructured::elements(http, &self.url, self.key.as_deref(), &upload).await?;
        let held = elements.iter().filter(|it| !text(it, "/text").trim().is_empty());
        Ok(held.map(|it| self.document_of(it, file.name())).collect())
    }

    fn document_of(&self, element: &Value, file: &str) -> Document {
        let mut metadata = element["metadata"].as_object().cloned().unwrap_or_else(Map::new);
        metadata.insert("category".to_owned(), element["type"].clone());
        metadata.entry(self.source_key.clone()).or_insert_with(|| file.into());
        document(text(element, "/text"), metadata.into())
    }
}
