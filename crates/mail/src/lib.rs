//! Mail by SMTP: one message at a time, as text and as simple HTML.

mod smtp;

pub use smtp::{Smtp, SmtpSettings};

/// A message to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Address of the receiver.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The same for programs that show HTML.
    pub html: String,
}

/// Why a mail was not sent, for the operator's log.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting cannot be used.
    #[error("{name}: {why}")]
    Setting {
        /// The variable.
        name: &'static str,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// The receiver's address cannot be written to.
    #[error("the receiver's address cannot be written to: {0}")]
    Receiver(String),
    /// The mail server did not take the message.
    #[error("the mail server {host} did not take a mail: {why}")]
    Server {
        /// Its name.
        host: String,
        /// What it or the connection to it said.
        why: String,
    },
}
