//! Where a service is and in whose name its actions are taken.

use std::sync::Arc;

use flowstone_core::{Error, Inputs, Result};
use flowstone_providers::{
    HttpClient,
    service::{self, Answer, Call, Signature},
};
use futures::future::BoxFuture;

use super::LONGEST_ANSWER;
use crate::{CREDENTIALS, account::Account};

/// Makes the connection of a filled-in form.
pub(in crate::tools) type Connect = for<'a> fn(&'a Inputs) -> BoxFuture<'a, Result<Connection>>;

/// A service, and the account at it.
pub(in crate::tools) struct Connection {
    /// What people call the service.
    pub(in crate::tools) name: &'static str,
    /// `https://` and its host.
    pub(in crate::tools) host: String,
    /// What stands between its host and the paths of actions, with `/` at both ends.
    pub(in crate::tools) base: &'static str,
    /// The kind of credential, as its list calls it.
    pub(in crate::tools) credential: &'static str,
    pub(in crate::tools) sign_in: SignIn,
    /// Its bodies are forms instead of JSON.
    pub(in crate::tools) sends_forms: bool,
    /// The client to call with, where it is not the one of the run.
    pub(in crate::tools) client: Option<Arc<HttpClient>>,
}

/// In whose name actions are taken.
pub(in crate::tools) enum SignIn {
    /// Of a user that gave consent.
    Account(Account),
    /// Of whoever holds this.
    Bearer(String),
    /// Of a user with this secret.
    Basic { user: String, password: String },
}

impl Connection {
    /// An account that was given consent, at a service that speaks JSON.
    ///
    /// # Errors
    /// `Credential` where none is chosen.
    pub(in crate::tools) fn of_account(
        name: &'static str,
        address: (&'static str, &'static str),
        credential: &'static str,
        inputs: &Inputs,
        tokens: &'static str,
    ) -> Result<Self> {
        let sign_in = SignIn::Account(Account::of(inputs, tokens)?);
        Ok(Self::new(name, address, credential, sign_in))
    }

    /// A service that speaks JSON at a host and a base.
    pub(in crate::tools) fn new(
        name: &'static str,
        (host, base): (&str, &'static str),
        credential: &'static str,
        sign_in: SignIn,
    ) -> Self {
        let host = host.to_owned();
        Self { name, host, base, credential, sign_in, sends_forms: false, client: None }
    }

    /// Makes a call.
    ///
    /// # Errors
    /// The service's own words where it refuses. Where it does not take the credential, which one
    /// that is and what to do.
    pub(super) async fn call(&self, http: &HttpClient, call: &Call) -> Result<Answer> {
        let http = self.client.as_deref().unwrap_or(http);
        let called = match &self.sign_in {
            SignIn::Bearer(key) => self.signed(http, Signature::Bearer(key), call).await,
            SignIn::Basic { user, password } => {
                self.signed(http, Signature::Basic { user, password }, call).await
            }
            SignIn::Account(account) => {
                let token = account.token().await.map_err(|error| self.named(error))?;
                self.signed(http, Signature::Bearer(&token), call).await
            }
        };
        called.map_err(|error| match error {
            Error::Provider { status: 401, message } => {
                let act = match self.sign_in {
                    SignIn::Account(_) => "authorize it again",
                    SignIn::Bearer(_) | SignIn::Basic { .. } => "check what it holds",
                };
                Error::Credential(format!(
                    "{message}. The credential ({}) is not accepted: open it under Credentials and \
                     {act}",
                    self.credential()
                ))
            }
            other => other,
        })
    }

    async fn signed(
        &self,
        http: &HttpClient,
        signature: Signature<'_>,
        call: &Call,
    ) -> Result<Answer> {
        service::call(http, self.name, signature, call).await
    }

    /// What the list of credentials calls the kind.
    fn credential(&self) -> &'static str {
        let kind = CREDENTIALS.iter().find(|it| it.name == self.credential);
        kind.map_or(self.credential, |it| it.label)
    }

    /// A failure of the credential, with which one it is.
    fn named(&self, error: Error) -> Error {
        match error {
            Error::Credential(reason) => {
                Error::Credential(format!("{}: {reason}", self.credential()))
            }
            other => other,
        }
    }
}

/// An answer as a model reads it.
pub(super) fn plain(answer: &Answer) -> String {
    let Ok(text) = std::str::from_utf8(&answer.content) else {
        let (bytes, kind) = (answer.content.len(), &answer.media_type);
        return format!("The answer holds no text: it is {bytes} bytes of {kind}.");
    };
    match text.trim() {
        "" => "Done. The service has nothing to add.".to_owned(),
        text => super::super::cut(text, LONGEST_ANSWER).to_owned(),
    }
}
