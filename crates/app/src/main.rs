//! The `flowstone` program: reads the configuration and hands everything to everyone.
//!
//! The only crate that knows all others, and the only one that reads the environment.

mod assets;
mod commands;
mod config;
mod examples;
mod file_storage;
mod import;
mod installation;
mod instance;
mod logging;
mod mail;
#[cfg(feature = "mcp")]
mod mcp;
mod model_list;
mod outside;
#[cfg(feature = "javascript")]
mod script_fetch;
mod telemetry;
mod templates;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Runs make and drop many small values on several threads: decision 0031.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A visual builder and server for LLM applications.
#[derive(Parser)]
#[command(name = "flowstone", version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API and the web pages until stopped.
    Start(commands::start::Start),
    /// Run one flow from a file and print its answer.
    Run(commands::run::Run),
    /// List, pull or locate the built-in models.
    #[cfg(feature = "local-models")]
    Models(commands::models::Models),
    /// List the accounts, or give one a new password.
    User(commands::user::User),
    /// Bring over the flows, credentials, chats and people of a Flowise installation.
    ImportFlowise(commands::import_flowise::ImportFlowise),
    /// Print the OpenAPI document of the API.
    Openapi,
    /// Print every node as JSON, as GET /api/v1/nodes gives it.
    Catalog,
}

fn main() -> ExitCode {
    #[cfg(feature = "local-models")]
    if !flowstone_local_models::threads::pool_is_bounded()
        && let Err(error) = flowstone_local_models::threads::restart_with_bounded_pool()
    {
        commands::say(&format!("built-in models may be slow on a busy machine: {error}"));
    }
    // Both TLS users (the HTTP client and the database driver) share this one provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let command = Arguments::parse().command;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            commands::say(&format!("the program could not start its threads: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(async {
        match command {
            Command::Start(start) => start.execute().await,
            Command::Run(run) => run.execute().await,
            #[cfg(feature = "local-models")]
            Command::Models(models) => models.execute().await,
            Command::User(user) => user.execute().await,
            Command::ImportFlowise(import) => import.execute().await,
            Command::Openapi => commands::openapi::execute(),
            Command::Catalog => commands::catalog::execute(),
        }
    });
    // Models and scripts run on threads of their own, which nobody waits for at the end.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            commands::say(&format!("flowstone: {}", told(&error)));
            ExitCode::FAILURE
        }
    }
}

/// A failure with its causes, each said once: some causes are part of the sentence above them.
fn told(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_that_is_part_of_the_sentence_is_not_said_again() {
        let error = anyhow::anyhow!("no such key").context("Model: no such key").context("a flow");
        assert_eq!(told(&error), "a flow: Model: no such key");
    }
}
