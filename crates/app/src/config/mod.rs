//! All settings of a process, read once at its start.

mod table;
mod variables;

use std::{net::SocketAddr, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use flowstone_store::{DatabaseSettings, ServerAddress, TlsMode};

pub(crate) use table::{KNOWN, NOT_YET};
pub(crate) use variables::Variables;

/// What a process is told to do. Everything else is derived from it.
pub(crate) struct Config {
    /// Where the HTTP server listens.
    pub(crate) address: SocketAddr,
    /// How people reach it, without a slash at the end.
    pub(crate) app_url: String,
    /// Largest request body in bytes.
    pub(crate) body_limit: usize,
    pub(crate) database: DatabaseSettings,
    /// Folder of the secret files.
    pub(crate) secrets: PathBuf,
    /// Folder of the files that users gave to forms and chats.
    pub(crate) files: PathBuf,
    /// Text to make the encryption key from, instead of the file.
    pub(crate) encryption_key_text: Option<String>,
    /// Folder of the built-in models.
    #[cfg(feature = "local-models")]
    pub(crate) models_dir: PathBuf,
    /// Where models are pulled from instead of Hugging Face.
    #[cfg(feature = "local-models")]
    pub(crate) models_mirror: Option<String>,
    /// Program that reads web pages for flows, where it is not at a usual place.
    #[cfg(feature = "browser")]
    pub(crate) browser: Option<PathBuf>,
    /// Folder of the files that flows may read as documents.
    #[cfg(feature = "documents")]
    pub(crate) documents: PathBuf,
    /// Folder of the SQLite databases that flows may read.
    #[cfg(feature = "sql")]
    pub(crate) sqlite_folder: PathBuf,
    /// File of the records of what was written to vector stores.
    #[cfg(feature = "sql")]
    pub(crate) records: PathBuf,
    /// Folder of the built-in vector store.
    #[cfg(feature = "sql")]
    pub(crate) vectors: PathBuf,
    pub(crate) examples: bool,
    /// `tracing` filter.
    pub(crate) log_level: String,
    pub(crate) log_json: bool,
    /// The rest, for those who know what their part means.
    pub(crate) variables: Variables,
}

impl Config {
    /// Reads the environment and `flags`.
    ///
    /// # Errors
    /// The variable that is wrong, what it holds and what would be right.
    pub(crate) fn read(flags: &[String]) -> Result<Self> {
        Self::from_variables(Variables::read(flags, KNOWN)?)
    }

    pub(crate) fn from_variables(variables: Variables) -> Result<Self> {
        if variables.get("MODE").is_some_and(|it| it != "main") {
            bail!("MODE: this version runs flows in the server itself; leave MODE unset");
        }
        let home = variables.path("HOME").unwrap_or_else(|| PathBuf::from("."));
        let data = variables.path("DATABASE_PATH").unwrap_or_else(|| home.join(".flowstone"));
        let port: u16 = variables.number("PORT", 3000)?;
        let host = match variables.get("HOST").unwrap_or("0.0.0.0") {
            "localhost" => "127.0.0.1",
            other => other,
        };
        let host = host
            .parse()
            .with_context(|| format!("HOST: \"{host}\" is not an address such as 127.0.0.1"))?;
        let app_url = variables.get("APP_URL").map(|it| it.trim_end_matches('/').to_owned());
        let level = if variables.flag("DEBUG", false)? { "debug" } else { "info" };
        let level = match variables.get("LOG_LEVEL").unwrap_or(level) {
            "verbose" => "debug",
            other => other,
        };
        Ok(Self {
            address: SocketAddr::new(host, port),
            app_url: app_url.unwrap_or_else(|| format!("http://localhost:{port}")),
            body_limit: bytes(variables.get("FLOWISE_FILE_SIZE_LIMIT").unwrap_or("50mb"))?,
            database: database(&variables, &data)?,
            secrets: variables.path("SECRETKEY_PATH").unwrap_or_else(|| data.clone()),
            files: variables.path("BLOB_STORAGE_PATH").unwrap_or_else(|| data.join("storage")),
            encryption_key_text: variables.get("FLOWISE_SECRETKEY_OVERWRITE").map(str::to_owned),
            #[cfg(feature = "local-models")]
            models_dir: variables
                .path("FLOWSTONE_MODELS_DIR")
                .unwrap_or_else(|| home.join(".flowstone").join("models")),
            #[cfg(feature = "local-models")]
            models_mirror: variables.get("FLOWSTONE_MODELS_MIRROR").map(str::to_owned),
            #[cfg(feature = "browser")]
            browser: variables.path("FLOWSTONE_BROWSER"),
            #[cfg(feature = "documents")]
            documents: variables
                .path("FLOWSTONE_DOCUMENT_FOLDER")
                .unwrap_or_else(|| data.join("documents")),
            #[cfg(feature = "sql")]
            sqlite_folder: variables
                .path("FLOWSTONE_SQLITE_FOLDER")
                .unwrap_or_else(|| data.join("sqlite")),
            #[cfg(feature = "sql")]
            records: data.join("records.sqlite"),
            #[cfg(feature = "sql")]
            vectors: data.join("vectors"),
            examples: variables.flag("FLOWSTONE_EXAMPLES", true)?,
            log_level: level.to_owned(),
            log_json: match variables.get("LOG_FORMAT").unwrap_or("text") {
                "text" => false,
                "json" => true,
                other => bail!("LOG_FORMAT: \"{other}\" is neither text nor json"),
            },
            variables,
        })
    }

    /// Tells where the server came to listen: port 0 asks for any free one.
    pub(crate) fn listens_on(&mut self, address: SocketAddr) {
        if self.address.port() == 0 && self.variables.get("APP_URL").is_none() {
            self.app_url = format!("http://localhost:{}", address.port());
        }
        self.address = address;
    }

    /// Variables that are set but mean nothing to this version.
    pub(crate) fn without_effect(&self) -> Vec<&'static str> {
        let local = |name: &str, value: &str| {
            matches!(
                (name, value),
                ("MODE", "main")
                    | ("SECRETKEY_STORAGE_TYPE", "local")
                    | ("CUSTOM_MCP_SECURITY_CHECK", "true")
            )
        };
        let set = NOT_YET.iter().copied();
        set.filter(|name| self.variables.get(name).is_some_and(|value| !local(name, value)))
            .collect()
    }
}

