//! Pictures on their way to a model.

use base64::{Engine, engine::general_purpose::STANDARD};
use flowstone_core::{Error, Image, Result};

use crate::http::HttpClient;

/// Largest picture that is fetched for a model, in bytes.
const LARGEST: usize = 20 * 1024 * 1024;

/// The picture's bytes in base64, fetched where it is only an address.
///
/// # Errors
/// `Unsupported` where it is neither a data URI in base64 nor an address; as the client where it
/// cannot be fetched.
pub(crate) async fn base64_of(image: &Image, http: &HttpClient) -> Result<String> {
    if let Some(data) = image.url.strip_prefix("data:") {
        let inline = data.split_once(',').filter(|(kind, _)| kind.ends_with(";base64"));
        let (_, encoded) = inline.ok_or_else(|| {
            Error::Unsupported("a picture must be a data URI in base64 or an address".to_owned())
        })?;
        return Ok(encoded.to_owned());
    }
    let response = http.get(&image.url)?.send().await?;
    if !response.status().is_success() {
        let (place, status) = (response.place(), response.status().as_u16());
        return Err(Error::Transport(format!("{place} did not give the picture: {status}")));
    }
    Ok(STANDARD.encode(response.bytes(LARGEST).await?))
}
