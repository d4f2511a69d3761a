//! The account at a service that a node acts in, by consent of the user it belongs to (OAuth 2).

use std::sync::Arc;

use flowstone_core::{Credential, Error, Inputs, Result, Services};
use flowstone_providers::{HttpClient, oauth2};
use tokio::sync::Mutex;

/// Where Google gives tokens, for credentials that do not say.
pub(crate) const GOOGLE: &str = "https://oauth2.googleapis.com/token";

/// The same of Microsoft, for accounts of any tenant.
pub(crate) const MICROSOFT: &str = "https://login.microsoftonline.com/common/oauth2/v2.0/token";

/// An account. A node that lives longer than a token keeps this and asks it at every call.
pub(crate) struct Account {
    services: Arc<Services>,
    workspace: String,
    /// Where the service gives tokens where the credential does not say.
    usual: &'static str,
    held: Mutex<Credential>,
}

impl Account {
    /// The account of a node's credential.
    ///
    /// # Errors
    /// `Credential` where none is chosen.
    pub(crate) fn of(inputs: &Inputs, usual: &'static str) -> Result<Self> {
        Ok(Self {
            services: inputs.services.clone(),
            workspace: inputs.workspace.clone(),
            usual,
            held: Mutex::new(inputs.credential()?.clone()),
        })
    }

    /// A token that holds for the next minutes. One that runs out is renewed and kept.
    ///
    /// # Errors
    /// `Credential` where consent was never given or is gone.
    pub(crate) async fn token(&self) -> Result<String> {
        let mut held = self.held.lock().await;
        let credentials = &self.services.credentials;
        let stored = !held.id().is_empty();
        if stored && oauth2::runs_out(&held) {
            // Another node may have renewed it meanwhile.
            *held = credentials.reveal(&self.workspace, held.id()).await?;
        }
        if oauth2::runs_out(&held) {
            let http = self.services.get::<HttpClient>()?;
            let renewed = oauth2::renew(&http, &held, self.usual).await?;
            if !stored {
                return token_of(renewed.get("access_token").and_then(|it| it.as_str()));
            }
            let id = held.id().to_owned();
            credentials.update(&self.workspace, &id, renewed).await?;
            *held = credentials.reveal(&self.workspace, &id).await?;
        }
        token_of(held.get("access_token"))
    }
}

fn token_of(token: Option<&str>) -> Result<String> {
    token.map(str::to_owned).ok_or_else(|| {
        Error::Credential(
            "the credential was given no access yet: open it and authorize it".to_owned(),
        )
    })
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{FakeSite, Ports, SitePage};
    use serde_json::json;

    use super::*;
    use crate::testing::{form, services_over};

    async fn account(site: &FakeSite, fields: &[(&str, &str)]) -> Account {
        let ports = Ports::default();
        ports.credentials.store("w", "c", fields);
        let mut form = form(&json!({}));
        form.services = services_over(ports.services(), site.address());
        form.workspace = "w".to_owned();
        form.credential = Some(form.services.credentials.reveal("w", "c").await.unwrap());
        Account::of(&form, GOOGLE).unwrap()
    }

    #[tokio::test]
    async fn a_token_that_runs_out_is_renewed_once_and_kept() {
        let answer = json!({"access_token": "new", "expires_in": 3600, "token_type": "Bearer"});
        let page = SitePage::new("application/json", answer.to_string());
        let site = FakeSite::start([("/token", page)]).await;
        let url = site.url("/token");
        let fields = [
            ("clientId", "i"),
            ("clientSecret", "s"),
            ("accessTokenUrl", &url),
            ("scope", "a b"),
            ("access_token", "old"),
            ("refresh_token", "r"),
            ("expires_at", "2020-01-01T00:00:00.000Z"),
        ];
        let account = account(&site, &fields).await;
        assert_eq!(account.token().await.unwrap(), "new");
        assert_eq!(account.token().await.unwrap(), "new");
        let calls = site.calls();
        assert_eq!(calls.len(), 1);
        let sent = "grant_type=refresh_token&refresh_token=r&client_id=i&client_secret=s&scope=a+b";
        assert_eq!(calls[0].body, sent);
        let kept = account.services.credentials.reveal("w", "c").await.unwrap();
        assert_eq!((kept.get("access_token"), kept.get("refresh_token")), (Some("new"), Some("r")));
        assert!(!oauth2::runs_out(&kept), "it says how long it holds");
    }

    #[tokio::test]
    async fn without_consent_the_credential_is_named() {
        let refusal = json!({"error": "invalid_grant"}).to_string();
        let page = SitePage::new("application/json", refusal).status(400);
        let site = FakeSite::start([("/token", page)]).await;
        let url = site.url("/token");
        let old = ("expires_at", "2020-01-01T00:00:00Z");
        let client = [("clientId", "i"), ("clientSecret", "s"), ("accessTokenUrl", &*url)];
        let of = |more: &[(&'static str, &'static str)]| {
            client.iter().chain(more).copied().collect::<Vec<_>>()
        };
        for (more, expected) in [
            (&[][..], "given no access yet"),
            (&[("access_token", "old"), old], "cannot be renewed"),
            (&[("refresh_token", "r"), old], "does not renew access (invalid_grant)"),
        ] {
            let said = account(&site, &of(more)).await.token().await.unwrap_err();
            assert!(matches!(&said, Error::Credential(it) if it.contains(expected)), "{said}");
        }
    }
}
