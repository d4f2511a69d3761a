//! The tables as SeaORM sees them. Table and column names are Flowise's, where it has them, so
//! that an operator's reports and back-up scripts keep working. No entity leaves this crate.

pub(crate) mod api_key;
pub(crate) mod assistant;
pub(crate) mod chat_flow;
pub(crate) mod chat_flow_draft;
pub(crate) mod chat_flow_version;
pub(crate) mod chat_message;
pub(crate) mod chat_message_feedback;
pub(crate) mod credential;
pub(crate) mod custom_mcp_server;
pub(crate) mod custom_template;
pub(crate) mod document_store;
pub(crate) mod document_store_file_chunk;
pub(crate) mod document_store_history;
pub(crate) mod execution;
#[expect(unreachable_pub, reason = "SeaORM's derives only make public items")]
pub(crate) mod execution_event;
#[expect(unreachable_pub, reason = "SeaORM's derives only make public items")]
pub(crate) mod execution_turn;
pub(crate) mod flow_checkpoint;
pub(crate) mod flow_run;
pub(crate) mod lead;
pub(crate) mod organization;
pub(crate) mod password_reset;
pub(crate) mod schedule_record;
pub(crate) mod schedule_trigger_log;
pub(crate) mod session;
#[expect(unreachable_pub, reason = "SeaORM's derives only make public items")]
pub(crate) mod setting;
pub(crate) mod tool;
pub(crate) mod upsert_history;
pub(crate) mod user;
pub(crate) mod variable;
pub(crate) mod workspace;
pub(crate) mod workspace_user;
