//! Where files lie that are not on this machine: a bucket of S3, of Google or of Azure.

use std::sync::Arc;

use flowstone_core::{Error, Result};
use object_store::{
    ClientOptions, Error as StoreError, ObjectStore, RetryConfig, aws::AmazonS3Builder,
    azure::MicrosoftAzureBuilder, gcp::GoogleCloudStorageBuilder,
};
use serde_json::Value;
use url::{Host, Url};

use crate::{
    Storage,
    wire::{Connector, Outgoing},
};

/// Where machines of all three clouds ask who they are.
const METADATA: &str = "169.254.169.254:80";

/// A bucket and the way into it. It holds secrets, so it cannot be printed.
pub enum Cloud {
    /// Amazon S3, and what speaks its protocol.
    S3(S3),
    /// Google Cloud Storage.
    Google(Google),
    /// Azure Blob Storage.
    Azure(Azure),
}

/// A bucket of S3.
pub struct S3 {
    /// Its name.
    pub bucket: String,
    /// The region it lies in.
    pub region: String,
    /// Id and secret of a key; without one, `chain` and then the machine say who calls.
    pub key: Option<(String, String)>,
    /// Address of a server that speaks S3, where it is not Amazon's.
    pub endpoint: Option<String>,
    /// The bucket is named in the path of addresses and not in their host.
    pub path_style: bool,
    /// Amazon's own variables, those of [`CHAIN`](Self::CHAIN) that are set.
    pub chain: Vec<(&'static str, String)>,
}

/// A bucket of Google Cloud Storage.
pub struct Google {
    /// Its name.
    pub bucket: String,
    /// Who calls.
    pub key: GoogleKey,
}

/// Who calls Google.
pub enum GoogleKey {
    /// The JSON of a service account.
    ServiceAccount(String),
    /// Path of a file as Google's own tools write it.
    File(String),
    /// The account that this machine of Google's runs as.
    Machine,
}

/// A container of Azure Blob Storage.
pub struct Azure {
    /// Its name.
    pub container: String,
    account: String,
    /// Address of the account's blobs.
    endpoint: String,
    key: AzureKey,
}

enum AzureKey {
    Account(String),
    Shared(String),
}

impl S3 {
    /// The variables in which Amazon's own programs look for who calls, where no key was given.
    pub const CHAIN: &[&str] = &[
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    ];

    /// The address that keys are put behind.
    fn address(&self) -> Result<Url> {
        let usual = format!("https://s3.{}.amazonaws.com", self.region);
        let mut url = server(self.endpoint.as_deref().unwrap_or(&usual), "S3_ENDPOINT_URL")?;
        // The certificate of Amazon's hosts covers one name before its own, so none with a dot.
        let dotted = self.endpoint.is_none() && self.bucket.contains('.');
        let named = match url.host() {
            Some(Host::Domain(name)) if !self.path_style && !dotted => {
                Some(format!("{}.{name}", self.bucket))
            }
            _ => None,
        };
        match named {
            Some(name) => {
                let set = url.set_host(Some(&name)).map_err(|_| wrong(
                    "S3_STORAGE_BUCKET_NAME",
                    "a name that may stand in an address is expected, unless S3_FORCE_PATH_STYLE=true",
                ));
                set?;
            }
            None => push(&mut url, &self.bucket),
        }
        Ok(url)
    }

    fn store(self, connector: Connector) -> Result<Arc<dyn ObjectStore>> {
        let address = self.address()?;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&self.bucket)
            .with_region(&self.region)
            // With this the address is taken as it is.
            .with_virtual_hosted_style_request(true)
            .with_endpoint(address.as_str().trim_end_matches('/'))
            .with_client_options(options())
            .with_retry(retries())
            .with_http_connector(connector);
        if let Some((id, secret)) = &self.key {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
        } else {
            for (name, value) in self.chain {
                let Ok(key) = name.to_ascii_lowercase().parse() else { continue };
                builder = builder.with_config(key, value);
            }
        }
        Ok(Arc::new(builder.build().map_err(unusable)?))
    }
}

