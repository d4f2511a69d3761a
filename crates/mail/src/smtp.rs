//! The connection to the operator's mail server.

use std::{error::Error as _, net::IpAddr, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use secrecy::{ExposeSecret, SecretString};

use crate::{Error, Mail};

/// How long the mail server may take for each of its answers.
const PATIENCE: Duration = Duration::from_secs(20);

/// Which mail server, and how to speak to it.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Its name or address.
    pub host: String,
    /// Its port; 465 with TLS from the start, else 587.
    pub port: Option<u16>,
    /// Who signs in there; nobody does without a name.
    pub user: Option<String>,
    /// Their password.
    pub password: Option<SecretString>,
    /// TLS from the start; else the connection is upgraded where the server offers it, and must be
    /// before a password is shown to another machine.
    pub secure: bool,
    /// Take a certificate from nobody in particular.
    pub any_certificate: bool,
    /// The address mails come from, such as `Flowstone <flows@example.com>`.
    pub sender: String,
}

/// A mail server that takes our mails. A connection is made for each.
pub struct Smtp {
    host: String,
    sender: Mailbox,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Smtp {
    /// Prepares connections; makes none yet.
    ///
    /// # Errors
    /// Which setting is wrong.
    pub fn new(settings: SmtpSettings) -> Result<Self, Error> {
        let host = settings.host;
        let wrong = |name, why: String| Error::Setting { name, why };
        let sender: Mailbox = settings.sender.parse().map_err(|_| {
            let why = format!("\"{}\" is no address such as flows@example.com", settings.sender);
            wrong("SENDER_EMAIL", why)
        })?;
        let parameters = TlsParameters::builder(host.clone())
            .dangerous_accept_invalid_certs(settings.any_certificate)
            .build()
            .map_err(|error| wrong("SMTP_HOST", format!("\"{host}\" is no host name: {error}")))?;
        let tls = match encryption(settings.secure, settings.user.is_some(), &host) {
            Encryption::FromTheStart => Tls::Wrapper(parameters),
            Encryption::Must => Tls::Required(parameters),
            Encryption::May => Tls::Opportunistic(parameters),
        };
        let port = settings.port.unwrap_or(if settings.secure { 465 } else { 587 });
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host)
            .port(port)
            .tls(tls)
            .timeout(Some(PATIENCE))
            .hello_name(ClientId::Domain(sender.email.domain().to_owned()));
        if let Some(user) = settings.user {
            let password = settings.password.map(|it| it.expose_secret().to_owned());
            builder = builder.credentials(Credentials::new(user, password.unwrap_or_default()));
        }
        Ok(Self { host, sender, transport: builder.build() })
    }

    /// Hands one mail to the server.
    ///
    /// # Errors
    /// What the server, or the connection to it, said.
    pub async fn send(&self, mail: Mail) -> Result<(), Error> {
        let to: Mailbox = mail.to.parse().map_err(|_| Error::Receiver(mail.to.clone()))?;
        let refused = |why: String| Error::Server { host: self.host.clone(), why };
        let message = Message::builder()
            .from(self.sender.clone())
            .to(to)
            .subject(mail.subject)
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .map_err(|error| refused(error.to_string()))?;
        let sent = self.transport.send(message).await;
        sent.map_err(|error| {
            let cause = error.source().map(|it| format!(": {it}")).unwrap_or_default();
            refused(format!("{error}{cause}"))
        })?;
        Ok(())
    }
}

/// When a connection becomes an encrypted one.
#[derive(Debug, PartialEq, Eq)]
enum Encryption {
    /// Before a word is said.
    FromTheStart,
    /// After the greeting, or nothing is sent.
    Must,
    /// After the greeting, where the server offers it.
    May,
}

