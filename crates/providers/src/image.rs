//! Pictures on their way to a model.

use base64::{Engine, engine::general_purpose::STANDARD};
use flowstone_core::{Error, Image, Result};

use crate::http::HttpClient;

/// Largest picture that is fetched for a model, in bytes.
const LARGEST: usize = 20 * 1024 * 1024;

/// A picture with its content.
#[derive(Debug, PartialEq)]
pub(crate) struct Inline {
    /// Such as `image/png`.
    pub(crate) media_type: String,
    /// The bytes in base64.
    pub(crate) data: String,
}

/// The picture's bytes in base64, fetched where it is only an address.
///
/// # Errors
/// `Unsupported` where it is neither a data URI in base64 nor an address; as the client where it
/// cannot be fetched.
pub(crate) async fn base64_of(image: &Image, http: &HttpClient) -> Result<String> {
    Ok(read(image, http).await?.1)
}

/// The picture with its content and type, fetched where it is only an address.
///
/// # Errors
/// As [`base64_of`], and where what was fetched is no picture.
pub(crate) async fn inline(image: &Image, http: &HttpClient) -> Result<Inline> {
    let (media_type, data) = read(image, http).await?;
    let media_type = media_type.ok_or_else(|| {
        let said = "what stands at the address of a picture is none that models can read";
        Error::Transport(said.to_owned())
    })?;
    Ok(Inline { media_type, data })
}

/// The type, where one can be told, and the bytes in base64.
async fn read(image: &Image, http: &HttpClient) -> Result<(Option<String>, String)> {
    if let Some(data) = image.url.strip_prefix("data:") {
        let parts = data
            .split_once(',')
            .and_then(|(head, encoded)| Some((head.strip_suffix(";base64")?, encoded)));
        let (head, data) = parts.ok_or_else(|| {
            Error::Unsupported("a picture must be a data URI in base64 or an address".to_owned())
        })?;
        return Ok((Some(usual(head)), data.to_owned()));
    }
    let response = http.get(&image.url)?.send().await?;
    if !response.status().is_success() {
        let (place, status) = (response.place(), response.status().as_u16());
        return Err(Error::Transport(format!("{place} did not give the picture: {status}")));
    }
    let told = usual(response.header("content-type").unwrap_or_default());
    let bytes = response.bytes(LARGEST).await?;
    let media_type = if told.starts_with("image/") { Some(told) } else { seen(&bytes) };
    Ok((media_type, STANDARD.encode(bytes)))
}

/// The media type without parameters, under the name that vendors know.
fn usual(media_type: &str) -> String {
    let name = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if name == "image/jpg" { "image/jpeg".to_owned() } else { name }
}

/// The type that the first bytes show, of those that models commonly read.
fn seen(bytes: &[u8]) -> Option<String> {
    let known: [(&[u8], &str); 4] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"RIFF", "image/webp"),
    ];
    let found = known.iter().find(|(start, _)| bytes.starts_with(start));
    found.map(|(_, media_type)| (*media_type).to_owned())
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{FakeProvider, Reply};

    use super::*;
    use crate::HttpSettings;

    fn picture(url: &str) -> Image {
        Image { url: url.to_owned(), detail: None }
    }

    #[tokio::test]
    async fn a_data_uri_is_taken_apart() {
        let client = HttpClient::new(HttpSettings::default()).unwrap();
        let read = inline(&picture("data:image/JPG;name=a.jpg;base64,AAAA"), &client).await;
        let expected = Inline { media_type: "image/jpeg".to_owned(), data: "AAAA".to_owned() };
        assert_eq!(read.unwrap(), expected);
        for wrong in ["data:image/png,AAAA", "data:image/png;base64", "data:"] {
            let said = inline(&picture(wrong), &client).await.unwrap_err().to_string();
            assert_eq!(said, "a picture must be a data URI in base64 or an address");
        }
    }

    #[tokio::test]
    async fn an_address_is_fetched_and_what_came_is_looked_at() {
        let provider = FakeProvider::start().await;
        let allow = vec![provider.address().to_owned()];
        let client = HttpClient::new(HttpSettings { allow, ..HttpSettings::default() }).unwrap();
        let address = picture(&format!("{}/chat/completions", provider.base_url()));
        for (told, bytes, expected) in [
            ("image/webp; charset=x", &b"anything"[..], Some("image/webp")),
            ("application/octet-stream", b"\x89PNG\r\n\x1a\n...", Some("image/png")),
            ("text/html", b"<html>", None),
        ] {
            provider.reply(Reply::raw(200, told, [bytes]));
            let read = inline(&address, &client).await.ok().map(|it| it.media_type);
            assert_eq!(read.as_deref(), expected, "{told}");
        }
    }
}
