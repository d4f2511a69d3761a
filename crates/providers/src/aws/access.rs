//! Whose calls to Amazon's services they are: fixed keys, or those of a role that is taken on.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use flowstone_core::{Credential, Error, Result};
use tokio::sync::Mutex;
use url::form_urlencoded;

use super::{Keys, Signer, answer, endpoint};
use crate::HttpClient;

/// Longest answer, in bytes.
const LONGEST: usize = 256 * 1024;
/// Keys are asked for anew this long before they run out.
const EARLY: TimeDelta = TimeDelta::minutes(5);
/// Said to Amazon of who takes on a role; its logs show it.
const SESSION: &str = "flowstone";

/// The way to keys that hold.
pub struct Access {
    http: Arc<HttpClient>,
    keys: Keys,
    role: Option<Role>,
}

struct Role {
    name: String,
    external_id: Option<String>,
    /// Where roles are given.
    address: String,
    region: String,
    held: Mutex<Option<(Keys, DateTime<Utc>)>>,
}

impl Role {
    /// What is asked for.
    fn form(&self) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("Action", "AssumeRole")
            .append_pair("Version", "2011-06-15")
            .append_pair("RoleArn", &self.name)
            .append_pair("RoleSessionName", SESSION);
        if let Some(id) = &self.external_id {
            form.append_pair("ExternalId", id);
        }
        form.finish()
    }
}

impl Access {
    /// As a credential of the kind `awsApi` says. Where it names a role, that is asked for in
    /// `region`.
    ///
    /// # Errors
    /// `Credential` where it lacks a key.
    pub fn of(http: Arc<HttpClient>, credential: &Credential, region: &str) -> Result<Self> {
        let role = credential.get("roleArn").map(|name| Role {
            name: name.to_owned(),
            external_id: credential.get("externalId").map(str::to_owned),
            address: endpoint("sts", region),
            region: region.to_owned(),
            held: Mutex::default(),
        });
        let keys = Keys {
            id: credential.require("awsKey", "AWS Access Key")?.to_owned(),
            secret: credential.require("awsSecret", "AWS Secret Access Key")?.to_owned(),
            session: credential.get("awsSession").map(str::to_owned),
        };
        Ok(Self { http, keys, role })
    }

    /// Fixed keys.
    pub fn with(http: Arc<HttpClient>, keys: Keys) -> Self {
        Self { http, keys, role: None }
    }

    /// The same with another place that gives roles, such as a server that stands in for Amazon's.
    #[must_use]
    pub fn roles_at(mut self, address: &str) -> Self {
        if let Some(role) = &mut self.role {
            address.clone_into(&mut role.address);
        }
        self
    }

    /// Keys to sign with.
    ///
    /// # Errors
    /// Amazon's words where it does not give the role.
    pub async fn keys(&self) -> Result<Keys> {
        let Some(role) = &self.role else { return Ok(self.keys.clone()) };
        let mut held = role.held.lock().await;
        if let Some((keys, until)) = &*held
            && *until > Utc::now() + EARLY
        {
            return Ok(keys.clone());
        }
        let (keys, until) = self.take_on(role).await?;
        *held = Some((keys.clone(), until));
        Ok(keys)
    }

    async fn take_on(&self, role: &Role) -> Result<(Keys, DateTime<Utc>)> {
        let form = role.form();
        let request = self
            .http
            .post(&format!("{}/", role.address.trim_end_matches('/')))?
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .stay();
        let signer = Signer { keys: &self.keys, region: &role.region, service: "sts" };
        let response = signer.sign(request).send().await?;
        let response = answer::checked(response, Some(&self.keys.secret)).await?;
        let said = answer::texts(&response.text(LONGEST).await?)?;
        let of = |name: &str| {
            let found = said.iter().find(|(it, _)| it == name).map(|(_, text)| text.clone());
            found.ok_or_else(|| Error::Transport(format!("the answer for the role lacks {name}")))
        };
        let until = of("Expiration")?.parse().unwrap_or_else(|_| Utc::now());
        let keys = Keys {
            id: of("AccessKeyId")?,
            secret: of("SecretAccessKey")?,
            session: Some(of("SessionToken")?),
        };
        Ok((keys, until))
    }
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{FakeSite, SitePage};

    use super::*;
    use crate::HttpSettings;

    #[tokio::test]
    async fn a_role_is_asked_for_once_while_its_keys_hold() {
        let xml = "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>A</AccessKeyId>\
            <SecretAccessKey>B&amp;C</SecretAccessKey><SessionToken>T</SessionToken>\
            <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult>\
            </AssumeRoleResponse>";
        let site = FakeSite::start([("/", SitePage::new("text/xml", xml))]).await;
        let allow = vec![site.address().to_owned()];
        let settings = HttpSettings { allow, attempts: 1, ..HttpSettings::default() };
        let http = Arc::new(HttpClient::new(settings).unwrap());
        let fields =
            [("awsKey", "k"), ("awsSecret", "s3cr3t"), ("roleArn", "arn:r"), ("externalId", "e")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let credential = Credential::new(fields.into());
        let access = Access::of(http.clone(), &credential, "eu-west-1").unwrap();
        let access = access.roles_at(&site.url(""));
        let keys = access.keys().await.unwrap();
        assert_eq!(keys, Keys { id: "A".into(), secret: "B&C".into(), session: Some("T".into()) });
        assert_eq!(access.keys().await.unwrap(), keys);
        let calls = site.calls();
        assert_eq!(calls.len(), 1);
        assert!(calls[0].body.ends_with("RoleArn=arn%3Ar&RoleSessionName=flowstone&ExternalId=e"));
        assert!(calls[0].headers["authorization"].contains("/eu-west-1/sts/aws4_request"));

        let refusal = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not s3cr3t</Message>\
            </Error></ErrorResponse>";
        site.put("/", SitePage::new("text/xml", refusal).status(403));
        let access = Access::of(http.clone(), &credential, "eu-west-1").unwrap();
        let said = access.roles_at(&site.url("")).keys().await.unwrap_err().to_string();
        assert_eq!(said, "403 not [key] (AccessDenied)");
        assert!(Access::of(http, &Credential::default(), "x").is_err());
    }
}
