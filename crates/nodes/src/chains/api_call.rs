//! Calls of an API that a model writes from the API's documentation.
//!
//! Whoever writes the question, or what the API answers, must not be able to move the call
//! elsewhere: only servers whose address stands in the documentation are called.

use std::{sync::Arc, time::Duration};

use flowstone_core::{
    ChatModel, ChatRequest, Error, Events, Input, Inputs, Message, Output, Result, Run, Usage,
};
use flowstone_providers::http::{HttpClient, Method, Response, Retry};
use serde_json::{Map, Value};
use url::Url;

use crate::prompt_format::{Template, Values, as_text};

pub(super) const MODEL: Input<Arc<dyn ChatModel>> =
    Input::socket("Language Model", "model", "BaseLanguageModel");
pub(super) const DOCUMENTATION: Input<String> = Input::text("API Documentation", "apiDocs")
    .rows(4)
    .describe("What the API can do, with its full address (https://…): no other server is called");
pub(super) const HEADERS: Input<Option<Value>> = Input::json("Headers", "headers")
    .describe("A JSON object of headers that go along with each call")
    .additional()
    .optional();

/// How long the API may take to begin its answer.
const PATIENCE: Duration = Duration::from_mins(1);
/// Longest answer of an API that is read, in bytes.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;
/// How much of it the model sees, in characters.
const SHOWN: usize = 40_000;

/// A model with the documentation of an API.
pub(super) struct ApiChain {
    pub(super) model: Arc<dyn ChatModel>,
    api: Api,
    documentation: String,
    call: Template,
    answer: Template,
}

impl ApiChain {
    /// Reads the rows that both chains have; the templates are already checked.
    pub(super) fn from_form(inputs: &Inputs, call: &str, answer: &str) -> Result<Self> {
        let documentation = inputs.get(&DOCUMENTATION)?;
        Ok(Self {
            model: inputs.get(&MODEL)?,
            api: Api { hosts: documented_hosts(&documentation)?, headers: read_headers(inputs)? },
            documentation,
            call: Template::parse(call, "URL Prompt")?,
            answer: Template::parse(answer, "Answer Prompt")?,
        })
    }

    /// What the model writes of the call that answers `question`.
    pub(super) async fn write_call(&self, question: &str) -> Result<(String, Usage)> {
        let request =
            ChatRequest::new(vec![Message::user(self.call.fill(&self.values(question))?)]);
        let reply = self.model.chat(&request, &Events::silent()).await?;
        Ok((reply.text, reply.usage.unwrap_or_default()))
    }

    /// Makes the call and lets the model answer by what comes back.
    pub(super) async fn answer(
        &self,
        question: &str,
        address: &str,
        body: Option<&Value>,
        run: &Run,
    ) -> Result<Output> {
        let url = self.api.permit(address)?;
        let response = self.api.call(&url, body, run).await?;
        let mut values = self.values(question);
        values.insert("api_url".to_owned(), url.as_str().into());
        values.insert(
            "api_url_body".to_owned(),
            match body {
                Some(body) => format!("{url} {body}").into(),
                None => url.as_str().into(),
            },
        );
        values.insert("api_response".to_owned(), response.into());
        let request = ChatRequest::new(vec![Message::user(self.answer.fill(&values)?)]);
        Ok(super::output(self.model.chat(&request, &run.events).await?))
    }

    fn values(&self, question: &str) -> Values {
        Values::from_iter([
            ("api_docs".to_owned(), self.documentation.as_str().into()),
            ("question".to_owned(), question.into()),
        ])
    }
}

/// What may be called, and with which headers.
struct Api {
    /// Hosts and ports.
    hosts: Vec<(String, u16)>,
    headers: Vec<(String, String)>,
}

impl Api {
    /// The address that a model wrote, where it is one of the documented API.
    fn permit(&self, address: &str) -> Result<Url> {
        let url = find_address(address).ok_or_else(|| {
            Error::ModelAnswer(
                "the model was to write an address of the API and wrote none".to_owned(),
            )
        })?;
        let place = place(&url);
        let plain = url.username().is_empty() && url.password().is_none();
        if plain && place.as_ref().is_some_and(|it| self.hosts.contains(it)) {
            return Ok(url);
        }
        let known: Vec<String> =
            self.hosts.iter().map(|(host, port)| format!("{host}:{port}")).collect();
        Err(Error::AddressRefused(format!(
            "the model wants to call {}, which is not in the API Documentation; only these are \
             called: {}",
            url.host_str().unwrap_or("nothing"),
            known.join(", ")
        )))
    }

