//! Where a deployment of Azure OpenAI is called.

use flowstone_core::{Error, Input, Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_providers::openai::{Dialect, Endpoint, dialects};

use super::{BASE_PATH, dress, http, shows};

/// Another address than that of the credential's instance.
pub(crate) const AZURE_BASE_PATH: Input<Option<String>> = Input::text("Base Path", "basepath")
    .describe("Address to call instead of the one that the credential's instance has")
    .placeholder("https://INSTANCE.openai.azure.com/openai/deployments")
    .optional()
    .additional();

/// The API's version from which on a stream tells its usage when asked. Versions are dates, so
/// they compare as texts.
const TELLS_USAGE: &str = "2024-09-01";
/// What the addresses of the newer form end in. They know no versions, and the deployment is the
/// model's name.
const NEWER: &str = "/openai/v1";
const DEPLOYMENTS: &str = "/openai/deployments";

/// A deployment, as a credential and a form name it.
pub(crate) struct Azure {
    base: String,
    key: String,
    deployment: String,
    version: String,
}

impl Azure {
    /// The credential that its nodes take.
    pub(crate) const CREDENTIAL: CredentialSlot = CredentialSlot::required(&["azureOpenAIApi"]);

    /// Reads the credential and the row of the address.
    ///
    /// # Errors
    /// `Credential` naming the field that is empty or malformed.
    pub(crate) fn read(inputs: &Inputs, spec: &Spec) -> Result<Self> {
        let credential = inputs.credential()?;
        let key = credential.require("azureOpenAIApiKey", "Azure OpenAI Api Key")?;
        let deployment = credential
            .require("azureOpenAIApiDeploymentName", "Azure OpenAI Api Deployment Name")?;
        let named = |it: char| it.is_alphanumeric() || matches!(it, '-' | '_' | '.');
        if !deployment.chars().all(named) {
            return Err(Error::Credential(format!(
                "the credential's Azure OpenAI Api Deployment Name is {deployment:?}: it may hold \
                 letters, digits, hyphens, underscores and dots"
            )));
        }
        let path = if shows(spec, &AZURE_BASE_PATH.field) { inputs.get(&BASE_PATH)? } else { None };
        let base = match path {
            Some(path) => path,
            None => {
                let label = "Azure OpenAI Api Instance Name";
                instance(credential.require("azureOpenAIApiInstanceName", label)?)
            }
        };
        let base = base.trim().trim_end_matches('/');
        let base = base.strip_suffix("/openai").unwrap_or(base).to_owned();
        // The newer addresses need none.
        let version = match credential.get("azureOpenAIApiVersion") {
            Some(version) => version.trim().to_owned(),
            None if base.ends_with(NEWER) => String::new(),
            None => {
                credential.require("azureOpenAIApiVersion", "Azure OpenAI Api Version")?.to_owned()
            }
        };
        Ok(Self { base, key: key.to_owned(), deployment: deployment.to_owned(), version })
    }

    /// The deployment's own endpoint, with what the form puts on it.
    pub(crate) fn endpoint(&self, inputs: &Inputs, spec: &Spec) -> Result<Endpoint> {
        let newer = self.base.ends_with(NEWER);
        let base = if newer { self.base.clone() } else { self.of_deployment() };
        let version = Some(self.version.as_str()).filter(|_| !newer);
        let mut endpoint = Endpoint::azure(http(inputs)?, base, self.key.clone(), version);
        dress(&mut endpoint, inputs, spec)?;
        Ok(endpoint)
    }

    /// The model's name in a body: `chosen`, or the deployment where its address does not hold it.
    pub(crate) fn model(&self, chosen: String) -> String {
        if self.base.ends_with(NEWER) { self.deployment.clone() } else { chosen }
    }

    /// The deployment's name.
    pub(crate) fn deployment(&self) -> &str {
        &self.deployment
    }

    /// The endpoint of the Responses API, which only the newer addresses have; `own` is the
    /// deployment's.
    ///
    /// # Errors
    /// `InvalidInput` where the form's address does not tell it.
    pub(crate) fn responses(&self, own: &Endpoint) -> Result<Endpoint> {
        let root = match self.base.find("/openai/") {
            Some(end) => &self.base[..end],
            None if self.base.ends_with("azure.com") => self.base.as_str(),
            None => {
                let reason = "a summary of the reasoning needs an address of the form \
                              https://INSTANCE.openai.azure.com/openai/v1";
                return Err(Error::invalid(&AZURE_BASE_PATH.field, reason));
            }
        };
        let base_url = format!("{root}{NEWER}");
        Ok(Endpoint { base_url, query: Vec::new(), ..own.clone() })
    }

    /// How the version speaks.
    pub(crate) fn dialect(&self) -> &'static Dialect {
        let old = !self.version.is_empty() && self.version.as_str() < TELLS_USAGE;
        if old { &dialects::AZURE_BEFORE_USAGE } else { &dialects::AZURE }
    }

    fn of_deployment(&self) -> String {
        match self.base.split_once(DEPLOYMENTS) {
            // The deployment stands in the address already.
            Some((_, rest)) if rest.len() > 1 => self.base.clone(),
            Some(_) => format!("{}/{}", self.base, self.deployment),
            None => format!("{}{DEPLOYMENTS}/{}", self.base, self.deployment),
        }
    }
}

