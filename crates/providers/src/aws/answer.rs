//! What the XML answers of Amazon's older services say.

use flowstone_core::{Error, Result};
use quick_xml::{Reader, events::Event};

use crate::http::Response;

/// How much of an error answer is read, in bytes.
const READ: usize = 64 * 1024;

/// The answer where it is no error.
pub(super) async fn checked(response: Response, secret: Option<&str>) -> Result<Response> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let region = response.header("x-amz-bucket-region").map(str::to_owned);
    let place = response.place();
    let body = response.text(READ).await.unwrap_or_default();
    let said = texts(&body).unwrap_or_default();
    let of = |name: &str| said.iter().find(|(it, _)| it == name).map(|(_, text)| text.as_str());
    let mut message = match (of("Code"), of("Message")) {
        (Some(code), Some(message)) => format!("{message} ({code})"),
        (Some(only), None) | (None, Some(only)) => only.to_owned(),
        (None, None) => format!("is what {place} answered"),
    };
    if let (301 | 307 | 400, Some(region)) = (status.as_u16(), region) {
        message = format!("{message}; the bucket lies in the region {region}: choose that one");
    }
    let message = match secret.filter(|it| !it.is_empty()) {
        Some(secret) => message.replace(secret, "[key]"),
        None => message,
    };
    Err(Error::Provider { status: status.as_u16(), message })
}

/// The elements of an XML text that hold text themselves, by name, in order. An element's end that
/// is told by nobody else is `/name` without text.
pub(super) fn texts(xml: &str) -> Result<Vec<(String, String)>> {
    let broken = || Error::Transport("the service did not answer the XML that is expected".into());
    let mut reader = Reader::from_str(xml);
    let mut found = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event().map_err(|_| broken())? {
            Event::Start(_) => text.clear(),
            Event::Text(piece) => text.push_str(&piece),
            Event::CData(piece) => text.push_str(&piece),
            Event::GeneralRef(reference) => {
                if let Ok(Some(character)) = reference.resolve_char_ref() {
                    text.push(character);
                } else {
                    let known = quick_xml::escape::resolve_xml_entity(&reference);
                    text.push_str(known.ok_or_else(broken)?);
                }
            }
            Event::End(end) => {
                let name = end.local_name().as_ref().to_owned();
                let text = std::mem::take(&mut text);
                match text.trim() {
                    "" => found.push((format!("/{name}"), String::new())),
                    _ => found.push((name, text)),
                }
            }
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}