/// A stranger in between could hide the offer of TLS to read a password.
fn encryption(secure: bool, signs_in: bool, host: &str) -> Encryption {
    match (secure, signs_in && !is_this_machine(host)) {
        (true, _) => Encryption::FromTheStart,
        (false, true) => Encryption::Must,
        (false, false) => Encryption::May,
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|it| it.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
        task::JoinSet,
    };

    use super::*;

    /// A mail server for one connection; gives what it was told. Every command is taken but those
    /// that start with `refuse`, and `offers` is what it answers to a greeting.
    async fn sink(offers: &'static str, refuse: &'static str) -> (u16, JoinSet<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut served = JoinSet::new();
        served.spawn(async move {
            let (socket, _) = listener.accept().await.unwrap();
            let (reader, mut writer) = socket.into_split();
            writer.write_all(b"220 sink\r\n").await.unwrap();
            let mut lines = BufReader::new(reader).lines();
            let (mut told, mut in_data) = (String::new(), false);
            while let Ok(Some(line)) = lines.next_line().await {
                told.push_str(&line);
                told.push('\n');
                let answer = match line.as_str() {
                    "." if in_data => {
                        in_data = false;
                        "250 taken"
                    }
                    _ if in_data => continue,
                    it if !refuse.is_empty() && it.starts_with(refuse) => "550 not for you",
                    it if it.starts_with("EHLO") => offers,
                    it if it.starts_with("AUTH") => "235 welcome",
                    "DATA" => {
                        in_data = true;
                        "354 go on"
                    }
                    _ => "250 ok",
                };
                if writer.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                    break;
                }
            }
            told
        });
        (port, served)
    }

    fn settings(port: u16) -> SmtpSettings {
        SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: Some(port),
            user: None,
            password: None,
            secure: false,
            any_certificate: false,
            sender: "Flowstone <flows@example.com>".to_owned(),
        }
    }

    fn mail() -> Mail {
        Mail {
            to: "ann@example.com".to_owned(),
            subject: "Grüße".to_owned(),
            text: "Hello Ann\n.\nthe end".to_owned(),
            html: "<p>Hello Ann</p>".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_mail_arrives_as_text_and_as_html() {
        let (port, mut served) = sink("250 sink", "").await;
        Smtp::new(settings(port)).unwrap().send(mail()).await.unwrap();
        let told = served.join_next().await.unwrap().unwrap();
        for line in [
            "EHLO example.com",
            "MAIL FROM:<flows@example.com>",
            "RCPT TO:<ann@example.com>",
            "From: Flowstone <flows@example.com>",
            "Subject: =?utf-8?b?R3LDvMOfZQ==?=",
            "Content-Type: text/plain; charset=utf-8",
            "the end",
            "<p>Hello Ann</p>",
        ] {
            assert!(told.contains(line), "{line} in {told}");
        }
    }

    #[tokio::test]
    async fn a_user_signs_in_before_the_mail_is_sent() {
        let (port, mut served) = sink("250-sink\r\n250 AUTH PLAIN", "").await;
        let user = Some("ann".to_owned());
        let settings = SmtpSettings { user, password: Some("rope".into()), ..settings(port) };
        Smtp::new(settings).unwrap().send(mail()).await.unwrap();
        let told = served.join_next().await.unwrap().unwrap();
        // \0ann\0rope in base64.
        let (sign_in, from) = (told.find("AUTH PLAIN AGFubgByb3Bl"), told.find("MAIL FROM"));
        assert!(sign_in.is_some() && sign_in < from, "{told}");
    }

    #[tokio::test]
    async fn what_the_server_refuses_is_told_without_the_password() {
        let (port, _served) = sink("250-sink\r\n250 AUTH PLAIN", "RCPT").await;
        let user = Some("ann".to_owned());
        let settings = SmtpSettings { user, password: Some("rope".into()), ..settings(port) };
        let smtp = Smtp::new(settings.clone()).unwrap();
        let error = smtp.send(mail()).await.unwrap_err().to_string();
        assert!(error.contains("127.0.0.1") && error.contains("not for you"), "{error}");
        assert!(!error.contains("rope") && !format!("{settings:?}").contains("rope"), "{error}");
    }

    #[test]
    fn no_password_goes_to_another_machine_in_the_clear() {
        for (host, may) in [
            ("mail.example.com", Encryption::Must),
            ("192.0.2.1", Encryption::Must),
            ("LOCALHOST", Encryption::May),
            ("127.0.0.1", Encryption::May),
            ("::1", Encryption::May),
        ] {
            assert_eq!(encryption(false, true, host), may, "{host}");
            assert_eq!(encryption(false, false, host), Encryption::May);
            assert_eq!(encryption(true, true, host), Encryption::FromTheStart);
        }
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let said = |settings| Smtp::new(settings).err().map(|it| it.to_string()).unwrap();
        let sender = "nobody".to_owned();
        assert_eq!(
            said(SmtpSettings { sender, ..settings(1) }),
            "SENDER_EMAIL: \"nobody\" is no address such as flows@example.com"
        );
    }
}