fn database(variables: &Variables, data: &std::path::Path) -> Result<DatabaseSettings> {
    let kind = variables.get("DATABASE_TYPE").unwrap_or("sqlite");
    if kind == "sqlite" {
        return Ok(DatabaseSettings::Sqlite { path: data.join("database.sqlite") });
    }
    let required = |name: &str| {
        variables
            .get(name)
            .map(str::to_owned)
            .with_context(|| format!("{name} is not set: DATABASE_TYPE={kind} needs it"))
    };
    let address = ServerAddress::Parts {
        host: required("DATABASE_HOST")?,
        port: match variables.get("DATABASE_PORT") {
            Some(_) => Some(variables.number("DATABASE_PORT", 0)?),
            None => None,
        },
        user: required("DATABASE_USER")?,
        password: variables.get("DATABASE_PASSWORD").map(Into::into),
        database: required("DATABASE_NAME")?,
    };
    let mut server = flowstone_store::ServerSettings::new(address);
    if variables.flag("DATABASE_SSL", false)? {
        server.tls = Some(TlsMode::Required);
    }
    if let Some(encoded) = variables.get("DATABASE_SSL_KEY_BASE64") {
        let bytes = base64::engine::general_purpose::STANDARD.decode(encoded);
        let text = bytes.ok().and_then(|it| String::from_utf8(it).ok());
        server.root_certificate =
            Some(text.context("DATABASE_SSL_KEY_BASE64 is not a certificate in base64")?);
        let check = variables.flag("DATABASE_REJECT_UNAUTHORIZED", false)?;
        server.tls = Some(if check { TlsMode::Verified } else { TlsMode::Required });
    }
    match kind {
        "postgres" => Ok(DatabaseSettings::Postgres(server)),
        "mysql" | "mariadb" => Ok(DatabaseSettings::MySql(server)),
        other => bail!("DATABASE_TYPE: \"{other}\" is none of sqlite, postgres, mysql, mariadb"),
    }
}

