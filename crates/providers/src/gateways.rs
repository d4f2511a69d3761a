//! Where an installation calls vendors whose nodes have no row for an address.

use crate::{anthropic, gemini};

/// The addresses; a company's gateway may stand in for a vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateways {
    /// Up to and without `/v1/messages`.
    pub anthropic: String,
    /// Up to and without the version.
    pub gemini: String,
}

impl Default for Gateways {
    /// The vendors' own addresses.
    fn default() -> Self {
        Self { anthropic: anthropic::BASE_URL.to_owned(), gemini: gemini::BASE_URL.to_owned() }
    }
}