/// The address of an instance, which some write as the whole of it.
fn instance(name: &str) -> String {
    let name = name.trim();
    if name.contains("://") {
        name.to_owned()
    } else if name.contains('.') {
        format!("https://{name}")
    } else {
        format!("https://{name}.openai.azure.com")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use flowstone_core::Credential;
    use flowstone_providers::{HttpClient, HttpSettings};
    use serde_json::json;

    use super::*;
    use crate::testing::form;

    static SPEC: Spec = Spec { inputs: &[AZURE_BASE_PATH.field], ..Spec::EMPTY };

    fn filled(path: &str, fields: &[(&str, &str)]) -> Inputs {
        let mut form = form(&json!({"basepath": path}));
        let client = HttpClient::new(HttpSettings::default()).unwrap();
        form.services = Arc::new(flowstone_testkit::services().with(Arc::new(client)));
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        form.credential = Some(Credential::new(fields.collect()));
        form
    }

    const FIELDS: &[(&str, &str)] = &[
        ("azureOpenAIApiKey", "key"),
        ("azureOpenAIApiInstanceName", "acme"),
        ("azureOpenAIApiDeploymentName", "mine"),
        ("azureOpenAIApiVersion", "2024-10-21"),
    ];

    #[test]
    fn a_deployment_is_found_however_its_address_is_written() {
        let deployment = "https://acme.openai.azure.com/openai/deployments/mine";
        let newer = "https://acme.openai.azure.com/openai/v1";
        for (path, expected, versioned) in [
            ("", deployment, true),
            ("https://acme.openai.azure.com/", deployment, true),
            ("https://acme.openai.azure.com/openai", deployment, true),
            ("https://acme.openai.azure.com/openai/deployments/", deployment, true),
            (deployment, deployment, true),
            (newer, newer, false),
        ] {
            let form = filled(path, FIELDS);
            let azure = Azure::read(&form, &SPEC).unwrap();
            let endpoint = azure.endpoint(&form, &SPEC).unwrap();
            assert_eq!(endpoint.base_url, expected, "{path}");
            assert_eq!(endpoint.query.is_empty(), !versioned, "{path}");
            let model = if versioned { "gpt-4o" } else { "mine" };
            assert_eq!(azure.model("gpt-4o".to_owned()), model);
            assert_eq!(azure.responses(&endpoint).unwrap().base_url, newer, "{path}");
        }
    }

    #[test]
    fn an_instance_may_be_called_openai() {
        let path = "https://openai-acme.openai.azure.com/openai/deployments";
        let form = filled(path, FIELDS);
        let azure = Azure::read(&form, &SPEC).unwrap();
        let own = azure.endpoint(&form, &SPEC).unwrap();
        let expected = "https://openai-acme.openai.azure.com/openai/v1";
        assert_eq!(azure.responses(&own).unwrap().base_url, expected);
    }

    #[test]
    fn an_instance_may_be_written_as_its_host() {
        for written in ["acme", "acme.openai.azure.com", "https://acme.openai.azure.com"] {
            assert_eq!(instance(written), "https://acme.openai.azure.com");
        }
    }

    #[test]
    fn what_is_missing_or_malformed_is_named() {
        for (missing, label) in [
            ("azureOpenAIApiKey", "Azure OpenAI Api Key"),
            ("azureOpenAIApiInstanceName", "Azure OpenAI Api Instance Name"),
            ("azureOpenAIApiDeploymentName", "Azure OpenAI Api Deployment Name"),
            ("azureOpenAIApiVersion", "Azure OpenAI Api Version"),
        ] {
            let fields: Vec<_> = FIELDS.iter().copied().filter(|it| it.0 != missing).collect();
            let said = Azure::read(&filled("", &fields), &SPEC).err().unwrap().to_string();
            assert!(said.contains(label), "{said}");
        }
        let mut fields = FIELDS.to_vec();
        fields[2].1 = "../other";
        let said = Azure::read(&filled("", &fields), &SPEC).err().unwrap().to_string();
        assert!(said.contains("\"../other\""), "{said}");
    }

    #[test]
    fn old_versions_are_not_asked_for_usage() {
        for (version, asks) in
            [("2023-05-15", false), ("2024-09-01-preview", true), ("2025-01-01-preview", true)]
        {
            let mut fields = FIELDS.to_vec();
            fields[3].1 = version;
            let azure = Azure::read(&filled("", &fields), &SPEC).unwrap();
            assert_eq!(azure.dialect().asks_for_usage, asks, "{version}");
        }
    }
}
