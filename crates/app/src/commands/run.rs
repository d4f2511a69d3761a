//! `flowstone run`: one flow from a file, its answer on the terminal.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use flowstone_core::{Answer, Event, Events, Output};
use flowstone_engine::FlowSource;
use serde_json::json;

use crate::{config::Config, installation::Installation, logging};

/// What to run and how to show it.
#[derive(Args)]
pub(crate) struct Run {
    /// A flow as the canvas exports it.
    flow: PathBuf,
    /// What to ask.
    #[arg(long, short)]
    question: String,
    /// Session id that the flow sees; a new one where it is not given. Nothing is stored.
    #[arg(long)]
    session: Option<String>,
    /// Print one JSON object a line instead of text: the events of the run, then its result.
    #[arg(long)]
    json: bool,
    /// Variables, as for `start`: --NAME=value.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    flags: Vec<String>,
}

impl Run {
    /// Runs the flow. Success only where it answered.
    pub(crate) async fn execute(self) -> Result<()> {
        let config = Config::read(&self.flags)?;
        logging::start(
            if config.log_level == "info" { "warn" } else { &config.log_level },
            config.log_json,
            &flowstone_telemetry::Telemetry::default(),
        );
        let text = tokio::fs::read_to_string(&self.flow)
            .await
            .with_context(|| format!("{} could not be read", self.flow.display()))?;
        let installation = Installation::open(&config).await?;
        let workspace = installation.default_workspace().await?;
        let engine = &installation.engine;
        let source = FlowSource { id: "run", revision: 0, workspace: &workspace, data: &text };
        let prepared = engine.prepare(source, None).await?;
        let (events, mut receiver) = Events::channel();
        let session = self.session.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let run = flowstone_core::Run {
            workspace: workspace.clone(),
            flow_id: "run".to_owned(),
            chat_id: session.clone(),
            session_id: session,
            question: self.question,
            events,
            ..flowstone_core::Run::new(engine.services().clone())
        };
        let answer = async {
            // The run owns the sending half: when it is done, the printing ends too.
            let output = engine.run(&prepared, &run).await;
            drop(run);
            output
        };
        let as_json = self.json;
        let printing = async {
            let mut said = false;
            while let Some(event) = receiver.recv().await {
                let alive = match (&event, as_json) {
                    (_, true) => super::print(&format!("{}\n", serde_json::to_string(&event)?)),
                    (Event::Token(piece), false) => {
                        said = true;
                        super::print(piece)
                    }
                    _ => true,
                };
                if !alive {
                    bail!("standard output was closed");
                }
            }
            Ok(said)
        };
        // A reader that left stops the model; a model that fails leaves what it said to be printed.
        let (output, said) = tokio::try_join!(async { Ok(answer.await) }, printing)?;
        match &output {
            Ok(output) => print_result(output, as_json, said),
            Err(_) if said => drop(super::print("\n")),
            Err(_) => {}
        }
        Ok(output.map(drop)?)
    }
}

fn print_result(output: &Output, as_json: bool, said: bool) {
    if as_json {
        let answer = match &output.answer {
            Answer::Text(text) => json!({"text": text}),
            Answer::Json(value) => json!({"json": value}),
        };
        let mut line = answer;
        line["usedTools"] = json!(output.used_tools);
        line["sourceDocuments"] = json!(output.source_documents);
        line["usage"] = json!(output.usage);
        super::print(&format!("{line}\n"));
    } else if said {
        super::print("\n");
    } else {
        super::print(&format!("{}\n", output.answer.to_text()));
    }
}