    async fn call(&self, url: &Url, body: Option<&Value>, run: &Run) -> Result<String> {
        let client = run.services.get::<HttpClient>()?;
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let retry = if body.is_some() { Retry::Never } else { Retry::default() };
        let mut request =
            client.request(method, url.as_str())?.timeout(Some(PATIENCE)).retry(retry).stay();
        if let Some(body) = body {
            request = request.json(body);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        read_answer(request.send().await?).await
    }
}

/// What an API answered, as the model is told of it.
pub(super) async fn read_answer(response: Response) -> Result<String> {
    let status = response.status();
    let mut text = response.text(LONGEST_ANSWER).await?;
    if let Some((cut, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(cut);
        text.push_str("\n… (the rest of the answer is left out)");
    }
    if status.is_success() {
        return Ok(text);
    }
    Ok(format!("The API answered with the status {}:\n{text}", status.as_u16()))
}

/// Every server whose address stands in a text.
fn documented_hosts(text: &str) -> Result<Vec<(String, u16)>> {
    let mut hosts = Vec::new();
    for url in addresses(text) {
        if let Some(place) = place(&url)
            && !hosts.contains(&place)
        {
            hosts.push(place);
        }
    }
    if hosts.is_empty() {
        return Err(Error::invalid(
            &DOCUMENTATION.field,
            "it names no address: write the full one, such as https://api.example.com/v1, as no \
             other server is called",
        ));
    }
    Ok(hosts)
}

/// The first address in a text.
fn find_address(text: &str) -> Option<Url> {
    addresses(text).next()
}

fn addresses(text: &str) -> impl Iterator<Item = Url> {
    let starts = text.match_indices("http").filter_map(|(at, _)| {
        let rest = &text[at..];
        (rest.starts_with("http://") || rest.starts_with("https://")).then_some(rest)
    });
    starts.filter_map(|rest| {
        let ends = |it: char| it.is_whitespace() || "\"'`<>|\\^{}[]()".contains(it);
        // The host of an IPv6 address stands in brackets.
        let head = rest.find("://").map_or(0, |it| it + 3);
        let skip = if rest[head..].starts_with('[') {
            rest[head..].find(']').map_or(head, |it| head + it + 1)
        } else {
            head
        };
        let end = rest[skip..].find(ends).map_or(rest.len(), |it| skip + it);
        Url::parse(rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '*'])).ok()
    })
}

fn place(url: &Url) -> Option<(String, u16)> {
    Some((url.host_str()?.trim_end_matches('.').to_owned(), url.port_or_known_default()?))
}

/// Reads [`HEADERS`].
pub(super) fn read_headers(inputs: &Inputs) -> Result<Vec<(String, String)>> {
    let entries = match inputs.get(&HEADERS)? {
        None => Map::new(),
        Some(Value::Object(entries)) => entries,
        Some(_) => {
            let reason = "a JSON object such as {\"Accept-Language\": \"en\"} is expected";
            return Err(Error::invalid(&HEADERS.field, reason));
        }
    };
    Ok(entries.into_iter().map(|(name, value)| (name, as_text(&value))).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DOCS: &str = "BASE URL: https://api.weather.test/v1/ (also http://api.weather.test:8080). \
                        Example: `https://api.weather.test/v1/now?city=Lima`. See [x](https://docs.test/a).";

    fn api() -> Api {
        Api { hosts: documented_hosts(DOCS).unwrap(), headers: Vec::new() }
    }

    #[test]
    fn the_documentation_says_which_servers_are_called() {
        let hosts = [("api.weather.test", 443), ("api.weather.test", 8080), ("docs.test", 443)];
        assert_eq!(api().hosts, hosts.map(|(host, port)| (host.to_owned(), port)));
        let said = documented_hosts("call api.weather.test").unwrap_err().to_string();
        assert!(said.starts_with("API Documentation: it names no address"), "{said}");
    }

    #[test]
    fn the_model_cannot_move_a_call_elsewhere() {
        for good in [
            "https://api.weather.test/v1/now?city=Lima",
            "Call `https://API.weather.test./x`.",
            "http://api.weather.test:8080/a",
        ] {
            assert!(api().permit(good).is_ok(), "{good}");
        }
        for bad in [
            "https://evil.test/?q=https://api.weather.test/",
            "https://api.weather.test.evil.test/",
            "https://api.weather.test@evil.test/",
            "https://evil.test#@api.weather.test/",
            "https://user:key@api.weather.test/",
            "https://api.weather.test:8443/",
            "http://169.254.169.254/latest/meta-data/",
            "http://[::1]/",
            "file:///etc/passwd",
            "https:\\\\evil.test",
            "nothing",
        ] {
            assert!(api().permit(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_model_writes_only_documented_servers_are_permitted(
            text in r"(https?://)?[a-z.@:/\\#?\[\]0-9%]{0,40}"
        ) {
            if let Ok(url) = api().permit(&text) {
                prop_assert!(["api.weather.test", "docs.test"].contains(&url.host_str().unwrap()));
            }
        }
    }
}
