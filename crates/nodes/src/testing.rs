//! What the tests of this crate share.

use std::sync::Arc;

use flowstone_core::{Capability, Document, Event, Inputs, Result, Run, Services};
use serde_json::Value;
use tokio::sync::mpsc::Receiver;

/// Services with empty ports and what the nodes of this build need.
pub(crate) fn services() -> Arc<Services> {
    with_clients(flowstone_testkit::services())
}

/// The same over other ports.
pub(crate) fn with_clients(services: Services) -> Arc<Services> {
    #[cfg(feature = "javascript")]
    let services = {
        use flowstone_sandbox::{Limits, Sandbox};
        services.with(Arc::new(Sandbox::new(Limits::default(), None)))
    };
    Arc::new(services)
}

/// A form filled in with `values`.
pub(crate) fn form(values: &Value) -> Inputs {
    let mut form = Inputs::empty(services());
    form.values = values.as_object().cloned().unwrap();
    form
}

/// Services whose HTTP client may call `address`, a server of a test.
pub(crate) fn services_for(address: &str) -> Arc<Services> {
    services_over(flowstone_testkit::services(), address)
}

/// The same over other ports.
pub(crate) fn services_over(services: Services, address: &str) -> Arc<Services> {
    use flowstone_providers::{HttpClient, HttpSettings};
    let settings = HttpSettings { allow: vec![address.to_owned()], ..HttpSettings::default() };
    with_clients(services.with(Arc::new(HttpClient::new(settings).unwrap())))
}

/// A file as the canvas puts it into a form.
pub(crate) fn upload(name: &str, content: impl AsRef<[u8]>) -> String {
    use base64::Engine as _;
    let content = base64::engine::general_purpose::STANDARD.encode(content);
    format!("data:application/octet-stream;base64,{content},filename:{name}")
}

/// Plugs something into a socket of a form.
pub(crate) fn plug(form: &mut Inputs, socket: &str, plugged: Capability) {
    form.plugged.entry(socket.to_owned()).or_default().push(plugged);
}

/// The documents a loader made.
pub(crate) fn documents(made: Result<Capability>) -> Vec<Document> {
    let Capability::Documents(documents) = made.unwrap() else { panic!("no documents") };
    documents.to_vec()
}

/// A run that asks `question`, and what it tells.
pub(crate) fn run(question: &str) -> (Run, Receiver<Event>) {
    flowstone_testkit::run(question, services())
}

/// All that was told, once the run is dropped.
pub(crate) async fn told(receiver: Receiver<Event>) -> Vec<Event> {
    flowstone_testkit::transcript::collect(receiver).await
}
