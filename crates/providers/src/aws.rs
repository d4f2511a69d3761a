//! Amazon's services: who calls them, how calls are signed, and the store of objects.
//!
//! What a client of another service of Amazon's needs is here:
//!
//! - [`Access::of`] reads a credential of the kind `awsApi`; [`Access::keys`] gives the keys to sign
//!   with, those of the role where the credential names one, and asks for new ones before they run out.
//! - [`Signer`] signs a call: `Signer { keys: &keys, region, service: "bedrock" }.sign(request)`
//!   over a [`Request`](crate::http::Request) whose address, headers and body are complete.
//! - [`encoded`] writes text into paths and queries as the signature expects it there.
//! - [`Service`] does all of that for services that take JSON; [`bedrock`] is the models behind one.
//! - [`endpoint`] is the address of a service in a region.

mod access;
mod answer;
pub mod bedrock;
mod event_stream;
mod s3;
mod service;
mod signing;

pub use access::Access;
pub use s3::{Bucket, Object};
pub use service::Service;
pub use signing::{Keys, Signer, encoded};

/// The address of `service` in `region`, such as `https://sts.eu-west-1.amazonaws.com`.
pub fn endpoint(service: &str, region: &str) -> String {
    format!("https://{service}.{region}.{}", domain(region))
}

/// Amazon runs China as a place of its own.
fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// The regions that Amazon lists for its store of objects, with what people call them.
pub const REGIONS: &[(&str, &str)] = &[
    ("af-south-1", "Cape Town"),
    ("ap-east-1", "Hong Kong"),
    ("ap-northeast-1", "Tokyo"),
    ("ap-northeast-2", "Seoul"),
    ("ap-northeast-3", "Osaka"),
    ("ap-south-1", "Mumbai"),
    ("ap-south-2", "Hyderabad"),
    ("ap-southeast-1", "Singapore"),
    ("ap-southeast-2", "Sydney"),
    ("ap-southeast-3", "Jakarta"),
    ("ap-southeast-4", "Melbourne"),
    ("ap-southeast-5", "Malaysia"),
    ("ap-southeast-7", "Thailand"),
    ("ca-central-1", "Canada"),
    ("ca-west-1", "Calgary"),
    ("cn-north-1", "Beijing"),
    ("cn-northwest-1", "Ningxia"),
    ("eu-central-1", "Frankfurt"),
    ("eu-central-2", "Zurich"),
    ("eu-north-1", "Stockholm"),
    ("eu-south-1", "Milan"),
    ("eu-south-2", "Spain"),
    ("eu-west-1", "Ireland"),
    ("eu-west-2", "London"),
    ("eu-west-3", "Paris"),
    ("il-central-1", "Tel Aviv"),
    ("me-central-1", "UAE"),
    ("me-south-1", "Bahrain"),
    ("mx-central-1", "Mexico"),
    ("sa-east-1", "São Paulo"),
    ("us-east-1", "Virginia"),
    ("us-east-2", "Ohio"),
    ("us-gov-east-1", "GovCloud, east"),
    ("us-gov-west-1", "GovCloud, west"),
    ("us-west-1", "California"),
    ("us-west-2", "Oregon"),
];