impl Google {
    fn base(&self) -> Result<Url> {
        // Google's own files hold no such field: it is how emulators are named to Rust's clients.
        let base = match &self.key {
            GoogleKey::ServiceAccount(json) => serde_json::from_str::<Value>(json)
                .ok()
                .and_then(|it| it.get("gcs_base_url")?.as_str().map(str::to_owned)),
            _ => None,
        };
        let base = base.unwrap_or_else(|| "https://storage.googleapis.com".to_owned());
        server(&base, "GOOGLE_CLOUD_STORAGE_CREDENTIAL")
    }

    fn store(self, connector: Connector) -> Result<Arc<dyn ObjectStore>> {
        let builder = GoogleCloudStorageBuilder::new()
            .with_bucket_name(&self.bucket)
            .with_client_options(options())
            .with_retry(retries())
            .with_http_connector(connector);
        let builder = match self.key {
            GoogleKey::ServiceAccount(json) => builder.with_service_account_key(json),
            GoogleKey::File(path) => builder.with_application_credentials(path),
            GoogleKey::Machine => builder,
        };
        Ok(Arc::new(builder.build().map_err(unusable)?))
    }
}

impl Azure {
    /// A container, by the name and the key of its account.
    #[must_use]
    pub fn of_account(container: String, account: String, key: String) -> Self {
        let endpoint = format!("https://{account}.blob.core.windows.net");
        Self { container, account, endpoint, key: AzureKey::Account(key) }
    }

    /// A container, by the connection string that Azure's pages show.
    ///
    /// # Errors
    /// `InvalidInput` saying what the string lacks; never what it holds.
    pub fn of_connection_string(container: String, text: &str) -> Result<Self> {
        let part = |name: &str| {
            let pairs = text.split(';').filter_map(|it| it.trim().split_once('='));
            pairs.into_iter().find(|it| it.0.eq_ignore_ascii_case(name)).map(|it| it.1.to_owned())
        };
        let lacks = |what: &str| {
            wrong(
                "AZURE_BLOB_STORAGE_CONNECTION_STRING",
                &format!(
                    "it holds no {what}; a text such as DefaultEndpointsProtocol=https;\
                     AccountName=NAME;AccountKey=KEY;EndpointSuffix=core.windows.net is expected"
                ),
            )
        };
        let key = match (part("AccountKey"), part("SharedAccessSignature")) {
            (Some(key), _) => AzureKey::Account(key),
            (None, Some(signature)) => AzureKey::Shared(signature),
            (None, None) => return Err(lacks("AccountKey")),
        };
        let account = part("AccountName");
        let endpoint = match (part("BlobEndpoint"), &account) {
            (Some(endpoint), _) => endpoint,
            (None, Some(account)) => {
                let scheme = part("DefaultEndpointsProtocol").unwrap_or_else(|| "https".to_owned());
                let suffix =
                    part("EndpointSuffix").unwrap_or_else(|| "core.windows.net".to_owned());
                format!("{scheme}://{account}.blob.{suffix}")
            }
            (None, None) => return Err(lacks("AccountName")),
        };
        let address = server(&endpoint, "AZURE_BLOB_STORAGE_CONNECTION_STRING")?;
        let of_host = || Some(address.host_str()?.split('.').next()?.to_owned());
        let account = account.or_else(of_host).ok_or_else(|| lacks("AccountName"))?;
        Ok(Self { container, account, endpoint, key })
    }

    fn base(&self) -> Result<Url> {
        server(&self.endpoint, "AZURE_BLOB_STORAGE_ACCOUNT_NAME")
    }

