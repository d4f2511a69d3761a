//! The areas of the API: what the routes of each are about, and what the parts of their paths mean.

use crate::route::Area;

macro_rules! areas {
    ($($name:ident: $tag:literal, $about:literal, $parameters:expr;)*) => {
        $(pub(super) static $name: Area =
            Area { tag: $tag, about: $about, parameters: $parameters };)*

        /// All of them, in the order in which they are read.
        pub(crate) static AREAS: &[&Area] = &[$(&$name),*];
    };
}

/// Where messages come from.
pub(super) const CHAT_TYPES: &[&str] = &["INTERNAL", "EXTERNAL"];
/// What people think of answers.
pub(super) const RATINGS: &[&str] = &["THUMBS_UP", "THUMBS_DOWN"];

// A macro, because a list of statics cannot be told from the statics by a function.
areas! {
    PREDICTIONS: "Asking", "Ask a flow, and stop it.", &[
        ("id", "Id of the flow."),
        ("flow", "Id of the flow."),
        ("chat", "Id of the chat whose run is to stop."),
    ];
    CHATFLOWS: "Flows", "Keep flows, and see how much they are talked to.", &[
        ("id", "Id of the flow."),
        ("since", "A time such as `2026-01-31T09:30:00.000Z`."),
        ("number", "Number of the version."),
        ("key", "The API key itself."),
    ];
    PUBLIC_FLOWS: "Chat windows", "What the chat window of a flow needs, without its secrets.", &[
        ("id", "Id of the flow."),
    ];
    OVERRIDES: "Overrides", "What a call may change in a flow.", &[("id", "Id of the flow.")];
    RUNS: "Runs", "What flows did, call by call.", &[("id", "Id of the run.")];
    MESSAGES: "Messages", "What was said in chats.", &[("id", "Id of the flow.")];
    FEEDBACK: "Feedback", "What people think of answers.", &[
        ("id", "Id of the flow, of whose answers it tells; to change one, id of the feedback."),
    ];
    WEBHOOKS: "Webhooks", "Requests of other systems that start flows.", &[
        ("id", "Id of the flow."),
        ("listener", "Id of the listener."),
    ];
    EXECUTIONS: "Executions", "Runs of agentflows.", &[("id", "Id of the run.")];
    LEADS: "Leads", "People who left their address in a chat.", &[("id", "Id of the flow.")];
    VECTORS: "Vector stores", "Fill the vector stores of flows.", &[("id", "Id of the flow.")];
    NODES: "Nodes", "The nodes that flows are made of.", &[
        ("name", "Name of the node; in the path with `category`, that of the category."),
    ];
    TOOLS: "Tools", "Tools that users wrote.", &[("id", "Id of the tool.")];
    VARIABLES: "Variables", "Values that flows read by name.", &[("id", "Id of the variable.")];
    CREDENTIALS: "Credentials", "Keys of services that flows call.", &[
        ("id", "Id of the credential."),
        ("name", "Name of the kind."),
        ("names", "Name of the kind, or several joined by `&`."),
    ];
    USAGE: "Uses", "Where things are used.", &[
        ("kind", "`apikeys`, `credentials`, `tools` or `variables`."),
        ("id", "Id of the thing."),
    ];
    API_KEYS: "API keys", "Keys by which programs call this API.", &[
        ("id", "Id of the key."),
        ("key", "The key itself."),
    ];
    ASSISTANTS: "Assistants", "Assistants, and what they are put together from.", &[
        ("id", "Id of the assistant."),
    ];
    DOCUMENT_STORES: "Document stores", "Documents that are loaded, cut into chunks and searched.", &[
        ("store", "Id of the document store."),
        ("loader", "Id of the loader."),
        ("chunk", "Id of the chunk; to list chunks, the number of the page, from 1."),
    ];
    TEMPLATES: "Templates", "Flows and tools to start from.", &[("id", "Id of the template.")];
    TRANSFERS: "Transfers", "A workspace as a file, and reading one.", &[];
    MCP_SERVERS: "MCP servers", "MCP servers that users registered.", &[
        ("id", "Id of the server."),
    ];
    TOOLS_OF_FLOWS: "Tools of flows", "Tools of a flow for a voice model that speaks with the caller.", &[
        ("id", "Id of the flow."),
    ];
    SPEECH: "Speech", "Read answers aloud.", &[];
    ATTACHMENTS: "Attachments", "Files that come with questions.", &[
        ("flow", "Id of the flow."),
        ("chat", "Id of the chat."),
    ];
    ACCOUNTS: "Accounts", "Sign in, and keep one's own account.", &[
        ("kind", "`API_KEY` for those that a key may hold, `ROLE` for all."),
    ];
    SYSTEM: "Server", "Signs of life, and this document.", &[];
}
