//! Where an MCP server is and how it is spoken to.

use std::fmt;

use url::Url;

/// An MCP server. Two that are equal are one server, so a connection to it may be shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// It listens at an address.
    Http(HttpServer),
    /// It is a program that is spoken to over its pipes.
    Program(Program),
}

/// How a server at an address is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Wire {
    /// Streamable HTTP, and the older transport where the server does not know that.
    #[default]
    Either,
    /// Streamable HTTP.
    Streamable,
    /// The older transport: a stream of server-sent events that names where to post.
    Events,
}

/// A server at an address. `Debug` shows neither the path nor the headers: both may hold secrets.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HttpServer {
    /// Its whole address.
    pub url: String,
    /// What goes along with each call.
    pub headers: Vec<(String, String)>,
    /// How it is spoken to.
    pub wire: Wire,
}

/// A program that a flow wants to start. `Debug` shows no values of the environment.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Program {
    /// The node that starts a program of its own; `None` for one that a user wrote down.
    pub node: Option<&'static str>,
    /// The program and its arguments; for a node's own program, what is added to the arguments that
    /// the operator wrote.
    pub words: Vec<String>,
    /// Variables it gets.
    pub environment: Vec<(String, String)>,
}

impl Target {
    /// Where it is, for messages, without what may be secret.
    pub fn place(&self) -> String {
        match self {
            Self::Http(server) => server.place(),
            Self::Program(program) => program.place(),
        }
    }
}

impl HttpServer {
    fn place(&self) -> String {
        let host = Url::parse(&self.url).ok();
        let host = host.as_ref().and_then(|it| Some((it.host_str()?, it.port_or_known_default()?)));
        host.map_or_else(|| "at that address".to_owned(), |(host, port)| format!("{host}:{port}"))
    }
}

impl Program {
    fn place(&self) -> String {
        match self.node {
            Some(node) => format!("of {node}"),
            None => self.words.first().cloned().unwrap_or_default(),
        }
    }
}

impl fmt::Debug for HttpServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("HttpServer").field(&self.place()).field(&self.wire).finish()
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Program").field(&self.place()).finish()
    }
}