    fn store(self, connector: Connector) -> Result<Arc<dyn ObjectStore>> {
        let base = self.base()?;
        let builder = MicrosoftAzureBuilder::new()
            .with_container_name(&self.container)
            .with_account(&self.account)
            .with_endpoint(base.as_str().trim_end_matches('/').to_owned())
            .with_client_options(options())
            .with_retry(retries())
            .with_http_connector(connector);
        let builder = match self.key {
            AzureKey::Account(key) => builder.with_access_key(key),
            AzureKey::Shared(signature) => {
                let pairs =
                    url::form_urlencoded::parse(signature.trim_start_matches('?').as_bytes());
                let pairs: Vec<(String, String)> = pairs.into_owned().collect();
                builder.with_sas_authorization(pairs)
            }
        };
        Ok(Arc::new(builder.build().map_err(unusable)?))
    }
}

impl Cloud {
    /// The servers that are called for it, as `host:port`: what the operator named, where keys come
    /// from, and what a private network may lead to an address of its own.
    ///
    /// # Errors
    /// `InvalidInput` naming the variable that holds no address.
    pub fn servers(&self) -> Result<Vec<String>> {
        let mut servers = Vec::new();
        match self {
            Self::S3(s3) => {
                servers.extend(entry(&s3.address()?));
                if s3.key.is_none() {
                    servers.extend([METADATA.to_owned(), "169.254.170.2:80".to_owned()]);
                    servers.push(format!("sts.{}.amazonaws.com:443", s3.region));
                    let named = s3.chain.iter().find(|it| it.0.ends_with("_FULL_URI"));
                    let named = named.and_then(|it| Url::parse(&it.1).ok());
                    servers.extend(named.as_ref().and_then(entry));
                }
            }
            Self::Google(google) => {
                servers.extend(entry(&google.base()?));
                if matches!(google.key, GoogleKey::Machine) {
                    servers.extend([METADATA, "metadata.google.internal:80"].map(str::to_owned));
                }
            }
            Self::Azure(azure) => servers.extend(entry(&azure.base()?)),
        }
        Ok(servers)
    }

    /// Keeps files in the bucket, each at most `limit` bytes. Nothing is called before a file is.
    ///
    /// # Errors
    /// `InvalidInput` naming what cannot be understood; `Storage` where the library refuses it.
    pub fn open(self, outgoing: Arc<dyn Outgoing>, limit: usize) -> Result<Storage> {
        let connector = Connector(outgoing);
        let objects = match self {
            Self::S3(s3) => s3.store(connector),
            Self::Google(google) => google.store(connector),
            Self::Azure(azure) => azure.store(connector),
        };
        Ok(Storage::over(objects?, limit))
    }
}

fn options() -> ClientOptions {
    // Which addresses may be called is for the client to judge that makes the calls.
    ClientOptions::new().with_allow_http(true)
}

/// Somebody waits for the answer, so troubles that last are told soon.
fn retries() -> RetryConfig {
    RetryConfig {
        max_retries: 3,
        retry_timeout: std::time::Duration::from_mins(1),
        ..RetryConfig::default()
    }
}

/// An address that a variable holds.
fn server(address: &str, variable: &str) -> Result<Url> {
    let url = Url::parse(address.trim()).ok();
    let url = url.filter(|it| matches!(it.scheme(), "http" | "https") && it.host().is_some());
    let plain = url.filter(|it| it.username().is_empty() && it.query().is_none());
    plain.ok_or_else(|| {
        wrong(variable, "an address such as https://storage.example.com is expected in it")
    })
}

fn push(url: &mut Url, segment: &str) {
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().push(segment);
    }
}

/// The `host:port` of an address.
fn entry(url: &Url) -> Option<String> {
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

fn wrong(variable: &str, reason: &str) -> Error {
    Error::InvalidInput { label: variable.to_owned(), reason: reason.to_owned() }
}

fn unusable(error: StoreError) -> Error {
    Error::Storage {
        message: "the bucket of stored files cannot be used".to_owned(),
        source: Box::new(error),
    }
}

#[cfg(test)]
mod tests;
