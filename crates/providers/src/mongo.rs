//! MongoDB's wire protocol, as far as documents are written, found and removed by it.

mod address;
pub mod bson;
mod client;
mod scram;

pub use address::MongoAddress;
pub use client::MongoClient;
