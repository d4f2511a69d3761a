//! Letters of the server, by the operator's mail server.

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use flowstone_mail::{Mail, Smtp, SmtpSettings};
use flowstone_server::{Letter, Mailer};

use crate::config::Variables;

/// Carries letters by SMTP.
pub(crate) struct SmtpMailer(Smtp);

impl SmtpMailer {
    /// What the variables say of a mail server; `None` where they name none.
    ///
    /// # Errors
    /// The variable that is wrong or missing.
    pub(crate) fn of(variables: &Variables) -> Result<Option<Self>> {
        let Some(host) = variables.get("SMTP_HOST") else { return Ok(None) };
        let user = variables.get("SMTP_USER").map(str::to_owned);
        let sender = variables.get("SENDER_EMAIL").map(str::to_owned).or_else(|| user.clone());
        let settings = SmtpSettings {
            host: host.to_owned(),
            port: match variables.get("SMTP_PORT") {
                Some(_) => Some(variables.number("SMTP_PORT", 0)?),
                None => None,
            },
            user,
            password: variables.get("SMTP_PASSWORD").map(Into::into),
            secure: variables.flag("SMTP_SECURE", true)?,
            any_certificate: variables.flag("ALLOW_UNAUTHORIZED_CERTS", false)?,
            sender: sender
                .context("SENDER_EMAIL is not set: mails need an address to come from")?,
        };
        Ok(Some(Self(Smtp::new(settings)?)))
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, letter: Letter) -> Result<(), String> {
        let Letter { to, subject, text, html } = letter;
        self.0.send(Mail { to, subject, text, html }).await.map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_needs_a_host_and_an_address_to_come_from() {
        let said = |pairs: &[(&str, &str)]| {
            SmtpMailer::of(&Variables::of(pairs))
                .map(|it| it.is_some())
                .map_err(|it| it.to_string())
        };
        let host = ("SMTP_HOST", "mail.example.com");
        assert_eq!(said(&[("SENDER_EMAIL", "a@example.com")]), Ok(false));
        assert!(said(&[host]).unwrap_err().starts_with("SENDER_EMAIL is not set"));
        assert_eq!(said(&[host, ("SENDER_EMAIL", "Flows <a@example.com>")]), Ok(true));
        assert_eq!(said(&[host, ("SMTP_USER", "a@example.com")]), Ok(true));
        assert!(said(&[host, ("SMTP_USER", "ann")]).unwrap_err().contains("\"ann\" is no address"));
        assert!(said(&[host, ("SMTP_PORT", "ssl")]).unwrap_err().starts_with("SMTP_PORT"));
    }
}
