//! Google Cloud as nodes of Vertex AI reach it.

use std::sync::Arc;

use flowstone_core::{Error, Input, Inputs, Result, spec::CredentialSlot};
use flowstone_providers::{
    HttpClient, gemini::Server, google_account::ServiceAccount, tokens::Tokens,
};

/// The credential of its nodes.
pub(crate) const CREDENTIAL: CredentialSlot = CredentialSlot::optional(&["googleVertexAuth"]);
/// Where the model runs.
pub(crate) const REGION: Input<Option<String>> =
    Input::async_options("Region", "region", "listRegions")
        .describe("Where the model runs; us-central1 where it is empty")
        .optional();

const USUAL_REGION: &str = "us-central1";

/// Vertex AI for the project of the form's credential, in `region`.
pub(crate) fn server(inputs: &Inputs, region: Option<String>) -> Result<Server> {
    let region = region.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
    let region = region.unwrap_or_else(|| USUAL_REGION.to_owned());
    let named = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    if !region.chars().all(named) {
        return Err(Error::invalid(&REGION.field, "a region such as europe-west1 is expected"));
    }
    let address = match region.as_str() {
        "global" => "https://aiplatform.googleapis.com".to_owned(),
        region => format!("https://{region}-aiplatform.googleapis.com"),
    };
    server_at(inputs, &address, &region)
}

/// The same at another address.
pub(crate) fn server_at(inputs: &Inputs, address: &str, region: &str) -> Result<Server> {
    let http = inputs.services.get::<HttpClient>()?;
    let credential = inputs.credential()?;
    let Some(key) = credential.get("googleApplicationCredential") else {
        return Err(Error::Credential(
            if credential.get("googleApplicationCredentialFilePath").is_some() {
                "files of the server are not read for credentials: paste the key's JSON into Google \
             Credential JSON Object"
                .to_owned()
            } else {
                "the credential has no Google Credential JSON Object: open it and fill that in"
                    .to_owned()
            },
        ));
    };
    let account = ServiceAccount::read(http.clone(), key)?;
    let project = credential.get("projectID").or_else(|| account.project());
    let project =
        project.filter(|it| it.chars().all(|it| it.is_ascii_alphanumeric() || "-_.:".contains(it)));
    let project = project.map(str::to_owned).ok_or_else(|| {
        Error::Credential(
            "the credential has no usable Project ID: open it and fill that in".to_owned(),
        )
    })?;
    let tokens = Arc::new(Tokens::of(account));
    Ok(Server::vertex(http, address, (&project, region), tokens))
}

#[cfg(test)]
mod tests {
    use flowstone_core::{ChatModel, ChatRequest, Credential, Embeddings, Events, Message};
    use flowstone_providers::gemini::{Chat, VertexEmbeddings};
    use flowstone_testkit::{FakeSite, SitePage};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{form, services_for};

    /// Made for this test; it opens nothing.
    const KEY: &str = include_str!("../testdata/nobody.pem");

    fn filled(site: &FakeSite) -> Inputs {
        let mut form = form(&json!({}));
        form.services = services_for(site.address());
        let key = json!({
            "type": "service_account", "client_email": "me@p.iam.gserviceaccount.com",
            "private_key": KEY, "project_id": "p1", "token_uri": site.url("/token"),
        });
        let fields = [("googleApplicationCredential".to_owned(), key.to_string())];
        form.credential = Some(Credential::new(fields.into()));
        form
    }

    fn page(value: &Value) -> SitePage {
        SitePage::new("application/json", value.to_string())
    }

    #[tokio::test]
    async fn a_signed_statement_becomes_a_token_for_the_model() {
        let place = "/v1/projects/p1/locations/europe-west1/publishers/google/models";
        let answer = json!({"candidates": [{
            "content": {"role": "model", "parts": [{"text": "Hi"}]}, "finishReason": "STOP",
        }]});
        let vectors = json!({"predictions": [{"embeddings": {"values": [0.5]}}]});
        let site = FakeSite::start([
            ("/token", page(&json!({"access_token": "t1", "expires_in": 3599}))),
            (&*format!("{place}/gemini-2.5-flash:generateContent"), page(&answer)),
            (&*format!("{place}/text-embedding-004:predict"), page(&vectors)),
        ])
        .await;
        let form = filled(&site);
        let server = server_at(&form, &site.url(""), "europe-west1").unwrap();
        let chat = Chat::new(server.clone(), "gemini-2.5-flash");
        let request = ChatRequest::new(vec![Message::user("Hi")]);
        assert_eq!(chat.chat(&request, &Events::silent()).await.unwrap().text, "Hi");
        let model = "text-embedding-004".to_owned();
        let embeddings = VertexEmbeddings { server, model, strip_new_lines: true };
        assert_eq!(embeddings.embed_query("a\nb").await.unwrap(), [0.5]);
        let calls = site.calls();
        assert_eq!(calls.len(), 3, "the token is kept");
        assert!(calls[0].body.contains("jwt-bearer&assertion=ey"), "{}", calls[0].body);
        assert_eq!(calls[1].headers["authorization"], "Bearer t1");
        let body: Value = serde_json::from_str(&calls[2].body).unwrap();
        let instance = json!({"content": "a b", "task_type": "RETRIEVAL_QUERY"});
        assert_eq!(body, json!({"instances": [instance]}));
    }

    #[tokio::test]
    async fn what_is_missing_in_the_credential_is_named() {
        let site = FakeSite::start([]).await;
        let mut form = filled(&site);
        for (field, value, reason) in [
            ("googleApplicationCredential", "{}", "is no key of a service account"),
            ("googleApplicationCredentialFilePath", "/etc/key.json", "paste the key's JSON"),
            ("projectID", "p", "has no Google Credential JSON Object"),
        ] {
            form.credential = Some(Credential::new([(field.to_owned(), value.to_owned())].into()));
            let said = server(&form, None).err().unwrap().to_string();
            assert!(said.contains(reason), "{said}");
        }
        let said = server(&filled(&site), Some("x.example/".to_owned())).err().unwrap();
        assert!(said.to_string().starts_with("Region: a region"), "{said}");
    }
}
