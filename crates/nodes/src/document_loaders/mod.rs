//! Nodes that bring documents into a flow.

pub(crate) mod airtable;
pub(crate) mod api_loader;
pub(crate) mod apify_website_content_crawler;
pub(crate) mod brave_search_api_loader;
#[cfg(feature = "browser")]
mod browsed;
pub(crate) mod cheerio_web_scraper;
pub(crate) mod confluence;
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
pub(crate) mod figma;
#[cfg(feature = "documents")]
pub(crate) mod file_loader;
pub(crate) mod fire_crawl;
#[cfg(feature = "documents")]
pub(crate) mod folder_files;
pub(crate) mod gitbook;
pub(crate) mod github;
#[cfg(feature = "documents")]
pub(crate) mod google_drive;
pub(crate) mod google_sheets;
mod ignored;
pub(crate) mod jira;
pub(crate) mod json_file;
pub(crate) mod jsonlines_file;
#[cfg(feature = "documents")]
pub(crate) mod microsoft_excel;
#[cfg(feature = "documents")]
pub(crate) mod microsoft_powerpoint;
#[cfg(feature = "documents")]
pub(crate) mod microsoft_word;
pub(crate) mod notion_db;
#[cfg(feature = "documents")]
pub(crate) mod notion_folder;
pub(crate) mod notion_page;
mod notion_pages;
mod notion_text;
pub(crate) mod oxylabs;
#[cfg(feature = "documents")]
mod parsed;
#[cfg(feature = "documents")]
pub(crate) mod pdf_file;
pub(crate) mod plain_text;
#[cfg(feature = "browser")]
pub(crate) mod playwright_web_scraper;
#[cfg(feature = "browser")]
pub(crate) mod puppeteer_web_scraper;
mod remote;
#[cfg(all(test, feature = "documents"))]
mod remote_file_tests;
#[cfg(test)]
mod remote_tests;
#[cfg(feature = "documents")]
pub(crate) mod s3;
#[cfg(feature = "documents")]
pub(crate) mod s3_directory;
#[cfg(feature = "documents")]
mod s3_object;
pub(crate) mod search_api;
mod searched;
pub(crate) mod serp_api;
pub(crate) mod spider_document_loaders;
pub(crate) mod text_file;
mod unstructured;
pub(crate) mod unstructured_file_loader;
pub(crate) mod vector_store_to_document;
