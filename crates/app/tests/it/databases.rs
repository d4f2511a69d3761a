//! Database servers, started as the tests of the crates that read databases start them.

#![expect(
    clippy::disallowed_methods,
    reason = "the tests start database servers and look for them in the PATH"
)]

#[path = "../../../sql/tests/it/listening.rs"]
mod listening;
#[path = "../../../store/tests/it/process.rs"]
mod process;

pub(crate) use listening::Listening;
