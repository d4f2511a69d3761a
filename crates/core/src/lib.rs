//! The five ideas of Flowstone and nothing else: **Spec** (what the canvas shows), **Input** (a
//! typed key, both form row and parser), **Node** (spec + init), **Capability** (what a node hands
//! on) and **Event** (what a run tells while it goes on). No IO, no HTTP, no SQL.

pub mod capability;
pub mod credential;
pub mod error;
pub mod event;
pub mod filter;
pub mod input;
pub mod message;
pub mod node;
pub mod number;
pub mod output;
pub mod prompt;
pub mod run;
pub mod sequence;
pub mod services;
pub mod spec;
pub mod step;

pub use capability::{
    Cache, Capability, ChatModel, Cleanup, Document, Embeddings, Graph, Memory, Moderation,
    OutputParser, Record, RecordFilter, RecordManager, Retriever, Route, Runnable, Synthesizer,
    TextSplitter, Tool, ToolResult, VectorStore, Verdict,
};
pub use credential::{Credential, CredentialSpec};
pub use error::{Error, Result};
pub use event::{Event, Events, Metadata};
pub use filter::MetadataFilter;
pub use input::Input;
pub use message::{
    ChatReply, ChatRequest, Hosted, HostedFile, HostedTool, Image, Message, Role, ToolCall,
    ToolSpec, Usage,
};
pub use node::{Inputs, Node};
pub use output::{Answer, Output, UsedTool};
pub use prompt::{Prompt, PromptPart};
pub use run::{
    Bill, Purse, Run, RunKeep, RunState, TurnKey, Upload, attached_text, marked_text, with_files,
};
pub use services::{FilePlace, Services};
pub use spec::{Choice, Field, Spec};
pub use step::{Begins, FlowView, HumanAnswer, Next, StateUpdate, Step, Taken, Turn};
