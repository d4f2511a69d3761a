//! One call of a flow: who may make it, what it asks, how it runs, what is kept of it.

mod answer;
mod asking;
mod entry;
mod live;
mod question;
mod rate;
mod stops;
mod stream;

pub(crate) use answer::{Body, Call, ChatType, SCRIPT_NODE, stored_variables};
pub use asking::FlowPort;
pub(crate) use entry::check;
pub(crate) use live::{LiveFlow, LiveFlows};
pub(crate) use question::{Asking, Question};
pub(crate) use rate::FlowLimits;
pub(crate) use stops::Stops;
pub(crate) use stream::respond;
