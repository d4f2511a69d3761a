//! What the tests of this crate share.

use std::sync::Arc;

use flowstone_core::{Capability, Credential, Document, Event, Inputs, Result, Run, Services};
use flowstone_providers::{HttpClient, HttpSettings, redis::RedisClients};
use flowstone_testkit::RedisProcess;
use serde_json::Value;
use tokio::sync::mpsc::Receiver;

use crate::CachePool;

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
    Arc::new(services.with(Arc::new(CachePool::default())))
}

/// Services whose clients may call these addresses.
pub(crate) fn calling(addresses: &[&str]) -> Arc<Services> {
    over(flowstone_testkit::services(), addresses)
}

fn over(services: Services, addresses: &[&str]) -> Arc<Services> {
    trusting(Vec::new(), services, addresses)
}

fn trusting(authorities: Vec<u8>, services: Services, addresses: &[&str]) -> Arc<Services> {
    let allow = addresses.iter().map(|it| (*it).to_owned()).collect();
    let http = HttpClient::new(HttpSettings { allow, authorities, ..HttpSettings::default() });
    let http = Arc::new(http.unwrap());
    let redis = Arc::new(RedisClients::new(http.clone()));
    with_clients(services.with(http).with(redis))
}

/// A form whose credential names this Redis.
pub(crate) fn form_of_redis(process: &RedisProcess, values: &Value) -> Inputs {
    let mut form = form(values);
    form.services =
        trusting(process.authority(), flowstone_testkit::services(), &[&process.address()]);
    let fields = [("redisUrl".to_owned(), process.url())];
    form.credential = Some(Credential::new(fields.into()));
    form
}

/// A credential with these fields.
pub(crate) fn credential(fields: &[(&str, &str)]) -> Credential {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Credential::new(fields.collect())
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

/// The same with further clients.
#[cfg(feature = "browser")]
pub(crate) fn services_with(
    address: &str,
    more: impl FnOnce(Services) -> Services,
) -> Arc<Services> {
    over(more(flowstone_testkit::services()), &[address])
}

/// The same over other ports.
pub(crate) fn services_over(services: Services, address: &str) -> Arc<Services> {
    over(services, &[address])
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
