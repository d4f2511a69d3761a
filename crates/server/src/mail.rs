//! Letters to people, and the port they leave by.

use async_trait::async_trait;

/// A letter to one person. No `Debug`: it may hold a token.
#[derive(Clone)]
pub struct Letter {
    /// Address of the receiver.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The same for programs that show HTML.
    pub html: String,
}

/// Whatever carries letters.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends one letter.
    ///
    /// # Errors
    /// Why it did not leave, for the log.
    async fn send(&self, letter: Letter) -> Result<(), String>;
}

/// The letter with the link by which its receiver chooses a new password.
///
/// The token stands behind a `#`: that part of an address stays in the browser, out of the logs of
/// every server in between.
pub(crate) fn reset_letter(
    to: &str,
    name: &str,
    app_url: &str,
    token: &str,
    minutes: u64,
) -> Letter {
    let link = format!("{app_url}/reset-password#token={token}");
    let paragraphs = [
        format!("Hello {name},"),
        format!("somebody, hopefully you, asked for a new password for your account at {app_url}."),
        format!("Choose one within {minutes} minutes. The link works once:"),
        link.clone(),
        "If you did not ask for it, do nothing: your password stays as it is.".to_owned(),
    ];
    letter(to, "Choose a new password", &paragraphs, &link)
}

/// The letter that tells an owner that their password, or their address, is another one now.
pub(crate) fn changed_letter(to: &str, name: &str, app_url: &str, what: &str) -> Letter {
    let paragraphs = [
        format!("Hello {name},"),
        format!(
            "the {what} of your account at {app_url} has just been changed, and everybody who was signed in to it has been signed out."
        ),
        "If that was not you, tell whoever runs this installation at once.".to_owned(),
    ];
    letter(to, &format!("Your {what} was changed"), &paragraphs, "")
}

fn letter(to: &str, subject: &str, paragraphs: &[String], link: &str) -> Letter {
    let html = paragraphs.iter().map(|it| {
        let text = escape(it);
        if it == link {
            format!("<p><a href=\"{text}\">{text}</a></p>")
        } else {
            format!("<p>{text}</p>")
        }
    });
    let html = html.collect::<Vec<_>>().join("\n");
    Letter {
        to: to.to_owned(),
        subject: format!("{subject} (Flowstone)"),
        text: paragraphs.join("\n\n"),
        html: format!("<!doctype html>\n<html lang=\"en\"><body>\n{html}\n</body></html>\n"),
    }
}

/// Text as HTML shows it.
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_text_in_a_letter_and_the_link_is_the_installations() {
        let name = "Ann <img src=x>";
        let letter = reset_letter("ann@example.com", name, "https://flows.example.com", "t0k", 15);
        let link = "https://flows.example.com/reset-password#token=t0k";
        assert!(letter.text.contains(name) && letter.text.contains(link), "{}", letter.text);
        assert!(letter.html.contains("Ann &lt;img src=x&gt;,"), "{}", letter.html);
        assert!(letter.html.contains(&format!("<a href=\"{link}\">")), "{}", letter.html);
        assert!(letter.text.contains("within 15 minutes"), "{}", letter.text);
    }
}
