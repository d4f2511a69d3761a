//! A project of IBM's watsonx.ai as its nodes reach it.

use std::sync::Arc;

use flowstone_core::{Inputs, Result, spec::CredentialSlot};
use flowstone_providers::{
    HttpClient,
    tokens::Tokens,
    watsonx::{GivenToken, IAM, IamKey, Project},
};

/// The credential of its nodes.
pub(crate) const CREDENTIAL: CredentialSlot = CredentialSlot::required(&["ibmWatsonx"]);

/// The project that the form's credential names.
pub(crate) fn project(inputs: &Inputs) -> Result<Project> {
    project_by(inputs, IAM)
}

/// The same with keys exchanged elsewhere.
pub(crate) fn project_by(inputs: &Inputs, iam: &str) -> Result<Project> {
    let http = inputs.services.get::<HttpClient>()?;
    let credential = inputs.credential()?;
    let tokens = if credential.get("watsonxAIAuthType") == Some("bearertoken") {
        let token = credential.require("watsonxAIBearerToken", "Watsonx AI Bearer Token")?;
        Tokens::of(GivenToken(token.to_owned()))
    } else {
        let key = credential.require("watsonxAIApikey", "Watsonx AI IAM API Key")?.to_owned();
        Tokens::of(IamKey { http: http.clone(), address: iam.to_owned(), key })
    };
    Ok(Project {
        http,
        server: credential.require("serviceUrl", "Service URL")?.to_owned(),
        version: credential.require("version", "Version")?.to_owned(),
        id: credential.require("projectId", "Project ID")?.to_owned(),
        tokens: Arc::new(tokens),
    })
}
