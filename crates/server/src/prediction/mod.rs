//! One call of a flow: who may make it, what it asks, how it runs, what is kept of it.

mod agentflow;
mod answer;
mod asking;
mod entry;
mod follow_up;
mod followers;
mod listeners;
mod live;
mod post_processing;
mod question;
mod rate;
mod stops;
mod stream;
pub(crate) mod uploads;

pub(crate) use agentflow::{
    Back, FlowSource, RerunOf, Walking, rerun, take_over, without_credentials,
};
pub(crate) use answer::{Body, Call, ChatType, SCRIPT_NODE, stored_variables};
pub use asking::FlowPort;
pub(crate) use asking::server_of;
pub(crate) use entry::{admit, check, may_enter};
pub(crate) use followers::{Followers, has_more};
pub(crate) use listeners::Listeners;
pub(crate) use live::{CallLimit, LiveFlow, LiveFlows};
pub(crate) use question::{Asking, Question};
pub(crate) use rate::FlowLimits;
pub(crate) use stops::Stops;
pub(crate) use stream::{respond, respond_followed, respond_heard, stream_kept, stream_of};
