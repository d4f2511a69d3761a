//! `flowstone import-flowise`: brings over what a Flowise installation keeps.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use flowstone_flowise::{Key, Place, Source};

use crate::{config::Config, import::Import, installation::Installation, logging};

/// Name of the key's file in an installation's folder.
const KEY_FILE: &str = "encryption.key";

/// What to bring over.
#[derive(Args)]
pub(crate) struct ImportFlowise {
    /// Folder of the installation (`~/.flowise`), its .sqlite file, an exported .json file, or
    /// postgres://user:password@host/database, mysql://user:password@host/database.
    source: String,
    /// File with the encryption key; `encryption.key` beside a SQLite file is found by itself.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Text of the encryption key, as in the source's FLOWISE_SECRETKEY_OVERWRITE.
    #[arg(
        long,
        value_name = "TEXT",
        env = "FLOWISE_SOURCE_SECRETKEY",
        hide_env_values = true,
        conflicts_with = "key_file"
    )]
    key: Option<String>,
    /// Write nothing; tell what would happen.
    #[arg(long)]
    dry_run: bool,
    /// Tell it as JSON.
    #[arg(long)]
    json: bool,
    /// Any variable as a flag: --DATABASE_PATH=/data. A flag beats the environment.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    flags: Vec<String>,
}

impl ImportFlowise {
    /// Reads the source, writes the target, prints the report.
    pub(crate) async fn execute(self) -> Result<()> {
        let config = Config::read(&self.flags)?;
        logging::start("warn", config.log_json, &flowstone_telemetry::Telemetry::default());
        let source = Source::open(&Place::parse(&self.source)?).await?;
        let key = self.key(&source)?;
        let target = Installation::open(&config).await?;
        let report = Import::new(&source, &target, key, self.dry_run).await?.run().await?;
        let text = if self.json {
            format!("{}\n", serde_json::to_string_pretty(&report)?)
        } else {
            report.to_string()
        };
        super::print(&text);
        target.store.close().await?;
        Ok(())
    }

    fn key(&self, source: &Source) -> Result<Option<Key>> {
        if let Some(text) = &self.key {
            return Ok(Some(Key::new(text)));
        }
        let file = match &self.key_file {
            Some(file) => file.clone(),
            None => match source.folder().map(|it| it.join(KEY_FILE)) {
                Some(file) if file.is_file() => file,
                _ => return Ok(None),
            },
        };
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("the key file {} could not be read", file.display()))?;
        Ok(Some(Key::new(&text)))
    }
}
