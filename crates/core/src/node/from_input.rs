//! How each type of value is read from a form or a socket.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::Inputs;
use crate::{
    Cache, Capability, ChatModel, Document, Embeddings, Error, Graph, Memory, Moderation,
    OutputParser, Prompt, RecordManager, Result, Retriever, Route, Runnable, Synthesizer,
    TextSplitter, Tool, VectorStore,
    capability::StoreRetriever,
    sequence::{Checkpoints, Member},
    spec::Field,
};

/// A type that an [`Input`] can parse to.
pub trait FromInput: Sized {
    /// Finds and parses the value of `field`.
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self>;
}

impl FromInput for String {
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        match inputs.value(field) {
            Some(Value::String(text)) => Ok(text),
            Some(other) => Ok(other.to_string()),
            None => Err(Error::missing(field)),
        }
    }
}

impl FromInput for f64 {
    /// Forms save numbers as text as often as not, so both are read.
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        let value = inputs.value(field).ok_or_else(|| Error::missing(field))?;
        let parsed = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
        parsed
            .filter(|it: &f64| it.is_finite())
            .ok_or_else(|| Error::invalid(field, format!("{value} is not a number")))
    }
}

impl FromInput for u64 {
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        let number = f64::from_input(field, inputs)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "guarded by the range just tested"
        )]
        if number.fract() == 0.0 && (0.0..9e15).contains(&number) {
            return Ok(number as u64);
        }
        Err(Error::invalid(field, format!("{number} is not a whole number of zero or more")))
    }
}

impl FromInput for bool {
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        match inputs.value(field) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(Value::String(text)) if text == "true" => Ok(true),
            Some(Value::String(text)) if text == "false" => Ok(false),
            Some(other) => Err(Error::invalid(field, format!("{other} is neither true nor false"))),
        }
    }
}

impl FromInput for Value {
    /// JSON rows hold an object or its text.
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        match inputs.value(field).ok_or_else(|| Error::missing(field))? {
            Value::String(text) => serde_json::from_str(&text)
                .map_err(|error| Error::invalid(field, format!("this is not valid JSON: {error}"))),
            other => Ok(other),
        }
    }
}

impl FromInput for Vec<Map<String, Value>> {
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        let value = Value::from_input(field, inputs)?;
        serde_json::from_value(value)
            .map_err(|_| Error::invalid(field, "a list of rows is expected"))
    }
}

impl FromInput for Vec<String> {
    /// Several choices are saved as a JSON list or its text.
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        match inputs.value(field) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) if !text.trim_start().starts_with('[') => Ok(vec![text]),
            Some(_) => serde_json::from_value(Value::from_input(field, inputs)?)
                .map_err(|_| Error::invalid(field, "a list of texts is expected")),
        }
    }
}

impl<T: FromInput> FromInput for Option<T> {
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        match T::from_input(field, inputs) {
            Err(Error::MissingInput { .. }) => Ok(None),
            other => other.map(Some),
        }
    }
}

fn wrong_plug(field: &Field, plugged: &Capability) -> Error {
    Error::invalid(field, format!("a {} is plugged in here", plugged.kind()))
}

/// Reads a socket: the capability must be of the variant the node asked for.
macro_rules! socket {
    ($($variant:ident => $ty:ty),* $(,)?) => {$(
        impl FromInput for $ty {
            fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
                match inputs.sockets(field).first() {
                    Some(Capability::$variant(it)) => Ok(it.clone()),
                    Some(other) => Err(wrong_plug(field, other)),
                    None => Err(Error::missing(field)),
                }
            }
        }
    )*};
}

socket! {
    ChatModel => Arc<dyn ChatModel>,
    Embeddings => Arc<dyn Embeddings>,
    VectorStore => Arc<dyn VectorStore>,
    Memory => Arc<dyn Memory>,
    Prompt => Arc<Prompt>,
    OutputParser => Arc<dyn OutputParser>,
    RecordManager => Arc<dyn RecordManager>,
    Cache => Arc<dyn Cache>,
    Graph => Arc<dyn Graph>,
    Synthesizer => Arc<dyn Synthesizer>,
    TextSplitter => Arc<dyn TextSplitter>,
    Runnable => Arc<dyn Runnable>,
    Member => Arc<Member>,
    Checkpoints => Arc<dyn Checkpoints>,
}

impl FromInput for Arc<dyn Retriever> {
    /// A vector store stands in for the retriever it can always be.
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        match inputs.sockets(field).first() {
            Some(Capability::Retriever(it)) => Ok(it.clone()),
            Some(Capability::VectorStore(it)) => Ok(Arc::new(StoreRetriever(it.clone()))),
            Some(other) => Err(wrong_plug(field, other)),
            None => Err(Error::missing(field)),
        }
    }
}

impl FromInput for Vec<Arc<dyn Tool>> {
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        let mut tools = Vec::new();
        for plugged in inputs.sockets(field) {
            match plugged {
                Capability::Tool(it) => tools.push(it.clone()),
                Capability::Tools(many) => tools.extend(many.iter().cloned()),
                other => return Err(wrong_plug(field, other)),
            }
        }
        Ok(tools)
    }
}

impl FromInput for Vec<Arc<dyn Moderation>> {
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        let each = inputs.sockets(field).iter().map(|plugged| match plugged {
            Capability::Moderation(it) => Ok(it.clone()),
            other => Err(wrong_plug(field, other)),
        });
        each.collect()
    }
}

impl FromInput for Vec<Arc<dyn Retriever>> {
    /// As for one, a vector store stands in for a retriever.
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        let each = inputs.sockets(field).iter().map(|plugged| match plugged {
            Capability::Retriever(it) => Ok(it.clone()),
            Capability::VectorStore(it) => Ok(Arc::new(StoreRetriever(it.clone())) as _),
            other => Err(wrong_plug(field, other)),
        });
        each.collect()
    }
}

impl FromInput for Vec<Arc<Member>> {
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        let each = inputs.sockets(field).iter().map(|plugged| match plugged {
            Capability::Member(it) => Ok(it.clone()),
            other => Err(wrong_plug(field, other)),
        });
        each.collect()
    }
}

impl FromInput for Vec<Arc<Route>> {
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        let each = inputs.sockets(field).iter().map(|plugged| match plugged {
            Capability::Route(it) => Ok(it.clone()),
            other => Err(wrong_plug(field, other)),
        });
        each.collect()
    }
}

impl FromInput for Vec<Value> {
    /// The values that are plugged in, in the order of the wires.
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        let each = inputs.sockets(field).iter().map(|plugged| match plugged {
            Capability::Value(value) | Capability::Chosen { value, .. } => Ok(value.clone()),
            Capability::Documents(documents) => Ok(serde_json::json!(documents)),
            other => Err(wrong_plug(field, other)),
        });
        each.collect()
    }
}

impl FromInput for Vec<Document> {
    /// All documents of all loaders that are plugged in, in the order of the wires.
    fn from_input(field: &Field, inputs: &Inputs) -> Result<Self> {
        let mut documents = Vec::new();
        for plugged in inputs.sockets(field) {
            match plugged {
                Capability::Documents(it) => documents.extend(it.iter().cloned()),
                other => return Err(wrong_plug(field, other)),
            }
        }
        Ok(documents)
    }
}