/// `50mb`, `512kb`, `1gb` or a plain number of bytes.
fn bytes(text: &str) -> Result<usize> {
    let lower = text.trim().to_ascii_lowercase();
    let digits: String = lower.chars().take_while(char::is_ascii_digit).collect();
    let unit = match lower[digits.len()..].trim() {
        "" | "b" => 1,
        "k" | "kb" => 1 << 10,
        "m" | "mb" => 1 << 20,
        "g" | "gb" => 1 << 30,
        _ => 0,
    };
    let size = digits.parse::<usize>().ok().and_then(|it| it.checked_mul(unit));
    size.filter(|it| *it > 0)
        .with_context(|| format!("FLOWISE_FILE_SIZE_LIMIT: \"{text}\" is not a size such as 50mb"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<Config> {
        let mut all = vec![("HOME", "/home/ada")];
        all.extend_from_slice(pairs);
        Config::from_variables(Variables::of(&all))
    }

    #[test]
    fn nothing_set_gives_a_server_on_port_3000_with_a_file_database() {
        let config = config(&[]).unwrap();
        assert_eq!(config.address.to_string(), "0.0.0.0:3000");
        assert_eq!(config.app_url, "http://localhost:3000");
        assert_eq!(config.body_limit, 50 << 20);
        let DatabaseSettings::Sqlite { path } = config.database else { panic!("not a file") };
        assert_eq!(path, PathBuf::from("/home/ada/.flowstone/database.sqlite"));
    }

    #[test]
    fn what_is_wrong_is_said_by_the_name_of_the_variable() {
        let said = |pairs: &[(&str, &str)]| {
            config(pairs).err().map(|it| it.to_string()).unwrap_or_default()
        };
        assert!(said(&[("PORT", "http")]).starts_with("PORT: \"http\""));
        assert!(said(&[("PORT", "70000")]).starts_with("PORT: "));
        assert!(said(&[("HOST", "nowhere")]).starts_with("HOST: "));
        assert!(said(&[("FLOWISE_FILE_SIZE_LIMIT", "big")]).starts_with("FLOWISE_FILE_SIZE_LIMIT"));
        assert!(
            said(&[
                ("DATABASE_TYPE", "oracle"),
                ("DATABASE_HOST", "h"),
                ("DATABASE_USER", "u"),
                ("DATABASE_NAME", "n")
            ])
            .starts_with("DATABASE_TYPE: \"oracle\"")
        );
        assert_eq!(
            said(&[("DATABASE_TYPE", "postgres")]),
            "DATABASE_HOST is not set: DATABASE_TYPE=postgres needs it"
        );
        assert!(said(&[("MODE", "queue")]).starts_with("MODE: "));
        assert!(said(&[("LOG_FORMAT", "xml")]).starts_with("LOG_FORMAT: "));
    }

    #[test]
    fn variables_without_effect_are_named() {
        let config = config(&[("SECRETKEY_STORAGE_TYPE", "aws"), ("MODE", "main")]).unwrap();
        assert_eq!(config.without_effect(), ["SECRETKEY_STORAGE_TYPE"]);
    }

    #[test]
    fn sizes_are_read_with_their_unit() {
        for (text, size) in [("1", 1), ("2kb", 2048), ("3 MB", 3 << 20), ("1g", 1 << 30)] {
            assert_eq!(bytes(text).unwrap(), size);
        }
        assert!(bytes("mb").is_err() && bytes("0mb").is_err() && bytes("5xb").is_err());
    }
}
