//! Accounts from outside: a link by a real mail server, and the command for whoever runs it.

use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
};

use crate::{
    process::{finish, finish_with, flowstone},
    site::{Site, send},
};

const NEW: &str = "Another-Horse-2";

/// A mail server that takes everything, and the mails that came.
struct MailServer {
    port: String,
    mails: mpsc::Receiver<String>,
    _task: JoinSet<()>,
}

impl MailServer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let (sender, mails) = mpsc::channel(16);
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                if let Some(mail) = take(socket).await {
                    let _ = sender.send(mail).await;
                }
            }
        });
        Self { port, mails, _task: task }
    }

    /// The next mail, its soft line breaks undone.
    async fn next(&mut self) -> String {
        self.mails.recv().await.unwrap().replace("=\n", "").replace("=3D", "=")
    }
}

/// Serves one connection to its end; gives the mail that came by it.
async fn take(socket: TcpStream) -> Option<String> {
    let (reader, mut writer) = socket.into_split();
    writer.write_all(b"220 mail\r\n").await.ok()?;
    let mut lines = BufReader::new(reader).lines();
    let (mut mail, mut in_mail) = (None, false);
    while let Ok(Some(line)) = lines.next_line().await {
        if in_mail && line != "." {
            let text: &mut String = mail.get_or_insert_default();
            text.push_str(&line);
            text.push('\n');
            continue;
        }
        in_mail = line == "DATA";
        let answer: &[u8] = if in_mail { b"354 go on\r\n" } else { b"250 ok\r\n" };
        writer.write_all(answer).await.ok()?;
    }
    mail
}

#[tokio::test]
async fn a_link_comes_by_mail_and_sets_a_new_password() {
    let mut mail = MailServer::start().await;
    let variables = [
        ("SMTP_HOST", "127.0.0.1"),
        ("SMTP_PORT", mail.port.as_str()),
        ("SMTP_SECURE", "false"),
        ("SENDER_EMAIL", "Harbour <harbour@example.com>"),
    ];
    let site = Site::with(&variables).await;
    let form = json!({"user": {"email": "ada@example.com"}});
    let answer = site.call(Method::POST, "/account/forgot-password", &form).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.text);
    let letter = mail.next().await;
    assert!(letter.contains("From: Harbour <harbour@example.com>"), "{letter}");
    let page = site.server.origin.replace("127.0.0.1", "localhost") + "/reset-password#token=";
    let (_, rest) = letter.split_once(&page).unwrap_or_else(|| panic!("no {page}: {letter}"));
    let token: String = rest.chars().take_while(|it| !it.is_whitespace()).collect();
    assert_eq!(token.len(), 43, "{letter}");
    assert!(!answer.text.contains(&token) && !site.server.log().contains(&token));

    let form = json!({"user": {"tempToken": token, "password": NEW}});
    let answer = site.call(Method::POST, "/account/reset-password", &form).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    let answer = send(site.signed_in(Method::GET, "/chatflows")).await;
    assert_eq!(answer.status.as_u16(), 401, "the old session has ended");
    let form = json!({"email": "ada@example.com", "password": NEW});
    let answer = site.call(Method::POST, "/auth/login", &form).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    assert!(mail.next().await.contains("password was changed"), "and the owner is told");
}

#[tokio::test]
async fn a_mail_that_does_not_leave_is_only_in_the_log() {
    // Port 9 discards; nothing listens there.
    let variables = [
        ("SMTP_HOST", "127.0.0.1"),
        ("SMTP_PORT", "9"),
        ("SMTP_SECURE", "false"),
        ("SENDER_EMAIL", "harbour@example.com"),
    ];
    let site = Site::with(&variables).await;
    let form = json!({"user": {"email": "ada@example.com"}});
    let answer = site.call(Method::POST, "/account/forgot-password", &form).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.text);
    site.server.says("the mail server 127.0.0.1 did not take a mail").await;
}

#[tokio::test]
async fn whoever_runs_it_lists_accounts_and_sets_passwords() {
    let site = Site::open().await;
    let home = site.home.path();
    let user = |arguments: &[&str]| flowstone(home, &[&["user"], arguments].concat());
    for listing in [&[][..], &["list"]] {
        let (succeeded, out, said) = finish(user(listing)).await;
        assert!(
            succeeded && out.contains("ada@example.com") && out.contains("active"),
            "{out}{said}"
        );
    }
    let sign_in = async |password: &str| {
        let form = json!({"email": "ada@example.com", "password": password});
        site.call(Method::POST, "/auth/login", &form).await.status.as_u16()
    };

    let (succeeded, out, said) = finish(user(&["reset", "Ada@example.com"])).await;
    assert!(succeeded, "{said}");
    let old_session = send(site.signed_in(Method::GET, "/chatflows")).await;
    assert_eq!(old_session.status.as_u16(), 401);
    assert_eq!(sign_in(out.trim()).await, 200, "what it printed is the password");

    let reset = user(&["reset", "ada@example.com", "--password-stdin"]);
    let (succeeded, out, said) = finish_with(reset, &format!("{NEW}\n")).await;
    assert!(succeeded && out.is_empty(), "{said}");
    assert_eq!(sign_in(NEW).await, 200);

    let older_way = ["--email", "ada@example.com", "--password", "Third-Horse-3"];
    let (succeeded, _, said) = finish(user(&older_way)).await;
    assert!(succeeded, "{said}");
    assert_eq!(sign_in("Third-Horse-3").await, 200);

    let (succeeded, _, said) = finish(user(&["reset", "eve@example.com"])).await;
    assert!(!succeeded && said.contains("no account has the address eve@example.com"), "{said}");
    let weak = user(&["reset", "ada@example.com", "--password-stdin"]);
    let (succeeded, _, said) = finish_with(weak, "weak\n").await;
    assert!(!succeeded && said.contains("the password needs at least 8 characters"), "{said}");
    assert_eq!(sign_in("Third-Horse-3").await, 200, "a refused one changes nothing");
}

#[tokio::test]
async fn a_fresh_installation_has_no_account_to_list() {
    let home = TempDir::new().unwrap();
    let (succeeded, out, said) = finish(flowstone(home.path(), &["user", "list"])).await;
    assert!(succeeded && out.is_empty() && said.contains("no account yet"), "{said}");
}
