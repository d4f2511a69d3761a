//! The project's own tool: `cargo xtask ci` runs every check, `codegen` writes derived files,
//! `tidy` and `deny` hold house rules that no lint can.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a command-line tool that starts other tools and talks to its terminal"
)]

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

mod catalog;
mod ci;
mod codegen;
mod deny;
mod tidy;
mod workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Checks and generates what the project promises of itself")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs every check and test, and ends with a line that counts them
    Ci(ci::Options),
    /// Writes the files that are derived from the code
    Codegen {
        /// Write nothing: fail if a file is not as it would be written
        #[arg(long)]
        check: bool,
    },
    /// Checks the house rules that no lint can
    Tidy,
    /// Checks what comes in from outside against deny.toml
    Deny,
}

fn main() -> ExitCode {
    let outcome = run(Arguments::parse().command);
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs one command and tells whether all was well.
fn run(command: Command) -> Result<bool> {
    let workspace = Workspace::load()?;
    match command {
        Command::Ci(options) => ci::run(&workspace, &options),
        Command::Codegen { check: false } => codegen::write(&workspace).map(|()| true),
        Command::Codegen { check: true } => codegen::check(&workspace),
        Command::Tidy => tidy::run(&workspace),
        Command::Deny => deny::run(&workspace),
    }
}
