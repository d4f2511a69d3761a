//! The web pages inside the binary.

use flowstone_server::{Asset, Assets};
use rust_embed::RustEmbed;

/// `web/dist`, read from disk in a debug build and part of the binary in a release build.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

/// The pages as the server asks for them.
pub(crate) struct Embedded;

impl Assets for Embedded {
    fn get(&self, path: &str) -> Option<Asset> {
        let file = Dist::get(path)?;
        let content_type = file.metadata.mimetype().to_owned();
        // The bundler puts a hash of the content into every name below `assets/`.
        let immutable = path.starts_with("assets/");
        Some(Asset { bytes: file.data, content_type: content_type.into(), immutable })
    }
}
