//! Nodes that bring documents into a flow.

pub(crate) mod api_loader;
pub(crate) mod cheerio_web_scraper;
#[cfg(test)]
mod contracts;
pub(crate) mod csv_file;
#[cfg(feature = "javascript")]
pub(crate) mod custom_document_loader;
pub(crate) mod document_store;
#[cfg(feature = "documents")]
pub(crate) mod docx_file;
#[cfg(feature = "documents")]
pub(crate) mod epub_file;
#[cfg(feature = "documents")]
pub(crate) mod file_loader;
pub(crate) mod json_file;
pub(crate) mod jsonlines_file;
#[cfg(feature = "documents")]
pub(crate) mod microsoft_excel;
#[cfg(feature = "documents")]
pub(crate) mod microsoft_powerpoint;
#[cfg(feature = "documents")]
pub(crate) mod microsoft_word;
#[cfg(feature = "documents")]
mod parsed;
#[cfg(feature = "documents")]
pub(crate) mod pdf_file;
pub(crate) mod plain_text;
pub(crate) mod text_file;
