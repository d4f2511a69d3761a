//! `flowstone user`: who has an account, and a new password for somebody who lost theirs.

use std::{fmt::Write as _, io::Read as _};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, Subcommand};
use flowstone_store::Store;

use crate::config::Config;

/// Longest text that is read as a password.
const LONGEST: u64 = 4096;

/// What to do with accounts; without a word, they are listed.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct User {
    #[command(subcommand)]
    action: Option<Action>,
    /// Set this account's password (the older way to say `reset`).
    #[arg(long, requires = "password")]
    email: Option<String>,
    /// The password to set. Others on this machine can see it: prefer `reset`.
    #[arg(long, requires = "email")]
    password: Option<String>,
}

#[derive(Subcommand)]
enum Action {
    /// List the accounts.
    List(Flags),
    /// Give an account a new password and end its sessions.
    Reset(Reset),
}

#[derive(Args)]
struct Flags {
    /// Variables, as for `start`: --NAME=value.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    flags: Vec<String>,
}

#[derive(Args)]
struct Reset {
    /// The e-mail address of the account.
    email: String,
    /// Read the new password from standard input, instead of making one up and printing it.
    #[arg(long)]
    password_stdin: bool,
    /// Variables, as for `start`: --NAME=value.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    flags: Vec<String>,
}

impl User {
    /// Does it, on the database that `start` would use.
    pub(crate) async fn execute(self) -> Result<()> {
        match (self.action, self.email, self.password) {
            (None, Some(email), Some(password)) => {
                set(&open(&[]).await?, &email, password).await?;
                super::say(&format!("{email} has the new password and is signed out everywhere"));
                Ok(())
            }
            (None, ..) => list(&open(&[]).await?).await,
            (Some(Action::List(flags)), ..) => list(&open(&flags.flags).await?).await,
            (Some(Action::Reset(reset)), ..) => reset.execute().await,
        }
    }
}

impl Reset {
    async fn execute(self) -> Result<()> {
        let store = open(&self.flags).await?;
        if self.password_stdin {
            let password = from_standard_input()?;
            set(&store, &self.email, password).await?;
            super::say(&format!("{} has the new password", self.email));
        } else {
            let password = flowstone_server::new_password();
            set(&store, &self.email, password.clone()).await?;
            super::print(&format!("{password}\n"));
            super::say(&format!(
                "{} signs in with this password now, and should choose another one then",
                self.email
            ));
        }
        super::say("All sessions of this account have ended.");
        Ok(())
    }
}

async fn open(flags: &[String]) -> Result<Store> {
    let config = Config::read(flags)?;
    Store::connect(&config.database).await.context("the database")
}

async fn list(store: &Store) -> Result<()> {
    let (users, _) = store.users().list(None).await?;
    if users.is_empty() {
        super::say("There is no account yet: the first one is made on the page.");
    }
    let mut text = String::new();
    for user in users {
        let _ = writeln!(text, "{:40} {:12} {}", user.email, user.status, user.name);
    }
    super::print(&text);
    Ok(())
}

async fn set(store: &Store, email: &str, password: String) -> Result<()> {
    let done = flowstone_server::set_password(store, email, password).await;
    done.map_err(|problem| anyhow!("{}", problem.message()))
}

fn from_standard_input() -> Result<String> {
    let mut text = String::new();
    std::io::stdin().take(LONGEST).read_to_string(&mut text).context("standard input")?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("standard input holds no password");
    }
    Ok(password.to_owned())
}
